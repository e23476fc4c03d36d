"""What is filed becomes owners, papers and versions; doubtful links wait; merging can be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from owners_samples import AN, HERE, THERE, Clock, card, dossier, file_record, officer, paper

from pipeline.composition import House, build_house
from pipeline.kho import people, sealed
from pipeline.kho.feed import feed_missing, renewed
from pipeline.kho.sealed import Person
from pipeline.settings import Settings
from pipeline.vault import ring as rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from extractors.fields import FieldValue
    from pipeline.catalogue.owners_door import Row


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with build_house(Settings(home=tmp_path / "home", cores=1, agency_code=HERE), Clock()) as built:
        yield built


def papers(house: House, dossier_id: str) -> list[Row]:
    return house.catalogue.owners().papers_of_dossier(dossier_id)


def test_the_first_paper_makes_its_owner_and_the_next_finds_him(house: House) -> None:
    first = file_record(house, dossier(1, card()))
    request = paper("to_khai_khai_sinh", {"nyc_ho_ten": "Nguyễn Văn An", "nyc_so_dinh_danh": AN["so_dinh_danh"]})
    second = file_record(house, dossier(2, request))
    (one,), (two,) = papers(house, first), papers(house, second)
    assert (one["state"], one["reason"], two["state"], two["reason"]) == ("linked", "new", "linked", "number_and_name")
    assert one["owner_id"] == two["owner_id"]
    owner = house.catalogue.owners().owner(one["owner_id"])
    assert owner is not None
    person = sealed.open_person(house.tools.vault, owner["sealed"])
    assert person == Person(name="NGUYỄN VĂN AN", number="001090004567", born="1990-03-12")
    assert (one["issued_on"], one["valid_until"], one["permanent"]) == ("2021-05-04", "2030-03-12", False)
    assert (two["valid_until"], two["permanent"]) == ("2027-05-20", False), "six months where nothing says otherwise"
    facts = sealed.open_paper(house.tools.vault, one["sealed"])
    assert facts is not None
    assert facts.code == "001090004567.1.001193.000.00.00.G15-KQ004946.01"


def test_another_scan_of_the_same_card_is_a_version_and_so_is_a_renewed_signature(house: House) -> None:
    first = file_record(house, dossier(1, card()))
    second = file_record(house, dossier(2, card()))
    (one,) = papers(house, first)
    assert papers(house, second) == []
    versions = house.catalogue.owners().versions_of(one["id"])
    assert [(v["number"], v["dossier_id"], v["origin"]) for v in versions] == [(1, first, "scan"), (2, second, "scan")]
    filing = house.catalogue.record_filing(second, "archive_pdf", "filed/x/renewed.pdf", "cd" * 32, 9, level="B-LTA")
    assert renewed(house.tools, filing, HERE)
    assert not renewed(house.tools, filing, HERE)
    last = house.catalogue.owners().versions_of(one["id"])[-1]
    assert (last["number"], last["origin"], last["pages"]) == (3, "renewal", [1])


@pytest.mark.parametrize(
    ("changes", "reason", "near"),
    [
        ({"ho_ten": "NGUYÊN VĂN AN"}, "name_differs", 1),
        ({"so_dinh_danh": None}, "no_number", 1),
        ({"so_dinh_danh": "123456789"}, "no_number", 1),
        ({"so_dinh_danh": None, "ho_ten": "LÊ THỊ XA"}, "no_number", 0),
    ],
)
def test_what_is_not_sure_waits_for_a_person(
    house: House, changes: dict[str, FieldValue], reason: str, near: int
) -> None:
    first = file_record(house, dossier(1, card()))
    second = file_record(house, dossier(2, card(changes)))
    (known,), (paper_row,) = papers(house, first), papers(house, second)
    assert (paper_row["state"], paper_row["owner_id"], paper_row["reason"]) == ("waits", None, reason)
    assert (paper_row["candidate_id"] == known["owner_id"]) is bool(near)
    assert [row["id"] for row in house.catalogue.owners().waiting(HERE)] == [paper_row["id"]]
    assert house.catalogue.owners().waiting(THERE) == []


def test_a_doubtful_number_is_not_believed(house: House) -> None:
    doubtful = paper("cccd", {**AN, "ngay_cap": "2021-05-04"}, doubtful=("so_dinh_danh",))
    (row,) = papers(house, file_record(house, dossier(1, doubtful)))
    assert (row["state"], row["reason"], row["candidate_id"]) == ("waits", "doubtful", None)


def test_a_paper_without_number_takes_it_from_another_of_the_same_dossier(house: House) -> None:
    birth = paper("giay_chung_sinh", {"me_ho_ten": "Trần Thị Hoà", "me_ngay_sinh": "1995-01-02"}, name="d2")
    asks = paper(
        "to_khai_khai_sinh",
        {
            "me_ho_ten": "TRẦN THỊ HÒA",
            "me_so_dinh_danh": "001195000001",
            "me_ngay_sinh": "1995-01-02",
            "nyc_ho_ten": "B",
        },
    )
    rows = papers(house, file_record(house, dossier(1, asks, birth)))
    (row,) = [row for row in rows if row["type"] == "giay_chung_sinh"]
    assert (row["state"], row["reason"]) == ("linked", "same_dossier")


def test_a_certificate_of_marriage_lies_in_two_stores(house: House) -> None:
    values = {
        "so": "12/2026",
        "ngay_dang_ky": "2026-10-01",
        "vo_ho_ten": "Lê Thị Bình",
        "vo_so_dinh_danh": "001195000002",
        "chong_ho_ten": "Nguyễn Văn An",
        "chong_so_dinh_danh": AN["so_dinh_danh"],
    }
    rows = papers(house, file_record(house, dossier(1, paper("giay_chung_nhan_ket_hon", dict(values)))))
    assert len({row["owner_id"] for row in rows}) == 2
    assert all(row["permanent"] and row["valid_until"] is None for row in rows)


def test_filing_again_changes_nothing_and_what_came_before_is_fed_later(house: House) -> None:
    dossier_id = file_record(house, dossier(1, card()))
    before = papers(house, dossier_id)
    assert feed_missing(house.tools) == 0
    assert papers(house, dossier_id) == before
    assert [event["type"] for event in house.catalogue.outbox().events()] == ["dossier.filed", "paper.version"]


def test_a_person_says_whose_it_is_and_may_say_otherwise(house: House) -> None:
    (known,) = papers(house, file_record(house, dossier(1, card())))
    (waits,) = papers(house, file_record(house, dossier(2, card(ho_ten="NGUYÊN VĂN AN"))))
    linked = people.link(house.tools, officer(), waits["id"], known["owner_id"])
    assert (linked["state"], linked["owner_id"], linked["reason"]) == ("linked", known["owner_id"], "person")
    own = people.link(house.tools, officer(), waits["id"], "new", Person(name="Nguyên Văn An"))
    assert own["owner_id"] not in {None, known["owner_id"]}
    assert people.link(house.tools, officer(), waits["id"], "nobody")["owner_id"] is None
    with pytest.raises(people.PaperUnknownError):
        people.link(house.tools, officer(THERE), waits["id"], "nobody")
    with pytest.raises(people.OwnerUnknownError):
        people.link(house.tools, officer(), waits["id"], "0d4c1f6e-6a55-4f0a-9a30-0c2d6b1f0e11")


def test_two_records_of_one_person_are_merged_and_parted_again(house: House) -> None:
    (one,) = papers(house, file_record(house, dossier(1, card())))
    (two,) = papers(house, file_record(house, dossier(2, card(so_dinh_danh="001090009999"))))
    (three,) = papers(house, file_record(house, dossier(3, card(so_dinh_danh="001090008888"))))
    door, who = house.catalogue.owners(), officer()
    with pytest.raises(people.OwnerUnknownError):
        people.merge(house.tools, officer(THERE), two["owner_id"], one["owner_id"], "cùng một người")
    first = people.merge(house.tools, who, two["owner_id"], one["owner_id"], "cùng một người")
    people.merge(house.tools, who, one["owner_id"], three["owner_id"], "cùng một người")
    assert {row["id"] for row in door.papers_of(two["owner_id"])} == {one["id"], two["id"], three["id"]}
    with pytest.raises(people.MergeRefusedError):
        people.merge(house.tools, who, three["owner_id"], two["owner_id"], "vòng")
    people.unmerge(house.tools, who, first)
    assert [row["id"] for row in door.papers_of(two["owner_id"])] == [two["id"]]
    assert {row["id"] for row in door.papers_of(three["owner_id"])} == {one["id"], three["id"]}
    with pytest.raises(people.MergeRefusedError):
        people.unmerge(house.tools, who, first)


def test_nothing_in_the_open_names_a_person(house: House) -> None:
    dossier_id = file_record(house, dossier(1, card()))
    (row,) = papers(house, dossier_id)
    owner = house.catalogue.owners().owner(row["owner_id"])
    said = repr((row, owner, house.catalogue.outbox().events(), list(house.store.keys("acts/"))))
    acts = b"".join(house.store.get(key) for key in house.store.keys("acts/")).decode()
    for secret in ("001090004567", "NGUYỄN", "Nguyễn", "1990-03-12"):
        assert secret not in said
        assert secret not in acts


def taken_by(house: House, owner_id: str) -> set[str]:
    """Dossiers that would end with the key of an owner."""
    ring = house.tools.vault.keeper.ring
    with ring.reading() as connection:
        row = rows.by_name(connection, owner_id)
        assert row is not None
        return {name for name in rows.would_go(connection, row.id) if name.startswith("hs-")}


def test_the_end_of_an_owner_s_key_takes_what_came_later_too_and_never_what_was_linked_by_mistake(house: House) -> None:
    first = file_record(house, dossier(1, card()))
    second = file_record(house, dossier(2, card()))
    (one,) = papers(house, first)
    person = Person(name="Trần Thị Bình", number="001190004568", born="1990-01-02")
    other = people.link(house.tools, officer(HERE), one["id"], "new", person)["linked_id"]
    assert other != one["linked_id"]
    assert taken_by(house, one["linked_id"]) == set(), "it was never that person's"
    assert taken_by(house, other) == {first, second}
