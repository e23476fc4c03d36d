"""A dossier whose signer is a person with a phone: its hash goes out, it is held, and it goes on with the signature."""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pikepdf
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "signing"))  # its remote service is a real one

from csc_service import Door, csc_server, opened

from pipeline.awaited import NothingAwaitedError, SignatureRefusedError, all_awaited, awaited, confirm, hand_in
from pipeline.composition import House, build_house
from pipeline.errors import Exit, HeldError
from pipeline.keys import prepared_key
from pipeline.record import Dossier, Status
from pipeline.settings import Settings, SigningSettings
from pipeline.stages import Outcome, archive, sign
from signing.devpki import DevelopmentPki
from signing.verdict import Outcome as Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signing.devpki import Role


@pytest.fixture
def pki(tmp_path: Path) -> DevelopmentPki:
    return DevelopmentPki.ensure(tmp_path / "home" / "pki")


def _settings(tmp_path: Path, pki: DevelopmentPki, **changes: object) -> Settings:
    own = {"awaited": {"certificate": pki.folder / "officer.crt", "chain": pki.folder / "issuing.crt"}}
    return Settings(home=tmp_path / "home", signing=SigningSettings(**(own | changes)))  # type: ignore[arg-type]


@pytest.fixture
def house(tmp_path: Path, pki: DevelopmentPki) -> Iterator[House]:
    with build_house(_settings(tmp_path, pki)) as built:
        yield built


def _prepared(house: House, dossier_id: str) -> Dossier:
    """A dossier whose archive PDF waits to be signed."""
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(595, 842))
    pdf.docinfo["/Title"] = dossier_id
    out = BytesIO()
    pdf.save(out, deterministic_id=True)
    data = out.getvalue()
    dossier = Dossier(id=dossier_id, procedure=None, status=Status.PROCESSING, received_at=house.tools.clock())
    house.catalogue.create_dossier(dossier)
    digest = hashlib.sha256(data).hexdigest()
    key = prepared_key(dossier_id, digest)
    house.store.put_new(key, data, "application/pdf")
    output = json.dumps({"key": key, "sha256": digest}).encode()
    house.catalogue.remember_step(archive.record_hash(dossier), archive.STEP, archive.VERSION, output, 0.0)
    return dossier


def _phone(pki: DevelopmentPki, digest: str, role: Role = "officer") -> bytes:
    return pki.key(role).key.sign(bytes.fromhex(digest), ec.ECDSA(Prehashed(hashes.SHA256())))


def test_held_with_its_hash_out_and_signed_when_it_comes_back(house: House, pki: DevelopmentPki) -> None:
    dossier = _prepared(house, "hs-1")
    assert house.conductor.run_stage(dossier.id, "sign") is Outcome.HELD
    held = house.conductor.dossier(dossier.id)
    assert held.held is not None
    assert (held.status, held.held.code) == (Status.HELD, "signature_awaited")
    out = awaited(house.tools, held)
    assert out is not None
    assert (out.dossier, out.role, out.number) == ("hs-1", "officer", 1)
    assert "Cán bộ tiếp nhận" in out.signer
    assert hashlib.sha256(base64.b64decode(out.attributes)).hexdigest() == out.digest
    hand_in(house.tools, held, _phone(pki, out.digest))
    assert house.conductor.run_stage(dossier.id, "sign") is Outcome.CONTINUE
    signed = sign.signed_output(house.tools, dossier)
    assert signed is not None
    assert signed["level"] == "B-LTA"


def test_hash_stays_the_same_until_the_signature_comes(house: House) -> None:
    """Tried again by a worker every few minutes: the person is not asked for another signature each time."""
    dossier = _prepared(house, "hs-1")
    seen = set()
    for _ in range(3):
        house.conductor.run_stage(dossier.id, "sign")
        out = awaited(house.tools, dossier)
        assert out is not None
        seen.add(out.digest)
    assert len(seen) == 1


def test_list_of_all_that_wait(house: House, pki: DevelopmentPki) -> None:
    for number in range(3):
        house.conductor.run_stage(_prepared(house, f"hs-{number}").id, "sign")
    waiting = {each.dossier: each.digest for each in all_awaited(house.tools)}
    assert set(waiting) == {"hs-0", "hs-1", "hs-2"}
    hand_in(house.tools, house.conductor.dossier("hs-1"), _phone(pki, waiting["hs-1"]))
    assert {each.dossier for each in all_awaited(house.tools)} == {"hs-0", "hs-2"}


def test_signature_of_another_dossier_is_refused(house: House, pki: DevelopmentPki) -> None:
    for number in range(2):
        house.conductor.run_stage(_prepared(house, f"hs-{number}").id, "sign")
    waiting = {each.dossier: each for each in all_awaited(house.tools)}
    with pytest.raises(SignatureRefusedError) as caught:
        hand_in(house.tools, house.conductor.dossier("hs-0"), _phone(pki, waiting["hs-1"].digest))
    assert (caught.value.code, caught.value.file, caught.value.exit_code) == ("signature_wrong", "hs-0", Exit.REFUSED)
    still = awaited(house.tools, house.conductor.dossier("hs-0"))
    assert still == waiting["hs-0"]


def test_duplicate_delivery_and_delivery_for_nothing(house: House, pki: DevelopmentPki) -> None:
    dossier = _prepared(house, "hs-1")
    with pytest.raises(NothingAwaitedError):
        hand_in(house.tools, dossier, b"too early")
    house.conductor.run_stage(dossier.id, "sign")
    out = awaited(house.tools, dossier)
    assert out is not None
    hand_in(house.tools, dossier, _phone(pki, out.digest))
    for _ in range(2):
        with pytest.raises(NothingAwaitedError):
            hand_in(house.tools, dossier, _phone(pki, out.digest))
        house.conductor.run_stage(dossier.id, "sign")
    assert awaited(house.tools, dossier) is None


def test_leader_with_a_phone_after_an_officer_with_a_key(tmp_path: Path, pki: DevelopmentPki) -> None:
    """Two signers: the officer's key is here, the leader confirms elsewhere; the officer signs once."""
    plan = tmp_path / "plan.yaml"
    plan.write_text("default:\n  - role: officer\n  - role: leader\n    reason: Phê duyệt\n")
    leader = {"awaited": {"certificate": pki.folder / "leader.crt", "chain": pki.folder / "issuing.crt"}}
    settings = _settings(tmp_path, pki, awaited=None, keys={"leader": leader}, plan_file=plan)
    with build_house(settings) as house:
        dossier = _prepared(house, "hs-1")
        assert house.conductor.run_stage(dossier.id, "sign") is Outcome.HELD
        out = awaited(house.tools, dossier)
        assert out is not None
        assert (out.role, out.number) == ("leader", 2)
        hand_in(house.tools, dossier, _phone(pki, out.digest, "leader"))
        assert house.conductor.run_stage(dossier.id, "sign") is Outcome.CONTINUE
        signed = sign.signed_output(house.tools, dossier)
        assert signed is not None
        target = tmp_path / "signed.pdf"
        house.store.fetch(signed["key"], target)
        report = house.conductor.verify(target)
    kinds = [(s.kind, s.outcome) for s in report.signatures]
    assert kinds == [*[("signature", Verdict.VALID)] * 2, ("timestamp", Verdict.VALID)]


@pytest.fixture
def service(tmp_path: Path, pki: DevelopmentPki) -> Iterator[tuple[str, Door]]:
    """A CSC server behind a door that counts, one for each test: its certificates are of the test's own PKI."""
    (tmp_path / "csc").mkdir()
    with csc_server(pki, tmp_path / "csc") as upstream:
        door = Door(upstream)
        with opened(door) as url:
            yield url, door


def test_one_confirmation_for_all_that_wait(tmp_path: Path, pki: DevelopmentPki, service: tuple[str, Door]) -> None:
    """Five dossiers of a day: nothing is signed until the person says so, then all with one authorisation."""
    url, door = service
    remote = {"url": url, "credential": "hoso/ec", "gather": True, "pin": "1357"}
    with build_house(_settings(tmp_path, pki, awaited=None, csc=remote)) as house:
        with pytest.raises(NothingAwaitedError, match="nothing waits"):
            confirm(house.tools)
        ids = [_prepared(house, f"hs-{number}").id for number in range(5)]
        for each in ids:
            assert house.conductor.run_stage(each, "sign") is Outcome.HELD
        assert door.asked("credentials/authorize") == []

        door.refuse["credentials/authorize"] = (503, {"error": "server_error"})
        with pytest.raises(HeldError) as caught:
            confirm(house.tools)
        assert caught.value.code == "signing_service_unavailable"
        door.refuse.clear()
        assert len(list(all_awaited(house.tools))) == 5

        assert sorted(confirm(house.tools, code="246810")) == ids
        (_, authorised) = door.asked("credentials/authorize")
        assert (len(authorised["hash"]), authorised["OTP"]) == (5, "246810")
        for each in ids:
            assert house.conductor.run_stage(each, "sign") is Outcome.CONTINUE
            signed = sign.signed_output(house.tools, house.conductor.dossier(each))
            assert signed is not None
            assert signed["level"] == "B-LTA"
        assert len(door.asked("signatures/signHash")) == 1


def test_a_key_without_a_service_is_not_confirmed(house: House) -> None:
    house.conductor.run_stage(_prepared(house, "hs-1").id, "sign")
    with pytest.raises(NothingAwaitedError, match="no service"):
        confirm(house.tools)
