"""Known ways to change a signed file. None may come out as valid, and proof of harm comes out as invalid."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from signing_samples import codes, make_pdf, make_request

from signing.factory import SigningOptions, build_signer
from signing.verdict import Outcome

_RANGE = re.compile(rb"/ByteRange\s*\[([^\]]*)\]")


def _first_range(data: bytes) -> tuple[re.Match[bytes], list[int]]:
    match = _RANGE.search(data)
    assert match
    return match, [int(n) for n in match[1].split()]


def _with_range(data: bytes, numbers: list[int]) -> bytes:
    match, _ = _first_range(data)
    text = b" ".join(b"%d" % n for n in numbers)
    room = match.end(1) - match.start(1)
    assert len(text) <= room
    return data[: match.start(1)] + text.ljust(room) + data[match.end(1) :]


def _flip(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def _contents(data: bytes) -> tuple[int, int]:
    _, (_, length, start, _) = _first_range(data)
    return length + 1, start - 1


def byte_flipped(data: bytes) -> bytes:
    return _flip(data, data.index(b"re f") + 1)


def contents_zeroed(data: bytes) -> bytes:
    start, end = _contents(data)
    return data[:start] + b"0" * (end - start) + data[end:]


def signature_value_changed(data: bytes) -> bytes:
    """The last byte of the first CMS object's own signature value."""
    from asn1crypto import cms

    start, end = _contents(data)
    raw = bytes.fromhex(data[start:end].decode())
    info = cms.ContentInfo.load(raw)
    value = info["content"]["signer_infos"][0]["signature"].native
    changed = raw.replace(value, _flip(value, len(value) - 1))
    return data[:start] + changed.hex().encode() + data[end:]


def range_narrowed(data: bytes) -> bytes:
    _, numbers = _first_range(data)
    return _with_range(data, [numbers[0], numbers[1], numbers[2], numbers[3] - 200])


def range_starts_late(data: bytes) -> bytes:
    _, numbers = _first_range(data)
    return _with_range(data, [9, numbers[1] - 9, numbers[2], numbers[3]])


def range_overlapping(data: bytes) -> bytes:
    _, numbers = _first_range(data)
    return _with_range(data, [0, numbers[1], numbers[1] - 100, numbers[3]])


def range_out_of_file(data: bytes) -> bytes:
    _, numbers = _first_range(data)
    return _with_range(data, [0, numbers[1], 99_999, numbers[3]])


def range_negative(data: bytes) -> bytes:
    _, numbers = _first_range(data)
    return _with_range(data, [0, numbers[1], numbers[2], -5])


def range_removed(data: bytes) -> bytes:
    return data.replace(b"/ByteRange", b"/BiteRange")


def truncated(data: bytes) -> bytes:
    return data[: len(data) * 2 // 3]


def half_gone(data: bytes) -> bytes:
    return data[: len(data) // 2] + data[len(data) // 2 + 100 :]


@pytest.mark.parametrize(
    "attack",
    [
        byte_flipped,
        contents_zeroed,
        signature_value_changed,
        range_narrowed,
        range_starts_late,
        range_overlapping,
        range_out_of_file,
        range_negative,
        range_removed,
        truncated,
        half_gone,
    ],
)
def test_bytes_changed(attack, signed, judge):
    changed = attack(signed.data)
    assert changed != signed.data
    assert judge(changed).outcome != Outcome.VALID


@pytest.mark.parametrize("attack", [byte_flipped, range_narrowed, range_starts_late, range_overlapping])
def test_other_bytes_than_the_signed_ones_are_invalid(attack, signed, judge):
    verdict = judge(attack(signed.data))
    assert verdict.outcome == Outcome.INVALID
    assert "content_altered" in codes(verdict)


def test_changed_signature_value_is_named(signed_early, judge):
    verdict = judge(signature_value_changed(signed_early.data))
    assert verdict.outcome == Outcome.INVALID
    assert "signature_value_wrong" in codes(verdict)


def _increment(data: bytes, change) -> bytes:
    writer = IncrementalPdfFileWriter(BytesIO(data))
    change(writer)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _page(writer, number: int = 0):
    return writer.find_page_for_modification(number)[0].get_object()


def page_overlay(writer):
    writer.add_stream_to_page(0, writer.add_object(generic.StreamObject(stream_data=b"1 0 0 rg 0 0 300 300 re f")))


def content_replaced(writer):
    page = _page(writer)
    page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=b"0 0 1 rg 10 10 90 90 re f"))
    writer.update_container(page)


def page_turned(writer):
    page = _page(writer)
    page["/Rotate"] = generic.NumberObject(180)
    writer.update_container(page)


def annotation_added(writer):
    rectangle = generic.ArrayObject(generic.NumberObject(n) for n in (100, 100, 300, 200))
    note = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Annot"),
            pdf_name("/Subtype"): pdf_name("/Square"),
            pdf_name("/Rect"): rectangle,
            pdf_name("/IC"): generic.ArrayObject([generic.NumberObject(1)] * 3),
        }
    )
    writer.register_annotation(writer.find_page_for_modification(0)[0], writer.add_object(note))


def page_added(writer):
    from pyhanko.pdf_utils.writer import PageObject

    stream = writer.add_object(generic.StreamObject(stream_data=b"0 0 50 50 re f"))
    writer.insert_page(PageObject(contents=stream, media_box=(0, 0, 595, 842)))


def page_removed(writer):
    pages = writer.root["/Pages"]
    del pages["/Kids"][-1]
    pages["/Count"] = generic.NumberObject(int(pages["/Count"]) - 1)
    writer.update_container(pages)


def attachment_added(writer):
    from pyhanko.pdf_utils import embed

    stream = embed.EmbeddedFileObject.from_file_data(writer, data=b"{}", mime_type="application/json")
    embed.embed_file(writer, embed.FileSpec("more.json", embedded_data=stream))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (page_overlay, "content_changed_after_signing"),
        (content_replaced, "content_changed_after_signing"),
        (page_turned, "content_changed_after_signing"),
        (page_added, "content_changed_after_signing"),
        (page_removed, "content_changed_after_signing"),
        (annotation_added, "annotation_changed_after_signing"),
        (attachment_added, "attachment_changed_after_signing"),
    ],
)
def test_increment_after_signing_is_proof_of_harm(change, code, signed, judge):
    changed = _increment(signed.data, change)
    assert changed.startswith(signed.data)
    verdict = judge(changed)
    assert verdict.outcome == Outcome.INVALID
    assert code in codes(verdict)
    assert "intact" in codes(verdict)  # the signed bytes themselves were not touched


def test_increment_between_signature_and_seal_is_found(pki, seal, signed_early, judge):
    """The seal covers the overlay, so it is valid alone; the officer did not sign what is seen now."""
    changed = _increment(signed_early.data, page_overlay)
    sealed = seal.sign(changed, make_request())
    verdict = judge(sealed.data)
    by_signer = {s.signer: s.outcome for s in verdict.signatures if s.kind == "signature"}
    assert set(by_signer.values()) == {Outcome.INVALID, Outcome.VALID}
    assert verdict.outcome == Outcome.INVALID


def test_cms_of_another_file_does_not_fit(pki, signed_early, judge):
    """Signature wrapping at its simplest: the same key, the same place, another file's signature."""
    signer = build_signer(SigningOptions(pki=pki.folder, level="B-T"))
    other = signer.sign(make_pdf(3), make_request()).data
    (start, end), (other_start, other_end) = _contents(signed_early.data), _contents(other)
    room = end - start
    foreign = other[other_start:other_end].rstrip(b"0")
    foreign += b"0" * (len(foreign) % 2)
    changed = signed_early.data[:start] + foreign.ljust(room, b"0") + signed_early.data[end:]
    assert judge(changed).outcome == Outcome.INVALID


def test_trailing_bytes_show_in_size_and_reason(signed, judge):
    """Validators accept them; the ledger compares size and hash."""
    verdict = judge(signed.data + b"\n% junk" * 20)
    assert verdict.size > signed.size
    assert verdict.sha256 != signed.sha256
    assert "trailing_data" in {r.code for r in verdict.reasons}


def test_cut_archive_revision_shows_in_level_and_size(signed, judge):
    """What is left is a sound signature of a lower level: only the ledger knows that there was more."""
    end = signed.data.rindex(b"%%EOF", 0, -10) + len(b"%%EOF\n")
    verdict = judge(signed.data[:end])
    assert verdict.signatures[0].level == "B-LT"
    assert signed.level == "B-LTA"
    assert verdict.size < signed.size
    assert verdict.sha256 != signed.sha256
