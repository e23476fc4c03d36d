"""OCSP answers: made by the development responder, fetched over HTTP, refused when wrong, shared in a batch."""

from __future__ import annotations

import shutil
import subprocess
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
import time_machine
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.dss import DocumentSecurityStore
from signing_samples import make_request

from signing.devpki import DevelopmentPki
from signing.errors import CertificateRefusedError, RevocationUnavailableError
from signing.factory import SigningOptions, build_signer
from signing.fetching import checked_answer, checked_crl
from signing.keys import Pkcs12Key
from signing.ocsp import OcspResponder
from signing.running import run_to_end
from signing.trust import Trust, load
from signing.tsa import serve
from signing.validation import validate
from signing.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DER = serialization.Encoding.DER
OCSP = "application/ocsp-response"


@pytest.fixture
def own(tmp_path) -> DevelopmentPki:
    return DevelopmentPki.ensure(tmp_path / "own")


def _answer(pki: DevelopmentPki, role: str = "officer", now: datetime | None = None) -> bytes:
    _, issuing = pki.certificates()
    fetched = run_to_end(OcspResponder(pki).answer(pki.key(role).certificate, issuing, now or datetime.now(UTC)))
    assert fetched.data, fetched.fault
    return fetched.data


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_openssl_asks_the_responder_and_believes_it(own):
    command = ["openssl", "ocsp", "-issuer", str(own.folder / "issuing.crt"), "-cert", str(own.folder / "officer.crt")]
    command += ["-CAfile", str(own.root_file), "-no_nonce"]
    with serve(OcspResponder(own).respond, media_type=OCSP) as url:
        good = subprocess.run([*command, "-url", url], check=True, capture_output=True, text=True)
        own.revoke("officer", at=datetime.now(UTC) - timedelta(hours=1))
        revoked = subprocess.run([*command, "-url", url], check=True, capture_output=True, text=True)
    assert "Response verify OK" in good.stdout + good.stderr
    assert "officer.crt: good" in good.stdout
    assert "officer.crt: revoked" in revoked.stdout


def test_root_answers_for_the_issuing_authority(own):
    root, issuing = own.certificates()
    fetched = run_to_end(OcspResponder(own).answer(issuing, root, datetime.now(UTC)))
    checked_answer(fetched.data, issuing, root, datetime.now(UTC))


@pytest.mark.parametrize("request_bytes", [b"", b"\x30\x00", b"junk"])
def test_responder_refuses_what_is_no_request(own, request_bytes):
    answer = ocsp.load_der_ocsp_response(OcspResponder(own).respond(request_bytes))
    assert answer.response_status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST


def test_responder_knows_no_other_authoritys_certificates(own, pki):
    _, issuing = pki.certificates()
    builder = ocsp.OCSPRequestBuilder().add_certificate(pki.key("officer").certificate, issuing, hashes.SHA256())
    asked = builder.build().public_bytes(DER)
    # another PKI whose names are the same: its answers must not count for this one's certificates
    answer = OcspResponder(own).respond(asked)
    with pytest.raises(ValueError, match="signature is wrong"):
        checked_answer(answer, pki.key("officer").certificate, issuing, datetime.now(UTC))


def test_wrong_answers_do_not_count(own):
    _, issuing = own.certificates()
    officer, agency = own.key("officer").certificate, own.key("agency").certificate
    now = datetime.now(UTC)
    good = _answer(own)
    checked_answer(good, officer, issuing, now)
    value = ocsp.load_der_ocsp_response(good).signature
    broken = good.replace(value, value[:-1] + bytes([value[-1] ^ 1]))
    cases: list[tuple[bytes, x509.Certificate, datetime, str]] = [
        (good, agency, now, "another certificate"),
        (good, officer, now + timedelta(days=30), "not current"),
        (good, officer, now - timedelta(days=1), "not current"),
        (broken, officer, now, "signature is wrong"),
        (b"\x30\x03\x0a\x01\x06", officer, now, "refused"),
        (b"<html>", officer, now, "parsing"),
    ]
    for data, certificate, moment, match in cases:
        with pytest.raises(ValueError, match=match):
            checked_answer(data, certificate, issuing, moment)


def test_answer_by_somebody_who_is_no_responder_does_not_count(own):
    """The officer's certificate is the issuer's too, but not for this."""
    _, issuing = own.certificates()
    officer = own.key("officer")
    now = datetime.now(UTC)
    builder = ocsp.OCSPResponseBuilder().add_response(
        cert=own.key("agency").certificate, issuer=issuing, algorithm=hashes.SHA256(),
        cert_status=ocsp.OCSPCertStatus.GOOD, this_update=now, next_update=now + timedelta(days=1),
        revocation_time=None, revocation_reason=None,
    )  # fmt: skip
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, officer.certificate)
    answer = builder.certificates([officer.certificate]).sign(officer.key, hashes.SHA256()).public_bytes(DER)
    with pytest.raises(ValueError, match="signature is wrong"):
        checked_answer(answer, own.key("agency").certificate, issuing, now)


def test_wrong_lists_do_not_count(own, pki):
    _, issuing = own.certificates()
    now = datetime.now(UTC)
    mine, other = own.crls()[1], pki.crls()[1]
    checked_crl(mine, issuing, now)
    for data, moment in ((other, now), (mine, now + timedelta(days=60)), (mine, now - timedelta(days=60)), (b"x", now)):
        with pytest.raises(ValueError, match=r"the list|parsing"):
            checked_crl(data, issuing, moment)


def test_both_kinds_of_proof_are_in_a_long_term_file(signed):
    store = DocumentSecurityStore.read_dss(PdfFileReader(BytesIO(signed.data)))
    assert len(store.ocsps) == 3  # signer, timestamp authority, issuing authority
    assert len(store.crls) == 2


@dataclass
class Authority:
    """A CA of the test's own whose certificates name an OCSP service and a revocation list on this machine."""

    folder: Path
    ocsp_url: str
    crl_url: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    asked: Counter[str] = field(default_factory=Counter)
    revoked: bool = False
    sick: bool = False

    def __post_init__(self) -> None:
        self.certificate = self._issue("Test CA", self.key.public_key(), ca=True)
        self.folder.mkdir()
        (self.folder / "root.pem").write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def signer(self) -> Pkcs12Key:
        key = ec.generate_private_key(ec.SECP256R1())
        self.leaf = self._issue("Cán bộ", key.public_key(), ca=False)
        data = pkcs12.serialize_key_and_certificates(
            b"k", key, self.leaf, [self.certificate], serialization.NoEncryption()
        )
        (self.folder / "key.p12").write_bytes(data)
        return Pkcs12Key(self.folder / "key.p12")

    def respond(self, request: bytes) -> bytes:
        self.asked["ocsp"] += 1
        if self.sick:
            return b"\x30\x03\x0a\x01\x06"  # "unauthorized"
        asked = ocsp.load_der_ocsp_request(request)
        now = datetime.now(UTC)
        builder = ocsp.OCSPResponseBuilder().add_response(
            cert=self.leaf, issuer=self.certificate, algorithm=asked.hash_algorithm,
            cert_status=ocsp.OCSPCertStatus.REVOKED if self.revoked else ocsp.OCSPCertStatus.GOOD,
            this_update=now - timedelta(minutes=1), next_update=now + timedelta(hours=1),
            revocation_time=now - timedelta(days=1) if self.revoked else None, revocation_reason=None,
        )  # fmt: skip
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, self.certificate)
        return builder.sign(self.key, hashes.SHA256()).public_bytes(DER)

    def crl(self, _request: bytes) -> bytes:
        self.asked["crl"] += 1
        if self.sick:
            return b"<html>"
        now = datetime.now(UTC)
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.certificate.subject)
        builder = builder.last_update(now - timedelta(minutes=1)).next_update(now + timedelta(days=1))
        return builder.sign(self.key, hashes.SHA256()).public_bytes(DER)

    def _issue(self, name: str, public: ec.EllipticCurvePublicKey, *, ca: bool) -> x509.Certificate:
        now = datetime.now(UTC)
        issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test CA")])
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(issuer)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=300))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )
        usage = dict.fromkeys(
            ["key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"], False
        )
        usage |= {"key_cert_sign": ca, "crl_sign": ca, "digital_signature": True, "content_commitment": not ca}
        builder = builder.add_extension(x509.KeyUsage(**usage), critical=True)
        if not ca:
            uri = x509.UniformResourceIdentifier
            access = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, uri(self.ocsp_url))
            point = x509.DistributionPoint([uri(self.crl_url)], None, None, None)
            builder = builder.add_extension(x509.AuthorityInformationAccess([access]), critical=False)
            builder = builder.add_extension(x509.CRLDistributionPoints([point]), critical=False)
            purposes = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
            builder = builder.add_extension(purposes, critical=False)
        return builder.sign(self.key, hashes.SHA256())


@pytest.fixture
def authority(tmp_path):
    made: list[Authority] = []

    def late(answer: Callable[[Authority, bytes], bytes]) -> Callable[[bytes], bytes]:
        return lambda request: answer(made[0], request)

    with ExitStack() as stack:
        ocsp_url = stack.enter_context(serve(late(Authority.respond), media_type=OCSP))
        crl_url = stack.enter_context(serve(late(Authority.crl), media_type="application/pkix-crl"))
        made.append(Authority(tmp_path / "ca", ocsp_url, crl_url))
        yield made[0]


def _signer(authority, pki, **options):
    defaults = {"pki": pki.folder, "key": authority.signer(), "roots": authority.folder, "fetch": True, "level": "B-LT"}
    return build_signer(SigningOptions(**(defaults | options)))


def test_what_a_certificate_names_is_fetched_once_a_batch(authority, pki, plain_pdf):
    signer = _signer(authority, pki)
    for _ in range(5):
        made = signer.sign(plain_pdf, make_request())
    assert made.level == "B-LT"
    assert authority.asked == {"ocsp": 1, "crl": 1}
    store = DocumentSecurityStore.read_dss(PdfFileReader(BytesIO(made.data)))
    serials = {entry.get_object().data for entry in store.ocsps}
    assert any(ocsp.load_der_ocsp_response(d).serial_number == authority.leaf.serial_number for d in serials)


def test_fetched_again_after_a_while(authority, pki, plain_pdf):
    signer = _signer(authority, pki)
    signer.sign(plain_pdf, make_request())
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=6)):
        signer.sign(plain_pdf, make_request())
    assert authority.asked["ocsp"] == 2


def test_sick_services_hold_the_job_and_are_not_asked_for_every_document(authority, pki, plain_pdf):
    signer = _signer(authority, pki)
    authority.sick = True
    for _ in range(3):
        with pytest.raises(RevocationUnavailableError, match="refused: unauthorized"):
            signer.sign(plain_pdf, make_request())
    assert authority.asked == {"ocsp": 1, "crl": 1}
    authority.sick = False
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=1)):
        assert signer.sign(plain_pdf, make_request()).level == "B-LT"


def test_without_fetching_the_job_is_held(authority, pki, plain_pdf):
    with pytest.raises(RevocationUnavailableError):
        _signer(authority, pki, fetch=False).sign(plain_pdf, make_request())
    assert not authority.asked


def test_revoked_by_ocsp_alone_does_not_sign(authority, pki, plain_pdf):
    authority.revoked = True
    with pytest.raises(CertificateRefusedError):
        _signer(authority, pki).sign(plain_pdf, make_request())


def test_a_dead_ocsp_service_is_made_up_for_by_the_list(tmp_path, pki, plain_pdf):
    made: list[Authority] = []

    def answer(request: bytes) -> bytes:
        return made[0].crl(request)

    with serve(answer, media_type="application/pkix-crl") as crl_url:
        made.append(Authority(tmp_path / "ca", "http://127.0.0.1:9/ocsp", crl_url))
        signed = _signer(made[0], pki).sign(plain_pdf, make_request())
    assert signed.level == "B-LT"
    assert made[0].asked == {"crl": 1}


def test_a_file_of_fetched_proof_is_valid_offline(authority, pki, plain_pdf):
    made = _signer(authority, pki, level="B-LTA").sign(plain_pdf, make_request())
    asked = dict(authority.asked)
    verdict = validate(made.data, load(Trust(development=pki.folder, roots=authority.folder)), datetime.now(UTC))
    assert verdict.outcome == Outcome.VALID
    assert authority.asked == asked
