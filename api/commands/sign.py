"""`hoso sign doctor`: the preflight of a batch for every signer of the plan, and every timestamp authority.

Nothing is signed. What is asked of is what signing asks: the same keys, chains, authorities and clock. A key that
cannot be opened is one of the findings, not the end of the command.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from api.commands.common import open_house, print_screen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.composition import House
    from signing.preflight import Check

_MARK = {"ok": ("✓", "green"), "warn": ("!", "yellow"), "fail": ("✗", "red")}


def doctor(*, as_json: bool) -> int:
    """Looks and prints; 0 where everything that signing needs is there, 5 where dossiers would be held."""
    from pipeline.errors import Exit

    with open_house() as house:
        checks = _looked(house)
    ok = all(check.result != "fail" for check in checks)
    if as_json:
        sys.stdout.write(json.dumps({"ok": ok, "checks": [_row(c) for c in checks]}, ensure_ascii=False) + "\n")
    else:
        _show(checks)
    return Exit.FILED if ok else Exit.HELD


def _looked(house: House) -> tuple[Check, ...]:
    from pipeline.signing_plan import MAIN_ROLE, load_plan
    from signing.errors import SigningError
    from signing.preflight import Check

    plan = load_plan(house.settings)
    signatures = [*plan.default, *(s for each in plan.procedures.values() for s in each)]
    roles = dict.fromkeys("" if s.role == MAIN_ROLE else s.role for s in signatures)
    try:
        signer = house.tools.signer()
    except SigningError as error:
        return (Check("key", MAIN_ROLE, "fail", f"{error.message_vi} {error.detail}".strip(), error),)
    return signer.preflight(list(roles), thorough=True).checks


def _row(check: Check) -> dict[str, Any]:
    code, remedy = (check.error.code, check.error.remedy_vi) if check.error is not None else (None, None)
    return {
        "name": check.name,
        "of": check.of,
        "result": check.result,
        "title": check.title,
        "detail": check.detail,
        "code": code,
        "remedy": remedy,
    }


def _show(checks: Iterable[Check]) -> None:
    from rich.table import Table
    from rich.text import Text

    rows = Table.grid(padding=(0, 2))
    rows.add_column()
    rows.add_column(style="bold")
    rows.add_column(no_wrap=True)
    rows.add_column(overflow="fold")
    for check in checks:
        mark, style = _MARK[check.result]
        remedy = f" {check.error.remedy_vi}" if check.error is not None else ""
        rows.add_row(Text(mark, style=style), check.title, check.of, f"{check.detail}{remedy}")
    print_screen(rows)
