"""Draws handwriting: typefaces made after hands, bent until no two letters are alike, and scribbles like signatures.

A typeface repeats its letters exactly and a hand never does: every letter gets a size, a turn and a height of its own,
the line wanders, the whole is bent by a smooth random field, and the pen's width and pressure change along the way.
Marks that a typeface lacks are drawn as strokes over the letter's base, as a pen would set them.
A typeface is a folder of font files (one for each part of the alphabet). Ink is float32 in 0..1, paper is 0.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Ink = NDArray[np.float32]

SIZE = 64
"""Pixels of the typeface's em; a drawing is about 150 rows high before it is trimmed."""
_SIZES = (58, 61, 64, 67, 70)
_GRAVE, _ACUTE, _CIRCUMFLEX, _TILDE, _BREVE, _HOOK, _HORN, _DOT = (chr(code) for code in (
    0x300, 0x301, 0x302, 0x303, 0x306, 0x309, 0x31B, 0x323))  # fmt: skip
_STROKES: dict[str, tuple[tuple[float, float], ...]] = {
    _GRAVE: ((-0.35, -0.5), (0.25, 0.3)),
    _ACUTE: ((-0.25, 0.3), (0.4, -0.5)),
    _CIRCUMFLEX: ((-0.5, 0.3), (0.0, -0.35), (0.5, 0.3)),
    _TILDE: ((-0.6, 0.15), (-0.25, -0.25), (0.2, 0.15), (0.6, -0.25)),
    _BREVE: ((-0.5, -0.25), (-0.2, 0.25), (0.2, 0.25), (0.5, -0.25)),
    _HOOK: ((-0.2, -0.5), (0.2, -0.4), (0.2, -0.05), (0.0, 0.3)),
    _HORN: ((0.0, 0.3), (0.35, 0.1), (0.3, -0.4)),
}
"""Marks as strokes in units of a third of an em, y down; drawn with the pen's own unsteadiness."""


class Hand:
    """One handwritten typeface: the font files of a folder, asked in turn for every character."""

    def __init__(self, files: list[Path]) -> None:
        from fontTools.ttLib import TTFont

        self.name = files[0].parent.name
        self._files = files
        self._known: dict[str, Path] = {}
        for path in files:
            with TTFont(path, lazy=True) as font:
                for code in font.getBestCmap() or {}:
                    self._known.setdefault(chr(code), path)
        self._fonts: dict[tuple[Path, int], ImageFont.FreeTypeFont] = {}

    def draw(self, text: str, rng: np.random.Generator) -> Ink:
        """A word or line as ink, trimmed to it; empty (1, 1) where nothing of the text can be written."""
        spread, wander = rng.uniform(0.94, 1.1), rng.uniform(0, 3.0)
        turn = rng.uniform(0, 4.0) if rng.random() < 0.6 else 0.0
        space = SIZE * rng.uniform(0.22, 0.5)
        canvas = Image.new("L", (int(len(text) * SIZE * 1.1 + 3 * SIZE), SIZE * 3), 0)
        x, drift = float(SIZE), 0.0
        for character in unicodedata.normalize("NFC", text):
            if character == " ":
                x += space * rng.uniform(0.8, 1.3)
                continue
            base, marks = self._parts(character)
            if base is None:
                continue
            drift = 0.7 * drift + rng.normal(0, wander * 0.6)
            font = self._font(self._known[base], int(rng.choice(_SIZES)))
            y = SIZE * 1.9 + drift
            _letter(canvas, base, (x, y), font, rng.normal(0, turn))
            pen = ImageDraw.Draw(canvas)
            for mark in marks:
                _mark(pen, mark, font.getbbox(base, anchor="ls"), (x, y), rng)
            x += font.getlength(base) * spread * rng.uniform(0.96, 1.06)
        return _written(np.asarray(canvas, np.float32)[:, : int(x) + SIZE] / np.float32(255), rng)

    def _parts(self, character: str) -> tuple[str | None, str]:
        """What the typeface writes of a character, and the marks to be drawn over it."""
        if character in self._known:
            return character, ""
        plain = {"đ": "d", "Đ": "D"}.get(character, character)
        whole = unicodedata.normalize("NFD", plain)
        return (whole[0] if whole[0] in self._known else None), whole[1:]

    def _font(self, path: Path, size: int) -> ImageFont.FreeTypeFont:
        key = (path, size)
        if key not in self._fonts:
            self._fonts[key] = ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)
        return self._fonts[key]


def hands_under(folder: Path) -> list[Hand]:
    """A hand for every folder below `folder` that holds font files, by name. Raises `FileNotFoundError`."""
    found: dict[Path, list[Path]] = {}
    for path in sorted(folder.rglob("*")):
        # Weights other than the regular one and other scripts would only make letters double.
        if path.suffix in {".ttf", ".otf", ".woff"} and not any(s in path.name for s in ("cyrillic", "devanagari")):
            found.setdefault(path.parent, []).append(path)
    if not found:
        raise FileNotFoundError(f"{folder} holds no handwritten typeface")
    return [Hand(sorted(files, key=lambda path: len(path.name))) for files in found.values()]


def scribble(rng: np.random.Generator) -> Ink:
    """A signature-like stroke: a few loops, each a smooth closed wave, drawn without lifting the pen."""
    steps = np.linspace(0, 1, 240)
    x, y = steps * rng.uniform(120, 320), np.zeros_like(steps)
    for harmonic in range(1, int(rng.integers(4, 9))):
        phase, power = rng.uniform(0, 2 * np.pi, 2), rng.uniform(4, 46, 2) / harmonic**0.6
        x = x + power[0] * np.sin(2 * np.pi * harmonic * steps * rng.uniform(0.7, 1.6) + phase[0])
        y = y + power[1] * np.sin(2 * np.pi * harmonic * steps * rng.uniform(0.7, 1.6) + phase[1])
    points = np.stack([x - x.min() + 10, y - y.min() + 10], 1)
    canvas = np.zeros((int(points[:, 1].max()) + 12, int(points[:, 0].max()) + 12), np.uint8)
    cv2.polylines(canvas, [np.round(points * 8).astype(np.int32)], False, 255, int(rng.integers(2, 6)), cv2.LINE_AA, 3)
    return _written(canvas.astype(np.float32) / np.float32(255), rng)


def _letter(
    canvas: Image.Image, letter: str, at: tuple[float, float], font: ImageFont.FreeTypeFont, degrees: float
) -> None:
    if abs(degrees) < 0.5:
        ImageDraw.Draw(canvas).text(at, letter, fill=255, font=font, anchor="ls")
        return
    side = SIZE * 3
    stamp = Image.new("L", (side, side), 0)
    ImageDraw.Draw(stamp).text((side / 2, side / 2), letter, fill=255, font=font, anchor="ls")
    stamp = stamp.rotate(degrees, Image.Resampling.BILINEAR)
    canvas.paste(255, (round(at[0] - side / 2), round(at[1] - side / 2)), stamp)


def _mark(
    pen: ImageDraw.ImageDraw, mark: str, box: tuple[float, float, float, float],
    at: tuple[float, float], rng: np.random.Generator,
) -> None:  # fmt: skip
    unit = SIZE / 3
    middle, top = at[0] + (box[0] + box[2]) / 2, at[1] + box[1]
    if mark == _DOT:
        x, y, r = middle + rng.normal(0, 2), at[1] + unit * rng.uniform(0.25, 0.6), rng.uniform(2, 4)
        pen.ellipse((x - r, y - r, x + r, y + r), fill=255)
        return
    x, y = (at[0] + box[2], top + unit * 0.2) if mark == _HORN else (middle, top - unit * rng.uniform(0.2, 0.6))
    if mark in {_GRAVE, _ACUTE, _TILDE, _HOOK}:
        y -= unit * rng.uniform(0, 0.5)
    size = unit * rng.uniform(0.6, 1.0)
    points = [(x + size * (px + rng.normal(0, 0.08)), y + size * (py + rng.normal(0, 0.08))) for px, py in
              _STROKES.get(mark, ())]  # fmt: skip
    if points:
        pen.line(points, fill=255, width=int(rng.integers(3, 6)), joint="curve")


def _written(ink: Ink, rng: np.random.Generator) -> Ink:
    """Bends, slants and inks a clean drawing, and trims it."""
    height, width = ink.shape
    bend, slant = rng.uniform(0.5, 3.2), rng.normal(0, 0.12)
    cells = (max(2, height // 40), max(2, width // 40))
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    fields = [cv2.resize(rng.normal(0, bend, cells).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
              for _ in range(2)]  # fmt: skip
    wave = rng.uniform(0, 5) * np.sin(xs / rng.uniform(120, 500) + rng.uniform(0, 6))
    ink = cv2.remap(ink, xs + fields[0] + slant * (ys - height / 2), ys + fields[1] + wave, cv2.INTER_LINEAR)
    if rng.random() < 0.2:  # a broad nib or a brush
        ink = cv2.dilate(ink, np.ones((int(rng.integers(2, 7)), int(rng.integers(1, 6))), np.uint8))
    thick, unsteady = rng.uniform(-0.12, 0.22), rng.uniform(0, 0.12)
    pen = cv2.resize(rng.normal(thick, unsteady, cells).astype(np.float32), (width, height))
    soft = cv2.GaussianBlur(ink, (0, 0), rng.uniform(0.8, 2.2))
    # Hairlines would drown in the blur: the darkest tenth of the strokes stays full ink.
    strokes = soft[soft > 0.1]
    soft = soft / max(0.2, float(np.percentile(strokes, 85))) if strokes.size else soft
    ink = np.clip((soft - 0.5 + pen) * rng.uniform(2, 5) + 0.5, 0, 1)
    pressure = cv2.resize(rng.uniform(rng.uniform(0.35, 1.0), 1.0, cells).astype(np.float32), (width, height))
    ink = np.asarray(ink * pressure, np.float32)
    rows, columns = np.flatnonzero(ink.max(1) > 0.25), np.flatnonzero(ink.max(0) > 0.25)
    if not len(rows) or not len(columns):
        return np.zeros((1, 1), np.float32)
    return np.ascontiguousarray(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
