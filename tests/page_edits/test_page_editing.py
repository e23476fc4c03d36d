"""Page operations on the shipped sample, read and separated by the real machine: what is said is what was done."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from page_people import HOA, LAN, through

from pipeline.archive.inspect import attachments, extract_text, page_count
from pipeline.catalogue.catalogue import Catalogue
from pipeline.composition import House, build_house
from pipeline.keys import original_key
from pipeline.page_edits.editing import PageEditor
from pipeline.page_edits.errors import (
    LastPageError,
    PageEditError,
    PagesBusyError,
    PagesChangedError,
    PagesFiledError,
)
from pipeline.page_edits.events import Edit, in_force
from pipeline.page_edits.taking import AFTER, behind
from pipeline.record import Dossier, Status
from pipeline.recovery import rebuild
from pipeline.settings import Settings
from pipeline.stages import STAGES, silent
from pipeline.stages.archive import prepare
from pipeline.stages.read import read_of

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow
"""The machine reads and separates."""

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "samples" / "birth_registration"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with build_house(Settings(home=tmp_path_factory.mktemp("home"), cores=1)) as built:
        yield built


@pytest.fixture(scope="module")
def scanned(house: House) -> Dossier:
    """Four pages: a form whose second page was scanned first, a birth certificate, an identity card."""
    received = house.conductor.receive([SAMPLE], "1.001193")
    return through(house, received.dossier_id)


@pytest.fixture
def editor(house: House) -> PageEditor:
    return PageEditor(house.tools)


@pytest.fixture
def start(house: House, scanned: Dossier) -> Iterator[str]:
    """The sample, with everything that a test did to its pages taken back at its end."""
    yield scanned.id
    editor = PageEditor(house.tools)
    while True:
        pages = editor.pages(scanned.id)
        counting = [e for e in pages.events if e.edit.kind != "undo" and e.id in _counting(editor, scanned.id)]
        if not counting:
            break
        editor.undo(scanned.id, counting[-1].id, HOA, pages.revision)
    through(house, scanned.id)


def _counting(editor: PageEditor, dossier_id: str) -> set[str]:
    return {event.id for event in in_force(editor.pages(dossier_id).events)}


def do(editor: PageEditor, dossier_id: str, edit: Edit) -> None:
    editor.edit(dossier_id, edit, HOA, editor.pages(dossier_id).revision)


def _line_of_its_own(house: House, dossier: Dossier, number: int) -> str:
    """What is read on this page and on no other, without blanks."""
    said = {
        page.number: ["".join(line.text.split()) for line in read_of(house.tools, dossier, page).lines]
        for page in dossier.pages
    }
    others = "".join(line for page, lines in said.items() if page != number for line in lines)
    return max((line for line in said[number] if line not in others), key=len)


def papers(dossier: Dossier) -> list[tuple[str, tuple[int, ...]]]:
    return [(document.type, document.pages) for document in dossier.documents]


def values(dossier: Dossier) -> set[str]:
    return {str(f.value) for d in dossier.documents for f in d.fields.values() if f.value}


def test_splitting_identifies_the_new_paper_and_undo_brings_all_back(
    house: House, editor: PageEditor, start: str, scanned: Dossier
) -> None:
    form = next(document for document in scanned.documents if document.type == "to_khai_khai_sinh")
    assert form.pages == (2, 1)
    do(editor, start, Edit(kind="split", pages=(1,)))
    at_once = house.conductor.dossier(start)
    assert {document.pages for document in at_once.documents} >= {(2,), (1,)}
    assert at_once.status is Status.PROCESSING
    split = through(house, start)
    assert len(split.documents) == len(scanned.documents) + 1
    assert ("to_khai_khai_sinh", (2,)) in papers(split)
    # The papers nobody touched are the very same, with their ids.
    same = {document.id: document.fields for document in scanned.documents if document.id != form.id}
    assert {d.id: d.fields for d in split.documents if d.id in same} == same
    pages = editor.pages(start)
    editor.undo(start, pages.events[-1].id, LAN, pages.revision)
    back = through(house, start)
    assert back.documents == scanned.documents
    assert [page.image_sha256 for page in back.pages] == [page.image_sha256 for page in scanned.pages]


def test_a_hidden_page_leaves_no_word_behind_and_the_record_says_so(
    house: House, editor: PageEditor, start: str, scanned: Dossier
) -> None:
    card = next(document for document in scanned.documents if document.type == "cccd")
    gone = {str(field.value) for field in card.fields.values() if field.value} - {
        str(f.value) for d in scanned.documents if d.id != card.id for f in d.fields.values() if f.value
    }
    number = str(card.fields["so_dinh_danh"].value) if "so_dinh_danh" in card.fields else next(iter(gone))
    do(editor, start, Edit(kind="hide", pages=card.pages))
    for dossier in (house.conductor.dossier(start), through(house, start)):
        assert len(dossier.pages) == len(scanned.pages) - len(card.pages)
        assert [page.number for page in dossier.pages] == list(range(1, len(dossier.pages) + 1))
        assert {one.scanned for one in dossier.set_aside} == set(card.pages)
        assert {(one.state, one.who) for one in dossier.set_aside} == {("hidden", HOA.name)}
        assert not values(dossier) & gone
        assert all(document.type != "cccd" for document in dossier.documents)
    for key in card.fields:
        assert start not in house.catalogue.find_field(key, number)


def test_the_archive_has_what_stayed_and_says_what_did_not(
    house: House, editor: PageEditor, start: str, scanned: Dossier
) -> None:
    card = next(document for document in scanned.documents if document.type == "cccd")
    pages = editor.pages(start)
    _, target = editor.move(start, card.pages, None, HOA, pages.revision)
    do(editor, start, Edit(kind="turn", pages=(3,), turns=2))
    source, there = through(house, start), through(house, target)
    line = _line_of_its_own(house, scanned, card.pages[0])
    left, went = (prepare(house.tools, dossier, silent) for dossier in (source, there))
    assert (page_count(left), page_count(went)) == (len(scanned.pages) - len(card.pages), len(card.pages))
    assert line not in "".join(extract_text(left).split())
    assert line in "".join(extract_text(went).split())
    record = json.loads(attachments(left)["data.json"])
    assert [(one["state"], one["dossier"]) for one in record["set_aside"]] == [("moved", target)] * len(card.pages)
    assert [paper["type"] for paper in record["documents"]].count("cccd") == 0
    origin = json.loads(attachments(went)["data.json"])["pages"][0]["origin"]
    assert (origin["dossier"], origin["scanned"]) == (start, card.pages[0])
    assert origin["original_sha256"] in {original.sha256 for original in scanned.originals}
    assert house.store.get(original_key(origin["original_sha256"]))
    # Leave the sample as it was.
    moved = editor.pages(start)
    editor.undo(start, next(event.id for event in moved.events[::-1] if event.edit.kind == "move"), HOA, moved.revision)


def test_a_turned_page_alone_is_read_again_and_turned_back_it_is_what_it_was(
    house: House, editor: PageEditor, start: str, scanned: Dossier
) -> None:
    page = scanned.pages[2]
    read_before = {one.image_sha256 for one in scanned.pages}
    do(editor, start, Edit(kind="turn", pages=(page.number,), turns=1))
    turned = through(house, start)
    now = turned.pages[page.number - 1]
    assert (now.width, now.height) == (page.height, page.width)
    assert now.turned == (page.turned + 1) % 4
    assert {one.image_sha256 for one in turned.pages} - read_before == {now.image_sha256}
    assert house.catalogue.step_output(now.image_sha256, "read", turned.engine) is not None
    do(editor, start, Edit(kind="turn", pages=(page.number,), turns=3))
    back = through(house, start)
    assert back.documents == scanned.documents


def test_a_person_s_type_border_and_order_win(house: House, editor: PageEditor, start: str, scanned: Dossier) -> None:
    do(editor, start, Edit(kind="merge", pages=(1, 3)))
    do(editor, start, Edit(kind="order", pages=(3,), beside=2))
    do(editor, start, Edit(kind="type", pages=(1,), type="giay_chung_sinh"))
    changed = through(house, start)
    assert ("giay_chung_sinh", (2, 3, 1)) in papers(changed), "numbers of the record: page 3 now lies before page 2"
    assert [page.scanned for page in changed.pages][:3] == [1, 3, 2]
    assert next(d for d in changed.documents if d.type == "giay_chung_sinh").probability == 1.0


def test_pages_go_to_another_dossier_and_come_back(
    house: House, editor: PageEditor, start: str, scanned: Dossier
) -> None:
    card = next(document for document in scanned.documents if document.type == "cccd")
    pages = editor.pages(start)
    _, target = editor.move(start, card.pages, None, HOA, pages.revision)
    source, there = through(house, start), through(house, target)
    assert {one.scanned: (one.state, one.dossier) for one in source.set_aside} == dict.fromkeys(
        card.pages, ("moved", target)
    )
    assert [page.origin.dossier for page in there.pages if page.origin] == [start] * len(card.pages)
    assert [(document.type, len(document.pages)) for document in there.documents] == [("cccd", len(card.pages))]
    assert {key: f.value for key, f in there.documents[0].fields.items()} == {
        key: f.value for key, f in card.fields.items()
    }
    assert house.conductor.page_image(target, 1)[0]
    moved = editor.pages(start)
    editor.undo(start, moved.events[-1].id, HOA, moved.revision)
    assert through(house, start).documents == scanned.documents
    assert not through(house, target).pages
    # Taking back what was taken back is one event on both sides, too.
    again = editor.pages(target)
    editor.undo(target, again.events[-1].id, HOA, again.revision)
    assert len(through(house, target).pages) == len(card.pages)
    assert {one.dossier for one in through(house, start).set_aside} == {target}


def test_what_changes_nothing_or_is_not_there_is_refused(house: House, editor: PageEditor, start: str) -> None:
    seen = editor.pages(start).revision
    everything = editor.pages(start).layout.stack
    for edit, error in (
        (Edit(kind="split", pages=(2,)), PageEditError),
        (Edit(kind="hide", pages=(99,)), PageEditError),
        (Edit(kind="turn", pages=()), PageEditError),
        (Edit(kind="type", pages=(1,), type="no_such_paper"), PageEditError),
        (Edit(kind="hide", pages=everything), LastPageError),
        (Edit(kind="bring", pages=(50,)), PageEditError),
    ):
        with pytest.raises(error):
            editor.edit(start, edit, HOA, seen)
    with pytest.raises(PagesChangedError):
        editor.edit(start, Edit(kind="turn", pages=(1,)), HOA, seen + 1)
    assert editor.pages(start).revision == seen


def test_a_worker_that_has_the_dossier_catches_up_by_itself(
    house: House, editor: PageEditor, start: str, scanned: Dossier
) -> None:
    dossier = through(house, start)
    half = tuple(event for event in dossier.events if event.stage != "validate")
    house.catalogue.save(dossier.model_copy(update={"events": half, "status": Status.PROCESSING}))
    lease = house.catalogue.claim(start, "worker", timedelta(minutes=1))
    assert lease is not None
    try:
        do(editor, start, Edit(kind="hide", pages=(4,)))
        assert behind(house.tools, house.conductor.dossier(start))
        house.conductor.run_stage(start, "validate")
        caught_up = house.conductor.dossier(start)
        assert not behind(house.tools, caught_up)
        assert len(caught_up.pages) == len(scanned.pages) - 1
        assert "validate" in {event.stage for event in caught_up.events}
        if caught_up.status is Status.PROCESSING:
            # Past its checks it is on its way to the signature: then nothing can be changed any more.
            with pytest.raises(PagesBusyError):
                do(editor, start, Edit(kind="turn", pages=(1,)))
    finally:
        house.catalogue.release(lease)


def test_a_filed_dossier_is_refused(house: House, editor: PageEditor, start: str) -> None:
    dossier = house.conductor.dossier(start)
    house.catalogue.save(dossier.model_copy(update={"status": Status.FILED}))
    try:
        pages = editor.pages(start)
        assert pages.refused == PagesFiledError.code
        with pytest.raises(PagesFiledError):
            editor.edit(start, Edit(kind="turn", pages=(1,)), HOA, pages.revision)
    finally:
        house.catalogue.save(dossier)


def test_the_journal_brings_every_event_back(house: House, editor: PageEditor, start: str, tmp_path: Path) -> None:
    do(editor, start, Edit(kind="hide", pages=(3,)))
    do(editor, start, Edit(kind="split", pages=(1,)))
    before = through(house, start)
    with Catalogue.in_file(tmp_path / "again.sqlite3", clock=house.tools.clock) as empty:
        empty.migrate()
        report = rebuild(replace(house.tools, catalogue=empty))
        assert not report.unknown_acts
        assert empty.pages().events(start) == house.catalogue.pages().events(start)
    assert before.page_events == len(editor.pages(start).events)
    entries = [entry for entry in house.catalogue.keeping().entries(start) if entry.kind == "pages"]
    assert len(entries) == before.page_events
    assert {entry.who for entry in entries} <= {HOA.id, LAN.id}


def test_stages_are_all_known() -> None:
    assert frozenset(STAGES) == AFTER
