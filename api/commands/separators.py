"""`hoso separators`: sheets to print and lay between the papers of a stack before it goes into the scanner."""

from __future__ import annotations

import difflib
import sys
from typing import TYPE_CHECKING

from api.commands.common import open_settings
from pipeline.errors import Exit, HosoError
from pipeline.slips.separator_sheet import separator_sheets

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class UnknownTypeError(HosoError):
    """No paper is of this type."""

    code = "type_unknown"
    exit_code = Exit.REFUSED
    message_vi = "Không có loại giấy tờ nào mang mã này."


def run(types: Sequence[str], out: Path) -> int:
    """Writes a PDF with one sheet for each type, or one general sheet. Raises `UnknownTypeError`."""
    from pipeline.procedures.book import ProcedureBook

    names = ProcedureBook.load(open_settings().procedures_folder).type_names
    sheets: list[tuple[str | None, str]] = []
    for wanted in types:
        if wanted not in names:
            error = UnknownTypeError(None, wanted)
            near = ", ".join(difflib.get_close_matches(wanted, names, n=3, cutoff=0.4))
            error.remedy_vi = f"Có phải {near}?" if near else "Hãy xem mã loại giấy tờ bằng `hoso procedures show`."
            raise error
        sheets.append((wanted, names[wanted]))
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(separator_sheets(sheets or [(None, "Giấy tờ tiếp theo")]))
    sys.stdout.write(f"{out}\n")
    return Exit.FILED
