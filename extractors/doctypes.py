"""What kind of paper a page is and whether it opens one: titles, markers, codes and letterheads, scored from data.

Each type's score is the noisy-or of its signs (1 minus the product of what each leaves open), so signs add up and
none can pass 1. The best type wins if it leads clearly; otherwise the page goes on with the paper before, or is
`unknown`. `evidence` names the signs that counted. What there is to tell apart is handed in by the caller as data
(`DocType`); administrative letters alone are known here, by their letterhead.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from extractors import letter_types, mrz
from extractors.cccd_qr import find_codes, parse_payload
from extractors.fields import TypeClaim
from extractors.head import head_of, number_row, title_row
from extractors.layout import find_phrase, rows_of, text_height, words_of
from extractors.letterhead import head_strength
from extractors.text import compact, fold, phrase_similarity, upper_share

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from extractors.fields import PageView
    from extractors.head import Head
    from extractors.layout import Row

UNKNOWN = "unknown"
_ENOUGH = 0.5
"""Below this score a page's type is not claimed."""
_TITLE = 0.85
"""From this likeness on a row of capitals is a title."""


@dataclass(frozen=True, slots=True)
class DocType:
    """Signs of one type."""

    type: str
    name: str
    """Vietnamese."""
    titles: tuple[str, ...] = ()
    """Printed titles in capitals, in the upper part of a page: the strongest sign."""
    markers: Mapping[str, float] = field(default_factory=dict)
    """Phrases that support the type; each adds its weight (0..1) once."""
    against: tuple[str, ...] = ()
    """Phrases that rule the type out where its title was not found."""
    later: tuple[str, ...] = ()
    """Phrases of later pages of the same paper."""
    parts: Mapping[str, tuple[tuple[str, ...], Mapping[str, float]]] = field(default_factory=dict)
    """For cards: `front` and `back`, each with phrases of which one heads the side, and its own markers."""


@cache
def type_names() -> dict[str, str]:
    """Vietnamese name of every kind of letter, and of `unknown`."""
    names = {kind.type: kind.title.capitalize() for kind in letter_types.letter_types()}
    return names | {UNKNOWN: "Giấy tờ chưa nhận ra loại"}


@dataclass(frozen=True, slots=True)
class _Score:
    type: str
    score: float
    starts: bool
    signs: tuple[str, ...]


def _combine(signs: Sequence[tuple[str, float]]) -> float:
    left = 1.0
    for _, weight in signs:
        left *= 1.0 - weight
    return 1.0 - left


def claim_type(page: PageView, kinds: Sequence[DocType] = ()) -> TypeClaim:
    """The page's type, one of `kinds` or a letter's. Decodes pixels only for pages that look like a card.

    A page whose words settle that it is a card, or none, is not looked at.
    """
    rows = rows_of(words_of(page.read), page.read.skew)
    titled = _best_title(page, rows, kinds)
    head = head_of(page)
    strength = head_strength(head)
    scores = [_titled(strength, kind, rows, titled) for kind in kinds]
    # Titles such as GIẤY ỦY QUYỀN are those of a citizen's paper and of a letter: a letter bears a number and a symbol,
    # where a certified paper has the number of a book (800/2025).
    if titled is None or _bears_symbol(head):
        scores.append(_letter(head, strength))
    scores += [_card(page, rows, kind) for kind in kinds if kind.parts]
    ranked = sorted((s for s in scores if s is not None), key=lambda s: s.score, reverse=True)
    best = ranked[0] if ranked else None
    if best is None or best.score < _ENOUGH:
        return _continuation(page, rows, strength, kinds)
    second = next((s.score for s in ranked[1:] if s.type != best.type), 0.0)
    # A rival that scores nearly as much takes its share of the chance.
    probability = best.score * (1.0 - 0.5 * max(0.0, second - 0.3))
    return TypeClaim(best.type, round(min(probability, 0.999), 4), best.starts, "; ".join(best.signs))


@lru_cache(maxsize=8192)
def _length(text: str) -> int:
    return len(compact(text))


def _has(rows: Sequence[Row], phrase: str, slack: float = 0.15) -> float:
    best = 0.0
    least = _length(phrase) - 3
    for row in rows:
        if sum([_length(word.text) for word in row.words]) >= least:
            found = find_phrase(row.words, phrase, slack)
            if found and found[2] > best:
                best = found[2]
    return best


@lru_cache(maxsize=4096)
def _letters_of(text: str) -> Counter[str]:
    """How often each letter stands in a text, marks and case put aside."""
    return Counter(fold(compact(text)))


def _may_say(said: Counter[str], title: Counter[str]) -> bool:
    """Whether a text has enough letters in common with a title to be worth comparing letter by letter."""
    apart = max((said - title).total(), (title - said).total())
    return apart <= (1.0 - _TITLE) * max(said.total(), title.total())


def _best_title(
    page: PageView, rows: Sequence[Row], kinds: Sequence[DocType]
) -> tuple[str, str, float] | None:  # fmt: skip
    """Type, text and likeness of the title that some row of capitals says best; titles share most of their words."""
    best: tuple[str, str, float] | None = None
    for index, row in enumerate(rows):
        if row.box.y0 > page.read.height * 0.5 or upper_share(row.text) < 0.6 or len(row.words) > 14:
            continue
        text = row.text.strip(" .:*-_")
        # A long title may be set on two rows, or three.
        below = [other.text for other in rows[index + 1 : index + 3]]
        for said in (text, *(" ".join((text, *below[: more + 1])) for more in range(len(below)))):
            letters = _letters_of(said)
            for kind in kinds:
                for title in kind.titles:
                    if abs(len(said) - len(title)) > 0.3 * len(title) or not _may_say(letters, _letters_of(title)):
                        continue
                    likeness = phrase_similarity(said, title)
                    if likeness >= _TITLE and (best is None or likeness > best[2]):
                        best = (kind.type, said, likeness)
    return best


def _titled(
    strength: float, kind: DocType, rows: Sequence[Row], titled: tuple[str, str, float] | None
) -> _Score | None:
    if kind.parts or (titled and titled[0] != kind.type):
        return None
    signs = [(f"tiêu đề “{titled[1]}”", 0.97 * titled[2])] if titled else []
    for phrase, weight in kind.markers.items():
        if found := _has(rows, phrase):
            signs.append((f"“{phrase}”", weight * found))
    if not signs or (not titled and any(_has(rows, phrase) for phrase in kind.against)):
        return None
    if titled:
        return _Score(kind.type, _combine(signs), True, tuple(name for name, _ in signs))
    # Without its title a page of this type is more likely its second page, or one whose top was cut off.
    later = [phrase for phrase in kind.later if _has(rows, phrase)]
    opened = not later or strength >= 0.4
    return _Score(kind.type, _combine(signs) * 0.9, opened, tuple(name for name, _ in signs))


def _bears_symbol(head: Head) -> bool:
    number = number_row(head)
    return number is not None and re.search(r"/\s*(\d{4}\s*/\s*)?[A-ZĐ]", head.left[number].text) is not None


def _letter(head: Head, strength: float) -> _Score | None:
    if strength < 0.55:
        return None
    title = title_row(head)
    number = number_row(head)
    if title:
        kind, likeness = title.kind, title.likeness
        return _Score(kind.type, min(0.99, 0.6 * likeness + 0.4 * strength), True,
                      (f"tiêu đề “{kind.title}”", f"phần đầu văn bản {strength:.2f}"))  # fmt: skip
    if number is None:
        return None
    text = head.left[number].text
    about = any(fold(row.text).lstrip(" .").startswith(("v/v", "ve viec")) for row in head.left[number:])
    greeting = any(fold(row.text).startswith(("kinh gui", "kinh goi")) for row in head.rows)
    if not re.search(r"/\s*\w", text) or not (about or greeting):
        return _Score("cong_van", 0.45 * strength, True, (f"số “{text}”",))
    signs = [f"số “{text}”"] + ["V/v"] * about + ["Kính gửi"] * greeting
    return _Score("cong_van", min(0.97, 0.5 + 0.3 * strength + 0.1 * about + 0.1 * greeting), True, tuple(signs))


def _card(page: PageView, rows: Sequence[Row], kind: DocType) -> _Score | None:
    identity = kind.type == "cccd"  # the one card whose code and zone are known
    if identity and mrz.find_lines([line.text for line in page.read.lines if line.text]):
        front = _side(rows, kind, "front")
        return _Score(kind.type, 0.995, bool(front), ("vùng MRZ", *(name for name, _ in front)))
    front, back = _side(rows, kind, "front"), _side(rows, kind, "back")
    signs = front if _combine(front) >= _combine(back) else back
    score = _combine(signs)
    if identity and (0.2 <= score < 0.95 or (not signs and len(rows) <= 25)):
        for text, _ in find_codes(page.image, thorough=score >= 0.2):
            if parse_payload(text):
                return _Score(kind.type, 0.995, True, ("mã QR căn cước", *(name for name, _ in signs)))
    if not signs or len(rows) > 60:
        return None  # running text that mentions a card is not one
    return _Score(kind.type, score, bool(front), tuple(name for name, _ in signs))


def _side(rows: Sequence[Row], kind: DocType, side: str) -> list[tuple[str, float]]:
    heads, markers = kind.parts.get(side, ((), {}))
    signs = [(f"“{phrase}”", 0.35 * found) for phrase in heads[:4] if (found := _capital_row(rows, phrase))]
    signs = signs[:1]
    signs += [(f"“{phrase}”", weight * found) for phrase, weight in markers.items() if (found := _has(rows, phrase))]
    return signs


def _capital_row(rows: Sequence[Row], phrase: str) -> float:
    """How well some short row says a card's heading; a sentence with these words in it does not count."""
    best = max((phrase_similarity(row.text, phrase) for row in rows if len(row.words) <= 8), default=0.0)
    return best if best >= 0.8 else 0.0


def _continuation(page: PageView, rows: Sequence[Row], strength: float, kinds: Sequence[DocType]) -> TypeClaim:
    for kind in kinds:
        later = [phrase for phrase in kind.later if _has(rows, phrase)]
        if later:
            return TypeClaim(kind.type, 0.8, False, "; ".join(f"“{phrase}”" for phrase in later))
    number = page_number(page)
    if number and number > 1:
        return TypeClaim(UNKNOWN, 0.9, False, f"số trang {number}")
    if strength >= 0.4:
        return TypeClaim(UNKNOWN, 0.5, True, f"phần đầu văn bản {strength:.2f}")
    return TypeClaim(UNKNOWN, 0.5, False, "không có phần đầu văn bản")


def page_number(page: PageView) -> int | None:
    """The number printed alone in the top or bottom margin, or None."""
    height = text_height(page.read)
    for row in rows_of(words_of(page.read), page.read.skew):
        in_margin = row.middle < page.read.height * 0.09 or row.middle > page.read.height * 0.92
        found = re.fullmatch(r"\W*(\d{1,3})\W*", row.text)
        if in_margin and found and row.box.width < height * 4:
            return int(found[1])
    return None
