"""From character scores to the chance that a word, or a line, is exactly right.

A recogniser's scores are sharp and overconfident. A logistic curve over three figures of a word (log-odds of its
weakest character, mean log score, log of its length) turns them into a chance; a line's chance is the product of its
words' chances raised to a fitted power, because mistakes cluster. The few coefficients of each recogniser are data
(`calibration.json`, with the command that made them); a recogniser without any gets the plain product of its scores.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_FLOOR = 1e-4


@dataclass(frozen=True, slots=True)
class Calibration:
    """Coefficients of one recogniser; None stands for a recogniser that was not calibrated."""

    coefficients: tuple[float, float, float, float] | None = None
    """Bias, weakest character's log-odds, mean log score, log length."""
    line_power: float = 1.0

    def word(self, scores: Sequence[float]) -> float:
        """The chance in 0..1 that a word with these character scores (0..1) is exactly right."""
        if not scores:
            return 0.0
        if self.coefficients is None:
            return math.prod(min(1.0, max(0.0, score)) for score in scores)
        total = sum(weight * value for weight, value in zip(self.coefficients, features(scores), strict=True))
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))

    def line(self, words: Iterable[float]) -> float:
        """The chance that a line whose words have these chances is exactly right."""
        logs = [math.log(max(_FLOOR, word)) for word in words]
        return math.exp(self.line_power * sum(logs)) if logs else 0.0


def features(scores: Sequence[float]) -> tuple[float, float, float, float]:
    """What the curve looks at: 1, the weakest character's log-odds, the mean log score, the log of the length."""
    clipped = [min(1 - _FLOOR, max(_FLOOR, score)) for score in scores]
    weakest = min(clipped)
    mean = sum(math.log(score) for score in clipped) / len(clipped)
    return 1.0, math.log(weakest / (1 - weakest)), mean, math.log(len(clipped))


def from_json(entry: Mapping[str, Any]) -> Calibration:
    """A calibration from its JSON object: `{"coefficients": [4 numbers], "line_power": number}`."""
    bias, weakest, mean, length = (float(value) for value in entry["coefficients"])
    return Calibration((bias, weakest, mean, length), float(entry.get("line_power", 1.0)))


def load_calibration(recogniser: str) -> Calibration:
    """The packaged calibration of a recogniser by its name, or the uncalibrated one."""
    table = json.loads(Path(__file__).with_name("calibration.json").read_text(encoding="utf-8"))
    entry = table["recognisers"].get(recogniser)
    return Calibration() if entry is None else from_json(entry)
