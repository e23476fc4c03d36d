"""Small pages of our own, set in a font that is installed with the product and has every letter we need."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fontTools.ttLib import TTFont
from typewriter import Typewriter

from models.alphabet import REQUIRED
from models.factory import ReaderOptions, build_reader

if TYPE_CHECKING:
    from models.reading import Image, PageReader


@pytest.fixture(scope="session")
def font_path() -> Path:
    path = Path(str(metadata.distribution("ocrmypdf").locate_file("ocrmypdf/data/NotoSans-Regular.ttf")))
    with TTFont(path) as font:
        glyphs = font.getBestCmap()
    assert not [letter for letter in REQUIRED if ord(letter) not in glyphs]
    return path


@pytest.fixture(scope="session")
def typewriter(font_path: Path) -> Typewriter:
    return Typewriter(font_path)


@pytest.fixture(scope="session")
def reader() -> PageReader:
    return build_reader(ReaderOptions(threads=2, streams=2, recogniser="trueocr"))


LETTER = (
    (120, 120, "ỦY BAN NHÂN DÂN"),
    (160, 170, "XÃ KHÁNH VĨNH"),
    (640, 120, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
    (740, 170, "Độc lập - Tự do - Hạnh phúc"),
    (160, 240, "Số: 123/UBND-VP"),
    (720, 240, "Khánh Vĩnh, ngày 05 tháng 6 năm 2025"),
    (120, 400, "Căn cứ Luật Tổ chức chính quyền địa phương ngày 16 tháng 6 năm 2025;"),
    (120, 460, "Xét đề nghị của Trưởng phòng Kinh tế về việc cấp giấy phép xây dựng"),
    (120, 520, "cho hộ gia đình ông Nguyễn Văn Thưởng, sinh năm 1985."),
    (120, 700, "Nơi nhận:"),
    (120, 750, "- Như trên;"),
    (120, 800, "- Lưu: VT."),
    (800, 700, "CHỦ TỊCH"),
    (760, 900, "Trần Thị Hương"),
)


@pytest.fixture(scope="session")
def letter(typewriter: Typewriter) -> Image:
    return typewriter.page(LETTER, size=28)


@pytest.fixture(scope="session")
def letter_texts() -> list[str]:
    return [text for _, _, text in LETTER]
