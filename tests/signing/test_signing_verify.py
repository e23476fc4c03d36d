"""The verifying child process: same verdicts, in time, for whatever bytes it is given."""

from __future__ import annotations

import hashlib
import time
import zlib
from datetime import UTC, datetime

import pytest
import time_machine
from signing_samples import codes, make_pdf

from signing import limited, reasons
from signing.policy import BY_INDICATION, INVALID_CODES, OPEN_CODES
from signing.trust import Trust
from signing.verdict import Outcome
from signing.verify import list_signatures, verify_pdf
from signing.wire import from_dict, to_dict


def _deep_arrays() -> bytes:
    return b"%PDF-1.7\n1 0 obj\n" + b"[" * 300_000 + b"\nendobj\ntrailer <</Root 1 0 R>>\nstartxref\n9\n%%EOF"


def _reference_loop() -> bytes:
    body = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R/AcroForm 1 0 R/Fields 1 0 R>>\nendobj\n"
    table = b"xref\n0 2\n0000000000 65535 f \n0000000009 00000 n \n"
    start = len(body)
    return body + table + b"trailer <</Size 2/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF" % (start, start)


def _field_loop() -> bytes:
    """A form field that is its own child."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[3 0 R]>>>>",
        b"<</Type/Pages/Kids[]/Count 0>>",
        b"<</T(a)/Kids[3 0 R]/FT/Sig>>",
    ]
    return _assembled(objects)


def _inflating() -> bytes:
    """A signature dictionary whose file inflates to 300 MB where the objects should be."""
    packed = zlib.compress(bytes(300_000_000), 1)
    stream = b"<</Type/ObjStm/N 9/First 20/Filter/FlateDecode/Length %d>>stream\n" % len(packed)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R/AcroForm 3 0 R>>",
        b"<</Type/Pages/Kids[]/Count 0>>",
        stream + packed + b"\nendstream",
    ]
    return _assembled(objects)


def _huge_range() -> bytes:
    signature = b"<</Type/Sig/SubFilter/ETSI.CAdES.detached/ByteRange[0 99999999999999 5 -3]/Contents<3000>>>"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R/AcroForm<</SigFlags 3/Fields[3 0 R]>>>>",
        b"<</Type/Pages/Kids[]/Count 0>>",
        b"<</T(a)/FT/Sig/V 4 0 R>>",
        signature,
    ]
    return _assembled(objects)


def _noise() -> bytes:
    return b"%PDF-1.7\n" + hashlib.shake_256(b"noise").digest(50_000)


def _assembled(objects: list[bytes]) -> bytes:
    body, offsets = b"%PDF-1.7\n", []
    for number, text in enumerate(objects, 1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, text)
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    table += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    tail = b"trailer <</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(body))
    return body + table + tail


@pytest.mark.parametrize(
    "make",
    [bytes, _noise, _deep_arrays, _reference_loop, _field_loop, _inflating, _huge_range],
    ids=lambda make: make.__name__,
)
def test_hostile_files_end_in_time_with_a_reason(make):
    data = make()
    started = time.monotonic()
    verdict = verify_pdf(data, Trust(), 20, memory_mb=1024)
    assert time.monotonic() - started < 21
    assert verdict.outcome != Outcome.VALID
    assert verdict.reasons or verdict.signatures[0].reasons
    assert (verdict.sha256, verdict.size) == (hashlib.sha256(data).hexdigest(), len(data))


def test_time_limit_is_kept_and_named(signed_file):
    started = time.monotonic()
    verdict = verify_pdf(signed_file, Trust(), 0.05)
    assert time.monotonic() - started < 3
    assert verdict.outcome == Outcome.INDETERMINATE
    assert [r.code for r in verdict.reasons] == ["time_limit"]
    assert verdict.size == signed_file.stat().st_size


def test_memory_limit_is_kept_and_named(pki, plain_pdf):
    verdict = verify_pdf(plain_pdf + b"%" * 300_000_000, Trust(development=pki.folder), memory_mb=256)
    assert verdict.outcome == Outcome.INDETERMINATE
    assert [r.code for r in verdict.reasons] == ["memory_limit"]


def test_child_that_dies_gives_a_verdict(signed_file, monkeypatch):
    monkeypatch.setattr(limited.sys, "executable", "/bin/false")
    verdict = verify_pdf(signed_file, Trust())
    assert [r.code for r in verdict.reasons] == ["verifier_failed"]
    assert verdict.outcome == Outcome.INDETERMINATE


def test_same_verdict_as_in_this_process(pki, signed, signed_file, judge):
    now = datetime.now(UTC)
    trust = Trust(development=pki.folder)
    assert verify_pdf(signed_file, trust, now=now) == judge(signed.data, now)


def test_moved_clock_moves_the_verdict_and_lists_are_renewed(tmp_path, plain_pdf, pki, signed):
    """Offline in 2036: sockets are closed for this test, as for all of them."""
    import shutil

    folder = tmp_path / "pki"
    shutil.copytree(pki.folder, folder)
    with time_machine.travel(datetime(2036, 5, 1, tzinfo=UTC), tick=True):
        verdict = verify_pdf(signed.data, Trust(development=folder))
    assert verdict.outcome == Outcome.VALID
    assert "certificate_expired_now" in codes(verdict)


def test_unsigned_file_is_open(plain_pdf):
    verdict = verify_pdf(plain_pdf, Trust())
    assert verdict.outcome == Outcome.INDETERMINATE
    assert [r.code for r in verdict.reasons] == ["no_signature"]
    assert verdict.signatures == ()


def test_page_that_is_no_pdf_is_unreadable():
    verdict = verify_pdf(b"<html><body>404</body></html>", Trust())
    assert [r.code for r in verdict.reasons] == ["unreadable_pdf"]


def test_missing_file_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        verify_pdf(tmp_path / "none.pdf", Trust())


def test_listing_names_signers_without_judging_trust(signed_file):
    found = list_signatures(signed_file)
    assert [s.kind for s in found] == ["signature", "timestamp"]
    assert {s.outcome for s in found} == {Outcome.INDETERMINATE}
    assert found[0].signer == "Cán bộ tiếp nhận (PHÁT TRIỂN)"
    assert found[0].level == "B-LTA"
    assert "intact" in {r.code for r in found[0].reasons}


def test_listing_an_unsigned_file_starts_no_child(monkeypatch):
    monkeypatch.setattr(limited.sys, "executable", "/nonexistent")
    assert list_signatures(make_pdf()) == ()


def test_listing_tells_an_altered_file(signed):
    at = signed.data.index(b"re f")
    changed = signed.data[:at] + b"rE" + signed.data[at + 2 :]
    assert list_signatures(changed)[0].outcome == Outcome.INVALID


def test_verdicts_survive_the_wire(signed):
    assert from_dict(to_dict(signed.verdict)) == signed.verdict


def test_every_code_has_its_sentences():
    used = INVALID_CODES | OPEN_CODES | set(BY_INDICATION.values())
    assert used <= reasons.CODES
    assert not INVALID_CODES & OPEN_CODES
    for code in reasons.CODES:
        entry = reasons.reason(code)
        assert entry.vi.endswith(".")
        assert entry.en.endswith(".")
        assert entry.vi != entry.en


def test_every_indication_of_the_standard_is_known():
    from pyhanko.sign.ades.report import AdESFailure, AdESIndeterminate

    known = {*AdESFailure.__members__, *AdESIndeterminate.__members__}
    assert known - set(BY_INDICATION) == {"SIGNATURE_POLICY_NOT_AVAILABLE", "SIGNED_DATA_NOT_FOUND", "GENERIC"}
