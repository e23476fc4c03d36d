"""Each level is really there, several signatures live together, and nothing signed before is touched."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime

import pytest
from signing_samples import make_pdf, make_request

from signing.errors import PdfNotSignableError, RevocationUnavailableError, SelfCheckError
from signing.factory import SigningOptions, build_signer
from signing.keys import DevelopmentKey
from signing.signer import PdfSigner
from signing.states import State
from signing.trust import Trust, TrustMaterial, load
from signing.verdict import Outcome


@pytest.mark.parametrize("role", ["officer", "agency"])
@pytest.mark.parametrize("level", ["B-B", "B-T", "B-LT", "B-LTA"])
def test_level_is_reached_and_found(pki, plain_pdf, judge, level, role):
    signer = build_signer(SigningOptions(pki=pki.folder, level=level, key=DevelopmentKey(role)))
    made = signer.sign(plain_pdf, make_request())
    verdict = judge(made.data)
    signature = verdict.signatures[0]
    assert made.level == signature.level == level
    assert made.data.startswith(plain_pdf)
    assert (made.sha256, made.size) == (hashlib.sha256(made.data).hexdigest(), len(made.data))
    assert made.development
    assert signature.development
    assert signature.signer == made.signer
    assert verdict.outcome == (Outcome.INDETERMINATE if level == "B-B" else Outcome.VALID)
    assert (signature.timestamp_at is None) == (level == "B-B")
    assert [s.kind for s in verdict.signatures] == ["signature"] + ["timestamp"] * (level == "B-LTA")
    assert verdict.signatures[-1].covers_whole_file or level == "B-LT"  # B-LT ends with its DSS


def test_claimed_time_is_the_callers(signer, plain_pdf):
    moment = datetime(2026, 11, 21, 2, 30, 12, tzinfo=UTC)
    made = signer.sign(plain_pdf, make_request(signed_at=moment))
    assert made.verdict.signatures[0].signed_at == moment


def test_naive_time_is_refused(signer, plain_pdf):
    with pytest.raises(ValueError, match="aware"):
        signer.sign(plain_pdf, make_request(signed_at=datetime(2026, 1, 1)))  # noqa: DTZ001 - that is the point


def test_officer_then_seal_then_all_valid(pki, seal, plain_pdf, judge):
    officer = build_signer(SigningOptions(pki=pki.folder, level="B-LT"))
    first = officer.sign(plain_pdf, make_request())
    second = seal.sign(first.data, make_request(reason="Phát hành"))
    third = seal.sign(second.data, make_request(reason="Lưu trữ"))
    assert third.data.startswith(second.data)
    verdict = judge(third.data)
    assert verdict.outcome == Outcome.VALID
    fields = [s.field for s in verdict.signatures]
    assert len(set(fields)) == len(fields) == 5
    assert [s.level for s in verdict.signatures if s.kind == "signature"] == ["B-LTA"] * 3


def test_signs_inside_a_running_loop(signer, plain_pdf):
    async def main():
        return signer.sign(plain_pdf, make_request())

    assert asyncio.run(main()).level == "B-LTA"


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7\n%%EOF", b"not a pdf at all", make_pdf()[:-400]])
def test_broken_input_is_a_typed_error(signer, data):
    with pytest.raises(PdfNotSignableError):
        signer.sign(data, make_request())


def test_encrypted_input_is_a_typed_error(signer, plain_pdf, tmp_path):
    import pikepdf

    with pikepdf.open(__import__("io").BytesIO(plain_pdf)) as pdf:
        pdf.save(tmp_path / "locked.pdf", encryption=pikepdf.Encryption(owner="a", user=""))
    with pytest.raises(PdfNotSignableError, match="encrypted"):
        signer.sign((tmp_path / "locked.pdf").read_bytes(), make_request())


def test_missing_revocation_data_holds_the_job(signer, plain_pdf, material):
    """A "B-LT" without the data is what some programs make in silence."""
    bare = TrustMaterial(material.roots, material.intermediates, (), None, fetch=False)
    blind = PdfSigner(signer.key, signer.sources, lambda _now: bare, "B-LT", signer.font)
    with pytest.raises(RevocationUnavailableError) as caught:
        blind.sign(plain_pdf, make_request())
    assert caught.value.retryable


def test_own_result_that_does_not_verify_stays_here(signer, plain_pdf, pki):
    """The clock of the check stands after everything has ended: the signer must not hand the file out."""

    def material(_now):
        return load(Trust(development=pki.folder))

    times = [datetime.now(UTC)]
    late = PdfSigner(signer.key, signer.sources, material, "B-LTA", signer.font, clock=lambda: times[-1])

    def jump(state, _index):
        if state is State.LTA:
            times.append(datetime(2099, 1, 1, tzinfo=UTC))

    with pytest.raises(SelfCheckError, match="B-LTA"):
        late.sign(plain_pdf, make_request(), on_state=jump)
