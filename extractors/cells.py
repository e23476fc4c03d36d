"""What one place of a form says, wherever its words came from: blank, ditto, crossed out, unread ink, or a value.

A ditto mark stands for the value above it: the claim has that value, and the mark as its raw text, so both are seen.
A value that was struck through is never taken as valid: a person sees it with the reason `crossed_out`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from extractors.evidence import claim
from extractors.fields import Field, FieldStatus, Source
from extractors.ink import INKED, tall_ink
from extractors.layout import rows_of
from extractors.strikes import struck
from extractors.text import compact, fold, nfc, strip_leaders
from extractors.values import normalise
from models.reading import Box

if TYPE_CHECKING:
    from extractors.fields import FieldSpec, PageView
    from models.reading import Word

_BLANK = 0.97
_DITTO_QUALITY = 0.95
_DITTO = re.compile(
    r"^\s*(?:[\"″”“〃]{1,2}|''|´´|,,|-{0,2}\s*(?:nt|n\s?t|như trên|nhu tren)\s*-{0,2})\.?\s*$", re.IGNORECASE
)
"""`″`, `như trên`, `-nt-`: the same as above."""
_NOTHING = re.compile(r"^[\s\-–—/.…_]*$")


def is_ditto(text: str) -> bool:
    """Whether a text only says `the same as above`."""
    return bool(_DITTO.match(text) or _DITTO.match(fold(text)))


@dataclass(frozen=True, slots=True)
class Cell:
    """A place with the words in it."""

    page: PageView
    words: tuple[Word, ...]
    box: Box

    @property
    def text(self) -> str:
        """What was written, row by row; empty where only leaders or dashes stand there."""
        text = nfc(" ".join(word.text for row in rows_of(self.words) for word in row.words))
        return "" if _NOTHING.match(text) else text if is_ditto(text) else strip_leaders(text)


def ditto(key: str, mark: str, box: Box | None, page: int, above: Field | None) -> Field:
    """The claim of a ditto mark: the value above with the mark as raw text; without one above, a person is asked."""
    if above is None or above.value is None:
        return Field(key, None, mark, 0.0, Source.LABEL, page, box, FieldStatus.UNREADABLE, "ditto")
    probability = round(above.probability * _DITTO_QUALITY, 4)
    return replace(above, key=key, raw=mark, probability=probability, page=page, box=box)


def cell_claim(key: str, spec: FieldSpec, cell: Cell, above: Field | None) -> Field:
    """The claim of a cell; `above` is that of the cell over it, which a ditto mark repeats."""
    page, text = cell.page.number, cell.text
    if is_ditto(text):
        return ditto(key, text, cell.box, page, above)
    words = [word for word in cell.words if compact(word.text)]
    if not words or not compact(text):
        return _empty(key, cell)
    normal = normalise(spec.kind, text, spec.choices)
    crossed = struck(cell.page, words)
    doubt = "crossed_out" if crossed else None if normal.fits else normal.reason
    return claim(
        key, normal.value, words, source=Source.LABEL, page=page, repaired=normal.repaired, doubt=doubt, raw=text
    )


def _empty(key: str, cell: Cell) -> Field:
    page = cell.page.number
    height = max(8.0, 0.6 * min(40, cell.box.height))
    inset = max(3, round(0.12 * cell.box.height))
    inner = Box(cell.box.x0 + inset, cell.box.y0 + inset, cell.box.x1 - inset, cell.box.y1 - inset)
    if inner.width > 0 and inner.height > 0 and tall_ink(cell.page.image, inner, height) >= INKED:
        return Field(key, None, "", 0.0, Source.LABEL, page, cell.box, FieldStatus.UNREADABLE, "ink_not_read")
    return Field(key, None, "", _BLANK, Source.LABEL, page, cell.box, FieldStatus.BLANK)
