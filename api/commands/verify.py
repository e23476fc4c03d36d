"""`hoso verify`: the verdict on one PDF, as text, JSON or a page.

An unknown file is an answer too, so the exit code has three values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.commands.common import open_house, print_json, print_screen
from pipeline.errors import HosoError

if TYPE_CHECKING:
    from pathlib import Path


class PageUnwritableError(HosoError):
    """The report's page cannot be written there."""

    code = "page_unwritable"
    message_vi = "Không ghi được trang kết quả."
    remedy_vi = "Hãy kiểm tra thư mục của tệp sẽ ghi có tồn tại và cho phép ghi."


_EXITS = {"valid": 0, "invalid": 2, "indeterminate": 3}


def run(file: Path, *, as_json: bool, page: Path | None = None) -> int:
    """Verifies and prints, and writes the report as an HTML page; 0 valid, 2 invalid, 3 indeterminate."""
    with open_house() as house:
        report = house.conductor.verify(file)
        agency = house.settings.agency
    if page is not None:
        from api.verification_page import render_page

        try:
            page.write_text(render_page(report, agency), "utf-8")
        except OSError as error:
            raise PageUnwritableError(page.name, str(error)) from error
    if as_json:
        print_json(report)
    else:
        from api.screens import verify_screen

        print_screen(verify_screen(report))
    return _EXITS[report.outcome]
