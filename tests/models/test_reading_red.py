"""Red print is print: the title of a birth certificate is red, and seals over black print are not."""

import numpy as np
import pytest
from typewriter import Typewriter

from models.factory import OWN_WEIGHTS, ReaderOptions, build_reader

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
