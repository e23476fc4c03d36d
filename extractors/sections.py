"""Under which heading of a form a label stands: headings open sections, headings side by side open columns.

A section is known by any of its headings: fields that name the same one belong together, however many each of them
names. A label belongs to the column that it stands in; as headings stand in the middle of their columns, a wide label
may begin left of its heading. A label left of all headings asks every column.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from extractors.columns import Column, open_columns
from extractors.layout import box_of
from extractors.text import key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from extractors.fields import FieldSpec
    from extractors.labels import FlatRow, Hit

Section = tuple[str, ...]
"""All headings that open it; empty for what stands under none."""


class Sections:
    """The sections that specs name, and the columns that are open while a page is walked."""

    def __init__(self, specs: Iterable[FieldSpec]) -> None:
        self._joined = _joined({spec.section for spec in specs if spec.section})
        self._headings = {heading: joined for joined in self._joined.values() for heading in joined}
        self.columns: list[Column] = []

    def of(self, spec: FieldSpec) -> Section:
        """The section that a field stands in."""
        return self._joined.get(spec.section, ())

    def opened_by(self, hit: Hit) -> Section | None:
        """The section that a label opens, being a heading; None for any other label."""
        return self._headings.get(key(hit.label))

    def open(self, headings: Sequence[tuple[Section, Hit]], flat: FlatRow) -> None:
        """Opens the columns of the headings of one row."""
        if headings:
            self.columns = open_columns(headings, flat)

    def at(self, flat: FlatRow, hit: Hit, height: float) -> Section:
        """The section of a label by the place where it stands."""
        words = flat.words_between(hit.start, hit.end)
        if not self.columns or not words:
            return self.columns[0].section if self.columns else ()
        box = box_of(words)
        inside = [
            column
            for column in self.columns
            if column.x0 <= box.x0 + 1.5 * height or (column.edge and column.edge <= (box.x0 + box.x1) / 2)
        ]
        return inside[-1].section if inside else self.columns[0].section


def _joined(sections: set[Section]) -> dict[Section, Section]:
    """For each section all headings that open it, as comparison keys: two that share a heading are one."""
    groups: list[set[str]] = []
    for section in sorted(sections):
        own = set(map(key, section))
        alike = [group for group in groups if group & own]
        groups = [group for group in groups if group not in alike] + [own.union(*alike)]
    return {section: tuple(sorted(next(group for group in groups if key(section[0]) in group))) for section in sections}
