"""The legal day is the desk's day."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from pipeline.clock import local, now
from pipeline.composition import build_house
from pipeline.settings import Settings


def test_an_early_morning_in_vietnam_is_yesterday_in_utc() -> None:
    moment = datetime(2026, 11, 21, 18, 30, tzinfo=UTC)
    assert local(moment).date() == date(2026, 11, 22)
    assert local(moment) == moment


def test_now_is_aware_and_seven_hours_ahead() -> None:
    assert now().utcoffset() == timedelta(hours=7)


def test_a_dossier_received_after_midnight_bears_the_new_day(tmp_path: Path, letter: Path) -> None:
    def clock() -> datetime:
        return local(datetime(2026, 11, 21, 18, 30, tzinfo=UTC))

    with build_house(Settings(home=tmp_path), clock) as house:
        received = house.conductor.receive([letter], None)
        dossier = house.conductor.dossier(received.dossier_id)
        assert dossier.id.startswith("hs-261122-")
        assert dossier.received_at.date() == date(2026, 11, 22)
