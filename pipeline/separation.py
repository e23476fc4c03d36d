"""Pages into papers: where one ends, what belongs together, and in which order it is read.

A page that opens a paper starts one; a page that goes on joins the open paper only where number, type or text say so.
A stray page is a paper of its own (`unknown`): joining it silently would hide it from the clerk. A separator sheet is
a border that nothing overrules: it belongs to no paper, and the page behind it opens one, of the type that it names.
Page 2 scanned before page 1 is put right where the printed page numbers show it. Empty pages belong to no paper.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from extractors.doctypes import UNKNOWN, page_number
from extractors.fields import TypeClaim
from extractors.letter_types import letter_types
from extractors.text import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extractors.fields import PageView
    from extractors.separators import Separator


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper: its type, the dossier's page numbers in the paper's own order, and the chance that both are right."""

    type: str
    pages: tuple[int, ...]
    probability: float


@dataclass(slots=True)
class _Page:
    view: PageView
    claim: TypeClaim
    printed: int | None
    ends: bool
    opens: bool = False
    """Whether a separator sheet lies before it."""


@dataclass(slots=True)
class _Open:
    type: str
    pages: list[_Page] = field(default_factory=list)

    @property
    def sorted(self) -> bool:
        """Whether a separator sheet opened it: then what follows is its own, up to the next sheet or the next head."""
        return self.pages[0].opens

    @property
    def last_number(self) -> int:
        """The number of the last page as printed, or as counted."""
        return self.pages[-1].printed or len(self.pages)


def separate(
    pages: Sequence[PageView], claims: Sequence[TypeClaim], separators: Sequence[Separator | None] = ()
) -> list[Paper]:
    """Papers in the order in which their first pages were scanned.

    `claims` stand beside `pages`, one each; so do `separators`, where given: what a page is besides, if it is one.
    """
    letters = {kind.type for kind in letter_types()}
    papers: list[_Open] = []
    waiting: list[_Page] = []
    """Later pages that came before the page they follow."""
    todo = _without_sheets(pages, claims, separators or [None] * len(pages))
    for index, page in enumerate(todo):
        following = todo[index + 1] if index + 1 < len(todo) else None
        if page.opens:
            papers += [_Open(stray.claim.type, [stray]) for stray in waiting]
            waiting = []
        current = papers[-1] if papers and not page.opens else None
        if following is not None and following.opens:
            following = None
        if page.claim.type == "cccd" and not page.opens:
            _add_card(papers, page)
        elif page.claim.starts or page.opens:
            papers.append(_Open(page.claim.type, [page]))
            _take_waiting(papers[-1], waiting)
        elif current is not None and _belongs(page, current, letters=current.type in letters):
            current.pages.append(page)
        elif following is not None and following.claim.starts and _precedes(page, following):
            waiting.append(page)
        else:
            papers.append(_Open(page.claim.type, [page]))
    papers += [_Open(page.claim.type, [page]) for page in waiting]
    return [_close(paper) for paper in papers]


def _without_sheets(
    pages: Sequence[PageView], claims: Sequence[TypeClaim], separators: Sequence[Separator | None]
) -> list[_Page]:
    """Pages that belong to papers, each told whether a separator sheet lay before it and named its type."""
    todo: list[_Page] = []
    sheet: Separator | None = None
    for view, claim, separator in zip(pages, claims, separators, strict=True):
        if separator is not None:
            sheet = separator
            continue
        if not view.read.text.strip() and claim.type == UNKNOWN:
            continue
        named = claim
        if sheet is not None and sheet.type and claim.type != sheet.type:
            # Sorted by a clerk, but laid wrongly now and then: the paper's own claim lowers the chance, if it has one.
            sure = _SORTED if claim.type == UNKNOWN else 1 - claim.probability
            named = TypeClaim(sheet.type, round(sure, 4), True, "tờ phân cách")
        todo.append(_Page(view, named, page_number(view), _ends(view), sheet is not None))
        sheet = None
    return todo


_SORTED = 0.95
"""Chance that a paper is what the clerk's separator sheet says, where the paper itself says nothing."""


def _ends(view: PageView) -> bool:
    """Whether a letter ends on this page: its list of receivers, or the `./.` behind its last sentence."""
    text = view.read.text
    return "./." in text or any(fold(line.text).startswith("noi nhan") for line in view.read.lines)


def _belongs(page: _Page, current: _Open, *, letters: bool) -> bool:
    if page.claim.type not in {UNKNOWN, current.type}:
        return False
    if current.sorted or (page.claim.type == current.type and not letters):
        return True
    if page.printed is not None:
        return page.printed == current.last_number + 1
    # No number: it goes on where the page before had not ended. Annexes carry a head of their own.
    return letters and not current.pages[-1].ends


def _precedes(page: _Page, following: _Page) -> bool:
    """Whether a page may be a later page of the paper that opens right after it."""
    if page.claim.type not in {UNKNOWN, following.claim.type}:
        return False
    return (page.printed or 0) > 1 or page.claim.type == following.claim.type


def _add_card(papers: list[_Open], page: _Page) -> None:
    """Front and back of a card on two pages, in either order, are one paper; two fronts are two cards."""
    current = papers[-1] if papers else None
    if current is not None and current.type == "cccd" and len(current.pages) == 1:
        other = current.pages[0]
        if other.claim.starts != page.claim.starts:
            current.pages.append(page)
            current.pages.sort(key=lambda p: not p.claim.starts)
            return
    papers.append(_Open("cccd", [page]))


def _take_waiting(paper: _Open, waiting: list[_Page]) -> None:
    if paper.pages[0].ends:
        return
    for page in sorted(waiting, key=lambda p: p.printed or 0):
        if page.printed == paper.last_number + 1 or (page.printed is None and page.claim.type == paper.type):
            paper.pages.append(page)
            waiting.remove(page)


def _close(paper: _Open) -> Paper:
    probability = paper.pages[0].claim.probability
    for page in paper.pages[1:]:
        # A later page that names its type or number is as sure as its claim; others leave some doubt.
        told = page.printed or page.claim.type == paper.type or paper.sorted
        probability *= 1.0 if told else 0.95
    if paper.type == UNKNOWN:
        probability = min(probability, 0.5)
    return Paper(paper.type, tuple(page.view.number for page in paper.pages), round(probability, 4))
