"""The overview over HTTP: one's own agency, in two languages, as a page, a workbook and CSV that open again."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import TYPE_CHECKING, Any

from overview_samples import SAME_DAY, case, days_ago

from pipeline.access.roles import Role
from pipeline.overview.export import comma_separated
from pipeline.overview.sheets import Sheet

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.composition import House


def test_an_agency_sees_its_own(house: House, client_of: Callable[..., Any]) -> None:
    old = days_ago(house, 20)
    late = case(house, "a", old, [(1, old), (2, old), (4, old)])
    case(house, "b", old, [(1, old), (2, old), (4, old)], agency="H99.01")
    days = f"?tu={old.date()}&den={days_ago(house, 0).date()}"
    own = client_of(Role.LEADER).get(f"/tong-quan{days}").text
    assert late in own
    assert f'href="/ho-so/{late}"' in own
    assert "hs-261101-0000000b" not in own
    other = client_of(Role.LEADER, agency="H99.01").get(f"/tong-quan{days}").text
    assert "hs-261101-0000000b" in other
    assert late not in other
    administrator = client_of(Role.ADMINISTRATOR).get(f"/tong-quan{days}").text
    assert f'href="/ho-so/{late}"' not in administrator, "a link that leads nowhere"


def test_days_that_are_none_are_this_month(house: House, client_of: Callable[..., Any]) -> None:
    leader = client_of(Role.LEADER)
    for query in ("", "?tu=hôm qua", "?tu=2026-02-30&den=", "?tu=0001-01-01&den=9999-12-31"):
        assert leader.get(f"/tong-quan{query}").status_code == 200, query


def test_the_workbook_opens_and_says_what_the_page_says(house: House, client_of: Callable[..., Any]) -> None:
    from openpyxl import load_workbook

    old = days_ago(house, 20)
    late = case(house, "a", old, [(1, old), (2, old), (4, old)])
    case(house, "b", old, [(1, old), (2, old), (4, old), (9, old)])
    days = f"?tu={old.date()}&den={days_ago(house, 0).date()}"
    answer = client_of(Role.LEADER).get(f"/tong-quan.xlsx{days}")
    assert answer.headers["content-disposition"].endswith('.xlsx"')
    book = load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == [
        "Tổng hợp",
        "Theo thủ tục",
        "Theo thời gian",
        "Hồ sơ quá hạn",
        "Hàng đợi",
        "Mức độ hài lòng",
        "Cam kết chất lượng",
    ]
    assert {sheet.freeze_panes for sheet in book} == {"A2"}
    sheet = book["Theo thủ tục"]
    head, row = (list(line) for line in list(sheet.iter_rows())[:2])
    found = dict(zip((cell.value for cell in head), row, strict=True))
    assert found["Mã thủ tục"].value == SAME_DAY
    assert (found["Tiếp nhận"].value, found["Quá hạn"].value) == (2, 1)
    assert (found["Đúng hạn"].value, found["Đúng hạn"].number_format) == (1, "0.0%")
    assert found["Không cần người xử lý"].value is None, "nothing was filed: no share, not nought"
    line = next(book["Hồ sơ quá hạn"].iter_rows(min_row=2))
    assert line[0].value == late
    assert isinstance(line[3].value, datetime)
    assert line[3].number_format == "dd/mm/yyyy"


def test_csv_is_utf8_with_plain_numbers(house: House, client_of: Callable[..., Any]) -> None:
    old = days_ago(house, 20)
    case(house, "a", old, [(1, old), (2, old), (4, old)])
    answer = client_of(Role.AUDITOR).get(f"/tong-quan.csv?tu={old.date()}")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert (row["Mã thủ tục"], row["Tiếp nhận"], row["Đúng hạn"]) == (SAME_DAY, "1", "")


def test_a_text_is_never_a_formula() -> None:
    made = comma_separated(Sheet("procedures", ("a",), (("=1+1",), ("-2",), ("bình thường",), (-2,))))
    rows = list(csv.reader(io.StringIO(made.decode("utf-8-sig"))))
    assert rows == [["a"], ["'=1+1"], ["'-2"], ["bình thường"], ["-2"]]
