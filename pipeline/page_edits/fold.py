"""From the machine's papers and people's events to the papers that count: a pure function, page by page accounted for.

Papers are groups of pages; a page is in exactly one group, always. Pages that belong to no paper (blank ones, separator
sheets) are groups of one. Hidden and moved pages keep their place in their group and are left out at the end, so that
what brings them back finds it. An event that names pages that are no longer here does what it can with the others:
any subset of events can be folded, which is what makes every one of them undoable.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.page_edits.events import Edit, PageEvent, Scanned


@dataclass(frozen=True, slots=True)
class Group:
    """Pages that lie together: those to be seen, in the order in which they are read."""

    pages: tuple[Scanned, ...]
    paper: bool
    """Else they belong to no paper."""
    type: str | None = None
    """What a person said that it is."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How the pages lie after all events."""

    stack: tuple[Scanned, ...]
    """All pages of the dossier's own record, in their order."""
    groups: tuple[Group, ...]
    turns: Mapping[Scanned, int]
    """Quarter turns clockwise, 1 to 3."""
    blank: frozenset[Scanned]
    hidden: frozenset[Scanned]
    moved: Mapping[Scanned, str]
    """To which dossier."""
    changed: Mapping[Scanned, tuple[str, ...]]
    """Kinds of events in force that named a page."""

    @property
    def papers(self) -> tuple[Group, ...]:
        """Groups that are papers; a page is in at most one of them."""
        return tuple(group for group in self.groups if group.paper)

    def id_of(self, paper: Group, machine: Mapping[tuple[Scanned, ...], str]) -> str:
        """The id of a paper: the machine's where it is as the machine had it, else one made of what it is.

        Answers of people name papers by id, so an answer stays with the pages it was given for: a paper that was
        changed is asked anew, and one that is changed back has its answers again.
        """
        turned = {page: self.turns[page] for page in paper.pages if page in self.turns}
        if not turned and paper.type is None and paper.pages in machine:
            return machine[paper.pages]
        content = repr((paper.pages, sorted(turned.items()), paper.type))
        return f"p{paper.pages[0]}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"


@dataclass(slots=True)
class _Group:
    pages: list[Scanned]
    paper: bool
    type: str | None = None


@dataclass(slots=True)
class _Fold:
    stack: list[Scanned]
    groups: list[_Group]
    turns: dict[Scanned, int] = field(default_factory=dict)
    blank: dict[Scanned, bool] = field(default_factory=dict)
    hidden: set[Scanned] = field(default_factory=set)
    moved: dict[Scanned, str] = field(default_factory=dict)
    changed: dict[Scanned, dict[str, None]] = field(default_factory=dict)

    def take(self, edit: Edit) -> None:
        """One event."""
        if edit.kind == "bring":
            self._bring(edit)
        known = set(self.stack)
        pages = [page for page in dict.fromkeys(edit.pages) if page in known]
        if not pages:
            return
        for page in pages:
            self.changed.setdefault(page, {})[edit.kind] = None
        match edit.kind:
            case "turn":
                for page in pages:
                    self.turns[page] = (self.turns.get(page, 0) + edit.turns) % 4
            case "blank":
                self._mark_blank(pages, blank=edit.blank)
            case "hide":
                self.hidden.update(pages)
            case "show":
                self.hidden.difference_update(pages)
            case "move":
                self.moved.update(dict.fromkeys(pages, edit.dossier))
            case "split":
                for page in pages:
                    self._split(page)
            case "merge":
                self._merge(pages)
            case "order":
                self._order(pages, edit)
            case "type":
                for page in pages:
                    group = self._group(page)
                    group.paper, group.type = True, edit.type
            case _:
                pass

    def _group(self, page: Scanned) -> _Group:
        return next(group for group in self.groups if page in group.pages)

    def _bring(self, edit: Edit) -> None:
        known = set(self.stack)
        new = [page for page in edit.pages if page not in known]
        papers = [[page for page in paper if page in new] for paper in edit.papers]
        within = {page for paper in papers for page in paper}
        self.stack += new
        self.groups += [_Group(paper, paper=True) for paper in papers if paper]
        self.groups += [_Group([page], paper=False) for page in new if page not in within]

    def _mark_blank(self, pages: list[Scanned], *, blank: bool) -> None:
        for page in pages:
            self.blank[page] = blank
            if not blank:
                # It belongs to a paper from now on: of its own, where the machine knew none.
                group = self._group(page)
                group.paper = True

    def _split(self, page: Scanned) -> None:
        group = self._group(page)
        at = group.pages.index(page)
        if at:
            behind = _Group(group.pages[at:], group.paper)
            del group.pages[at:]
            self.groups.insert(self._place(group) + 1, behind)
        else:
            group.paper = True

    def _merge(self, pages: list[Scanned]) -> None:
        wanted = set(pages)
        touched = [group for group in self.groups if wanted.intersection(group.pages)]
        first, rest = touched[0], touched[1:]
        for group in rest:
            first.pages += group.pages
            first.type = first.type or group.type
            del self.groups[self._place(group)]
        first.paper = True

    def _order(self, pages: list[Scanned], edit: Edit) -> None:
        beside = edit.beside
        if beside is None or beside in pages or beside not in self.stack:
            return
        gone = set(pages)
        for group in self.groups:
            group.pages = [page for page in group.pages if page not in gone]
        self.groups = [group for group in self.groups if group.pages]
        self.stack = [page for page in self.stack if page not in gone]
        self.stack[_at(self.stack, beside, edit) : _at(self.stack, beside, edit)] = pages
        group = self._group(beside)
        if group.paper:
            at = _at(group.pages, beside, edit)
            group.pages[at:at] = pages
        else:
            self.groups.insert(self._place(group) + edit.after, _Group(pages, paper=True))

    def _place(self, group: _Group) -> int:
        return next(at for at, one in enumerate(self.groups) if one is group)


def _at(pages: list[Scanned], beside: Scanned, edit: Edit) -> int:
    return pages.index(beside) + edit.after


def fold(
    pages: Sequence[Scanned],
    papers: Sequence[Sequence[Scanned]],
    blank: frozenset[Scanned],
    events: Sequence[PageEvent],
) -> Layout:
    """How the pages lie. `papers` as the machine separated them, `blank` as it judged; `events` that are in force."""
    done = _Fold(list(pages), _machine(pages, papers))
    for event in events:
        done.take(event.edit)
    blanks = {page for page in done.stack if done.blank.get(page, page in blank)}
    away = done.hidden | done.moved.keys()
    groups: list[Group] = []
    for group in done.groups:
        seen = [page for page in group.pages if page not in away]
        whole = tuple(page for page in seen if page not in blanks or not group.paper)
        if whole:
            groups.append(Group(whole, group.paper and not blanks.issuperset(whole), group.type))
        groups += [Group((page,), paper=False) for page in seen if page not in whole]
    return Layout(
        stack=tuple(page for page in done.stack if page not in away),
        groups=tuple(groups),
        turns={page: turns for page, turns in done.turns.items() if turns},
        blank=frozenset(blanks),
        hidden=frozenset(done.hidden - done.moved.keys()),
        moved=done.moved,
        changed={page: tuple(kinds) for page, kinds in done.changed.items()},
    )


def _machine(pages: Sequence[Scanned], papers: Sequence[Sequence[Scanned]]) -> list[_Group]:
    """The machine's papers where their first page in the stack lies, and everything else page by page between them."""
    by_page = {page: number for number, paper in enumerate(papers) for page in paper}
    groups: list[_Group] = []
    met: set[int] = set()
    for page in pages:
        number = by_page.get(page)
        if number is None:
            groups.append(_Group([page], paper=False))
        elif number not in met:
            met.add(number)
            groups.append(_Group(list(papers[number]), paper=True))
    return groups
