"""One thing that somebody did to pages, as data: kept for ever, in force until somebody takes it back.

Pages are named by their place in the stack as scanned, from 1, which never changes; pages that came from another
dossier get numbers behind it. Taking back is an event, too, and can be taken back itself: whether an event is in force
follows from the events behind it, so any of them can be undone in any order.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from pipeline.record import Model, PageRecord

if TYPE_CHECKING:
    from collections.abc import Sequence

Kind = Literal["turn", "split", "merge", "order", "hide", "show", "blank", "type", "move", "bring", "undo"]
KINDS: tuple[str, ...] = ("turn", "split", "merge", "order", "hide", "show", "blank", "type")
"""What is done inside one dossier."""
Scanned = int
"""A page's place in the stack as scanned."""


class Edit(Model):
    """What is done; which of the values count depends on the kind."""

    kind: Kind
    pages: tuple[Scanned, ...] = Field(default=(), max_length=5000)
    turns: int = Field(default=1, ge=1, le=3)
    """`turn`: quarter turns clockwise."""
    beside: Scanned | None = None
    """`order`: the page that these come to lie next to, in its paper."""
    after: bool = False
    """`order`: behind it, not before it."""
    blank: bool = True
    """`blank`: whether the pages are."""
    type: str = Field(default="", max_length=100)
    """`type`: what the paper of these pages is."""
    papers: tuple[tuple[Scanned, ...], ...] = ()
    """`bring`: how the pages lay in papers where they came from."""
    dossier: str = ""
    """`move`: where they go; `bring`: where they come from; `undo`: the other dossier of what is undone."""
    pair: str = ""
    """The same in both dossiers for what concerns two."""
    undone: str = ""
    """`undo`: the event's id."""


class PageEvent(Model):
    """An edit with who and when."""

    id: str
    at: datetime
    who: str
    """Id of an account."""
    name: str
    """Of the person, as shown."""
    edit: Edit
    brought: tuple[PageRecord, ...] = ()
    """`bring`: the pages, numbered as `edit.pages`; sealed where they lie."""


def in_force(events: Sequence[PageEvent]) -> list[PageEvent]:
    """The events that count, in their order, without those that only take back."""
    void = undone(events)
    return [event for event in events if event.id not in void and event.edit.kind != "undo"]


def undone(events: Sequence[PageEvent]) -> set[str]:
    """Ids of events that were taken back by one that itself was not."""
    void: set[str] = set()
    for event in reversed(events):
        if event.edit.kind == "undo" and event.id not in void:
            void.add(event.edit.undone)
    return void
