"""A word on paper answers one question: the tagger is not heard on words that a printed label took for another field.

The tagger links values to labels by likeness. On a form with four persons, or beside a table whose columns have the
same words for headers, it may link a value to a field of somebody else, above all where that was left empty. Labels
know under which heading they stand; so where a label has claimed the words for another field, theirs is the claim.
Fields that take parts of one text (a number, its day, its issuer) share their words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from extractors.fields import FieldStatus, Source

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from extractors.fields import Field, FieldSpec
    from models.reading import Box

_SAME_WORDS = 0.6
"""Share of the smaller box from which two claims stand on the same words."""


def without_borrowed(claims: Sequence[Field], specs: Sequence[FieldSpec]) -> list[Field]:
    """The claims without those of the tagger on words that a label took for another field."""
    by_key = {spec.key: spec for spec in specs}
    taken = [
        claim
        for claim in claims
        if claim.source is Source.LABEL and claim.box is not None and claim.status is not FieldStatus.BLANK
    ]
    return [
        claim
        for claim in claims
        if claim.source is not Source.TAGGER or not any(_borrows(claim, other, by_key) for other in taken)
    ]


def _borrows(claim: Field, other: Field, specs: Mapping[str, FieldSpec]) -> bool:
    if claim.key == other.key or claim.page != other.page or claim.box is None or other.box is None:
        return False
    return not _one_text(specs.get(claim.key), specs.get(other.key)) and _shared(claim.box, other.box) >= _SAME_WORDS


def _one_text(left: FieldSpec | None, right: FieldSpec | None) -> bool:
    """Whether two fields take parts of one text."""
    if left is None or right is None:
        return False
    return left.section == right.section and bool(set(left.labels) & set(right.labels))


def _shared(left: Box, right: Box) -> float:
    """Share of the smaller box that lies in both."""
    width = min(left.x1, right.x1) - max(left.x0, right.x0)
    height = min(left.y1, right.y1) - max(left.y0, right.y0)
    smaller = min(left.width * left.height, right.width * right.height)
    return width * height / smaller if width > 0 and height > 0 and smaller > 0 else 0.0
