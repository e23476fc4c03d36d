"""What revocations mean for archived signatures: before a proved time harm, after it none; link by link."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import time_machine
from signing_samples import codes, make_request

from signing import devpki
from signing.devpki import DevelopmentPki
from signing.factory import SigningOptions, build_signer
from signing.renewal import renew
from signing.trust import Trust, load
from signing.validation import validate
from signing.verdict import Outcome

if TYPE_CHECKING:
    from pathlib import Path

    from signing.verdict import PdfVerdict

SIGNED = datetime(2026, 6, 1, tzinfo=UTC)
LATER = datetime(2026, 9, 1, tzinfo=UTC)
RENEWED = datetime(2030, 6, 1, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "pki"


def _archived(folder: Path, pdf: bytes) -> bytes:
    with time_machine.travel(SIGNED, tick=False):
        return build_signer(SigningOptions(pki=folder)).sign(pdf, make_request(signed_at=SIGNED)).data


def _verdict(folder: Path, data: bytes, now: datetime) -> PdfVerdict:
    with time_machine.travel(now, tick=False):
        DevelopmentPki.ensure(folder)
        return validate(data, load(Trust(development=folder)), now)


def _revoke(folder: Path, role: devpki.Role, *, known: datetime, since: datetime) -> None:
    with time_machine.travel(known, tick=False):
        DevelopmentPki(folder).revoke(role, at=since)


def test_theft_before_signing_that_becomes_known_later_is_harm(folder, plain_pdf):
    data = _archived(folder, plain_pdf)
    assert _verdict(folder, data, LATER).outcome == Outcome.VALID
    _revoke(folder, "officer", known=LATER, since=SIGNED - timedelta(days=3))
    verdict = _verdict(folder, data, LATER + timedelta(days=1))
    assert verdict.outcome == Outcome.INVALID
    assert "revoked" in codes(verdict)


@pytest.mark.parametrize("now", [LATER + timedelta(days=1), datetime(2036, 5, 1, tzinfo=UTC)])
def test_revocation_after_the_archive_timestamp_harms_nothing(folder, plain_pdf, now):
    data = _archived(folder, plain_pdf)
    _revoke(folder, "officer", known=LATER, since=LATER)
    assert _verdict(folder, data, now).outcome == Outcome.VALID


def test_newest_authority_revoked_leaves_it_open(folder, plain_pdf):
    """Whoever has its key can make timestamps of any day."""
    data = _archived(folder, plain_pdf)
    _revoke(folder, "tsa", known=LATER, since=LATER)
    verdict = _verdict(folder, data, LATER + timedelta(days=1))
    assert verdict.outcome == Outcome.INDETERMINATE
    assert "revoked_time_unknown" in codes(verdict, -1)


def test_older_authority_revoked_after_a_renewal_harms_nothing(folder, plain_pdf, monkeypatch):
    monkeypatch.setitem(devpki._LIFE, "tsa", timedelta(days=365 * 5))
    data = _archived(folder, plain_pdf)
    old = DevelopmentPki(folder).key("tsa")
    monkeypatch.setitem(devpki._LIFE, "tsa", timedelta(days=365 * 20))
    devpki._write_leaf(folder, "tsa", RENEWED)
    with time_machine.travel(RENEWED, tick=False):
        renewed = renew(data, build_signer(SigningOptions(pki=folder)), RENEWED).data
    after = RENEWED + timedelta(days=100)
    with time_machine.travel(after, tick=False):
        pki = DevelopmentPki(folder)
        pki._write_crl("issuing", after, extra={old.certificate.serial_number: after})
    assert _verdict(folder, renewed, after + timedelta(days=1)).outcome == Outcome.VALID
    assert _verdict(folder, data, after + timedelta(days=1)).outcome != Outcome.VALID
