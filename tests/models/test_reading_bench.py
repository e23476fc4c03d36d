"""The scorer and the bench, on pages of our own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import pytest

from models.bench import run
from models.scoring import plain, score_text

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
    (row,) = run(data, ["hoso-trueocr"], out)
    assert (row.engine, row.pages) == ("hoso-trueocr", 1)
    assert row.cer is not None
    assert 0 <= row.cer < 0.05
    assert row.cpu_seconds > 0
    assert row.peak_megabytes > 100
    assert "Nơi nhận" in (out / "hoso-trueocr" / "letter.txt").read_text(encoding="utf-8")


def test_the_bench_names_what_it_does_not_know(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="unknown engines abbyy; known: hoso"):
        run(tmp_path, ["abbyy"], tmp_path)
    with pytest.raises(ValueError, match="no page images"):
        run(tmp_path, ["hoso"], tmp_path)
