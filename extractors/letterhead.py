"""The fields of an administrative letter, from where Decree 30/2020 places them on the first page and the last.

The national motto fixes the columns: issuing body, number and `V/v` stand to its left, place and date under it.
A kind's title is a centred row of capitals, its abstract the centred rows below; without one it is a `công văn`.
Boxes decide before words do. What does not stand there is left out; what stands there unread is `unreadable`.
The signer is looked for from the first page that carries a signature block (see `signer`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from extractors import abstract, dates, identifiers, letter_days, letter_types, signer
from extractors.evidence import claim
from extractors.fields import Field, FieldStatus, Source
from extractors.head import NUMBER, Head, head_of, number_row, title_row
from extractors.layout import Row, box_of, split_at_gaps
from extractors.lexicon import fix_phrases
from extractors.text import compact, edit_distance, fold, nfc, phrase_similarity, upper_share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extractors.fields import FieldSpec, PageView
    from models.reading import Word

KEYS = (
    "co_quan_ban_hanh", "so_ky_hieu", "dia_danh", "ngay_ban_hanh", "loai_van_ban", "trich_yeu",
    "chuc_vu_nguoi_ky", "nguoi_ky", "do_khan",
)  # fmt: skip

_URGENCY = ("HỎA TỐC", "THƯỢNG KHẨN", "KHẨN", "HỎA TỐC HẸN GIỜ")
_BROKEN = re.compile(r"^[A-ZĐÀ-Ỹ][^,]{1,40},\s*(?:ng[àaảáạâ]y\b.{0,24})?$")
_HEAD_ROWS = 5
"""Rows of the right column among which the date stands: two of the motto, two of the date, one of a mark above."""
_HALF_READ = re.compile(r"(?<=[\s:])(?=\w*\d)\w{2,5}(?=\s*/\s*[A-ZĐ])")
"""A running number of which a pen's figure was taken for a letter; one figure at least was read."""
_DATE = re.compile(
    r"ng[àaảáạâ]y\s*(?P<day>.{0,8}?)\s*th[áaàạ]ng\s*(?P<month>.{0,8}?)\s*n\wm\s*(?P<year>.{0,6})", re.IGNORECASE
)


def _agency(head: Head, number: int | None) -> list[Row]:
    stop = number if number is not None else len(head.left)
    rows: list[Row] = []
    for row in head.left[:stop]:
        text = row.text.strip(" -_.*")
        letters = sum(c.isalpha() for c in text)
        if letters < 3 or upper_share(text) < 0.75:
            if rows and letters >= 3:
                break
            continue
        if rows and row.middle - rows[-1].middle > head.height * 3.2:
            break
        rows.append(row)
    return rows


def _clean_capitals(row: Row) -> tuple[Word, ...]:
    """The row without specks and rules that were read as signs at its ends."""
    words = list(row.words)
    while words and not any(c.isalnum() for c in words[0].text):
        words.pop(0)
    while words and not any(c.isalnum() for c in words[-1].text):
        words.pop()
    return tuple(words)


def agency_field(head: Head, number: int | None) -> Field | None:
    """`co_quan_ban_hanh`: the printed rows above the number, each one line of the value."""
    rows = [words for row in _agency(head, number) if (words := _clean_capitals(row))]
    if not rows:
        return None
    fixed = [fix_phrases(nfc(" ".join(word.text for word in words)).strip(" .,;:_-*")) for words in rows]
    lines = [line for line, _ in fixed]
    flat = [word for words in rows for word in words]
    quality = (0.98 if number is not None else 0.8) * (1.0 if head.anchored else 0.9)
    return claim("co_quan_ban_hanh", lines, flat, source=Source.LETTERHEAD, page=head.page.number, quality=quality,
                 repaired=any(changed for _, changed in fixed),
                 raw="\n".join(" ".join(word.text for word in words) for words in rows))  # fmt: skip


def number_field(head: Head, number: int | None) -> Field | None:
    """`so_ky_hieu`. A printed kind with an unread handwritten number is unreadable, not a number without digits."""
    if number is None:
        return None
    row = head.left[number]
    value, repaired = identifiers.letter_number(row.text)
    doubt = None
    if value is None:
        value, repaired = identifiers.letter_number(_HALF_READ.sub(_as_figures, row.text))
        doubt = "handwriting"
    page = head.page.number
    if value is None:
        if not re.search(r"/\s*[A-ZĐ]", row.text):
            return None
        return Field(
            "so_ky_hieu", None, row.text, 0.0, Source.LETTERHEAD, page, row.box, FieldStatus.UNREADABLE, "number"
        )
    value, corrected = _by_title(head, value)
    repaired = repaired or corrected
    said = [word for word in row.words if not NUMBER.match(word.text + " ") or any(map(str.isdigit, word.text))]
    return claim("so_ky_hieu", value, said or row.words, source=Source.LETTERHEAD, page=page, quality=0.99,
                 doubt=doubt, repaired=repaired, raw=row.text)  # fmt: skip


def _as_figures(found: re.Match[str]) -> str:
    return found[0].translate(letter_days.WRITTEN)


def _by_title(head: Head, value: str) -> tuple[str, bool]:
    """The number with the abbreviation that the printed title asks for, where it is one letter off."""
    title = title_row(head)
    running, tail = identifiers.split_letter_number(value)
    token, dash, rest = tail.partition("-")
    if title is None or not dash or "/" in tail or token in title.kind.codes or title.likeness < 0.95:
        return value, False
    near = [code for code in title.kind.codes if edit_distance(code, token, 1) <= 1]
    return (f"{running}/{near[0]}-{rest}", True) if near else (value, False)


def date_fields(head: Head) -> list[Field]:
    """`dia_danh` and `ngay_ban_hanh` from the first dated row that is not running text."""
    for side in (_with_broken(head), head.rows):
        for row in side:
            if row.middle > head.top + head.page.read.height * 0.4:
                break
            found = _DATE.search(row.text)
            if found and found.start() <= 40 and len(row.text) - found.end() <= 6:
                return _date_fields(head, row, found)
    return []


def _with_broken(head: Head) -> list[Row]:
    """The right rows, and before each one that breaks off after the place or within the date, that one with the next.

    Only in the letterhead: further down, the right halves of running text break off anywhere.
    """
    rows: list[Row] = []
    for index, row in enumerate(head.right):
        below = head.right[index + 1] if index + 1 < len(head.right) else None
        near = below is not None and below.middle - row.middle < head.height * 2.5
        if below and near and index < _HEAD_ROWS and _BROKEN.match(row.text) and not _DATE.search(row.text):
            rows.append(Row((*row.words, *below.words)))
        rows.append(row)
    return rows


def _date_fields(head: Head, row: Row, found: re.Match[str]) -> list[Field]:
    page, fields = head.page.number, []
    place_text = row.text[: found.start()].strip(" ,.;:-_")
    border = next((i for i, word in enumerate(row.words) if re.match(r"\W*ng[àaảáạâ]y", word.text, re.IGNORECASE)), 0)
    if not border:
        border = next((i for i, word in enumerate(row.words) if "ng" in word.text and "," in word.text), 0) + 1
    place_words = [w for w in row.words[:border] if any(c.isalpha() for c in w.text)]
    if place_words and place_text:
        place, changed = fix_phrases(place_text)
        fields.append(
            claim("dia_danh", place, place_words, source=Source.LETTERHEAD, page=page, quality=0.99, repaired=changed,
                  raw=place_text)
        )  # fmt: skip
    date_words = row.words[border:] or row.words
    said = [re.sub(r"[^\w|]", "", found[part]) for part in ("day", "month", "year")]
    numbers = [part.translate(dates.LOOK_ALIKES) for part in said]
    parsed = dates.parse_date(f"ngày {numbers[0]} tháng {numbers[1]} năm {numbers[2][:4]}")
    raw = row.text[found.start() :]
    iso, doubt = (
        (parsed.iso, None) if parsed else (_written_day(head, said[0], numbers[1], numbers[2][:4]), "handwriting")
    )
    if iso is None:
        fields.append(
            Field("ngay_ban_hanh", None, raw, 0.0, Source.LETTERHEAD, page, row.box, FieldStatus.UNREADABLE,
                  "date_incomplete")
        )  # fmt: skip
        return fields
    printed = [word for word in date_words if any(c.isdigit() for c in word.text)] or list(date_words)
    fields.append(
        claim("ngay_ban_hanh", iso, printed, source=Source.LETTERHEAD, page=page, quality=0.99, doubt=doubt,
              repaired=numbers != [found["day"].strip(" .,"), found["month"].strip(" .,"), found["year"].strip(" .,")],
              raw=raw)
    )  # fmt: skip
    return fields


def _written_day(head: Head, said: str, month: str, year: str) -> str | None:
    """A day of which a part was read, for a person to confirm: by the week of the signature, else figure by figure."""
    likely = letter_days.likely_day(said, month, year, letter_days.signed_on(head.page.read))
    if likely:
        return likely.isoformat()
    parsed = dates.parse_date(f"ngày {said.translate(letter_days.WRITTEN)} tháng {month} năm {year}")
    return parsed.iso if parsed else None


def kind_fields(head: Head, number: int | None) -> list[Field]:
    """`loai_van_ban` and `trich_yeu`."""
    page = head.page.number
    title = title_row(head)
    fields: list[Field] = []
    if title:
        kind, score, words = title.kind, title.likeness, title.row.words
        fields.append(
            claim("loai_van_ban", kind.title, words, source=Source.LETTERHEAD, page=page, quality=score,
                  repaired=score < 1.0)
        )  # fmt: skip
        rows = abstract.below_title(head, title)
    elif number is not None:
        rows = abstract.in_column(head, number)
        anchor = rows[0].words if rows else head.left[number].words
        named = letter_types.by_code(identifiers.letter_number(head.left[number].text)[0] or "")
        chance = 0.5 if named else 0.97 if rows else 0.85
        status, reason = (FieldStatus.DOUBTFUL, "title_missing") if named else (FieldStatus.READ, None)
        fields.append(
            Field(
                "loai_van_ban",
                named.title if named and not rows else "CÔNG VĂN",  # `V/v` is a letter's, whatever its code stands for
                "",
                chance,
                Source.LETTERHEAD,
                page,
                Row(anchor).box,
                status,
                reason,
            )
        )
    else:
        return fields
    if rows:
        flat = [word for row in rows for word in row.words]
        fields.append(
            claim("trich_yeu", abstract.joined(rows), flat, source=Source.LETTERHEAD, page=page, quality=0.98,
                  raw="\n".join(row.text for row in rows))
        )  # fmt: skip
    return fields


def urgency_field(head: Head) -> Field | None:
    """`do_khan`: a stamp or printed word of urgency in the upper half; None where there is none."""
    for row in head.rows:
        for part in split_at_gaps(row, head.height * 1.5):
            text = part.text.strip(" .:*-_")
            if len(compact(text)) > 16 or upper_share(text) < 0.8:
                continue
            score, word = max((phrase_similarity(text, word), word) for word in _URGENCY)
            if score >= 0.85:
                return claim(
                    "do_khan", word, part.words, source=Source.LETTERHEAD, page=head.page.number, quality=score
                )
    return _slanted_stamp(head)


def _slanted_stamp(head: Head) -> Field | None:
    """A stamp set at a slant spoils the rows it crosses: its words are looked for by themselves, in any order."""
    pieces = {
        fold(word.text.translate(_STAMP_LETTERS)).strip(" .:-"): word
        for line in head.page.read.lines
        if len(line.words) <= 3 and upper_share(line.text) > 0.7
        for word in line.words
        if head.top < word.box.y0 < head.page.read.height * 0.45
    }
    for phrase in _URGENCY:
        words = [pieces.get(fold(part)) for part in phrase.split(" ")]
        found = [word for word in words if word is not None]
        if len(found) == len(words):
            box = box_of(found)
            if max(box.width, box.height) <= head.height * 12:
                return claim("do_khan", phrase, found, source=Source.LETTERHEAD, page=head.page.number, repaired=True)
    return None


_STAMP_LETTERS = str.maketrans({"0": "O"})


class LetterheadExtractor:
    """Claims on the nine keys of an administrative letter. Holds no state; safe in several threads."""

    source = Source.LETTERHEAD

    def extract(self, pages: Sequence[PageView], specs: Sequence[FieldSpec]) -> list[Field]:
        """Claims in page order; `specs`, where given, limits the keys."""
        if not pages:
            return []
        wanted = {spec.key for spec in specs} or set(KEYS)
        head = head_of(pages[0])
        number = number_row(head)
        found = [agency_field(head, number), number_field(head, number), *date_fields(head), *kind_fields(head, number),
                 urgency_field(head), *signer.signer_fields(pages)]  # fmt: skip
        return [field for field in found if field is not None and field.key in wanted]


def head_strength(head: Head) -> float:
    """0 to 1: how much of a letterhead (motto, number, date) stands on a page; for telling first pages apart."""
    number = number_row(head)
    dated = bool(date_fields(head))
    return 0.4 * head.anchored + 0.35 * (number is not None) + 0.25 * dated


__all__ = ["KEYS", "LetterheadExtractor", "head_of", "head_strength", "number_row", "title_row"]
