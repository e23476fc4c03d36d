"""What the doctor says of keys, ledger, events and clocks, on a house where it is well and on ones where it is not."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.commands import doctor, doctor_kho
from pipeline.audit.sealing import seal
from pipeline.composition import House, build_house
from pipeline.procedures.book import UnknownProcedureError
from pipeline.settings import Settings


class Clock:
    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def house(tmp_path: Path, clock: Clock) -> Iterator[House]:
    with build_house(Settings(home=tmp_path / "home", cores=1), clock) as built:
        yield built


def test_a_new_house_is_well(house: House) -> None:
    assert "khóa chủ có trên máy này" in doctor_kho.vault(house)
    assert doctor_kho.ledger(house).startswith("0 mục")
    assert doctor_kho.outbox(house).startswith("0 ")
    assert "lệch" in doctor_kho.clocks(house)
    assert str(house.tools.clock().year) in doctor_kho.holidays(house) or "đến hết năm" in doctor_kho.holidays(house)


def test_a_ledger_that_is_not_sealed_for_a_day_is_told(house: House, clock: Clock) -> None:
    house.catalogue.ledger().access("u-1", "u-1", {"did": "signed_in"})
    seal(house.tools)
    house.catalogue.ledger().access("u-1", "u-1", {"did": "signed_in"})
    assert doctor_kho.ledger(house) == "2 mục, 1 chưa đóng dấu thời gian"
    clock.now += timedelta(days=2)
    with pytest.raises(doctor_kho.SealOldError, match="1 entries"):
        doctor_kho.ledger(house)


def test_clocks_that_disagree_are_told(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    late = datetime.now(UTC) - timedelta(seconds=30)
    monkeypatch.setattr(type(house.catalogue), "server_time", lambda _: late)
    with pytest.raises(doctor_kho.ClockSkewError, match="-30"):
        doctor_kho.clocks(house)


def test_procedures_that_nothing_follows_are_named_months_before_they_end(house: House, clock: Clock) -> None:
    book = house.procedures()
    code, last = min(book.last_days().items(), key=lambda one: (one[1], one[0]))
    said = f"hết hiệu lực sau ngày {last:%d/%m/%Y}, chưa có bản kế tiếp: "
    clock.now = datetime(last.year, last.month, last.day, 3, tzinfo=UTC) - timedelta(days=121)
    assert said not in doctor._procedures(house)
    in_force = len(book.in_force(clock.now.date()))
    assert f"{len(book.list())} lược đồ, {in_force} thủ tục đang có hiệu lực" in doctor._procedures(house)
    for days in (1, 150):
        clock.now += timedelta(days=days)
        assert said + code in doctor._procedures(house)
    with pytest.raises(UnknownProcedureError):
        book.get(code, clock.now.date())
