"""Small image operations that every part of the reader shares.

Arrays are uint8: RGB of shape (height, width, 3) or grey of shape (height, width). Angles are degrees,
counter-clockwise positive as one looks at the page. Affine maps are 2x3 float64 matrices on pixel coordinates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from models.errors import ReadingError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from models.reading import Image

    Corners = NDArray[np.float32]

_RED = 40
"""Levels by which red must stand above green and blue for ink to be red."""
_GROUND = 0.5
"""Share of a strip that is red at least where it is printed on red."""
_DARK = 110
"""Level of the red channel below which ink is dark print."""
MAX_PIXELS = 200_000_000
"""Pages above this are refused: a sheet of A0 at 300 dpi has 140 million."""


def as_rgb(image: Image) -> Image:
    """The page as RGB, contiguous. Raises `ReadingError` for anything that is not a page image."""
    if image.dtype != np.uint8 or image.ndim not in (2, 3) or (image.ndim == 3 and image.shape[2] != 3):
        raise ReadingError(f"not an RGB or grey uint8 image: {image.dtype} {image.shape}")
    if not 0 < image.shape[0] * image.shape[1] <= MAX_PIXELS:
        raise ReadingError(f"image of {image.shape[1]} x {image.shape[0]} pixels cannot be read")
    if image.ndim == 2:
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2RGB), np.uint8)
    return np.ascontiguousarray(image)


def as_grey(image: Image) -> Image:
    """The page as grey, contiguous."""
    if image.ndim == 2:
        return np.ascontiguousarray(image)
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)


def shrink(image: Image, long_side: int) -> Image:
    """The image with its long side at most `long_side`; never enlarged."""
    scale = long_side / max(image.shape[:2])
    if scale >= 1:
        return image
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def rotate(image: Image, degrees: float) -> tuple[Image, NDArray[np.float64]]:
    """The image turned by `degrees` about its centre on a canvas that holds all of it, and the map back.

    The second value maps points of the turned image to points of the given one. New corners are white.
    """
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    cos, sin = abs(matrix[0, 0]), abs(matrix[0, 1])
    new_width, new_height = int(np.ceil(width * cos + height * sin)), int(np.ceil(width * sin + height * cos))
    matrix[0, 2] += (new_width - width) / 2
    matrix[1, 2] += (new_height - height) / 2
    white = (255, 255, 255) if image.ndim == 3 else 255
    turned = cv2.warpAffine(image, matrix, (new_width, new_height), flags=cv2.INTER_LINEAR, borderValue=white)
    return np.asarray(turned, np.uint8), np.asarray(cv2.invertAffineTransform(matrix), np.float64)


def apply(matrix: NDArray[np.float64], points: NDArray[np.floating]) -> NDArray[np.float64]:
    """Maps points of shape (n, 2) by a 2x3 matrix."""
    return np.asarray(points, np.float64) @ matrix[:, :2].T + matrix[:, 2]


def cut(image: Image, corners: Corners, beyond: int = 0) -> Image:
    """The straightened quadrilateral: clockwise corners from the reading start, in pixels of `image`.

    Resampled at the image's own scale even where the line hardly leans: a crop that is a tenth of its height too high
    costs more letters than the resampling does. `beyond` rows more are shown above and as many below; the rows between
    them stay where they are.
    """
    out_width = max(1, round(max(np.linalg.norm(corners[1] - corners[0]), np.linalg.norm(corners[2] - corners[3]))))
    out_height = max(1, round(max(np.linalg.norm(corners[3] - corners[0]), np.linalg.norm(corners[2] - corners[1]))))
    target = np.array([[0, 0], [out_width, 0], [out_width, out_height], [0, out_height]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
    matrix[1] += beyond * matrix[2]
    white = (255, 255, 255) if image.ndim == 3 else 255
    size = out_width, out_height + 2 * beyond
    flat = cv2.warpPerspective(image, matrix, size, flags=cv2.INTER_LINEAR, borderValue=white)
    return np.asarray(flat, np.uint8)


def without_red(crop: Image) -> Image:
    """An RGB crop with red ink taken away where it lies over darker print, made black where it is the print itself.

    Seals and their ink are red by decree (Decree 99/2016/NĐ-CP) and signing overlays often are: in the red channel they
    are as bright as paper, while black and blue print stay dark. Print that is red itself has nothing dark under
    it: its darkest channel shows it as black, for the recogniser knows red as the colour of seals. A line may hold
    both, side by side: what is red on its own and stands in the line as letters do is print there too. And where red
    is the ground, the channel with most contrast shows what is printed on it.
    """
    red, green, blue = cv2.split(crop)
    redness = cv2.subtract(red, cv2.max(green, blue))  # not below nought
    if cv2.countNonZero(redness) < 0.01 * redness.size:
        return crop
    # Opened, so that the coloured fringes of screen fonts, one pixel wide, are no stain.
    stained = cv2.morphologyEx((redness > _RED).astype(np.uint8), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8)) > 0
    share = np.count_nonzero(stained) / stained.size
    if share < 0.01:
        return crop
    darkest = crop.min(axis=2, keepdims=True)
    if share > _GROUND:
        planes = (darkest, red[:, :, None], green[:, :, None])
        return np.repeat(max(planes, key=_contrast), 3, axis=2)
    if _contrast(darkest) < 0.5 * _contrast(green):
        darkest = green[:, :, None]  # red on yellow: blue is dark in both
    dark = (red < _DARK) & ~stained
    if np.count_nonzero(dark) < 0.03 * dark.size:
        return np.repeat(darkest, 3, axis=2)
    cleaned = np.repeat(crop[:, :, :1], 3, axis=2)
    for start, end in _red_letters(stained, dark):
        cleaned[:, start:end] = darkest[:, start:end]
    return cleaned


def _red_letters(stained: NDArray[np.bool_], dark: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Columns (start, end) where red ink is print beside dark print, and no seal across it.

    Nothing dark stands among it, it is as high as the dark letters and stands on their line, it fills its columns as
    letters do, and little of it runs on beyond the strip, as rings of seals do.
    """
    height = len(dark)
    top, bottom = _rows_of(dark)
    inked = (np.count_nonzero(stained, axis=0) > 0).astype(np.uint8)[None]
    wide = 2 * max(1, height // 3) + 1
    together = cv2.morphologyEx(inked, cv2.MORPH_CLOSE, np.ones((1, wide), np.uint8))[0]
    edges = np.flatnonzero(np.diff(together, prepend=0, append=0))
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        part = stained[:, start:end]
        if end - start < height or np.count_nonzero(dark[:, start:end]) > 0.05 * np.count_nonzero(part):
            continue
        first, last = _rows_of(part)
        if max(abs(first - top), abs(last - bottom)) > 0.15 * height or last - first > 0.95 * height:
            continue
        if np.count_nonzero(inked[0, start:end]) > 0.5 * (end - start):
            yield max(0, start - 1), end + 1


def _contrast(channel: NDArray[np.integer]) -> float:
    low, high = np.percentile(channel, (2, 98))
    return float(high - low)


def _rows_of(ink: NDArray[np.bool_]) -> tuple[int, int]:
    """First and last row of letters: where their ink is not only marks and tails."""
    profile = np.count_nonzero(ink, axis=1)
    rows = np.flatnonzero(profile > 0.25 * profile.max())
    return int(rows[0]), int(rows[-1])
