"""The QR code of a chip identity card: the strongest witness of all, because a machine wrote it.

Payload, UTF-8: `cccd|cmnd or empty|name|ddMMyyyy|sex|permanent address|ddMMyyyy issued`, newer cards append parents.
The code is tried on the page as it is, then larger, then with a local threshold; a page holds one card or none.
It is unsigned: it beats print in fusion, and proves nothing about the card being genuine.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from extractors import names
from extractors.dates import parse_date
from extractors.fields import Field, Source
from extractors.identifiers import OLD_CARD_NUMBER, PERSONAL_NUMBER
from extractors.text import nfc
from models.reading import Box

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from extractors.fields import FieldSpec, PageView
    from models.reading import Image

PROBABILITY = 0.9995
"""The code carries its own error correction: a payload that parses is what the card says."""


@dataclass(frozen=True, slots=True)
class CardCode:
    """What the code says; dates ISO 8601. `raw` holds each part as written."""

    number: str
    old_number: str | None
    name: str
    born: str
    sex: str
    address: str
    issued: str | None
    parents: tuple[str, ...] = ()
    raw: tuple[str, ...] = ()


def _iso(digits: str) -> str | None:
    if not re.fullmatch(r"\d{8}", digits):
        return None
    parsed = parse_date(f"{digits[:2]}/{digits[2:4]}/{digits[4:]}")
    return parsed.iso if parsed else None


def parse_payload(text: str) -> CardCode | None:
    """Parses a payload; None for any other code. Seven parts at least, a personal number first, a date fourth."""
    parts = tuple(nfc(part) for part in text.split("|"))
    if len(parts) < 7 or not PERSONAL_NUMBER.match(parts[0]):
        return None
    born = _iso(parts[3])
    sex, _ = names.closed_value("sex", parts[4])
    if born is None or not parts[2] or sex is None:
        return None
    old = parts[1] if OLD_CARD_NUMBER.match(parts[1]) else None
    parents = tuple(part for part in parts[7:] if part)
    return CardCode(parts[0], old, parts[2], born, sex, parts[5], _iso(parts[6]), parents, parts)


def _attempts(image: Image) -> Iterator[tuple[NDArray[np.uint8], float]]:
    import cv2

    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) if image.ndim == 3 else image
    yield grey, 1.0
    if max(grey.shape) <= 5000:
        yield cv2.resize(grey, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), 2.0
    yield cv2.adaptiveThreshold(cv2.GaussianBlur(grey, (3, 3), 0), 255, cv2.ADAPTIVE_THRESH_MEAN_C,
                                cv2.THRESH_BINARY, 41, 10), 1.0  # fmt: skip
    if max(grey.shape) > 2400:
        yield cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), 0.5


def find_codes(image: Image, *, thorough: bool = True) -> list[tuple[str, Box]]:
    """Texts of all QR codes on a page with their boxes in its pixels; `thorough` retries where nothing is found."""
    import zxingcpp

    for grey, scale in _attempts(image):
        found = zxingcpp.read_barcodes(grey, formats=zxingcpp.BarcodeFormat.QRCode)
        codes = []
        for code in found:
            place = code.position
            corners = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
            xs, ys = [c.x / scale for c in corners], [c.y / scale for c in corners]
            codes.append((code.text, Box(int(min(xs)), int(min(ys)), int(max(xs)) + 1, int(max(ys)) + 1)))
        if codes or not thorough:
            return codes
    return []


class CardCodeExtractor:
    """Claims from the QR code of an identity card. Holds no state."""

    source = Source.QR
    papers = frozenset({"cccd"})

    def extract(self, pages: Sequence[PageView], specs: Sequence[FieldSpec]) -> list[Field]:
        """Claims of the first page that carries a card's code; `specs`, where given, limits the keys."""
        wanted = {spec.key for spec in specs}
        for page in pages:
            for text, box in find_codes(page.image):
                card = parse_payload(text)
                if card:
                    return [field for field in _claims(card, page.number, box) if not wanted or field.key in wanted]
        return []


def _claims(card: CardCode, page: int, box: Box) -> list[Field]:
    said = [
        ("so_dinh_danh", card.number, card.raw[0]),
        ("so_cmnd", card.old_number, card.raw[1]),
        ("ho_ten", card.name, card.raw[2]),
        ("ngay_sinh", card.born, card.raw[3]),
        ("gioi_tinh", card.sex, card.raw[4]),
        ("noi_thuong_tru", card.address, card.raw[5]),
        ("ngay_cap", card.issued, card.raw[6]),
    ]
    return [Field(key, value, raw, PROBABILITY, Source.QR, page, box) for key, value, raw in said if value]
