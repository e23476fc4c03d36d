"""Whose certificate it was, and in which state: refused before signing, or judged afterwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import time_machine
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from signing_samples import codes, make_request

from signing.devpki import DevelopmentPki, _make_at_once
from signing.errors import CertificateRefusedError, KeyUnavailableError
from signing.factory import SigningOptions, build_signer
from signing.keys import Pkcs12Key, SigningKey, check_key, load_key
from signing.signer import PdfSigner
from signing.stamp_font import StampFont
from signing.trust import Trust, TrustMaterial, load
from signing.validation import validate
from signing.verdict import Outcome

if TYPE_CHECKING:
    from pathlib import Path


def _verdict(data: bytes, folder: Path, now: datetime | None = None):
    return validate(data, load(Trust(development=folder)), now or datetime.now(UTC))


def _signed_at(folder: Path, moment: datetime, plain_pdf: bytes) -> bytes:
    """B-B by a PKI that was made at `moment`, signed at `moment`."""
    _make_at_once(folder, moment)
    local = DevelopmentPki(folder).key("officer")
    key = SigningKey(local.key, local.certificate, local.chain)
    trust = load(Trust(development=folder))
    signer = PdfSigner(key, (), lambda _now: trust, "B-B", StampFont(), clock=lambda: moment)
    return signer.sign(plain_pdf, make_request(signed_at=moment)).data


def test_revoked_before_signing_is_invalid(tmp_path, plain_pdf):
    folder = tmp_path / "pki"
    signer = build_signer(SigningOptions(pki=folder, level="B-T"))
    made = signer.sign(plain_pdf, make_request())
    DevelopmentPki(folder).revoke("officer", at=datetime.now(UTC) - timedelta(days=1))
    verdict = _verdict(made.data, folder)
    assert verdict.outcome == Outcome.INVALID
    assert "revoked" in codes(verdict)


def test_revoked_after_a_proved_time_stays_valid(tmp_path, plain_pdf):
    folder = tmp_path / "pki"
    made = build_signer(SigningOptions(pki=folder, level="B-T")).sign(plain_pdf, make_request())
    later = datetime.now(UTC) + timedelta(days=3)
    with time_machine.travel(later, tick=False):
        DevelopmentPki(folder).revoke("officer", at=later)
    assert _verdict(made.data, folder, later + timedelta(days=1)).outcome == Outcome.VALID


def test_revoked_without_a_proved_time_is_open(tmp_path, plain_pdf):
    folder = tmp_path / "pki"
    made = build_signer(SigningOptions(pki=folder, level="B-B")).sign(plain_pdf, make_request())
    DevelopmentPki(folder).revoke("officer")
    verdict = _verdict(made.data, folder, datetime.now(UTC) + timedelta(minutes=1))
    assert verdict.outcome == Outcome.INDETERMINATE
    assert "revoked_time_unknown" in codes(verdict)


@pytest.mark.parametrize("level", ["B-B", "B-T", "B-LT", "B-LTA"])
def test_revoked_key_does_not_sign(tmp_path, plain_pdf, level):
    signer = build_signer(SigningOptions(pki=tmp_path / "pki", level=level))
    signer.sign(plain_pdf, make_request())  # what a batch keeps must not outlive the revocation
    DevelopmentPki(tmp_path / "pki").revoke("officer", at=datetime.now(UTC) - timedelta(minutes=1))
    with pytest.raises(CertificateRefusedError):
        signer.sign(plain_pdf, make_request())


def test_signature_of_an_expired_certificate(tmp_path, plain_pdf):
    data = _signed_at(tmp_path / "pki", datetime(2018, 5, 1, tzinfo=UTC), plain_pdf)
    DevelopmentPki.ensure(tmp_path / "pki")  # today's lists
    verdict = _verdict(data, tmp_path / "pki")
    assert verdict.outcome == Outcome.INDETERMINATE
    assert "certificate_expired" in codes(verdict)


def test_signature_of_a_certificate_of_the_future(tmp_path, plain_pdf):
    data = _signed_at(tmp_path / "pki", datetime.now(UTC) + timedelta(days=900), plain_pdf)
    verdict = _verdict(data, tmp_path / "pki")
    assert verdict.outcome != Outcome.VALID


@pytest.mark.parametrize(("offset", "match"), [(-3000, "expired"), (900, "not valid before")])
def test_key_out_of_its_time_does_not_sign(tmp_path, offset, match):
    _make_at_once(tmp_path / "pki", datetime.now(UTC) + timedelta(days=offset))
    source = Pkcs12Key(tmp_path / "pki" / "officer.p12", tmp_path / "pki" / "passphrase")
    with pytest.raises(KeyUnavailableError, match=match):
        build_signer(SigningOptions(pki=tmp_path / "other", key=source))


def test_unknown_root_is_open_but_intact(tmp_path, signed):
    stranger = DevelopmentPki.ensure(tmp_path / "stranger")
    verdict = _verdict(signed.data, stranger.folder)
    assert verdict.outcome == Outcome.INDETERMINATE
    assert {"intact", "chain_unknown", "timestamp_untrusted"} <= codes(verdict)


def test_no_trust_at_all_is_open(signed):
    verdict = validate(signed.data, load(Trust()), datetime.now(UTC))
    assert verdict.outcome == Outcome.INDETERMINATE
    assert "chain_unknown" in codes(verdict)


def test_roots_may_come_from_a_folder(tmp_path, pki, signed):
    for name in ("root.crt", "root.crl", "issuing.crl"):
        (tmp_path / name).write_bytes((pki.folder / name).read_bytes())
    (tmp_path / "notes.txt").write_text("no certificate")
    (tmp_path / "broken.pem").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    assert validate(signed.data, load(Trust(roots=tmp_path)), datetime.now(UTC)).outcome == Outcome.VALID


def test_stale_lists_leave_the_verdict_open_unless_allowed(pki, signed_early):
    """Nothing else than the lists of today is at hand in half a year: strict is open, with an age limit it holds."""
    later = datetime.now(UTC) + timedelta(days=180)
    strict = load(Trust(development=pki.folder))
    assert "revocation_unknown" in codes(validate(signed_early.data, strict, later))
    lenient = load(Trust(development=pki.folder, revocation_max_age_days=365))
    assert validate(signed_early.data, lenient, later).outcome == Outcome.VALID


def test_key_of_another_certificate_is_refused(pki):
    officer, agency = pki.key("officer"), pki.key("agency")
    with pytest.raises(KeyUnavailableError, match="does not belong"):
        check_key(SigningKey(officer.key, agency.certificate, ()))


def test_timestamp_key_is_no_signing_key_for_documents(pki):
    authority = pki.certificates()[1]
    key = SigningKey(serialization.load_pem_private_key((pki.folder / "issuing.key").read_bytes(), None), authority, ())
    with pytest.raises(KeyUnavailableError, match="key usage"):
        check_key(key)


@pytest.mark.parametrize("content", ["wrong", ""])
def test_wrong_passphrase_is_a_typed_error(pki, tmp_path, content):
    (tmp_path / "pass").write_text(content)
    with pytest.raises(KeyUnavailableError):
        load_key(Pkcs12Key(pki.pkcs12["officer"], tmp_path / "pass"), pki.folder)


def test_missing_key_file_is_a_typed_error(pki, tmp_path):
    with pytest.raises(KeyUnavailableError):
        load_key(Pkcs12Key(tmp_path / "none.p12"), pki.folder)


def test_foreign_rsa_key_signs_and_is_not_called_development(tmp_path, pki, plain_pdf):
    """A key outside the development PKI: its root and revocation list come from a folder."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Nguyễn Văn Thử")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 7, now - timedelta(days=1), now + timedelta(days=300))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (tmp_path / "key.p12").write_bytes(
        pkcs12.serialize_key_and_certificates(b"k", key, certificate, None, serialization.BestAvailableEncryption(b"x"))
    )
    (tmp_path / "pass").write_text("x\n")
    (tmp_path / "root.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    options = SigningOptions(
        pki=pki.folder, key=Pkcs12Key(tmp_path / "key.p12", tmp_path / "pass"), level="B-T", roots=tmp_path
    )
    made = build_signer(options).sign(plain_pdf, make_request())
    assert made.signer == "Nguyễn Văn Thử"
    assert not made.development
    assert made.verdict.signatures[0].algorithm == "sha256WithRSA"


def test_sha1_is_intact_but_old(pki, plain_pdf, judge):
    """As most state signatures of the last years: nothing is wrong with the file, the algorithm proves little."""
    from io import BytesIO

    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import signers

    from signing.keys import build_cms_signer

    local = pki.key("officer")
    key = build_cms_signer(SigningKey(local.key, local.certificate, local.chain))
    meta = signers.PdfSignatureMetadata(field_name="Old", md_algorithm="sha1")
    out = signers.sign_pdf(IncrementalPdfFileWriter(BytesIO(plain_pdf)), meta, signer=key)
    verdict = judge(out.getvalue())
    assert verdict.outcome == Outcome.INDETERMINATE
    assert {"intact", "algorithm_old"} <= codes(verdict)
    assert "chain_unknown" not in codes(verdict)
    assert verdict.signatures[0].algorithm == "sha1WithECDSA"
    assert "chain_unknown" in codes(validate(out.getvalue(), load(Trust()), datetime.now(UTC)))


def test_archive_signature_holds_in_2036(pki, signed):
    """Ten years on the officer's certificate has ended; the archive timestamp carries the proof. No network."""
    future = datetime(2036, 5, 1, tzinfo=UTC)
    with time_machine.travel(future, tick=False):
        DevelopmentPki.ensure(pki.folder)
        material = load(Trust(development=pki.folder))
    DevelopmentPki.ensure(pki.folder)  # back to today for the other tests
    verdict = validate(signed.data, material, future)
    assert verdict.outcome == Outcome.VALID
    assert "certificate_expired_now" in codes(verdict)


@pytest.mark.parametrize("level", ["B-T", "B-LT"])
def test_lower_levels_do_not_hold_in_2036(tmp_path, plain_pdf, level):
    folder = tmp_path / "pki"
    made = build_signer(SigningOptions(pki=folder, level=level)).sign(plain_pdf, make_request())
    future = datetime(2036, 5, 1, tzinfo=UTC)
    DevelopmentPki.ensure(folder, now=future)
    verdict = _verdict(made.data, folder, future)
    assert verdict.outcome == Outcome.INDETERMINATE
    assert "expired_without_archive" in codes(verdict)


def test_archive_without_todays_lists_says_so(pki, signed, material):
    """Only a root certificate is left in 2036: nobody can tell whether the timestamp authority was revoked."""
    bare = TrustMaterial(material.roots, (), (), None, fetch=False)
    verdict = validate(signed.data, bare, datetime(2036, 5, 1, tzinfo=UTC))
    assert verdict.outcome == Outcome.INDETERMINATE
    assert "revocation_unknown" in codes(verdict, 1)
