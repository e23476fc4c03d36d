"""What `hoso renew` says to people: how many hold, and each dossier that was renewed, held or refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from pipeline.clock import local

if TYPE_CHECKING:
    from rich.console import RenderableType

    from pipeline.renewal import RenewalReport

STATE = {
    "holds": "còn bền",
    "due": "đến hạn gia hạn",
    "renewed": "đã gia hạn",
    "completed": "đã hoàn tất lần gia hạn dở dang",
    "held": "tạm giữ, sẽ thử lại",
    "refused": "không gia hạn được: chữ ký không còn kiểm chứng được hoặc chưa có dấu thời gian lưu trữ",
    "damaged": "tệp trong kho bị mất hoặc hỏng: hãy khôi phục từ bản sao lưu",
}
_STYLE = {"held": "yellow", "due": "yellow", "refused": "bold red", "damaged": "bold red"}


def renewal_screen(report: RenewalReport) -> RenderableType:
    """Counts, then one line for each dossier that does not simply hold."""
    head = "Thử gia hạn dấu thời gian (không thay đổi gì)" if report.dry_run else "Gia hạn dấu thời gian lưu trữ"
    lines: list[RenderableType] = [
        Text.assemble((head, "bold"), f" · bằng chứng hết hạn trước {local(report.before):%d/%m/%Y}")
    ]
    lines += [Text(f"  {count} hồ sơ {STATE[state]}", _STYLE.get(state, "")) for state, count in report.counts.items()]
    if not report.counts:
        lines.append(Text("  Kho chưa có hồ sơ nào đã lưu."))
    rows = Table.grid(padding=(0, 2))
    for found in report.renewals:
        ends = f"{local(found.proof_ends):%d/%m/%Y}" if found.proof_ends else ""
        why = " ".join(part for part in (found.code, found.detail) if part)
        rows.add_row(found.dossier, Text(STATE[found.state].split(":")[0], _STYLE.get(found.state, "")), ends, why)
    if report.renewals:
        lines += [Text(""), rows]
    return Group(*lines)
