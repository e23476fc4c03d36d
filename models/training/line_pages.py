"""Pages for the quick line detector to learn from: grey, level, and with the lines that the thorough detector finds.

Scanned and born-digital PDFs and generated dossiers; seals are taken off and pages levelled as the reader does it,
shrunk to the long side at which both detectors look. Nobody marks anything by hand: what is taught is the thorough
detector's answer. PDFs that measured pages come from are left out by their SHA-256, and some files are kept apart for
choosing limits. A page that was collected before is not looked at again.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
from typing import TYPE_CHECKING

import cv2
import numpy as np

from models.images import as_grey, as_rgb, rotate, shrink
from models.orientation import estimate_skew
from models.seals import without_seals
from models.training.exclusion import Measured

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from models.reading import Image, LineDetector

log = logging.getLogger(__name__)

SIDE = 1280
"""Long side of a page in pixels."""
LEVEL = 0.3
"""Degrees from which the reader levels a page."""
KEPT_APART = 5
"""Every fifth file, by its SHA-256, is for choosing limits only."""
_DPI = 170


def collect(data: Path, out: Path, detector: LineDetector, *, pages: int, dossiers: int) -> None:
    """Writes `NAME.png` and `NAME.json` (corners and scores) into `out`; names of files kept apart begin with `apart`.

    Up to `pages` pages of each PDF under `data`/pdf, evenly chosen, and the papers of `dossiers` generated dossiers.
    """
    out.mkdir(parents=True, exist_ok=True)
    measured = Measured.of_folder(data)
    for pdf in sorted((data / "pdf").glob("*/*.pdf")):
        if measured.holds_file(pdf) or not pdf.read_bytes().startswith(b"%PDF"):
            continue
        digest = hashlib.sha256(pdf.read_bytes()).hexdigest()
        prefix = "apart" if int(digest[:8], 16) % KEPT_APART == 0 else "page"
        for number, image in _drawn(pdf, pages):
            _keep(out / f"{prefix}_{digest[:12]}_{number}", image, detector)
        log.info("%s", pdf.name)
    for seed in range(dossiers):
        prefix = "apart" if seed % KEPT_APART == 0 else "page"
        for number, image in enumerate(_generated(1000 + seed)):
            _keep(out / f"{prefix}_generated{seed}_{number}", image, detector)


def read_pages(folder: Path, prefix: str = "page") -> Iterator[tuple[Image, list[NDArray[np.float32]]]]:
    """Grey pages with the corners of their lines, shape (4, 2), clockwise from the start."""
    for described in sorted(folder.glob(f"{prefix}_*.json")):
        page = cv2.imread(str(described.with_suffix(".png")), cv2.IMREAD_GRAYSCALE)
        lines = json.loads(described.read_text(encoding="utf-8"))
        yield np.asarray(page, np.uint8), [np.array(line["corners"], np.float32) for line in lines]


def _keep(path: Path, image: Image, detector: LineDetector) -> None:
    if path.with_suffix(".json").exists():
        return
    page = without_seals(as_rgb(image))
    skew = estimate_skew(as_grey(page))
    if abs(skew) >= LEVEL:
        page, _ = rotate(page, -skew)
    scale = min(1.0, SIDE / max(page.shape[:2]))
    lines = [
        {"corners": (np.array(line.corners) * scale).round(2).tolist(), "score": round(line.score, 3)}
        for line in detector.detect(page)
        if line.score >= 0.5
    ]
    cv2.imwrite(str(path.with_suffix(".png")), shrink(as_grey(page), SIDE))
    path.with_suffix(".json").write_text(json.dumps(lines), encoding="utf-8")


def _drawn(pdf: Path, count: int) -> Iterator[tuple[int, Image]]:
    import pypdfium2

    document = pypdfium2.PdfDocument(str(pdf))
    try:
        last = len(document) - 1
        for number in sorted({round(place) for place in np.linspace(0, last, min(last + 1, count))}):
            drawn = document[number].render(scale=_DPI / 72, rev_byteorder=True).to_numpy()
            yield number + 1, np.ascontiguousarray(drawn[:, :, :3])
    finally:
        document.close()


def _generated(seed: int) -> Iterator[Image]:
    """The papers of a dossier and of a letter, as scanners give them."""
    import pypdfium2
    from PIL import Image as Pil
    from PIL import ImageSequence

    from models.synthesis.fonts import FontBook
    from models.synthesis.sample import birth_registration, letter_sample

    book = FontBook.portable()
    for sample in (birth_registration(book, seed), letter_sample(book, seed)):
        for name, content in sample.files.items():
            if name.endswith(".pdf"):
                document = pypdfium2.PdfDocument(content)
                yield from (
                    np.ascontiguousarray(page.render(scale=_DPI / 72, rev_byteorder=True).to_numpy()[:, :, :3])
                    for page in document
                )
                document.close()
            else:
                with Pil.open(io.BytesIO(content)) as pictures:
                    yield from (np.array(frame.convert("RGB")) for frame in ImageSequence.Iterator(pictures))
