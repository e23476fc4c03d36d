"""Papers of a dossier whose pages people changed: their borders and types win, the machine says the rest.

The machine separates the stack as it was scanned, with pages turned and judged blank as people did, so a page that can
be read at last is recognised; events are laid over its papers. A paper that came out as the machine had it keeps its
type. One that was cut or put together is identified anew, by its pages from the first: split first, then identify.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from extractors.doctypes import UNKNOWN
from pipeline.page_edits.laying import ScannedPaper, ids, layout_of
from pipeline.page_edits.taking import events_of, keep_scan, scan_of, views_for
from pipeline.separation import Paper

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from extractors.fields import PageView, TypeClaim
    from pipeline.page_edits.events import PageEvent
    from pipeline.page_edits.fold import Group
    from pipeline.page_edits.laying import Scan
    from pipeline.record import Dossier, PageRecord
    from pipeline.tools import Tools

    Machine = Callable[[Sequence[PageView]], Sequence[Paper]]

_UNSURE = 0.5
"""Chance of a type that nobody recognised, as for pages that the machine left alone."""


def separated(
    tools: Tools,
    dossier: Dossier,
    machine: Machine,
    view: Callable[[PageRecord], PageView],
    claim: Callable[[PageView], TypeClaim],
) -> list[tuple[str, Paper]]:
    """Papers with their ids; pages by their numbers in the record. Keeps what the machine said of the stack."""
    events = events_of(tools, dossier.id)[: dossier.page_events]
    before = scan_of(tools, dossier)

    def look(*, as_changed: bool) -> tuple[ScannedPaper, ...]:
        pages = views_for(tools, dossier, before, events, as_changed=as_changed)
        return tuple(
            ScannedPaper(id=f"d{index}", type=one.type, pages=one.pages, probability=one.probability)
            for index, one in enumerate(machine([view(page) for page in pages]), start=1)
        )

    scan = _machine_papers(before, events, look)
    if scan != before:
        keep_scan(tools, dossier.id, scan)
    layout = layout_of(scan, events)
    number = {page: at for at, page in enumerate(layout.stack, start=1)}
    views = {page.scanned: view(page) for page in dossier.pages if page.image_sha256 and not page.blank}
    found = []
    for group in layout.papers:
        kind, probability = _type(group, scan, views, claim)
        pages = tuple(number[page] for page in group.pages)
        found.append((layout.id_of(group, ids(scan)), Paper(kind, pages, probability)))
    return found


class _Look(Protocol):
    """What the machine makes of the scanned pages: untouched, or as people turned and judged them."""

    def __call__(self, *, as_changed: bool) -> tuple[ScannedPaper, ...]: ...


def _machine_papers(scan: Scan, events: Sequence[PageEvent], look: _Look) -> Scan:
    first = scan.first or look(as_changed=False)
    layout = layout_of(scan, events)
    seen_otherwise = layout.turns or layout.blank != {page.number for page in scan.pages if page.blank}
    return scan.model_copy(update={"first": first, "papers": look(as_changed=True) if seen_otherwise else first})


def _type(
    group: Group, scan: Scan, views: Mapping[int | None, PageView], claim: Callable[[PageView], TypeClaim]
) -> tuple[str, float]:
    if group.type is not None:
        return group.type, 1.0
    for paper in scan.papers:
        if paper.pages == group.pages:
            return paper.type, paper.probability
    # Told by its first page, where that opened one of the machine's papers, else by what its pages say.
    opened = {paper.pages[0]: paper for paper in scan.papers if paper.type != UNKNOWN}
    if (opener := opened.get(group.pages[0])) is not None:
        return opener.type, opener.probability
    claims = [claim(views[page]) for page in group.pages if page in views]
    return next(((one.type, one.probability) for one in claims if one.type != UNKNOWN), (UNKNOWN, _UNSURE))
