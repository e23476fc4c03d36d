"""Search over sealed papers: marks, tone placement, phrases, exact numbers and codes, days, pages, agencies."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from owners_samples import AT, HERE, THERE, Clock, card, dossier, file_record, officer, paper

from pipeline.composition import House, build_house
from pipeline.kho import text
from pipeline.kho.search import Query, SearchRefusedError, owners, papers
from pipeline.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from extractors.fields import FieldValue

PEOPLE = [
    ("001090004567", "NGUYỄN VĂN AN"),
    ("001090004568", "Nguyên Văn Ân"),
    ("001090004569", "Trần Thị Hoà"),
    ("001090004570", "Trần Thị Hòa"),
    ("001090004571", "Văn Nguyễn An"),
    ("001090004572", "Lê Thị Hỏa"),
]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    home = tmp_path_factory.mktemp("search")
    with build_house(Settings(home=home, cores=1, agency_code=HERE), Clock()) as built:
        for number, (digits, name) in enumerate(PEOPLE, 1):
            file_record(built, dossier(number, card(ho_ten=name, so_dinh_danh=digits)))
        decree: dict[str, FieldValue] = {
            "co_quan_ban_hanh": ["UBND", "PHƯỜNG TÂY HỒ"],
            "so_ky_hieu": "12/QĐ-UBND",
            "ngay_ban_hanh": "2026-02-03",
        }
        decree["trich_yeu"] = "Về việc công nhận tổ hoà giải cơ sở"
        file_record(built, dossier(50, paper("quyet_dinh", decree, component=None), procedure="cong_van_den"))
        file_record(built, dossier(60, card(so_dinh_danh="001090001111", ho_ten="Nguyễn Văn An"), agency=THERE))
        yield built


def names(house: House, said: str, agency: str = HERE, limit: int = 20) -> list[str]:
    return [found.owner_name for found in papers(house.tools, officer(agency), Query(text=said), limit=limit).papers]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("nguyen van an", {"NGUYỄN VĂN AN", "Nguyên Văn Ân", "Văn Nguyễn An"}),
        ("NGUYEN  an", {"NGUYỄN VĂN AN", "Nguyên Văn Ân", "Văn Nguyễn An"}),
        ("Nguyễn", {"NGUYỄN VĂN AN", "Văn Nguyễn An"}),
        ("nguyên văn ân", {"Nguyên Văn Ân"}),
        ('"nguyen van an"', {"NGUYỄN VĂN AN", "Nguyên Văn Ân"}),
        ("“Nguyễn Văn An”", {"NGUYỄN VĂN AN"}),
        ("trần thị hoà", {"Trần Thị Hoà", "Trần Thị Hòa"}),
        ("trần thị hòa", {"Trần Thị Hoà", "Trần Thị Hòa"}),
        ("thị hoa", {"Trần Thị Hoà", "Trần Thị Hòa", "Lê Thị Hỏa"}),
        ("hoà giải", {"UBND PHƯỜNG TÂY HỒ"}),
        ("hòa giải tay ho", {"UBND PHƯỜNG TÂY HỒ"}),
        ("không có ai", set()),
        ("001090004569", {"Trần Thị Hoà"}),
        ("0010 9000 4569", {"Trần Thị Hoà"}),
        ("001090004560", set()),
    ],
)
def test_words_with_and_without_marks(house: House, said: str, found: set[str]) -> None:
    assert set(names(house, said)) == found


def test_who_says_it_as_typed_comes_first(house: House) -> None:
    assert names(house, "nguyen van an")[-1] == "Văn Nguyễn An"
    assert set(names(house, "nguyen van an")[:2]) == {"NGUYỄN VĂN AN", "Nguyên Văn Ân"}


@pytest.mark.parametrize("form", ["thuý", "thúy", "THÚY", "thu\u0301y"])
def test_the_tone_has_no_place(form: str) -> None:
    assert text.words(form) == text.words("thuý")
    assert text.words(form) != text.words("thùy")


def test_numbers_and_names_are_exact(house: House) -> None:
    def ask(**asked: object) -> list[str]:
        return [p.owner_name for p in papers(house.tools, officer(), Query.model_validate(asked)).papers]

    assert ask(number="001090004570") == ["Trần Thị Hòa"]
    assert ask(symbol="Số: 12/qđ-ubnd") == ["UBND PHƯỜNG TÂY HỒ"]
    assert ask(symbol="2/QĐ-UBND") == []
    assert ask(code="001090004572.1.001193.000.00.00.G15-KQ004946.01") == ["Lê Thị Hỏa"]
    assert ask(dossier=dossier(3).id) == ["Trần Thị Hoà"]
    assert ask(text=dossier(3).id) == ["Trần Thị Hoà"]
    assert ask(type="quyet_dinh") == ["UBND PHƯỜNG TÂY HỒ"]
    assert ask(issued_from=date(2026, 1, 1)) == ["UBND PHƯỜNG TÂY HỒ"]
    assert len(ask(issued_to=date(2021, 5, 4))) == len(PEOPLE)
    assert len(ask(type="cccd", filed_from=AT, filed_to=datetime(2027, 1, 1, tzinfo=AT.tzinfo))) == len(PEOPLE)
    assert ask(type="cccd", filed_to=AT - timedelta(days=1)) == []


def test_an_agency_finds_its_own_only(house: House) -> None:
    assert names(house, "nguyen", THERE) == ["Nguyễn Văn An"]
    assert owners(house.tools, officer(THERE), "001090004567") == []
    assert [found.number_end for found in owners(house.tools, officer(THERE), "nguyễn văn an")] == ["111"]


def test_owners_are_found_by_number_and_by_name(house: House) -> None:
    (one,) = owners(house.tools, officer(), "001090004567")
    assert (one.name, one.number_end, one.born, one.papers) == ("NGUYỄN VĂN AN", "567", "1990-03-12", 1)
    found = [o.name for o in owners(house.tools, officer(), "nguyen van an")]
    assert found[-1] == "Văn Nguyễn An"
    assert len(found) == 3
    assert next(o.name for o in owners(house.tools, officer(), "Nguyễn Văn An")) == "NGUYỄN VĂN AN"


def test_pages_follow_each_other_without_gaps(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.kho.search.WINDOW", 3)
    seen: list[str] = []
    token: str | None = None
    for _ in range(20):
        page = papers(house.tools, officer(), Query(type="cccd"), limit=2, token=token)
        seen += [found.paper for found in page.papers]
        token = page.next
        if token is None:
            break
    assert len(seen) == len(set(seen)) == len(PEOPLE)


def test_nothing_asked_for_is_refused(house: House) -> None:
    for query, token in ((Query(), None), (Query(agency=HERE), None), (Query(type="cccd"), "x")):
        with pytest.raises(SearchRefusedError):
            papers(house.tools, officer(), query, token=token)
    with pytest.raises(SearchRefusedError):
        owners(house.tools, officer(), "!!!")
