"""The people of one dossier, invented once, so that every paper of it tells the same of them.

A `Cast` makes a person the first time that a role is named: mother and father, bride and groom, someone who died,
a head of household, or a stranger. Relations that the law knows hold: a child has a parent's surname and ethnic
group, parents are old enough, husbands and wives may marry, personal numbers fit place, century, sex and year.
Everything follows from the seed and the day of application. Places are those of the two divisions of the country.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

from models.synthesis.people import Card, Person, Sex, card_expiry, make_name, personal_number
from models.synthesis.places import PLACES, Place

if TYPE_CHECKING:
    from random import Random

_SEXES: tuple[Sex, ...] = ("Nam", "Nữ")
ETHNICITIES = ("Kinh",) * 12 + ("Tày", "Thái", "Mường", "Khmer", "Nùng", "Dao", "Hoa", "Sán Dìu", "Ê Đê")
_WORK = (
    *("Làm ruộng", "Công nhân", "Giáo viên", "Buôn bán", "Nội trợ", "Viên chức", "Lái xe", "Kế toán", "Thợ may"),
    *("Kỹ sư xây dựng", "Nhân viên văn phòng", "Y tá", "Thợ điện"),
)
_CARRIERS = ("032", "036", "038", "070", "077", "083", "086", "091", "093", "096", "098", "056", "059")
Age = Literal["infant", "child", "adult", "parent", "elder"]

AGES: dict[Age, tuple[int, int]] = {
    "infant": (0, 0),
    "child": (6, 15),
    "adult": (21, 58),
    "parent": (24, 40),
    "elder": (66, 92),
}


@dataclass(frozen=True, slots=True)
class Someone:
    """A person with what forms ask beyond the papers."""

    person: Person
    phone: str
    email: str
    work: str
    place: Place
    origin: Place

    @property
    def has_card(self) -> bool:
        """Whether there is an identity card: not before the age of fourteen."""
        return self.person.card.issued < date(9999, 1, 1)


def _years_before(day: date, years: int) -> date:
    return date(day.year - years, day.month, 28 if (day.month, day.day) == (2, 29) else day.day)


def make_someone(
    rng: Random, day: date, sex: Sex, age: Age, *, surname: str = "", place: Place | None = None, ethnicity: str = "",
    home: str = "",
) -> Someone:  # fmt: skip
    """Somebody of an age on `day`, with a card that is valid then."""
    place = place or rng.choice(PLACES)
    youngest, oldest = AGES[age]
    born = day - timedelta(days=rng.randint(4, 40))
    issued = date(9999, 1, 1)
    expires: date | None = None
    if age != "infant":
        while True:
            born = _years_before(day, rng.randint(youngest, oldest)) - timedelta(days=rng.randint(1, 360))
            if age == "child":
                break
            issued = date(2021, 3, 1) + timedelta(days=rng.randint(0, 1180))
            expires = card_expiry(born, issued)
            if expires is None or expires > day + timedelta(days=60):
                break
    name = make_name(rng, sex)
    name = f"{surname} {name.split(' ', 1)[1]}" if surname else name
    quarter = rng.choice(place.quarters)
    first = quarter[0].upper() + quarter[1:]
    person = Person(
        name=name,
        born=born,
        sex=sex,
        ethnicity=ethnicity or rng.choice(ETHNICITIES),
        nationality="Việt Nam",
        number=personal_number(rng, place.code, sex, born),
        home=home or f"{first}, {place.now}",
        card=Card(issued, expires or date(2099, 12, 31), f"{first}, {place.before}", place.before),
    )
    phone = f"{rng.choice(_CARRIERS)}{rng.randrange(10**6, 10**7)}"
    mail = f"nguoimau{rng.randrange(100, 9999)}@example.vn"
    return Someone(person, phone, mail, rng.choice(_WORK), place, place)


@dataclass(frozen=True, slots=True)
class Part:
    """What a role asks of the person who plays it."""

    sex: Sex | None = None
    age: Age = "adult"
    surname_of: str | None = None
    """Role whose surname and ethnic group it has."""
    home_of: str | None = None
    """Role with which it shares its address."""


PARTS: dict[str, Part] = {
    "me": Part("Nữ", "parent", home_of="cha"),
    "cha": Part("Nam", "parent"),
    "nks": Part(age="infant", surname_of="cha", home_of="cha"),
    "con": Part(age="child", surname_of="cha", home_of="cha"),
    "nguoi_con": Part(age="child", surname_of="cha", home_of="cha"),
    "ndgh": Part(age="child"),
    "nam": Part("Nam", "parent"),
    "nu": Part("Nữ", "parent"),
    "chong": Part("Nam", "parent"),
    "vo": Part("Nữ", "parent"),
    "nkt": Part(age="elder"),
    "nguoi_chet": Part(age="elder"),
}
"""Roles by the short names that civil-status forms use for them; every other role is some adult."""


@dataclass(slots=True)
class Cast:
    """Who plays which role in one dossier."""

    rng: Random
    day: date
    """Of application."""
    same: dict[str, str] = field(default_factory=dict)
    """Roles that are played by the person of another role: the requester may be the mother."""
    parts: dict[str, Part] = field(default_factory=lambda: dict(PARTS))
    place: Place = field(init=False)
    """Where the dossier is handed in."""
    _known: dict[str, Someone] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.place = self.rng.choice(PLACES)

    def role(self, name: str) -> str:
        """The role that stands for `name`, after all `same` are followed."""
        seen = {name}
        while name in self.same and self.same[name] not in seen:
            name = self.same[name]
            seen.add(name)
        return name

    def who(self, name: str) -> Someone:
        """The person of a role; the same every time."""
        role = self.role(name)
        if role not in self._known:
            part = self.parts.get(role, Part())
            like = self.who(part.surname_of).person if part.surname_of else None
            home = self.who(part.home_of).person.home if part.home_of else ""
            sex: Sex = part.sex if part.sex is not None else self.rng.choice(_SEXES)
            self._known[role] = make_someone(
                self.rng,
                self.day,
                sex,
                part.age,
                surname=like.name.split()[0] if like else "",
                ethnicity=like.ethnicity if like else "",
                place=self.place,
                home=home,
            )
        return self._known[role]

    def stranger(self, like: Someone) -> Someone:
        """Somebody else of the same sex, for a paper of the wrong person."""
        return make_someone(self.rng, self.day, like.person.sex, "adult")
