"""What the stages ask: the pages as people laid them, and the papers that come of it.

`taken` is called by intake once the scanned pages are there, and again whenever there are new events; `separated` by
the stage that makes papers. A turned image is made once (step ledger) from the untouched one, so that only pages that
were turned are read again, and one that is turned back is what it was. Also here: the way back from the journal.
"""

from __future__ import annotations

import hashlib
import json
import time
from typing import TYPE_CHECKING

from pipeline.intake.images import upright
from pipeline.intake.pages import SourcePage
from pipeline.keys import page_key
from pipeline.page_edits.events import Edit, PageEvent
from pipeline.page_edits.laying import Scan, ScannedPaper, Turned, effective, lay, layout_of, pages_of
from pipeline.record import PageRecord, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import timedelta
    from typing import Any

    from pipeline.intake.pages import PageMedia
    from pipeline.journal import Act
    from pipeline.record import Dossier
    from pipeline.replayers import Replayer
    from pipeline.tools import Tools

EDITED = "pages.edited"
"""Kind of the journal's act: the rows of one event, or of both dossiers that it concerns."""
AFTER = frozenset({"intake", "read", "separate", "extract", "validate", "archive", "sign", "file"})
"""Stages that are to be done again."""
_STEP = "turn"
_BROUGHT, _SCAN = "page_events.brought", "page_scans.scan"


def sealed_pages(tools: Tools, dossier_id: str, pages: Sequence[PageRecord]) -> str | None:
    """Pages that come into a dossier, for its row."""
    if not pages:
        return None
    plain = json.dumps([page.model_dump(mode="json") for page in pages], ensure_ascii=False)
    return tools.vault.seal_text(dossier_id, plain, _BROUGHT)


def events_of(tools: Tools, dossier_id: str) -> list[PageEvent]:
    """All events of a dossier, the oldest first."""

    def event(row: Mapping[str, Any]) -> PageEvent:
        plain = tools.vault.open_text(row["brought"], _BROUGHT) if row["brought"] else "[]"
        brought = tuple(map(PageRecord.model_validate, json.loads(plain)))
        edit = Edit.model_validate(row["edit"])
        return PageEvent(id=row["id"], at=row["at"], who=row["who"], name=row["name"], edit=edit, brought=brought)

    return [event(row) for row in tools.catalogue.pages().events(dossier_id)]


def scan_of(tools: Tools, dossier: Dossier) -> Scan:
    """The stack as scanned: kept since the first event, else the dossier's pages as they are."""
    kept = tools.catalogue.pages().scan(dossier.id)
    if kept is not None:
        return Scan.model_validate_json(tools.vault.open_text(kept, _SCAN))
    papers = tuple(
        ScannedPaper(id=one.id, type=one.type, title=one.title, pages=one.pages, probability=one.probability)
        for one in dossier.documents
    )
    return Scan(pages=dossier.pages, first=papers, papers=papers)


def keep_scan(tools: Tools, dossier_id: str, scan: Scan) -> None:
    """Keeps it, sealed under the dossier."""
    tools.catalogue.pages().keep_scan(dossier_id, tools.vault.seal_text(dossier_id, scan.model_dump_json(), _SCAN))


def behind(tools: Tools, dossier: Dossier) -> bool:
    """Whether there are events that the dossier does not know of."""
    if dossier.status is Status.FILED:
        return False
    return tools.catalogue.pages().count(dossier.id) > dossier.page_events


def taken(tools: Tools, dossier: Dossier) -> Dossier:
    """The dossier, whose scanned pages are there, with every event; the very same where it knows them all."""
    events = events_of(tools, dossier.id)
    if not events:
        return dossier
    scan = scan_of(tools, dossier)
    turned = _turned_images(tools, scan, events)
    laid = lay(dossier, scan, events, turned)
    if tools.catalogue.pages().scan(dossier.id) is None:
        keep_scan(tools, dossier.id, scan)
    return laid


def settle(tools: Tools, dossier_id: str, ttl: timedelta) -> bool:
    """Brings a dossier that nobody works on up to its events and puts it into the queue; False where somebody does.

    Whoever works on it brings it up to date by himself, at his next stage.
    """
    dossier = tools.catalogue.load(dossier_id)
    if dossier is None or not behind(tools, dossier):
        return True
    lease = tools.catalogue.claim(dossier_id, f"pages-{time.time_ns():x}", ttl)
    if lease is None:
        return False
    try:
        found = tools.catalogue.load(dossier_id)
        if found is None or not behind(tools, found) or _untouched(tools, found):
            return True
        scan, events = scan_of(tools, found), events_of(tools, dossier_id)
        keep_scan(tools, dossier_id, scan)
        laid = lay(found, scan, events, _turned_before(tools, scan, events))
        tools.catalogue.save(again(laid))
        tools.catalogue.queue().put(dossier_id)
    finally:
        tools.catalogue.release(lease)
    return True


def again(dossier: Dossier) -> Dossier:
    """On its way through the stages once more: what they found out of the pages before is no longer said."""
    return dossier.model_copy(
        update={
            "status": Status.PROCESSING,
            "held": None,
            "findings": (),
            "checklist": (),
            "events": tuple(event for event in dossier.events if event.stage not in AFTER),
        }
    )


def _untouched(tools: Tools, dossier: Dossier) -> bool:
    """Whether its pages are still to be made: intake takes the events then."""
    return bool(dossier.originals) and not dossier.pages and tools.catalogue.pages().scan(dossier.id) is None


def views_for(
    tools: Tools, dossier: Dossier, scan: Scan, events: Sequence[PageEvent], *, as_changed: bool
) -> list[PageRecord]:
    """The scanned pages, numbered as scanned, that the machine may look at; `as_changed` as people turned them."""
    layout = layout_of(scan, events)
    turned = _turned_images(tools, scan, events) if as_changed else {}
    found = []
    for page in scan.pages:
        changed = page.number in layout.turns or page.number in layout.blank or page.blank
        one = effective(page, layout, turned) if as_changed and changed and page.number in layout.stack else page
        unread = tools.catalogue.step_output(one.image_sha256, "read", dossier.engine) is None
        # A page that could not be read as it was turned is what it was before.
        one = page.model_copy(update={"blank": one.blank}) if unread and one.image_sha256 != page.image_sha256 else one
        if one.image_sha256 and not one.blank:
            found.append(one)
    return found


def _turned_images(tools: Tools, scan: Scan, events: Sequence[PageEvent]) -> dict[int, Turned]:
    return _images(scan, events, lambda page, turns: _turn(tools, page, turns))


def _turned_before(tools: Tools, scan: Scan, events: Sequence[PageEvent]) -> dict[int, Turned]:
    """Only those that were made before: making them takes time, which a worker has."""
    return _images(scan, events, lambda page, turns: _made(tools, page, turns))


def _images(
    scan: Scan, events: Sequence[PageEvent], make: Callable[[PageRecord, int], Turned | None]
) -> dict[int, Turned]:
    records = pages_of(scan, events)
    turns = layout_of(scan, events).turns
    made = {page: make(records[page], quarter) for page, quarter in turns.items() if records[page].image_sha256}
    return {page: image for page, image in made.items() if image is not None}


def _made(tools: Tools, page: PageRecord, turns: int) -> Turned | None:
    output = tools.catalogue.step_output(page.image_sha256, _STEP, str(turns))
    return None if output is None else Turned(**json.loads(output))


def _turn(tools: Tools, page: PageRecord, turns: int) -> Turned:
    """The image of a page, quarter turns clockwise; boxes of what is read on it are in its own pixels."""
    made = _made(tools, page, turns)
    if made is not None and tools.store.stat(page_key(made.sha256, page.media_type)) is not None:
        return made
    started = time.perf_counter()
    image = tools.store.get(page_key(page.image_sha256, page.media_type))
    media: PageMedia = "image/png" if page.media_type == "image/png" else "image/jpeg"
    source = upright(SourcePage(1, image, media, page.width, page.height, page.dpi), turns)
    sha256 = hashlib.sha256(source.image).hexdigest()
    tools.store.put_new(page_key(sha256, page.media_type), source.image, page.media_type)
    output = json.dumps({"sha256": sha256, "width": source.width, "height": source.height}).encode()
    tools.catalogue.remember_step(page.image_sha256, _STEP, str(turns), output, time.perf_counter() - started)
    return Turned(sha256, source.width, source.height)


def rows_of(act: Act) -> list[dict[str, Any]]:
    """The rows of `pages.edited`."""
    rows = act.payload["rows"]
    return [{**row, "at": act.at} for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _replay(tools: Tools, act: Act) -> bool:
    return tools.catalogue.pages().put_back(rows_of(act))


REPLAYERS: Mapping[str, Replayer] = {EDITED: _replay}
