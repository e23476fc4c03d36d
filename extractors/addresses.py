"""An address line taken apart into its levels: house, street, hamlet, commune, district, province.

Level words decide, spelled out or short (`P.`, `Q.`, `TP.`, `H.`, `TX.`, `TT.`, `X.`); parts without one are given a
level by their place in the line once the gazetteer knows their name (`gazetteer.py` does that, not this module).
Every part is kept as written; nothing is corrected here. Works on NFC, any capitals, commas, dashes or none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise

from extractors.text import fold, nfc


@dataclass(frozen=True, slots=True)
class Part:
    """A named unit: its kind in full (`Phường`), empty where no word says it, and its name as written."""

    kind: str
    name: str

    def __str__(self) -> str:
        """`Phường Kinh Bắc`."""
        return f"{self.kind} {self.name}".strip()


@dataclass(frozen=True, slots=True)
class Address:
    """An address in its levels, each as written; None where the line does not give it."""

    raw: str
    house: str | None = None
    """Number, alley, lot, flat: `Số 5 ngách 12`."""
    street: str | None = None
    hamlet: str | None = None
    """Below the commune: thôn, xóm, ấp, bản, buôn, tổ, khu phố, khóm; several joined by commas."""
    commune: Part | None = None
    district: Part | None = None
    province: Part | None = None
    open: tuple[str, ...] = ()
    """Parts of no known level, in their order in the line."""
    loose: tuple[str, ...] = ()
    """All parts without a level word, those taken for house, street or hamlet as well: a name may look like one."""


COMMUNE, DISTRICT, PROVINCE = ("Xã", "Phường", "Thị trấn", "Đặc khu"), ("Huyện", "Quận", "Thị xã"), ("Tỉnh",)
CITY = "Thành phố"
"""Of a province or in its place: a name tells which."""

_KINDS = {
    "xa": "Xã", "x": "Xã", "phuong": "Phường", "p": "Phường", "f": "Phường", "thi tran": "Thị trấn", "tt": "Thị trấn",
    "dac khu": "Đặc khu", "huyen": "Huyện", "h": "Huyện", "quan": "Quận", "q": "Quận", "thi xa": "Thị xã",
    "tx": "Thị xã", "thanh pho": CITY, "tp": CITY, "t.p": CITY, "tinh": "Tỉnh", "t": "Tỉnh",
}  # fmt: skip
_WORDS = r"thị\s+trấn|thị\s+xã|thành\s+phố|đặc\s+khu|phường|huyện|quận|tỉnh|xã"
# Short forms need a dot, or a capital or figure right behind them, so that a letter of a name is never taken for one.
_SHORT = r"T\.P\.?|TP\.?|TX\.?|TT\.?|(?:[PQHXTF])\.|[PQ](?=\s?\d)"
_ABBREVIATED = r"(?:T\.P|TP|TX|TT|[PQHXTF])\."
"""What follows a name that ends like a level word: `Tân Xã H. Thạch Thất`."""
_LEVEL = re.compile(
    rf"(?<![\w.])(?:(?P<word>{_WORDS})\s+(?!{_ABBREVIATED})|(?P<short>{_SHORT})\s*(?=[^\W_]))(?=\S)",
    re.IGNORECASE,
)
_BARE_LEVEL = re.compile(
    r"(?<![\w.])(?:(?P<word>thi\s+tran|thi\s+xa|thanh\s+pho|dac\s+khu|phuong|huyen|quan|tinh|xa)\s+"
    rf"(?!{_ABBREVIATED})|(?P<short>{_SHORT})\s*(?=[^\W_]))(?=\S)",
    re.IGNORECASE,
)
_NOT_BEHIND = re.compile(r"hợp\s+tác\s*$", re.IGNORECASE)
_NOT_BEFORE = re.compile(r"(?:lộ\s+\d|hội(?:\s+[a-zà-ỹđ]|\W*$)|đội\b|ủy\b|uỷ\b)")
"""`hợp tác xã`, `tỉnh lộ 10`, `xã hội`, `xã đội`, `huyện ủy` name no unit; `xã Hội Hoan` does."""
_JOINED = re.compile(r"\b(Bà Rịa|Thừa Thiên|Gia Lai|Quảng Nam)\s+[-–—]\s+(Vũng Tàu|Huế|Kon Tum|Đà Nẵng)", re.IGNORECASE)
"""Provinces with a dash of their own in their name."""
_COMMAS = re.compile(r"\s*[,;\n]\s*")
_DASHES = re.compile(r"\s+[-–—]\s+")
"""Where there are commas, a dash belongs to a name: `Phường Văn Miếu - Quốc Tử Giám`."""
_HAMLET = re.compile(
    r"^(?:thôn|xóm|ấp|bản|buôn|làng|tổ(?:\s+dân\s+phố)?|tdp|khu(?:\s+(?:phố|dân\s+cư|vực|tập\s+thể|đô\s+thị))?|kp|kdc|"
    r"khóm|phum|sóc|plei|plây|bon|tiểu\s+khu|đội|cụm|kv|ktt|kđt)(?:[\s.:]|(?=\d))",
    re.IGNORECASE,
)
_HOUSE = re.compile(
    r"^(?P<house>(?:(?:số\s+nhà|số|sn|nhà|lô|căn(?:\s+hộ)?|phòng|ngõ|ngách|hẻm|kiệt|tầng)\.?\s*)?[A-Z]?\d[\w/.\-]*"
    r"(?:\s+(?:ngõ|ngách|hẻm|kiệt|lô|tầng|tòa|toà)\s+\S+)*)(?:\s+(?P<rest>.+))?$",
    re.IGNORECASE,
)
_STREET = re.compile(r"^(?:đường|phố|đ\.|đại\s+lộ|quốc\s+lộ|tỉnh\s+lộ|ql|tl|hương\s+lộ)[\s.]*\S", re.IGNORECASE)


def _levels(text: str, *, unmarked: bool) -> list[re.Match[str]]:
    """Level words of a stretch that do name a unit."""
    return [
        found
        for found in (_BARE_LEVEL if unmarked else _LEVEL).finditer(text)
        if not (found["word"] and (_NOT_BEFORE.match(text[found.end() :]) or _NOT_BEHIND.search(text[: found.start()])))
    ]


def _pieces(text: str, *, unmarked: bool) -> list[str]:
    """The line cut at commas, else at dashes between blanks, and before level words."""
    cut = []
    split = _COMMAS if _COMMAS.search(text) else _DASHES
    for chunk in split.split(_JOINED.sub(r"\1-\2", text)):
        starts = [0, *(found.start() for found in _levels(chunk, unmarked=unmarked)), len(chunk)]
        cut += [chunk[start:end] for start, end in pairwise(starts)]
    return [piece.strip(" .,;:-–") for piece in cut if piece.strip(" .,;:-–")]


def _unit(piece: str, *, unmarked: bool) -> Part | None:
    found = next(iter(_levels(piece, unmarked=unmarked)), None)
    if found is None or found.start():
        return None
    said = fold(nfc(found["word"] or found["short"])).rstrip(".")
    name = piece[found.end() :].strip(" .:")
    return Part(_KINDS[said], name) if name else None


def _below(address: Address, piece: str) -> Address:
    """A part under the commune, put where it belongs."""
    hamlet = _HAMLET.match(piece)
    house = _HOUSE.match(piece)
    if hamlet:
        return replace(address, hamlet=f"{address.hamlet}, {piece}" if address.hamlet else piece)
    if _STREET.match(piece):
        return (
            replace(address, street=piece) if address.street is None else replace(address, open=(*address.open, piece))
        )
    if house and address.house is None:
        address = replace(address, house=house["house"].strip())
        return _house_rest(address, house["rest"].strip()) if house["rest"] else address
    return replace(address, open=(*address.open, piece))


def _house_rest(address: Address, rest: str) -> Address:
    """What follows a house number without a comma: a hamlet, else the street."""
    inner = re.search(r"\s(?=(?:tổ|thôn|xóm|ấp|khu\s+phố|kp\.?|khóm|tdp)[\s.]*\S)", f" {rest}", re.IGNORECASE)
    if inner:
        street, hamlet = rest[: max(inner.start() - 1, 0)].strip(), rest[max(inner.start(), 0) :].strip()
        address = replace(address, hamlet=hamlet)
        return replace(address, street=street) if street else address
    return replace(address, street=rest)


def parse_address(text: str) -> Address:
    """The levels of an address line; `open` holds what has no level word. An empty line gives an empty address."""
    address = Address(nfc(text))
    unmarked = fold(address.raw) == address.raw.casefold()  # typed without marks: then level words have none either
    for piece in _pieces(address.raw, unmarked=unmarked):
        unit = _unit(piece, unmarked=unmarked)
        if unit is None:
            address = replace(_below(address, piece), loose=(*address.loose, piece))
        elif unit.kind in COMMUNE and address.commune is None:
            address = replace(address, commune=unit)
        elif unit.kind in DISTRICT and address.district is None:
            address = replace(address, district=unit)
        elif unit.kind in PROVINCE and (address.province is None or address.province.kind == CITY):
            # A city before its province stands where a district does.
            address = replace(address, district=address.district or address.province, province=unit)
        elif unit.kind == CITY:
            # The later of two cities is the province; a lone one is told by its name.
            if address.province is not None and address.district is None:
                address = replace(address, district=address.province)
            address = replace(address, province=unit) if address.province is None or address.district else address
        else:
            address = replace(address, open=(*address.open, piece))
    return address
