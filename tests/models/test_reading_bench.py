"""The scorer and the bench, on pages of our own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import cv2
import pytest

from models.bench import Bench, Row, run
from models.bench_report import markdown, write_report
from models.scoring import exact_tokens, plain, score_text

if TYPE_CHECKING:
    from pathlib import Path

    from models.reading import Image

TRUTH = "CỘNG HÒA XÃ HỘI\nĐộc lập - Tự do\nSố: ‹12›/QĐ\nHọ tên: ..............\n"


def test_a_perfect_reading_has_no_errors_whatever_the_order() -> None:
    score = score_text(TRUTH, "Họ tên: ………\nĐộc lập – Tự do\nCỘNG HÒA XÃ HỘI\nrác")
    assert (score.edits, score.cer, score.wer, score.tone_cer) == (0, 0.0, 0.0, 0.0)
    assert score.characters == len("CỘNG HÒA XÃ HỘI") + len("Độc lập - Tự do") + len("Họ tên: …")


def test_a_wrong_mark_is_a_tone_error_and_a_wrong_word() -> None:
    score = score_text("Độc lập - Tự do", "Đọc lập - Tự do")
    assert (score.edits, score.tone_edits) == (1, 1)
    assert score.wer == pytest.approx(1 / 5)


def test_a_missing_line_costs_all_its_letters() -> None:
    score = score_text("Điều 1\nHiệu lực", "Điều 1")
    assert score.edits == len("Hiệu lực")
    assert (score + score).cer == score.cer


def test_what_is_the_same_is_spelt_the_same() -> None:
    assert plain("a . . . . b ____ “c” — d") == 'a …b …"c" - d'


def test_the_bench_reads_scores_and_keeps_the_texts(tmp_path: Path, letter: Image, letter_texts: list[str]) -> None:
    data, out = tmp_path / "data", tmp_path / "out"
    data.mkdir()
    cv2.imwrite(str(data / "letter.png"), letter)
    (data / "letter.gt.txt").write_text("\n".join(letter_texts), encoding="utf-8")
    bench = run([data], ["hoso-trueocr"], out)
    (row,) = bench.rows
    assert bench.missing == {}
    assert (row.data, row.engine, row.pages) == ("data", "hoso-trueocr", 1)
    assert row.cer is not None
    assert 0 <= row.cer < 0.05
    assert row.cpu_seconds > 0
    assert row.peak_megabytes > 100
    assert row.tokens == 8
    assert row.exact is not None
    assert row.exact > 0.5
    assert "Nơi nhận" in (out / "data" / "hoso-trueocr" / "letter.txt").read_text(encoding="utf-8")


def test_the_bench_names_what_it_does_not_know(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="unknown engines abbyy; known: hoso"):
        run([tmp_path], ["abbyy"], tmp_path)
    with pytest.raises(ValueError, match="no page images"):
        run([tmp_path], ["hoso"], tmp_path)


def test_an_engine_that_is_not_there_is_named_with_the_reason(
    tmp_path: Path, letter: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    cv2.imwrite(str(tmp_path / "letter.png"), letter)
    monkeypatch.setenv("PATH", str(tmp_path))
    bench = run([tmp_path], ["tesseract"], tmp_path / "out")
    assert bench == Bench((), {"tesseract": "no program `tesseract` on the path"})
    assert "Not measured: tesseract" in markdown(bench)


def test_numbers_codes_and_addresses_are_right_only_as_a_whole() -> None:
    truth = "Số: ‹12›/QĐ ngày 05 tháng 6 năm 2025./.\nTừ 1/7 gửi (a@b.vn), Hà Nội: .... 05\nMục ‹7 và› 8"
    assert exact_tokens(truth, truth) == (7, [])
    assert exact_tokens(truth, "ngày 05 tháng 06 năm 2025, Từ 1/7; a@b. vn 8") == (7, ["05", "6", "a@b.vn"])
    assert score_text(truth, "ngày 05 tháng 06 năm 2025, Từ 1/7; a@b. vn 8").exact_rate == 4 / 7


ROWS = (
    Row("pages", "hoso", "reader-4/f32 det rec@1", 24, 0.9, 1.0, 1.0, 500.0, 0.001, 0.0005, 0.006, 0.995, 435),
    Row("pages", "tesseract", "5.3.0", 24, 1.6, 1.7, 0.1, 130.0, 0.0138, 0.005, 0.04, 0.9, 435),
    Row("forms", "hoso", "reader-4/f32 det rec@1", 3, 0.8, 1.0, 1.0, 500.0, 0.0, 0.0, 0.0, 1.0, 54),
)


def test_the_report_has_a_table_for_each_folder_and_a_labelled_point_for_each_row(tmp_path: Path) -> None:
    bench = Bench(ROWS, {"rapidocr": "no Python package `rapidocr`"})
    table, data, picture = write_report(bench, tmp_path / "out")
    text = table.read_text(encoding="utf-8")
    assert "| hoso (rec@1) | **0.10** | **0.05** | **0.60** | **99.5** | **0.90** | 500 |" in text
    assert "**pages** (24 pages, 435 numbers and codes)" in text
    assert "Not measured: rapidocr (no Python package `rapidocr`)." in text
    assert json.loads(data.read_text(encoding="utf-8"))["rows"][2]["exact"] == 1.0
    drawing = ET.fromstring(picture.read_text(encoding="utf-8"))  # noqa: S314 - written above
    svg = "{http://www.w3.org/2000/svg}"
    labels = [item.text for item in drawing.iter(f"{svg}text")]
    assert labels.count("hoso") == 2
    points = [item for item in drawing.iter(f"{svg}circle") if item.get("cy") != "20"]
    assert len(points) == len(ROWS)
    by_error = sorted(float(point.get("cy") or 0) for point in points)
    assert float(points[0].get("cy") or 0) == by_error[0], "the most errors are on top"


def test_without_ground_truth_there_is_no_plot(tmp_path: Path) -> None:
    rows = (Row("scans", "hoso", "1", 2, 0.9, 1.0, 1.0, 500.0),)
    assert [file.name for file in write_report(Bench(rows, {}), tmp_path)] == ["reading.md", "reading.json"]
    assert "| hoso 1 | – | – | – | – | 0.90 | 500 |" in (tmp_path / "reading.md").read_text(encoding="utf-8")
