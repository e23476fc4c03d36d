#!/usr/bin/env python3
"""Fits `models/calibration.json`: how likely a word is right, given the scores of its characters.

Truth is the text layer of born-digital PDFs (`pdftotext -bbox-layout` of poppler-utils). Sampled pages are drawn at 100
to 300 dots per inch, worsened as offices worsen them (grey, blur, noise, JPEG, thin ink) and read, without the help of
what language knows from this very file; a read word is right where it equals the one printed word it covers. Files that
measured pages come from stay out (`--exclude`, a table whose second column names them). Expected calibration errors are
those of PDFs that the curve was not fitted on.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import cv2
import numpy as np
import pypdfium2

from models.calibration import FIGURES, RISING, Calibration, figures
from models.ctc import CtcRecogniser
from models.factory import ReaderOptions, build_detector, build_recogniser
from models.images import as_grey, cut
from models.language import load_language
from models.scoring import plain
from models.second_look import SecondLook
from models.training.labels import label
from models.words import place_words

if TYPE_CHECKING:
    from models.reading import LineDetector, LineRecogniser

TABLE = Path(__file__).resolve().parent.parent / "models" / "calibration.json"
USED = tuple(name for name in FIGURES if name not in ("mean", "length"))
"""What is fitted: the mean score and the length tell nothing more beside the weakest character."""
XHTML = "{http://www.w3.org/1999/xhtml}"


@dataclass(frozen=True)
class ReadWord:
    """A read word: its file, its line, its text, its character scores, and whether it is right."""

    source: str
    line: int
    text: str
    scores: tuple[float, ...]
    right: bool


@dataclass(frozen=True)
class Truth:
    """Where a page's text layer is."""

    pdf: Path
    number: int


@dataclass(frozen=True)
class Parts:
    """What reads."""

    detector: LineDetector
    recogniser: LineRecogniser


def main() -> int:
    """Reads, fits, reports, and writes the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pdfs", type=Path, required=True)
    parser.add_argument("--exclude", type=Path, help="tab-separated; second column: paths of PDFs to leave out")
    parser.add_argument("--pages", type=int, default=6, help="pages of each PDF")
    parser.add_argument("--recogniser", default="auto")
    parser.add_argument("--out", type=Path, default=TABLE, help="the table to write; others' entries are kept")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    left_out = set()
    if chosen.exclude:
        left_out = {line.split("\t")[1].rsplit("/")[-1] for line in chosen.exclude.read_text("utf-8").splitlines()}
    pdfs = [path for path in sorted(chosen.pdfs.glob("*.pdf")) if unicodedata.normalize("NFC", path.name) not in
            {unicodedata.normalize("NFC", name) for name in left_out}]  # fmt: skip
    options = ReaderOptions(recogniser=chosen.recogniser)
    recogniser, _ = build_recogniser(options)
    parts = Parts(build_detector(options), recogniser)
    rng = np.random.default_rng(chosen.seed)
    words: list[ReadWord] = []
    for pdf in pdfs:
        if isinstance(recogniser, CtcRecogniser | SecondLook):
            parts = Parts(parts.detector, recogniser.with_language(load_language().without(text_of(pdf))))
        with pypdfium2.PdfDocument(pdf) as document:
            numbers = rng.permutation(len(document))[: chosen.pages]
            for number in sorted(int(k) for k in numbers):
                words += read_page(document[number], Truth(pdf, number), rng, parts, len(words))
        print(f"{pdf.name[:50]:50} {len(words)} words", file=sys.stderr)
    entry = report(words)
    table = json.loads(TABLE.read_text(encoding="utf-8"))
    shown = [Path(part).name if "/" in part else part for part in sys.argv]
    table["command"] = "PYTHONPATH=. python scripts/" + " ".join(shown)
    table["recognisers"][recogniser.name.partition("@")[0]] = {"fitted_on": recogniser.name, **entry}
    chosen.out.write_text(json.dumps(table, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0


def read_page(
    page: pypdfium2.PdfPage, truth_of: Truth, rng: np.random.Generator, parts: Parts, first_line: int
) -> list[ReadWord]:
    """Draws, worsens and reads one page, and compares it with its text layer."""
    dpi = float(rng.uniform(100, 300))
    image = worsen(np.asarray(page.render(scale=dpi / 72).to_pil().convert("RGB")), rng)
    truth = printed_words(truth_of.pdf, truth_of.number, dpi / 72)
    boxes = np.array([box for box, _ in truth], np.float64).reshape(-1, 4)
    middles = (boxes[:, 1] + boxes[:, 3]) / 2
    found = []
    for k, line in enumerate(parts.detector.detect(image)):
        corners = np.array(line.corners, np.float32)
        crop = cut(image, corners)
        x0, x1 = float(corners[:, 0].min()), float(corners[:, 0].max())
        y0, y1 = float(corners[:, 1].min()), float(corners[:, 1].max())
        level = (middles > y0) & (middles < y1)
        for word in place_words(parts.recogniser.recognise(crop), as_grey(crop)):
            left, right = x0 + word.start * (x1 - x0), x0 + word.end * (x1 - x0)
            shared = np.minimum(boxes[:, 2], right) - np.maximum(boxes[:, 0], left)
            covered = np.flatnonzero(level & (shared > 0.5 * np.minimum(boxes[:, 2] - boxes[:, 0], right - left)))
            if len(covered):
                wanted = [label(truth[number][1]) for number in covered]
                if None not in wanted:
                    right = len(wanted) == 1 and plain(wanted[0] or "") == plain(word.text)
                    found.append(ReadWord(truth_of.pdf.name, first_line * 1000 + k, word.text, word.scores, right))
    return found


def text_of(pdf: Path) -> str:
    """The text layer of a PDF, NFC."""
    text = subprocess.run(["pdftotext", "-q", str(pdf), "-"], check=True, capture_output=True).stdout
    return unicodedata.normalize("NFC", text.decode("utf-8", "replace"))


def printed_words(pdf: Path, number: int, scale: float) -> list[tuple[tuple[float, ...], str]]:
    """Words of a page's text layer with boxes in pixels."""
    page = str(number + 1)
    command = ["pdftotext", "-bbox-layout", "-f", page, "-l", page, str(pdf), "-"]
    root = ET.fromstring(subprocess.run(command, check=True, capture_output=True).stdout)  # noqa: S314 - own output
    return [
        (
            tuple(float(word.get(key, "0")) * scale for key in ("xMin", "yMin", "xMax", "yMax")),
            unicodedata.normalize("NFC", word.text or ""),
        )
        for word in root.iter(f"{XHTML}word")
    ]


def worsen(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A clean page as an office's scanner and copier leave it."""
    page = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB) if rng.random() < 0.7 else image
    page = cv2.GaussianBlur(page, (0, 0), float(rng.uniform(0.2, 1.1))) if rng.random() < 0.7 else page
    if rng.random() < 0.3:
        shape = np.ones((2, 2), np.uint8)
        page = cv2.erode(page, shape) if rng.random() < 0.5 else cv2.dilate(page, shape)
    values = page.astype(np.float32) * rng.uniform(0.6, 1) + rng.uniform(0, 25)
    values += rng.normal(0, rng.uniform(0, 14), page.shape[:2])[..., None]
    page = np.clip(values, 0, 255).astype(np.uint8)
    if rng.random() < 0.15:
        page = np.where(page > page.mean() * 0.75, 255, 0).astype(np.uint8)
    _, coded = cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(30, 92))])
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)


def report(words: list[ReadWord]) -> dict[str, object]:
    """Fits on all words; the reported errors come from fits that had not seen the files they are measured on."""
    sources = sorted({word.source for word in words})
    held: list[tuple[float, bool]] = []
    held_lines: list[tuple[float, bool]] = []
    for half in (0, 1):
        seen = [word for word in words if sources.index(word.source) % 2 == half]
        unseen = [word for word in words if sources.index(word.source) % 2 != half]
        curve = fit(seen)
        held += [(curve.word(word.scores, word.text), word.right) for word in unseen]
        held_lines += line_chances(unseen, curve)
    plain = [(Calibration().word(word.scores, word.text), word.right) for word in words]
    curve = fit(words)
    entry = {
        "coefficients": {name: round(value, 5) for name, value in curve.coefficients.items()},
        "line_power": round(curve.line_power, 4),
        "words": len(words),
        "right": round(float(np.mean([word.right for word in words])), 4),
        "word_error_uncalibrated": round(calibration_error(plain), 4),
        "word_error_held_out": round(calibration_error(held), 4),
        "line_error_held_out": round(calibration_error(held_lines), 4),
    }
    print(json.dumps(entry, indent=1))
    return entry


def fit(words: list[ReadWord]) -> Calibration:
    """Logistic regression by Newton's method, rising figures kept from falling; then the power of lines by a search."""
    seen = [figures(word.scores, word.text) for word in words]
    y = np.array([word.right for word in words], np.float64)
    names = list(USED)
    while True:
        x = np.array([[one[name] for name in names] for one in seen])
        weights = np.zeros(len(names))
        for _ in range(50):
            chance = 1 / (1 + np.exp(-np.clip(x @ weights, -30, 30)))
            slope = x.T @ (y - chance) - weights
            bend = (x * (chance * (1 - chance))[:, None]).T @ x + np.eye(len(weights))
            weights = weights + np.linalg.solve(bend, slope)
        coefficients = dict(zip(names, (float(value) for value in weights), strict=True))
        falling = [name for name in RISING if coefficients.get(name, 0.0) < 0]
        if not falling:
            break
        names.remove(falling[0])
    powers = np.arange(0.3, 1.51, 0.02)
    curves = [Calibration(coefficients, float(power)) for power in powers]
    return max(curves, key=lambda curve: likelihood(line_chances(words, curve)))


def line_chances(words: list[ReadWord], curve: Calibration) -> list[tuple[float, bool]]:
    """(chance, right) of each line."""
    lines: dict[int, list[ReadWord]] = {}
    for word in words:
        lines.setdefault(word.line, []).append(word)
    return [
        (curve.line(curve.word(w.scores, w.text) for w in line), all(w.right for w in line)) for line in lines.values()
    ]


def likelihood(claims: list[tuple[float, bool]]) -> float:
    """Mean log-likelihood of claims."""
    return float(np.mean([np.log(max(1e-6, chance if right else 1 - chance)) for chance, right in claims]))


def calibration_error(claims: list[tuple[float, bool]], bins: int = 15) -> float:
    """Expected calibration error over bins of equal numbers of claims."""
    ranked = sorted(claims)
    parts = [part for part in np.array_split(np.array(ranked, np.float64), bins) if len(part)]
    return float(sum(len(part) * abs(part[:, 0].mean() - part[:, 1].mean()) for part in parts) / len(claims))


if __name__ == "__main__":
    sys.exit(main())
