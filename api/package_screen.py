"""The verdict on a package for people: one line that counts, what is wrong by file, who signed and when.

Words are the report's own; nothing is judged here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from pipeline.package.report import PackageReport

_WORDS = {
    "valid": ("✓ HỢP LỆ", "bold green"),
    "invalid": ("✗ KHÔNG HỢP LỆ", "bold red"),
    "indeterminate": ("? CHƯA KẾT LUẬN ĐƯỢC", "bold yellow"),
}


def package_screen(report: PackageReport) -> RenderableType:
    """The screen of `hoso package check`."""
    words, style = _WORDS[report.outcome]
    size = f"{report.size / (1 << 20):.1f} MB".replace(".", ",")
    parts: list[RenderableType] = [
        Text.assemble((words, style), f"  {report.package}"),
        Text(f"Hồ sơ {report.dossier or '(không rõ)'}: {report.files} tệp, {size}", style="dim"),
    ]
    if report.reasons:
        rows = Table.grid(padding=(0, 2))
        rows.add_column(no_wrap=True)
        rows.add_column(overflow="fold")
        rows.add_column(style="dim", overflow="fold")
        for reason in report.reasons:
            rows.add_row(reason.code, reason.vi, " ".join(part for part in (reason.file, reason.detail) if part))
        for code, count in report.more.items():
            rows.add_row(code, f"… và {count} mục nữa", "")
        parts.append(rows)
    if report.pdf is not None:
        parts += [_signed("PDF", s.outcome, s.signer, str(s.signed_at or "")) for s in report.pdf.signatures]
    if report.data is not None:
        parts.append(_signed("Dữ liệu", report.data.outcome, report.data.signer, str(report.data.signed_at or "")))
        parts += [Text(f"  {reason.vi}", style="dim") for reason in report.data.reasons]
    return Group(*parts)


def _signed(what: str, outcome: str, signer: str, at: str) -> Text:
    words, style = _WORDS[outcome]
    return Text.assemble(f"{what}: ", (words, style), f"  {signer}  {at}")
