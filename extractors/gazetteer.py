"""Places as of their date: an address as written beside the commune that its land belongs to today.

Since 1 July 2025 there are 34 provinces and 3,321 communes and no districts. An old unit went to one commune whole, or
was divided: then all candidates are listed and an officer chooses. A line without a district may be old or new; unless
its date tells, both readings are candidates. Lists are loaded on first use. Source: data/places/LICENSE.txt (MIT).
"""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from extractors.addresses import CITY, Address, Part, parse_address
from extractors.text import compact, fold, key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_DATA = Path(__file__).parent / "data" / "places"
REFORM = date(2025, 7, 1)
"""First day of two levels: before it a district belongs into every address."""
VERSION = "2025-07-01"
"""Of the mapping: named beside every answer, because communes go on changing."""


class Standing(StrEnum):
    """What became of the commune that an address names."""

    IN_FORCE = "in_force"
    """It exists today under the name written."""
    REPLACED = "replaced"
    """It belongs whole to one commune of today."""
    SEVERAL = "several"
    """It was divided, or the name fits several: an officer chooses among the candidates."""
    UNKNOWN = "unknown"
    """No commune, or none that the lists know."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A commune of today."""

    code: str
    """Five digits of the statistics office."""
    kind: str
    name: str
    province: str
    """With its kind: `Tỉnh Bắc Ninh`."""
    province_code: str

    def __str__(self) -> str:
        """`Phường Kinh Bắc, Tỉnh Bắc Ninh`."""
        return f"{self.kind} {self.name}, {self.province}"


@dataclass(frozen=True, slots=True)
class OldUnit:
    """A commune of 30 June 2025; `kind` and `name` are empty for five island districts that had none."""

    province: str
    district: Part
    kind: str
    name: str
    now: tuple[str, ...]
    formerly: tuple[str, ...]
    district_formerly: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlaceToday:
    """An address and what it is today."""

    address: Address
    """In its levels, open parts put where the lists know them."""
    standing: Standing
    candidates: tuple[Unit, ...] = ()
    """Communes of today, one or several; none where the standing is unknown."""
    province: str | None = None
    """Province of today with its kind; None where it is not given, or was divided."""
    province_ceased: bool = False
    """Whether the province written is no province of today."""


@dataclass(frozen=True, slots=True)
class _Lists:
    units: dict[str, Unit]
    new: dict[str, dict[str, list[Unit]]]
    """Province today, by key of its plain name, to folded commune name to units."""
    rows: dict[str, list[list[str]]]
    """Rows of units_before.csv by key of the old province's plain name."""
    today: dict[str, tuple[str, ...]]
    """Key of any province name ever to the provinces of today, with their kind."""
    of_2024: dict[str, tuple[str, ...]]
    """Key of any province name to plain names of provinces of 30 June 2025."""
    ceased: frozenset[str]
    """Keys of provinces that had ceased before 2025."""


def _plain(text: str) -> str:
    """Letters and digits without marks; a number without its leading zeros."""
    bare = fold(compact(text))
    return bare.lstrip("0") if bare.isdigit() else bare


def plain_province(text: str) -> str:
    """A province's name without its kind: `Tỉnh Bắc Ninh` gives `Bắc Ninh`."""
    return text.removeprefix("Tỉnh ").removeprefix("Thành phố ")


def _rows(name: str) -> Iterator[list[str]]:
    with (_DATA / name).open(encoding="utf-8", newline="") as rows:
        reader = csv.reader(rows)
        next(reader)
        yield from reader


@cache
def _lists() -> _Lists:
    units: dict[str, Unit] = {}
    new: dict[str, dict[str, list[Unit]]] = defaultdict(lambda: defaultdict(list))
    for code, province_code, province, kind, name in _rows("units.csv"):
        units[code] = unit = Unit(code, kind, name, province, province_code)
        new[key(plain_province(province))][_plain(name)].append(unit)
    rows: dict[str, list[list[str]]] = defaultdict(list)
    today: dict[str, tuple[str, ...]] = {}
    of_2024: dict[str, tuple[str, ...]] = {}
    for row in _rows("units_before.csv"):
        rows[key(plain_province(row[0]))].append(row)
    for name, own in rows.items():
        today[name] = (units[own[0][6].split()[0]].province,)
        of_2024[name] = (plain_province(own[0][0]),)
    older = yaml.safe_load((_DATA / "older_provinces.yaml").read_text(encoding="utf-8"))
    for name, parts in older["ceased"].items():
        of_2024[key(name)] = tuple(parts)
        today[key(name)] = tuple(dict.fromkeys(one for part in parts for one in today[key(part)]))
    for name, spellings in older["spellings"].items():
        for spelling in (*spellings, name):
            of_2024[key(spelling)], today[key(spelling)] = of_2024[key(name)], today[key(name)]
    for name, (plain, *_) in list(of_2024.items()):  # names typed without marks
        bare = fold(plain) if len(of_2024[name]) == 1 else name
        today.setdefault(bare, today[name])
        of_2024.setdefault(bare, of_2024[name])
    return _Lists(
        units, {k: dict(v) for k, v in new.items()}, dict(rows), today, of_2024, frozenset(map(key, older["ceased"]))
    )


@cache
def _old_of(province: str) -> tuple[OldUnit, ...]:
    """Units of an old province, by key of its plain name."""
    return tuple(
        OldUnit(plain_province(row[0]), Part(row[1], row[2]), row[3], row[4], *(tuple(c.split()) for c in row[6:9]))
        for row in _lists().rows.get(province, ())
    )


@cache
def _old_by_name(province: str) -> dict[str, list[OldUnit]]:
    """Units of an old province by folded name, earlier names included."""
    table: dict[str, list[OldUnit]] = defaultdict(list)
    for unit in _old_of(province):
        for name in {_plain(unit.name), *unit.formerly}:
            table[name].append(unit)
    return dict(table)


def province_today(name: str) -> tuple[str, ...]:
    """Provinces of today, with their kind, that a province's name of any time may mean; none for an unknown name."""
    table = _lists().today
    return table.get(key(name)) or table.get(fold(name)) or ()


def _old_provinces(name: str) -> tuple[str, ...]:
    table = _lists().of_2024
    return table.get(key(name)) or table.get(fold(name)) or ()


def is_in_force(name: str) -> bool:
    """Whether a province of this name exists today: `Bắc Giang` does not, `Bắc Ninh` does."""
    provinces = province_today(name)
    if key(name) in _lists().ceased:
        return False
    return len(provinces) == 1 and key(plain_province(provinces[0])) in {key(one) for one in _old_provinces(name)}


def _placed(address: Address) -> Address:
    """The address with its open parts given a level, where the lists know their names."""
    rest = list(address.loose)
    province, district, commune = address.province, address.district, address.commune
    if province is not None and province.kind == CITY and not province_today(province.name):
        province, district = None, district or province
    if province is None and rest and province_today(rest[-1]):
        province = Part("", rest.pop())
    if province is None and district is not None:
        district, province = _split_off(district)
    if province is None and district is None and commune is not None:
        commune, province = _split_off(commune)
    if province is None:
        return address
    units = [unit for name in _old_provinces(province.name) for unit in _old_of(key(name))]
    named = bool(rest) and (_is_district(units, rest[-1]) or _is_seat(Part("", rest[-1]), province))
    if district is None and named and (commune is not None or len(rest) > 1):
        district = Part("", rest.pop())
    if commune is None and rest:
        here = [unit for unit in units if district is None or _district_fits(unit, district)]
        here = here or (units if district is not None and _is_seat(district, province) else [])
        if any(_plain(rest[-1]) in {_plain(unit.name), *unit.formerly} for unit in here) or (
            district is None and _new_units(province, Part("", rest[-1]))
        ):
            commune = Part("", rest.pop())
    used = address.loose[len(rest) :]
    hamlets = [part for part in (address.hamlet or "").split(", ") if part and part not in used]
    return replace(
        address,
        province=province,
        district=district,
        commune=commune,
        hamlet=", ".join(hamlets) or None,
        street=None if address.street in used else address.street,
        open=tuple(part for part in address.open if part not in used),
    )


def _split_off(unit: Part) -> tuple[Part, Part | None]:
    """A unit and the province written behind it without a comma: `Huyện Gia Lâm Hà Nội`."""
    words = unit.name.split(" ")
    for count in range(min(4, len(words) - 1), 0, -1):
        tail = " ".join(words[-count:])
        if province_today(tail):
            return Part(unit.kind, " ".join(words[:-count])), Part("", tail)
    return unit, None


def _is_district(units: Iterable[OldUnit], name: str) -> bool:
    return any(_district_fits(unit, Part("", name)) for unit in units)


def _is_seat(district: Part, province: Part) -> bool:
    """Whether a district bears its province's name: `thành phố Huế, tỉnh Thừa Thiên Huế`."""
    return district.kind in {"", CITY} and _old_provinces(district.name) == _old_provinces(province.name)


def _district_fits(unit: OldUnit, said: Part) -> bool:
    wanted = _plain(said.name)
    # `Quận 1` keeps its kind in its name; a district that was raised to a town keeps its name.
    names = {_plain(unit.district.name), _plain(unit.district.name).removeprefix("quan"), *unit.district_formerly}
    return wanted in names or _plain(str(said)) in names


def _new_units(province: Part, commune: Part) -> list[Unit]:
    found = []
    for name in province_today(province.name):
        table = _lists().new[key(plain_province(name))]
        found += [unit for unit in table.get(_plain(commune.name), ()) if commune.kind in {"", unit.kind}]
    exact = [unit for unit in found if key(unit.name) == key(commune.name)]
    return exact or found


def _old_units(address: Address) -> list[OldUnit]:
    """Old communes that an address may mean, those whose name and kind agree best."""
    province, commune = address.province, address.commune
    if province is None:
        return []
    found: list[OldUnit] = []
    for name in _old_provinces(province.name):
        if commune is None:
            found += [u for u in _old_of(key(name)) if not u.name]
        else:
            found += _old_by_name(key(name)).get(_plain(commune.name), ())
    if address.district is not None:
        fitting = [unit for unit in found if _district_fits(unit, address.district)]
        # The city that gave a province its name was cut into districts of other names, as Huế was in 2025.
        found = fitting if fitting or not _is_seat(address.district, province) else found
    elif commune is None:
        return []
    for better in (
        lambda unit: commune is not None and key(unit.name) == key(commune.name),
        lambda unit: commune is not None and unit.kind == commune.kind,
    ):
        found = [unit for unit in found if better(unit)] or found
    return found


def place_today(text: str, on: date | None = None) -> PlaceToday:
    """An address line of a day, and what it is today. `on` is the day on which it was written, None where unknown."""
    address = _placed(parse_address(text))
    province, commune = address.province, address.commune
    if province is None:
        return PlaceToday(address, Standing.UNKNOWN)
    names = province_today(province.name)
    today, ceased = (names[0] if len(names) == 1 else None), bool(names) and not is_in_force(province.name)
    new_form = address.district is None and not ceased and commune is not None
    kept = _new_units(province, commune) if new_form and commune is not None else []
    old = [] if new_form and on is not None and on >= REFORM and kept else _old_units(address)
    heirs = [_lists().units[code] for unit in old for code in unit.now]
    if on is not None and on < REFORM and heirs:
        kept = []  # written when the old units were in force
    candidates = tuple(dict.fromkeys([*kept, *heirs]))
    if kept and on is None and len(kept) == 1:
        # Without a district it is written as addresses are today; old units of that name stay visible as candidates
        # only where a kind is not said, because then nothing but the name speaks for the new one.
        candidates = tuple(kept) if commune is not None and commune.kind else candidates
    if not candidates:
        return PlaceToday(address, Standing.UNKNOWN, (), today, ceased)
    if len(candidates) > 1:
        standing = Standing.SEVERAL
    else:
        same = bool(kept) and candidates[0] in kept
        standing = Standing.IN_FORCE if same else Standing.REPLACED
    provinces = {unit.province for unit in candidates}
    return PlaceToday(address, standing, candidates, provinces.pop() if len(provinces) == 1 else today, ceased)
