"""The time of Vietnam: a dossier's day of receipt is a day at the desk, wherever the machine thinks it stands.

Moments inside the house are aware; the composition root's clock gives them in this zone, so that `.date()` is the
legal day. A machine's own time zone is never asked.
"""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

ZONE_NAME = "Asia/Ho_Chi_Minh"


def local(moment: datetime) -> datetime:
    """The same moment as clocks in Vietnam show it (UTC+7, no summer time)."""
    return moment.astimezone(ZoneInfo(ZONE_NAME))


def now() -> datetime:
    """The present moment, in Vietnam."""
    return datetime.now(ZoneInfo(ZONE_NAME))


def start_of_day(day: date) -> datetime:
    """Midnight at which a day begins in Vietnam."""
    return datetime.combine(day, time.min, ZoneInfo(ZONE_NAME))
