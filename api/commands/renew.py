"""`hoso renew`: archive timestamps of the whole kho renewed before they can no longer be proved."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from api.commands.common import open_house, print_json, print_screen
from pipeline.errors import Exit

if TYPE_CHECKING:
    from datetime import datetime

    from pipeline.renewal import Renewal

_QUIET = {"holds"}


def run(before: datetime | None, *, dry_run: bool, as_json: bool) -> int:
    """Renews and prints; 0 where all hold, 1 where a file is damaged or does not verify, 5 where one is held."""
    from pipeline.clock import local
    from pipeline.renewal import renew_all

    def tell(renewal: Renewal) -> None:
        if not as_json and renewal.state not in _QUIET and sys.stderr.isatty():
            sys.stderr.write(f"{renewal.dossier} {renewal.state}\n")

    with open_house() as house:
        # A day without a zone is a day of the desk.
        moment = (
            None
            if before is None
            else before
            if before.tzinfo
            else before.replace(tzinfo=local(house.tools.clock()).tzinfo)
        )
        report = renew_all(house.tools, moment, dry_run=dry_run, on_renewal=tell)
    if as_json:
        print_json(report)
    else:
        from api.renewal_screen import renewal_screen

        print_screen(renewal_screen(report))
    if report.counts.get("damaged") or report.counts.get("refused"):
        return Exit.FAULT
    return Exit.HELD if report.counts.get("held") else Exit.FILED
