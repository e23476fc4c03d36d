"""The fold as a law: whatever people do to pages, every page is accounted for, and taking all back is the start."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.page_edits.events import Edit, PageEvent, in_force, undone
from pipeline.page_edits.fold import Layout, fold

START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
PAGES = tuple(range(1, 11))
PAPERS = ((1, 2), (4, 3), (5,), (7, 8, 9))
"""Page 6 is blank and page 10 a separator sheet: they belong to no paper; page 4 was scanned before page 3."""
BLANK = frozenset({6})

some = st.lists(st.sampled_from(PAGES), min_size=1, max_size=4, unique=True).map(tuple)
edits = st.one_of(
    st.builds(Edit, kind=st.just("turn"), pages=some, turns=st.integers(1, 3)),
    st.builds(Edit, kind=st.sampled_from(["split", "merge", "hide", "show"]), pages=some),
    st.builds(Edit, kind=st.just("blank"), pages=some, blank=st.booleans()),
    st.builds(Edit, kind=st.just("order"), pages=some, beside=st.sampled_from(PAGES), after=st.booleans()),
    st.builds(Edit, kind=st.just("type"), pages=some, type=st.sampled_from(["to_khai", "cccd"])),
    st.builds(Edit, kind=st.just("move"), pages=some, dossier=st.just("hs-261122-00000002")),
)


def event(number: int, edit: Edit) -> PageEvent:
    return PageEvent(id=f"e{number}", at=START + timedelta(seconds=number), who="u1", name="Hoa", edit=edit)


@st.composite
def histories(draw: st.DrawFn) -> list[PageEvent]:
    """Edits with some taken back, some of those taken back in turn, and pages brought from elsewhere."""
    events: list[PageEvent] = []
    brought = len(PAGES)
    for number in range(draw(st.integers(0, 14))):
        what = draw(st.sampled_from(["edit", "edit", "edit", "undo", "bring"]))
        if what == "undo" and events:
            edit = Edit(kind="undo", undone=draw(st.sampled_from([one.id for one in events])))
        elif what == "bring":
            new = tuple(range(brought + 1, brought + 1 + draw(st.integers(1, 3))))
            brought = new[-1]
            edit = Edit(kind="bring", pages=new, papers=(new[1:],) if new[1:] else (), dossier="hs-261122-00000003")
        else:
            edit = draw(edits)
        events.append(event(number, edit))
    return events


def laid(events: list[PageEvent]) -> Layout:
    return fold(PAGES, PAPERS, BLANK, in_force(events))


@given(histories())
@settings(max_examples=300, deadline=None)
def test_pages_in_are_pages_out_and_hidden_and_moved(events: list[PageEvent]) -> None:
    layout = laid(events)
    brought = {page for one in in_force(events) if one.edit.kind == "bring" for page in one.edit.pages}
    everything = sorted([*layout.stack, *layout.hidden, *layout.moved])
    assert everything == sorted({*PAGES, *brought})
    in_groups = [page for group in layout.groups for page in group.pages]
    assert sorted(in_groups) == sorted(layout.stack)
    in_papers = [page for paper in layout.papers for page in paper.pages]
    assert len(in_papers) == len(set(in_papers))
    assert not layout.blank & set(in_papers)
    assert laid(events) == layout


@given(histories())
@settings(max_examples=200, deadline=None)
def test_taking_everything_back_is_the_start(events: list[PageEvent]) -> None:
    history = list(events)
    while in_force(history):
        last = in_force(history)[0]
        history.append(event(len(history), Edit(kind="undo", undone=last.id)))
    assert laid(history) == laid([])


@given(histories(), st.data())
@settings(max_examples=200, deadline=None)
def test_taking_back_a_taking_back_is_as_if_nothing_was(events: list[PageEvent], data: st.DataObject) -> None:
    open_events = [one for one in events if one.id not in undone(events)]
    if not open_events:
        return
    one = data.draw(st.sampled_from(open_events))
    first = event(100, Edit(kind="undo", undone=one.id))
    second = event(101, Edit(kind="undo", undone=first.id))
    assert laid([*events, first, second]) == laid(events)


@given(histories())
@settings(max_examples=200, deadline=None)
def test_ids_of_papers_are_their_own_and_an_unchanged_paper_keeps_its(events: list[PageEvent]) -> None:
    machine = {paper: f"d{index}" for index, paper in enumerate(PAPERS, start=1)}
    layout = laid(events)
    names = [layout.id_of(paper, machine) for paper in layout.papers]
    assert len(names) == len(set(names))
    for paper, name in zip(layout.papers, names, strict=True):
        untouched = paper.pages in machine and paper.type is None and not layout.turns.keys() & set(paper.pages)
        assert (name in machine.values()) == untouched


def test_a_split_paper_keeps_its_first_part_and_a_hidden_page_comes_back_to_its_place() -> None:
    events = [event(1, Edit(kind="split", pages=(8,))), event(2, Edit(kind="hide", pages=(7, 9)))]
    assert [paper.pages for paper in laid(events).papers] == [(1, 2), (4, 3), (5,), (8,)]
    shown = [*events, event(3, Edit(kind="undo", undone="e2"))]
    assert [paper.pages for paper in laid(shown).papers] == [(1, 2), (4, 3), (5,), (7,), (8, 9)]
    only_hidden = [*shown, event(4, Edit(kind="undo", undone="e3")), event(5, Edit(kind="undo", undone="e1"))]
    assert [paper.pages for paper in laid(only_hidden).papers] == [(1, 2), (4, 3), (5,), (8,)]


def test_order_moves_pages_in_the_stack_and_into_the_paper_they_come_to_lie_in() -> None:
    layout = laid([event(1, Edit(kind="order", pages=(9, 6), beside=1, after=True))])
    assert layout.stack == (1, 9, 6, 2, 3, 4, 5, 7, 8, 10)
    assert layout.papers[0].pages == (1, 9, 2)
    merged = laid([event(1, Edit(kind="merge", pages=(2, 10)))])
    assert merged.papers[0].pages == (1, 2, 10)
    assert merged.stack == PAGES
