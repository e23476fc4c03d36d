"""Addresses in their levels, and today's commune beside the old one: a single answer only where there is one."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from extractors import gazetteer
from extractors.addresses import parse_address
from extractors.gazetteer import Standing, is_in_force, place_today, province_today


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("phường Kinh Bắc, tỉnh Bắc Ninh", (None, None, None, "Phường Kinh Bắc", None, "Tỉnh Bắc Ninh")),
        ("12/3 Nguyễn Trãi, P. Bến Thành, Q.1, TP.HCM",
         ("12/3", "Nguyễn Trãi", None, "Phường Bến Thành", "Quận 1", "Thành phố HCM")),
        ("Số 5 ngách 12 tổ 21, P.5, TX. Sơn Tây", ("Số 5 ngách 12", None, "tổ 21", "Phường 5", "Thị xã Sơn Tây", None)),
        ("Thôn 3, xã Ea Tu, TP. Buôn Ma Thuột, tỉnh Đắk Lắk",
         (None, None, "Thôn 3", "Xã Ea Tu", "Thành phố Buôn Ma Thuột", "Tỉnh Đắk Lắk")),
        ("KP2 TT. Củ Chi H. Củ Chi TP HCM", (None, None, "KP2", "Thị trấn Củ Chi", "Huyện Củ Chi", "Thành phố HCM")),
        ("X. Ea Bar H. Buôn Đôn T. Đắk Lắk", (None, None, None, "Xã Ea Bar", "Huyện Buôn Đôn", "Tỉnh Đắk Lắk")),
        ("Tổ dân phố số 3 - phường Trần Phú - thị xã Sơn Tây",
         (None, None, "Tổ dân phố số 3", "Phường Trần Phú", "Thị xã Sơn Tây", None)),
        ("số 3 tỉnh lộ 10, xã Minh Tân", ("số 3", "tỉnh lộ 10", None, "Xã Minh Tân", None, None)),
        ("đặc khu Phú Quốc, tỉnh An Giang", (None, None, None, "Đặc khu Phú Quốc", None, "Tỉnh An Giang")),
        ("xã Côn Sơn, tỉnh Bà Rịa - Vũng Tàu", (None, None, None, "Xã Côn Sơn", None, "Tỉnh Bà Rịa-Vũng Tàu")),
        ("", (None, None, None, None, None, None)),
    ],
)  # fmt: skip
def test_levels(text: str, levels: tuple[str | None, ...]) -> None:
    found = parse_address(text)
    units = [str(part) if part else None for part in (found.commune, found.district, found.province)]
    assert (found.house, found.street, found.hamlet, *units) == levels
    assert found.raw == text


@pytest.mark.parametrize("text", ["Hợp tác xã Minh Tân", "Sở Lao động và xã hội", "Phường hội thợ"])
def test_words_that_hold_a_level_word_are_no_level(text: str) -> None:
    assert parse_address(text).commune is None


OLD, NEW = date(2015, 5, 1), date(2026, 5, 1)


@pytest.mark.parametrize(
    ("text", "on", "standing", "today"),
    [
        ("phường Kinh Bắc, tỉnh Bắc Ninh", NEW, Standing.IN_FORCE, ["Phường Kinh Bắc, Tỉnh Bắc Ninh"]),
        ("Số 5 ngách 12 tổ 21, Hoàng Văn Thụ, Lạng Sơn, Lạng Sơn", OLD, Standing.REPLACED,
         ["Phường Kỳ Lừa, Tỉnh Lạng Sơn"]),
        ("xã An Phú, huyện Mỹ Đức, Hà Tây", OLD, Standing.REPLACED, ["Xã Mỹ Đức, Thành phố Hà Nội"]),
        ("Long Bình, Quận 9, TPHCM", OLD, Standing.REPLACED, ["Phường Long Bình, Thành phố Hồ Chí Minh"]),
        ("phường 5, quận Gò Vấp, thành phố Hồ Chí Minh", OLD, Standing.REPLACED,
         ["Phường An Nhơn, Thành phố Hồ Chí Minh"]),
        ("phường 05, Q. Gò Vấp, TP.HCM", None, Standing.REPLACED, ["Phường An Nhơn, Thành phố Hồ Chí Minh"]),
        ("huyện Côn Đảo, tỉnh Bà Rịa - Vũng Tàu", OLD, Standing.REPLACED, ["Đặc khu Côn Đảo, Thành phố Hồ Chí Minh"]),
        ("Kim Long, Huế, Thừa Thiên Huế", OLD, Standing.REPLACED, ["Phường Kim Long, Thành phố Huế"]),
        ("P. Đa Kao, Q.1, TP.HCM", OLD, Standing.SEVERAL,
         ["Phường Sài Gòn, Thành phố Hồ Chí Minh", "Phường Tân Định, Thành phố Hồ Chí Minh"]),
        ("xa Phu Thi huyen Gia Lam Ha Noi", None, Standing.SEVERAL,
         ["Xã Thuận An, Thành phố Hà Nội", "Xã Gia Lâm, Thành phố Hà Nội"]),
        ("xã Không Có, tỉnh Bắc Ninh", NEW, Standing.UNKNOWN, []),
        ("Hà Nội", None, Standing.UNKNOWN, []),
        ("Bệnh viện Sản Nhi", None, Standing.UNKNOWN, []),
    ],
)  # fmt: skip
def test_today(text: str, on: date | None, standing: Standing, today: list[str]) -> None:
    found = place_today(text, on)
    assert (found.standing, [str(unit) for unit in found.candidates]) == (standing, today)
    assert found.address.raw == text


def test_the_date_of_a_paper_decides_which_unit_of_a_name_was_meant() -> None:
    before, after = (
        place_today("phường Kinh Bắc, tỉnh Bắc Ninh", OLD),
        place_today("phường Kinh Bắc, tỉnh Bắc Ninh", NEW),
    )
    assert (before.standing, after.standing) == (Standing.REPLACED, Standing.IN_FORCE)


def test_provinces_of_all_times() -> None:
    assert province_today("Bắc Giang") == ("Tỉnh Bắc Ninh",)
    assert province_today("bac giang") == ("Tỉnh Bắc Ninh",)
    assert province_today("Hà Tây") == ("Thành phố Hà Nội",)
    assert len(province_today("Hà Nam Ninh")) == 1  # all three are in Ninh Bình now
    assert len(province_today("Thuận Hải")) == 2
    assert province_today("Nước Nga") == ()
    assert is_in_force("Bắc Ninh")
    assert is_in_force("TP.HCM")
    assert not is_in_force("Bắc Giang")
    assert not is_in_force("Hà Tây")


def test_every_commune_of_both_lists_is_found_as_people_write_it() -> None:
    data = Path(gazetteer.__file__).parent / "data" / "places"
    with (data / "units_before.csv").open(encoding="utf-8", newline="") as rows:
        old = [row for row in csv.DictReader(rows) if row["name"]][::37]
    with (data / "units.csv").open(encoding="utf-8", newline="") as rows:
        new = list(csv.DictReader(rows))[::13]
    assert len(old) > 250
    assert len(new) > 250
    for row in old:
        card = f"Tổ 3, {row['name']}, {row['district']}, {gazetteer.plain_province(row['province'])}"
        found = place_today(card, OLD)
        assert {unit.code for unit in found.candidates} == set(row["now"].split()), card
        assert (found.standing is Standing.SEVERAL) == (len(set(row["now"].split())) > 1), card
    for row in new:
        text = f"{row['kind']} {row['name']}, {row['province']}"
        found = place_today(text)
        assert [unit.code for unit in found.candidates] == [row["code"]], text
        assert found.standing is Standing.IN_FORCE, text


@pytest.mark.parametrize(
    "text",
    [
        "Phường Văn Miếu - Quốc Tử Giám, Thành phố Hà Nội",  # a dash of its own
        "Xã Hội Hoan, Tỉnh Lạng Sơn",  # no `xã hội`
        "Đường Hồng, Tuyên Quang",  # no street
        "Sóc Sơn, Hà Nội",  # no hamlet
    ],
)
def test_names_that_look_like_something_else(text: str) -> None:
    found = place_today(text, NEW)
    assert (found.standing, found.address.street, found.address.hamlet) == (Standing.IN_FORCE, None, None)
