"""What a telephone makes of a sheet: curled, in perspective, unevenly lit, a little out of focus, on somebody's desk.

The sheet is a developable surface: bent about one direction, its paper neither stretched nor torn, so that distances
along it stay. A pinhole camera looks at it from a tilt; light falls off, and a hand's shadow lies across. Every pixel
of the picture is traced back to the flat sheet (Newton's method on a coarse grid), so the map is exact and one
resampling makes the picture. Everything follows from the seed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from models.reading import Image

    Points = NDArray[np.float64]

_CELL = 8
"""Pixels of the picture between two points of the grid that is traced back."""


@dataclass(frozen=True, slots=True)
class CameraSettings:
    """How badly the picture is taken; every figure is a limit, and what happens is drawn below it."""

    curl: float = 25.0
    """Degrees between the flattest and the steepest part of the sheet."""
    tilt: float = 15.0
    """Degrees between the camera's axis and the sheet's normal, about each axis."""
    roll: float = 4.0
    """Degrees by which the camera is turned about its axis."""
    shadow: float = 0.4
    """Share of the light that the shadow takes."""
    blur: float = 0.9
    """Standard deviation of the lens blur in pixels of the picture."""
    noise: float = 4.0
    """Standard deviation in grey levels."""
    quality: int = 82
    """Of the JPEG that the telephone saves."""
    height: int = 2600
    """Pixels of the picture's long side."""


LEVELS = {
    "careful": CameraSettings(curl=6.0, tilt=6.0, roll=2.0, shadow=0.2, blur=0.7, noise=2.5, quality=90),
    "hasty": CameraSettings(),
    "careless": CameraSettings(curl=45.0, tilt=20.0, roll=7.0, shadow=0.55, blur=1.2, noise=6.0, quality=75),
}


def photograph(flat: Image, seed: int, settings: CameraSettings | None = None) -> Image:
    """An RGB picture of a flat RGB page."""
    settings = settings or CameraSettings()
    rng = np.random.default_rng(seed)
    height, width = flat.shape[:2]
    forward, lit = _camera(rng, settings, width / height)
    size, place = _framed(forward, rng, settings, width / height)
    columns, rows = (np.arange(0, side + _CELL, _CELL, dtype=np.float64) for side in size)
    grid = np.stack(np.meshgrid(columns, rows), -1)
    sheet = _traced_back(lambda points: place(forward(points)), grid.reshape(-1, 2), width / height)
    light = lit(sheet).reshape(grid.shape[:2])
    where = _enlarged((sheet * height).reshape(grid.shape), size)
    # The camera samples fewer pixels than the page has: soften first what would alias.
    ratio = max(0.3, height / size[1])
    soft = cv2.GaussianBlur(flat, (0, 0), 0.4 * ratio)
    paper = cv2.remap(soft, where[..., 0], where[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    inside = (where[..., 0] > 0) & (where[..., 0] < width) & (where[..., 1] > 0) & (where[..., 1] < height)
    cover = cv2.GaussianBlur(inside.astype(np.float32), (0, 0), 0.8)[..., None]
    shaded = _enlarged(light, size)
    tone = np.array([0.93, 0.91, 0.86], np.float32) * np.float32(rng.uniform(0.85, 1.0))
    ink = 22 + paper.astype(np.float32) * np.float32(233 / 255)
    picture = cover * ink * tone * shaded[..., None] + (1 - cover) * _desk(rng, size, inside)
    picture = picture * _shadow(rng, size, settings.shadow)[..., None]
    picture = cv2.GaussianBlur(picture.astype(np.float32), (0, 0), max(0.3, settings.blur * rng.uniform(0.6, 1.0)))
    picture += settings.noise * 0.7 * rng.standard_normal((*picture.shape[:2], 1), np.float32)
    saved = cv2.imencode(
        ".jpg", np.clip(picture, 0, 255).astype(np.uint8)[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, settings.quality]
    )[1]
    return np.ascontiguousarray(np.asarray(cv2.imdecode(saved, cv2.IMREAD_COLOR), np.uint8)[:, :, ::-1])


def _camera(
    rng: np.random.Generator, settings: CameraSettings, aspect: float
) -> tuple[Callable[[Points], Points], Callable[[Points], Points]]:
    """(sheet to picture plane, sheet to light); the sheet is `aspect` wide and 1 high."""
    # The paper's slope along the direction it is bent in, from which the bent profile follows by integration.
    along = np.linspace(-1.0, 2.5, 1401)
    bend = np.deg2rad(settings.curl) * rng.uniform(0.7, 1.0)
    if rng.random() < 0.5:  # a sheet that was rolled or folded: a bulge
        middle, breadth = rng.uniform(0.3, 0.7) * aspect, rng.uniform(0.5, 0.9)
        slope = bend * np.sin(np.clip((along - middle) / breadth, -0.5, 0.5) * np.pi) * rng.choice([-1, 1])
    else:  # a bound page: steep at the spine
        spine = rng.choice([0.0, aspect])
        slope = bend * np.exp(-np.abs(along - spine) / rng.uniform(0.15, 0.35)) * np.sign(along - spine + 1e-9)
    step = along[1] - along[0]
    across, up = np.cumsum(np.cos(slope)) * step, np.cumsum(np.sin(slope)) * step
    across -= np.interp(aspect / 2, along, across)
    up -= np.interp(aspect / 2, along, up)
    lean = np.deg2rad(rng.uniform(-8, 8))
    spin = np.array([[np.cos(lean), -np.sin(lean)], [np.sin(lean), np.cos(lean)]])
    centre = np.array([aspect / 2, 0.5])
    tilts = np.deg2rad(rng.uniform(0.6, 1.0, 2) * settings.tilt * rng.choice([-1, 1], 2))
    turned = np.deg2rad(rng.uniform(-settings.roll, settings.roll))
    rotation = np.asarray(cv2.Rodrigues(np.array([tilts[0], 0, 0]))[0] @ cv2.Rodrigues(np.array([0, tilts[1], 0]))[0])
    rotation = cv2.Rodrigues(np.array([0, 0, turned]))[0] @ rotation
    distance = rng.uniform(1.5, 2.2)
    lamp = np.array([rng.uniform(-0.6, 0.6), rng.uniform(-0.6, 0.6), 1.0])

    def bent(points: Points) -> tuple[Points, Points]:
        leaned = (points - centre) @ spin.T
        bent_along = leaned[:, 0] + aspect / 2
        space = np.stack([np.interp(bent_along, along, across), leaned[:, 1], np.interp(bent_along, along, up)], 1)
        space[:, :2] = space[:, :2] @ spin
        return space, np.interp(bent_along, along, slope)

    def forward(points: Points) -> Points:
        seen = bent(points)[0] @ rotation.T
        return np.asarray(seen[:, :2] / (distance - seen[:, 2:]) * distance)

    def lit(points: Points) -> Points:
        angle = bent(points)[1]
        normal = np.stack([-np.sin(angle), np.zeros_like(angle), np.cos(angle)], 1)
        normal[:, :2] = normal[:, :2] @ spin
        return np.asarray(0.35 + 0.65 * np.clip(normal @ (lamp / np.linalg.norm(lamp)), 0.2, 1))

    return forward, lit


def _framed(
    forward: Callable[[Points], Points], rng: np.random.Generator, settings: CameraSettings, aspect: float
) -> tuple[tuple[int, int], Callable[[Points], Points]]:
    """The picture's size (width, height), and the map from the picture plane to pixels: the sheet with a margin."""
    edge = np.linspace(0, 1, 41)
    zero = np.zeros_like(edge)
    sides = ((edge, zero), (edge, zero + 1), (zero, edge), (zero + 1, edge))
    outline = np.concatenate([np.stack(side, 1) for side in sides])
    seen = forward(outline * (aspect, 1.0))
    low, high = seen.min(0), seen.max(0)
    margin = rng.uniform(0.02, 0.08, 2) * (high - low)
    low, high = low - margin, high + margin * rng.uniform(0.5, 1.5)
    scale = settings.height / float((high - low).max())
    width, height = (int(side) for side in (high - low) * scale)
    return (width, height), lambda points: (points - low) * scale


def _traced_back(to_picture: Callable[[Points], Points], pixels: Points, aspect: float) -> Points:
    """Sheet points that the camera shows at these pixels."""
    corners = np.array([[0, 0], [aspect, 0], [aspect, 1], [0, 1]], np.float64)
    plane = cv2.getPerspectiveTransform(to_picture(corners).astype(np.float32), corners.astype(np.float32))
    guess = np.asarray(cv2.perspectiveTransform(pixels[None], plane)[0], np.float64)
    tiny = 1e-4
    to_right, to_below = np.array([tiny, 0.0]), np.array([0.0, tiny])
    for _ in range(12):
        here = to_picture(guess)
        right = (to_picture(guess + to_right) - here) / tiny
        down = (to_picture(guess + to_below) - here) / tiny
        missing = pixels - here
        area = right[:, 0] * down[:, 1] - right[:, 1] * down[:, 0]
        area = np.where(np.abs(area) < 1.0, 1.0, area)
        move = np.stack(
            [
                (missing[:, 0] * down[:, 1] - missing[:, 1] * down[:, 0]) / area,
                (right[:, 0] * missing[:, 1] - right[:, 1] * missing[:, 0]) / area,
            ],
            1,
        )
        guess = np.asarray(np.clip(guess + np.clip(move, -0.2, 0.2), -0.8, 1.8))
    return guess


def _enlarged(grid: NDArray[np.float64], size: tuple[int, int]) -> NDArray[np.float32]:
    """A grid of one value each `_CELL` pixels, at every pixel of a picture of this size."""
    x, y = np.meshgrid(np.arange(size[0], dtype=np.float32) / _CELL, np.arange(size[1], dtype=np.float32) / _CELL)
    return np.asarray(cv2.remap(grid.astype(np.float32), x, y, cv2.INTER_LINEAR), np.float32)


def _desk(rng: np.random.Generator, size: tuple[int, int], inside: NDArray[np.bool_]) -> NDArray[np.float32]:
    """A desk's grain, darker under the sheet's edge."""
    width, height = size
    grain = cv2.resize(rng.random((height // 3, 24), dtype=np.float32), size, interpolation=cv2.INTER_LINEAR)
    cloud = cv2.resize(rng.random((5, 4), dtype=np.float32), size, interpolation=cv2.INTER_CUBIC)
    colour = np.array([(120, 85, 55), (70, 70, 75), (165, 140, 110), (45, 60, 80)][rng.integers(4)], np.float32)
    desk = colour * (0.75 + 0.25 * grain + 0.25 * cloud)[..., None]
    small = cv2.resize(inside.astype(np.float32), (width // 8, height // 8), interpolation=cv2.INTER_AREA)
    under = cv2.resize(cv2.GaussianBlur(small, (0, 0), 3), size, interpolation=cv2.INTER_LINEAR)
    return np.asarray(desk * (1 - 0.45 * under)[..., None], np.float32)


def _shadow(rng: np.random.Generator, size: tuple[int, int], depth: float) -> NDArray[np.float32]:
    """Light over the picture: a fall-off towards one side and the soft-edged shadow of a hand or telephone."""
    x, y = np.meshgrid(np.linspace(-1, 1, size[0], dtype=np.float32), np.linspace(-1, 1, size[1], dtype=np.float32))
    angle, offset = rng.uniform(0, 2 * np.pi), rng.uniform(-0.3, 0.5)
    beyond = x * np.cos(angle) + y * np.sin(angle) - offset
    wave = 0.12 * np.sin(3 * (x * np.sin(angle) - y * np.cos(angle)) + rng.uniform(0, 6))
    hand = 1 / (1 + np.exp(-(beyond + wave) / rng.uniform(0.015, 0.08)))
    falling = 1 - 0.12 * (1 + x * np.cos(angle + 1) + y * np.sin(angle + 1)) / 2
    return np.asarray((1 - depth * rng.uniform(0.6, 1.0) * hand) * falling, np.float32)
