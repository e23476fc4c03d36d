"""Invented values for the blank spaces of real forms: people and places of the generator, vehicles and dates.

`invent(seed)` gives, for each name that `bench_forms.yaml` uses, the writings that say it (the first that fits its
space is typed) with the value that a correct system stores. Equal seeds give equal values.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from models.synthesis.people import make_family, make_name, seeded
from models.synthesis.places import PLACES

if TYPE_CHECKING:
    from random import Random

    from extractors.fields import FieldValue

Writings = list[tuple[str, "FieldValue"]]

_BRANDS = (("TOYOTA", "VIOS G"), ("HONDA", "CITY RS"), ("HYUNDAI", "ACCENT"), ("FORD", "RANGER XLS"), ("KIA", "K3"))
_KINDS = ("Ô tô con", "Ô tô tải", "Ô tô khách", "Mô tô hai bánh", "Xe bán tải")
_PAINTS = ("Trắng", "Đen", "Bạc", "Đỏ", "Xanh", "Ghi xám", "Nâu vàng")
_PLATES = ("Trắng", "Vàng", "Xanh")
_REASONS = ("Đăng ký lần đầu", "Sang tên, di chuyển xe", "Cấp đổi biển số xe", "Cấp lại chứng nhận đăng ký xe")
_ORIGINS = ("Nhập khẩu nguyên chiếc", "Sản xuất, lắp ráp trong nước", "Xe bị tịch thu sung quỹ")
_ENCLOSED = (
    (
        "Hóa đơn giá trị gia tăng; phiếu kiểm tra chất lượng xuất xưởng; chứng từ nộp lệ phí trước bạ; bản sao hợp "
        "đồng mua bán xe có chứng thực"
    ),
    "Chứng nhận đăng ký xe, biển số xe và chứng từ nộp lệ phí trước bạ",
    "Giấy bán xe, chứng từ chuyển quyền sở hữu, bản chà số máy, số khung",
)
_TIES = ("Chủ sở hữu", "Người thuê phương tiện", "Con của chủ sở hữu", "Người được ủy quyền quản lý")
_CRAFTS = ("Tàu du lịch Hạ Long 12", "Thuyền gỗ Hải Âu", "Sà lan tự hành", "Xe ô tô nhà lưu động")
_CRAFT_KINDS = ("Phương tiện thủy nội địa", "Phương tiện giao thông đường bộ", "Tàu vỏ gỗ lắp máy", "Thuyền chèo tay")
_LETTERS = "ABCDEFGHKLMNPRSTUVXYZ"


def _just(*writings: str) -> Writings:
    return [(text, text) for text in writings]


def _day(day: date) -> Writings:
    return [(day.strftime("%d/%m/%Y"), day.isoformat())]


def _count(number: int) -> Writings:
    return [(str(number), number)]


def _code(rng: Random, pattern: str) -> str:
    signs = {"9": "0123456789", "A": _LETTERS}
    return "".join(rng.choice(signs[sign]) if sign in signs else sign for sign in pattern)


def invent(seed: int) -> dict[str, Writings]:
    """Values by name; a date's parts are parted by `/`."""
    rng = seeded(seed * 7919 + 13)
    today = date(2025, 7, 10) + timedelta(days=rng.randint(0, 480))
    values: dict[str, Writings] = {}
    for letter in "abcd":
        person = make_family(rng.randrange(10**6), today).father
        name = make_name(rng, rng.choice(("Nam", "Nữ")))
        short = person.home.split(", ", 1)[-1]
        values |= {
            f"{letter}.name": _just(name.upper() if rng.random() < 0.5 else name),
            f"{letter}.born": _day(person.born),
            f"{letter}.number": _just(person.number),
            f"{letter}.home": _just(person.home, short, short.split(", ", maxsplit=1)[0]),
            f"{letter}.issued": _day(person.card.issued),
            f"{letter}.phone": _just("0" + rng.choice("35789") + _code(rng, "99999999")),
        }
    place = rng.choice(PLACES)
    brand, model = rng.choice(_BRANDS)
    weight = rng.randrange(900, 2400, 5)
    load = rng.randrange(300, 1500, 5)
    town = place.province.split(" ", 1)[1].removeprefix("phố ")
    return values | {
        "office": _just(f"Ủy ban nhân dân {place.commune}", f"UBND {place.commune}"),
        "commune": _just(place.commune, place.commune.split(" ", 1)[1]),
        "court": _just(f"{place.province}", town),
        "town": _just(town, place.commune.split(" ", 1)[1]),
        "day": _day(today),
        "tie": _just(rng.choice(_TIES)),
        "craft": _just(rng.choice(_CRAFTS)),
        "vehicle": _just(rng.choice(_KINDS)),
        "craft_kind": _just(rng.choice(_CRAFT_KINDS)),
        "serial": _just(_code(rng, "AA-9999")),
        "plate": _just(_code(rng, "99A-999.99")),
        "plate_2": _just(_code(rng, "99A-999.99")),
        "plate_colour": _just(rng.choice(_PLATES)),
        "plate_colour_2": _just(rng.choice(_PLATES)),
        "online": _just(_code(rng, "H99.99-") + today.strftime("%y%m%d") + "-" + _code(rng, "9999")),
        "card": _just("Căn cước công dân", "Căn cước", "CCCD"),
        "issuer": _just("Bộ Công an"),
        "permit": _just(_code(rng, "9999/GPKDVT"), _code(rng, "999/GP")),
        "permit_issuer": _just("Sở Xây dựng " + town, "Sở Xây dựng"),
        "brand": _just(brand),
        "model": _just(model),
        "capacity": _count(rng.randrange(998, 2998)),
        "power": _count(rng.randrange(60, 180)),
        "engine": _just(_code(rng, "9AA9999999")),
        "chassis": _just("RL" + _code(rng, "AAA99A9A9999999")),
        "paint": _just(rng.choice(_PAINTS)),
        "load": _count(load),
        "seats": _count(rng.choice((4, 5, 7, 16, 29))),
        "standing": _count(rng.randint(10, 40)),
        "lying": _count(rng.randint(2, 40)),
        "made": _count(today.year - rng.randint(0, 9)),
        "weight": _count(weight),
        "gross": _count(weight + load),
        "towed": _count(rng.randrange(200, 900, 5)),
        "origin": _just(rng.choice(_ORIGINS), "Trong nước"),
        "receipt": _just(_code(rng, "99999999999")),
        "reason": _just(rng.choice(_REASONS)),
        "enclosed": _just(rng.choice(_ENCLOSED)),
    }
