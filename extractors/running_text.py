"""One text that answers several questions: `Căn cước công dân số … do … cấp ngày …`, `98/2026, 24.05.2022, UBND …`.

A form asks for number, day and issuer in one breath, and people answer in any order and wording, or only with commas.
Days and numbers are known by their form. The issuer is what its own words announce (`do …`, `nơi cấp: …`), else the
piece of the text that is neither day nor number nor the name of a paper. What is not there is not made up.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from extractors.text import compact, nfc, strip_leaders

if TYPE_CHECKING:
    from collections.abc import Collection

DAYS = frozenset({"date", "partial_date", "datetime"})
_DAY = re.compile(
    r"(?:\bngày\s*)?(?<![\w/])\d{1,2}\s*[/.\-]\s*\d{1,2}\s*[/.\-]\s*\d{4}(?![\w/])"
    r"|\bng[aà]y\s*\d{1,2}\s*,?\s*th[aá]ng\s*\d{1,2}\s*,?\s*n[aă]m\s*\d{4}(?!\d)",
    re.IGNORECASE,
)
_IDENTITY = re.compile(r"(?<![\w/])(?:\d[ .]?){11}\d(?![\w/])|(?<![\w/])(?:\d[ .]?){8}\d(?![\w/])")
_NUMBER = re.compile(r"(?<![\w/\-])(?=[\w./\-]*\d)\w[\w.&]*(?:\s?[/\-]\s?[\w.&]+)*")
_ANNOUNCED = re.compile(
    r"\b(?:do|nơi cấp\s*:?|cơ quan cấp\s*:?|tại)(?:\s+|(?-i:(?=[A-ZĐ])))(?P<body>.+?)"
    r"(?:,?\s+cấp(?:\s+ngày)?\b|,?\s+ngày\s+cấp\b|,?\s*\bngày\s*(?=\d|$)|$)",
    re.IGNORECASE | re.DOTALL,
)
_FURNITURE = re.compile(
    r"\b(?:thẻ\s+)?(?:căn\s+cước(?:\s+công\s+dân)?|cccd|cmnd|chứng\s+minh\s+nhân\s+dân|hộ\s+chiếu|giấy\s+\w+\s+\w+)"
    r"(?=\s+số|\s*[:,]|\s+\d)|\bsố\b\s*:?|\bcấp\s+ngày\b|\bngày\s+cấp\b|\bngày\b\s*:?|\bcấp\b",
    re.IGNORECASE,
)
"""Words that hold such a text together and are no part of any answer."""


def parts_of(text: str, kinds: Collection[str]) -> dict[str, str]:
    """What the text says of each kind: raw parts for `normalise`. Kinds of which nothing was found are left out."""
    said = nfc(text)
    parts: dict[str, str] = {}
    day = _DAY.search(said)
    rest = _DAY.sub(" , ", said)
    for kind in DAYS & set(kinds):
        if day is not None:
            parts[kind] = strip_leaders(day[0])
    identity = _IDENTITY.search(rest)
    if "id_number" in kinds and identity is not None:
        parts["id_number"] = identity[0].strip()
        rest = f"{rest[: identity.start()]} , {rest[identity.end() :]}"
    issuer = _announced(said) if "issuer" in kinds else ""
    if issuer:
        rest = rest.replace(issuer, " , ")
    if "code" in kinds and (number := _number(rest)):
        parts["code"] = number
        rest = rest.replace(number, " , ", 1)
    if "issuer" in kinds and (issuer := issuer or _left(rest)):
        parts["issuer"] = issuer
    return parts


def _announced(text: str) -> str:
    """The body behind `do`, `nơi cấp` or `tại`, up to the day."""
    found = _ANNOUNCED.search(text)
    if found is None:
        return ""
    body = _DAY.split(found["body"])[0]
    body = re.sub(r"^\s*(?:nơi cấp|cơ quan cấp)\s*:?\s*", "", body, flags=re.IGNORECASE)
    return strip_leaders(body)


def _number(text: str) -> str:
    """The first number of a paper; one with a stroke or a hyphen in it before a bare one."""
    found = [match[0] for match in _NUMBER.finditer(text) if any(map(str.isdigit, match[0]))]
    marked = [one for one in found if re.search(r"[/\-]", one)]
    return next(iter(marked or found), "")


def _left(text: str) -> str:
    """The body that stands between commas, where nothing announces it: words in a capital first letter."""
    pieces = [strip_leaders(_FURNITURE.sub(" ", piece)) for piece in re.split(r"\s,\s|;", text)]
    bodies = [piece.strip(" ,.;") for piece in pieces if len(compact(piece)) > 4]
    named = [body for body in bodies if body[:1].isupper() and " " in body and not any(map(str.isdigit, body[:3]))]
    return max(named, key=len, default="")
