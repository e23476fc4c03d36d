"""What `hoso doctor` asks of the parts that are easily forgotten: keys, the ledger's seal, events, clocks, holidays.

Each answers with a line for people, or raises an error that says what to do. Nothing is changed.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from pipeline.errors import HosoError

if TYPE_CHECKING:
    from pipeline.composition import House

_SKEW = timedelta(seconds=5)
"""Leases compare times of several machines; a worker of ours gives way after three quarters of a minute."""
_CALENDAR_MONTH = 12
"""From this month on next year's holidays ought to be known: their decree comes in the last quarter."""


class MasterAwayError(HosoError):
    """A former master that still wraps living keys is not on this machine; without the current one nothing starts."""

    code = "vault_master_away"
    message_vi = "Khóa chủ đang bọc các khóa không có trên máy này."
    remedy_vi = "Hãy đặt lại tệp khóa chủ hoặc nối thiết bị khóa (docs/vault.md)."


class SealOldError(HosoError):
    """The ledger has entries that no timestamp covers, for longer than a day."""

    code = "ledger_unsealed"
    message_vi = "Sổ kiểm toán có mục chưa được đóng dấu thời gian quá một ngày."
    remedy_vi = "Hãy xem bộ xử lý có chạy không và máy chủ dấu thời gian có trả lời không (hoso ledger seal)."


class EventsDeadError(HosoError):
    """Events for downstream systems were given up."""

    code = "outbox_dead"
    message_vi = "Có thông báo cho hệ thống khác không gửi được và đã ngừng gửi."
    remedy_vi = "Hãy xem địa chỉ nhận rồi gửi lại: hoso owners relay --retry."


class ClockSkewError(HosoError):
    """The clocks of this machine and of the database disagree."""

    code = "clock_skew"
    message_vi = "Đồng hồ máy này lệch với đồng hồ máy cơ sở dữ liệu."
    remedy_vi = "Hãy bật đồng bộ giờ (NTP) trên mọi máy; quyền xử lý hồ sơ dựa vào giờ."


def vault(house: House) -> str:
    """Masters and keys."""
    from pipeline.vault.status import status

    found = status(house.tools, objects=False)
    if not found.whole:
        raise MasterAwayError(None, ", ".join(master.id for master in found.masters if not master.here))
    return f"{found.keys} khóa đang dùng, {found.destroyed} đã hủy; khóa chủ có trên máy này"


def ledger(house: House) -> str:
    """How much of the ledger is under a seal, and since when."""
    door = house.catalogue.ledger()
    size, seals = door.size(), door.seals()
    newest = seals[-1] if seals else None
    open_entries = size - (newest.size if newest else 0)
    since = newest.at if newest else None
    if open_entries and since is not None and house.tools.clock() - since > timedelta(days=1):
        raise SealOldError(None, f"{open_entries} entries since {since.isoformat()}")
    return f"{size} mục, {open_entries} chưa đóng dấu thời gian"


def outbox(house: House) -> str:
    """Events for downstream systems."""
    counts = house.catalogue.outbox().counts()
    if dead := counts.get("dead", 0):
        raise EventsDeadError(None, str(dead))
    return f"{counts.get('waiting', 0)} thông báo đang chờ gửi"


def clocks(house: House) -> str:
    """The database's clock beside this machine's."""
    before = datetime.now(UTC)
    skew = house.catalogue.server_time() - before
    if abs(skew) > _SKEW:
        raise ClockSkewError(None, f"{skew.total_seconds():.1f} s")
    return f"lệch {abs(skew.total_seconds()):.1f} s".replace(".", ",")


def holidays(house: House) -> str:
    """Whether due dates of the next weeks rest on a calendar that is official."""
    from pipeline.rules.deadlines import calendar

    today = house.tools.clock().date()
    year = today.year + (today.month >= _CALENDAR_MONTH)
    doubt = calendar().doubt(today, max(today, date(year, 12, 31)))
    # No fault of this installation: slips say of a day that hangs on it that it is not certain.
    return f"đến hết năm {year}: {doubt or 'chính thức'}"
