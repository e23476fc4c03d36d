"""The same pages in another dossier are asked about, in the later one, and never filed twice in silence."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pipeline.clock import now
from pipeline.composition import House, build_house
from pipeline.record import Dossier, PageRecord, Severity, Status
from pipeline.seen_before import SOME, WHOLE, seen_before
from pipeline.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with build_house(Settings(home=tmp_path / "home", cores=2)) as built:
        yield built


def kept(house: House, name: str, sheets: str, *, minutes: int = 0, status: Status = Status.FILED) -> Dossier:
    """A dossier with one page for each letter; `_` is a blank page."""
    pages = tuple(
        PageRecord(
            number=number,
            file="quet.pdf",
            file_page=number,
            width=10,
            height=10,
            dpi=300.0,
            image_sha256=f"{ord(sheet):02x}" * 32,
            blank=sheet == "_",
        )
        for number, sheet in enumerate(sheets, start=1)
    )
    received = now() + timedelta(minutes=minutes)
    dossier = Dossier(id=name, procedure=None, status=status, received_at=received, pages=pages)
    house.catalogue.create_dossier(dossier)
    return dossier


def test_the_later_of_two_asks_and_names_the_first(house: House) -> None:
    first = kept(house, "hs-1", "abc")
    later = kept(house, "hs-2", "cab_", minutes=1)
    assert list(seen_before(house.tools, first)) == []
    (finding,) = seen_before(house.tools, later)
    assert (finding.rule, finding.severity) == (WHOLE, Severity.CONFIRM)
    assert "hs-1" in finding.message


def test_a_dossier_that_holds_all_of_an_earlier_one_asks_too(house: House) -> None:
    kept(house, "hs-1", "ab")
    (finding,) = seen_before(house.tools, kept(house, "hs-2", "abcd", minutes=1))
    assert finding.severity is Severity.CONFIRM


def test_single_pages_that_come_again_are_told_and_blank_ones_are_not(house: House) -> None:
    kept(house, "hs-1", "abc_")
    (finding,) = seen_before(house.tools, kept(house, "hs-2", "cde_", minutes=1))
    assert (finding.rule, finding.severity) == (SOME, Severity.INFO)
    assert list(seen_before(house.tools, kept(house, "hs-3", "xyz_", minutes=2))) == []


def test_what_was_refused_and_what_another_agency_holds_does_not_count(house: House) -> None:
    kept(house, "hs-1", "abc", status=Status.REFUSED)
    elsewhere = kept(house, "hs-2", "abc").model_copy(update={"agency": "H29.07"})
    house.catalogue.save(elsewhere)
    assert list(seen_before(house.tools, kept(house, "hs-3", "abc", minutes=1))) == []
