"""What the signer would not let out, at the levels that no judge could call valid."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO

import pytest
from asn1crypto import cms
from cryptography.hazmat.primitives.hashes import SHA256
from pyhanko.pdf_utils.reader import PdfFileReader
from signing_samples import make_request

from signing.errors import SelfCheckError, WrongSignatureError
from signing.factory import SigningOptions, build_signer
from signing.keys import SigningKey
from signing.self_check import Made, self_checked
from signing.signer import PdfSigner


@pytest.fixture(scope="module", params=["B-B", "B-T"])
def made(request, pki, plain_pdf):
    signer = build_signer(SigningOptions(pki=pki.folder, level=request.param))
    return request.param, signer, signer.sign(plain_pdf, make_request())


def _check(made, pdf: bytes, data: bytes, *, field: str = "HSS-Signature-1", certificate: str = "") -> None:
    level, signer, _ = made
    own = certificate or signer.key.certificate.fingerprint(SHA256()).hex()
    now = datetime.now(UTC)
    self_checked(pdf, data, [Made(field, own)], level, signer.material(now), now)


def test_its_own_work_passes(made, plain_pdf):
    level, _, signed = made
    _check(made, plain_pdf, signed.data)
    signature = signed.verdict.signatures[0]
    assert signature.covers_whole_file
    assert (signature.timestamp_at is None) == (level == "B-B")
    assert {r.code for r in signature.reasons} >= {"intact", "development_pki"}


def test_harm_is_found(made, plain_pdf):
    data = made[2].data
    container = PdfFileReader(BytesIO(data)).embedded_signatures[0].pkcs7_content
    value = cms.ContentInfo.load(container)["content"]["signer_infos"][0]["signature"].native
    digits = data.index(value.hex().upper().encode()) + 2 * len(value) - 1
    other = b"0" if data[digits : digits + 1] != b"0" else b"1"
    for harmed, said in (
        (data.replace(b"re f", b"rE f", 1), "signed before"),
        (data.replace(b"/Location", b"/Lokation", 1).replace(b"/Reason", b"/Raeson", 1), "another content"),
        (data + b"\n% more", "whole file"),
        (data[:digits] + other + data[digits + 1 :], "value is wrong"),
        (plain_pdf, ""),
        (plain_pdf + b"junk", ""),
    ):
        with pytest.raises(SelfCheckError, match=said or None):
            _check(made, plain_pdf, harmed)


def test_another_signers_work_is_not_passed_on(made, plain_pdf):
    with pytest.raises(SelfCheckError, match="another certificate"):
        _check(made, plain_pdf, made[2].data, certificate="00" * 32)
    with pytest.raises(SelfCheckError, match="not in the file"):
        _check(made, plain_pdf, made[2].data, field="HSS-Signature-2")


def test_a_key_that_answers_wrongly_is_caught_before_its_signature_is_kept(pki, signer, plain_pdf):
    from signing.states import MemoryJournal

    officer, agency = pki.key("officer"), pki.key("agency")

    class Liar(SigningKey):
        def public_key(self):
            return None  # a place that does not tell

    journal = MemoryJournal()
    key = Liar(agency.key, officer.certificate, officer.chain)
    with pytest.raises(WrongSignatureError):
        PdfSigner(key, (), signer.material, "B-B", signer.font).sign(plain_pdf, make_request(), journal=journal)
    assert not any(step.startswith("signed") for step in journal.records)
