"""Files made to hang, to eat memory or to break the reader: each ends within its limits with a typed verdict."""

from __future__ import annotations

import hashlib
import time
import zlib
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from signing_samples import make_pdf

from signing.reasons import CODES
from signing.trust import Trust
from signing.verdict import Outcome
from signing.verify import list_signatures, verify_pdf

if TYPE_CHECKING:
    from collections.abc import Callable

LIMIT_S = 10
MEMORY_MB = 512


def _assembled(objects: list[bytes], extra: bytes = b"") -> bytes:
    body, offsets = b"%PDF-1.7\n", []
    for number, text in enumerate(objects, 1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, text)
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    table += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    tail = b"trailer <</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, extra, len(body))
    return body + table + tail


def _stream(data: bytes, entries: bytes = b"/Filter/FlateDecode") -> bytes:
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (entries, len(data), data)


def deep_dictionaries() -> bytes:
    return _assembled([b"<</Type/Catalog/Pages " + b"<</Kids" * 100_000 + b">>" * 100_000 + b">>"])


def deep_arrays_in_a_signature() -> bytes:
    nested = b"[" * 50_000 + b"]" * 50_000
    signature = b"<</Type/Sig/SubFilter/ETSI.CAdES.detached/ByteRange%s/Contents<00>>>" % nested
    return _assembled(
        [
            b"<</Type/Catalog/Pages 2 0 R/AcroForm<</SigFlags 3/Fields[3 0 R]>>>>",
            b"<</Type/Pages/Kids[]/Count 0>>",
            b"<</T(a)/FT/Sig/V 4 0 R>>",
            signature,
        ]
    )


def pages_that_contain_themselves() -> bytes:
    return _assembled(
        [b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[]>>>>", b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>"]
    )


def references_in_a_circle() -> bytes:
    return _assembled([b"<</Type/Catalog/Pages 2 0 R/AcroForm 3 0 R>>", b"3 0 R", b"4 0 R", b"2 0 R"])


def length_of_itself() -> bytes:
    return _assembled([b"<</Type/Catalog/Pages 2 0 R/AcroForm 2 0 R>>", b"<</Length 2 0 R>>stream\nabc\nendstream"])


def table_stream_in_a_circle() -> bytes:
    head = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\n"
    start = len(head)
    entries = b"\x01\x00\x09\x00" * 2
    table = b"2 0 obj\n<</Type/XRef/W[1 2 1]/Index[1 2]/Size 3/Root 1 0 R/Prev %d/Length 8>>stream\n" % start
    return head + table + entries + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF" % start


def hybrid_table_in_a_circle() -> bytes:
    data = _assembled([b"<</Type/Catalog>>"])
    start = data.rindex(b"xref\n0")
    return data.replace(b"/Root 1 0 R", b"/Root 1 0 R/XRefStm %d/Prev %d" % (start, start))


def object_stream_in_itself() -> bytes:
    packed = zlib.compress(b"1 0 2 20 <</Type/Catalog>>  <</Type/Pages>>")
    head = b"%PDF-1.7\n"
    body = b"3 0 obj\n" + _stream(packed, b"/Type/ObjStm/N 2/First 9/Extends 3 0 R/Filter/FlateDecode") + b"\nendobj\n"
    start = len(head + body)
    rows = b"\x02\x00\x03\x00" + b"\x02\x00\x03\x01" + b"\x02\x00\x03\x02"
    table = b"4 0 obj\n<</Type/XRef/W[1 2 1]/Index[1 3]/Size 5/Root 1 0 R/Length 12>>stream\n" + rows
    return head + body + table + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF" % start


def table_of_two_billion_rows() -> bytes:
    return b"%PDF-1.7\nxref\n0 2000000000\n0000000000 65535 f \ntrailer <</Size 9/Root 1 0 R>>\nstartxref\n9\n%%EOF"


def huge_object_numbers() -> bytes:
    rows = b"9999999 1\n0000000009 00000 n \n" * 50_000
    return b"%PDF-1.7\nxref\n" + rows + b"trailer <</Size 9/Root 9999999 0 R>>\nstartxref\n9\n%%EOF"


def bomb_in_a_bomb() -> bytes:
    """A few kB that inflate to 600 kB that inflate to 600 MB."""
    once = zlib.compress(bytes(600_000_000), 6)
    twice = zlib.compress(once, 9)
    stream = _stream(twice, b"/Type/ObjStm/N 1/First 4/Filter[/FlateDecode/FlateDecode]")
    head = b"%PDF-1.7\n2 0 obj\n" + stream + b"\nendobj\n"
    rows = b"\x02\x00\x02\x00" + b"\x01\x00\x09\x00"
    table = b"4 0 obj\n<</Type/XRef/W[1 2 1]/Index[1 2]/Size 5/Root 1 0 R/Length 8>>stream\n" + rows
    return head + table + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF" % len(head)


def many_fields() -> bytes:
    count = 20_000
    fields = [b"<</T(f%d)/FT/Sig/V %d 0 R>>" % (n, 3 + count) for n in range(count)]
    references = b" ".join(b"%d 0 R" % n for n in range(3, 3 + count))
    catalog = b"<</Type/Catalog/Pages 2 0 R/AcroForm<</SigFlags 3/Fields[%s]>>>>" % references
    signature = b"<</Type/Sig/SubFilter/ETSI.CAdES.detached/ByteRange[0 5 9 9]/Contents<3000>>>"
    return _assembled([catalog, b"<</Type/Pages/Kids[]/Count 0>>", *fields, signature])


def nested_der() -> bytes:
    der = b""
    for _ in range(4000):
        size = len(der)
        length = b"\x82" + size.to_bytes(2, "big") if size > 127 else bytes([size])
        der = b"\x30" + length + der
        if len(der) > 60_000:
            break
    signature = b"<</Type/Sig/SubFilter/ETSI.CAdES.detached/ByteRange[0 5 9 9]/Contents<%s>>>" % der.hex().encode()
    return _assembled(
        [
            b"<</Type/Catalog/Pages 2 0 R/AcroForm<</SigFlags 3/Fields[3 0 R]>>>>",
            b"<</Type/Pages/Kids[]/Count 0>>",
            b"<</T(a)/FT/Sig/V 4 0 R>>",
            signature,
        ]
    )


def name_of_ten_megabytes() -> bytes:
    return _assembled(
        [b"<</Type/Catalog/Pages 2 0 R/" + b"A" * 10_000_000 + b" 1>>", b"<</Type/Pages/Kids[]/Count 0>>"]
    )


MAKERS: list[Callable[[], bytes]] = [
    deep_dictionaries,
    deep_arrays_in_a_signature,
    pages_that_contain_themselves,
    references_in_a_circle,
    length_of_itself,
    table_stream_in_a_circle,
    hybrid_table_in_a_circle,
    object_stream_in_itself,
    table_of_two_billion_rows,
    huge_object_numbers,
    bomb_in_a_bomb,
    many_fields,
    nested_der,
    name_of_ten_megabytes,
]


def _ends_well(data: bytes) -> None:
    started = time.monotonic()
    verdict = verify_pdf(data, Trust(), LIMIT_S, memory_mb=MEMORY_MB)
    assert time.monotonic() - started < LIMIT_S + 5
    assert verdict.outcome != Outcome.VALID
    given = {r.code for r in verdict.reasons} | {r.code for s in verdict.signatures for r in s.reasons}
    assert given
    assert given <= CODES
    assert (verdict.sha256, verdict.size) == (hashlib.sha256(data).hexdigest(), len(data))


@pytest.mark.slow
@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_hostile_file_ends_in_time_with_a_typed_verdict(make):
    _ends_well(make())


@pytest.mark.slow
def test_signed_file_with_many_revisions(signed):
    """Every revision is compared with the signed one: slow is allowed, endless is not."""
    data = signed.data
    for number in range(80):
        writer = IncrementalPdfFileWriter(BytesIO(data))
        writer.root[generic.pdf_name(f"/X{number}")] = generic.NumberObject(number)
        writer.update_root()
        out = BytesIO()
        writer.write(out)
        data = out.getvalue()
    _ends_well(data)


@pytest.mark.slow
def test_store_of_certificates_that_inflates_without_end(signed):
    writer = IncrementalPdfFileWriter(BytesIO(signed.data))
    bomb = generic.StreamObject(
        dict_data={generic.pdf_name("/Filter"): generic.pdf_name("/FlateDecode")},
        encoded_data=zlib.compress(bytes(800_000_000), 1),
    )
    writer.root["/DSS"]["/Certs"].append(writer.add_object(bomb))
    writer.update_container(writer.root["/DSS"]["/Certs"])
    out = BytesIO()
    writer.write(out)
    _ends_well(out.getvalue())


def test_device_that_never_ends_is_no_file():
    for endless in (Path("/dev/zero"), Path("/dev/urandom")):
        with pytest.raises(OSError, match=r"zero|random"):
            verify_pdf(endless, Trust())
        with pytest.raises(OSError, match=r"zero|random"):
            list_signatures(endless)


@pytest.mark.slow
def test_file_of_many_megabytes_of_nothing():
    _ends_well(b"%PDF-1.7\n" + b" " * 30_000_000)
    assert verify_pdf(make_pdf(), Trust(), LIMIT_S, memory_mb=MEMORY_MB).reasons[0].code == "no_signature"
