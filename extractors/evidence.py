"""Makes a `Field` out of words: raw text, box and chance from the words, value and doubts from the kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from extractors.fields import Field, FieldStatus
from extractors.layout import box_of, probability_of
from extractors.text import nfc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extractors.fields import FieldValue, Source
    from models.reading import Word

REPAIR_FACTOR = 0.9
"""What a repaired look-alike costs: the format decided, not the eye."""
MISFIT_CAP = 0.5
"""A value that does not fit its kind's format is more likely wrong than right."""


def claim(
    key: str,
    value: FieldValue,
    words: Sequence[Word],
    *,
    source: Source,
    page: int,
    quality: float = 1.0,
    repaired: bool = False,
    doubt: str | None = None,
    raw: str | None = None,
) -> Field:
    """A claim from the words that say it; `doubt` (a stable code) makes it doubtful and caps its probability.

    Words written by hand are always a doubt: the reader knows print, and what it says of a pen is a guess.
    """
    doubt = doubt or ("handwriting" if any(word.handwritten for word in words) else None)
    probability = probability_of(words) * quality * (REPAIR_FACTOR if repaired else 1.0)
    if doubt:
        probability = min(probability, MISFIT_CAP)
    return Field(
        key=key,
        value=value,
        raw=nfc(" ".join(word.text for word in words)) if raw is None else raw,
        probability=round(probability, 4),
        source=source,
        page=page,
        box=box_of(words) if words else None,
        status=FieldStatus.DOUBTFUL if doubt else FieldStatus.READ,
        reason=doubt,
    )
