"""`hoso list` and `hoso retry`: the queue for whoever keeps the house, with the reason of what stopped.

Also who works on it (`--workers`), what keeps them from beginning more, and how the duties of the house ended last.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from api import words
from api.commands.common import open_house, print_json, print_screen
from pipeline import pressure
from pipeline.catalogue.lanes import Lane
from pipeline.catalogue.rows import DossierSummary
from pipeline.catalogue.workers import DutyRow, WorkerRow
from pipeline.errors import Exit, InputRefusedError
from pipeline.record import Model, Status

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from pipeline.composition import House

STOPPED = (Status.FAULT, Status.HELD)
_LANES = {Lane.DESK: "tại quầy", Lane.BACKLOG: "theo lô"}


class StatusUnknownError(InputRefusedError):
    """No dossier can stand there."""

    code = "status_unknown"
    message_vi = "Không có trạng thái này."

    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.remedy_vi = f"Hãy chọn một trong: {', '.join(Status)}."


class NothingToRetryError(InputRefusedError):
    """Neither an id nor --all."""

    code = "nothing_to_retry"
    message_vi = "Chưa nói hồ sơ nào cần chạy lại."
    remedy_vi = "Hãy cho mã hồ sơ, hoặc --all cho mọi hồ sơ đang lỗi hoặc bị giữ."


class Listed(Model):
    """A dossier of the list."""

    dossier: DossierSummary
    reason: str | None
    """Code of what stopped it, for those that are held, set aside, or wait to be tried again."""
    lane: Lane


class Listing(Model):
    """The answer of `hoso list --json`."""

    dossiers: tuple[Listed, ...]


class LaneState(Model):
    """A lane of the queue."""

    lane: Lane
    waiting: int
    """Dossiers due that nobody works on."""
    oldest_seconds: float
    objection: str
    """Why no dossier of it is begun on this machine just now, such as `disk_low`; empty where one may be."""


class Machinery(Model):
    """The answer of `hoso list --workers --json`."""

    lanes: tuple[LaneState, ...]
    workers: tuple[WorkerRow, ...]
    duties: tuple[DutyRow, ...]


def listed(status: str | None, limit: int, *, as_json: bool) -> int:
    """Prints the newest dossiers."""
    if status is not None and status not in set(Status):
        raise StatusUnknownError(status)
    with open_house() as house:
        found = house.catalogue.list_dossiers(Status(status) if status else None, limit=limit)
        backlog = house.catalogue.queue().backlog_among([item.id for item in found])
        listing = Listing(
            dossiers=tuple(
                Listed(
                    dossier=item,
                    reason=_reason(house, item),
                    lane=Lane.BACKLOG if item.id in backlog else Lane.DESK,
                )
                for item in found
            )
        )
    if as_json:
        print_json(listing)
    else:
        _show(listing)
    return Exit.FILED


def workers(*, as_json: bool) -> int:
    """Prints lanes, workers and duties."""
    with open_house() as house:
        machinery = machinery_of(house)
        now = house.tools.clock()
    if as_json:
        print_json(machinery)
    else:
        _show_machinery(machinery, now)
    return Exit.FILED


def machinery_of(house: House) -> Machinery:
    """How the queue and its workers are. Raises catalogue errors."""
    queue = house.catalogue.queue()
    room = pressure.look(house.settings, house.catalogue)
    lanes = []
    for lane in Lane:
        stand = queue.stand(lane)
        objection = pressure.objection(house.settings.flows, room, lane)
        oldest = round(stand.oldest_seconds, 1)
        lanes.append(LaneState(lane=lane, waiting=stand.count, oldest_seconds=oldest, objection=objection))
    return Machinery(lanes=tuple(lanes), workers=tuple(queue.workers()), duties=tuple(queue.duties()))


def retry(dossiers: Sequence[str], *, every: bool) -> int:
    """Puts dossiers back into the queue."""
    if not dossiers and not every:
        raise NothingToRetryError
    with open_house() as house:
        chosen = list(dossiers)
        if every:
            chosen += [item.id for status in STOPPED for item in house.catalogue.list_dossiers(status, limit=500)]
        for dossier_id in dict.fromkeys(chosen):
            house.conductor.retry(dossier_id)
            sys.stdout.write(f"{dossier_id}\ttrở lại hàng đợi\n")
    return Exit.FILED


def _reason(house: House, item: DossierSummary) -> str | None:
    placed = house.catalogue.queue().code_of(item.id)
    if item.status not in STOPPED or placed:
        return placed
    codes = [event.code for event in house.catalogue.events_after(item.id) if event.code]
    return codes[-1] if codes else None


def _show(listing: Listing) -> None:
    from rich.table import Table

    from pipeline.clock import local

    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for heading in ("Mã", "Tiếp nhận", "Luồng", "Trạng thái", "Trang", "Thủ tục", "Lý do"):
        table.add_column(heading, header_style="dim", overflow="fold")
    for row in listing.dossiers:
        item = row.dossier
        received = f"{local(item.received_at):%H:%M %d/%m/%Y}"
        name = item.procedure_name or item.procedure or "–"
        lane = _LANES[row.lane]
        table.add_row(item.id, received, lane, words.STATUS[item.status], str(item.page_count), name, row.reason or "")
    print_screen(table)


def _show_machinery(machinery: Machinery, now: datetime) -> None:
    from rich.console import Group
    from rich.table import Table

    from pipeline.clock import local

    def table(*headings: str) -> Table:
        made = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
        for heading in headings:
            made.add_column(heading, header_style="dim", overflow="fold")
        return made

    lanes = table("Luồng", "Đang chờ", "Chờ lâu nhất", "Tạm dừng vì")
    for lane in machinery.lanes:
        lanes.add_row(_LANES[lane.lane], str(lane.waiting), f"{lane.oldest_seconds:.0f} s", lane.objection or "–")
    working = table("Bộ xử lý", "Tình trạng", "Quầy/lô", "Hồ sơ", "Trang", "Bộ nhớ", "Từ", "Nhịp cuối", "Ghi chú")
    for one in machinery.workers:
        beat = f"{(now - one.beat_at).total_seconds():.0f} s"
        working.add_row(
            one.name,
            one.state,
            f"{one.desk}/{one.backlog}",
            str(one.dossiers),
            str(one.pages),
            f"{one.memory >> 20} MB",
            f"{local(one.since):%H:%M %d/%m}",
            beat,
            one.note,
        )
    regular = table("Việc định kỳ", "Lần cuối", "Kết quả", "Lần tới")
    for duty in machinery.duties:
        ended = f"{local(duty.ended_at):%H:%M %d/%m}" if duty.ended_at else "–"
        due = f"{local(duty.due_at):%H:%M %d/%m}" if duty.due_at else "–"
        regular.add_row(duty.name, ended, {True: "tốt", False: "có lỗi", None: "–"}[duty.ok], due)
    print_screen(Group(lanes, "", working, "", regular))
