"""The signing stage: who signs what, held when something is out of reach, and finished by itself when it is back."""

from __future__ import annotations

import errno
import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import pikepdf
import pytest

from pipeline.composition import House, build_house
from pipeline.errors import HosoError
from pipeline.held import cause_of
from pipeline.record import Status
from pipeline.settings import Settings, SigningSettings
from pipeline.signing_plan import SigningPlanError, load_plan
from pipeline.stages.sign import signed_output
from pipeline.store.errors import StoreUnreachableError
from pipeline.trials.killed import STAGES, kept_records, receive_blank
from signing.devpki import DevelopmentPki
from signing.timestamps import HttpAuthority
from signing.tsa import TimestampAuthority, serve

if TYPE_CHECKING:
    from pathlib import Path

THREE = """\
default: [{role: officer, appearance: digitised_paper}]
procedures:
  "1.001193":
    - {role: officer, reason: Tiếp nhận}
    - {role: leader, reason: Phê duyệt, appearance: nd30_copy, copy_kind: SAO LỤC}
    - {role: agency, reason: Phát hành, appearance: digitised_paper}
"""


class Tsa:
    """A timestamp authority on this machine that can be dead, lie, or be slow, now and then."""

    def __init__(self, home: Path) -> None:
        self._real = TimestampAuthority(DevelopmentPki.ensure(home / "pki").key("tsa"))
        self.mood = "well"
        self.left = 10**6
        """Answers until it is gone."""

    def __call__(self, request: bytes) -> bytes:
        self.left -= 1
        mood = self.mood if self.left >= 0 else "lying"
        if mood == "slow":
            time.sleep(0.8)
        return b"\x30\x03abc" if mood == "lying" else self._real.respond(request)


@pytest.fixture
def tsa(tmp_path):
    return Tsa(tmp_path)


@pytest.fixture
def house(tmp_path, tsa):
    with serve(tsa) as url:
        signing = SigningSettings(tsa_urls=(url,), tsa_timeout_s=8.0, fetch=False)
        with build_house(Settings(home=tmp_path, cores=1, signing=signing)) as made:
            yield made


def _run(house: House, dossier_id: str, stages: tuple[str, ...] = ("archive", "sign")) -> Status:
    """The dossier's status after these stages; a signed one is `processing` until it is filed."""
    for stage in stages:
        if house.conductor.run_stage(dossier_id, stage).value != "continue":
            break
    return house.conductor.dossier(dossier_id).status


def _signed(house: House, dossier_id: str) -> bytes:
    output = signed_output(house.tools, house.conductor.dossier(dossier_id))
    assert output is not None
    return house.store.get(output["key"])


def _rested(house: House) -> None:
    """Time goes by: an authority that failed is asked again, a preflight that passed is asked for anew."""
    signer = house.tools.signer()
    signer.authorities.clock = signer.clock = lambda: datetime.now(UTC) + timedelta(minutes=2)


@pytest.mark.parametrize("mood", ["lying", "slow"])
def test_sick_authority_holds_and_is_made_up_for_when_it_is_well(house, tsa, mood):
    receive_blank(house, "hs-a")
    tsa.mood = mood
    sources = house.tools.signer().authorities.sources
    house.tools.signer().authorities.sources = tuple(replace(s, timeout_s=0.4) for s in sources)
    assert _run(house, "hs-a") is Status.HELD
    held = house.conductor.dossier("hs-a").held
    assert held is not None
    assert (held.cause, held.code, held.stage) == ("timestamp", "timestamp_unavailable", "sign")
    assert "127.0.0.1" in held.detail
    assert kept_records(house, "hs-a") == {}  # nothing was signed
    tsa.mood = "well"
    house.tools.signer().authorities.sources = sources
    assert _run(house, "hs-a", STAGES) is Status.FILED
    assert house.conductor.dossier("hs-a").held is None


def test_dead_authority_holds(tmp_path):
    signing = SigningSettings(tsa_urls=("http://127.0.0.1:9/tsa",), fetch=False)
    with build_house(Settings(home=tmp_path, cores=1, signing=signing)) as house:
        receive_blank(house, "hs-a")
        assert _run(house, "hs-a") is Status.HELD
        assert house.conductor.dossier("hs-a").held.cause == "timestamp"
        assert list((tmp_path / "store").rglob("prepared/hs-a/*"))  # the prepared PDF waits


def test_gone_in_the_middle_of_a_batch_each_is_held_and_each_is_finished(house, tsa):
    ids = [f"hs-{n}" for n in range(3)]
    for dossier_id in ids:
        receive_blank(house, dossier_id)
    tsa.left = 4  # one for the preflight; the second dossier gets its signature's timestamp, and then it is gone
    first = [_run(house, dossier_id) for dossier_id in ids]
    assert first[0] is Status.PROCESSING
    assert set(first[1:]) == {Status.HELD}
    before = {dossier_id: kept_records(house, dossier_id) for dossier_id in ids}
    assert any("signed:0" in records for records in list(before.values())[1:])
    tsa.left = 10**6
    _rested(house)
    assert [_run(house, dossier_id) for dossier_id in ids] == [Status.PROCESSING] * 3
    for dossier_id, records in before.items():
        after = kept_records(house, dossier_id)
        assert {step: after[step] for step in records} == records


def test_worker_takes_a_held_dossier_up_again(house, tsa):
    """As `held_until` lets it: the first pause is short."""
    from flows.worker import held_until

    receive_blank(house, "hs-a")
    tsa.mood = "lying"
    assert _run(house, "hs-a") is Status.HELD
    events = house.catalogue.events_after("hs-a")
    assert [e.data for e in events if e.state == "held"] == [{"cause": "timestamp"}]
    until = held_until(events)
    assert until is not None
    assert until > datetime.now(UTC)


def test_a_wrong_passphrase_is_a_matter_of_the_signature(tmp_path):
    pki = DevelopmentPki.ensure(tmp_path / "keys")
    (tmp_path / "pass").write_text("wrong")
    signing = SigningSettings(pkcs12=pki.pkcs12["officer"], passphrase_file=tmp_path / "pass", trust_folder=pki.folder)
    with build_house(Settings(home=tmp_path, cores=1, signing=signing)) as house:
        receive_blank(house, "hs-a")
        assert _run(house, "hs-a") is Status.HELD
        held = house.conductor.dossier("hs-a").held
        assert held.cause == "signature"
        assert held.message != HosoError.message_vi


def _away(under: OSError) -> StoreUnreachableError:
    error = StoreUnreachableError("key", type(under).__name__)
    error.__cause__ = under
    return error


def test_full_disk_is_told_from_a_store_that_is_away():
    assert cause_of(_away(OSError(errno.ENOSPC, "No space left on device"))) == "disk"
    assert cause_of(_away(OSError(errno.ECONNREFUSED, "refused"))) == "store"
    assert cause_of(StoreUnreachableError("key", "timeout")) == "store"


def test_a_procedure_has_its_own_signers(tmp_path):
    (tmp_path / "plan.yaml").write_text(THREE, encoding="utf-8")
    settings = Settings(home=tmp_path, cores=1, signing=SigningSettings(plan_file=tmp_path / "plan.yaml"))
    with build_house(settings) as house:
        receive_blank(house, "hs-a")
        receive_blank(house, "hs-b")
        dossier = house.conductor.dossier("hs-b").model_copy(update={"procedure": "1.001193"})
        house.catalogue.save(dossier)
        assert [_run(house, i) for i in ("hs-a", "hs-b")] == [Status.PROCESSING] * 2
        signed = {i: _signed(house, i) for i in ("hs-a", "hs-b")}
    names = {}
    for dossier_id, data in signed.items():
        with pikepdf.open(BytesIO(data)) as pdf:
            values = [f.V for f in pdf.Root.AcroForm.Fields if "/V" in f]
            names[dossier_id] = [str(v.get("/Reason", "")) for v in values if v.SubFilter == "/ETSI.CAdES.detached"]
    assert names == {"hs-a": ["Số hóa hồ sơ"], "hs-b": ["Tiếp nhận", "Phê duyệt", "Phát hành"]}


def test_a_dossier_is_finished_with_the_signers_it_was_begun_with(house, tsa, tmp_path):
    receive_blank(house, "hs-a")
    tsa.left = 1
    assert _run(house, "hs-a") is Status.HELD
    (tmp_path / "plan.yaml").write_text("default: [{role: officer}, {role: agency}]", encoding="utf-8")
    signing = house.settings.signing.model_copy(update={"plan_file": tmp_path / "plan.yaml"})
    tsa.left = 10**6
    with build_house(house.settings.model_copy(update={"signing": signing})) as later:
        assert _run(later, "hs-a") is Status.PROCESSING
        with pikepdf.open(BytesIO(_signed(later, "hs-a"))) as pdf:
            values = [f.V for f in pdf.Root.AcroForm.Fields if "/V" in f]
        assert len(values) == 2  # one signature, one document timestamp


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("default: []", "default"),
        ("default: [{role: officer, look: red}]", "look"),
        ("default: [{role: Trưởng phòng}]", "role"),
        ("default: [{appearance: purple}]", "appearance"),
        ("- 1", ""),
        ("a: [1", ""),
    ],
)
def test_a_wrong_plan_says_where(tmp_path, text, said):
    path = tmp_path / "plan.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SigningPlanError) as caught:
        load_plan(Settings(home=tmp_path, signing=SigningSettings(plan_file=path)))
    assert "plan.yaml:" in caught.value.detail
    assert said in caught.value.detail


def test_doctor_of_signing_prints_and_exits(tmp_path, monkeypatch, capsys, quiet_logging):
    from api.commands import sign

    monkeypatch.setenv("HOSO_HOME", str(tmp_path))
    assert sign.doctor(as_json=True) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["ok"]
    assert {c["name"] for c in shown["checks"]} == {"key", "certificate", "chain", "timestamp", "clock"}
    monkeypatch.setenv("HOSO_SIGNING__TSA_URLS", '["http://127.0.0.1:9/tsa"]')
    assert sign.doctor(as_json=False) == 5
    text = capsys.readouterr().out
    assert "http://127.0.0.1:9/tsa" in text
    assert "✗" in text


def test_nobody_but_the_plan_decides_the_look_of_electronic_papers(tmp_path):
    """No "converted from paper" on what never was paper."""
    with build_house(Settings(home=tmp_path, cores=1)) as house:
        receive_blank(house, "hs-a")
        dossier = house.conductor.dossier("hs-a")
        electronic = tuple(o.model_copy(update={"born_digital": True}) for o in dossier.originals)
        plan = load_plan(house.settings)
        assert [s.appearance for s in plan.of(dossier)] == ["digitised_paper"]
        changed = dossier.model_copy(update={"originals": electronic})
        assert [s.appearance for s in plan.of(changed)] == ["invisible"]


def test_signed_timestamps_are_http(house):
    assert isinstance(house.tools.signer().sources[0], HttpAuthority)


def test_again_is_the_same_file(house):
    receive_blank(house, "hs-a")
    assert _run(house, "hs-a") is Status.PROCESSING
    before = _signed(house, "hs-a")
    assert _run(house, "hs-a") is Status.PROCESSING
    assert _signed(house, "hs-a") == before


def test_what_an_older_version_prepared_is_prepared_anew(house, monkeypatch):
    receive_blank(house, "hs-a")
    assert house.conductor.run_stage("hs-a", "archive").value == "continue"
    monkeypatch.setattr("pipeline.stages.archive.VERSION", "next")
    assert _run(house, "hs-a", ("sign",)) is Status.PROCESSING
    assert _signed(house, "hs-a").startswith(b"%PDF")
