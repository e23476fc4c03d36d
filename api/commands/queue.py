"""`hoso list` and `hoso retry`: the queue for whoever keeps the house, with the reason of what stopped."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from api import words
from api.commands.common import open_house, print_json, print_screen
from pipeline.catalogue.rows import DossierSummary
from pipeline.errors import Exit, InputRefusedError
from pipeline.record import Model, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.composition import House

STOPPED = (Status.FAULT, Status.HELD)


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
    """Code of what stopped it, for those that are held or set aside."""


class Listing(Model):
    """The answer of `hoso list --json`."""

    dossiers: tuple[Listed, ...]


def listed(status: str | None, limit: int, *, as_json: bool) -> int:
    """Prints the newest dossiers."""
    if status is not None and status not in set(Status):
        raise StatusUnknownError(status)
    with open_house() as house:
        found = house.catalogue.list_dossiers(Status(status) if status else None, limit=limit)
        listing = Listing(dossiers=tuple(Listed(dossier=item, reason=_reason(house, item)) for item in found))
    if as_json:
        print_json(listing)
    else:
        _show(listing)
    return Exit.FILED


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
    if item.status not in STOPPED:
        return None
    codes = [event.code for event in house.catalogue.events_after(item.id) if event.code]
    return codes[-1] if codes else None


def _show(listing: Listing) -> None:
    from rich.table import Table

    from pipeline.clock import local

    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for heading in ("Mã", "Tiếp nhận", "Trạng thái", "Trang", "Thủ tục", "Lý do"):
        table.add_column(heading, header_style="dim", overflow="fold")
    for row in listing.dossiers:
        item = row.dossier
        received = f"{local(item.received_at):%H:%M %d/%m/%Y}"
        name = item.procedure_name or item.procedure or "–"
        table.add_row(item.id, received, words.STATUS[item.status], str(item.page_count), name, row.reason or "")
    print_screen(table)
