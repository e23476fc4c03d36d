"""A hash goes out, a signature comes back in another process: raw or as CMS, right or wrong, early, late or twice."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from key_samples import PrivateKey, issue, make_key, openssl_agrees
from signing_samples import make_pdf, make_request

from signing.errors import (
    CertificateExpiredError,
    OtherDocumentError,
    OtherKeyError,
    PdfNotSignableError,
    SelfCheckError,
    SessionExpiredError,
    SessionFinishedError,
    SessionUnreadableError,
    SignatureAwaitedError,
    TimestampUnavailableError,
    WrongSignatureError,
)
from signing.factory import SigningOptions, build_signer
from signing.interrupted import PreparedSignature, finish, prepare, sign_batch
from signing.keys import AwaitedKey, DevelopmentKey, SigningKey, load_key
from signing.running import run_to_end
from signing.sequence import SigningJob
from signing.states import HashSent, MemoryJournal, SigningStateError
from signing.verdict import Outcome


@dataclass
class Phone:
    """A key that is nowhere near: it sees hashes and gives signatures back."""

    key: PrivateKey
    certificate_file: Path
    chain_file: Path

    def options(self, pki, **changes) -> SigningOptions:
        return SigningOptions(pki=pki.folder, key=AwaitedKey(self.certificate_file, self.chain_file), **changes)

    def signs(self, digest: bytes) -> bytes:
        how = Prehashed(hashes.SHA256())
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(digest, PKCS1v15(), how)
        return self.key.sign(digest, ec.ECDSA(how))

    def container(self, document_digest: bytes, *, cades: bool = True) -> bytes:
        """A whole CMS object, as a service makes it that is given the document's hash."""
        certificate = load_key(AwaitedKey(self.certificate_file), Path()).certificate
        signer = SigningKey(self.key, certificate, ()).cms_signer()
        return run_to_end(signer.async_sign(document_digest, "sha256", use_pades=cades)).dump()


@pytest.fixture(scope="module")
def phone(pki, tmp_path_factory):
    folder = tmp_path_factory.mktemp("phone")

    def run(kind: str, **changes) -> Phone:
        key = make_key(kind)
        path = folder / f"{len(list(folder.iterdir()))}.pem"
        path.write_bytes(issue(pki, key, f"Điện thoại {kind.upper()}", **changes).public_bytes(Encoding.PEM))
        return Phone(key, path, pki.folder / "issuing.crt")

    return run


@pytest.fixture(scope="module")
def rsa_phone(phone):
    return phone("rsa")


@pytest.fixture(scope="module")
def ec_phone(phone):
    return phone("ec")


@pytest.fixture(scope="module")
def waiting(ec_phone, pki):
    """A signer that waits for the elliptic phone, at a level that takes no time."""
    return build_signer(ec_phone.options(pki, level="B-T"))


@pytest.fixture(scope="module")
def prepared(waiting, plain_pdf):
    return prepare(waiting, plain_pdf, make_request())


def _worker(half: str, folder: Path, *arguments: Path) -> subprocess.Popen[str]:
    here = Path(__file__).resolve().parent
    command = [sys.executable, str(here / "interrupted_worker.py"), half, str(folder), *map(str, arguments)]
    environment = os.environ | {"PYTHONPATH": str(here.parents[1])}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


@pytest.mark.parametrize("kind", ["rsa", "ec"])
def test_two_processes_and_a_crash_between_hash_and_finish(phone, pki, plain_pdf, judge, tmp_path, kind):  # noqa: PLR0917 - fixtures
    """The first process is killed when the hash is out; the second knows nothing but the kept files."""
    (tmp_path / "in.pdf").write_bytes(plain_pdf)
    signs = phone(kind)
    with _worker("prepare", tmp_path, pki.folder, signs.certificate_file) as first:
        digest = bytes.fromhex(first.stdout.readline())
        first.kill()
    (tmp_path / "signature").write_bytes(signs.signs(digest))
    with _worker("finish", tmp_path, pki.folder, signs.certificate_file) as second:
        assert second.wait(60) == 0
    data = (tmp_path / "signed.pdf").read_bytes()
    verdict = judge(data)
    assert verdict.outcome == Outcome.VALID
    assert (verdict.signatures[0].level, verdict.signatures[0].signer) == ("B-LTA", f"Điện thoại {kind.upper()}")
    assert data.startswith(plain_pdf)
    assert openssl_agrees(data, pki.root_file, tmp_path)


@pytest.mark.parametrize("kind", ["rsa", "ec"])
@pytest.mark.parametrize("form", ["raw", "cms"])
def test_both_forms_come_to_the_archive_level(phone, pki, plain_pdf, judge, tmp_path, kind, form):  # noqa: PLR0917 - fixtures
    signs = phone(kind)
    signer = build_signer(signs.options(pki))
    out = prepare(signer, plain_pdf, make_request())
    back = signs.signs(out.digest) if form == "raw" else signs.container(out.document_digest)
    made = finish(signer, out, back)
    assert (made.level, made.signer) == ("B-LTA", f"Điện thoại {kind.upper()}")
    assert judge(made.data).outcome == Outcome.VALID
    assert openssl_agrees(made.data, pki.root_file, tmp_path)


def _as_der(value, _key):
    return value


def _as_base64(value, _key):
    return base64.encodebytes(value)


def _as_pem(value, _key):
    return b"-----BEGIN SIGNATURE-----\n" + base64.encodebytes(value) + b"-----END SIGNATURE-----\n"


def _side_by_side(value, _key):
    return b"".join(number.to_bytes(32) for number in decode_dss_signature(value))


@pytest.mark.parametrize("form", [_as_der, _as_base64, _as_pem, _side_by_side])
def test_forms_in_which_services_answer(waiting, prepared, ec_phone, form):
    value = ec_phone.signs(prepared.digest)
    assert finish(waiting, prepared, form(value, ec_phone.key)).level == "B-T"


def test_session_is_small_plain_json_without_secrets(prepared, plain_pdf):
    session = json.loads(prepared.session)
    assert (session["format"], session["version"]) == ("hoso-signing-session", 1)
    assert len(prepared.session) < 4000
    assert prepared.pdf.startswith(plain_pdf)
    assert PreparedSignature(prepared.pdf, json.dumps(session)).digest == prepared.digest
    assert prepared.id not in {"", prepared.digest.hex()}


def test_signature_for_another_document(rsa_phone, pki, plain_pdf):
    """Replayed, or two answers mixed up: an RSA signature tells that it is the right key's over another hash."""
    signer = build_signer(rsa_phone.options(pki, level="B-T"))
    one, two = (prepare(signer, pdf, make_request()) for pdf in (plain_pdf, make_pdf(1)))
    with pytest.raises(OtherDocumentError):
        finish(signer, two, rsa_phone.signs(one.digest))
    with pytest.raises(OtherDocumentError):
        finish(signer, two, rsa_phone.container(one.document_digest))


def test_replayed_signature_of_an_earlier_session(waiting, prepared, ec_phone, plain_pdf):
    """The same document prepared again is another hash: room, time and attributes are its own."""
    used = ec_phone.signs(prepared.digest)
    finish(waiting, prepared, used)
    again = prepare(waiting, plain_pdf, make_request(signed_at=datetime.now(UTC) - timedelta(hours=1)))
    with pytest.raises(WrongSignatureError):
        finish(waiting, again, used)


def test_container_for_another_document(waiting, prepared, ec_phone):
    with pytest.raises(OtherDocumentError, match="another document"):
        finish(waiting, prepared, ec_phone.container(bytes(32)))


def test_signature_by_another_key(waiting, prepared, phone, rsa_phone):
    with pytest.raises(WrongSignatureError):
        finish(waiting, prepared, phone("ec").signs(prepared.digest))
    with pytest.raises(WrongSignatureError):
        finish(waiting, prepared, rsa_phone.signs(prepared.digest))
    with pytest.raises(OtherKeyError):
        finish(waiting, prepared, rsa_phone.container(prepared.document_digest))


def test_document_prepared_for_another_certificate(prepared, rsa_phone, pki):
    with pytest.raises(OtherKeyError, match="prepared for another certificate"):
        finish(build_signer(rsa_phone.options(pki, level="B-T")), prepared, rsa_phone.signs(prepared.digest))


def test_container_with_a_changed_signature(waiting, prepared, ec_phone):
    from asn1crypto import cms

    loaded = cms.ContentInfo.load(ec_phone.container(prepared.document_digest))
    info = loaded["content"]["signer_infos"][0]
    info["signature"] = ec_phone.signs(bytes(32))
    with pytest.raises(WrongSignatureError, match="is wrong"):
        finish(waiting, prepared, loaded.dump(force=True))


def test_container_that_names_no_certificate_is_no_pades(waiting, prepared, ec_phone):
    with pytest.raises(WrongSignatureError, match="not a CAdES signature"):
        finish(waiting, prepared, _without_certificate_name(ec_phone, prepared.document_digest))


def _without_certificate_name(signs, digest):
    from asn1crypto import cms

    loaded = cms.ContentInfo.load(signs.container(digest))
    info = loaded["content"]["signer_infos"][0]
    kept = [a for a in info["signed_attrs"] if a["type"].native != "signing_certificate_v2"]
    attributes = cms.CMSAttributes(kept)
    info["signed_attrs"] = attributes
    info["signature"] = signs.key.sign(attributes.dump(force=True), ec.ECDSA(hashes.SHA256()))
    return loaded.dump(force=True)


@pytest.mark.parametrize("junk", [b"", b"junk", bytes(64), bytes(256), b"\x30\x80" + bytes(40), bytes(2_000_000)])
def test_junk_is_a_typed_error(waiting, prepared, junk):
    with pytest.raises(WrongSignatureError):
        finish(waiting, prepared, junk)


def test_broken_container_is_a_typed_error(waiting, prepared, ec_phone):
    whole = ec_phone.container(prepared.document_digest)
    for broken in (whole[:200], whole[:30], whole[:60] + bytes(40) + whole[100:]):
        with pytest.raises(WrongSignatureError):
            finish(waiting, prepared, broken)


def test_container_larger_than_its_room(waiting, ec_phone):
    from asn1crypto import cms

    filler = cms.CMSAttribute({"type": "1.2.3.4", "values": [cms.OctetString(bytes(60_000))]})
    b_b = replace(waiting, level="B-B")
    out = prepare(b_b, make_pdf(1), make_request())
    loaded = cms.ContentInfo.load(ec_phone.container(out.document_digest))
    loaded["content"]["signer_infos"][0]["unsigned_attrs"] = cms.CMSAttributes([filler])
    with pytest.raises(PdfNotSignableError, match="kept free"):
        finish(b_b, out, loaded.dump(force=True))


def test_expired_session(waiting, prepared, ec_phone):
    value = ec_phone.signs(prepared.digest)
    late = replace(waiting, clock=lambda: datetime.now(UTC) + timedelta(hours=25))
    with pytest.raises(SessionExpiredError):
        finish(late, prepared, value)


def test_signature_that_came_in_time_is_finished_later(waiting, prepared, ec_phone):
    """The authority was out of reach when the signature came: it is kept, and the person is not asked again."""
    journal = MemoryJournal()
    down = replace(waiting, sources=())
    with pytest.raises(TimestampUnavailableError) as caught:
        finish(down, prepared, ec_phone.signs(prepared.digest), journal=journal)
    assert caught.value.retryable
    assert finish(waiting, prepared, None, journal=journal).level == "B-T"


def test_finished_twice(waiting, prepared, ec_phone):
    """The service calls back a second time, or a clerk does: told so, and the file can be had again as it was."""
    journal = MemoryJournal()
    first = finish(waiting, prepared, ec_phone.signs(prepared.digest), journal=journal)
    kept = dict(journal.records)
    with pytest.raises(SessionFinishedError):
        finish(waiting, prepared, ec_phone.signs(prepared.digest), journal=journal)
    assert finish(waiting, prepared, None, journal=journal).data == first.data
    assert journal.records == kept


def test_duplicate_delivery_before_the_end(waiting, prepared, ec_phone):
    """Two different signatures of the same hash, the second while the first still waits for its timestamp."""
    journal = MemoryJournal()
    down = replace(waiting, sources=())
    kept = []
    for _ in range(2):
        with pytest.raises(TimestampUnavailableError):
            finish(down, prepared, ec_phone.signs(prepared.digest), journal=journal)
        kept.append(journal.records["signed:0"])
    assert kept[0] == kept[1]


def test_hash_of_a_job_under_way(ec_phone, pki, plain_pdf, judge):
    """An ordinary job whose key is a phone: held with its hash out, a CMS object is handed in, and it goes on."""
    signer = build_signer(ec_phone.options(pki))
    journal = MemoryJournal()
    with pytest.raises(SignatureAwaitedError):
        signer.sign(plain_pdf, make_request(), journal=journal)
    job = SigningJob(signer, plain_pdf, (make_request(),), journal, lambda _state, _index: None)
    (out,) = (HashSent.decoded(r) for step, r in journal.records.items() if step.startswith("hash_sent:"))
    with pytest.raises(WrongSignatureError):
        job.hand_in(ec_phone.signs(bytes(32)))
    job.hand_in(ec_phone.container(out.placeholder.digest))
    with pytest.raises(SessionFinishedError):
        job.hand_in(ec_phone.container(out.placeholder.digest))
    assert judge(signer.sign(plain_pdf, make_request(), journal=journal).data).outcome == Outcome.VALID
    with pytest.raises(SigningStateError):
        SigningJob(signer, plain_pdf, (make_request(),), MemoryJournal(), lambda _state, _index: None).hand_in(b"")


def test_nothing_came(waiting, prepared):
    with pytest.raises(SignatureAwaitedError) as caught:
        finish(waiting, prepared, None)
    assert caught.value.retryable


def test_awaited_key_never_signs_by_itself(waiting, plain_pdf):
    with pytest.raises(SignatureAwaitedError):
        waiting.sign(plain_pdf, make_request())


def _other_version(session):
    return session | {"version": 2}


def _other_format(session):
    return session | {"format": "something"}


def _lost_field(session):
    return {key: value for key, value in session.items() if key != "room"}


def _wrong_time(session):
    return session | {"request": session["request"] | {"signed_at": "soon"}}


def _other_file(session):
    return session | {"sha256": "00" * 32}


@pytest.mark.parametrize("damage", [_other_version, _other_format, _lost_field, _wrong_time, _other_file])
def test_damaged_session_is_a_typed_error(waiting, prepared, ec_phone, damage):
    session = json.dumps(damage(json.loads(prepared.session)))
    with pytest.raises(SessionUnreadableError):
        finish(waiting, PreparedSignature(prepared.pdf, session), ec_phone.signs(prepared.digest))


@pytest.mark.parametrize("session", ["", "[]", "{}", "no json"])
def test_no_session_at_all(waiting, prepared, session):
    with pytest.raises(SessionUnreadableError):
        finish(waiting, PreparedSignature(prepared.pdf, session), b"")


def test_prepared_pdf_that_was_changed(waiting, prepared, ec_phone):
    changed = replace(prepared, pdf=prepared.pdf.replace(b"re f", b"rE f", 1))
    with pytest.raises(SessionUnreadableError, match="not the one"):
        finish(waiting, changed, ec_phone.signs(prepared.digest))


def test_attributes_that_were_exchanged_never_leave(waiting, prepared, ec_phone):
    """Whoever can write the session could have another hash signed; the finished file would not verify."""
    from asn1crypto import cms

    session = json.loads(prepared.session)
    other = ec_phone.container(bytes(32))
    attributes = cms.ContentInfo.load(other)["content"]["signer_infos"][0]["signed_attrs"].untag().dump()
    forged = PreparedSignature(prepared.pdf, json.dumps(session | {"attributes": attributes.hex()}))
    with pytest.raises(SelfCheckError):
        finish(waiting, forged, ec_phone.signs(forged.digest))


def test_level_is_not_changed_in_between(waiting, prepared, ec_phone):
    with pytest.raises(SessionUnreadableError, match="B-T"):
        finish(replace(waiting, level="B-B"), prepared, ec_phone.signs(prepared.digest))


def test_certificate_is_checked_before_a_person_is_asked(phone, pki, plain_pdf, waiting):
    ended = phone("ec", begins=timedelta(days=-9), ends=timedelta(days=-1))
    key = load_key(AwaitedKey(ended.certificate_file), pki.folder)
    with pytest.raises(CertificateExpiredError):
        prepare(replace(waiting, key=key), plain_pdf, make_request())


def test_facts_of_an_awaited_key(waiting):
    facts = waiting.key.facts()
    assert (facts.kind, facts.algorithm) == ("awaited", "EC-secp256r1")
    waiting.key.probe()
    assert waiting.key.reopen().certificate == waiting.key.certificate


def test_batch_of_a_further_signer(pki, signer):
    quick = replace(signer, level="B-T", keys={"agency": lambda: load_key(DevelopmentKey("agency"), pki.folder)})
    (made,) = sign_batch(quick, [(make_pdf(1), make_request(role="agency"))])
    assert made.signer.startswith("Con dấu cơ quan")
    assert sign_batch(quick, []) == []


def test_batch_has_a_result_for_each(pki, signer):
    quick = replace(signer, level="B-T")
    results = sign_batch(
        quick, [(make_pdf(1), make_request()), (b"no pdf", make_request()), (make_pdf(2), make_request())]
    )
    assert [getattr(r, "level", type(r).__name__) for r in results] == ["B-T", "PdfNotSignableError", "B-T"]
