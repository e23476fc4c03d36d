"""Measured pages stay out of training."""

from __future__ import annotations

import pytest

from models.training.exclusion import Measured, sha256

PLANTED = "Căn cứ Luật Tổ chức chính quyền địa phương ngày 19 tháng 6 năm 2015;"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "pages").mkdir()
    (tmp_path / "pdf").mkdir()
    page = f"CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\n{PLANTED}\nKính gửi: Sở Nội vụ\n"
    (tmp_path / "pages" / "a.gt.txt").write_text(page, encoding="utf-8")
    (tmp_path / "pdf" / "a.pdf").write_bytes(b"measured")
    (tmp_path / "pdf" / "b.pdf").write_bytes(b"free")
    rows = "measured_page\tsource_in_pdf\tpage\na\tpdf/a.pdf\t1\nc\t-\t\n"
    (tmp_path / "MEASURING_SOURCES.tsv").write_text(rows, encoding="utf-8")
    return tmp_path


def test_a_planted_line_is_found_whatever_its_case_and_spaces(folder):
    measured = Measured.of_folder(folder)
    assert measured.holds_text(PLANTED)
    assert measured.holds_text(PLANTED.upper())
    assert measured.holds_text("Luật  Tổ chức chính quyền địa phương")


def test_a_line_that_was_broken_elsewhere_is_found(folder):
    assert Measured.of_folder(folder).holds_text("ngày 19 tháng 6 năm 2015; Kính gửi: Sở")


def test_formulas_short_texts_and_other_texts_are_free(folder):
    measured = Measured.of_folder(folder)
    assert not measured.holds_text("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
    assert not measured.holds_text("Độc lập - Tự do - Hạnh phúc")
    assert not measured.holds_text("Kính gửi: Sở Nội vụ")
    assert not measured.holds_text("Căn cứ Luật Đất đai ngày 18 tháng 01 năm 2024;")


def test_a_source_is_known_by_its_bytes_under_any_name(folder, tmp_path):
    measured = Measured.of_folder(folder)
    copy = tmp_path / "renamed.pdf"
    copy.write_bytes(b"measured")
    assert measured.holds_file(copy)
    assert not measured.holds_file(folder / "pdf" / "b.pdf")
    assert len(sha256(copy)) == 64
