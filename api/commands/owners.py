"""`hoso owners ...`: citizens' data stores on the machine itself. The work is the pipeline's; here it is shown.

Whoever may run commands here acts as the operator, for one agency; looks are on record like any other.
"""

from __future__ import annotations

import sys
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from pydantic import Field

from api.commands.common import open_house, print_json, print_screen
from pipeline.access.people import OPERATOR
from pipeline.access.principal import Principal, Purpose
from pipeline.access.roles import Right
from pipeline.clock import local
from pipeline.errors import Exit
from pipeline.kho import shares
from pipeline.kho.reading import OwnerView, Reading, ShareView
from pipeline.kho.search import FoundOwner, FoundPaper, Query
from pipeline.record import Model

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.composition import House

_SHOWN = 20


class Found(Model):
    """The answer of `hoso owners find`."""

    owners: tuple[FoundOwner, ...]
    papers: tuple[FoundPaper, ...]


class Fed(Model):
    """The answer of `hoso owners feed`."""

    dossiers: int


class Told(Model):
    """The answer of `hoso owners relay`."""

    sent: int = 0
    failed: int = 0
    dead: int = 0
    waiting: dict[str, int] = Field(default_factory=dict)


def find(text: str, agency: str, *, as_json: bool) -> int:
    """Owners and papers."""
    said = sys.stdin.readline().strip() if text == "-" else text
    with open_house() as house:
        reading = Reading(house.tools, _operator(house, agency), Purpose.OPERATION)
        found = Found(
            owners=tuple(reading.owners(said, _SHOWN)), papers=reading.papers(Query(text=said), _SHOWN).papers
        )
    if as_json:
        print_json(found)
    else:
        _table("Chủ giấy tờ", ("Mã", "Họ tên", "Sinh", "Số cuối", "Giấy tờ"), [
            (o.owner, o.name, o.born or "", o.number_end, str(o.papers)) for o in found.owners
        ])  # fmt: skip
        _table("Giấy tờ", ("Mã", "Tên", "Chủ", "Số ký hiệu", "Ngày cấp", "Hồ sơ"), [
            (p.paper, p.title, p.owner_name, p.symbol, p.issued_on or "", p.dossier) for p in found.papers
        ])  # fmt: skip
    return Exit.FILED


def show(owner: str, agency: str, *, as_json: bool) -> int:
    """One store."""
    with open_house() as house:
        view = Reading(house.tools, _operator(house, agency), Purpose.OPERATION).owner(owner)
    if as_json:
        print_json(view)
    else:
        _show(view)
    return Exit.FILED


def share(owner: str, asked: Mapping[str, str], agency: str, *, as_json: bool) -> int:
    """Records a share."""
    with open_house() as house:
        now = house.tools.clock()
        try:
            end = datetime.combine(date.fromisoformat(asked["until"]), time(23, 59, 59), local(now).tzinfo)
            request = shares.ShareRequest.model_validate({**asked, "until": end, "paper": asked["paper"] or None})
        except ValueError:
            raise shares.ShareRefusedError(owner, "arguments") from None
        row = shares.share(house.tools, _operator(house, agency), owner, request)
        _share(ShareView.of(row, now), as_json=as_json)
    return Exit.FILED


def revoke(share_id: str, agency: str, *, as_json: bool) -> int:
    """Ends a share."""
    with open_house() as house:
        row = shares.revoke(house.tools, _operator(house, agency), share_id)
        _share(ShareView.of(row, house.tools.clock()), as_json=as_json)
    return Exit.FILED


def feed(*, as_json: bool) -> int:
    """Brings in what was filed before."""
    from pipeline.kho.feed import feed_missing

    with open_house() as house:
        done = Fed(dossiers=feed_missing(house.tools))
    if as_json:
        print_json(done)
    else:
        print_screen(f"Đã đưa vào kho: {done.dossiers} hồ sơ.")
    return Exit.FILED


def relay(since: str, *, retry: bool, as_json: bool) -> int:
    """Sends what is due, until nothing is."""
    from pipeline.kho.outbox import recipients_of
    from pipeline.kho.outbox import relay as run

    with open_house() as house:
        outbox = house.catalogue.outbox()
        if retry:
            outbox.retry()
        if since:
            start = datetime.combine(date.fromisoformat(since), time(0), local(house.tools.clock()).tzinfo)
            outbox.resend(start, recipients_of(house.settings))
        sent = failed = dead = 0
        while True:
            done = run(house.tools)
            sent, failed, dead = sent + done.sent, failed + done.failed, dead + done.dead
            if not (done.sent or done.failed or done.dead):
                break
        told = Told(sent=sent, failed=failed, dead=dead, waiting=dict(outbox.counts()))
    if as_json:
        print_json(told)
    else:
        print_screen(f"Đã gửi {told.sent}, sẽ gửi lại {told.failed}, bỏ cuộc {told.dead}.")
    left = told.waiting.get("due", 0) + told.waiting.get("dead", 0)
    return Exit.HELD if left else Exit.FILED


def _operator(house: House, agency: str) -> Principal:
    return Principal(
        OPERATOR, OPERATOR, agency or house.settings.agency_code, frozenset({Right.KHO_SEARCH, Right.KHO_SHARE})
    )


def _show(view: OwnerView) -> None:
    owner = view.owner
    print_screen(f"{owner.name}  sinh {owner.born or '?'}  số …{owner.number_end}")
    _table("Giấy tờ", ("Mã", "Tên", "Số ký hiệu", "Cấp", "Đến", "Bản", "Cơ quan"), [
        (one.paper.paper, one.paper.title, one.paper.symbol, one.paper.issued_on or "",
         "vĩnh viễn" if one.paper.permanent else one.paper.valid_until or "", str(len(one.versions)), one.paper.agency)
        for one in view.papers
    ])  # fmt: skip
    _table("Chia sẻ", ("Mã", "Cho", "Mục đích", "Đến", "Hiệu lực"), [
        (s.share, s.recipient, s.purpose, f"{s.until:%Y-%m-%d}", "có" if s.in_force else "không") for s in view.shares
    ])  # fmt: skip
    _table("Ai đã xem, đã làm gì", ("Lúc", "Ai", "Việc", "Mục đích"), [
        (f"{look.at:%Y-%m-%d %H:%M}", look.who, f"{look.kind} {look.what}", look.purpose) for look in view.history
    ])  # fmt: skip


def _share(view: ShareView, *, as_json: bool) -> None:
    if as_json:
        print_json(view)
        return
    state = "đang có hiệu lực" if view.in_force else "đã thu hồi hoặc hết hạn"
    print_screen(f"{view.share}: cho {view.recipient}, đến {view.until:%Y-%m-%d}, {state}.")


def _table(title: str, names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.table import Table

    table = Table(title=title, title_justify="left")
    for name in names:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*row)
    print_screen(table)
