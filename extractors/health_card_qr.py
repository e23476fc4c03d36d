"""Fields from the QR code of a health-insurance card, which says all that is printed on it, and more exactly.

The payload is practice, not a published format (`extractors.health_card`), and it is unsigned: it beats print in fusion
and proves nothing about the card being genuine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from extractors.cccd_qr import PROBABILITY, find_codes
from extractors.fields import Field, Source
from extractors.health_card import parse_health_card

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extractors.fields import FieldSpec, PageView
    from extractors.health_card import HealthCard
    from models.reading import Box


class HealthCardExtractor:
    """Claims from the code of a health-insurance card. Holds no state."""

    source = Source.QR
    papers = frozenset({"the_bhyt"})

    def extract(self, pages: Sequence[PageView], specs: Sequence[FieldSpec]) -> list[Field]:
        """Claims of the first page that carries such a code; `specs`, where given, limits the keys."""
        wanted = {spec.key for spec in specs}
        for page in pages:
            for text, box in find_codes(page.image):
                card = parse_health_card(text)
                if card:
                    return [field for field in _claims(card, page.number, box) if not wanted or field.key in wanted]
        return []


def _claims(card: HealthCard, page: int, box: Box) -> list[Field]:
    said = {
        "ma_so": (card.number, card.raw[0]),
        "ho_ten": (card.name, card.raw[1]),
        "ngay_sinh": (card.born, card.raw[2]),
        "gioi_tinh": (card.sex, card.raw[3]),
        "dia_chi": (card.address, card.raw[4]),
        "noi_kham_chua_benh": (card.hospital, card.raw[5]),
        "gia_tri_tu": (card.valid_from, card.raw[6]),
        "ngay_het_han": (card.valid_to, card.raw[7]),
    }
    return [
        Field(key, value, raw, PROBABILITY, Source.QR, page, box)
        for key, (value, raw) in said.items()
        if value is not None
    ]
