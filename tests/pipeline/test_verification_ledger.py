"""A file against what was filed: hash, size and level; and files that are made to hurt whoever opens them."""

from __future__ import annotations

import time
import zlib
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING

import pikepdf
import pytest

from pipeline.composition import House, build_house
from pipeline.inspected import Inspected, inspect
from pipeline.keys import filed_key
from pipeline.record import Dossier, Status
from pipeline.settings import Settings
from pipeline.verification import FileMissingError
from signing.factory import SigningOptions, build_signer
from signing.signer import SignRequest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.verification import VerifyReport


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with build_house(Settings(home=tmp_path_factory.mktemp("home"), cores=1)) as built:
        yield built


@pytest.fixture(scope="module")
def filed(house: House) -> bytes:
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(595, 842))
    pdf.pages[0].Contents = pdf.make_stream(b"0.2 g 100 100 200 50 re f")
    pdf.attachments["data.json"] = pikepdf.AttachedFileSpec(pdf, b'{"id": "hs-1"}', filename="data.json")
    out = BytesIO()
    pdf.save(out, deterministic_id=True, compress_streams=False)
    now = house.tools.clock()
    signer = build_signer(SigningOptions(pki=house.settings.pki))
    made = signer.sign(out.getvalue(), SignRequest("Số hóa", "UBND xã", "hs-1", signed_at=now))
    key = filed_key("hs-1", made.sha256, "archive.pdf")
    house.store.put_new(key, made.data, "application/pdf")
    house.catalogue.create_dossier(
        Dossier(id="hs-1", procedure=None, status=Status.FILED, received_at=now, files={"archive_pdf": key})
    )
    house.catalogue.record_filing("hs-1", "archive_pdf", key, made.sha256, made.size, level=made.level)
    return made.data


def _report(house: House, tmp_path: Path, data: bytes) -> VerifyReport:
    (tmp_path / "a.pdf").write_bytes(data)
    return house.conductor.verify(tmp_path / "a.pdf")


def test_what_was_filed_is_known_with_its_size_and_level(house, filed, tmp_path):
    report = _report(house, tmp_path, filed)
    assert report.outcome == "valid"
    ledger = report.ledger
    assert (ledger.state, ledger.dossier, ledger.level) == ("filed_here", "hs-1", "B-LTA")
    assert (ledger.size, ledger.sha256) == (len(filed), report.sha256)
    assert ledger.difference is None
    assert isinstance(report.checked_at, datetime)


def test_last_revision_cut_off_is_shortened(house, filed, tmp_path):
    """A sound signature of a lower level is left: only the ledger knows that there was more."""
    cut = filed[: filed.rindex(b"%%EOF", 0, -10) + len(b"%%EOF\n")]
    report = _report(house, tmp_path, cut)
    assert report.signatures[0].outcome == "valid"
    assert report.signatures[0].level == "B-LT"
    assert report.ledger.level == "B-LTA"
    assert report.outcome == "invalid"
    assert [r.code for r in report.reasons[:2]] == ["differs_from_filed", "shortened_after_filing"]
    assert report.ledger.difference == "shortened"


def test_trailing_bytes_are_an_extension(house, filed, tmp_path):
    report = _report(house, tmp_path, filed + b"\n% junk")
    assert report.outcome == "invalid"
    assert [r.code for r in report.reasons] == ["differs_from_filed", "extended_after_filing", "trailing_data"]


def test_same_length_other_bytes_is_altered(house, filed, tmp_path):
    report = _report(house, tmp_path, filed.replace(b"re f", b"rE f", 1))
    assert report.outcome == "invalid"
    assert report.ledger.difference == "altered"


def test_missing_file_is_an_error(house, tmp_path):
    with pytest.raises(FileMissingError):
        house.conductor.verify(tmp_path / "none.pdf")


def _bomb() -> bytes:
    """One attachment of 600 kB that inflates to 600 MB."""
    pdf = pikepdf.new()
    pdf.add_blank_page()
    pdf.attachments["data.json"] = pikepdf.AttachedFileSpec(pdf, b"{}", filename="data.json")
    stream = pdf.Root.Names.EmbeddedFiles.Names[1].EF.F
    stream.write(zlib.compress(bytes(600_000_000), 1), filter=pikepdf.Name.FlateDecode)
    out = BytesIO()
    pdf.save(out, compress_streams=False)
    return out.getvalue()


@pytest.mark.slow
def test_attachment_that_inflates_without_end_is_not_opened_in_this_process(house, tmp_path):
    path = tmp_path / "bomb.pdf"
    path.write_bytes(_bomb())
    started = time.monotonic()
    assert inspect(path, 20, memory_mb=512) == Inspected()
    assert time.monotonic() - started < 25
    assert house.conductor.verify(path).outcome == "indeterminate"


def test_what_is_no_pdf_holds_nothing(tmp_path):
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7 no")
    assert inspect(tmp_path / "a.pdf") == Inspected()


def test_the_ledger_proves_the_filing_and_a_forged_seal_does_not(house: House, filed: bytes, tmp_path: Path) -> None:
    from pipeline.audit import sealing
    from pipeline.audit.export import sealed_bytes
    from pipeline.audit.merkle import root_of_proof

    sealing.seal(house.tools)
    (proof,) = _report(house, tmp_path, filed).ledger.proofs
    assert proof.holds
    assert proof.timestamp_at is not None
    path = [bytes.fromhex(node) for node in proof.path]
    led = root_of_proof(bytes.fromhex(proof.leaf), proof.entry - 1, proof.size, path)
    assert led is not None
    assert led.hex() == proof.root
    ledger = house.catalogue.ledger()
    real = ledger.seals()[-1]
    # Somebody with the database in hand adds a seal of another root, with the token of the real one.
    ledger.add_seal(real.model_copy(update={"root": "0" * 64, "size": real.size + 1}))
    house.catalogue.create_dossier(Dossier(id="hs-2", procedure=None, status=Status.WAITS, received_at=real.at))
    (forged,) = _report(house, tmp_path, filed).ledger.proofs
    assert not forged.holds
    assert forged.timestamp_at is None
    assert sealed_bytes(forged.size, forged.root) != sealed_bytes(real.size, real.root)
