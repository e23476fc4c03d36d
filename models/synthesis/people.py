"""Invented families whose papers agree with each other, because all of them are derived from one record.

A family is drawn from a seed and a day of application: a child born some days before, a mother of 20 to 40 with a
valid chip card, a father, addresses under both divisions of the country, a hospital, a marriage. Personal numbers
follow Decree 137/2015: place of birth registration, century and sex, year, six digits. No real person is meant;
the pages say MẪU on every sheet.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Literal

from models.synthesis.places import PLACES, Hospital, Place, hospital_near

Sex = Literal["Nam", "Nữ"]

SURNAMES = (
    *("Nguyễn",) * 8,
    *("Trần", "Lê", "Phạm") * 2,
    *("Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý", "Đinh", "Đoàn", "Trịnh"),
    *("Mai", "Tạ", "Lương", "Cao", "Chu", "Hà", "Tô", "Triệu", "Nghiêm", "Quách", "Thân", "Khuất", "Ứng", "Ưng"),
)
_MIDDLE: dict[Sex, tuple[str, ...]] = {
    "Nữ": ("Thị", "Thị", "Thị Hồng", "Thị Thu", "Thị Thùy", "Ngọc", "Thị Kim", "Thị Mỹ", "Thúy", "Bảo", "Thị Bích"),
    "Nam": ("Văn", "Văn", "Đức", "Minh", "Quốc", "Hữu", "Xuân", "Gia", "Công", "Đình", "Trọng", "Anh", "Việt"),
}
_GIVEN: dict[Sex, tuple[str, ...]] = {
    "Nữ": (
        *("Nhung", "Hương", "Trang", "Hằng", "Linh", "Thảo", "Yến", "Mai", "Ngân", "Phượng", "Hạnh", "Quỳnh", "Vân"),
        *("Tuyết", "Nguyệt", "Huyền", "Diễm", "Oanh", "Thủy", "Hiền", "Loan", "Uyên", "Nga", "Châu", "Ánh", "Hoài"),
    ),
    "Nam": (
        *("Khôi", "Hùng", "Dũng", "Tuấn", "Thắng", "Đạt", "Phúc", "Sơn", "Quân", "Huy", "Long", "Khánh", "Thành"),
        *("Nghĩa", "Hiếu", "Lượng", "Toàn", "Bằng", "Vĩ", "Kiên", "Trường", "Đăng", "Thịnh", "Vương", "Ước", "Ẩn"),
    ),
}
_CHILD_MIDDLE: dict[Sex, tuple[str, ...]] = {
    "Nữ": ("Bảo", "Ngọc", "Minh", "Khánh", "Thảo", "An", "Phương", "Quỳnh", "Hà", "Tường"),
    "Nam": ("Minh", "Gia", "Đức", "Bảo", "Hoàng", "Nhật", "Quang", "Tuấn", "Thiên", "Hữu"),
}
_HOLIDAYS = {(1, 1), (4, 30), (5, 1), (9, 1), (9, 2)}
_NEW_CARD = date(2024, 7, 1)
"""From this day the Identification Law 26/2023 issues `căn cước` cards in place of `căn cước công dân`."""


@dataclass(frozen=True, slots=True)
class Card:
    """A citizen identity card with a chip."""

    issued: date
    expires: date
    address: str
    """As printed, under the division of before July 2025."""
    origin: str

    @property
    def kind(self) -> str:
        """What the card calls itself."""
        return "Căn cước công dân" if self.issued < _NEW_CARD else "Thẻ căn cước"

    @property
    def authority(self) -> str:
        """Who issues such cards."""
        if self.issued < _NEW_CARD:
            return "Cục Cảnh sát quản lý hành chính về trật tự xã hội"
        return "Bộ Công an"


@dataclass(frozen=True, slots=True)
class Person:
    """An adult."""

    name: str
    born: date
    sex: Sex
    ethnicity: str
    nationality: str
    number: str
    """Personal number, twelve digits."""
    home: str
    """Address under today's division."""
    card: Card


@dataclass(frozen=True, slots=True)
class Child:
    """A newborn, before registration: no personal number yet."""

    name: str
    born: date
    hour: int
    minute: int
    sex: Sex
    weight: int
    """Grams."""
    origin: str


@dataclass(frozen=True, slots=True)
class Marriage:
    """The parents' marriage certificate."""

    number: str
    book: str
    registered: date
    office: str


@dataclass(frozen=True, slots=True)
class Family:
    """Everything that the papers of one birth registration are about."""

    child: Child
    mother: Person
    father: Person
    requester: Person
    relation: Literal["Mẹ", "Cha"]
    marriage: Marriage
    place: Place
    hospital: Hospital
    midwife: str
    clerk: str
    director: str
    notice_number: str
    notice_day: date
    applied: date
    births: int
    """Which birth of the mother's this is."""


def seeded(seed: int) -> Random:
    """Chance that repeats itself."""
    return Random(seed)  # noqa: S311  # invented people and papers, no secrets


def personal_number(rng: Random, code: str, sex: Sex, born: date) -> str:
    """Twelve digits: place code, century-and-sex digit, two digits of the year, six random digits."""
    century = (born.year // 100 - 19) * 2 + (0 if sex == "Nam" else 1)
    return f"{code}{century}{born.year % 100:02d}{rng.randrange(1, 10**6):06d}"


def card_expiry(born: date, issued: date) -> date | None:
    """The birthday of 25, 40 or 60, or None for ever; a card issued in the two years before one runs to the next."""
    for age in (25, 40, 60):
        limit = _birthday(born, age)
        if issued < _birthday(born, age - 2):
            return limit
    return None


def make_family(seed: int, applied: date, requester: Literal["mother", "father"] = "mother") -> Family:
    """One family whose child is registered on `applied`; the same for the same seed."""
    rng = seeded(seed)
    place = rng.choice(PLACES)
    born = applied - timedelta(days=rng.randint(5, 20))
    mother = _parent(rng, "Nữ", place, applied, age=rng.randint(20, 37))
    father = _parent(rng, "Nam", place, applied, age=rng.randint(24, 42), home=mother.home)
    sex: Sex = rng.choice(("Nam", "Nữ"))
    given = f"{rng.choice(_CHILD_MIDDLE[sex])} {rng.choice(_GIVEN[sex])}"
    child = Child(
        name=f"{father.name.split()[0]} {given}",
        born=born,
        hour=rng.randint(0, 23),
        minute=rng.randint(1, 59),
        sex=sex,
        weight=rng.randrange(2600, 3900, 50),
        origin=place.now,
    )
    married = applied - timedelta(days=rng.randint(330, 1300))
    while married.weekday() > 4 or (married.month, married.day) in _HOLIDAYS:
        married -= timedelta(days=1)
    marriage = Marriage(
        number=f"{rng.randint(8, 140):02d}/{married.year}",
        book=f"01/{married.year}",
        registered=married,
        office=f"UBND {place.now}" if married >= date(2025, 7, 1) else _old_office(place),
    )
    return Family(
        child=child,
        mother=mother,
        father=father,
        requester=mother if requester == "mother" else father,
        relation="Mẹ" if requester == "mother" else "Cha",
        marriage=marriage,
        place=place,
        hospital=hospital_near(place),
        midwife=_name(rng, "Nữ"),
        clerk=_name(rng, "Nữ"),
        director=_name(rng, "Nam"),
        notice_number=f"{rng.randint(210, 2980)}",
        notice_day=born + timedelta(days=rng.randint(1, 3)),
        applied=applied,
        births=rng.choice((1, 1, 2)),
    )


def make_name(rng: Random, sex: Sex) -> str:
    """A full name, surname first."""
    return _name(rng, sex)


def _name(rng: Random, sex: Sex) -> str:
    return f"{rng.choice(SURNAMES)} {rng.choice(_MIDDLE[sex])} {rng.choice(_GIVEN[sex])}"


def _birthday(born: date, age: int) -> date:
    day = 28 if (born.month, born.day) == (2, 29) else born.day
    return date(born.year + age, born.month, day)


def _old_office(place: Place) -> str:
    kind = "xã" if place.commune.startswith("xã") else "phường"
    return f"UBND {kind} {place.old_commune.removeprefix('Phường ')}, {place.old_district}, {place.old_province}"


def _parent(rng: Random, sex: Sex, place: Place, applied: date, *, age: int, home: str | None = None) -> Person:
    quarter = rng.choice(place.quarters)
    while True:  # until the chip card of 2021 to 2024 is still valid on the day of application
        born = _birthday(applied, 0).replace(year=applied.year - age) - timedelta(days=rng.randint(1, 360))
        issued = date(2021, 3, 1) + timedelta(days=rng.randint(0, 1180))
        expires = card_expiry(born, issued)
        if expires is None or expires > applied + timedelta(days=60):
            break
        age = rng.randint(20, 38)
    first = quarter[0].upper() + quarter[1:]
    return Person(
        name=_name(rng, sex),
        born=born,
        sex=sex,
        ethnicity="Kinh",
        nationality="Việt Nam",
        number=personal_number(rng, place.code, sex, born),
        home=home or f"{first}, {place.now}",
        card=Card(issued, expires or date(2099, 12, 31), f"{first}, {place.before}", place.before),
    )
