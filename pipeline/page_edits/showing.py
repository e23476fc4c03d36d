"""How pages lie, for a screen: papers with their pages by number as scanned, what was taken out, and what was done.

Nothing of a person is in it but names of files and of officials; pictures are asked for one by one.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from extractors.doctypes import UNKNOWN
from pipeline.page_edits.events import undone
from pipeline.page_edits.laying import ids
from pipeline.record import Model, Status
from pipeline.words import UNREAD

if TYPE_CHECKING:
    from pipeline.page_edits.editing import Pages
    from pipeline.page_edits.fold import Group


class ShownPage(Model):
    """A page. Its pictures lie as it was scanned; `turns` quarter turns clockwise are the person's."""

    number: int
    """In the record, from 1; 0 where it was taken out."""
    file: str
    file_page: int
    width: int
    height: int
    turns: int
    blank: bool
    unread: bool
    """It could not be read."""
    picture: bool
    """Whether there is one."""
    changed: tuple[str, ...]
    origin: str | None
    """The dossier that it was scanned for, if another."""


class ShownGroup(Model):
    """A paper, or a page that belongs to none."""

    id: str
    paper: bool
    type: str
    title: str
    """Vietnamese; empty while it is not known."""
    by_person: bool
    """A person said its type."""
    pages: tuple[int, ...]


class ShownAway(Model):
    """A page that was taken out."""

    page: int
    state: str
    """`hidden` or `moved`."""
    dossier: str | None


class ShownEvent(Model):
    """Something that somebody did."""

    id: str
    kind: str
    pages: tuple[int, ...]
    who: str
    at: datetime
    undone: bool
    dossier: str | None
    undoes: str | None


class PagesView(Model):
    """Everything that the screen needs."""

    id: str
    revision: int
    """To be given back with every edit."""
    status: str
    refused: str
    """Code of the error that any edit would meet; empty where pages can be changed."""
    working: bool
    """The machine works on it: types and fields come in a moment."""
    groups: tuple[ShownGroup, ...]
    pages: dict[int, ShownPage]
    """By place as scanned."""
    away: tuple[ShownAway, ...]
    events: tuple[ShownEvent, ...]


def view_of(now: Pages) -> PagesView:
    """The screen of a dossier."""
    layout, dossier = now.layout, now.dossier
    number = {page: at for at, page in enumerate(layout.stack, start=1)}
    read = {page.scanned or page.number: page for page in dossier.pages}
    pages = {
        page: ShownPage(
            number=number.get(page, 0),
            file=record.file,
            file_page=record.file_page,
            width=record.width,
            height=record.height,
            turns=layout.turns.get(page, 0),
            blank=page in layout.blank,
            unread=any(defect.code in UNREAD for defect in (read.get(page) or record).defects),
            picture=bool(record.image_sha256),
            changed=layout.changed.get(page, ()),
            origin=record.origin.dossier if record.origin else None,
        )
        for page, record in sorted(now.records.items())
        if page in number or page in layout.hidden or page in layout.moved
    }
    void = undone(now.events)
    return PagesView(
        id=dossier.id,
        revision=now.revision,
        status=dossier.status.value,
        refused=now.refused,
        working=dossier.status in {Status.PROCESSING, Status.RECEIVED},
        groups=_groups(now),
        pages=pages,
        away=tuple(
            ShownAway(
                page=page,
                state="moved" if page in layout.moved else "hidden",
                dossier=layout.moved.get(page),
            )
            for page in sorted(pages)
            if page not in number
        ),
        events=tuple(
            ShownEvent(
                id=event.id,
                kind=event.edit.kind,
                pages=event.edit.pages,
                who=event.name,
                at=event.at,
                undone=event.id in void,
                dossier=event.edit.dossier or None,
                undoes=event.edit.undone or None,
            )
            for event in now.events
        ),
    )


def _groups(now: Pages) -> tuple[ShownGroup, ...]:
    machine = ids(now.scan)
    documents = {document.id: document for document in now.dossier.documents}

    def shown(group: Group) -> ShownGroup:
        name = now.layout.id_of(group, machine) if group.paper else ""
        known = documents.get(name)
        kind = group.type or (known.type if known else UNKNOWN)
        title = known.title if known and known.type == kind and kind != UNKNOWN else ""
        return ShownGroup(
            id=name,
            paper=group.paper,
            type=kind,
            title=title,
            by_person=group.type is not None,
            pages=group.pages,
        )

    return tuple(map(shown, now.layout.groups))
