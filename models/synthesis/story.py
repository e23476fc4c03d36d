"""What a dossier says: every fact once, however many papers print it.

A fact is a person's attribute (`me.ngay_sinh`) or an event or number of the case (`ngay_chet`); its meaning is kept
here, and each paper prints it in its own way. Keys are read by their parts: `me_ho_ten` and `ho_ten_me` are the name
of `me`. What no attribute explains is invented by its kind, so that any form can be filled in.
Meanings are normalised as the extractors normalise: ISO 8601 dates, whole numbers, text in NFC.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from models.synthesis.people import make_name
from models.synthesis.places import PLACES, hospital_near
from models.synthesis.story_texts import RELATIONS, TEXTS, TOPICS

if TYPE_CHECKING:
    from random import Random

    from models.synthesis.cast import Cast, Someone
    from models.synthesis.forms.paper import FieldValue
    from models.synthesis.forms.plan import Ask

ATTRIBUTES = (
    *("ho_ten", "ngay_sinh_bang_chu", "ngay_sinh", "nam_sinh", "gioi_tinh", "dan_toc", "quoc_tich", "so_dinh_danh"),
    *(
        "so_giay_to",
        "so_cmnd",
        "ngay_cap",
        "noi_cap",
        "noi_cu_tru",
        "noi_thuong_tru",
        "thuong_tru",
        "cho_o",
        "que_quan",
    ),
    *("noi_sinh", "dien_thoai", "sdt", "email", "ngay_het_han", "loai_giay_to", "nghe_nghiep", "dia_chi", "noi_o"),
    *("noi_tam_tru", "noi_o_hien_tai", "noi_cu_tru_cuoi"),
)
"""What a form may ask of a person, as parts of keys."""
_HOMES = frozenset({"noi_cu_tru", "noi_thuong_tru", "thuong_tru", "cho_o", "dia_chi", "noi_o", "noi_tam_tru",
                    "noi_o_hien_tai", "noi_cu_tru_cuoi"})  # fmt: skip
_TODAY = ("ngay_lap", "ngay_de_nghi", "ngay_khai", "ngay_ky", "ngay_viet", "ngay_nop")
_RECENT = ("chet", "bao_tu", "xac_nhan")
_TODAY_ONLY = frozenset({"ngay"})


def parts_of(key: str) -> tuple[str, str]:
    """Role and attribute of a key; the role is empty for the paper's own person, the attribute where none is known."""
    best = ("", "")
    for attribute in ATTRIBUTES:
        if len(attribute) <= len(best[1]):
            continue
        if key == attribute:
            best = ("", attribute)
        elif key.endswith(f"_{attribute}"):
            best = (key.removesuffix(f"_{attribute}"), attribute)
        elif key.startswith(f"{attribute}_"):
            best = (key.removeprefix(f"{attribute}_"), attribute)
    return best


@dataclass(slots=True)
class Story:
    """The facts of one dossier."""

    cast: Cast
    rng: Random
    known: dict[str, FieldValue] = field(default_factory=dict)
    """Meaning by the name of the fact."""

    def fact(self, name: str, ask: Ask) -> FieldValue:
        """What is told of a fact, for a field of this kind; invented when first asked for."""
        if name not in self.known:
            self.known[name] = self._invent(name, ask)
        return _as_kind(self.known[name], ask.kind)

    def name_of(self, key: str, *, owner: str = "", paper: str = "") -> str:
        """The fact that a key asks for: of a person (`me.ngay_sinh`), or else of the paper alone."""
        role, attribute = parts_of(key)
        if attribute and (role or owner):
            return f"{self.cast.role(role or owner)}.{attribute}"
        return f"{paper}/{key}"

    def who(self, name: str) -> str:
        """The role that a fact speaks of, or empty."""
        role, _, attribute = name.rpartition(".")
        return role if attribute in ATTRIBUTES else ""

    def _invent(self, name: str, ask: Ask) -> FieldValue:
        role, _, attribute = name.rpartition(".")
        if ask.mask:
            return self._masked(ask.mask)
        if role and attribute in ATTRIBUTES:
            told = self._of_person(attribute, self.cast.who(role), ask)
            if told is not None:
                return told
        return self._of_kind(ask)

    def _of_person(self, attribute: str, someone: Someone, ask: Ask) -> FieldValue:
        person = someone.person
        told: dict[str, FieldValue] = {
            "ho_ten": person.name,
            "gioi_tinh": person.sex,
            "dan_toc": person.ethnicity,
            "quoc_tich": person.nationality,
            "so_dinh_danh": person.number,
            "so_giay_to": person.number,
            "so_cmnd": f"{person.number[:3]}{person.number[-6:]}",
            "nam_sinh": str(person.born.year) if ask.kind in {"partial_date", "number"} else person.born.isoformat(),
            "ngay_sinh": person.born.isoformat(),
            "ngay_sinh_bang_chu": person.born.isoformat(),
            "que_quan": someone.origin.now,
            "noi_sinh": self._hospital(someone),
            "dien_thoai": someone.phone,
            "sdt": someone.phone,
            "email": someone.email,
            "nghe_nghiep": someone.work,
        }
        told |= dict.fromkeys(_HOMES, person.home)
        if someone.has_card:
            told |= {
                "ngay_cap": person.card.issued.isoformat(),
                "noi_cap": person.card.authority,
                "ngay_het_han": person.card.expires.isoformat(),
                "loai_giay_to": None if ask.choices else person.card.kind,
            }
        value = told.get(attribute)
        if ask.kind in {"place", "issuer", "text", "lines", "relationship", "date_words"} or value is None:
            return value
        digits = {"id_number", "phone", "code", "number"}
        fits = {
            "name": attribute == "ho_ten",
            "signer": attribute == "ho_ten",
            "sex": attribute == "gioi_tinh",
            "choice": str(value) in ask.choices,
        }
        return value if fits.get(ask.kind, ask.kind not in digits or str(value).isdigit()) else None

    def _hospital(self, someone: Someone) -> str:
        hospital = hospital_near(someone.place)
        return f"{hospital.name}, {hospital.address}"

    def _of_kind(self, ask: Ask) -> FieldValue:
        rng = self.rng
        key = ask.key
        match ask.kind:
            case "name" | "signer":
                return make_name(rng, rng.choice(("Nam", "Nữ")))
            case "date" | "partial_date" | "date_words":
                return self._day(key).isoformat()
            case "datetime":
                return f"{self._day(key).isoformat()}T{rng.randint(0, 23):02d}:{rng.randint(1, 59):02d}"
            case "sex":
                return rng.choice(("Nam", "Nữ"))
            case "ethnicity":
                return "Kinh"
            case "nationality":
                return "Việt Nam"
            case "id_number":
                return self.cast.who(f"?{key}").person.number
            case "phone":
                return self.cast.who(f"?{key}").phone
            case "email":
                return self.cast.who(f"?{key}").email
            case "money":
                return rng.choice((5, 20, 50, 80, 100, 150, 300, 500, 1200)) * 10**6
            case "number" | "ordinal":
                return rng.randrange(2500, 3900, 50) if "can_nang" in key else rng.randint(1, 4)
            case "code":
                return self._code(key)
            case "flag":
                return rng.random() < 0.6
            case "choice":
                return rng.choice(ask.choices) if ask.choices else rng.choice(TEXTS)
            case "choices":
                return [choice for choice in ask.choices if rng.random() < 0.5] or list(ask.choices[:1])
            case "place":
                return self._place(key)
            case "issuer":
                return f"UBND {self.cast.place.now}"
            case "relationship":
                requester = self.cast.role("nyc")
                return {"me": "Mẹ", "cha": "Cha", "chong": "Chồng", "vo": "Vợ"}.get(requester) or rng.choice(RELATIONS)
            case "lines":
                return [rng.choice(TEXTS)]
            case _:
                return self._text(key)

    def _day(self, key: str) -> date:
        day = self.cast.day
        if key in _TODAY_ONLY or any(part in key for part in _TODAY):
            return day
        if any(part in key for part in _RECENT):
            return day - timedelta(days=self.rng.randint(2, 9))
        if key in {"ngay_cap", "ngay_ban_hanh"}:
            return day - timedelta(days=self.rng.randint(0, 2))
        long_ago = day - timedelta(days=self.rng.randint(420, 1300))
        return long_ago - timedelta(days=max(0, long_ago.weekday() - 4))

    def _masked(self, mask: str) -> str:
        """A code of a form: `9` a digit, `A` a capital, `x` any sign, `+` behind one of them for several."""
        text, rng = "", self.rng
        for place, sign in enumerate(mask):
            if sign == "+" and place and mask[place - 1] in "9Ax":
                text += str(rng.randint(10, 99))
            elif sign == "9":
                text += str(rng.randint(1, 9))
            elif sign in "Ax":
                text += rng.choice("ABCDEHKLMN")
            else:
                text += sign
        return text

    def _code(self, key: str) -> str:
        rng, year = self.rng, self.cast.day.year
        if "quyen" in key:
            return f"{rng.randint(1, 3):02d}/{year - rng.randint(0, 3)}"
        if "bhyt" in key or "bhxh" in key:
            return str(rng.randrange(10**9, 10**10))
        if "trang" in key:
            return str(rng.randint(3, 180))
        return f"{rng.randint(8, 960)}/{year - rng.randint(0, 2)}"

    def _place(self, key: str) -> str:
        if "noi_lap" in key or key in {"noi_ky", "dia_danh"}:
            return self.cast.place.commune.split(" ", 1)[1]
        if "kinh_gui" in key or "co_quan" in key:
            return f"Ủy ban nhân dân {self.cast.place.now}"
        if "sinh" in key or "y_te" in key or "benh_vien" in key:
            hospital = hospital_near(self.cast.place)
            return f"{hospital.name}, {hospital.address}"
        if "dang_ky" in key or "cap" in key:
            return f"UBND {self.cast.place.now}"
        place = self.rng.choice(PLACES)
        quarter = self.rng.choice(place.quarters)
        return f"{quarter[0].upper()}{quarter[1:]}, {place.now}"

    def _text(self, key: str) -> str:
        if "kinh_gui" in key or "co_quan" in key:
            return f"Ủy ban nhân dân {self.cast.place.now}"
        if "chuc_vu" in key:
            return self.rng.choice(("Chủ tịch", "Phó Chủ tịch", "Công chức tư pháp - hộ tịch"))
        if "nghe" in key:
            return self.cast.who(f"?{key}").work
        topic = next((texts for part, texts in TOPICS.items() if part in key), TEXTS)
        return self.rng.choice(topic)


def _as_kind(value: FieldValue, kind: str) -> FieldValue:
    """The same fact for a field of another kind: the hour of a day, the day of an hour."""
    if not isinstance(value, str):
        return value
    if kind == "datetime" and len(value) == 10:
        return f"{value}T{8 + sum(map(ord, value)) % 12:02d}:{10 + sum(map(ord, value)) % 47:02d}"
    return value.partition("T")[0] if kind in {"date", "date_words", "partial_date"} else value
