"""The upper part of an administrative letter as layout: two columns, rows, the number's row, the title's row.

The national motto fixes the border of the columns; where it was not read, the page's middle stands in for it.
What stands above the motto (marks of electronic signatures, stamps of arrival) is not part of the letterhead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from extractors import letter_types
from extractors.layout import Row, find_phrase, fragments, rows_of, text_height, words_of
from extractors.text import fold

if TYPE_CHECKING:
    from extractors.fields import PageView
    from extractors.letter_types import LetterType

_MOTTOS = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "ĐẢNG CỘNG SẢN VIỆT NAM")
_SECOND_MOTTO = "Độc lập - Tự do - Hạnh phúc"
NUMBER = re.compile(r"^\W{0,4}(?:(?:luật|pháp lệnh)\s+)?s[ốóòoồổõôỗọộ0]\s*[:;.,]?(?=\s|\d|$|/|[:.…])", re.IGNORECASE)
"""How the row with a letter's number begins."""


@dataclass(frozen=True, slots=True)
class Head:
    """The first page's layout: what is left and right of the column border, and the rows of the whole width."""

    page: PageView
    left: tuple[Row, ...]
    right: tuple[Row, ...]
    rows: tuple[Row, ...]
    top: float
    height: float
    """Median height of the page's words, pixels."""
    border: float
    """Where the left column ends, pixels from the left."""
    anchored: bool
    """Whether the national motto was found; without it the page's middle stands in for the border."""


def head_of(page: PageView) -> Head:
    """Finds the motto and parts the words of the upper page into the two columns."""
    read = page.read
    words = words_of(read)
    height = text_height(read)
    upper = [word for word in words if word.box.y0 < read.height * 0.62]
    rows = rows_of(upper, read.skew)
    border, top, anchored = read.width * 0.44, 0.0, False
    for row in rows:
        if row.middle > read.height * 0.5:
            break
        hits = [find_phrase(row.words, phrase) for phrase in (*_MOTTOS, _SECOND_MOTTO)]
        found = max((hit for hit in hits if hit), key=lambda hit: hit[2], default=None)
        if found:
            first = row.words[found[0]].box
            second = hits[2] is not None and not (hits[0] or hits[1])
            # The second row of the motto is set narrower and centred under the first.
            border = first.x0 - height * (4.0 if second else 0.4)
            top, anchored = first.y0 - height * (2.6 if second else 1.4), True
            break
    kept = [word for word in upper if word.box.y1 > top]
    left = [word for word in kept if (word.box.x0 + word.box.x1) / 2 < border]
    right = [word for word in kept if (word.box.x0 + word.box.x1) / 2 >= border]
    return Head(
        page,
        tuple(rows_of(left, read.skew)),
        tuple(rows_of(right, read.skew)),
        tuple(row for row in rows if row.box.y1 > top),
        top,
        height,
        border,
        anchored,
    )


def number_row(head: Head) -> int | None:
    """Index of the left row that carries the letter's number."""
    for index, row in enumerate(head.left):
        if row.middle > head.top + head.page.read.height * 0.3:
            break
        text = row.text
        if (NUMBER.match(text) and ("/" in text or len(text) < 30)) or re.match(r"^\W*\d*\s*/\s*[A-ZĐ]{2,}[-–]", text):
            return index
    return None


@dataclass(frozen=True, slots=True)
class Title:
    """A kind's printed title: the index of its row, the kind, the likeness, and the words that say it."""

    index: int
    kind: LetterType
    likeness: float
    row: Row


def title_row(head: Head) -> Title | None:
    """The row with the kind's title: capitals above the body, maybe beside a stamp of arrival."""
    for index, row in enumerate(head.rows):
        if row.middle > head.top + head.page.read.height * 0.42 or is_greeting(row.text):
            break
        parts = [part for part in (row, *fragments(head.page.read, row)) if len(part.words) <= 5]
        titles = [
            Title(index, *found, part) for part in parts if (found := letter_types.by_title(part.text.strip(" .:*-_")))
        ]
        if titles:
            return max(titles, key=lambda title: title.likeness)
    return None


def is_greeting(text: str) -> bool:
    """Whether a row is the `Kính gửi` that opens a letter's body."""
    return fold(text)[:9] in {"kinh gui:", "kinh gui ", "kinh goi:", "kinh gui"} or fold(text).startswith("kinh gui")
