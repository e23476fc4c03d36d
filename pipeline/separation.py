"""Pages into papers: where one ends, what belongs together, and in which order it is read.

A page that opens a paper starts one; a page that goes on joins the open paper only where number, type or text say so.
A stray page is a paper of its own (`unknown`): joining it silently would hide it from the clerk. A separator sheet is
a border that nothing overrules: it belongs to no paper, and the page behind it opens one, of the type that it names.
A page without a head goes on with a form that was not signed off before it, where it has the form's labels or its end.
Page 2 scanned before page 1 is put right where the printed page numbers show it. Empty pages belong to no paper.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from extractors.doctypes import UNKNOWN, page_number
from extractors.fields import TypeClaim
from extractors.letter_types import letter_types
from extractors.text import fold
from pipeline.borders import Signs, continues, familiar, signs_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

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
    signs: Signs
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
    pages: Sequence[PageView],
    claims: Sequence[TypeClaim],
    separators: Sequence[Separator | None] = (),
    labels: Mapping[str, Collection[str]] | None = None,
) -> list[Paper]:
    """Papers in the order in which their first pages were scanned.

    `claims` stand beside `pages`, one each; so do `separators`, where given: what a page is besides, if it is one.
    `labels` has, by type, the printed labels of its fields, folded: a later page is known by them.
    """
    stack = _Stack({kind.type for kind in letter_types()}, labels or {})
    todo = _without_sheets(pages, claims, separators or [None] * len(pages))
    for index, page in enumerate(todo):
        following = todo[index + 1] if index + 1 < len(todo) else None
        stack.take(page, None if following is None or following.opens else following)
    return [_close(paper) for paper in stack.finish()]


class _Stack:
    """The papers so far, and pages that came before the page they follow."""

    def __init__(self, letters: Collection[str], labels: Mapping[str, Collection[str]]) -> None:
        self._letters = letters
        self._labels = labels
        self._papers: list[_Open] = []
        self._waiting: list[_Page] = []

    def take(self, page: _Page, following: _Page | None) -> None:
        """The next page of the stack; `following` is the one after it, where no sheet lies between."""
        if page.opens:
            self._stray()
        current = self._papers[-1] if self._papers and not page.opens else None
        if page.claim.type == "cccd" and not page.opens:
            _add_card(self._papers, page)
        elif following is not None and self._laid_before(page, current, following):
            self._waiting.append(page)
        elif (page.claim.starts and not self._headless(page, current)) or page.opens:
            self._papers.append(_Open(page.claim.type, [page]))
            self._take_waiting(self._papers[-1])
        elif current is not None and self._belongs(page, current):
            current.pages.append(page)
        elif following is not None and following.claim.starts and self._precedes(page, following):
            self._waiting.append(page)
        else:
            self._papers.append(_Open(page.claim.type, [page]))

    def finish(self) -> list[_Open]:
        """All papers; pages that still wait are papers of their own."""
        self._stray()
        return self._papers

    def _stray(self) -> None:
        self._papers += [_Open(page.claim.type, [page]) for page in self._waiting]
        self._waiting = []

    def _headless(self, page: _Page, current: _Open | None) -> bool:
        """Whether a page that was taken for an opening has no head and goes on with the open form."""
        if current is None or page.signs.headed or page.claim.type not in {UNKNOWN, current.type}:
            return False
        return self._goes_on(page, current)

    def _laid_before(self, page: _Page, current: _Open | None, following: _Page) -> bool:
        """Whether the end of a form lies before its beginning: of one type, no head here, head and no end there."""
        signs, first = page.signs, following.signs
        if page.claim.type in {UNKNOWN, *self._letters} or page.opens or page.claim.type != following.claim.type:
            return False
        if signs.headed or not (signs.dated or signs.signing) or not first.headed or first.dated:
            return False
        return self._lone(page, current) and following.claim.starts

    def _lone(self, page: _Page, current: _Open | None) -> bool:
        """Whether a page cannot go on with the open form: another type, or a form that has ended."""
        return current is None or current.type != page.claim.type or current.pages[-1].signs.dated

    def _belongs(self, page: _Page, current: _Open) -> bool:
        letter = current.type in self._letters
        if current.sorted and page.claim.type in {UNKNOWN, current.type}:
            return True
        if not letter and not page.claim.starts and self._goes_on(page, current):
            return True
        if page.claim.type not in {UNKNOWN, current.type}:
            return False
        if page.claim.type == current.type and not letter:
            return True
        if page.printed is not None:
            return page.printed == current.last_number + 1
        # No number: it goes on where the page before had not ended. Annexes carry a head of their own.
        return letter and not current.pages[-1].ends

    def _goes_on(self, page: _Page, current: _Open) -> bool:
        """Whether a page without a head is what the open form still lacked, by its labels or by its end."""
        if current.type in self._letters or current.type in {UNKNOWN, "cccd"}:
            return False
        if page.printed is not None and page.printed != current.last_number + 1:
            return False
        before = current.pages[-1].signs
        if continues(page.signs, before):
            return True
        return not page.signs.headed and not before.dated and familiar(page.signs, self._labels.get(current.type, ()))

    def _precedes(self, page: _Page, following: _Page) -> bool:
        """Whether a page may be a later page of the paper that opens right after it."""
        if page.signs.headed or following.claim.type in self._letters:
            return _numbered(page, following)
        paper = _Open(following.claim.type, [following])
        return _numbered(page, following) or (not page.claim.starts and self._goes_on(page, paper))

    def _take_waiting(self, paper: _Open) -> None:
        if paper.pages[0].ends:
            return
        for page in sorted(self._waiting, key=lambda p: p.printed or 0):
            typed = page.printed is None and page.claim.type == paper.type
            if page.printed == paper.last_number + 1 or typed or self._goes_on(page, paper):
                paper.pages.append(page)
                self._waiting.remove(page)


def _numbered(page: _Page, following: _Page) -> bool:
    """Whether number and type let a page be a later page of the paper that opens right after it."""
    if page.claim.type not in {UNKNOWN, following.claim.type}:
        return False
    return (page.printed or 0) > 1 or page.claim.type == following.claim.type


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
        todo.append(_Page(view, named, signs_of(view), page_number(view), _ends(view), sheet is not None))
        sheet = None
    return todo


_SORTED = 0.95
"""Chance that a paper is what the clerk's separator sheet says, where the paper itself says nothing."""


def _ends(view: PageView) -> bool:
    """Whether a letter ends on this page: its list of receivers, or the `./.` behind its last sentence."""
    text = view.read.text
    return "./." in text or any(fold(line.text).startswith("noi nhan") for line in view.read.lines)


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


def _close(paper: _Open) -> Paper:
    probability = paper.pages[0].claim.probability
    for page in paper.pages[1:]:
        # A later page that names its type or number is as sure as its claim; others leave some doubt.
        told = page.printed or page.claim.type == paper.type or paper.sorted
        probability *= 1.0 if told else 0.95
    if paper.type == UNKNOWN:
        probability = min(probability, 0.5)
    return Paper(paper.type, tuple(page.view.number for page in paper.pages), round(probability, 4))
