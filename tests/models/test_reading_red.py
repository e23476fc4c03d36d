"""Red print is print: the title of a birth certificate is red, and seals over black print are not."""

import numpy as np
import pytest
from typewriter import Typewriter

from models.factory import OWN_WEIGHTS, ReaderOptions, build_reader, build_recogniser
from models.images import without_red
from models.reading import PageReader

LINES = [(120, 200, "GIẤY KHAI SINH"), (120, 320, "Họ và tên: Nguyễn Thị Hòa Bình"), (120, 440, "CĂN CƯỚC CÔNG DÂN")]


@pytest.mark.parametrize("recogniser", ["trueocr", "hoso"])
def test_red_print_is_read_like_black_print(recogniser: str, typewriter: Typewriter) -> None:
    if recogniser == "hoso" and not (OWN_WEIGHTS / "reader.onnx").is_file():
        pytest.skip("our own weights are not installed")
    reader = build_reader(ReaderOptions(threads=2, recogniser=recogniser))
    grey = typewriter.page(LINES, size=40).astype(np.float32) / 255
    paper, ink = np.array([255, 255, 255], np.float32), np.array([205, 30, 40], np.float32)
    red = (grey[:, :, None] * paper + (1 - grey[:, :, None]) * ink).astype(np.uint8)
    black = typewriter.page(LINES, size=40)
    assert reader.read(red).text == reader.read(black).text


def _own_reader() -> PageReader:
    if not (OWN_WEIGHTS / "reader.onnx").is_file():
        pytest.skip("our own weights are not installed")
    return build_reader(ReaderOptions(threads=2, recogniser="hoso"))


def test_red_print_beside_black_print_in_one_line_is_print(typewriter: Typewriter) -> None:
    grey = typewriter.page([(120, 200, "Người kể: Lúc mà anh Bình với chị Hòa làm")], size=40)
    page = np.repeat(grey[:, :, None], 3, axis=2)
    page[:, 320:, 0] = np.maximum(page[:, 320:, 0], 205)  # red from the first word of what is told
    assert _own_reader().read(page).text == _own_reader().read(grey).text


def test_a_ring_beside_the_last_word_is_still_taken_away(typewriter: Typewriter) -> None:
    grey = typewriter.page([(120, 100, "Nơi nhận: Văn phòng")], size=40, page=(900, 300))[90:160]
    crop = np.repeat(grey[:, :, None], 3, axis=2)
    rows, columns = np.mgrid[: crop.shape[0], : crop.shape[1]]
    ring = np.abs(np.hypot(rows - 35, columns - 640) - 90) < 4
    crop[ring] = (215, 40, 50)
    cleaned = without_red(crop)
    assert cleaned[ring].min() > 200
    assert (cleaned[~ring] == crop[~ring]).all()


@pytest.mark.parametrize(("ground", "ink"), [((200, 20, 30), (250, 220, 40)), ((240, 140, 30), (120, 20, 140))])
def test_print_on_red_keeps_its_contrast(
    typewriter: Typewriter, ground: tuple[int, int, int], ink: tuple[int, int, int]
) -> None:
    grey = typewriter.page([(20, 12, "GIẤY CHỨNG NHẬN")], size=40, page=(420, 70)).astype(np.float32)[:, :, None] / 255
    crop = (grey * np.array(ground) + (1 - grey) * np.array(ink)).astype(np.uint8)
    seen = without_red(crop)
    assert np.ptp(seen[:, :, 0].astype(int)) > 80
    recogniser, _ = build_recogniser(ReaderOptions(recogniser="auto"))
    assert recogniser.recognise(seen).text == "GIẤY CHỨNG NHẬN"
