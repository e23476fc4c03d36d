"""What must not verify, beyond plain changes of bytes: wrapping, shadows, permissions, wrong keys, foreign tokens."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import signers
from pyhanko.sign.fields import MDPPerm, SigFieldSpec
from signing_samples import codes, make_pdf, make_request
from test_signing_attacks import annotation_added, page_overlay

from signing.devpki import DevelopmentPki
from signing.factory import SigningOptions, build_signer
from signing.keys import DevelopmentKey, SigningKey, build_cms_signer
from signing.timestamps import LocalAuthority, build_timestamper
from signing.trust import Trust, load
from signing.tsa import TimestampAuthority
from signing.validation import validate
from signing.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from signing.devpki import LocalKey


def _sign(pdf: bytes, key: Any, **metadata: Any) -> bytes:
    """By pyHanko alone: it signs what our signer refuses."""
    options = {"field_name": "Sig", "md_algorithm": "sha256"} | metadata
    spec = SigFieldSpec(str(options["field_name"]))
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    timestamper = options.pop("timestamper", None)
    meta = signers.PdfSignatureMetadata(signer_key_usage=set(), **options)
    made = signers.sign_pdf(writer, meta, signer=key, timestamper=timestamper, new_field_spec=spec)
    return bytes(made.getvalue())


def _cms(key: LocalKey, certificate: Any = None) -> Any:
    return build_cms_signer(SigningKey(key.key, certificate or key.certificate, key.chain))


def _increment(data: bytes, change: Callable[[Any], None]) -> bytes:
    writer = IncrementalPdfFileWriter(BytesIO(data))
    change(writer)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


# the file


def test_signature_wrapping(signed_early, judge):
    """SIWA: the signed bytes are all there, moved apart; an unsigned table in the gap shows another page."""
    data = signed_early.data
    match = re.search(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]", data)
    assert match
    _, first, second, length = (int(n) for n in match.groups())
    table = int(data[data.rindex(b"startxref") :].split()[1])
    number = int(data[: match.start()].rsplit(b" obj", 1)[0].rsplit(b"\n", 1)[1].split()[0])
    page = re.search(rb"(\d+) 0 obj\s*<<[^>]*>>\s*stream\n0.2 g", data)
    assert page
    contents = data[first:second]
    gap = contents + b">>\nendobj\n"
    gap += b" " * (table - first - len(gap))
    assert first + len(gap) == table  # where the file's own last line says that the table is
    trailer = re.sub(rb"/Prev \d+", b"/Prev @@@@@@@@", data[data.rindex(b"trailer") : data.rindex(b"startxref")])
    shown = page[1] + b" 0 obj\n<< /Length 27 >>\nstream\n1 0 0 rg 0 0 500 500 re f  \nendstream\nendobj\n"
    row = b"%d 1\n%010d 00000 n \n"
    objects = table + len(b"xref\n" + row % (int(page[1]), 0) + row % (number, 0) + trailer)
    rows = sorted([(int(page[1]), objects), (number, objects + len(shown))])
    gap += b"xref\n" + b"".join(row % entry for entry in rows) + trailer + shown
    gap += b"%d 0 obj\n<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /ByteRange [0 " % number
    gap += b"%d @@@@@@@@ %d]/Contents %s >>\nendobj\n" % (first, length, contents)
    moved = first + len(gap)
    gap = gap.replace(b"@@@@@@@@ %d]" % length, b"%08d %d]" % (moved, length))
    gap = gap.replace(b"@@@@@@@@", b"%08d" % (table - second + moved))
    wrapped = data[:first] + gap + data[second : second + length]
    assert wrapped[:first] + wrapped[moved:] == data[:first] + data[second:]
    verdict = judge(wrapped)
    assert verdict.outcome != Outcome.VALID
    assert "coverage_unclear" in codes(verdict)


def test_trailing_bytes_leave_the_verdict_open(signed, judge):
    """Nobody signed them; within this house the ledger says that the file was extended."""
    verdict = judge(signed.data + b"\n% junk" * 20)
    assert verdict.outcome == Outcome.INDETERMINATE
    assert [r.code for r in verdict.reasons] == ["trailing_data"]
    assert judge(signed.data + b"\n\0\0 \r\n").outcome == Outcome.VALID


def test_second_file_behind_the_first_is_not_valid(signed, judge):
    """A reader that looks for the last table shows the second; nothing in it is signed."""
    assert judge(signed.data + make_pdf(1)).outcome != Outcome.VALID


# increments


def _picture(pixel: bytes) -> generic.StreamObject:
    names = {"/Type": "/XObject", "/Subtype": "/Image", "/ColorSpace": "/DeviceRGB"}
    entries = {pdf_name(k): pdf_name(v) for k, v in names.items()}
    entries |= {pdf_name(k): generic.NumberObject(n) for k, n in (("/Width", 1), ("/Height", 1))}
    entries[pdf_name("/BitsPerComponent")] = generic.NumberObject(8)
    return generic.StreamObject(dict_data=entries, stream_data=pixel)


def _with_picture() -> bytes:
    def add(writer):
        picture = writer.add_object(_picture(b"\xff\xff\xff"))
        page = writer.find_page_for_modification(0)[0].get_object()
        page["/Resources"] = generic.DictionaryObject(
            {pdf_name("/XObject"): generic.DictionaryObject({pdf_name("/Im0"): picture})}
        )
        show = writer.add_object(generic.StreamObject(stream_data=b"q 500 0 0 700 40 40 cm /Im0 Do Q"))
        page["/Contents"] = show
        writer.update_container(page)

    return _increment(make_pdf(1), add)


def test_image_replaced(signer, judge):
    signed = signer.sign(_with_picture(), make_request())

    def change(writer):
        page = writer.find_page_for_modification(0)[0].get_object()
        reference = page["/Resources"]["/XObject"].raw_get("/Im0")
        writer.objects[(reference.generation, reference.idnum)] = _picture(b"\0\0\0")

    verdict = judge(_increment(signed.data, change))
    assert verdict.outcome == Outcome.INVALID
    assert {"intact", "content_changed_after_signing"} <= codes(verdict)


def test_attachment_replaced(signed, judge):
    def change(writer):
        entry = writer.root["/Names"]["/EmbeddedFiles"]["/Names"][1]
        stream = entry["/EF"].raw_get("/F")
        old = stream.get_object()
        writer.objects[(stream.generation, stream.idnum)] = generic.StreamObject(
            dict_data={k: old.raw_get(k) for k in old if k not in {"/Length", "/Filter"}}, stream_data=b'{"a": 2}'
        )

    changed = _increment(signed.data, change)
    verdict = judge(changed)
    assert verdict.outcome == Outcome.INVALID
    assert {"intact", "attachment_changed_after_signing"} <= codes(verdict)


def _with_field() -> bytes:
    """A text field that shows 100."""

    def add(writer):
        rectangle = generic.ArrayObject(generic.NumberObject(n) for n in (100, 500, 300, 530))
        field = generic.DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/Annot"),
                pdf_name("/Subtype"): pdf_name("/Widget"),
                pdf_name("/FT"): pdf_name("/Tx"),
                pdf_name("/T"): generic.TextStringObject("amount"),
                pdf_name("/V"): generic.TextStringObject("100"),
                pdf_name("/Rect"): rectangle,
                pdf_name("/AP"): generic.DictionaryObject({pdf_name("/N"): writer.add_object(_appearance("100"))}),
            }
        )
        reference = writer.add_object(field)
        writer.root["/AcroForm"] = generic.DictionaryObject({pdf_name("/Fields"): generic.ArrayObject([reference])})
        writer.update_root()
        page = writer.find_page_for_modification(0)[0].get_object()
        page["/Annots"] = generic.ArrayObject([reference])
        writer.update_container(page)

    return _increment(make_pdf(1), add)


def _appearance(text: str) -> generic.StreamObject:
    entries = {pdf_name("/Type"): pdf_name("/XObject"), pdf_name("/Subtype"): pdf_name("/Form")}
    entries[pdf_name("/BBox")] = generic.ArrayObject(generic.NumberObject(n) for n in (0, 0, 200, 30))
    return generic.StreamObject(dict_data=entries, stream_data=b"BT /F1 12 Tf (%s) Tj ET" % text.encode())


def _shadow_replace(writer):
    field = writer.root["/AcroForm"]["/Fields"][0]
    field["/V"] = generic.TextStringObject("9999")
    field["/AP"] = generic.DictionaryObject({pdf_name("/N"): writer.add_object(_appearance("9999"))})
    writer.update_container(field)


def test_form_field_shadow_replace(signer, judge):
    """With pyHanko's usual policy this is form filling, and valid."""
    signed = signer.sign(_with_field(), make_request())
    assert judge(signed.data).outcome == Outcome.VALID
    verdict = judge(_increment(signed.data, _shadow_replace))
    assert verdict.outcome != Outcome.VALID
    assert "changed_after_signing" in codes(verdict)


@pytest.mark.parametrize("permission", [MDPPerm.NO_CHANGES, MDPPerm.FILL_FORMS], ids=["p1", "p2"])
@pytest.mark.parametrize("change", [page_overlay, annotation_added, _shadow_replace])
def test_changes_after_certification(pki, judge, permission, change):
    certified = _sign(_with_field(), _cms(pki.key("officer")), certify=True, docmdp_permissions=permission)
    assert "intact" in codes(judge(certified))
    verdict = judge(_increment(certified, change))
    assert verdict.outcome != Outcome.VALID
    assert codes(verdict) & {
        "content_changed_after_signing",
        "annotation_changed_after_signing",
        "changed_after_signing",
        "certification_violated",
    }


def test_second_signature_after_no_changes_were_allowed(pki, seal, judge):
    certified = _sign(make_pdf(), _cms(pki.key("officer")), certify=True, docmdp_permissions=MDPPerm.NO_CHANGES)
    try:
        twice = seal.sign(certified, make_request()).data
    except Exception as error:  # the signer may refuse: then nothing came into being
        assert "certif" in str(error).lower() or "permi" in str(error).lower()  # noqa: PT017 - either way is right
        return
    assert judge(twice).outcome != Outcome.VALID


# keys and certificates


def test_signature_by_a_timestamp_key_is_not_valid(pki, plain_pdf, judge):
    """Its certificate is for timestamps only (wrong extended key usage)."""
    stamps = build_timestamper(LocalAuthority(TimestampAuthority(pki.key("tsa"))))
    data = _sign(plain_pdf, _cms(pki.key("tsa")), timestamper=stamps)
    verdict = judge(data)
    assert verdict.outcome == Outcome.INDETERMINATE
    assert {"intact", "key_usage_wrong"} <= codes(verdict)


def test_signature_by_an_authority_key_is_not_valid(pki, plain_pdf, judge):
    """A CA's key may sign certificates and lists, no papers (wrong key usage)."""
    from cryptography.hazmat.primitives import serialization

    secret = serialization.load_pem_private_key((pki.folder / "issuing.key").read_bytes(), None)
    root, issuing = pki.certificates()
    verdict = judge(_sign(plain_pdf, build_cms_signer(SigningKey(secret, issuing, (root,)))))
    assert verdict.outcome != Outcome.VALID
    assert "key_usage_wrong" in codes(verdict)


def test_key_that_does_not_match_its_certificate(pki, plain_pdf, judge):
    officer, agency = pki.key("officer"), pki.key("agency")
    verdict = judge(_sign(plain_pdf, _cms(officer, agency.certificate)))
    assert verdict.outcome == Outcome.INVALID
    assert "signature_value_wrong" in codes(verdict)


# timestamps and validation data


def test_token_of_another_digest_is_not_valid(pki, plain_pdf, judge):
    """PyHanko embeds what it is given; the verdict must not."""
    from pyhanko.sign.timestamps import TimeStamper

    good = build_timestamper(LocalAuthority(TimestampAuthority(pki.key("tsa"))))

    class Lying(TimeStamper):
        async def async_timestamp(self, message_digest, md_algorithm):
            return await good.async_timestamp(bytes(len(message_digest)), md_algorithm)

    verdict = judge(_sign(plain_pdf, _cms(pki.key("officer")), timestamper=Lying()))
    assert verdict.outcome != Outcome.VALID
    assert "timestamp_wrong" in codes(verdict)
    assert verdict.signatures[0].timestamp_at is None
    assert verdict.signatures[0].level in {"", "B-B"}


def test_token_of_an_untrusted_authority_proves_no_time(pki, plain_pdf, judge, tmp_path):
    stranger = DevelopmentPki.ensure(tmp_path / "stranger").key("tsa")
    stamps = build_timestamper(LocalAuthority(TimestampAuthority(stranger)))
    verdict = judge(_sign(plain_pdf, _cms(pki.key("officer")), timestamper=stamps))
    assert verdict.outcome == Outcome.INDETERMINATE
    assert "timestamp_untrusted" in codes(verdict)


def test_lt_without_data_is_no_lt(pki, plain_pdf, judge):
    """The store of certificates and lists is there in name only."""
    made = build_signer(SigningOptions(pki=pki.folder, level="B-LT")).sign(plain_pdf, make_request()).data

    def empty(writer):
        store = writer.root["/DSS"]
        for key in ("/CRLs", "/OCSPs"):
            if key in store:
                store[key] = generic.ArrayObject()
        writer.update_container(store)

    verdict = judge(_increment(made, empty))
    assert verdict.signatures[0].level == "B-T"
    future = datetime.now(UTC) + timedelta(days=200)
    bare = load(Trust(development=pki.folder))
    later = validate(_increment(made, empty), bare, future)
    assert later.outcome != Outcome.VALID
    assert "revocation_unknown" in codes(later)


def test_two_signers_hold_offline_after_their_ocsp_answers_have_ended(tmp_path, plain_pdf):
    """Officer and seal, both B-LTA, judged in 2036: certificates, lists and answers of 2026 have long ended."""
    folder = tmp_path / "pki"
    with time_machine.travel(datetime(2026, 6, 1, tzinfo=UTC), tick=True):
        officer = build_signer(SigningOptions(pki=folder))
        seal = build_signer(SigningOptions(pki=folder, key=DevelopmentKey("agency")))
        data = seal.sign(officer.sign(plain_pdf, make_request()).data, make_request(reason="Phát hành")).data
    store = PdfFileReader(BytesIO(data)).root["/DSS"]
    assert len(store["/OCSPs"]) >= 2
    later = datetime(2036, 5, 1, tzinfo=UTC)
    with time_machine.travel(later, tick=False):
        DevelopmentPki.ensure(folder)
        verdict = validate(data, load(Trust(development=folder)), later)
    assert verdict.outcome == Outcome.VALID
    assert [s.level for s in verdict.signatures if s.kind == "signature"] == ["B-LTA", "B-LTA"]
    assert "certificate_expired_now" in codes(verdict)


def test_ocsp_down_holds_the_job(pki, plain_pdf, signer, material):
    """The only word on the certificates would be a responder's, and it is refused, hangs or talks nonsense."""
    from signing.errors import RevocationUnavailableError
    from signing.fetching import Fetched
    from signing.signer import PdfSigner
    from signing.trust import TrustMaterial

    class Down:
        async def answer(self, certificate, issuer, now):
            return Fetched(fault="connection refused")

        async def crl(self, certificate, issuer, now):
            return Fetched(fault="connection refused")

    bare = TrustMaterial(material.roots, material.intermediates, (), None, fetch=False)
    for level in ("B-LT", "B-LTA"):
        held = PdfSigner(signer.key, signer.sources, lambda _now: bare, level, signer.font, revocation=(Down(),))
        with pytest.raises(RevocationUnavailableError) as caught:
            held.sign(plain_pdf, make_request())
        assert caught.value.retryable
