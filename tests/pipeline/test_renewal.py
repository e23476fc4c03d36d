"""Archive timestamps of a small kho renewed: who is due, what is reported, and killed at every step."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pikepdf
import pytest

from pipeline.composition import House, build_house
from pipeline.keys import filed_key
from pipeline.record import Dossier, Status
from pipeline.renewal import newest_filing, renew_all, renew_dossier
from pipeline.settings import Settings
from signing import devpki
from signing.factory import SigningOptions, build_signer
from signing.signer import SignRequest
from signing.verdict import Outcome
from signing.verify import verify_pdf

if TYPE_CHECKING:
    from collections.abc import Iterator

FAR = datetime(2040, 1, 1, tzinfo=UTC)
"""After the end of the first timestamp authority, before that of the second."""


def _pdf(number: int) -> bytes:
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(595, 842))
    pdf.pages[0].Contents = pdf.make_stream(b"0.2 g 100 %d 200 50 re f" % (100 + number))
    out = BytesIO()
    pdf.save(out, deterministic_id=True, compress_streams=False)
    return out.getvalue()


def _file(house: House, dossier_id: str, data: bytes, sha256: str, level: str) -> None:
    key = filed_key(dossier_id, sha256, "archive.pdf")
    house.store.put_new(key, data, "application/pdf")
    received = house.tools.clock()
    house.catalogue.create_dossier(
        Dossier(id=dossier_id, procedure=None, status=Status.FILED, received_at=received, files={"archive_pdf": key})
    )
    house.catalogue.record_filing(dossier_id, "archive_pdf", key, sha256, len(data), level=level)


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """Two filed dossiers whose timestamp authority ends in five years; the authority of today lasts twenty."""
    settings = Settings(home=tmp_path / "home")
    monkeypatch.setitem(devpki._LIFE, "tsa", timedelta(days=365 * 5))
    with build_house(settings) as built:
        signer = build_signer(SigningOptions(pki=settings.pki))
        for number in range(2):
            request = SignRequest("Số hóa", "UBND xã", f"hs-{number}", signed_at=built.tools.clock())
            made = signer.sign(_pdf(number), request)
            _file(built, f"hs-{number}", made.data, made.sha256, made.level)
        monkeypatch.setitem(devpki._LIFE, "tsa", timedelta(days=365 * 20))
        devpki._write_leaf(settings.pki, "tsa", datetime.now(UTC))
        yield built


def _state(house: House) -> dict[str, bytes]:
    """Every file of the home except what the database engine keeps beside its own."""
    names = sorted(p for p in house.settings.home.rglob("*") if p.is_file() and not p.name.endswith(("-wal", "-shm")))
    return {str(p): p.read_bytes() for p in names}


def _tables(house: House) -> list[object]:
    return [
        (house.catalogue.load_with_version(d), house.catalogue.filings_of(d), house.catalogue.events_after(d))
        for d in ("hs-0", "hs-1")
    ]


def test_nothing_is_due_for_years(house):
    report = renew_all(house.tools)
    assert report.counts == {"holds": 2}
    assert report.renewals == ()
    assert not report.dry_run


def test_dry_run_says_what_is_due_and_changes_nothing(house):
    house.tools.signer()  # opens keys, which may renew lists: not a matter of the dry run
    before, tables = _state(house), _tables(house)
    report = renew_all(house.tools, FAR, dry_run=True)
    assert report.counts == {"due": 2}
    assert {r.cause for r in report.renewals} == {"certificate"}
    assert all(r.proof_ends is not None and r.proof_ends < FAR for r in report.renewals)
    assert _tables(house) == tables
    assert _state(house) == before


def test_renewed_version_is_filed_beside_the_old_one(house):
    old = {d: newest_filing(house.tools, d) for d in ("hs-0", "hs-1")}
    seen = []
    report = renew_all(house.tools, FAR, on_renewal=seen.append)
    assert report.counts == {"renewed": 2}
    assert [r.dossier for r in seen] == [r.dossier for r in report.renewals]
    for renewal in report.renewals:
        first, second = old[renewal.dossier], newest_filing(house.tools, renewal.dossier)
        assert (first.sha256, second.sha256) == (renewal.sha256, renewal.renewed_sha256)
        data = house.store.get(second.object_key)
        assert data.startswith(house.store.get(first.object_key))
        assert house.conductor.dossier(renewal.dossier).files["archive_pdf"] == second.object_key
        assert house.conductor.archive_pdf(renewal.dossier) == data
        assert verify_pdf(data, house.tools.trust()).outcome is Outcome.VALID
        event = house.catalogue.events_after(renewal.dossier)[-1]
        assert event.data == {"sha256": second.sha256, "previous": first.sha256}
        assert renewal.proof_ends > FAR
    assert renew_all(house.tools, FAR).counts == {"holds": 2}  # once


def test_both_versions_are_known_to_the_ledger(house, tmp_path):
    first = newest_filing(house.tools, "hs-0")
    renew_dossier(house.tools, "hs-0", FAR)
    second = newest_filing(house.tools, "hs-0")
    for filing, superseded in ((first, second.sha256), (second, None)):
        path = tmp_path / f"{filing.sha256}.pdf"
        path.write_bytes(house.store.get(filing.object_key))
        report = house.conductor.verify(path)
        assert report.ledger.state == "filed_here"
        assert report.ledger.renewed_sha256 == superseded


def test_file_that_no_longer_verifies_is_reported_and_left(house):
    made = newest_filing(house.tools, "hs-0")
    altered = house.store.get(made.object_key).replace(b"re f", b"rE f", 1)
    digest = hashlib.sha256(altered).hexdigest()
    _file(house, "hs-9", altered, digest, "B-LTA")
    renewal = renew_dossier(house.tools, "hs-9", FAR)
    assert (renewal.state, renewal.code) == ("refused", "not_renewable")
    assert newest_filing(house.tools, "hs-9").sha256 == digest


def test_file_without_archive_timestamp_is_reported(house):
    signer = build_signer(SigningOptions(pki=house.settings.pki, level="B-T"))
    made = signer.sign(_pdf(7), SignRequest("Số hóa", "UBND xã", "hs-7", signed_at=house.tools.clock()))
    _file(house, "hs-7", made.data, made.sha256, made.level)
    renewal = renew_dossier(house.tools, "hs-7", FAR)
    assert (renewal.state, renewal.code) == ("refused", "no_archive_timestamp")


def test_object_that_is_gone_or_altered_is_reported_and_the_rest_goes_on(house):
    key = newest_filing(house.tools, "hs-0").object_key
    [path] = [p for p in (house.settings.home / "store").rglob("*") if p.is_file() and p.as_posix().endswith(key)]
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-100])
    report = renew_all(house.tools, FAR)
    assert report.counts == {"damaged": 1, "renewed": 1}
    assert next(r for r in report.renewals if r.dossier == "hs-0").code == "object_corrupt"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"tsa_urls": ("http://127.0.0.1:9/tsa",)}, "timestamp_unavailable"),
        ({"pkcs12": Path("/nonexistent/key.p12")}, "key_unavailable"),
    ],
)
def test_what_is_out_of_reach_holds_and_changes_nothing(house, wrong, code):
    signing = house.settings.signing.model_copy(update=wrong)
    with build_house(house.settings.model_copy(update={"signing": signing})) as other:
        report = renew_all(other.tools, FAR)
    assert report.counts == {"held": 2}
    assert {r.code for r in report.renewals} == {code}
    assert len(house.catalogue.filings_of("hs-0")) == 1


_KILLED = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from pipeline.catalogue.catalogue import Catalogue
from pipeline.composition import build_house
from pipeline.renewal import renew_all
from pipeline.settings import Settings

home, before, point = sys.argv[1:]

def killing(real):
    def call(self, *arguments, **options):
        result = real(self, *arguments, **options)
        if point != "remember_step" or "renew" in arguments:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    return call

with build_house(Settings(home=Path(home))) as house:
    kind = type(house.store) if point == "put_new" else Catalogue
    setattr(kind, point, killing(getattr(kind, point)))
    renew_all(house.tools, datetime.fromisoformat(before))
"""


@pytest.mark.slow
def test_killed_at_every_step_it_goes_on(house):
    """Four times kill -9, each time one step further; then it ends well, and nothing was done twice."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("HOSO_")}
    for point in ("put_new", "remember_step", "record_filing", "append_event"):
        command = [sys.executable, "-c", _KILLED, str(house.settings.home), FAR.isoformat(), point]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == -signal.SIGKILL, done.stderr
    report = renew_all(house.tools, FAR)
    assert sorted(report.counts) in (["holds", "renewed"], ["completed", "holds"])
    assert renew_all(house.tools, FAR).counts == {"holds": 2}
    for dossier in ("hs-0", "hs-1"):
        versions = [f for f in house.catalogue.filings_of(dossier) if f.kind == "archive_pdf"]
        assert len(versions) == 2
        assert house.conductor.dossier(dossier).files["archive_pdf"] == versions[-1].object_key
        assert verify_pdf(house.conductor.archive_pdf(dossier), house.tools.trust()).outcome is Outcome.VALID
