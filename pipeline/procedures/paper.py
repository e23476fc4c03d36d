"""A document type: how it is recognised, which fields it has, who must sign it, how long it is good for.

Described once and shared: procedures name the type. A field is what a person sees on the blank form: printed labels,
the heading above, the kind of value. Tables have columns, code lists come by name, a mask is the form of a number.
Everything here is frozen data; how files say it (blocks, changes) is in `files.py`.
"""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from extractors.doctypes import DocType
from extractors.fields import FieldSpec, Filled, split_row_key
from extractors.values import KINDS

KEY = r"^_?[a-z][a-z0-9_]{0,60}$"
TYPE = r"^[a-z][a-z0-9_]{1,60}$"


class Part(BaseModel):
    """Base of all parts of a schema."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Option(Part):
    """One entry of a code list."""

    code: str
    """What the ministry's systems store."""
    name: str
    """What the record says, in Vietnamese."""
    spellings: tuple[str, ...] = ()
    """Other wordings on paper."""


class FieldRule(Part):
    """A field of a document type: what to look for, and how sure one must be."""

    key: str = Field(pattern=KEY)
    """Key in the record; one that starts with `_` only marks where another value ends."""
    label: str = Field(min_length=1, max_length=200)
    """Vietnamese label for people."""
    spellings: tuple[str, ...] = ()
    """Printed labels on the paper, the most usual first; the label itself where none is given."""
    section: tuple[str, ...] = ()
    """Printed headings under which the label stands."""
    kind: str = Field(default="text", json_schema_extra={"enum": [*sorted(KINDS)]})
    required: bool = False
    key_field: bool = False
    """Identifies a person or an event: held to the higher accuracy."""
    choices: tuple[str, ...] = ()
    """Of a `choice`, `choices` or `flag`: the printed words. A code list gives them where it is named."""
    filled: Filled = Filled.LINE
    """`line`, `comb` (one sign a box) or `tick` (boxes before or behind the choices)."""
    columns: tuple[FieldRule, ...] = ()
    """Of a `table`: its columns, whose spellings are the printed headers."""
    codes: str | None = None
    """Name of a code list (`shared/*.yaml`)."""
    options: tuple[Option, ...] = ()
    """A code list of this field's own, or the named one once the file is loaded."""
    mask: str | None = Field(default=None, pattern=r"^[^\x00-\x1f]{1,60}$")
    """Form of the value: `9` a digit, `A` a capital, `x` any sign, `+` behind one of them: once or more; every other
    sign stands for itself. `9+/UBND-XNTTHN`. What does not fit is doubtful."""
    ministry: str = ""
    """Name of this field in the ministry's system, such as nksHoTen."""

    @field_validator("kind")
    @classmethod
    def _known_kind(cls, kind: str) -> str:
        if kind not in KINDS:
            raise ValueError(f"không có kiểu `{kind}`; chọn một trong: {', '.join(sorted(KINDS))}")
        return kind

    @model_validator(mode="after")
    def _table_has_columns(self) -> FieldRule:
        if (self.kind == "table") != bool(self.columns):
            raise ValueError("bảng (`kind: table`) phải có `columns`, và chỉ bảng mới có")
        if any(column.kind == "table" for column in self.columns):
            raise ValueError("một cột của bảng không thể lại là bảng")
        if len({column.key for column in self.columns}) != len(self.columns):
            raise ValueError(f"bảng `{self.key}` có hai cột trùng khóa")
        return self

    def spec(self) -> FieldSpec:
        """What an extractor is asked for."""
        offered = self.choices
        synonyms: tuple[tuple[str, str], ...] = ()
        if self.options and self.kind in {"choice", "choices"}:
            offered = self.choices or tuple(option.name for option in self.options)
            synonyms = tuple((said, option.name) for option in self.options for said in option.spellings)
        return FieldSpec(
            self.key,
            self.spellings or (self.label,),
            self.kind,
            self.section,
            offered,
            self.filled,
            tuple(column.spec() for column in self.columns),
            synonyms,
        )

    def code_of(self, value: object) -> str | None:
        """The ministry's code of a value; None where the field has no code list or the list lacks the value."""
        said = str(value).casefold()
        return next(
            (o.code for o in self.options if said in {o.name.casefold(), *map(str.casefold, o.spellings)}), None
        )

    def fits_mask(self, value: object) -> bool:
        """Whether a value has the form of the mask; a field without one takes everything."""
        return self.mask is None or _fits(self.mask, str(value))


def _fits(mask: str, text: str) -> bool:
    """Walks all readings of the mask at once: steps times letters, whatever a file says."""
    steps = re.findall(r"([9Ax])(\+?)|(.)", mask, re.DOTALL)
    at = {0}
    for sign in text:
        following: set[int] = set()
        for place in at:
            if place < len(steps) and _takes(steps[place], sign):
                following.add(place + 1)
                if steps[place][1]:
                    following.add(place)
        at = following
        if not at:
            return False
    return len(steps) in at


def _takes(step: tuple[str, str, str], sign: str) -> bool:
    kind, _, plain = step
    if kind == "9":
        return sign.isdecimal()
    if kind == "A":
        return sign.isalpha() and sign.isupper()
    return not sign.isspace() if kind else sign == plain


class Mark(Part):
    """A signature or seal that a paper must bear."""

    kind: Literal["signature", "seal", "initials", "fingerprint"] = "signature"
    by: str
    """Vietnamese: whose it is."""
    key: str | None = Field(default=None, pattern=KEY)
    """The field that says whether it is there, where the paper's fields have one."""
    required: bool = True
    condition: str = ""
    """Vietnamese: when it is needed, where it is not always."""


class Validity(Part):
    """How long a paper counts."""

    months: int | None = Field(default=None, ge=1, le=1200)
    days: int | None = Field(default=None, ge=1, le=36500)
    counted_from: str = "ngay_cap"
    """Key of the field from which the time runs."""
    until: str | None = None
    """Key of the field that prints the last day; goes before months and days."""
    note: str = ""


class Side(Part):
    """Signs of one side of a card."""

    any: tuple[str, ...]
    markers: dict[str, float] = {}


class Recognition(Part):
    """What tells the type of a paper from its pages."""

    titles: tuple[str, ...] = ()
    """Printed titles in capitals, in the upper part of a page: the strongest sign; the name where none is given."""
    markers: dict[str, float] = {}
    """Phrases that support the type; each adds its weight (0 to 1) once."""
    against: tuple[str, ...] = ()
    """Phrases that rule the type out where its title was not found."""
    later: tuple[str, ...] = ()
    """Phrases of later pages of the same paper."""
    parts: dict[Literal["front", "back"], Side] = {}
    """For cards: each side has its own signs."""

    @field_validator("markers")
    @classmethod
    def _weights(cls, markers: dict[str, float]) -> dict[str, float]:
        if any(not 0.0 < weight < 1.0 for weight in markers.values()):
            raise ValueError("trọng số của dấu hiệu phải nằm giữa 0 và 1, ví dụ 0.3")
        return markers


class DocumentSchema(Part):
    """A document type and its fields."""

    type: str = Field(pattern=TYPE)
    name: str
    fields: tuple[FieldRule, ...] = ()
    recognise: Recognition = Recognition()
    marks: tuple[Mark, ...] = ()
    validity: Validity | None = None
    basis: tuple[str, ...] = ()
    """Where the form comes from: circulars, form numbers."""

    @model_validator(mode="after")
    def _keys_once(self) -> DocumentSchema:
        seen: set[str] = set()
        for rule in self.fields:
            if rule.key in seen:
                raise ValueError(f"trường `{rule.key}` của `{self.type}` được mô tả hai lần")
            seen.add(rule.key)
        for mark in self.marks:
            if mark.key and mark.key not in seen:
                raise ValueError(f"`marks` nêu trường `{mark.key}` mà `{self.type}` không có")
        return self

    def field(self, key: str) -> FieldRule | None:
        """The field with this key; for a cell of a table (`thanh_vien.1.ho_ten`) the column, labelled with its row."""
        cell = split_row_key(key)
        if cell is None:
            return next((rule for rule in self.fields if rule.key == key), None)
        table, row, name = cell
        rule = next((rule for rule in self.fields if rule.key == table), None)
        column = next((column for column in rule.columns if column.key == name), None) if rule else None
        if rule is None or column is None:
            return None
        return column.model_copy(update={"label": f"{rule.label}, dòng {row}: {column.label}"})

    def doc_type(self) -> DocType:
        """What the judge of types is told."""
        signs = self.recognise
        sides: dict[str, Any] = {name: (side.any, side.markers) for name, side in signs.parts.items()}
        titles = signs.titles or (() if sides else (self.name.upper(),))
        return DocType(self.type, self.name, titles, signs.markers, signs.against, signs.later, sides)


def changed(rule: FieldRule, change: dict[str, Any]) -> FieldRule:
    """A field with some of its words changed. Raises `ValidationError`."""
    return FieldRule.model_validate({**rule.model_dump(exclude_unset=True), **change})
