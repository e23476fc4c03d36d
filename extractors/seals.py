"""Seals on a page: is there one in a place, and where. Whose it is, and whether it is real, is not said.

A seal is coloured (red by Decree 99/2016/NĐ-CP; some stamps are blue) and about as wide as it is high where it is
round, or a wide frame where it is a stamp; coloured marks that lie near each other are one seal. Strokes of a coloured
pen are as coloured, but thinner: they cover little of the box round them and do not close it.
A scan without colour keeps no red: then nobody can tell, and no claim is made.
"""

from __future__ import annotations

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
"""Levels between the strongest and the weakest channel of a seal's ink."""
_GAP, _LEAST, _MOST = 0.014, 0.04, 0.3
"""Shares of the long side: gaps inside a seal, and how large a seal is (12 to 90 mm on A4)."""
_COVER = 0.07
"""Least share of its box that a seal's ink covers."""
_SIDES = 0.5
"""Least share of the directions round its middle in which a seal has ink near its edge."""


def find_seals(image: Image) -> list[Box]:
    """Boxes round seals and stamps, in pixels of the page, from top to bottom."""
    import cv2
    import numpy as np

    if image.ndim != 3:
        return []
    step = max(1, round(max(image.shape[:2]) / _LOOK))
    small = image[::step, ::step]
    red = cv2.subtract(small[:, :, 0], cv2.max(small[:, :, 1], small[:, :, 2]))
    blue = cv2.subtract(small[:, :, 2], cv2.max(small[:, :, 0], small[:, :, 1]))
    side = max(small.shape[:2])
    found: list[Box] = []
    for colour in (red, blue):
        inked = (colour > _COLOUR).astype(np.uint8)
        if cv2.countNonZero(inked) < 60:
            continue
        size = max(3, round(_GAP * side)) | 1
        _, _, stats, _ = cv2.connectedComponentsWithStats(cv2.dilate(inked, np.ones((size, size), np.uint8)))
        for x, y, width, height, _ in (tuple(int(v) for v in row) for row in stats[1:]):
            part = inked[y : y + height, x : x + width]
            long, short = max(width, height), min(width, height)
            fits = _LEAST * side <= long <= _MOST * side and short >= 0.25 * long
            if fits and float(part.mean()) >= _COVER and _closed(part):
                found.append(Box(x * step, y * step, (x + width) * step, (y + height) * step))
    return sorted(found, key=lambda box: box.y0)


def _closed(part: Image) -> bool:
    """Whether ink stands all round, as a ring or a frame does and a stroke of the pen does not."""
    import numpy as np

    ys, xs = np.nonzero(part)
    middle = (part.shape[0] / 2, part.shape[1] / 2)
    x, y = (xs - middle[1]) / middle[1], (ys - middle[0]) / middle[0]
    far = np.maximum(np.abs(x), np.abs(y)) > 0.55
    turns = np.floor((np.arctan2(y[far], x[far]) + np.pi) / (2 * np.pi) * 36).astype(int) % 36
    return bool(np.unique(turns).size / 36 >= _SIDES)


def has_colour(image: Image) -> bool:
    """Whether a scan keeps colours: a picture saved in grey has three equal channels."""
    import numpy as np

    if image.ndim != 3:
        return False
    part = image[::16, ::16].astype(np.int16)
    return bool(np.abs(part[:, :, 0] - part[:, :, 2]).max() > 12)


def seals(pages: Sequence[PageView], specs: Sequence[FieldSpec]) -> list[Field]:
    """Claims on `seal` specs: whether a seal lies at or below the label; left out where the label or colour is missing.

    A seal counts for a label when its middle is within a third of the page's width of the label and not far below it:
    it is set across the signature, and a little left of it.
    """
    fields: list[Field] = []
    for spec in specs:
        for page in reversed(pages):
            place = _label(page, spec)
            if place is None:
                continue
            claim = _claim(page, spec, place)
            if claim is not None:
                fields.append(claim)
            break
    return fields


def _label(page: PageView, spec: FieldSpec) -> Box | None:
    found: Box | None = None
    for row in rows_of(words_of(page.read), page.read.skew):
        flat = flatten(row)
        for hit in find_labels(flat, spec.labels):
            words = flat.words_between(hit.start, hit.end)
            found = box_of(words) if words else found
    return found


def _claim(page: PageView, spec: FieldSpec, label: Box) -> Field | None:
    height = text_height(page.read)
    middle = (label.x0 + label.x1) / 2
    reach = page.read.width / 3
    image = page.image
    for box in find_seals(image):
        x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
        if abs(x - middle) <= reach and label.y0 - 2 * height <= y <= label.y1 + 14 * height:
            return Field(spec.key, True, "", 0.95, Source.LABEL, page.number, box)
    looked = Box(max(0, round(middle - reach)), label.y0, round(middle + reach), round(label.y1 + 14 * height))
    if not has_colour(image):
        return Field(spec.key, None, "", 0.0, Source.LABEL, page.number, looked, FieldStatus.UNREADABLE, "no_colour")
    return Field(spec.key, False, "", 0.9, Source.LABEL, page.number, looked)
