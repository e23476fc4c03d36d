"""A card's QR code as a desk scanner types it, with what keyboards do to it undone, and compared with the papers.

A scanner is a keyboard, so what arrives went through the computer's layout and typing method. Damage that can be undone
for sure is undone: UTF-8 taken for Windows-1252, digits through the Vietnamese layout, Caps Lock, a backslash for the
bar. A name in which letters are lost is left out and said so; numbers and dates are never guessed.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Literal

from extractors.cccd_qr import CardCode, parse_payload
from extractors.fields import FieldStatus
from extractors.text import nfc
from extractors.values import letters_agree
from pipeline.errors import Exit, HosoError
from pipeline.record import Model

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pipeline.record import Dossier, FieldRecord

_LAYOUT = str.maketrans("ăâêôđĂÂÊÔĐ\u0300\u0309\u0303\u0301\u0323₫", "12340" + "12340" + "56789" + "=")
"""The row of digits under the Vietnamese layout of Windows: 1 2 3 4 are ă â ê ô, 0 is đ, 5 to 9 are the tones."""
_SHAPES = {"\u0306", "\u0302", "\u031b"}
_LOST = re.compile(r"[?\ufffd\u25a1]")
_BARS = re.compile(r"[¦‖~\\]")
_LEAST_BARS = 5
_MOST = 1000
"""Letters; a card's code has under 300."""
_PERSON = {
    "so_dinh_danh": "number",
    "ho_ten": "name",
    "ngay_sinh": "born",
    "gioi_tinh": "sex",
}


class NotACardError(HosoError):
    """What a scanner typed is no identity card's code."""

    code = "card_unknown"
    exit_code = Exit.REFUSED
    message_vi = "Mã vừa quét không phải mã QR trên thẻ căn cước."
    remedy_vi = "Hãy quét mã QR ở góc trên của mặt có ảnh trên thẻ căn cước, căn cước công dân gắn chip."


class CardGarbledError(HosoError):
    """A card's code whose digits were lost on the way through the keyboard."""

    code = "card_garbled"
    exit_code = Exit.REFUSED
    message_vi = "Máy quét đọc được thẻ nhưng bàn phím của máy tính làm sai chữ số."
    remedy_vi = (
        "Hãy chuyển bàn phím Windows về tiếng Anh (US), tắt bộ gõ Unikey, đặt máy quét ở chế độ UTF-8 rồi quét lại."
    )


class Card(Model):
    """The person on a card. Dates ISO 8601."""

    number: str
    old_number: str | None = None
    name: str | None
    """None where letters were lost on the way."""
    born: str
    sex: str
    address: str
    issued: str | None = None
    repaired: bool = False
    """Whether something that the keyboard did was undone."""


class Comparison(Model):
    """One fact of the card beside what a paper says."""

    document: str
    title: str
    key: str
    label: str
    card: str
    paper: str
    same: bool
    sure: bool
    """Whether the paper was read without doubt."""


def read_card(typed: str) -> Card:
    """The card in what a scanner typed. Raises `NotACardError`, `CardGarbledError`; neither holds what was typed."""
    if len(typed) > _MOST:
        raise NotACardError
    raw = typed.strip(" \t\r\n")
    for reading in _readings(raw):
        if (code := parse_payload(reading)) is not None:
            return _card(code, repaired=reading != nfc(raw))
    bars = max(raw.count(bar) for bar in "|\\~")
    raise CardGarbledError if bars >= _LEAST_BARS else NotACardError


def compare(card: Card, dossier: Dossier) -> list[Comparison]:
    """The card beside every paper of the dossier that speaks of the same person, what differs first.

    A paper speaks of the person where a number is the card's, or, without a number, a name is; the requester's fields
    (`nyc_`) are compared in any case: who hands in the card is who asks.
    """
    said: list[Comparison] = []
    for document in dossier.documents:
        for prefix in _prefixes(document.fields):
            fields = {name: document.fields.get(prefix + name) for name in _PERSON}
            if prefix != "nyc_" and not _same_person(card, fields):
                continue
            for name, attribute in _PERSON.items():
                field, own = fields[name], getattr(card, attribute)
                if field is None or own is None or field.status is FieldStatus.BLANK:
                    continue
                paper = field.value if isinstance(field.value, str) else ""
                said.append(
                    Comparison(
                        document=document.id,
                        title=document.title,
                        key=prefix + name,
                        label=field.label,
                        card=own,
                        paper=paper,
                        same=letters_agree(_plain(paper), _plain(own)),
                        sure=field.status in {FieldStatus.READ, FieldStatus.CONFIRMED},
                    )
                )
    return sorted(said, key=lambda one: one.same)


State = Literal["same", "different", "unknown"]


def standing(comparisons: Iterable[Comparison]) -> State:
    """The whole comparison in one word."""
    seen = [one.same for one in comparisons]
    if not seen:
        return "unknown"
    return "same" if all(seen) else "different"


def _readings(raw: str) -> Iterator[str]:
    """What may have been meant, the surest first. `raw` is as typed: put together, letters would lose their keys."""
    barred = raw if "|" in raw else _BARS.sub("|", raw)
    for one in dict.fromkeys((raw, barred)):
        yield nfc(one)
        for table in ("cp1252", "latin-1"):
            try:
                yield nfc(one.encode(table).decode("utf-8"))
            except UnicodeError:
                continue
    yield nfc(_digits_back(barred))


def _digits_back(text: str) -> str:
    """Parts that must be digits, as they were before the Vietnamese layout."""
    parts = text.split("|")
    for place, part in enumerate(parts):
        if place in {0, 1, 3, 6} and part:
            digits = "".join(_keys_of(letter) for letter in part).translate(_LAYOUT)
            if re.fullmatch(r"\d+", digits):
                parts[place] = digits
    return "|".join(parts)


def _keys_of(letter: str) -> str:
    """The keys of a letter that a tone has joined: ằ is ă and the grave."""
    base, *marks = list(unicodedata.normalize("NFD", letter))
    own = [mark for mark in marks if mark in _SHAPES]
    return unicodedata.normalize("NFC", base + "".join(own)) + "".join(mark for mark in marks if mark not in _SHAPES)


def _card(code: CardCode, *, repaired: bool) -> Card:
    name: str | None = code.name
    if name and re.fullmatch(r"(?:[^\W\d_][^\W\d_]*\s?)+", name) and all(w[:1].islower() for w in name.split()):
        # Caps Lock was on: it turns every letter round.
        name, repaired = name.swapcase(), True
    if _LOST.search(code.name) or not re.search(r"[^\W\d_]", code.name):
        name = None
    return Card(
        number=code.number,
        old_number=code.old_number,
        name=name,
        born=code.born,
        sex=code.sex,
        address="" if _LOST.search(code.address) else code.address,
        issued=code.issued,
        repaired=repaired,
    )


def _prefixes(fields: Iterable[str]) -> list[str]:
    """`nyc_`, `me_`, ...: whom the fields of a paper speak of; empty for a paper about one person."""
    found = {key[: -len(name)] for key in fields for name in ("so_dinh_danh", "ho_ten") if key.endswith(name)}
    return sorted(found, key=lambda prefix: (prefix != "nyc_", prefix))


def _same_person(card: Card, fields: dict[str, FieldRecord | None]) -> bool:
    number, name = fields["so_dinh_danh"], fields["ho_ten"]
    if number is not None and isinstance(number.value, str):
        return number.value in {card.number, card.old_number}
    value = name.value if name is not None else None
    return card.name is not None and isinstance(value, str) and letters_agree(_plain(value), _plain(card.name))


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
