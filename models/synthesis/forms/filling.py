"""Fills in a plan from a story: what each field means, and how this paper prints it.

`Hand` is one desk's way of writing: dates with strokes, dashes or words, names in capitals, the typeface of what is
filled in. Facts are told by name; `facts` says which field tells which one, so that papers agree without knowing of
each other. Signature and seal fields come from the plan's signers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from models.synthesis.fonts import Role
from models.synthesis.forms.plan import Ask, Entry, Filled, FormPlan, Row, Table
from models.synthesis.people import make_name
from models.synthesis.typesetter import BLACK, Colour
from models.synthesis.wording import date_in_words, letter_date

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from random import Random

    from models.synthesis.forms.paper import FieldValue
    from models.synthesis.story import Story

HOLDER = "*"
"""Role of a signer who is the person that the paper is about."""
_BLUE: Colour = (35, 45, 120)


@dataclass(frozen=True, slots=True)
class Hand:
    """How one desk fills forms in."""

    role: Role = Role.SERIF
    bold_names: bool = False
    capitals: bool = True
    dates: str = "%d/%m/%Y"
    """A format, or `long` for `ngày … tháng … năm …`."""
    shrink: float = 0.0
    """Points by which values are smaller than the form's type."""
    colour: Colour = BLACK
    ticks_first: bool = False
    """Whether the boxes to tick stand before their words."""
    phrase: int = 0
    """Which wording of running texts it uses."""


def draw_hand(rng: Random) -> Hand:
    """Some desk's way."""
    role = rng.choice((Role.SERIF,) * 5 + (Role.SERIF_ITALIC, Role.SERIF_BOLD, Role.TYPEWRITER, Role.SANS))
    return Hand(
        role=role,
        bold_names=role is Role.SERIF and rng.random() < 0.5,
        capitals=rng.random() < 0.7,
        dates=rng.choice(("%d/%m/%Y",) * 4 + ("%d-%m-%Y", "%d.%m.%Y", "long")),
        shrink={Role.TYPEWRITER: 1.5, Role.SANS: 1.0}.get(role, 0.0),
        colour=rng.choice((BLACK, BLACK, BLACK, _BLUE)),
        ticks_first=rng.random() < 0.5,
        phrase=rng.randrange(3),
    )


def printed(ask: Ask, value: FieldValue, hand: Hand) -> str:
    """How a meaning is printed; empty for nothing, and for what is ticked or signed."""
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, list):
        return ", ".join(value)
    text = str(value)
    match ask.kind:
        case "date" | "partial_date":
            if len(text) < 10:
                return text
            day = date.fromisoformat(text)
            return letter_date(day) if hand.dates == "long" else day.strftime(hand.dates)
        case "datetime":
            iso, _, clock = text.partition("T")
            hour, minute = clock.split(":")
            return f"{hour} giờ {minute} phút, {letter_date(date.fromisoformat(iso))}"
        case "date_words":
            return date_in_words(date.fromisoformat(text))
        case "name":
            return text.upper() if hand.capitals else text
        case "money":
            return f"{int(text):,}".replace(",", ".") + " đồng"
        case "number":
            return f"{int(text):02d}" if int(text) < 10 else text
    return text


def meaning(ask: Ask, value: FieldValue, raw: str) -> FieldValue:
    """The normalised value: as told, but for kinds that keep what is printed."""
    if ask.kind in {"number", "money", "ordinal"}:
        return int(str(value))
    return raw if ask.kind in {"name", "date_words", "code"} else value


def fill(
    plan: FormPlan,
    story: Story,
    hand: Hand,
    rng: Random,
    *,
    facts: Mapping[str, str] | None = None,
    owner: str = "",
    blanks: Collection[str] = (),
    rows: int = 2,
) -> Filled:
    """The plan filled in. `facts` maps keys to names of facts; others are told of their person, or of this paper only.

    `owner` is the role that the paper is about, `blanks` are keys that stay empty (of signatures: places where nobody
    signs), `rows` is how many rows tables get.
    """
    entries: dict[str, Entry] = {}
    said = facts or {}

    def put(key: str, ask: Ask, name: str | None = None) -> None:
        if key in blanks or ask.kind in {"signature", "seal"}:
            return
        # An issued paper's own day and place of issue are not those of its holder's card.
        holder = "" if plan.issued and key in {"ngay_cap", "noi_cap", "ngay_het_han"} else owner
        # A day in words is the day in digits of the key beside it, whatever paper that one is told by.
        digits = key.removesuffix("_bang_chu") if ask.kind == "date_words" else key
        told = name or said.get(digits) or story.name_of(digits, owner=holder, paper=plan.type)
        who = story.who(told)
        value = story.fact(told, ask)
        raw = printed(ask, value, hand)
        if raw or value is not None:
            entries[key] = Entry(raw, meaning(ask, value, raw), who)

    for row in plan.rows():
        for ask in row.asks:
            put(ask.key, ask, said.get(ask.key))
    for section in plan.sections:
        for table in section.rows:
            if isinstance(table, Table):
                _fill_table(table, story, hand, rows, entries)
    for ask in (*plan.dated, *([plan.number] if plan.number else [])):
        if ask.kind == "place" and ask.key not in blanks:
            city = story.cast.place.commune.split(" ", 1)[1]
            entries[ask.key] = Entry(city, city)
            continue
        put(ask.key, ask, said.get(ask.key))
        if ask.kind == "date" and ask.key in entries:
            iso = str(entries[ask.key].value)
            entries[ask.key] = Entry(letter_date(date.fromisoformat(iso)), iso)
    signed: dict[int, str] = {}
    for index, signer in enumerate(plan.signers):
        if signer.signature in blanks:
            if signer.opinion is not None:
                entries.pop(signer.opinion.key, None)
            continue
        role = owner if signer.role == HOLDER else signer.role
        if role:
            signed[index] = story.cast.who(role).person.name
        elif signer.name is not None:
            value = story.fact(said.get(signer.name, f"{plan.type}/{signer.name}"), Ask(signer.name, "signer"))
            signed[index] = str(value)
        else:
            signed[index] = make_name(rng, rng.choice(("Nam", "Nữ")))
        if signer.name is not None:
            entries[signer.name] = Entry(signed[index], signed[index], role)
    place = story.cast.place
    office = ("ỦY BAN NHÂN DÂN", place.commune.upper())
    return Filled(
        plan,
        entries,
        agency=office,
        place=place.commune.split(" ", 1)[1],
        day=letter_date(story.cast.day),
        signed=signed,
    )


def _fill_table(table: Table, story: Story, hand: Hand, count: int, entries: dict[str, Entry]) -> None:
    for number in range(1, count + 1):
        role = f"{table.key}.{number}"
        for column in table.columns:
            ask = column.asks[0]
            key = f"{table.key}.{number}.{ask.key}"
            if ask.kind == "ordinal":
                entries[key] = Entry(str(number), number)
                continue
            value = story.fact(story.name_of(ask.key, owner=role, paper=role), ask)
            raw = printed(ask, value, hand)
            if raw:
                entries[key] = Entry(raw, meaning(ask, value, raw), role)


def all_rows(plan: FormPlan) -> list[Row]:
    """Rows of the plan and columns of its tables."""
    columns = [row for section in plan.sections for table in section.rows if isinstance(table, Table)
               for row in table.columns]  # fmt: skip
    return plan.rows() + columns
