"""A page in two layers: print stays sharp and black, colour stays colour, pictures are not taken for print."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pikepdf
import pypdfium2
import pytest
from PIL import Image, ImageDraw, ImageFont
from scans import coded

from pipeline.archive.gate import check_archive
from pipeline.archive.layers import take_apart
from pipeline.archive.page_images import page_image
from pipeline.archive.profiles import load_profile

DPI = 150


def page() -> Image.Image:
    """Print, a red seal across it, blue ink, a rule, and a portrait."""
    made = Image.new("RGB", (900, 1200), (248, 246, 240))
    pen = ImageDraw.Draw(made)
    font = ImageFont.load_default(size=26)
    for row in range(12):
        pen.text((80, 80 + 50 * row), "UY BAN NHAN DAN giay khai sinh so 12/2026", font=font, fill=(25, 25, 28))
    pen.line((80, 700, 820, 700), fill=(30, 30, 30), width=3)
    pen.ellipse((500, 560, 760, 820), outline=(205, 40, 50), width=12)
    pen.line([(120, 800), (300, 760), (360, 840)], fill=(40, 60, 170), width=6)
    waves = np.add.outer(np.sin(np.arange(260) / 17), np.cos(np.arange(200) / 13)) * 45 + 70
    made.paste(Image.fromarray(waves.clip(0, 255).astype(np.uint8)).convert("RGB"), (100, 880))
    grain = np.random.default_rng(4).normal(0, 4, (1200, 900, 3))
    return Image.fromarray(np.clip(np.asarray(made) + grain, 0, 255).astype(np.uint8))


@pytest.fixture(scope="module")
def layers():
    return take_apart(page(), DPI, 300, 75)


def ink_at(layers, box) -> float:
    return 1 - np.asarray(layers.ink.crop(box)).mean()


def test_print_and_rules_are_ink(layers):
    assert layers.ink.size == (900, 1200)
    assert ink_at(layers, (80, 80, 700, 680)) > 0.05
    assert ink_at(layers, (100, 698, 480, 704)) > 0.3
    assert layers.grey < 80


def test_what_is_coloured_is_never_black(layers):
    assert ink_at(layers, (500, 720, 760, 830)) < 0.02
    assert ink_at(layers, (110, 750, 370, 850)) < 0.01
    seal = np.asarray(layers.paper.crop((250, 280, 380, 410))).reshape(-1, 3).astype(int)
    assert (seal[:, 0] - seal[:, 1]).max() > 90


def test_a_portrait_is_not_taken_for_print(layers):
    assert ink_at(layers, (115, 895, 285, 1125)) < 0.03
    assert np.asarray(layers.paper.crop((50, 440, 150, 570))).std() > 20


def test_paper_has_no_shadow_of_the_print(layers):
    row = np.asarray(layers.paper.crop((40, 40, 340, 270)).convert("L"))
    assert row.min() > 215


def test_blank_and_black_pages_come_apart_too():
    for colour in ("white", "black"):
        made = take_apart(Image.new("RGB", (300, 400), colour), DPI, 200, 100)
        assert np.asarray(made.ink).all()
        assert made.paper.size == (200, 267)
    grey = take_apart(page().convert("L"), DPI, 150, 75)
    assert grey.paper.mode == "L"


def test_such_a_page_is_pdfa_and_looks_like_the_scan(archive, make_page):
    scan = page()
    pdf = archive(make_page(scan, "PNG", dpi=DPI), profile="access")
    check_archive(pdf, 1)
    with pikepdf.open(BytesIO(pdf)) as opened:
        pictures = opened.pages[0].obj.Resources.XObject
        assert (bool(pictures.Ink.ImageMask), str(pictures.Ink.Filter)) == (True, "/CCITTFaxDecode")
        assert len(pictures.Ink.read_raw_bytes()) + len(pictures.Im.read_raw_bytes()) < 60_000
    with pypdfium2.PdfDocument(pdf) as document:
        drawn = document[0].render(scale=DPI / 72).to_numpy()[:1200, :900, ::-1].astype(int)
    assert np.abs(drawn - np.asarray(scan)).mean() < 9
    letters = np.asarray(scan.convert("L").crop((80, 80, 700, 680))) < 90
    seen = drawn[80:680, 80:700].mean(axis=2) < 140
    assert (letters & seen).sum() > 0.93 * letters.sum()


def test_layers_count_in_full():
    made = page_image(coded(page(), "PNG", compress_level=1), DPI, load_profile("access"))
    assert made.ink is not None
    assert made.size == len(made.data) + len(made.ink.data)


def test_a_coarse_page_keeps_its_greys():
    scan = coded(page(), "PNG", compress_level=1)
    assert page_image(scan, 100, load_profile("access")).ink is None
