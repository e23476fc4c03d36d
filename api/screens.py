"""What `hoso` shows on a terminal: readable at 100 columns, without colour too, and when piped into a file.

Every mark that colour carries is also a letter or a sign. Nothing here decides anything; it lays out a record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from api import words
from api.verification_page import remedies
from pipeline.clock import local

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path
    from typing import TextIO

    from rich.console import RenderableType

    from api.failures import Failure
    from pipeline.record import ChecklistItem, DocumentRecord, Dossier, FieldRecord, Finding
    from pipeline.verification import VerifyReport

_FIELD_MARK = {
    "read": ("✓", "green"),
    "blank": ("–", "dim"),
    "unreadable": ("✗", "red"),
    "doubtful": ("?", "yellow"),
    "confirmed": ("●", "cyan"),
}
_COMPONENT_MARK = {
    "present": ("✓", "green"),
    "missing": ("✗", "red"),
    "unreadable": ("✗", "red"),
    "expired": ("✗", "red"),
    "unsigned": ("✗", "red"),
    "unsealed": ("✗", "red"),
    "wrong_person": ("✗", "red"),
    "substituted": ("✓", "green"),
    "not_required": ("–", "dim"),
    "cannot_tell": ("?", "yellow"),
}
_SEVERITY_MARK = {"block": ("✗", "red"), "confirm": ("?", "yellow"), "info": ("i", "blue")}
_STATUS_STYLE = {"filed": "bold green", "waits_for_person": "bold yellow", "held": "bold yellow"}
_OUTCOME_MARK = {"valid": ("✓", "bold green"), "invalid": ("✗", "bold red"), "indeterminate": ("?", "bold yellow")}
_PLAIN_WIDTH = 100


def console(stream: TextIO) -> Console:
    """A console on a stream; 100 columns where nobody says how wide the stream is."""
    made = Console(file=stream, highlight=False, soft_wrap=False)
    if not made.is_terminal:
        made.width = _PLAIN_WIDTH
    return made


def dossier_screen(dossier: Dossier, files: Mapping[str, Path], seconds: float) -> RenderableType:
    """The whole record of a dossier, the outcome first and last."""
    parts: list[RenderableType] = [_head(dossier, seconds)]
    parts += [_originals(dossier)] if any(o.error for o in dossier.originals) else []
    parts += [_document(number, document) for number, document in enumerate(dossier.documents, start=1)]
    if dossier.checklist:
        parts.append(_section("Thành phần hồ sơ", _checklist(dossier.checklist)))
    if dossier.findings:
        parts.append(_section("Kết quả kiểm tra", _findings(dossier.findings)))
    parts.append(_foot(dossier, files))
    return Group(*parts)


def failure_screen(failure: Failure) -> RenderableType:
    """Three lines: what, which file, what to do."""
    lines = Table.grid(padding=(0, 1))
    lines.add_column(no_wrap=True)
    lines.add_column(overflow="fold")
    lines.add_row(Text("Lỗi:", style="bold red"), Text(f"{failure.title} [{failure.code}]"))
    if failure.file:
        lines.add_row(Text("Tệp:", style="bold"), Text(failure.file))
    lines.add_row(Text("Cần làm:", style="bold"), Text(failure.remedy))
    return lines


def verify_screen(report: VerifyReport) -> RenderableType:
    """The verdict on a PDF, with every reason."""
    mark, style = _OUTCOME_MARK[report.outcome]
    parts: list[RenderableType] = [
        Text.assemble((f"{mark} {words.OUTCOME[report.outcome]}", style), ("  " + report.file, "bold")),
        *(Padding(Text("• " + reason.vi), (0, 0, 0, 2)) for reason in report.reasons),
    ]
    for signature in report.signatures:
        mark, style = _OUTCOME_MARK[signature.outcome]
        kind = "Dấu thời gian" if signature.kind == "timestamp" else "Chữ ký"
        rows = _facts()
        _fact(rows, "Người ký", signature.signer)
        _fact(rows, "Cấp chứng thư", signature.issuer)
        _fact(rows, "Mức", " · ".join(part for part in (signature.level, signature.algorithm) if part))
        for name, when in (("Ký lúc", signature.signed_at), ("Đóng dấu lúc", signature.timestamp_at)):
            if when:
                _fact(rows, name, f"{local(when):%H:%M:%S %d/%m/%Y}")
        if signature.development:
            _fact(rows, "Lưu ý", "chứng thư thử nghiệm, không có giá trị ngoài máy này")
        for reason in signature.reasons:
            _fact(rows, "Lý do", reason.vi)
        parts.append(_section(Text.assemble((f"{mark} {kind} ", style), signature.field), rows))
    for number, (remedy, _) in enumerate(remedies(report), 1):
        parts.append(Padding(Text(f"{number}. {remedy}"), (0, 0, 0, 2) if number > 1 else (1, 0, 0, 2)))
    rows = _facts()
    _fact(rows, "PDF/A", f"tự khai PDF/A-{report.pdfa_claim.lower()}" if report.pdfa_claim else "không khai")
    for name, sha256 in report.attachments.items():
        _fact(rows, "Đính kèm", f"{name} (sha256 {sha256[:16]}…)")
    ledger = report.ledger
    _fact(rows, "Sổ kho", words.LEDGER[ledger.state] + (f": {ledger.dossier}" if ledger.dossier else ""))
    parts.append(_section("Tệp", rows))
    return Group(*parts)


def _head(dossier: Dossier, seconds: float) -> RenderableType:
    title = Text.assemble(("Hồ sơ ", "bold"), (dossier.id, "bold cyan"))
    if dossier.procedure:
        title.append(f"  {dossier.procedure_name} ({dossier.procedure})")
    status = dossier.status.value
    line = Text.assemble(
        (words.STATUS[status].upper(), _STATUS_STYLE.get(status, "bold red")),
        f"   {len(dossier.originals)} tệp · {len(dossier.pages)} trang · {len(dossier.documents)} giấy tờ",
        f" · {seconds:.1f} giây".replace(".", ",") if seconds else "",
    )
    return Group(title, line)


def _originals(dossier: Dossier) -> RenderableType:
    rows = Table.grid(padding=(0, 1))
    rows.add_column()
    rows.add_column(overflow="fold")
    for original in dossier.originals:
        if original.error:
            rows.add_row(
                Text("✗", style="red"),
                Text.assemble((original.name, "bold"), f": {original.message or ''} [{original.error}]"),
            )
    return _section("Tệp bị từ chối", rows)


def _document(number: int, document: DocumentRecord) -> RenderableType:
    title = Text.assemble(
        (f"{number}. {document.title}", "bold"),
        (f"   trang {_pages(document.pages)} · {_percent(document.probability)}", "dim"),
    )
    if not document.fields:
        return _section(title, Text("không có trường dữ liệu", style="dim"))
    rows = Table(box=None, show_header=False, padding=(0, 1, 0, 0), pad_edge=False, expand=True)
    rows.add_column(width=1)
    rows.add_column(ratio=32, overflow="fold")
    rows.add_column(ratio=44, overflow="fold")
    rows.add_column(width=10, no_wrap=True)
    rows.add_column(width=8, no_wrap=True)
    rows.add_column(width=5, no_wrap=True, justify="right")
    for key, field in document.fields.items():
        rows.add_row(*_field(key, field))
    return _section(title, rows)


def _field(key: str, field: FieldRecord) -> Iterable[Text]:
    mark, style = _FIELD_MARK[field.status.value]
    value = Text(words.shown(field.value) or words.FIELD[field.status.value], style="" if field.value else "dim")
    # A low probability is on the line already.
    if field.reason and field.reason != "below_threshold" and field.status.value in {"doubtful", "unreadable"}:
        value.append(f"  ({words.REASON.get(field.reason, field.reason)})", style="dim")
    yield Text(mark, style=style)
    yield Text(field.label or key, style="dim")
    yield value
    yield Text.assemble((_bar(field.probability), style), f" {_percent(field.probability):>4}")
    yield Text(words.SOURCE[field.source.value], style="dim")
    yield Text(f"tr. {field.page}", style="dim")


def _bar(probability: float) -> str:
    full = round(probability * 5)
    return "━" * full + "·" * (5 - full)


def _percent(probability: float) -> str:
    # Never 100 % for what is only nearly certain.
    return f"{min(99, int(probability * 100)) if probability < 1 else 100}%"


def _checklist(items: Sequence[ChecklistItem]) -> RenderableType:
    rows = Table.grid(padding=(0, 1))
    rows.add_column()
    rows.add_column(overflow="fold")
    for item in items:
        mark, style = _COMPONENT_MARK[item.state.value]
        note = words.COMPONENT[item.state.value] + ("" if item.required else ", không bắt buộc")
        if item.state.value == "not_required":
            note = words.COMPONENT["not_required"]
        line = Text.assemble(item.name, (f"  ({note}{': ' + item.reason if item.reason else ''})", "dim"))
        rows.add_row(Text(mark, style=style), line)
    return rows


def _findings(findings: Sequence[Finding]) -> RenderableType:
    rows = Table.grid(padding=(0, 1))
    rows.add_column()
    rows.add_column(overflow="fold")
    order = list(_SEVERITY_MARK)
    for finding in sorted(findings, key=lambda f: order.index(f.severity.value)):
        mark, style = _SEVERITY_MARK[finding.severity.value]
        who = f"  ({finding.confirmed_by} đã chấp nhận)" if finding.confirmed_by else ""
        severity = words.SEVERITY[finding.severity.value]
        rows.add_row(Text(mark, style=style), Text.assemble((severity + ": ", style), finding.message, (who, "dim")))
    return rows


def _foot(dossier: Dossier, files: Mapping[str, Path]) -> RenderableType:
    rows = _facts()
    names = words.FILES
    for name, path in files.items():
        _fact(rows, names.get(name, name), str(path))
    times = [f"{words.STAGE.get(event.stage, event.stage)} {event.seconds:.1f}" for event in dossier.events]
    if times:
        _fact(rows, "Giây mỗi bước", " · ".join(times).replace(".", ","))
    if dossier.held is not None:
        _fact(rows, f"Chưa được: {words.HELD_CAUSE[dossier.held.cause]}", dossier.held.message)
        if dossier.held.detail:
            _fact(rows, "Chi tiết", dossier.held.detail)
        _fact(rows, "", dossier.held.remedy)
    if todo := words.NEXT_STEP.get(dossier.status.value):
        _fact(rows, "Cần làm", todo)
    return _section("Kết quả", rows)


def _pages(pages: Sequence[int]) -> str:
    if len(pages) > 2 and list(pages) == list(range(pages[0], pages[-1] + 1)):
        return f"{pages[0]}–{pages[-1]}"
    return ", ".join(map(str, pages))


def _section(title: str | Text, body: RenderableType) -> RenderableType:
    heading = Text(title, style="bold") if isinstance(title, str) else title
    return Padding(Group(heading, Padding(body, (0, 0, 0, 2))), (1, 0, 0, 0))


def _facts() -> Table:
    rows = Table.grid(padding=(0, 2))
    rows.add_column(style="dim", no_wrap=True)
    rows.add_column(overflow="fold")
    return rows


def _fact(rows: Table, name: str, value: str) -> None:
    if value:
        rows.add_row(name, Text(value))
