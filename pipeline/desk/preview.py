"""What is recognised before everything is read: each page as soon as its words are there, and what it seems to be.

Provisional in every part, and never kept: made anew from the events of progress and the ledger's words whenever it is
asked for. A page's paper is claimed alone, without its neighbours, so the stage `separate` may still say otherwise; a
paper of the checklist is only `seen` or `awaited` here, never missing.
"""

from __future__ import annotations

import functools
import json
import threading
from typing import TYPE_CHECKING, Literal

from models.codec import decode_page
from pipeline.record import Model, PageRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from models.reading import Image, ReadPage
    from pipeline.catalogue.rows import StoredEvent
    from pipeline.record import Dossier
    from pipeline.tools import Tools

_READ = "read"
_KEPT = 2000
"""Claims that are remembered: some hundred dossiers."""


class SeenPage(Model):
    """A page that was read a moment ago."""

    page: PageRecord
    type: str = ""
    """Type of paper that it seems to be; empty where nothing tells."""
    title: str = ""


class SeenPaper(Model):
    """A paper of the procedure, while pages still come."""

    component: str
    name: str
    required: bool
    state: Literal["seen", "awaited"]


class Preview(Model):
    """All that is known so far."""

    pages: tuple[SeenPage, ...] = ()
    papers: tuple[SeenPaper, ...] = ()
    done: int = 0
    total: int = 0
    """Pages of the file in hand."""


class Previews:
    """Makes previews for one house; remembers what each page seemed to be, so that a page is judged once."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._claims: dict[tuple[str, str], str] = {}
        self._lock = threading.Lock()

    def of(self, dossier: Dossier, events: Iterable[StoredEvent]) -> Preview:
        """What is known of a dossier that is still read."""
        told = [event for event in events if event.stage == "intake" and event.state == "progress"]
        pages = self._pages(dossier, told)
        done, total = (told[-1].data.get("done", 0), told[-1].data.get("total", 0)) if told else (0, 0)
        return Preview(pages=pages, papers=self._papers(dossier, [page.type for page in pages]), done=done, total=total)

    def page(self, dossier: Dossier, events: Iterable[StoredEvent], number: int) -> PageRecord | None:
        """A page by its number, from the record or, while there is none, from what was told."""
        for one in dossier.pages or _told(events).values():
            page = one if isinstance(one, PageRecord) else one[0]
            if page.number == number and page.image_sha256:
                return page
        return None

    def _pages(self, dossier: Dossier, told: Sequence[StoredEvent]) -> tuple[SeenPage, ...]:
        names = self._tools.procedures().type_names
        seen = _told(told)
        engines = {engine for _, engine in seen.values()}
        engine = dossier.engine or next(iter(engines), "")
        pages = dossier.pages or tuple(page for _, (page, _) in sorted(seen.items()))
        typed = [(page, self._type(page, engine)) for page in pages]
        return tuple(SeenPage(page=page, type=kind, title=names.get(kind, "")) for page, kind in typed)

    def _papers(self, dossier: Dossier, types: Sequence[str]) -> tuple[SeenPaper, ...]:
        if dossier.procedure is None:
            return ()
        procedure = self._tools.procedures().get(dossier.procedure, dossier.received_at.date())
        return tuple(
            SeenPaper(
                component=component.code,
                name=component.name,
                required=component.required == "always",
                state="seen" if any(kind in component.types for kind in types) else "awaited",
            )
            for component in procedure.components
        )

    def _type(self, page: PageRecord, engine: str) -> str:
        if not page.image_sha256 or page.blank or not engine:
            return ""
        key = (page.image_sha256, engine)
        with self._lock:
            if key in self._claims:
                return self._claims[key]
        output = self._tools.catalogue.step_output(page.image_sha256, _READ, engine)
        if output is None:
            return ""
        kind = self._claimed(page, decode_page(json.loads(output)))
        with self._lock:
            if len(self._claims) >= _KEPT:
                self._claims.clear()
            self._claims[key] = kind
        return kind

    def _claimed(self, page: PageRecord, words: ReadPage) -> str:
        from extractors.doctypes import UNKNOWN, claim_type
        from extractors.fields import PageView

        kind = claim_type(
            PageView(page.number, words, functools.partial(self._image, page)), self._tools.procedures().doc_types
        ).type
        return "" if kind == UNKNOWN else kind

    def _image(self, page: PageRecord) -> Image:
        from pipeline.intake.images import decode
        from pipeline.keys import page_key

        return decode(self._tools.store.get(page_key(page.image_sha256, page.media_type)))


def _told(events: Iterable[StoredEvent]) -> dict[int, tuple[PageRecord, str]]:
    """Pages by number, each with the reader of its words; the last word counts."""
    return {
        page.number: (page, str(event.data.get("engine", "")))
        for event in events
        if isinstance(event.data.get("page"), dict) and (page := PageRecord.model_validate(event.data["page"]))
    }
