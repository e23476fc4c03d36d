"""Turns a clean crop into what a scanner, a copier or a telephone makes of it. Deterministic for a given generator.

Each function takes and gives images, 255 is paper; `degrade` chains them in the order of the physical world:
the print, what lies over it (seals, rules), the optics, the sensor, the file format, and the reader's own scaling.
How hard a crop is hit is drawn once for each crop, so that clean and ruined lines both occur.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]
    Colour = NDArray[np.uint8]

PAPER = 255
SEVERITIES = (0.0, 0.35, 0.7, 1.0)
SEVERITY_CHANCES = (0.22, 0.36, 0.27, 0.15)


def tilt(image: Grey, rng: np.random.Generator, drift: float) -> Grey:
    """Turns and shears; the line's ends move by at most `drift` rows against each other."""
    height, width = image.shape
    slope = rng.uniform(-1, 1) * min(drift / width, 0.03)
    shear = rng.normal(0, 0.04)
    matrix = np.array([[1.0, shear, -shear * height / 2], [slope, 1.0, -slope * width / 2]])
    return np.asarray(
        cv2.warpAffine(image, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=PAPER), np.uint8
    )


def spread_ink(image: Grey, rng: np.random.Generator, severity: float) -> Grey:
    """Ink gain or loss: a blur, then a steep tone curve whose middle is off."""
    radius = rng.uniform(0.4, 0.6 + 0.9 * severity) * image.shape[0] / 60
    soft = cv2.GaussianBlur(image, (0, 0), max(0.3, radius)).astype(np.float32)
    middle = 128 + rng.uniform(-55, 50) * severity
    return np.asarray(np.clip((soft - middle) * rng.uniform(1.2, 3.0) + 128, 0, 255), np.uint8)


def show_through(image: Grey, rng: np.random.Generator) -> Grey:
    """Faint print of the sheet's other side."""
    other = np.roll(image[:, ::-1], (int(rng.integers(2, 12)), int(rng.integers(0, 200))), (0, 1))
    faint = PAPER - (PAPER - cv2.GaussianBlur(other, (0, 0), 1.2).astype(np.float32)) * rng.uniform(0.05, 0.25)
    return np.asarray(np.minimum(image, faint), np.uint8)


def rules(image: Grey, rng: np.random.Generator) -> Grey:
    """Parts of an underline, a table's frame or a dotted row near the edges of the crop."""
    image = image.copy()
    height, width = image.shape
    ink, thick = int(rng.integers(0, 120)), int(rng.integers(1, 3))
    kind = rng.integers(0, 4)
    if kind <= 1:
        y = int(height * (rng.uniform(0.9, 1.0) if kind else rng.uniform(0.0, 0.08)))
        left, right = sorted(int(x) for x in rng.integers(0, width, 2))
        cv2.line(image, (left, y), (right, min(height - 1, y + int(rng.integers(-1, 2)))), ink, thick)
    elif kind == 2:
        x = int(rng.choice([0, 1, width - 2, width - 1]))
        cv2.line(image, (x, 0), (x, height), ink, thick)
    else:
        y = int(height * rng.uniform(0.93, 1.0))
        image[y : y + 1, :: int(rng.integers(3, 7))] = ink
    return image


def coloured(image: Grey, rng: np.random.Generator) -> Colour:
    """Grey to RGB: paper and ink get a tone each; blue, red and other inks occur, and tinted paper.

    Titles of certificates, serial numbers and marks of urgency are printed red; only seals over print are noise.
    """
    ink = np.full(3, rng.uniform(0, 70)) + rng.normal(0, 4, 3)
    colour = rng.random()
    if colour < 0.05:
        ink = np.array([rng.uniform(10, 70), rng.uniform(20, 90), rng.uniform(110, 200)])
    elif colour < 0.12:
        ink = np.array([rng.uniform(150, 255), rng.uniform(0, 80), rng.uniform(0, 90)])
    elif colour < 0.14:
        ink = rng.uniform(0, 150, 3)
    paper = np.full(3, rng.uniform(205, 255))
    if rng.random() < 0.3:
        paper = paper - np.array([0, rng.uniform(0, 10), rng.uniform(0, 32)])
    share = image.astype(np.float32)[..., None] / 255
    return np.asarray(np.clip(ink + (paper - ink) * share, 0, 255), np.uint8)


def seal(image: Colour, rng: np.random.Generator) -> Colour:
    """Strokes of a red seal over the print: part of its rings, its star and its letters."""
    height, width = image.shape[:2]
    mask = np.zeros((height, width), np.uint8)
    radius = height * rng.uniform(1.2, 3.5)
    centre = (int(rng.uniform(0, width)), int(height / 2 + rng.uniform(-1.1, 1.1) * radius))
    thick = max(1, round(height * rng.uniform(0.03, 0.08)))
    for ring in (1.0, 0.9, 0.6):
        if rng.random() < 0.75:
            cv2.circle(mask, centre, int(radius * ring), 255, thick, cv2.LINE_AA)
    for _ in range(int(rng.integers(4, 26))):
        angle, far = rng.uniform(0, 2 * np.pi), radius * rng.uniform(0.62, 0.88)
        x, y = centre[0] + far * np.cos(angle), centre[1] + far * np.sin(angle)
        cv2.putText(
            mask, chr(int(rng.integers(65, 91))), (int(x), int(y)), cv2.FONT_HERSHEY_SIMPLEX,
            height * rng.uniform(0.008, 0.02), 255, thick, cv2.LINE_AA,
        )  # fmt: skip
    worn = cv2.resize(rng.random((4, max(4, width // 12))).astype(np.float32), (width, height))
    strength = (mask.astype(np.float32) / 255 * np.clip(worn * 1.6, 0, 1) * rng.uniform(0.4, 0.95))[..., None]
    red = np.array([rng.uniform(170, 240), rng.uniform(20, 90), rng.uniform(20, 100)], np.float32)
    stamped = image.astype(np.float32) * (1 - strength) + np.minimum(image, red) * strength
    return np.asarray(np.clip(stamped, 0, 255), np.uint8)


def uneven_light(image: Colour, rng: np.random.Generator, severity: float) -> Colour:
    """A shadow or a bright spot that changes slowly along the line."""
    height, width = image.shape[:2]
    field = rng.uniform(1 - 0.35 * severity, 1.05, (2, 4)).astype(np.float32)
    light = cv2.resize(field, (width, height), interpolation=cv2.INTER_CUBIC)[..., None]
    return np.asarray(np.clip(image * light, 0, 255), np.uint8)


def sensor_noise(image: Colour, rng: np.random.Generator, severity: float) -> Colour:
    """Grain, and specks of dust and toner."""
    height, width = image.shape[:2]
    grain = rng.normal(0, rng.uniform(0, 16) * severity + 0.5, (height, width, 1)).astype(np.float32)
    noisy = np.clip(image + grain, 0, 255).astype(np.uint8)
    if rng.random() < 0.5 * severity:
        count = int(rng.integers(1, 2 + int(width * 0.06)))
        for x, y in zip(rng.integers(0, width, count), rng.integers(0, height, count), strict=True):
            size = int(rng.integers(1, 3))
            noisy[y : y + size, x : x + size] = int(rng.choice([15, 60, 250]))
    return np.asarray(noisy, np.uint8)


def bilevel(image: Colour, rng: np.random.Generator) -> Colour:
    """Black and white, as fax machines and archive scanners save; the threshold misses the middle at times."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    dark, light = np.percentile(grey, (2, 90))
    level = dark + (light - dark) * rng.uniform(0.45, 0.72)
    return np.asarray(np.repeat(((grey > level) * 255).astype(np.uint8)[..., None], 3, axis=2), np.uint8)


def compressed(image: Colour, quality: int) -> Colour:
    """The image after JPEG of the given quality, 1 to 100."""
    _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def scaled(image: NDArray[np.uint8], width: int, height: int, interpolation: int) -> NDArray[np.uint8]:
    """The image at another size in pixels."""
    return np.asarray(cv2.resize(image, (max(1, width), max(1, height)), interpolation=interpolation), np.uint8)


def degrade(image: Grey, rng: np.random.Generator, *, width: int, height: int, ink: float) -> Colour:
    """A grey crop as a reader may see it: RGB of shape (height, width, 3).

    `ink` is the share of the crop's rows that the line's ink covers; the crop is down-sampled until that
    ink is 16 to 44 pixels high (fewer where it is hit harder), as on scans of 100 to 300 dots per inch.
    """
    severity = float(rng.choice(SEVERITIES, p=SEVERITY_CHANCES))
    if rng.random() < 0.4 + 0.5 * severity:
        image = spread_ink(image, rng, severity)
    if rng.random() < 0.12 * severity:
        image = show_through(image, rng)
    if rng.random() < 0.08:
        image = rules(image, rng)
    rows = (rng.uniform(16, 34) if rng.random() < severity else rng.uniform(24, 46)) / ink
    rows = min(rows, float(image.shape[0]), 110.0)
    page: Any = scaled(image, round(width * rows / height), round(rows), cv2.INTER_AREA)
    page = coloured(page, rng)
    if rng.random() < 0.05 + 0.06 * severity:
        page = seal(page, rng)
    if rng.random() < severity:
        page = uneven_light(page, rng, severity)
    if rng.random() < 0.6 * severity:
        page = np.asarray(cv2.GaussianBlur(page, (0, 0), rng.uniform(0.3, 0.45 + 0.5 * severity)), np.uint8)
    page = sensor_noise(page, rng, severity)
    if rng.random() < 0.08 + 0.14 * severity:
        page = bilevel(page, rng)
    elif rng.random() < 0.5:
        page = np.asarray(np.repeat(cv2.cvtColor(page, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2), np.uint8)
    if rng.random() < 0.65:
        page = compressed(page, int(rng.integers(25, 90)))
    if rng.random() < 0.015:
        page = np.asarray(255 - page, np.uint8)
    kinds: list[int] = [cv2.INTER_LINEAR, cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_AREA]
    return scaled(page, width, height, kinds[int(rng.integers(0, len(kinds)))])
