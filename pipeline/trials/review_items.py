"""Dossiers of invented people that wait for a clerk, with a typeset page and its words: for tests and for measuring.

Every dossier has one page with a number of labelled values; each is right, or wrong by a tone, a mark or a letter, and
the words' chances say where. The right values come along, so that a script can key them. Same seed, same dossiers.
"""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from extractors.fields import FieldStatus, Source
from models.codec import encode_page
from models.reading import Box, Line, ReadPage, Word
from models.synthesis.people import SURNAMES
from pipeline.keys import page_key
from pipeline.record import Claim, DocumentRecord, Dossier, Event, FieldRecord, PageRecord, Status
from pipeline.stages import STAGES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from PIL import Image, ImageDraw, ImageFont

    from pipeline.tools import Tools

ENGINE = "typeset-1"
_WIDTH, _HEIGHT = 1654, 2339
_MIDDLE = ("Thị", "Văn", "Đức", "Minh", "Ngọc", "Hữu", "Quốc", "Thu")
_GIVEN = ("Hùng", "Hương", "Hằng", "Tuấn", "Thảo", "Dũng", "Phượng", "Nguyệt", "Khánh", "Thúy", "Quỳnh", "Toàn", "Hạnh")
_PLACES = ("phường Trảng Bàng, tỉnh Tây Ninh", "xã Hòa Vang, thành phố Đà Nẵng", "phường Bến Thành, TP. Hồ Chí Minh")
_SLIPS = (
    *(("ễ", "ê"), ("ầ", "â"), ("ị", "i"), ("ú", "u"), ("ươ", "uơ"), ("ằ", "ă"), ("ả", "a"), ("ù", "u"), ("ạ", "a")),
    *(("ứ", "ư"), ("ố", "ô"), ("ọ", "o"), ("ế", "ê"), ("ũ", "u"), ("ấ", "â"), ("ỳ", "y"), ("ánh", "anh"), ("ă", "a")),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A doubtful field and what stands on the paper."""

    dossier: str
    key: str
    read: str
    right: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """A waiting dossier, its page, its words, and the truth."""

    dossier: Dossier
    image: bytes
    words: bytes
    asked: tuple[Asked, ...]


def drawn(seed: int, received: datetime, *, fields: int = 5, wrong: float = 0.3, agency: str = "") -> Drawn:
    """A dossier of `fields` doubtful fields, of which a share is read with a wrong tone or mark."""
    from PIL import Image, ImageDraw

    random = Random(seed)  # noqa: S311 - samples, not secrets
    name = f"hs-{received:%y%m%d}-{seed:08d}"
    sheet = Image.new("L", (_WIDTH, _HEIGHT), 255)
    pen = ImageDraw.Draw(sheet)
    font = _font(38)
    lines: list[Line] = []
    records: dict[str, FieldRecord] = {}
    asked: list[Asked] = []
    for number in range(fields):
        key, label, right = _value(random, number)
        read, at = _slipped(random, right) if random.random() < wrong else (right, random.randrange(len(right.split())))
        top = 260 + number * 150
        pen.text((150, top), f"{label}:", font=font, fill=40)
        asked.append(Asked(name, key, read, right))
        line = _written(pen, font, top, asked[-1], at)
        lines.append(line)
        box = (line.box.x0, line.box.y0, line.box.x1, line.box.y1)
        claims: tuple[Claim, ...] = ()
        if read != right and random.random() < 0.3:
            claims = tuple(
                Claim(value=value, raw=value, probability=p, source=source, page=1, box=box)
                for value, p, source in ((read, 0.6, Source.LABEL), (right, 0.5, Source.TAGGER))
            )
        records[key] = FieldRecord(
            value=_iso(key, read),
            raw=read,
            probability=round(random.uniform(0.4, 0.88), 4),
            source=Source.LABEL,
            page=1,
            box=box,
            status=FieldStatus.DOUBTFUL,
            reason="sources_disagree" if claims else "below_threshold",
            label=label,
            claims=claims,
        )
    image = _png(sheet)
    page = PageRecord(
        number=1,
        file="quét.png",
        file_page=1,
        width=_WIDTH,
        height=_HEIGHT,
        dpi=200,
        image_sha256=hashlib.sha256(image).hexdigest(),
    )
    paper = DocumentRecord(
        id="d1", type="to_khai", title="Tờ khai (mẫu thử)", component=None, pages=(1,), probability=0.97, fields=records
    )
    dossier = Dossier(
        id=name,
        procedure=None,
        procedure_name="Đăng ký khai sinh (mẫu thử)",
        status=Status.WAITS,
        agency=agency,
        received_at=received,
        pages=(page,),
        documents=(paper,),
        engine=ENGINE,
        events=tuple(Event(stage=stage, at=received, seconds=0.1) for stage in STAGES[:5]),
    )
    words = ReadPage(_WIDTH, _HEIGHT, tuple(lines), 0.0, ENGINE)
    return Drawn(dossier, image, json.dumps(encode_page(words), ensure_ascii=False).encode(), tuple(asked))


def stored(tools: Tools, one: Drawn) -> Drawn:
    """Puts a drawn dossier with its page and words into a house."""
    page = one.dossier.pages[0]
    tools.store.put_new(page_key(page.image_sha256, page.media_type), one.image, page.media_type)
    tools.catalogue.remember_step(page.image_sha256, "read", ENGINE, one.words, 0.1)
    tools.catalogue.create_dossier(one.dossier)
    return one


def several(tools: Tools, count: int, received: datetime, *, fields: int = 5, wrong: float = 0.3) -> Iterator[Drawn]:
    """Stores `count` dossiers, one after the other."""
    for seed in range(count):
        yield stored(tools, drawn(seed + 1, received, fields=fields, wrong=wrong))


def _value(random: Random, number: int) -> tuple[str, str, str]:
    if number % 5 == 2:
        day, month, year = random.randint(1, 28), random.randint(1, 12), random.randint(1950, 2024)
        return f"ngay_sinh_{number}", "Ngày, tháng, năm sinh", f"{day:02}/{month:02}/{year}"
    if number % 5 == 4:
        return f"noi_o_{number}", "Nơi thường trú", random.choice(_PLACES)
    parts = (random.choice(SURNAMES), random.choice(_MIDDLE), random.choice(_GIVEN))
    return f"ho_ten_{number}", "Họ, chữ đệm, tên", " ".join(parts)


def _slipped(random: Random, right: str) -> tuple[str, int]:
    """The text with one mark or tone lost, and which word lost it."""
    words = right.split()
    places = [(at, old, new) for at, word in enumerate(words) for old, new in _SLIPS if old in word]
    if not places:
        return right, 0
    at, old, new = random.choice(places)
    words[at] = words[at].replace(old, new, 1)
    return " ".join(words), at


def _iso(key: str, text: str) -> str:
    return "-".join(reversed(text.split("/"))) if key.startswith("ngay_") else text


def _written(pen: ImageDraw.ImageDraw, font: ImageFont.FreeTypeFont, top: int, asked: Asked, weak: int) -> Line:
    """Draws the right text, and gives the words as they were read, one of them doubtful."""
    x = 620.0
    words = []
    for at, (ink, said) in enumerate(zip(asked.right.split(), asked.read.split(), strict=True)):
        x0, y0, x1, y1 = pen.textbbox((x, top), ink, font=font)
        pen.text((x, top), ink, font=font, fill=30)
        box = Box(round(x0), round(y0), round(x1), round(y1))
        words.append(Word(said, box, 0.55 if at == weak else 0.995))
        x = x1 + 14
    whole = words[0].box
    for word in words[1:]:
        whole = whole.union(word.box)
    return Line(tuple(words), whole, min(word.probability for word in words))


def _font(size: int) -> ImageFont.FreeTypeFont:
    """The Noto Sans that comes with OCRmyPDF, as for stamps."""
    from PIL import ImageFont

    origin = find_spec("ocrmypdf")
    folder = Path(origin.origin or "").parent if origin else Path()
    return ImageFont.truetype(str(folder / "data" / "NotoSans-Regular.ttf"), size)


def _png(sheet: Image.Image) -> bytes:
    stream = io.BytesIO()
    sheet.save(stream, "PNG", compress_level=1)
    return stream.getvalue()
