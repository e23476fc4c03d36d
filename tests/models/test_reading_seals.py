"""Seals are taken off the print they lie on; red print, and pages without seals, stay as they are."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from models.seals import without_seals

if TYPE_CHECKING:
    from typewriter import Typewriter

    from models.reading import Image, PageReader

ROWS = [
    (120, 300, "TM. ỦY BAN NHÂN DÂN"),
    (120, 370, "KT. CHỦ TỊCH"),
    (120, 440, "PHÓ CHỦ TỊCH"),
    (120, 640, "Nguyễn Thị Hòa Bình"),
]
INKS = {"red": (205, 25, 40), "pale": (228, 110, 115), "dark": (150, 20, 35), "magenta": (190, 30, 110)}


def stamped(page: Image, ink: tuple[int, int, int], centre: tuple[int, int] = (330, 420), radius: int = 130) -> Image:
    """Rings, a disc and slanted words of a seal over a grey page; inks multiply."""
    cover = np.zeros(page.shape, np.uint8)
    for share, thickness in ((1.0, 7), (0.93, 3), (0.62, 3)):
        cv2.circle(cover, centre, round(radius * share), 230, thickness, cv2.LINE_AA)
    cv2.circle(cover, centre, radius // 5, 200, -1, cv2.LINE_AA)
    cv2.putText(cover, "MOC TRON", (centre[0] - 90, centre[1] - 40), cv2.FONT_HERSHEY_SIMPLEX, 1.1, 230, 4, cv2.LINE_AA)
    clean = np.repeat(page[:, :, None], 3, 2).astype(np.float32)
    return np.asarray(clean * (1 - cover[:, :, None] / 255 * (1 - np.array(ink, np.float32) / 255)), np.uint8)


@pytest.mark.parametrize("ink", INKS.values(), ids=INKS.keys())
def test_only_print_is_left_under_a_seal(typewriter: Typewriter, ink: tuple[int, int, int]) -> None:
    page = typewriter.page(ROWS, size=40)
    cleaned = without_seals(stamped(page, ink))
    off = np.abs(cleaned.astype(int) - page[:, :, None])
    assert off.mean() < 0.5
    assert np.percentile(off[290:550, 200:460], 99) < 60
    # What is print stays print: letters are as dark as they were.
    assert cleaned[page < 30].max() < 90


@pytest.mark.parametrize("ink", INKS.values(), ids=INKS.keys())
def test_what_lies_under_a_seal_is_read(reader: PageReader, typewriter: Typewriter, ink: tuple[int, int, int]) -> None:
    page = typewriter.page(ROWS, size=40)
    read, expected = reader.read(stamped(page, ink)).text, reader.read(page).text
    assert SequenceMatcher(None, read, expected).ratio() > 0.97
    assert len(read.splitlines()) == len(ROWS)


def test_red_print_and_pages_without_red_are_untouched(typewriter: Typewriter) -> None:
    grey = typewriter.page(ROWS, size=40).astype(np.float32)[:, :, None] / 255
    red = (grey * 255 + (1 - grey) * np.array([205, 30, 40])).astype(np.uint8)
    assert without_seals(red) is red
    black = np.repeat(typewriter.page(ROWS, size=40)[:, :, None], 3, 2)
    assert without_seals(black) is black


def test_a_seal_on_bare_paper_is_untouched() -> None:
    page = stamped(np.full((1754, 1240), 255, np.uint8), INKS["red"])
    assert without_seals(page) is page


def test_a_pen_stroke_in_blue_stays_blue(typewriter: Typewriter) -> None:
    page = stamped(typewriter.page(ROWS, size=40), INKS["red"])
    cv2.line(page, (260, 515), (420, 515), (40, 60, 180), 4)
    stroke = without_seals(page)[513:518, 320:340].reshape(-1, 3).astype(int)
    darkest = stroke[stroke.sum(1).argmin()]
    assert darkest[2] > darkest[0] + 80
