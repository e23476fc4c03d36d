"""The report page of a verification: what it tells whom, that it can't be written into, and the doors to it."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING

import pikepdf
import pytest
from fastapi.testclient import TestClient
from signing_in import key_for

from api.app import build_app
from api.verification_page import content_policy, remedies, render_page
from pipeline.access.roles import Right
from pipeline.composition import House, build_house
from pipeline.settings import Settings
from pipeline.verification import LedgerReport, ReasonReport, SignatureReport, VerifyReport
from signing import reasons as known
from signing.factory import SigningOptions, build_signer
from signing.signer import SignRequest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime(2026, 11, 21, 2, 30, tzinfo=UTC)


def _reason(code: str) -> ReasonReport:
    reason = known.reason(code)
    return ReasonReport(code=code, vi=reason.vi, en=reason.en, remedy_vi=reason.remedy_vi, remedy_en=reason.remedy_en)


def _report(outcome: str, *codes: str, file: str = "giấy.pdf", signer: str = "Nguyễn Văn Mẫu") -> VerifyReport:
    signature = SignatureReport(
        field="S1",
        kind="signature",
        outcome=outcome,  # type: ignore[arg-type]
        reasons=tuple(_reason(code) for code in codes),
        signer=signer,
        issuer="CA",
        signed_at=NOW,
        timestamp_at=None,
        level="B-B",
        algorithm="sha256WithRSA",
        covers_whole_file=True,
        development="development_pki" in codes,
    )
    return VerifyReport(
        file=file,
        checked_at=NOW,
        sha256="0" * 64,
        size=1,
        outcome=outcome,  # type: ignore[arg-type]
        reasons=(),
        signatures=(signature,),
        pdfa_claim="3U",
        attachments={"data.json": "1" * 64},
        ledger=LedgerReport(state="unknown"),
    )


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with build_house(Settings(home=tmp_path_factory.mktemp("home"), cores=1)) as built:
        yield built


@pytest.fixture(scope="module")
def signed(house: House) -> bytes:
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(595, 842))
    pdf.pages[0].Contents = pdf.make_stream(b"0.2 g 100 100 200 50 re f")
    out = BytesIO()
    pdf.save(out, deterministic_id=True, compress_streams=False)
    signer = build_signer(SigningOptions(pki=house.settings.pki))
    return signer.sign(out.getvalue(), SignRequest("Số hóa", "UBND xã", "hs-1", signed_at=datetime.now(UTC))).data


def test_page_says_everything_in_both_languages_and_needs_nothing_beside_it():
    page = render_page(_report("indeterminate", "intact", "chain_unknown", "no_timestamp"), "UBND xã Mẫu")
    text = html.unescape(page)
    for code in ("intact", "chain_unknown", "no_timestamp"):
        assert known.reason(code).vi in text
        assert known.reason(code).en in text
    assert "CHƯA THỂ KẾT LUẬN" in text
    assert "CANNOT TELL" in text
    assert "09:30:00 21/11/2026" in text
    assert not re.search(r"<script|<link|src=|https?:", page)


def test_what_a_stranger_wrote_stays_text():
    evil = '<img src=x onerror="alert(1)">'
    page = render_page(_report("valid", "intact", file=f"{evil}.pdf", signer=evil), evil)
    assert "<img" not in page
    assert page.count("&lt;img") >= 3


@pytest.mark.parametrize(
    ("outcome", "codes", "told"),
    [
        ("valid", ("intact", "timestamp_untrusted"), ()),
        ("valid", ("intact", "development_pki"), ("development_pki",)),
        ("invalid", ("content_altered", "timestamp_untrusted"), ("content_altered",)),
        ("indeterminate", ("chain_unknown", "algorithm_old"), ("chain_unknown", "algorithm_old")),
        ("indeterminate", ("chain_unknown", "development_root_unknown"), ("development_root_unknown",)),
    ],
)
def test_remedies_fit_the_outcome(outcome, codes, told):
    expected = [(known.reason(code).remedy_vi, known.reason(code).remedy_en) for code in told]
    assert remedies(_report(outcome, *codes)) == expected


def test_every_remedy_belongs_to_a_reason():
    from signing.policy import INVALID_CODES, OPEN_CODES
    from signing.remedies import REMEDIES

    assert set(REMEDIES) <= known.CODES
    assert set(REMEDIES) >= INVALID_CODES | OPEN_CODES
    assert all(text.endswith(".") for pair in REMEDIES.values() for text in pair)


def test_browser_form_gives_the_page_and_keeps_nothing(house, signed):
    client = TestClient(build_app(house), base_url="http://127.0.0.1", headers=key_for(house, Right.RESULTS_PULL))
    assert "/kiem-tra" in client.get("/kiem-tra").text
    answer = client.post("/kiem-tra", files={"file": ("giấy.pdf", signed)})
    assert answer.status_code == 200
    assert "HỢP LỆ" in answer.text
    assert "giấy.pdf" in answer.text
    assert answer.headers["content-security-policy"] == content_policy()
    assert not list(house.settings.work.glob("http-*"))


def test_api_gives_the_same_as_json(house, signed):
    client = TestClient(build_app(house), base_url="http://127.0.0.1", headers=key_for(house, Right.RESULTS_PULL))
    report = client.post("/api/v1/verify", files={"file": ("a.pdf", signed)}).json()
    assert report["outcome"] == "valid"
    assert report["signatures"][0]["level"] == "B-LTA"
    raw = client.post("/api/v1/verify", content=signed.replace(b"re f", b"rE f", 1)).json()
    assert raw["outcome"] == "invalid"
    assert {"code", "vi", "en", "remedy_vi", "remedy_en"} == set(raw["signatures"][0]["reasons"][0])
    assert client.post("/api/v1/verify", content=b"no pdf").json()["outcome"] == "indeterminate"


def test_other_installation_cannot_tell_and_says_why(tmp_path: Path, signed):
    (tmp_path / "a.pdf").write_bytes(signed)
    with build_house(Settings(home=tmp_path / "other", cores=1)) as other:
        report = other.conductor.verify(tmp_path / "a.pdf")
    assert report.outcome == "indeterminate"
    codes = {reason.code for reason in report.signatures[0].reasons}
    assert {"intact", "chain_unknown", "development_root_unknown"} <= codes
    assert any("HOSO_HOME" in vi for vi, _ in remedies(report))


@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed")
@pytest.mark.slow
def test_browser_shows_one_language_at_a_time(tmp_path: Path):
    page = tmp_path / "page.html"
    page.write_text(render_page(_report("invalid", "content_altered"), "UBND"), "utf-8")
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--print-to-pdf={tmp_path / 'a.pdf'}"]
    subprocess.run([*command, page.as_uri()], check=True, capture_output=True, timeout=90)
    words = ["pdftotext", "-layout", str(tmp_path / "a.pdf"), "-"]
    text = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    assert "KHÔNG HỢP LỆ" in text
    assert "NOT VALID" not in text


def test_command_writes_the_page(tmp_path: Path, monkeypatch, signed, house, quiet_logging):
    from typer.testing import CliRunner

    from api.cli import app

    monkeypatch.setenv("HOSO_HOME", str(house.settings.home))
    (tmp_path / "a.pdf").write_bytes(signed)
    out = tmp_path / "report.html"
    done = CliRunner().invoke(app, ["verify", str(tmp_path / "a.pdf"), "--page", str(out), "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["outcome"] == "valid"
    assert out.read_text("utf-8").startswith("<!doctype html>")
    done = CliRunner().invoke(app, ["verify", str(tmp_path / "a.pdf"), "--page", str(tmp_path / "no" / "r.html")])
    assert done.exit_code == 1
    assert "page_unwritable" in done.stderr
