"""Seals on a page: is there one in a place, and where. Whose it is, and whether it is real, is not said.

A seal is red (Decree 99/2016/NĐ-CP), round, 24 to 62 mm wide, and its ring has ink all round; marks that lie near each
other are one. Pens and stamps have no such ring. A ring with gaps may be a seal that is faint or shines through
the sheet, and a black ring on a page with colours a copied one: a person looks. On a page in grey a ring of dark ink is
a seal; whether it is that of an original is not seen there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from extractors.fields import Field, FieldStatus, Source
from extractors.labels import find_labels, flatten
from extractors.layout import box_of, rows_of, text_height, words_of
from models.reading import Box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extractors.fields import FieldSpec, PageView
    from models.reading import Image

_LOOK = 1170
"""Long side in pixels at which seals are looked for."""
_COLOUR = 38
"""Levels between red and the stronger of the other channels in a seal's ink."""
_GAP = 0.014
"""Share of the long side that gaps inside a seal measure."""
_LEAST, _MOST = 24 / 297, 62 / 297
"""How wide a seal is, as shares of the long side of A4: 24 to 62 mm; the round seals of agencies have 36 to 42."""
_ROUND = 1.25
"""Most by which a seal is wider than high, or higher than wide."""
_COVER = 0.05
"""Least share of its box that a seal's ink covers."""
_RING, _PART = 0.8, 0.5
"""Share of the directions round its middle in which a seal has ink near its edge: from which it is one, and from which
it may be one (faint, cut off, or shining through from the other side of the sheet)."""


ANYWHERE = "con_dau"
"""Key of the claim on a seal that a paper must bear where its schema has no field for it."""


@dataclass(frozen=True, slots=True)
class Seal:
    """A round mark on a page."""

    box: Box
    """In pixels of the page."""
    ring: float
    """Share of the directions round its middle in which there is ink near its edge, 0 to 1."""
    red: bool = True

    @property
    def sure(self) -> bool:
        """Whether it is a seal, and not perhaps one."""
        return self.red and self.ring >= _RING


def find_seals(image: Image) -> list[Seal]:
    """Round seals, sure and unsure ones, from top to bottom; red ones where the page has colours, else dark rings."""
    found = _red_seals(image) if has_colour(image) else _dark_seals(image)
    return sorted(found, key=lambda seal: seal.box.y0)


def _red_seals(image: Image) -> list[Seal]:
    import cv2
    import numpy as np

    step = max(1, round(max(image.shape[:2]) / _LOOK))
    small = image[::step, ::step]
    red = cv2.subtract(small[:, :, 0], cv2.max(small[:, :, 1], small[:, :, 2]))
    inked = (red > _COLOUR).astype(np.uint8)
    side = max(small.shape[:2])
    if cv2.countNonZero(inked) < 60:
        return []
    size = max(3, round(_GAP * side)) | 1
    _, _, stats, _ = cv2.connectedComponentsWithStats(cv2.dilate(inked, np.ones((size, size), np.uint8)))
    found: list[Seal] = []
    for x, y, width, height, _ in (tuple(int(v) for v in row) for row in stats[1:]):
        long, short = max(width, height), min(width, height)
        if not _LEAST * side <= long <= _MOST * side or long > _ROUND * short:
            continue
        part = inked[y : y + height, x : x + width]
        ring = _ring(part)
        if float(part.mean()) >= _COVER and ring >= _PART:
            found.append(Seal(Box(x * step, y * step, (x + width) * step, (y + height) * step), round(ring, 2)))
    return found


def _ring(part: Image) -> float:
    """Share of 36 directions round the middle in which there is ink in the outer fifth."""
    import numpy as np

    ys, xs = np.nonzero(part)
    middle = (part.shape[0] / 2, part.shape[1] / 2)
    x, y = (xs - middle[1]) / middle[1], (ys - middle[0]) / middle[0]
    away = np.hypot(x, y)
    edge = (away > 0.8) & (away < 1.05)
    turns = np.floor((np.arctan2(y[edge], x[edge]) + np.pi) / (2 * np.pi) * 36).astype(int) % 36
    return float(np.unique(turns).size / 36)


def _dark_seals(image: Image) -> list[Seal]:
    """Circles of dark ink as large as seals, on a page in grey or black and white: a person says what they are."""
    import cv2
    import numpy as np

    grey = image if image.ndim == 2 else image[:, :, 0]
    scale = 800 / max(grey.shape)
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    least, most = round(_LEAST * 400), round(_MOST * 400)
    circles = cv2.HoughCircles(small, cv2.HOUGH_GRADIENT, 1, 2 * least, param1=120, param2=38,
                               minRadius=least, maxRadius=most)  # fmt: skip
    found: list[Seal] = []
    paper = float(np.percentile(small, 90))
    turns = np.arange(0, 2 * np.pi, np.pi / 90)
    for x, y, radius in [] if circles is None else circles[0]:
        reach = np.arange(radius - 2, radius + 3)
        xs = np.clip(np.round(x + np.outer(reach, np.cos(turns))).astype(int), 0, small.shape[1] - 1)
        ys = np.clip(np.round(y + np.outer(reach, np.sin(turns))).astype(int), 0, small.shape[0] - 1)
        ring = float((small[ys, xs].min(axis=0) < paper - 45).mean())
        if ring >= _RING:
            ends = [round(float(v) / scale) for v in (x - radius, y - radius, x + radius, y + radius)]
            found.append(Seal(Box(max(0, ends[0]), max(0, ends[1]), ends[2], ends[3]), round(ring, 2), red=False))
    return found


def has_colour(image: Image) -> bool:
    """Whether a scan keeps colours: a picture saved in grey has three equal channels."""
    import numpy as np

    if image.ndim != 3:
        return False
    part = image[::4, ::4].astype(np.int16)  # fine enough for the strokes of a coloured pen
    return bool(np.abs(part[:, :, 0] - part[:, :, 2]).max() > 12)


def seals(pages: Sequence[PageView], specs: Sequence[FieldSpec]) -> list[Field]:
    """Claims on `seal` specs, one each: whether a seal lies at or below the label.

    A seal counts for a label when its middle is within a third of the page's width of the label and not far below it:
    it is set across the signature, and a little left of it. Where no label was found, any seal on the paper counts.
    """
    fields: list[Field] = []
    for spec in specs:
        places = ((page, place) for page in reversed(pages) if (place := _label(page, spec)) is not None)
        page, place = next(places, (None, None))
        fields.append(_claim(page, spec, place) if page and place else seal_anywhere(pages, spec.key))
    return fields


def seal_anywhere(pages: Sequence[PageView], key: str = ANYWHERE) -> Field:
    """Whether a paper (one page at least) bears a seal, wherever it stands; the surest one's page and box."""
    found = [(seal, page) for page in pages for seal in find_seals(page.image)]
    if not found:
        sure = 0.9 if all(has_colour(page.image) for page in pages) else 0.8
        return Field(key, False, "", sure, Source.LABEL, pages[-1].number, None)
    seal, page = max(found, key=lambda one: (one[0].sure, one[0].ring))
    if seal.sure or not has_colour(page.image):
        return Field(key, True, "", 0.95 if seal.sure else 0.9, Source.LABEL, page.number, seal.box)
    return Field(key, True, "", 0.5, Source.LABEL, page.number, seal.box, FieldStatus.DOUBTFUL, "seal_faint")


def _label(page: PageView, spec: FieldSpec) -> Box | None:
    found: Box | None = None
    for row in rows_of(words_of(page.read), page.read.skew):
        flat = flatten(row)
        for hit in find_labels(flat, spec.labels):
            words = flat.words_between(hit.start, hit.end)
            found = box_of(words) if words else found
    return found


def _claim(page: PageView, spec: FieldSpec, label: Box) -> Field:
    height = text_height(page.read)
    middle = (label.x0 + label.x1) / 2
    reach = page.read.width / 3
    image = page.image
    colours = has_colour(image)
    near = [seal for seal in find_seals(image) if _beside(seal.box, label, height, reach)]
    best = max(near, key=lambda seal: (seal.sure, seal.ring), default=None)
    if best is not None and (best.sure or not colours):
        # Without colours a ring says that there is a seal, and not whether it is one on a copy.
        return Field(spec.key, True, "", 0.95 if best.sure else 0.9, Source.LABEL, page.number, best.box)
    dark = [seal for seal in _dark_seals(image) if _beside(seal.box, label, height, reach)] if colours else []
    if best is not None or dark:
        found, reason = (best, "seal_faint") if best is not None else (dark[0], "seal_not_red")
        return Field(spec.key, True, "", 0.5, Source.LABEL, page.number, found.box, FieldStatus.DOUBTFUL, reason)
    looked = Box(max(0, round(middle - reach)), label.y0, round(middle + reach), round(label.y1 + 14 * height))
    return Field(spec.key, False, "", 0.9 if colours else 0.8, Source.LABEL, page.number, looked)


def _beside(box: Box, label: Box, height: float, reach: float) -> bool:
    x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
    return abs(x - (label.x0 + label.x1) / 2) <= reach and label.y0 - 2 * height <= y <= label.y1 + 14 * height
