"""Ink and paper of training strips for the handwriting judge: what a pen leaves, and on what sheet it does.

Inks have the colours of pens and pencils and can always be seen on their paper; a drawing is laid over a picture like
ink, which lets some of the paper through; sheets are ruled or squared, straight or leaning. Each is drawn alike for
print and pen, so that nothing but strokes tells them apart. Pictures are RGB in 0..255. Deterministic for a generator.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]


def colour(rng: np.random.Generator, picture: Picture) -> NDArray[np.float32]:
    """An ink's RGB that can be seen on a picture's paper: black, blue, rarely violet, green or red, or pencil grey."""
    bright = float(np.median(picture))
    which = rng.random()
    if which < 0.42:
        ink = np.full(3, rng.uniform(0, 60))
    elif which < 0.82:
        ink = np.array([rng.uniform(0, 90), rng.uniform(10, 100), rng.uniform(90, 210)])
    elif which < 0.9:
        ink = np.full(3, rng.uniform(60, 120))
    else:
        ink = rng.uniform(0, 150, 3)
    return np.asarray(np.minimum(ink, max(0.0, bright - 45)) if bright > 100 else 255 - ink, np.float32)


def stamp(
    picture: Picture, ink: Picture, at: tuple[int, int, int, int], tint: NDArray[np.float32], rng: np.random.Generator
) -> None:
    """Lays a drawing over a picture at (x, y, width, height), cut off at its edges."""
    x, y, span, rows = at
    shown = cv2.resize(ink, (max(1, span), max(1, rows)), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    height, width = picture.shape[:2]
    x0, x1, y0, y1 = max(0, x), min(width, x + shown.shape[1]), max(0, y), min(height, y + shown.shape[0])
    if x0 >= x1 or y0 >= y1:
        return
    alpha = np.clip(shown[y0 - y : y1 - y, x0 - x : x1 - x, None] * rng.uniform(0.85, 1.3), 0, 1)
    under = picture[y0:y1, x0:x1].astype(np.float32)
    picture[y0:y1, x0:x1] = np.clip(under * (1 - alpha) + tint * alpha, 0, 255).astype(np.uint8)


def ground(picture: Picture, rng: np.random.Generator) -> Picture:
    """Ruled or squared paper under a line."""
    height, width = picture.shape[:2]
    lines = np.full((height, width), 255, np.uint8)
    pitch, thick = height * rng.uniform(0.18, 1.2), 1 if rng.random() < 0.7 else 2
    offset = rng.uniform(0, pitch)
    # A line that leans on its sheet is levelled before it is judged: the sheet's rules lean then.
    lean = rng.normal(0, 0.01) if rng.random() < 0.7 else rng.uniform(-0.4, 0.4)
    rise = abs(lean) * width
    for y in np.arange(offset - pitch - rise, height + pitch + rise, pitch):
        cv2.line(lines, (0, int(y)), (width, int(y + lean * width)), 0, thick, cv2.LINE_AA)
    if rng.random() < 0.6:
        for x in np.arange(offset - height, width + height, pitch):
            cv2.line(lines, (int(x), 0), (int(x - lean * height), height), 0, thick, cv2.LINE_AA)
    tint = np.clip(rng.uniform(70, 225) + rng.normal(0, 25, 3), 0, 255)
    share: Any = (255 - lines.astype(np.float32))[..., None] / 255 * rng.uniform(0.3, 1.0)
    return np.asarray(np.minimum(picture, picture * (1 - share) + tint * share), np.uint8)
