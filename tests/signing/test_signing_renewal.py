"""Archive timestamps renewed under a moved clock, offline: what holds when, and what is refused."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import time_machine
from signing_samples import codes, make_request

from signing import devpki
from signing.devpki import DevelopmentPki
from signing.errors import RevocationUnavailableError, TimestampUnavailableError
from signing.factory import SigningOptions, build_signer
from signing.keys import DevelopmentKey
from signing.renewal import NotRenewableError, RenewalGainsNothingError, proof_end, renew
from signing.signer import PdfSigner
from signing.trust import Trust, TrustMaterial, load
from signing.validation import validate
from signing.verdict import Outcome

if TYPE_CHECKING:
    from pathlib import Path

    from signing.verdict import PdfVerdict

SIGNED = datetime(2026, 6, 1, tzinfo=UTC)
RENEWED = datetime(2030, 6, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Aged:
    """A file of two signers whose timestamp authority ends in five years, and its PKI."""

    folder: Path
    data: bytes

    def material(self, now: datetime) -> TrustMaterial:
        with time_machine.travel(now, tick=False):
            DevelopmentPki.ensure(self.folder)
            return load(Trust(development=self.folder))

    def verdict(self, data: bytes, now: datetime) -> PdfVerdict:
        material = self.material(now)
        with time_machine.travel(now, tick=False):  # pyHanko slides back from the machine's clock
            return validate(data, material, now)

    def renewed(self, data: bytes, now: datetime) -> bytes:
        with time_machine.travel(now, tick=False):
            return renew(data, build_signer(SigningOptions(pki=self.folder)), now).data


@pytest.fixture(scope="module")
def aged_once(tmp_path_factory, plain_pdf) -> Aged:
    folder = tmp_path_factory.mktemp("aged") / "pki"
    with pytest.MonkeyPatch.context() as patch, time_machine.travel(SIGNED, tick=False):
        patch.setitem(devpki._LIFE, "tsa", timedelta(days=365 * 5))
        officer = build_signer(SigningOptions(pki=folder, level="B-LT"))
        seal = build_signer(SigningOptions(pki=folder, key=DevelopmentKey("agency")))
        first = officer.sign(plain_pdf, make_request(signed_at=SIGNED))
        data = seal.sign(first.data, make_request(signed_at=SIGNED, reason="Phát hành")).data
    return Aged(folder, data)


@pytest.fixture
def aged(aged_once, tmp_path, monkeypatch) -> Aged:
    """A PKI of its own for each test, and one signed file for all."""
    monkeypatch.setitem(devpki._LIFE, "tsa", timedelta(days=365 * 5))
    shutil.copytree(aged_once.folder, tmp_path / "pki")
    return Aged(tmp_path / "pki", aged_once.data)


def _new_authority(aged: Aged, now: datetime, monkeypatch: pytest.MonkeyPatch, years: int) -> None:
    monkeypatch.setitem(devpki._LIFE, "tsa", timedelta(days=365 * years))
    devpki._write_leaf(aged.folder, "tsa", now)


def test_end_of_proof_is_the_end_of_the_timestamp_authority(aged):
    end = proof_end(aged.data)
    assert end is not None
    assert end.cause == "certificate"
    assert end.at == SIGNED + timedelta(days=365 * 5)
    assert end.authority == "HOSO DEVELOPMENT TSA"
    assert end.timestamp_at == SIGNED


def test_renewed_in_2030_two_signers_hold_offline_in_2036_and_2045(aged, monkeypatch):
    """Sockets are closed for this test, as for all of them."""
    _new_authority(aged, RENEWED, monkeypatch, 20)
    renewed = aged.renewed(aged.data, RENEWED)
    assert renewed.startswith(aged.data)
    assert proof_end(renewed).at == RENEWED + timedelta(days=365 * 20)
    for moment in (RENEWED, datetime(2036, 5, 1, tzinfo=UTC), datetime(2045, 5, 1, tzinfo=UTC)):
        verdict = aged.verdict(renewed, moment)
        assert verdict.outcome == Outcome.VALID
        assert [s.level for s in verdict.signatures if s.kind == "signature"] == ["B-LTA", "B-LTA"]
        assert len([s for s in verdict.signatures if s.kind == "timestamp"]) == 2
    assert "certificate_expired_now" in codes(verdict)


def test_without_renewal_it_is_open_in_2036(aged):
    verdict = aged.verdict(aged.data, datetime(2036, 5, 1, tzinfo=UTC))
    assert verdict.outcome == Outcome.INDETERMINATE


@pytest.mark.slow
def test_renewed_again_and_again(aged, monkeypatch):
    """Every four years with an authority of five: in 2045 four links are older than their authorities."""
    data = aged.data
    for year in (2030, 2034, 2038, 2042):
        now = datetime(year, 6, 1, tzinfo=UTC)
        _new_authority(aged, now, monkeypatch, 5)
        data = aged.renewed(data, now)
    assert aged.verdict(data, datetime(2045, 5, 1, tzinfo=UTC)).outcome == Outcome.VALID


def test_renewed_too_late_is_refused(aged, monkeypatch):
    late = datetime(2032, 1, 1, tzinfo=UTC)
    _new_authority(aged, late, monkeypatch, 20)
    with pytest.raises(NotRenewableError):
        aged.renewed(aged.data, late)


def test_altered_file_is_not_dressed_up(aged, monkeypatch):
    _new_authority(aged, RENEWED, monkeypatch, 20)
    with pytest.raises(NotRenewableError, match="content_altered"):
        aged.renewed(aged.data.replace(b"re f", b"rE f", 1), RENEWED)


def test_file_without_an_archive_timestamp_is_not_renewed(signed_early, signer):
    assert proof_end(signed_early.data) is None
    with pytest.raises(NotRenewableError):
        renew(signed_early.data, signer, datetime.now(UTC))


def test_authority_that_ends_no_later_gains_nothing(signed, signer):
    with pytest.raises(RenewalGainsNothingError) as caught:
        renew(signed.data, signer, datetime.now(UTC))
    assert caught.value.retryable


def test_dead_authority_holds_the_renewal(signed, pki):
    dead = build_signer(SigningOptions(pki=pki.folder, tsa=("http://127.0.0.1:9/tsa",)))
    with pytest.raises(TimestampUnavailableError):
        renew(signed.data, dead, datetime.now(UTC))


def test_lists_that_are_gone_hold_the_renewal(signed, signer, material):
    """What was embedded a moment ago still proves the file; for the new link an authority's word is needed."""
    bare = TrustMaterial(material.roots, material.intermediates, (), None, fetch=False)
    blind = PdfSigner(signer.key, signer.sources, lambda _now: bare, "B-LTA", signer.font)
    with pytest.raises(RevocationUnavailableError) as caught:
        renew(signed.data, blind, datetime.now(UTC))
    assert caught.value.retryable


def test_short_keys_and_old_digests_end_before_their_certificates():
    from types import SimpleNamespace

    from signing.renewal import _algorithm_end

    def ends(algorithm: str, bits: int, digest: str = "sha256") -> int | None:
        key = SimpleNamespace(algorithm=algorithm, bit_size=bits)
        moment = _algorithm_end(SimpleNamespace(public_key=key), digest)
        return moment.year if moment else None

    assert ends("rsa", 2048) == 2030
    assert ends("rsa", 3072) is None
    assert ends("rsa", 1024) == 2013
    assert ends("ec", 256) is None
    assert ends("ec", 256, "sha1") == 2013
