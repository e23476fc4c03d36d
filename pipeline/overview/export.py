"""The figures as a workbook and as CSV: numbers stay numbers, days stay days, headings stay in sight.

Formats follow Vietnamese use (31/12/2026; Excel puts the comma of decimals by the reader's own language). A text that
a spreadsheet would run as a formula is written as text in the workbook and gets an apostrophe in CSV (CWE-1236). CSV is
RFC 4180 in UTF-8 with a byte order mark, days in ISO 8601.
"""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import TYPE_CHECKING, Any

from pipeline.overview.sheets import Share

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pipeline.overview.sheets import Cell, Sheet

_RUNS = ("=", "+", "-", "@", "\t", "\r")
_WIDEST, _NARROWEST = 60, 11


def workbook(found: Sequence[Sheet], title: str, say: Callable[[str], str]) -> bytes:
    """XLSX with a sheet for each table."""
    import xlsxwriter

    stream = io.BytesIO()
    # Formulas and addresses in texts stay what they are: texts.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(stream, options) as book:
        book.set_properties({"title": title, "author": "Hồ Sơ Số"})
        head = book.add_format({"bold": True, "bg_color": "#1F5FA8", "font_color": "#FFFFFF", "text_wrap": True})
        formats = {
            "int": book.add_format({"num_format": "#,##0"}),
            "float": book.add_format({"num_format": "#,##0.0"}),
            "share": book.add_format({"num_format": "0.0%"}),
            "date": book.add_format({"num_format": "dd/mm/yyyy", "align": "left"}),
            "text": book.add_format({"text_wrap": True, "valign": "top"}),
        }
        for one in found:
            sheet = book.add_worksheet(say(f"overview.sheet_{one.key}")[:31])
            sheet.write_row(0, 0, one.columns, head)
            sheet.freeze_panes(1, 0)
            sheet.set_landscape()
            sheet.set_paper(9)
            sheet.fit_to_pages(1, 0)
            sheet.repeat_rows(0)
            for number, row in enumerate(one.rows, start=1):
                for column, cell in enumerate(row):
                    _write(sheet, number, column, cell, formats)
            if one.rows:
                sheet.autofilter(0, 0, len(one.rows), len(one.columns) - 1)
            for column in range(len(one.columns)):
                texts = [
                    one.columns[column][:20],
                    *(str(row[column]) for row in one.rows if isinstance(row[column], str)),
                ]
                sheet.set_column(column, column, min(_WIDEST, max(_NARROWEST, *(len(text) + 2 for text in texts))))
    return stream.getvalue()


def comma_separated(sheet: Sheet) -> bytes:
    """One table as CSV."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow([_safe(text) for text in sheet.columns])
    for row in sheet.rows:
        writer.writerow([_plain(cell) for cell in row])
    return b"\xef\xbb\xbf" + stream.getvalue().encode()


def _write(sheet: Any, row: int, column: int, cell: Cell, formats: dict[str, Any]) -> None:
    match cell:
        case None:
            sheet.write_blank(row, column, None)
        case Share():
            sheet.write_number(row, column, cell.value, formats["share"])
        case date():
            sheet.write_datetime(row, column, cell, formats["date"])
        case int():
            sheet.write_number(row, column, cell, formats["int"])
        case float():
            sheet.write_number(row, column, cell, formats["float"])
        case str():
            sheet.write_string(row, column, cell, formats["text"])


def _plain(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case Share():
            return f"{cell.value:.4f}"
        case date():
            return cell.isoformat()
        case float():
            return f"{cell:.2f}"
        case str():
            return _safe(cell)
        case _:
            return str(cell)


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(_RUNS) else text
