"""`hoso bench quality`: planted errors through the tests of this installation's settings, as tables."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from pipeline.quality.simulation import KINDS, Found, People, Plan, simulate
from pipeline.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable


def run(runs: int, changed: float, where: str, people: tuple[float, float], seed: int, *, as_json: bool) -> int:
    """Three trials: errors in one kind or all, nothing broken, and a share of errors exactly as promised."""
    settings = Settings().quality
    broken = KINDS if where == "all" else tuple(kind for kind in KINDS if f"{kind[0]}{'!' * kind[1]}" == where)
    if not broken:
        known = ", ".join(f"{kind}{'!' * key}" for kind, key in KINDS)
        raise typer.BadParameter(f"all, {known}", param_hint="--kind")
    clerks = People(*people)
    promised = {True: settings.promise_key, False: settings.promise}
    trials = {
        "changed": Plan(runs, changed, broken, people=clerks, seed=seed),
        "nothing_broken": Plan(runs, changed, (), people=clerks, seed=seed + 1),
        "exactly_as_promised": Plan(runs, changed, (), own=promised, people=People(1.0, 0.0), seed=seed + 2),
    }
    found = {name: simulate(plan, settings) for name, plan in trials.items()}
    kept = all(one.alarms >= 0.95 * one.runs for one in found["changed"] if one.broken)
    kept = kept and all(one.alarms <= (settings.alpha + 0.02) * one.runs for one in found["exactly_as_promised"])
    if as_json:
        said = {name: [asdict(one) for one in rows] for name, rows in found.items()}
        typer.echo(json.dumps({"kept": kept, "alpha": settings.alpha, "trials": said}))
    else:
        for name, rows in found.items():
            typer.echo(f"\n{_TITLES[name]}")
            typer.echo(_table(rows))
    return 0 if kept else 1


_TITLES = {
    "changed": "Có giá trị bị đổi ngầm trong loại đánh dấu *",
    "nothing_broken": "Không loại nào hỏng",
    "exactly_as_promised": "Tỉ lệ sai đúng bằng cam kết: báo động nhầm",
}


def _table(rows: Iterable[Found]) -> str:
    lines = [
        f"{'loại':<12}{'sai thật':>9}{'mẫu báo trước':>15}{'phát hiện':>11}{'trung vị':>10}{'95 %':>7}{'lý thuyết':>11}"
    ]
    for one in rows:
        name = f"{one.kind}{'!' if one.key_field else ''}{' *' if one.broken else ''}"
        share = f"{100 * one.share:.2f} %"
        alarms = f"{100 * one.alarms / one.runs:.1f} %"
        expected = f"{100 * one.expected:.1f} %"
        took = f"{one.median or '-':>10}{one.most or '-':>7}"
        lines.append(f"{name:<12}{share:>9}{one.announced:>15}{alarms:>11}{took}{expected:>11}")
    return "\n".join(lines)
