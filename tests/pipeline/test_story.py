"""The main job on the shipped sample: files in, a person settles what is doubtful, a signed record comes out."""

import hashlib
import json
from pathlib import Path

import pytest
from clerk import settle

from extractors.fields import FieldStatus
from pipeline.archive.inspect import attachments, extract_text, page_count, pdfa_claim
from pipeline.composition import House
from pipeline.conductor import DecisionError, UnknownDossierError
from pipeline.decisions import Decision
from pipeline.keys import original_key
from pipeline.record import Dossier, Status
from pipeline.stages import STAGES


@pytest.fixture(scope="module")
def read(house: House, sample: Path) -> Dossier:
    received = house.conductor.receive([sample], "1.001193")
    assert not received.known
    return house.conductor.run(received.dossier_id)


@pytest.fixture(scope="module")
def filed(house: House, read: Dossier) -> Dossier:
    return read if read.status is Status.FILED else settle(house, read)


def test_every_original_is_stored_bit_for_bit(house: House, read: Dossier, sample: Path) -> None:
    stored = {o.name: house.store.get(original_key(o.sha256)) for o in read.originals}
    assert set(stored) == {path.name for path in sample.iterdir()}
    for path in sample.iterdir():
        assert stored[path.name] == path.read_bytes()


def test_pages_out_are_pages_in_and_papers_are_put_in_order(read: Dossier) -> None:
    assert [page.number for page in read.pages] == list(range(1, len(read.pages) + 1))
    assert len(read.pages) == sum(o.pages for o in read.originals) == 4
    types = {document.type: document for document in read.documents}
    assert set(types) == {"to_khai_khai_sinh", "giay_chung_sinh", "cccd"}
    assert types["to_khai_khai_sinh"].pages == (2, 1), "the second page was scanned first"


def test_what_the_machine_accepted_is_what_the_papers_say(read: Dossier, sample: Path) -> None:
    truth = json.loads(sample.with_suffix(".truth.json").read_text(encoding="utf-8"))
    wanted = {document["type"]: document["fields"] for document in truth["documents"]}
    accepted = {
        (document.type, key): field.value
        for document in read.documents
        for key, field in document.fields.items()
        if field.status is FieldStatus.READ and key in wanted[document.type]
    }
    assert len(accepted) >= 25
    wrong = {
        name: (value, wanted[name[0]][name[1]])
        for name, value in accepted.items()
        if str(value).casefold() != str(wanted[name[0]][name[1]]).casefold()
    }
    assert not wrong


def test_what_a_person_decided_is_filed_signed_and_verifiable(house: House, filed: Dossier, tmp_path: Path) -> None:
    assert filed.status is Status.FILED
    made = house.conductor.export(filed.id, tmp_path)
    report = house.conductor.verify(made["archive_pdf"])
    assert report.outcome == "valid"
    assert report.ledger.state == "filed_here"
    assert report.pdfa_claim == "3U"
    assert {s.kind for s in report.signatures} == {"signature", "timestamp"}
    assert report.attachments["data.json"] == hashlib.sha256(made["data_json"].read_bytes()).hexdigest()


def test_the_archive_holds_all_pages_their_words_and_the_record(house: House, filed: Dossier) -> None:
    pdf = house.conductor.archive_pdf(filed.id)
    assert pdf is not None
    assert page_count(pdf) == len(filed.pages)
    assert pdfa_claim(pdf) == "3U"
    assert "TỜ KHAI ĐĂNG KÝ KHAI SINH" in extract_text(pdf)
    record = json.loads(attachments(pdf)["data.json"])
    assert record["id"] == filed.id
    assert record["documents"] == json.loads(filed.model_dump_json())["documents"]


def test_a_filed_dossier_is_closed(house: House, filed: Dossier) -> None:
    for stage in STAGES:
        house.conductor.run_stage(filed.id, stage)
    assert house.conductor.dossier(filed.id) == filed
    with pytest.raises(DecisionError):
        house.conductor.decide(filed.id, [], "thư ký")


def test_a_byte_added_to_a_filed_pdf_is_noticed(house: House, filed: Dossier, tmp_path: Path) -> None:
    pdf = house.conductor.archive_pdf(filed.id)
    assert pdf is not None
    longer = tmp_path / "longer.pdf"
    longer.write_bytes(pdf + b"\n")
    report = house.conductor.verify(longer)
    assert report.outcome == "invalid"
    assert report.reasons[0].code == "differs_from_filed"


def test_the_same_files_again_are_the_same_dossier(house: House, filed: Dossier, sample: Path) -> None:
    again = house.conductor.receive([sample], "1.001193")
    assert (again.dossier_id, again.known) == (filed.id, True)


def test_no_personal_number_is_in_any_key(house: House, filed: Dossier) -> None:
    card = next(d for d in filed.documents if d.type == "cccd")
    number = str(card.fields["so_dinh_danh"].value)
    assert len(number) == 12
    assert not [key for key in house.store.keys("") if number in key]


def test_a_decision_on_nothing_is_an_error(house: House, letter: Path) -> None:
    received = house.conductor.receive([letter], None)
    dossier = house.conductor.run(received.dossier_id)
    if dossier.status is Status.FILED:
        return
    with pytest.raises(DecisionError):
        house.conductor.decide(dossier.id, [Decision(kind="confirm", document="d9", key="x")], "thư ký")


def test_an_unknown_dossier_is_an_error(house: House) -> None:
    with pytest.raises(UnknownDossierError):
        house.conductor.dossier("hs-000000-00000000")


def test_a_person_may_say_which_procedure_it_is(house: House, sample: Path, tmp_path: Path) -> None:
    card = tmp_path / "thẻ.jpg"
    card.write_bytes((sample / "ban-quet-003.jpg").read_bytes())
    dossier = house.conductor.run(house.conductor.receive([card], None).dossier_id)
    assert dossier.status is Status.WAITS
    assert dossier.procedure is None
    assert "no_procedure" in {finding.rule for finding in dossier.findings}
    house.conductor.decide(dossier.id, [Decision(kind="procedure", value="1.001193")], "thư ký")
    assert house.conductor.next_stage(dossier.id) == "extract"
    dossier = house.conductor.run(dossier.id, start="extract")
    assert dossier.procedure == "1.001193"
    states = {item.component: item.state.value for item in dossier.checklist}
    assert states["000.00.00.G15-KQ003204"] == "missing"
    assert "no_procedure" not in {finding.rule for finding in dossier.findings}
