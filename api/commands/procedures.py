"""`hoso procedures`: the schemas as people and scripts want to see them, and their lint."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from api.commands.common import open_settings, print_screen

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import RenderableType

    from pipeline.procedures.book import ProcedureBook
    from pipeline.procedures.schema import Procedure
    from pipeline.procedures.terms import Fee, TimeLimit

_REQUIRED = {"always": "bắt buộc", "conditional": "có điều kiện", "presented": "xuất trình"}


def list_all(words: str = "", *, as_json: bool) -> int:
    """One line per version of a procedure; with words, those in force today that they mean, the best first."""
    from pipeline.clock import now

    book = _book()
    procedures = book.search(words, now().date()) if words else book.list()
    if as_json:
        _print({"procedures": [summary(procedure) for procedure in procedures]})
        return 0
    rows = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for heading in ("Mã", "Tên thủ tục", "Hiệu lực từ", "đến", "Thành phần"):
        rows.add_column(heading, overflow="fold")
    for procedure in procedures:
        until = f"{procedure.effective_to:%d/%m/%Y}" if procedure.effective_to else "nay"
        since = f"{procedure.effective_from:%d/%m/%Y}"
        rows.add_row(Text(procedure.code, style="bold"), procedure.name, since, until, str(len(procedure.components)))
    print_screen(rows)
    return 0


def show(code: str, *, as_json: bool) -> int:
    """A procedure as it counts today."""
    from pipeline.clock import now

    procedure = _book().get(code, now().date())
    if as_json:
        _print(procedure.model_dump(mode="json"))
    else:
        print_screen(_screen(procedure))
    return 0


def check(folder: Path | None, *, as_json: bool) -> int:
    """Lints the schema files; 1 where one is wrong."""
    from pipeline.procedures.book import check as lint

    settings = open_settings()
    problems = lint(folder or settings.procedures_folder)
    if as_json:
        fields = ("file", "line", "what", "remedy")
        _print({"problems": [{name: getattr(problem, name) for name in fields} for problem in problems]})
    else:
        lines = [Text(str(problem)) for problem in problems] or [Text("✓ Các lược đồ thủ tục không có lỗi.")]
        print_screen(Group(*lines))
    return 1 if problems else 0


def summary(procedure: Procedure) -> dict[str, Any]:
    """What a list says of a procedure."""
    return procedure.model_dump(mode="json", include={"code", "name", "version", "effective_from", "effective_to"}) | {
        "detect": procedure.telling_types
    }


def _book() -> ProcedureBook:
    # Not through a house: the schemas need no catalogue and no store.
    from pipeline.procedures.book import ProcedureBook

    return ProcedureBook.load(open_settings().procedures_folder)


def _screen(procedure: Procedure) -> RenderableType:
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column(overflow="fold")
    facts.add_row("Phiên bản", procedure.version)
    until = f" đến {procedure.effective_to:%d/%m/%Y}" if procedure.effective_to else ""
    facts.add_row("Hiệu lực", f"từ {procedure.effective_from:%d/%m/%Y}{until}")
    if procedure.agency:
        facts.add_row("Nơi giải quyết", procedure.agency)
    if procedure.time_limit:
        facts.add_row("Thời hạn", _time(procedure.time_limit))
    if procedure.fee:
        facts.add_row("Lệ phí", _fee(procedure.fee))
    for result in procedure.results:
        facts.add_row("Kết quả", f"{result.name} ({result.code})" if result.code else result.name)
    facts.add_row("Căn cứ", "; ".join(procedure.basis))
    parts: list[RenderableType] = [Text(f"{procedure.code}  {procedure.name}", style="bold"), facts]
    parts += [Text("\nThành phần hồ sơ", style="bold"), _components(procedure)]
    for document in procedure.documents:
        labels = [f"{rule.label}{' *' if rule.key_field else ''}" for rule in document.fields if rule.key[0] != "_"]
        parts.append(Text(f"\n{document.name} ({document.type})", style="bold"))
        parts.append(Text("  " + (" · ".join(labels) or "không rút trường"), style=""))
    rules = " · ".join(use.rule for use in procedure.rules)
    parts += [Text("\nQuy tắc", style="bold"), Text("  " + (rules or "không có"))]
    return Group(*parts)


def _time(limit: TimeLimit) -> str:
    whole = f"{limit.working_days} ngày làm việc"
    if limit.cutoff:
        whole += f"; nhận sau {limit.cutoff} thì tính sang ngày làm việc tiếp theo"
    cases = [
        f"{case.name or case.code}: {case.working_days} ngày làm việc"
        if case.working_days is not None
        else f"{case.name or case.code}: {case.days} ngày"
        for case in limit.cases
        if case.name
    ]
    return ". ".join(part for part in (whole, "; ".join(cases), limit.note) if part)


def _fee(fee: Fee) -> str:
    ways = {"direct": "trực tiếp", "online": "trực tuyến", "post": "bưu chính"}
    amounts = [f"{ways[one.channel]} {_dong(one.amount_vnd)}" for one in fee.by_channel if one.amount_vnd is not None]
    whole = ", ".join(amounts) or ("" if fee.amount_vnd is None else _dong(fee.amount_vnd))
    per = f"/{fee.per}" if fee.per and whole else ""
    free = f"Miễn: {', '.join(fee.exempt)}" if fee.exempt else ""
    return ". ".join(part for part in (whole + per, fee.note, free) if part)


def _dong(amount: int | None) -> str:
    return f"{amount or 0:,} đồng".replace(",", ".") if amount else "không thu"


def _components(procedure: Procedure) -> RenderableType:
    rows = Table.grid(padding=(0, 2))
    rows.add_column(no_wrap=True)
    rows.add_column(overflow="fold")
    rows.add_column(style="dim", overflow="fold")
    for component in procedure.components:
        note = _REQUIRED[component.required] + (f": {component.condition}" if component.condition else "")
        if "data_substituted" in component.accept:
            note += f"; thay được bằng dữ liệu{f' ({component.data_source})' if component.data_source else ''}"
        rows.add_row("  " + component.code, component.name, note)
    return rows


def _print(value: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
