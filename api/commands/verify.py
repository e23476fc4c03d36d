"""`hoso verify`: the verdict on one PDF. An unknown file is an answer too, so the exit code has three values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.commands.common import open_house, print_json, print_screen

if TYPE_CHECKING:
    from pathlib import Path

_EXITS = {"valid": 0, "invalid": 2, "indeterminate": 3}


def run(file: Path, *, as_json: bool) -> int:
    """Verifies and prints; 0 valid, 2 invalid, 3 indeterminate."""
    with open_house() as house:
        report = house.conductor.verify(file)
    if as_json:
        print_json(report)
    else:
        from api.screens import verify_screen

        print_screen(verify_screen(report))
    return _EXITS[report.outcome]
