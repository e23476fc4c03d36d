"""The same sums, and what citizens hold and give, on a PostgreSQL server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import test_cases
from overview_samples import case, days_ago

from pipeline.access.principal import Principal
from pipeline.citizen import giving, tickets
from pipeline.citizen.errors import SlipUnknownError
from pipeline.citizen.settings import CitizenSettings
from pipeline.composition import House, build_house
from pipeline.record import Status
from pipeline.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.fixture
def server(tmp_path: Path, empty_postgresql: str) -> Iterator[House]:
    settings = Settings(
        home=tmp_path / "home",
        cores=2,
        catalogue_url=empty_postgresql,
        citizen=CitizenSettings(address="https://hoso.example", ratings_least=3),
    )
    with build_house(settings) as built:
        yield built


def test_sums(server: House) -> None:
    test_cases.test_sums_by_hand(server)


def test_changes(server: House) -> None:
    test_cases.test_a_change_is_counted_and_only_it(server)


def test_ratings(server: House) -> None:
    test_cases.test_fewer_ratings_than_enough_are_shown_to_nobody(server)


def test_slips(server: House, tmp_path: Path) -> None:
    one = case(server, "a", days_ago(server, 1), [(1, days_ago(server, 1)), (5, days_ago(server, 1))])
    first = tickets.print_ticket(server.tools, one, "u-1")
    second = tickets.print_ticket(server.tools, one, "u-1")
    assert first
    assert second
    with pytest.raises(SlipUnknownError):
        tickets.open_visit(server.tools, one, first.secret)
    visit = tickets.visit(server.tools, tickets.open_visit(server.tools, one, second.secret))
    paper = tmp_path / "a.txt"
    paper.write_text("giấy")
    sent = giving.give(server.tools, visit, paper, "a.txt")
    assert sent
    assert giving.give(server.tools, visit, paper, "a.txt") is None
    assert [item.sha256 for item in server.catalogue.citizens().waiting(sent.agency)] == [sent.sha256]
    officer = Principal("u-2", "Hoa", sent.agency, frozenset())
    assert giving.take(server.tools, one, sent.sha256, officer)
    assert not giving.take(server.tools, one, sent.sha256, officer)
    ended = case(server, "b", days_ago(server, 1), status=Status.FILED)
    assert giving.rate(server.tools, tickets.Visit(ended, 1), 4)
    assert not giving.rate(server.tools, tickets.Visit(ended, 1), 4)
