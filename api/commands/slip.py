"""`hoso slip`: the receipt, the request for supplements or the refusal of a dossier, as a PDF to print.

Without `--form` the dossier decides: a supplement while papers lack or something blocks, else the receipt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.commands.common import look, open_house
from pipeline.errors import Exit
from pipeline.slips.content import SlipForm
from pipeline.slips.issue import issue

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def run(dossier_id: str, form: str | None, officer: str, reasons: Sequence[str], out: Path | None) -> int:
    """Writes the PDF and prints its path. Exit codes 0 and 4."""
    import sys

    with open_house() as house:
        made, pdf = issue(
            house.tools,
            house.conductor.dossier(dossier_id),
            SlipForm(form) if form else None,
            officer=officer,
            reasons=reasons,
        )
        look(house, dossier_id, "slip")
        target = out or house.settings.home / "out" / dossier_id / f"{made.value}.pdf"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(pdf)
    sys.stdout.write(f"{target}\n")
    return Exit.FILED
