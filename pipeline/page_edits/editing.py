"""What a door asks about pages: how they lie, change something, take it back, move pages to another dossier.

An event is journal and row at once and counts from then on. What it means for the record follows at once where nobody
works on the dossier, else at the next stage of whoever does; a turned page is made and read by a worker. An edit names
how many events its maker had seen, so nobody changes what they did not see. What would change nothing is refused.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pipeline import journal
from pipeline.conductor import UnknownDossierError, UnknownPageError
from pipeline.keys import new_dossier_id
from pipeline.page_edits.errors import (
    LastPageError,
    PageEditError,
    PagesBusyError,
    PagesChangedError,
    PagesFiledError,
    PagesNotReadyError,
)
from pipeline.page_edits.events import KINDS, Edit, PageEvent, undone
from pipeline.page_edits.laying import Scan, layout_of, origin_of, pages_of
from pipeline.page_edits.taking import EDITED, events_of, keep_scan, rows_of, scan_of, sealed_pages, settle
from pipeline.record import Dossier, Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic import JsonValue

    from pipeline.access.principal import Principal
    from pipeline.page_edits.fold import Layout
    from pipeline.record import PageRecord
    from pipeline.tools import Tools

TTL = timedelta(seconds=60)
_ERRORS = {"filed": PagesFiledError, "changed": PagesChangedError, "unknown": UnknownDossierError}


@dataclass(frozen=True, slots=True)
class Pages:
    """How a dossier's pages lie, with all that was done to them."""

    dossier: Dossier
    scan: Scan
    events: tuple[PageEvent, ...]
    layout: Layout
    records: Mapping[int, PageRecord]
    """Untouched, by their place as scanned."""
    refused: str = ""
    """Code of the error that any change would meet; empty where they can be changed."""

    @property
    def revision(self) -> int:
        """To be given back with an edit."""
        return len(self.events)


class PageEditor:
    """The verbs. Agencies and rights are the caller's to check; both dossiers of a move are of one agency."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def pages(self, dossier_id: str) -> Pages:
        """How they lie. Raises `UnknownDossierError`."""
        settle(self._tools, dossier_id, TTL)
        return self._pages(dossier_id)

    def page(self, dossier_id: str, number: int) -> PageRecord:
        """One page, untouched, by its place as scanned. Raises `UnknownDossierError`, `UnknownPageError`."""
        dossier = self._tools.catalogue.load(dossier_id)
        if dossier is None:
            raise UnknownDossierError(dossier_id)
        scan = scan_of(self._tools, dossier)
        found = next((page for page in scan.pages if page.number == number), None)
        if found is None:
            found = pages_of(scan, events_of(self._tools, dossier_id)).get(number)
        if found is None:
            raise UnknownPageError(dossier_id, f"scanned page {number}")
        return found

    def edit(self, dossier_id: str, edit: Edit, who: Principal, revision: int) -> Pages:
        """One thing done inside a dossier.

        Raises `PageEditError`, `PagesChangedError`, `PagesFiledError`, `PagesBusyError`, `PagesNotReadyError`.
        """
        if edit.kind not in KINDS:
            raise PageEditError(dossier_id, f"kind {edit.kind}")
        now = self._open(dossier_id, revision)
        if edit.kind == "type" and edit.type not in self._tools.procedures().type_names:
            raise PageEditError(dossier_id, "unknown type of paper")
        clean = Edit(
            kind=edit.kind,
            pages=tuple(dict.fromkeys(edit.pages)),
            turns=edit.turns,
            beside=edit.beside,
            after=edit.after,
            blank=edit.blank,
            type=edit.type,
        )
        return self._add({dossier_id: (now, self._event(clean, who))})

    def undo(self, dossier_id: str, event_id: str, who: Principal, revision: int) -> Pages:
        """Takes an event back, also one that took another back. What concerns two dossiers is taken back in both."""
        now = self._open(dossier_id, revision)
        event = next((one for one in now.events if one.id == event_id), None)
        if event is None or event.id in undone(now.events):
            raise PageEditError(dossier_id, "nothing to take back")
        edit = event.edit
        if not edit.pair:
            return self._add({dossier_id: (now, self._event(Edit(kind="undo", undone=event_id), who))})
        there = self._open(edit.dossier)
        other = next(one for one in there.events if one.edit.pair == edit.pair)
        pair = secrets.token_hex(8)
        mine = Edit(kind="undo", undone=event_id, dossier=edit.dossier, pair=pair)
        theirs = Edit(kind="undo", undone=other.id, dossier=dossier_id, pair=pair)
        return self._add({dossier_id: (now, self._event(mine, who)), edit.dossier: (there, self._event(theirs, who))})

    def move(
        self, dossier_id: str, pages: Sequence[int], target: str | None, who: Principal, revision: int
    ) -> tuple[Pages, str]:
        """Moves pages to another dossier, or to a new one; returns where. The originals stay where they are."""
        now = self._open(dossier_id, revision)
        chosen = tuple(page for page in dict.fromkeys(pages) if page in now.layout.stack)
        if len(chosen) != len(set(pages)) or not chosen or target == dossier_id:
            raise PageEditError(dossier_id, "no such pages, or nowhere to go")
        if len(chosen) == len(now.layout.stack):
            raise LastPageError(dossier_id)
        there = self._open(target) if target else self._open(self._new(now.dossier, chosen))
        if there.dossier.agency != now.dossier.agency:
            raise UnknownDossierError(target)
        first = max((0, *there.records)) + 1
        number = {page: first + at for at, page in enumerate(chosen)}
        papers = [[number[page] for page in group.pages if page in number] for group in now.layout.papers]
        brought = tuple(
            now.records[page].model_copy(
                update={"number": number[page], "origin": origin_of(now.dossier, now.records[page])}
            )
            for page in chosen
        )
        pair = secrets.token_hex(8)
        move = Edit(kind="move", pages=chosen, dossier=there.dossier.id, pair=pair)
        bring = Edit(
            kind="bring",
            pages=tuple(number.values()),
            papers=tuple(tuple(paper) for paper in papers if paper),
            dossier=dossier_id,
            pair=pair,
        )
        contents = {sha for page in brought for sha in (page.image_sha256, _original(page)) if sha}
        self._tools.vault.hold(there.dossier.id, contents)
        moved = self._add(
            {
                dossier_id: (now, self._event(move, who)),
                there.dossier.id: (there, self._event(bring, who, brought)),
            }
        )
        # Turned pages arrive turned: how they lay is what the person saw.
        self._turn_there(there.dossier.id, {number[page]: now.layout.turns.get(page, 0) for page in chosen}, who)
        return moved, there.dossier.id

    def _turn_there(self, dossier_id: str, turns: Mapping[int, int], who: Principal) -> None:
        for quarter in sorted(set(turns.values()) - {0}):
            edit = Edit(kind="turn", pages=tuple(p for p, q in turns.items() if q == quarter), turns=quarter)
            self._add({dossier_id: (self._pages(dossier_id), self._event(edit, who))})

    def _new(self, source: Dossier, pages: tuple[int, ...]) -> str:
        tools = self._tools
        now = tools.clock()
        dossier = Dossier(
            id=new_dossier_id(now),
            procedure=None,
            agency=source.agency,
            status=Status.RECEIVED,
            received_at=source.received_at,
        )
        content = hashlib.sha256(f"{dossier.id} {source.id} {pages}".encode()).hexdigest()
        journal.received(tools.store, dossier, content)
        tools.catalogue.create_dossier(dossier)
        return dossier.id

    def _pages(self, dossier_id: str) -> Pages:
        dossier = self._tools.catalogue.load(dossier_id)
        if dossier is None:
            raise UnknownDossierError(dossier_id)
        scan, events = scan_of(self._tools, dossier), events_of(self._tools, dossier_id)
        refused = ""
        if dossier.status is Status.FILED:
            refused = PagesFiledError.code
        elif not dossier.pages and dossier.originals:
            refused = PagesNotReadyError.code
        return Pages(dossier, scan, tuple(events), layout_of(scan, events), pages_of(scan, events), refused)

    def _open(self, dossier_id: str, revision: int | None = None) -> Pages:
        now = self._pages(dossier_id)
        if now.refused:
            error = PagesFiledError if now.refused == PagesFiledError.code else PagesNotReadyError
            raise error(dossier_id)
        if revision is not None and revision != now.revision:
            raise PagesChangedError(dossier_id, f"{now.revision} events, {revision} seen")
        dossier = now.dossier
        validated = any(event.stage == "validate" for event in dossier.events)
        if dossier.status is Status.PROCESSING and validated and not self._free(dossier_id):
            raise PagesBusyError(dossier_id)
        return now

    def _free(self, dossier_id: str) -> bool:
        lease = self._tools.catalogue.claim(dossier_id, f"pages-{secrets.token_hex(8)}", TTL)
        return lease is not None and self._tools.catalogue.release(lease)

    def _event(self, edit: Edit, who: Principal, brought: tuple[PageRecord, ...] = ()) -> PageEvent:
        return PageEvent(
            id=secrets.token_hex(16), at=self._tools.clock(), who=who.id, name=who.name, edit=edit, brought=brought
        )

    def _add(self, added: Mapping[str, tuple[Pages, PageEvent]]) -> Pages:
        """Enters one event for each dossier; returns the first one's pages. Raises where nothing would change."""
        for dossier_id, (now, event) in added.items():
            self._check(dossier_id, now, event)
        # Events are folded in the order of their times: none may come before one that its maker has seen.
        seen = [now.events[-1].at for now, _ in added.values() if now.events]
        moments = [event.at for _, event in added.values()]
        at = max(moments + [one + timedelta(microseconds=1) for one in seen])
        rows: list[JsonValue] = [self._row(dossier_id, event) for dossier_id, (_, event) in added.items()]
        act = journal.Act(kind=EDITED, subject=next(iter(added)), at=at, payload={"rows": rows})
        for dossier_id, (now, _) in added.items():
            if self._tools.catalogue.pages().scan(dossier_id) is None:
                keep_scan(self._tools, dossier_id, now.scan)
        refused = self._tools.catalogue.pages().add(
            rows_of(act),
            {dossier_id: now.revision for dossier_id, (now, _) in added.items()},
            lambda: journal.act(self._tools.store, act.kind, act.subject, act.payload, at),
        )
        if refused:
            dossier_id, reason = next(iter(refused.items()))
            raise _ERRORS[reason](dossier_id)
        for dossier_id in reversed(list(added)):
            settle(self._tools, dossier_id, TTL)
        return self._pages(next(iter(added)))

    def _row(self, dossier_id: str, event: PageEvent) -> dict[str, Any]:
        return {
            "id": event.id,
            "dossier_id": dossier_id,
            "who": event.who,
            "name": event.name,
            "edit": event.edit.model_dump(mode="json", exclude_defaults=True) | {"pages": list(event.edit.pages)},
            "brought": sealed_pages(self._tools, dossier_id, event.brought),
        }

    def _check(self, dossier_id: str, now: Pages, event: PageEvent) -> None:
        edit = event.edit
        known = set(now.layout.stack) | (now.layout.hidden if edit.kind == "show" else set())
        if edit.kind not in {"undo", "bring"} and (not edit.pages or not known.issuperset(edit.pages)):
            raise PageEditError(dossier_id, "no such page")
        if edit.kind == "order" and (edit.beside is None or edit.beside not in known or edit.beside in edit.pages):
            raise PageEditError(dossier_id, "no such place")
        after = layout_of(now.scan, [*now.events, event])
        if not after.stack and edit.kind != "undo":
            raise LastPageError(dossier_id)
        if edit.kind != "undo" and _seen(after) == _seen(now.layout):
            raise PageEditError(dossier_id, "nothing would change")


def _seen(layout: Layout) -> tuple[object, ...]:
    return (layout.stack, layout.groups, layout.turns, layout.blank, layout.hidden, layout.moved)


def _original(page: PageRecord) -> str:
    return page.origin.original_sha256 if page.origin else ""
