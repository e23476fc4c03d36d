"""Profiles are data: sizes kept, slips refused by name, an agency's own on top."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from scans import coded, drawing

from pipeline.archive.masters import master
from pipeline.archive.page_images import page_image
from pipeline.archive.profiles import ArchiveProfileError, Profile, Step, load_profile


def noisy(dpi: int, strength: float, mode: str = "RGB") -> Image.Image:
    size = round(8.27 * dpi), round(11.69 * dpi)
    pixels = np.asarray(drawing(*size))
    grain = np.random.default_rng(dpi).integers(0, round(3.4 * strength), pixels.shape, np.uint8)
    return Image.fromarray(np.where(pixels > 128, pixels - grain, pixels + grain)).convert(mode)


@pytest.mark.parametrize(("name", "dpi", "most"), [("archive", 300, 600), ("register", 200, 110), ("access", 150, 66)])
def test_a_colour_page_keeps_to_its_size(name, dpi, most):
    made = page_image(coded(noisy(dpi, 5), "PNG", compress_level=1), dpi, load_profile(name))
    assert made.filter == "/DCTDecode"
    assert made.size <= 1000 * most
    assert made.colours == 3


def test_an_archive_page_keeps_its_resolution_and_larger_ones_have_more_room():
    profile = load_profile("archive")
    scan = drawing(1240, 1754)
    made = master(scan, 400, profile)
    assert (made.width, made.height) == scan.size
    assert profile.room(2480, 3508, 300) == pytest.approx(600_000, rel=0.001)
    assert profile.room(3307, 4677, 400) == pytest.approx(600_000 * (4 / 3) ** 2, rel=0.001)
    assert profile.room(3508, 4961, 300) == pytest.approx(1_200_000, rel=0.001)
    assert profile.room(1240, 1754, 300) == 600_000


def test_a_page_that_cannot_be_small_enough_takes_the_last_step():
    static = Image.fromarray(np.random.default_rng(1).integers(0, 255, (1754, 1240, 3)).astype(np.uint8))
    steps = Step(quality=30), Step(quality=20, dpi=75)
    made = master(static, 150, Profile(name="Thử", originals="small", page_kb=0.1, steps=steps))
    assert (made.width, made.ink) == (620, None)
    assert made.size > 100


def test_small_originals_stay_and_large_ones_do_not():
    register = load_profile("register")
    small = coded(drawing(), "JPEG", quality=60)
    assert page_image(small, 50, register).data == small
    large = coded(noisy(200, 8), "JPEG", quality=95)
    assert page_image(large, 200, register).size <= 110_000


def test_bilevel_pages_stay_group_4_where_they_are_small():
    page = coded(drawing(mode="1"), "PNG")
    assert page_image(page, 100, load_profile("register")).filter == "/CCITTFaxDecode"
    dithered = coded(noisy(150, 60).convert("1"), "PNG")
    assert page_image(dithered, 150, load_profile("archive")).bits == 1
    made = page_image(dithered, 150, load_profile("register"))
    assert made.filter == "/DCTDecode"
    assert made.size <= 110_000


def test_masters_are_the_same_bytes_each_time():
    scan = noisy(150, 6)
    assert master(scan, 150, load_profile("register")) == master(scan, 150, load_profile("register"))


def test_an_agency_has_profiles_of_its_own(tmp_path):
    own = tmp_path / "profiles.yaml"
    own.write_text("thu:\n  name: Thử\n  originals: small\n  page_kb: 40\n  steps: [{quality: 30, dpi: 72}]\n", "utf-8")
    profile = load_profile("thu", own)
    assert profile.steps[0].dpi == 72
    assert load_profile("archive", own) == load_profile("archive")
    with Image.open(BytesIO(page_image(coded(noisy(144, 9), "PNG", compress_level=1), 144, profile).data)) as made:
        assert made.width == round(round(8.27 * 144) / 2)


@pytest.mark.parametrize(
    "text",
    [
        "thu: {}",
        "thu: {name: Thử, originals: never, page_kb: 1, steps: [{quality: 9}]}",
        "thu: {name: Thử, originals: keep, page_kb: 1, steps: []}",
        "thu: {name: Thử, originals: keep, page_kb: -1, steps: [{quality: 9}]}",
        "thu: {name: Thử, originals: keep, page_kb: 1, steps: [{quality: 99}]}",
        "thu: {name: Thử, originals: keep, page_kb: 1, steps: [{quality: 9}], more: 1}",
        "thu: [",
        "- thu",
        "khác: {}",
    ],
)
def test_a_slip_is_refused_by_name(tmp_path, text):
    own = tmp_path / "profiles.yaml"
    own.write_text(text, "utf-8")
    with pytest.raises(ArchiveProfileError, match="thu"):
        load_profile("thu", own)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ArchiveProfileError):
        load_profile("archive", tmp_path / "none.yaml")
