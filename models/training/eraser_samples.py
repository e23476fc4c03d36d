"""Windows of rows as the eraser of leaders sees them in training: with leaders under the text, and without them.

A window is one row of a form, forty pixels to a line of text. Text is set in any typeface, a printed label may stand
before it on the leaders' own base line, and leaders run under it: dots of many sizes, steps and kinds, dashes, rules,
or leaders cut from real blank forms. The row with leaders and the row without them go through the same copying (ink,
blur, light, noise, black and white), so that what differs is the leaders alone. Some rows have none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from models.images import as_grey
from models.leaders import find_leaders, straighten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from models.training.synthetic import Typeface
    from models.training.texts import TextMaker

    Grey = NDArray[np.uint8]
    Floats = NDArray[np.float32]

ROWS, COLUMNS = 64, 256
"""Pixels of a window."""
LINE = 40
"""Pixels that a line of text is high in it; a line is about 1.3 ems."""
_FINE = 3
"""How many times larger rows are drawn than they are shown."""
_EM = LINE / 1.3
_CUT = 22
"""Rows of a leader that was cut from a page, in pixels of a window: its base line lies in the middle."""


class Pair(NamedTuple):
    """Ink 0..1 of shape (ROWS, COLUMNS), with leaders and without."""

    seen: Floats
    wanted: Floats


class Printed(NamedTuple):
    """A text as drawn, `_FINE` times as large as it is shown: 0 is paper, and the row its letters stand on."""

    ink: Grey
    base: int
    em: float


def printed_texts(
    typefaces: Sequence[Typeface], maker: TextMaker, rng: np.random.Generator, count: int
) -> list[Printed]:
    """Texts of forms in all typefaces, larger and smaller than the form's own print."""
    weights = np.array([typeface.weight for typeface in typefaces])
    found: list[Printed] = []
    while len(found) < count:
        face = typefaces[int(rng.choice(len(typefaces), p=weights / weights.sum()))]
        text = " ".join(word.printed for word in maker.line(rng))
        kind = rng.random()
        if kind < 0.25:
            text = maker.name(rng)
        elif kind < 0.5:
            text = maker.place(rng)
        elif kind < 0.6:
            text = "".join(rng.choice(list("0123456789"), int(rng.integers(4, 13))))
        elif kind < 0.65:
            text = f"{rng.integers(1, 32):02}/{rng.integers(1, 13):02}/{rng.integers(1930, 2030)}"
        if rng.random() < 0.15:
            text = text.upper()
        if ".." in text or "…" in text or "__" in text or len(text) > 90 or not face.prints(text):
            continue
        em = rng.uniform(0.68, 1.08) * _EM * _FINE
        font = ImageFont.truetype(str(face.path), round(em), layout_engine=ImageFont.Layout.BASIC)
        base = round(1.3 * em)
        canvas = Image.new("L", (round(font.getlength(text)) + round(0.3 * em), round(1.8 * em)), 0)
        ImageDraw.Draw(canvas).text((round(0.1 * em), base), text, fill=255, font=font, anchor="ls")
        found.append(Printed(np.asarray(canvas, np.uint8), base, em))
    return found


def cut_leaders(page: Grey, height: float) -> list[Grey]:
    """The free leaders of a level page, ink 0..255, as large as in a window; `height` is that of a line in pixels."""
    found = []
    scale = LINE / height
    for leader in find_leaders(np.repeat(page[:, :, None], 3, axis=2), height):
        if leader.x1 - leader.x0 < 2 * height:
            continue
        base = np.array([(leader.x0, leader.y0), (leader.x1, leader.y1)])
        half = round(_CUT / 2 / scale)
        strip, _ = straighten(page, base, (leader.x0 - 2, leader.x1 + 2), half, 2 * half)
        paper, dark = float(np.percentile(strip, 75)), float(np.percentile(strip, 1))
        if paper - dark < 60:
            continue
        ink = np.clip((paper - as_grey(strip)) / (paper - dark), 0, 1) * 255
        size = max(8, round(strip.shape[1] * scale)), _CUT
        found.append(np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA), np.uint8))
    return found


def pair(texts: Sequence[Printed], cuts: Sequence[Grey], rng: np.random.Generator) -> Pair:
    """One window."""
    rows, columns = ROWS * _FINE, COLUMNS * _FINE
    base = _FINE * rng.uniform(0.58, 0.82) * ROWS
    lift = _FINE * _EM * (rng.uniform(-0.03, 0.36) if rng.random() < 0.85 else rng.uniform(-0.06, 0.1))
    text = np.zeros((rows, columns), np.uint8)
    start, end = 0.0, float(columns)
    kind = rng.random()
    if kind < 0.3:  # a printed label stands before the leaders, on their base line
        label = texts[int(rng.integers(len(texts)))]
        start = rng.uniform(0.05, 0.6) * columns
        _lay(text, label, start - label.ink.shape[1], base + lift)
        start += _FINE * rng.uniform(-0.05, 0.5) * _EM
    if kind > 0.85:  # and one behind them
        label = texts[int(rng.integers(len(texts)))]
        end = rng.uniform(0.4, 0.95) * columns
        _lay(text, label, end + _FINE * rng.uniform(0, 0.4) * _EM, base + lift)
    if rng.random() < 0.9:
        value = texts[int(rng.integers(len(texts)))]
        room = end - start
        over = value.ink.shape[1] - room
        left = start - rng.uniform(0, over) if over > 0 and kind >= 0.3 else start + rng.uniform(0, max(1.0, -over))
        value = Printed(value.ink[:, : max(8, round(end - left))], value.base, value.em) if kind > 0.85 else value
        _lay(text, value, left, base)
    leaders = np.zeros((rows, columns), np.uint8)
    if rng.random() < 0.88:
        _lead(leaders, (start, end), base + lift, cuts, rng)
    return _copied(text, leaders, rng)


def _lay(canvas: Grey, what: Printed, x: float, base: float) -> None:
    """Lays a text with its left edge at `x`, standing on `base`."""
    left, top = round(x), round(base) - what.base
    x0, x1 = max(0, left), min(canvas.shape[1], left + what.ink.shape[1])
    y0, y1 = max(0, top), min(canvas.shape[0], top + what.ink.shape[0])
    if x1 > x0 and y1 > y0:
        part = canvas[y0:y1, x0:x1]
        np.maximum(part, what.ink[y0 - top : y1 - top, x0 - left : x1 - left], out=part)


def _lead(canvas: Grey, ends: tuple[float, float], base: float, cuts: Sequence[Grey], rng: np.random.Generator) -> None:
    """Draws leaders whose dots stand on `base`."""
    start, end = ends
    em = _EM * _FINE * rng.uniform(0.85, 1.1)
    slope = rng.normal(0, 0.002)
    kind = rng.random()
    if kind < 0.4 and len(cuts):
        x = start - rng.uniform(0, 0.3) * em
        while x < end:
            cut = cuts[int(rng.integers(len(cuts)))]
            scale = _FINE * rng.uniform(0.9, 1.12)
            piece = cv2.resize(cut, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
            off = int(rng.integers(0, max(1, piece.shape[1] - 40)))
            piece = piece[:, off : off + max(1, round(end - x))]
            middle = round(base - 0.05 * em + slope * (x - start)) - piece.shape[0] // 2
            _lay(canvas, Printed(np.asarray(piece, np.uint8), 0, em), x, middle)
            x += piece.shape[1] + rng.choice([0.0, 0.2]) * em
        return
    if kind < 0.82:
        step, radius = rng.uniform(0.19, 0.4) * em, rng.uniform(0.035, 0.075) * em
        square, wobble = rng.random() < 0.3, rng.choice([0.0, 0.03]) * em
        groups, x, k = rng.random() < 0.3, start + rng.uniform(0, 1) * step, 0
        fine = np.zeros_like(canvas)
        while x < end:
            y = base - radius + slope * (x - start) + rng.normal(0, 1) * wobble * 0.3
            at = round(16 * x), round(16 * y)
            if square:
                side = round(16 * radius)
                cv2.rectangle(fine, (at[0] - side, at[1] - side), (at[0] + side, at[1] + side), 255, -1, cv2.LINE_AA, 4)
            else:
                cv2.circle(fine, at, round(16 * radius), 255, -1, cv2.LINE_AA, 4)
            k += 1
            x += step + rng.normal(0, 1) * wobble * 0.3
            if groups and k % 3 == 0:
                x += rng.choice([0.0, 0.1, -0.12]) * em
            if rng.random() < 0.004:
                step = rng.uniform(0.19, 0.4) * em
        np.maximum(canvas, fine, out=canvas)
        return
    thick = max(1, round(rng.uniform(0.025, 0.075) * em))
    dash, gap = (rng.uniform(0.12, 0.6) * em, rng.uniform(0.06, 0.25) * em) if kind < 0.9 else (end - start, 1.0)
    x = start
    while x < end:
        y = round(base + slope * (x - start))
        cv2.line(canvas, (round(x), y), (round(min(end, x + dash)), round(y + slope * dash)), 255, thick, cv2.LINE_AA)
        x += dash + gap


def _copied(text: Grey, leaders: Grey, rng: np.random.Generator) -> Pair:
    """Both as one scan shows them."""
    severity = float(rng.choice((0.0, 0.35, 0.7, 1.0), p=(0.3, 0.35, 0.25, 0.1)))
    # The form's print and what was typed into it are of different blackness.
    forms, typed = rng.uniform(0.75, 1.0), rng.uniform(0.75, 1.0)
    both = np.maximum(text.astype(np.float32) * typed, leaders.astype(np.float32) * forms) / 255
    alone = text.astype(np.float32) * typed / 255
    blur = rng.uniform(0.5, 1.3 + 2.2 * severity)
    shown = [cv2.GaussianBlur(ink, (0, 0), blur) for ink in (both, alone)]
    if rng.random() < 0.3:  # ink gained or lost
        middle, steep = rng.uniform(0.3, 0.6), rng.uniform(1.2, 2.5)
        shown = [np.clip((ink - middle) * steep + 0.5, 0, 1) for ink in shown]
    shift = rng.uniform(-1, 1, 2)
    move = np.array([[_FINE, 0, shift[0]], [0, _FINE, shift[1]]])
    kind = int(rng.choice([cv2.INTER_AREA, cv2.INTER_LINEAR]))
    coarse = rng.uniform(0.75, 1.6)  # resolution of the scan, in pixels of the window
    size = round(COLUMNS * coarse), round(ROWS * coarse)
    move = move / coarse
    shown = [
        cv2.resize(ink, size, interpolation=cv2.INTER_AREA)
        if kind == cv2.INTER_AREA
        else cv2.warpAffine(
            cv2.GaussianBlur(ink, (0, 0), 1.1), move, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        )
        for ink in shown
    ]
    grain = rng.normal(0, rng.uniform(0, 0.06) * severity + 0.003, (size[1], size[0])).astype(np.float32)
    if rng.random() < 0.5 * severity + 0.1:
        grain = cv2.GaussianBlur(grain, (0, 0), 0.7)
    shown = [ink + grain for ink in shown]
    if rng.random() < 0.3:
        level = rng.uniform(0.3, 0.6)
        shown = [(ink > level).astype(np.float32) for ink in shown]
    elif rng.random() < 0.4:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(35, 90))]
        greys = [np.asarray(255 - np.clip(ink, 0, 1) * rng.uniform(180, 250), np.uint8) for ink in shown[:1]]
        back = np.asarray(cv2.imdecode(cv2.imencode(".jpg", greys[0], quality)[1], cv2.IMREAD_GRAYSCALE), np.float32)
        lost = (greys[0].astype(np.float32) - back) / 220
        shown = [ink + lost for ink in shown]
    seen, wanted = (
        np.clip(
            cv2.resize(ink, (COLUMNS, ROWS), interpolation=cv2.INTER_AREA if coarse > 1 else cv2.INTER_LINEAR), 0, 1
        )
        for ink in shown
    )
    top = max(0.3, float(np.percentile(seen, 99.5)))
    seen, wanted = np.minimum(seen / top, 1), np.minimum(wanted / top, 1)
    return Pair(seen.astype(np.float32), np.minimum(wanted, seen).astype(np.float32))
