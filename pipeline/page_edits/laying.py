"""The record of a layout: pages numbered anew, papers that name them, and what was set aside. A pure function.

What is known of a paper that nobody changed is kept, its places renumbered; of one that was changed nothing is kept but
its pages, so that no field, title or word of a page that was taken out stays to be found. The stages fill in the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from extractors.doctypes import UNKNOWN
from pipeline.page_edits.events import PageEvent, in_force
from pipeline.page_edits.fold import Layout, fold
from pipeline.record import DocumentRecord, Model, PageOrigin, PageRecord, SetAside

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.record import Claim, Dossier, FieldRecord


class ScannedPaper(Model):
    """A paper as the machine separated it; pages by their place in the stack as scanned."""

    id: str
    type: str
    title: str = ""
    pages: tuple[int, ...]
    probability: float


class Scan(Model):
    """The stack as it was scanned, with the machine's papers."""

    pages: tuple[PageRecord, ...]
    first: tuple[ScannedPaper, ...] = ()
    """As the machine separated the untouched pages: these have its ids."""
    papers: tuple[ScannedPaper, ...] = ()
    """As it separates them with pages turned, or marked as blank or not, as people did."""


@dataclass(frozen=True, slots=True)
class Turned:
    """The image of a page that a person turned."""

    sha256: str
    width: int
    height: int


def pages_of(scan: Scan, events: Sequence[PageEvent]) -> dict[int, PageRecord]:
    """Every page that ever was in the dossier, untouched, by its place as scanned."""
    brought = {page.number: page for event in events for page in event.brought}
    return {page.number: page for page in scan.pages} | brought


def layout_of(scan: Scan, events: Sequence[PageEvent]) -> Layout:
    """How the pages lie after all events."""
    records = pages_of(scan, events)
    return fold(
        [page.number for page in scan.pages],
        [paper.pages for paper in scan.papers],
        frozenset(number for number, page in records.items() if page.blank),
        in_force(events),
    )


def ids(scan: Scan) -> dict[tuple[int, ...], str]:
    """The machine's own papers by their pages."""
    return {paper.pages: paper.id for paper in scan.first}


def effective(page: PageRecord, layout: Layout, turned: Mapping[int, Turned]) -> PageRecord:
    """A page as people turned it and judged it; still numbered as scanned."""
    blank = page.number in layout.blank
    update: dict[str, object] = {"blank": blank}
    if not blank:
        update["defects"] = tuple(defect for defect in page.defects if defect.code != "blank")
    turns, image = layout.turns.get(page.number, 0), turned.get(page.number)
    if turns and image is not None:
        update |= {
            "image_sha256": image.sha256,
            "width": image.width,
            "height": image.height,
            "turned": (page.turned + turns) % 4,
        }
    return page.model_copy(update=update)


def lay(dossier: Dossier, scan: Scan, events: Sequence[PageEvent], turned: Mapping[int, Turned]) -> Dossier:
    """The dossier with all its events. Pages in `turned` lie as people turned them, others wait for that."""
    layout = layout_of(scan, events)
    records = pages_of(scan, events)
    number = {page: at for at, page in enumerate(layout.stack, start=1)}
    pages = tuple(
        effective(records[page], layout, turned).model_copy(
            update={"number": number[page], "scanned": page, "changed": layout.changed.get(page, ())}
        )
        for page in layout.stack
    )
    return dossier.model_copy(
        update={
            "pages": pages,
            "documents": _documents(dossier, scan, layout, number),
            "set_aside": _set_aside(layout, records, events),
            "page_events": len(events),
        }
    )


def _documents(dossier: Dossier, scan: Scan, layout: Layout, number: Mapping[int, int]) -> tuple[DocumentRecord, ...]:
    machine = ids(scan)
    kept = {document.id: document for document in dossier.documents}
    scanned = {page.number: page.scanned or page.number for page in dossier.pages}
    base = {paper.pages[0]: paper for paper in scan.papers}
    documents = []
    for paper in layout.papers:
        name = layout.id_of(paper, machine)
        pages = tuple(number[page] for page in paper.pages)
        if name in kept:
            renumbered = {old: number[page] for old, page in scanned.items() if page in number}
            documents.append(_moved(kept[name], pages, renumbered))
            continue
        found = base.get(paper.pages[0])
        kind = paper.type or (found.type if found else UNKNOWN)
        title = found.title if found and found.type == kind else ""
        documents.append(
            DocumentRecord(id=name, type=kind, title=title, component=None, pages=pages, probability=0.0, fields={})
        )
    return tuple(documents)


def _moved(document: DocumentRecord, pages: tuple[int, ...], renumbered: Mapping[int, int]) -> DocumentRecord:
    def claim(one: Claim) -> Claim:
        return one.model_copy(update={"page": renumbered.get(one.page, one.page)})

    def field(one: FieldRecord) -> FieldRecord:
        claims = tuple(map(claim, one.claims))
        return one.model_copy(update={"page": renumbered.get(one.page, one.page), "claims": claims})

    fields = {key: field(one) for key, one in document.fields.items()}
    return document.model_copy(update={"pages": pages, "fields": fields})


def _set_aside(layout: Layout, records: Mapping[int, PageRecord], events: Sequence[PageEvent]) -> tuple[SetAside, ...]:
    by: dict[int, PageEvent] = {}
    for event in in_force(events):
        if event.edit.kind in {"hide", "move"}:
            by |= dict.fromkeys(event.edit.pages, event)
    away = sorted({*layout.hidden, *layout.moved} & records.keys())
    return tuple(
        SetAside(
            scanned=page,
            file=records[page].file,
            file_page=records[page].file_page,
            image_sha256=records[page].image_sha256,
            state="moved" if page in layout.moved else "hidden",
            dossier=layout.moved.get(page),
            who=by[page].name,
            at=by[page].at,
        )
        for page in away
        if page in by
    )


def origin_of(dossier: Dossier, page: PageRecord) -> PageOrigin:
    """Where a page that leaves a dossier was scanned."""
    if page.origin is not None:
        return page.origin
    shas = [original.sha256 for original in dossier.originals if original.name == page.file]
    return PageOrigin(dossier=dossier.id, scanned=page.number, original_sha256=shas[0] if len(shas) == 1 else "")
