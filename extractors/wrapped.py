"""Labels and headings that go over the end of their row: `… cho người có tên` and, in the next row, `dưới đây:`.

Two rows of which the first ends with the beginning of a label, and the second begins with the rest of it, are read as
one row, so that whatever looks for labels finds it whole. What is already a label in one of the rows stays as it is.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from extractors.layout import Row
from extractors.text import compact, edit_distance, fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_LEAST_WORDS = 3
"""Words of a label that may be parted."""
_ERRORS = 8
"""Letters for each of which one may be wrong."""


@lru_cache(maxsize=4096)
def _parts(label: str) -> tuple[str, ...]:
    return tuple(part for part in (fold(compact(word)) for word in label.replace("/", "/ ").split()) if part)


def joined(rows: Sequence[Row], labels: Iterable[str], height: float) -> list[Row]:
    """The rows from top to bottom, those that part a label joined; `height` is that of the text in pixels."""
    wanted = [parts for label in labels if len(parts := _parts(label)) >= _LEAST_WORDS]
    found: list[Row] = []
    for row in rows:
        above = found[-1] if found else None
        if above is not None and 0 < row.middle - above.middle < 2.6 * height and _goes_on(above, row, wanted):
            found[-1] = Row((*above.words, *row.words))
        else:
            found.append(row)
    return found


def _goes_on(above: Row, below: Row, wanted: Sequence[tuple[str, ...]]) -> bool:
    """Whether a label begins at the end of one row and ends at the beginning of the next."""
    tail = [part for part in (fold(compact(word.text)) for word in above.words[-24:]) if part]
    head = [part for part in (fold(compact(word.text)) for word in below.words[:24]) if part]
    if not tail or not head or below.words[0].box.x0 > above.words[-1].box.x0:
        return False
    for parts in wanted:
        for at in range(1, len(parts)):
            if _alike(parts[at - 1], tail[-1]) and _alike(parts[at], head[0]) and _parted(parts, at, tail, head):
                return True
    return False


def _parted(parts: Sequence[str], at: int, tail: Sequence[str], head: Sequence[str]) -> bool:
    if len(tail) < at or len(head) < len(parts) - at:
        return False
    first, second = "".join(parts[:at]), "".join(parts[at:])
    return _alike("".join(tail[-at:]), first) and _alike("".join(head[: len(parts) - at]), second)


def _alike(said: str, wanted: str) -> bool:
    if said == wanted:
        return True
    limit = len(wanted) // _ERRORS
    return limit > 0 and edit_distance(said, wanted, limit) <= limit
