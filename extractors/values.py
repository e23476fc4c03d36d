"""From what stands on the paper to what is stored, one pure function per kind of field.

`normalise(kind, raw)` never guesses: what does not fit its kind keeps its raw text and says why it is doubtful.
`repaired` marks values in which look-alike signs were put right or a closed word was one letter off.
Reasons are stable codes: `format`, `not_in_list`, `unknown_choice`, `lunar` (a date of the lunar calendar).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from extractors import amounts, codes, dates, identifiers, names
from extractors.running_text import parts_of
from extractors.text import compact, fold, key, nfc, similarity, strip_leaders

if TYPE_CHECKING:
    from collections.abc import Callable

    from extractors.fields import FieldValue


@dataclass(frozen=True, slots=True)
class Normal:
    """A normalised value. `value` is the cleaned raw text where the kind's format does not fit."""

    value: FieldValue
    fits: bool = True
    repaired: bool = False
    reason: str | None = None


def _misfit(raw: str, reason: str = "format") -> Normal:
    return Normal(raw or None, fits=False, reason=reason)


def _text(raw: str) -> Normal:
    return Normal(raw) if raw else _misfit(raw)


def _name(raw: str) -> Normal:
    value, fits = names.person_name(raw)
    return Normal(value) if fits else _misfit(value)


def _date(raw: str) -> Normal:
    if dates.is_lunar(raw):
        return _misfit(raw, "lunar")
    parsed = dates.parse_date(raw) or dates.parse_words(raw)
    return Normal(parsed.iso, repaired=parsed.repaired) if parsed else _misfit(raw)


def _partial_date(raw: str) -> Normal:
    if dates.is_lunar(raw):
        return _misfit(raw, "lunar")
    parsed = dates.parse_partial(raw) or dates.parse_words(raw)
    return Normal(parsed.iso, repaired=parsed.repaired) if parsed else _misfit(raw)


def _date_words(raw: str) -> Normal:
    # Stored as written: the words themselves are what the register wants; rules parse them again.
    return Normal(raw) if dates.parse_words(raw) else _misfit(raw)


def _datetime(raw: str) -> Normal:
    if dates.is_lunar(raw):
        return _misfit(raw, "lunar")
    parsed = dates.parse_date(raw)
    if parsed is None:
        return _misfit(raw)
    found = re.search(r"(\d{1,2})\s*(?:(?P<word>g\w{1,2}\b)|h|:)\s*(\d{1,2})?", nfc(raw), re.IGNORECASE)
    hour, minute = (int(found[1]), int(found[3] or 0)) if found else (24, 0)
    smudged = bool(found and found["word"] and fold(found["word"]) != "gio")
    if hour > 23 or minute > 59:
        return Normal(parsed.iso, repaired=parsed.repaired)
    return Normal(f"{parsed.iso}T{hour:02d}:{minute:02d}", repaired=parsed.repaired or smudged)


def _issuer(raw: str) -> Normal:
    """The body in `số … do … cấp ngày …`, `ngày … tại …`, or what is neither day nor number."""
    found = parts_of(raw, {"issuer"}).get("issuer")
    return Normal(found) if found else _misfit(raw)


def _place(raw: str) -> Normal:
    """A place; what follows it as `, ngày … tháng …` is a date, not part of it."""
    return _text(re.sub(r"[,\s]*ngày\s*\S{0,4}\s*tháng.*$", "", raw, flags=re.IGNORECASE).strip(" ,."))


def _closed(kind: str) -> Callable[[str], Normal]:
    def of(raw: str) -> Normal:
        value, repaired = names.closed_value(kind, raw)
        return Normal(value, repaired=repaired) if value else _misfit(raw, "not_in_list")

    return of


def _id_number(raw: str) -> Normal:
    value, repaired = identifiers.id_number(raw)
    return Normal(value, repaired=repaired) if value else _misfit(raw)


def _number(raw: str) -> Normal:
    number = amounts.whole_number(raw)
    return _misfit(raw) if number is None else Normal(number)


def _code(raw: str) -> Normal:
    number, repaired = identifiers.letter_number(raw)
    if number:
        return Normal(number, repaired=repaired)
    plain = re.sub(r"^\W*(?:số|so)\s*[:.]*\s*", "", raw, flags=re.IGNORECASE).strip()
    plain = re.sub(r"\s*([/\-])\s*", r"\1", plain)
    plain = re.sub(r"(?<=\d)\s*\.\s*(?=\d)", ".", plain)
    return Normal(plain) if re.fullmatch(r"[\w./\-&]{1,40}", plain) and any(map(str.isdigit, plain)) else _misfit(raw)


def _phone(raw: str) -> Normal:
    found = codes.phone(raw)
    return Normal(found.number) if found else _misfit(raw)


def _exactly(parse: Callable[[str], str | None]) -> Callable[[str], Normal]:
    def of(raw: str) -> Normal:
        value = parse(raw)
        return Normal(value) if value else _misfit(raw)

    return of


def _email(raw: str) -> Normal:
    plain = re.sub(r"\s", "", raw)
    return Normal(plain.casefold()) if re.fullmatch(r"[\w.+\-]+@[\w\-]+(?:\.[\w\-]+)+", plain) else _misfit(raw)


def _money(raw: str) -> Normal:
    amount = amounts.money(raw)
    return _misfit(raw) if amount is None else Normal(amount)


def _lines(raw: str) -> Normal:
    parts = [nfc(part) for part in raw.split("\n")]
    kept = [part for part in parts if part]
    return Normal(kept) if kept else _misfit(raw)


_KINDS: dict[str, Callable[[str], Normal]] = {
    "text": _text,
    "place": _place,
    "issuer": _issuer,
    "datetime": _datetime,
    "relationship": _text,
    "name": _name,
    "date": _date,
    "partial_date": _partial_date,
    "date_words": _date_words,
    "sex": _closed("sex"),
    "ethnicity": _closed("ethnicity"),
    "nationality": _closed("nationality"),
    "id_number": _id_number,
    "number": _number,
    "code": _code,
    "lines": _lines,
    "plate": _exactly(codes.plate),
    "tax_code": _exactly(codes.tax_code),
    "social_insurance": _exactly(codes.social_insurance),
    "health_insurance": _exactly(codes.health_insurance),
    "passport": _exactly(codes.passport),
    "dossier_code": _exactly(codes.dossier_code),
    "procedure_code": _exactly(codes.procedure_code),
    "component_code": _exactly(codes.component_code),
    "agency_code": _exactly(codes.agency_code),
    "ordinal": _number,
    "phone": _phone,
    "email": _email,
    "money": _money,
}

KINDS = frozenset(_KINDS) | {"choice", "choices", "flag", "signer", "signature", "seal", "table"}
"""Every kind that a schema may name."""


def choose(raw: str, choices: tuple[str, ...]) -> Normal:
    """The one choice that `raw` says, by exact key, then by letters alone, then by a near spelling."""
    for choice in choices:
        if key(raw) == key(choice):
            return Normal(choice)
    bare = fold(compact(raw))
    ranked = sorted(choices, key=lambda choice: similarity(bare, fold(compact(choice))), reverse=True)
    if ranked and similarity(bare, fold(compact(ranked[0]))) >= 0.8:
        return Normal(ranked[0], repaired=True)
    return _misfit(raw, "unknown_choice")


def normalise(kind: str, raw: str, choices: tuple[str, ...] = ()) -> Normal:
    """Normalises what was read. `raw` may hold leaders and line breaks; an unknown kind is a programming error."""
    clean = strip_leaders(raw) if kind != "lines" else raw
    if kind in {"flag", "signature", "seal", "table", "choices"}:
        return _misfit(clean, "box")  # pixels say these, no text can
    if kind == "signer":
        kind = "name"
    if kind == "choice":
        return choose(clean, choices)
    return _KINDS[kind](clean)


def letters_agree(left: FieldValue, right: FieldValue) -> bool:
    """Whether two values say the same: text by its comparison key, all else by equality."""
    if isinstance(left, str) and isinstance(right, str):
        return key(left) == key(right)
    if isinstance(left, list) and isinstance(right, list):
        return [key(part) for part in left] == [key(part) for part in right]
    return left == right
