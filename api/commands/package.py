"""`hoso export`, `hoso package make`, `hoso package check`, `hoso keys`.

A batch goes on after a dossier that cannot be exported: each has its own line or entry, and the exit code says whether
any failed. A check has three values, as `hoso verify` has.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from api.commands.common import look, open_house, print_json, print_screen
from api.failures import Failure, failure_of
from pipeline.errors import Exit, HosoError
from pipeline.package.check import check_package
from pipeline.package.make import make_package

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pipeline.composition import House

_EXITS = {"valid": 0, "invalid": 2, "indeterminate": 3}


def export(
    dossiers: Sequence[str], form: str | None, out: Path | None, *, zipped: bool, images: bool, as_json: bool
) -> int:
    """Writes every dossier's files or package; 0, or the exit code of the worst failure."""
    results: list[dict[str, Any]] = []
    worst = int(Exit.FILED)
    with open_house() as house:
        for dossier_id in dict.fromkeys(dossiers):
            try:
                made = _exported(house, dossier_id, form, out, zipped=zipped, images=images)
                look(house, dossier_id, "package" if form else "record")
            except HosoError as error:
                failure = failure_of(error)
                worst = max(worst, failure.exit_code)
                results.append({"dossier": dossier_id, **failure.as_dict()})
                _tell(failure, dossier_id)
                continue
            results.append({"dossier": dossier_id, "files": {name: str(path) for name, path in made.items()}})
            if not as_json:
                sys.stdout.write("".join(f"{path}\n" for path in made.values()))
    if as_json:
        sys.stdout.write(json.dumps({"exported": results}, ensure_ascii=False) + "\n")
    return worst


def check(path: Path, *, quick: bool, as_json: bool) -> int:
    """Judges a package and prints; 0 valid, 2 invalid, 3 indeterminate."""
    with open_house() as house:
        report = check_package(house.tools, path, quick=quick)
    if as_json:
        print_json(report)
    else:
        from api.package_screen import package_screen

        print_screen(package_screen(report))
    return _EXITS[report.outcome]


def keys() -> int:
    """The JWK set of this installation on stdout."""
    from pipeline.signed_data import published_keys

    with open_house() as house:
        found = published_keys(house.tools)
    sys.stdout.write(json.dumps(found, indent=2) + "\n")
    return Exit.FILED


def _exported(
    house: House, dossier_id: str, form: str | None, out: Path | None, *, zipped: bool, images: bool
) -> dict[str, Path]:
    dossier = house.conductor.dossier(dossier_id)
    if form is None:
        return house.conductor.export(dossier_id, out or house.settings.home / "out" / dossier_id)
    target = out or house.settings.home / "out"
    return {"package": make_package(house.tools, dossier, target, zipped=zipped, images=images)}


def _tell(failure: Failure, dossier_id: str) -> None:
    from api.screens import console, failure_screen

    console(sys.stderr).print(dossier_id, failure_screen(failure))
