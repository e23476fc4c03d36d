"""The figures as tables: one list of sheets for the page, the workbook and the CSV file, so that all say the same.

Cells are numbers, shares, days or words; words are keys of the texts' catalogue or names from data, and the caller says
them in a language. Cells without a value stay empty: nothing to divide by is not zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from pipeline.overview.figures import share

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pipeline.catalogue.overview_door import Counts
    from pipeline.overview.figures import Overview

    Say = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, between 0 and 1."""

    value: float


class Named(str):
    """A name from data: Vietnamese, whatever the reader's language is."""

    __slots__ = ()


Cell = str | int | float | date | Share | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with a heading for each column."""

    key: str
    """Of its name in the texts."""
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


_COUNTED = ("received", "filed", "ended", "open", "due_today", "due_soon", "late", "waiting")
_SHARED = (("on_time", "ended"), ("straight", "filed"), ("digitised", "closed"), ("reused", "closed"))
SHARES = tuple(name for name, _ in _SHARED)


def shares_of(counts: Counts) -> dict[str, float | None]:
    """On time, straight through, digitised, reused."""
    return {part: share(getattr(counts, part), getattr(counts, whole)) for part, whole in _SHARED}


def sheets(view: Overview, say: Say) -> list[Sheet]:
    """All tables; `say` gives the words of a key."""

    def named(*keys: str) -> tuple[str, ...]:
        return tuple(say(f"overview.{key}") for key in keys)

    def name_of(code: str) -> str:
        return Named(view.names.get(code, code)) if code else say("overview.no_procedure")

    measures = (*_COUNTED, *SHARES)
    rated = [(name_of(one.procedure) if one.procedure else say("overview.all"), one) for one in view.ratings]
    return [
        Sheet("sum", named("figure", "value"), tuple(_sums(view, say))),
        Sheet(
            "procedures",
            (*named("code", "procedure"), *named(*measures)),
            tuple((one.procedure, name_of(one.procedure), *_measures(one)) for one in view.procedures),
        ),
        Sheet(
            "time",
            named("from", "to", "received", "ended_all", "ended_late"),
            tuple((one.start, one.end, one.received, one.ended, one.late) for one in view.lines),
        ),
        Sheet(
            "late_list",
            named("dossier", "procedure", "received_on", "due_on", "portal"),
            tuple(
                (one.dossier_id, name_of(one.procedure), one.received_on, one.due_on, _portal(one.portal, say))
                for one in view.late
            ),
        ),
        Sheet(
            "queue",
            named("lane", "status", "count", "oldest"),
            tuple(
                (say(f"overview.lane_{one.lane}"), say(f"overview.status_{one.status}"), one.count, one.oldest_days)
                for one in view.queue
            ),
        ),
        Sheet(
            "ratings",
            (*named("procedure", "count", "mean"), "1", "2", "3", "4", "5"),
            tuple((name, one.count, one.mean, *one.counts) for name, one in rated),
        ),
        Sheet(
            "promises",
            named("kind", "key_field", "promised", "measured", "bound", "judged", "full"),
            tuple(
                (
                    say(f"review.kind_{one.kind}"),
                    _yes(one.key_field, say),
                    Share(one.promised),
                    _share(one.measured),
                    _share(one.bound),
                    one.judged,
                    _yes(one.full, say),
                )
                for one in view.promises
            ),
        ),
    ]


def _measures(counts: Counts) -> Iterator[Cell]:
    yield from (getattr(counts, name) for name in _COUNTED)
    yield from (_share(value) for value in shares_of(counts).values())


def _sums(view: Overview, say: Say) -> Iterator[tuple[Cell, ...]]:
    yield say("overview.from"), view.span.first
    yield say("overview.to"), view.span.last
    names: Sequence[str] = (*_COUNTED, *SHARES)
    for name, value in zip(names, _measures(view.total), strict=True):
        yield say(f"overview.{name}"), value


def _share(value: float | None) -> Share | None:
    return None if value is None else Share(value)


def _yes(said: bool, say: Say) -> str:  # noqa: FBT001 - a cell's value
    return say("overview.yes" if said else "overview.no")


def _portal(status: int | None, say: Say) -> str:
    return say(f"citizen.status_{status or 0}")
