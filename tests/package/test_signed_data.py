"""The record's signature in the filing step: made once, taken up again after any stop, held without a timestamp."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from package_samples import file_dossier

from pipeline.composition import House, build_house
from pipeline.conductor import Conductor
from pipeline.errors import HeldError
from pipeline.package.check import check_package
from pipeline.package.make import make_package
from pipeline.record import Dossier, Status
from pipeline.settings import Settings, SigningSettings
from pipeline.signed_data import DataSignatureCheckError, data_key, file_signature, published_keys, verify_stored
from pipeline.stages import Outcome
from signing.devpki import DevelopmentPki
from signing.jws import FiledPair
from signing.keys import AwaitedKey, DevelopmentKey, load_key
from signing.timestamps import HttpAuthority, LocalAuthority
from signing.tsa import TimestampAuthority, serve
from signing.verdict import Outcome as Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.tools import Tools

KINDS = ["archive_pdf", "data_json", "data_jws", "data_jws_tst"]


class StoppedError(Exception):
    """The process ends here."""


class StopsAt:
    """A store, or a catalogue, in front of which the process ends at the n-th call of a verb."""

    def __init__(self, real: Any, verb: str, at: int) -> None:
        self._real, self._verb, self._left = real, verb, at

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._real, name)
        if name != self._verb:
            return found

        def stopping(*arguments: Any, **options: Any) -> Any:
            self._left -= 1
            if self._left < 0:
                raise StoppedError(name)
            return found(*arguments, **options)

        return stopping


def filing_of(house: House, dossier: Dossier) -> tuple[Tools, Dossier, bytes, str, int]:
    stat = house.store.stat(dossier.files["archive_pdf"])
    assert stat is not None
    return house.tools, dossier, house.store.get(dossier.files["data_json"]), stat.sha256, stat.size


def test_a_filing_has_all_four_parts_on_record(house: House, filed: Dossier):
    assert sorted(filed.files) == KINDS
    filings = {filing.kind: filing for filing in house.catalogue.filings_of(filed.id)}
    assert sorted(filings) == KINDS
    for kind, key in filed.files.items():
        stat = house.store.stat(key)
        assert stat is not None
        assert (filings[kind].sha256, filings[kind].size) == (stat.sha256, stat.size)


def test_it_is_valid_as_it_lies_in_the_store(house: House, filed: Dossier):
    tools, _, record, sha256, size = filing_of(house, filed)
    verdict = verify_stored(tools, record, FiledPair(filed.id, 1, sha256, size))
    assert verdict.outcome is Verdict.VALID
    assert verdict.dossier == filed.id


def test_done_again_it_is_the_same(house: House, filed: Dossier):
    first = {kind: house.store.get(filed.files[kind]) for kind in ("data_jws", "data_jws_tst")}
    assert set(file_signature(*filing_of(house, filed))) == {"data_jws", "data_jws_tst"}
    assert first == {kind: house.store.get(filed.files[kind]) for kind in first}


@pytest.mark.parametrize(
    ("part", "verb", "at"),
    [("catalogue", "remember_step", n) for n in range(2)] + [("store", "put_new", n) for n in range(3)],
)
def test_stopped_anywhere_it_is_taken_up_with_the_bytes_that_were_kept(house: House, part: str, verb: str, at: int):
    """A crash before each write: nothing is signed twice once a signature was kept, nothing is half filed."""
    record = f'{{"id":"hs-261121-{part[:5]}{at}{verb[:3]}"}}'.encode()
    dossier = Dossier(
        id=json.loads(record)["id"], procedure=None, status=Status.PROCESSING, received_at=house.tools.clock()
    )
    real = getattr(house.tools, part)
    stopping = replace(house.tools, **{part: StopsAt(real, verb, at)})
    with pytest.raises(StoppedError):
        file_signature(stopping, dossier, record, "0" * 64, 5)
    before = {key: house.store.get(key) for key in house.store.keys(f"filed/{dossier.id}/")}
    made = file_signature(house.tools, dossier, record, "0" * 64, 5)
    assert set(made) == {"data_jws", "data_jws_tst"}
    assert all(house.store.get(key) == content for key, content in before.items())
    assert file_signature(house.tools, dossier, record, "0" * 64, 5) == made


def test_two_workers_at_once_file_one_signature(house: House):
    record = b'{"id":"hs-261121-twowork0"}'
    dossier = Dossier(
        id="hs-261121-twowork0", procedure=None, status=Status.PROCESSING, received_at=house.tools.clock()
    )
    results: list[Any] = []
    workers = [
        threading.Thread(target=lambda: results.append(file_signature(house.tools, dossier, record, "1" * 64, 5)))
        for _ in range(2)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(results) == 2
    assert results[0] == results[1]


@contextmanager
def stamping_house(home: Path, pki: DevelopmentPki) -> Iterator[House]:
    """A house with a timestamp authority behind HTTP."""
    with serve(TimestampAuthority(pki.key("tsa")).respond) as url:
        settings = Settings(home=home, cores=1, signing=SigningSettings(tsa_urls=(url,)))
        with build_house(settings) as built:
            yield built


def test_without_a_timestamp_it_is_held_and_finished_later_with_the_same_signature(house: House):
    record = b'{"id":"hs-261121-notime00"}'
    dossier = Dossier(
        id="hs-261121-notime00", procedure=None, status=Status.PROCESSING, received_at=house.tools.clock()
    )
    dead = replace(house.tools.signer(), sources=(HttpAuthority("http://127.0.0.1:9/tsa", 0.5),))
    with pytest.raises(HeldError) as caught:
        file_signature(replace(house.tools, signer=lambda: dead), dossier, record, "2" * 64, 5)
    assert caught.value.code == "timestamp_unavailable"
    assert not list(house.store.keys(f"filed/{dossier.id}/")), "nothing is filed in part"
    kept = house.catalogue.step_output(_identity(record, "2" * 64, dossier.id), "sign-data", "1")
    made = file_signature(house.tools, dossier, record, "2" * 64, 5)
    assert house.store.get(made["data_jws"].key) == kept


def _identity(record: bytes, pdf: str, dossier_id: str) -> str:
    import hashlib

    return hashlib.sha256(f"{hashlib.sha256(record).hexdigest()} {pdf} {dossier_id}".encode()).hexdigest()


def test_the_stage_is_held_when_the_authority_dies_after_the_pdf_was_signed(house: House):
    dossier = file_dossier(house, "hs-261121-stage000", "Giữ lại", stages=("archive", "sign"))
    dead = replace(house.tools.signer(), sources=(HttpAuthority("http://127.0.0.1:9/tsa", 0.5),))
    without = Conductor(replace(house.tools, signer=lambda: dead))
    assert without.run_stage(dossier.id, "file") is Outcome.HELD
    held = house.conductor.dossier(dossier.id)
    assert (held.status, held.files) == (Status.HELD, {})
    assert house.catalogue.filings_of(dossier.id) == []
    assert house.conductor.run_stage(dossier.id, "file") is Outcome.CONTINUE
    filed = house.conductor.dossier(dossier.id)
    assert filed.status is Status.FILED
    assert sorted(filed.files) == KINDS


def test_a_signature_that_does_not_verify_is_not_filed(house: House, tmp_path: Path):
    """A key whose root this house does not trust: made, stored, judged, and refused."""
    strange = DevelopmentPki.ensure(tmp_path / "strange")
    signer = replace(house.tools.signer(), key=load_key(DevelopmentKey("officer"), strange.folder))
    record = b'{"id":"hs-261121-strange0"}'
    dossier = Dossier(
        id="hs-261121-strange0", procedure=None, status=Status.PROCESSING, received_at=house.tools.clock()
    )
    with pytest.raises(DataSignatureCheckError) as caught:
        file_signature(replace(house.tools, signer=lambda: signer), dossier, record, "3" * 64, 5)
    assert "chain_unknown" in caught.value.detail


def test_published_keys_hold_the_key_that_signs_and_those_that_signed(house: House, filed: Dossier, tmp_path: Path):
    own = published_keys(house.tools)["keys"]
    key = data_key(house.tools)
    assert key is not None
    assert own[-1]["x5c"]
    assert not [entry for entry in own if "d" in entry], "no private part"
    renewed = replace(house.tools.signer(), key=load_key(DevelopmentKey("agency"), house.settings.pki))
    after = published_keys(replace(house.tools, signer=lambda: renewed))["keys"]
    assert {entry["kid"] for entry in own} < {entry["kid"] for entry in after}


def test_where_the_key_is_with_a_person_data_are_signed_by_another_role_or_not_at_all(tmp_path: Path):
    pki = DevelopmentPki.ensure(tmp_path / "home" / "pki")
    waiting = load_key(AwaitedKey(pki.folder / "officer.crt", pki.folder / "issuing.crt"), pki.folder)
    record = b'{"id":"hs-261121-person00"}'
    for role in ("", "agency"):
        settings = Settings(home=tmp_path / "home", cores=1, signing=SigningSettings(data_role=role))
        with build_house(settings) as house:
            signer = replace(house.tools.signer(), key=waiting)
            tools = replace(house.tools, signer=lambda signer=signer: signer)
            dossier = Dossier(
                id="hs-261121-person00", procedure=None, status=Status.PROCESSING, received_at=tools.clock()
            )
            made = file_signature(tools, dossier, record, "4" * 64, 5)
            assert set(made) == ({"data_jws", "data_jws_tst"} if role else set())
            if role:
                verdict = verify_stored(tools, record, FiledPair(dossier.id, 1, "4" * 64, 5))
                assert verdict.signer == "Con dấu cơ quan (PHÁT TRIỂN)"


def test_a_timestamp_that_nobody_would_trust_is_passed_over(house: House, tmp_path: Path):
    stranger = LocalAuthority(TimestampAuthority(DevelopmentPki.ensure(tmp_path / "pki").key("tsa")), "stranger")
    record = b'{"id":"hs-261121-passed00"}'
    dossier = Dossier(
        id="hs-261121-passed00", procedure=None, status=Status.PROCESSING, received_at=house.tools.clock()
    )
    alone = replace(house.tools.signer(), sources=(stranger,))
    with pytest.raises(HeldError):
        file_signature(replace(house.tools, signer=lambda: alone), dossier, record, "6" * 64, 5)
    both = replace(house.tools.signer(), sources=(stranger, *house.tools.signer().sources))
    made = file_signature(replace(house.tools, signer=lambda: both), dossier, record, "6" * 64, 5)
    assert set(made) == {"data_jws", "data_jws_tst"}


def test_a_level_without_timestamps_has_none_for_the_data(tmp_path: Path):
    settings = Settings(home=tmp_path / "home", cores=1, signing=SigningSettings(level="B-B"))
    record = b'{"id":"hs-261121-levelbb0"}'
    with build_house(settings) as house:
        dossier = Dossier(
            id="hs-261121-levelbb0", procedure=None, status=Status.PROCESSING, received_at=house.tools.clock()
        )
        assert set(file_signature(house.tools, dossier, record, "5" * 64, 5)) == {"data_jws"}


@pytest.mark.slow
def test_a_package_of_a_house_with_its_own_authority_is_valid(tmp_path: Path):
    pki = DevelopmentPki.ensure(tmp_path / "home" / "pki")
    with stamping_house(tmp_path / "home", pki) as house:
        dossier = file_dossier(house, "hs-261121-stamped0", "Dấu")
        assert dossier.status is Status.FILED
        made = make_package(house.tools, dossier, tmp_path / "out")
        assert check_package(house.tools, made).outcome == "valid"
