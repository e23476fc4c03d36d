"""The command line as scripts meet it: exit codes, one JSON object, three-part errors, a light start."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from api.screens import console, dossier_screen
from api.words import shown
from pipeline.record import Dossier, Status
from pipeline.telemetry.logging import masked

pytestmark = pytest.mark.usefixtures("quiet_logging")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOSO_HOME", str(tmp_path / "home"))
    return lambda *words: CliRunner().invoke(app, list(words))


def hoso(home: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "api.cli", *words]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "HOSO_HOME": str(home), **env},
    )


def test_the_door_opens_without_models_prefect_or_a_web_framework() -> None:
    heavy = (
        "openvino",
        "onnxruntime",
        "prefect",
        "torch",
        "fastapi",
        "pyhanko",
        "cv2",
        "numpy",
        "sqlalchemy",
        "pydantic",
    )
    code = f"import sys, api.cli; print([m for m in {heavy!r} if m in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"


def test_help_speaks_vietnamese_even_in_a_plain_locale(tmp_path: Path) -> None:
    answer = hoso(tmp_path, "--help", LC_ALL="C", PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert answer.returncode == 0
    assert "Số hóa một hồ sơ" in answer.stdout


def test_a_missing_file_is_refused_in_three_parts(run) -> None:
    answer = run("digitize", "/nowhere/tờ khai.pdf")
    assert answer.exit_code == 4
    assert answer.stdout == ""
    assert "Lỗi:" in answer.stderr
    assert "tờ khai.pdf" in answer.stderr
    assert "Cần làm:" in answer.stderr
    assert "[path_missing]" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_with_json_an_error_is_one_object_too(run) -> None:
    answer = run("digitize", "/nowhere/a.pdf", "--json")
    assert answer.exit_code == 4
    error = json.loads(answer.stdout)["error"]
    assert (error["code"], error["file"], error["exit_code"]) == ("path_missing", "a.pdf", 4)
    assert error["remedy"]


def test_an_unknown_procedure_is_named_with_its_neighbours(run, tmp_path: Path) -> None:
    paper = tmp_path / "a.pdf"
    paper.write_bytes(b"%PDF-1.7")
    answer = run("digitize", str(paper), "--procedure", "1.001194", "--json")
    error = json.loads(answer.stdout)["error"]
    assert answer.exit_code == 4
    assert error["code"] == "procedure_unknown"
    assert "1.001193" in error["remedy"]


def test_debug_shows_the_traceback_and_the_log_has_it_masked(run, tmp_path: Path) -> None:
    name = "027194060817.pdf"
    answer = run("digitize", f"/nowhere/{name}", "--debug")
    assert "Traceback" in answer.stderr
    log = (tmp_path / "home" / "logs" / "hoso.log").read_text()
    assert "Traceback" in log
    assert "027194060817" not in log


def test_a_wrong_setting_names_its_variable(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSO_API__PORT", "a lot")
    answer = run("procedures", "list", "--json")
    error = json.loads(answer.stdout)["error"]
    assert (answer.exit_code, error["code"]) == (1, "settings_invalid")
    assert "HOSO_API__PORT" in error["detail"]


def test_procedures_are_listed_shown_and_checked(run, tmp_path: Path) -> None:
    assert "1.001193" in run("procedures", "list").stdout
    listed = json.loads(run("procedures", "list", "--json").stdout)["procedures"]
    assert {"code", "name", "version", "effective_from"} <= listed[0].keys()
    assert "Giấy chứng sinh" in run("procedures", "show", "1.001193").stdout
    assert json.loads(run("procedures", "show", "1.001193", "--json").stdout)["code"] == "1.001193"
    assert run("procedures", "check").exit_code == 0
    (tmp_path / "broken.yaml").write_text("code: [")
    broken = run("procedures", "check", str(tmp_path), "--json")
    assert broken.exit_code == 1
    assert json.loads(broken.stdout)["problems"][0]["file"] == "broken.yaml"


def test_verify_has_three_exit_codes(run, tmp_path: Path) -> None:
    unsigned = tmp_path / "a.pdf"
    unsigned.write_bytes(b"%PDF-1.7\nnothing")
    report = run("verify", str(unsigned), "--json")
    outcome = json.loads(report.stdout)["outcome"]
    assert report.exit_code == {"invalid": 2, "indeterminate": 3}[outcome]
    assert run("verify", str(tmp_path / "missing.pdf")).exit_code == 4


def test_reading_names_the_bad_file_and_exits_with_4(run, tmp_path: Path) -> None:
    bad = tmp_path / "bad.docx"
    bad.write_bytes(b"PK\x03\x04 no paper")
    answer = run("read", str(bad))
    assert (answer.exit_code, answer.stdout) == (4, "")
    assert "bad.docx" in answer.stderr
    assert run("read", str(bad), "--format", "pdf").exit_code == 2


def test_a_reader_that_leaves_is_no_error(tmp_path: Path) -> None:
    command = f"{sys.executable} -m api.cli procedures show 1.001193 | head -c 1"
    done = subprocess.run(
        ["bash", "-c", command],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "HOSO_HOME": str(tmp_path)},
    )
    assert done.stderr == ""


def test_the_screen_says_all_without_colour_within_100_columns(waiting: Dossier, tmp_path: Path) -> None:
    with (tmp_path / "out").open("w+", encoding="utf-8") as stream:
        console(stream).print(dossier_screen(waiting, {"preview_pdf": tmp_path / "x.pdf"}, 1.5))
        stream.seek(0)
        text = stream.read()
    assert "\x1b" not in text
    assert max(len(line) for line in text.splitlines()) <= 100
    for part in (
        waiting.id,
        "CHỜ NGƯỜI QUYẾT ĐỊNH",
        "1,5 giây",
        "? Họ và tên",
        "Nguyễn Văn An",
        "71%",
        "nhãn",
        "tr. 1",
    ):
        assert part in text


def test_every_status_has_words_and_personal_numbers_are_masked() -> None:
    from api.words import STATUS

    assert {status.value for status in Status} <= STATUS.keys()
    assert masked("số 027194060817 và 123456789, 20261121") == "số 027xxxxxxxxx và 123xxxxxx, 20261121"
    assert shown("2026-01-31") == "31/01/2026"
    assert shown(["BỘ Y TẾ", "CỤC A"]) == "BỘ Y TẾ / CỤC A"
    assert shown(None) == ""


def test_a_slip_for_nobody_is_refused_and_an_unknown_form_is_named(run) -> None:
    answer = run("slip", "hs-261121-nobody00")
    assert answer.exit_code != 0
    assert "Cần làm:" in answer.stderr
    assert run("slip", "x", "--form", "poem").exit_code == 2


def test_separator_sheets_are_printed_and_an_unknown_type_is_named(run, tmp_path: Path) -> None:
    target = tmp_path / "sheets.pdf"
    assert run("separators", "giay_chung_sinh", "cccd", "-o", str(target)).exit_code == 0
    assert target.read_bytes().startswith(b"%PDF-")
    answer = run("separators", "giay_chung_sin", "-o", str(target))
    assert answer.exit_code == 4
    assert "giay_chung_sinh" in answer.stderr
