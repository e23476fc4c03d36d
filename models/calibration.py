"""From character scores to the chance that a word, or a line, is exactly right.

A recogniser's scores are sharp and overconfident. A logistic curve over a few figures of a word (its weakest
character's log-odds above all; what kind of word it is) turns them into a chance; a line's chance is the product of its
words' chances raised to a fitted power, because mistakes cluster. Surer characters never make a less likely word. The
coefficients of each recogniser are data (`calibration.json`, with the command that made them); a recogniser without any
gets the plain product of its scores.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.orthography import is_syllable, syllable_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_FLOOR = 1e-4

RISING = ("weakest", "mean")
"""Figures that say how sure the characters are: their coefficients are never below nought."""
FIGURES = ("bias", *RISING, "length", "number", "sign", "single", "foreign")


@dataclass(frozen=True, slots=True)
class Calibration:
    """Coefficients of one recogniser by the names of `FIGURES`; none for a recogniser that was not calibrated."""

    coefficients: Mapping[str, float] = field(default_factory=dict)
    line_power: float = 1.0

    def word(self, scores: Sequence[float], text: str = "") -> float:
        """The chance in 0..1 that a word with these character scores (0..1) is exactly right; `text` tells its kind."""
        if not scores:
            return 0.0
        if not self.coefficients:
            return math.prod(min(1.0, max(0.0, score)) for score in scores)
        seen = figures(scores, text)
        total = sum(weight * seen[name] for name, weight in self.coefficients.items())
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))

    def line(self, words: Iterable[float]) -> float:
        """The chance that a line whose words have these chances is exactly right."""
        logs = [math.log(max(_FLOOR, word)) for word in words]
        return math.exp(self.line_power * sum(logs)) if logs else 0.0


def figures(scores: Sequence[float], text: str) -> dict[str, float]:
    """What the curve looks at.

    `weakest`: log-odds of the weakest character; `mean`: mean log score; `length`: log of the number of characters; and
    1 or 0 for: holds a digit (`number`), has neither letter nor digit (`sign`), has one (`single`), is a word of small
    letters that spelling does not allow (`foreign`).
    """
    clipped = [min(1 - _FLOOR, max(_FLOOR, score)) for score in scores]
    weakest = min(clipped)
    core = [character for character in text if character.isalnum()]
    return {
        "bias": 1.0,
        "weakest": math.log(weakest / (1 - weakest)),
        "mean": sum(math.log(score) for score in clipped) / len(clipped),
        "length": math.log(len(clipped)),
        "number": float(any(character.isdigit() for character in core)),
        "sign": float(bool(text) and not core),
        "single": float(len(core) == 1),
        "foreign": float(len(core) > 1 and _foreign("".join(core))),
    }


def _foreign(core: str) -> bool:
    if not core.isalpha() or core.isupper():
        return False
    key = syllable_key(core)
    return key is None or not is_syllable(key)


def from_json(entry: Mapping[str, Any]) -> Calibration:
    """A calibration from its JSON object: `{"coefficients": {NAME: number, ...}, "line_power": number}`.

    Raises `ValueError` for a name that is none of `FIGURES`.
    """
    coefficients = {str(name): float(value) for name, value in entry["coefficients"].items()}
    unknown = sorted(set(coefficients) - set(FIGURES))
    if unknown:
        raise ValueError(f"coefficients of unknown figures: {', '.join(unknown)}")
    return Calibration(coefficients, float(entry.get("line_power", 1.0)))


def load_calibration(recogniser: str) -> Calibration:
    """The packaged calibration of a recogniser by its name, or the uncalibrated one."""
    table = json.loads(Path(__file__).with_name("calibration.json").read_text(encoding="utf-8"))
    entry = table["recognisers"].get(recogniser)
    return Calibration() if entry is None else from_json(entry)
