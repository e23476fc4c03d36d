"""Ink that is not type: round red seals and signatures in blue pen, laid over a page as ink is laid over print.

Seals and signatures multiply: what is black below stays black, as on paper. A seal is two rings, a star, words round
the ring and a name across; its print is uneven, as rubber prints. A signature is a few smooth strokes of a pen whose
width follows its speed. Both follow from the mark's own text or seed, so that a page looks the same every time.
"""

from __future__ import annotations

import itertools
import math
from random import Random
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image as Picture
from PIL import ImageDraw, ImageFont

from models.synthesis.fonts import FontBook, Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from models.reading import Image
    from models.synthesis.typesetter import Mark

_SEAL_RED = (205, 25, 40)
_PEN_BLUE = (30, 55, 165)


def lay(image: Image, marks: Sequence[Mark], book: FontBook, dpi: int = 300) -> Image:
    """The page with its marks; `image` is RGB at `dpi` and is not changed."""
    page = image.astype(np.float32)
    for mark in marks:
        scale = dpi / 25.4
        x0, y0 = round(mark.box.x0 * scale), round(mark.box.y0 * scale)
        width, height = round((mark.box.x1 - mark.box.x0) * scale), round((mark.box.y1 - mark.box.y0) * scale)
        cover = _seal(mark, book, width) if mark.kind == "seal" else _signature(mark.seed, width, height)
        colour = np.array(_SEAL_RED if mark.kind == "seal" else _PEN_BLUE, dtype=np.float32)
        left, top = max(0, x0), max(0, y0)
        right, bottom = min(page.shape[1], x0 + cover.shape[1]), min(page.shape[0], y0 + cover.shape[0])
        part = cover[top - y0 : bottom - y0, left - x0 : right - x0, None]
        page[top:bottom, left:right] *= 1.0 - part * (1.0 - colour / 255.0)
    return page.astype(np.uint8)


def _seal(mark: Mark, book: FontBook, side: int) -> NDArray[np.float32]:
    """Coverage 0..1 of a round seal, `side` pixels wide."""
    big = side * 2
    picture = Picture.new("L", (big, big), 0)
    draw = ImageDraw.Draw(picture)
    edge = big * 0.012
    for radius, thickness in ((0.485, 0.016), (0.455, 0.006), (0.315, 0.006)):
        reach = big * radius
        box = (big / 2 - reach, big / 2 - reach, big / 2 + reach, big / 2 + reach)
        draw.ellipse(box, outline=255, width=max(2, round(big * thickness)))
    font = str(book.face(Role.SANS_BOLD).path)
    _ring_text(picture, mark.text, font, big)
    draw.polygon(_star(big / 2, big * 0.885, big * 0.035), fill=255)
    words = mark.centre.split()
    half = (len(words) + 1) // 2
    rows = [" ".join(words[:half]), " ".join(words[half:])]
    for number, row in enumerate(row for row in rows if row):
        size = big * 0.07
        letters = ImageFont.truetype(font, round(size))
        wide = letters.getlength(row)
        if wide > big * 0.55:
            letters = ImageFont.truetype(font, round(size * big * 0.55 / wide))
        draw.text((big / 2, big * (0.45 + 0.1 * number)), row, font=letters, fill=255, anchor="mm")
    rng = np.random.default_rng(len(mark.text) * 1009 + sum(map(ord, mark.centre)))
    cover = np.asarray(picture, dtype=np.float32) / 255.0
    cloud = cv2.resize(rng.random((9, 9), dtype=np.float32), (big, big), interpolation=cv2.INTER_CUBIC)
    speck = cv2.GaussianBlur(rng.random((big, big), dtype=np.float32), (0, 0), 1.5)
    cover *= np.clip(0.62 + 0.4 * cloud, 0, 1) * np.clip(1.6 - 1.1 * (speck > 0.58), 0.35, 1)
    turned = cv2.warpAffine(cover, cv2.getRotationMatrix2D((big / 2, big / 2), rng.uniform(-9, 9), 1.0), (big, big))
    soft = cv2.GaussianBlur(turned, (0, 0), max(0.6, edge * 0.08))
    return np.asarray(cv2.resize(soft, (side, side), interpolation=cv2.INTER_AREA), dtype=np.float32)


def _ring_text(picture: Picture.Image, text: str, font: str, big: int) -> None:
    letters = ImageFont.truetype(font, round(big * 0.083))
    widths = [letters.getlength(letter) * 1.08 for letter in text]
    radius = big * 0.385
    span = sum(widths) / radius
    limit = math.radians(285)
    squeeze = min(1.0, limit / span)
    angle = -span * squeeze / 2
    for letter, width in zip(text, widths, strict=True):
        step = width / radius * squeeze
        angle += step / 2
        if letter != " ":
            tile = Picture.new("L", (big // 6, big // 6), 0)
            ImageDraw.Draw(tile).text((big // 12, big // 12), letter, font=letters, fill=255, anchor="mm")
            if squeeze < 1.0:
                narrow = tile.resize((max(1, round(tile.width * squeeze)), tile.height))
                tile = Picture.new("L", tile.size, 0)
                tile.paste(narrow, ((tile.width - narrow.width) // 2, 0))
            tile = tile.rotate(-math.degrees(angle), resample=Picture.Resampling.BICUBIC)
            x = round(big / 2 + radius * math.sin(angle) - tile.width / 2)
            y = round(big / 2 - radius * math.cos(angle) - tile.height / 2)
            picture.paste(255, (x, y), tile)
        angle += step / 2


def _star(x: float, y: float, radius: float) -> list[tuple[float, float]]:
    points = []
    for corner in range(10):
        reach = radius if corner % 2 == 0 else radius * 0.4
        turn = math.pi * corner / 5
        points.append((x + reach * math.sin(turn), y - reach * math.cos(turn)))
    return points


def _signature(seed: int, width: int, height: int) -> NDArray[np.float32]:
    """Coverage 0..1 of a pen signature: cursive loops that lose height, then a flourish back under the name."""
    rng = Random(seed)  # noqa: S311  # the shape of a squiggle, no secret
    loops = rng.randint(4, 7)
    heights = [rng.uniform(0.42, 0.55)] + [rng.choice((0.14, 0.2, 0.26, 0.44)) for _ in range(loops)]
    roundness = rng.uniform(0.035, 0.07)
    slant = rng.uniform(0.08, 0.2)
    path: list[tuple[float, float]] = []
    for step in range(loops * 24 + 1):
        turn, part = divmod(step, 24)
        phase = 2 * math.pi * part / 24
        rise = heights[turn] * (0.5 - 0.5 * math.cos(phase))
        x = 0.08 + 0.6 * step / (loops * 24) + roundness * math.sin(phase) + slant * rise
        path.append((x, 0.64 - rise + 0.05 * math.sin(step / 17)))
    last = path[-1]
    path += _curve([last, (last[0] + 0.14, 0.5), (0.9, rng.uniform(0.16, 0.34)), (0.97, 0.42), (0.6, 0.78)], 14)
    if rng.random() < 0.7:
        path += _curve([path[-1], (0.24, rng.uniform(0.84, 0.92)), (0.16, 0.8), (0.88, rng.uniform(0.72, 0.84))], 14)
    cover = np.zeros((height * 2, width * 2), dtype=np.uint8)
    pixels = [(x * width * 2, y * height * 2) for x, y in path]
    for before, after in itertools.pairwise(pixels):
        thick = max(2, round(height * 2 / 34 - math.dist(before, after) / 16))
        ends = ((round(before[0]), round(before[1])), (round(after[0]), round(after[1])))
        cv2.line(cover, ends[0], ends[1], 255, thick, cv2.LINE_AA)
    small = cv2.resize(cover, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32) / 255.0
    return np.asarray(small * 0.92, dtype=np.float32)


def _curve(points: Sequence[tuple[float, float]], steps: int) -> list[tuple[float, float]]:
    """A Catmull-Rom curve through the points."""
    padded = [points[0], *points, points[-1]]
    path = []
    for p0, p1, p2, p3 in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        for step in range(1, steps + 1):
            t = step / steps
            x, y = (
                0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
                for a, b, c, d in zip(p0, p1, p2, p3, strict=True)
            )
            path.append((x, y))
    return path
