"""Pages for the tests of the archive: pictures of several kinds, and readings with known words and boxes."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageDraw

from models.reading import Box, Line, ReadPage, Word
from pipeline.archive.assemble import ArchivePage, write_archive
from pipeline.archive.metadata import About
from pipeline.archive.profiles import load_profile

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SENTENCES = """
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM Độc lập - Tự do - Hạnh phúc Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3
ưỡng ẫm ỷ ỵ Ỹ đường Nguyễn Thị Quỳnh (bản sao) 100% “trích” … ☐ 1.001193 a@b.vn x=½ € ⍰
"""
VOCABULARY = tuple(word for line in SENTENCES.splitlines() for word in line.split())
CREATED = datetime(2026, 11, 21, 9, 30, tzinfo=timezone(timedelta(hours=7)))


def reading(width: int, height: int, seed: int = 1) -> ReadPage:
    """Lines of words in boxes that lean a little, as readers give them."""
    chance = random.Random(seed)  # noqa: S311  # a repeatable page, not a secret
    lines, y, tall = [], height // 15, max(12, height // 80)
    while y < height * 0.9:
        words, x = [], width // 10
        while x < width * 0.85:
            text = chance.choice(VOCABULARY)
            wide = max(6, int(len(text) * tall * 0.5))
            lean = (x * 3) // width
            words.append(Word(text, Box(x, y + lean, x + wide, y + lean + tall), 0.99))
            x += wide + tall // 3
        box = words[0].box
        for word in words:
            box = box.union(word.box)
        lines.append(Line(tuple(words), box, 0.99))
        y += int(tall * 1.9)
    return ReadPage(width, height, tuple(lines), 0.0, "known-words")


def picture(width: int = 620, height: int = 877, mode: str = "RGB") -> Image.Image:
    made = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(made)
    for row in range(height // 6, height - height // 6, 24):
        draw.rectangle((width // 8, row, width - width // 8, row + 4), fill=(20, 20, 20))
    draw.rectangle((0, 0, width // 5, height // 10), fill=(220, 30, 30))
    return made.convert(mode)


def page_of(made: Image.Image, kind: str = "PNG", dpi: float = 150.0, read: ReadPage | None = None) -> ArchivePage:
    out = BytesIO()
    made.save(out, kind)
    return ArchivePage(out.getvalue(), f"image/{kind.lower()}", made.width, made.height, dpi, read)


@pytest.fixture
def make_reading() -> Callable[..., ReadPage]:
    return reading


@pytest.fixture
def make_picture() -> Callable[..., Image.Image]:
    return picture


@pytest.fixture
def make_page() -> Callable[..., ArchivePage]:
    return page_of


@pytest.fixture
def archive(tmp_path: Path) -> Callable[..., bytes]:
    def build(
        *pages: ArchivePage, title: str = "Hồ sơ", profile: str = "archive", more: dict | None = None, **how: object
    ) -> bytes:
        target = tmp_path / "archive.pdf"
        about = About(title, CREATED, **(more or {}))
        write_archive(target, iter(pages), about=about, profile=load_profile(profile), **how)
        return target.read_bytes()

    return build


@pytest.fixture
def created() -> datetime:
    assert CREATED.astimezone(UTC).hour == 2
    return CREATED
