"""Prefix beam search (Graves et al. 2006) over a stretch of a line: what else the image allows there, with its chance.

A prefix is a text; its value adds up every path through the network's steps that says it, those that end in a blank
apart from those that end in its last letter. Only the likeliest classes of a step are followed, and only the likeliest
prefixes kept: stretches are short, and what is rarer is not taken anyway. What language makes of it is for
`models.decoder`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Beam = dict[str, tuple[float, float, tuple[int, ...]]]
    """For each prefix: chance of ending in a blank, of ending in its last letter, and the steps where letters began."""

_LEAST = 0.001
"""Classes below this chance are not followed in the search."""
_CLASSES = 5
"""Classes followed at one step."""
_BEAM = 8
"""Prefixes kept at one step."""


def prefixes(
    chances: NDArray[np.floating], start: int, stop: int, letters: Sequence[str], *, lead: str, closing: int | None
) -> Beam:
    """The likeliest prefixes of the steps `start` to `stop` (exclusive) of chances of shape (steps, classes).

    `letters[k]` is the sign of class k, class 0 the blank. `lead` is the sign that ended just before, or nothing;
    every prefix begins with it. `closing` is the class that must stand at step `stop`, or None at the line's end.
    """
    beam: Beam = {lead: (0.0, 1.0, (start,)) if lead else (1.0, 0.0, ())}
    seen = _seen(chances[start:stop])
    if closing is not None:
        seen.append([(closing, float(chances[stop, closing]))])
    for step, kinds in enumerate(seen, start):
        grown: Beam = {}
        for text, (blank, letter, starts) in beam.items():
            for kind, chance in kinds:
                if kind == 0:
                    _add(grown, text, (blank + letter) * chance, 0.0, starts)
                    continue
                sign = letters[kind]
                if not text.endswith(sign):
                    _add(grown, text + sign, 0.0, (blank + letter) * chance, (*starts, step))
                    continue
                _add(grown, text, 0.0, letter * chance, starts)
                if blank:
                    _add(grown, text + sign, 0.0, blank * chance, (*starts, step))
        if len(grown) > _BEAM:
            ranked = sorted(grown.items(), key=lambda item: -(item[1][0] + item[1][1]))
            grown = dict(ranked[:_BEAM])
        beam = grown
    return beam


def _seen(chances: NDArray[np.floating]) -> list[list[tuple[int, float]]]:
    """Per step, the classes that are followed, each with its chance; the likeliest first where there are too many."""
    seen: list[list[tuple[int, float]]] = [[] for _ in range(len(chances))]
    steps, kinds = np.nonzero(chances >= _LEAST)
    for step, kind, chance in zip(steps.tolist(), kinds.tolist(), chances[steps, kinds].tolist(), strict=True):
        seen[step].append((kind, chance))
    return [sorted(row, key=lambda pair: -pair[1])[:_CLASSES] if len(row) > _CLASSES else row for row in seen]


def _add(into: Beam, text: str, blank: float, letter: float, starts: tuple[int, ...]) -> None:
    """Adds a path to a prefix; the letters' places are those of its likeliest path."""
    old = into.get(text)
    if old is None:
        into[text] = (blank, letter, starts)
    else:
        keep = old[2] if old[0] + old[1] >= blank + letter else starts
        into[text] = (old[0] + blank, old[1] + letter, keep)
