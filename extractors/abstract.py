"""Which rows are a letter's abstract (trích yếu): centred under the title, or `V/v` under the number.

Gaps, centring and the way a first paragraph begins tell where it ends; a stamp of arrival that stands beside it
is left out because the reader gave it lines of its own. Source: Decree 30/2020, annex I, part 5.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from extractors.head import is_greeting
from extractors.layout import Row, fragments
from extractors.text import fold, nfc, upper_share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extractors.head import Head, Title

_ABOUT = re.compile(r"^\W?(?:v\s*/\s*v|v/\w\b|về việc)", re.IGNORECASE)
_BODY = re.compile(r"^(?:can cu|kinh gui|kinh goi|theo de nghi|thuc hien|xet|chuong i\b|dieu 1\b|phan thu|i\. |1\. )")


def _centred(head: Head, row: Row, centre: float) -> Row:
    """The row without lines that only happen to stand beside it, such as a stamp of arrival at the left margin."""
    limit = head.page.read.width * 0.03
    if abs(row.centre - centre) <= limit:
        return row
    pieces = fragments(head.page.read, row)
    parts = [
        Row(tuple(word for piece in pieces[a:b] for word in piece.words))
        for a in range(len(pieces))
        for b in range(a + 1, len(pieces) + 1)
    ]
    fitting = [part for part in parts if abs(part.centre - centre) <= limit]
    return max(fitting, key=lambda part: part.box.width, default=row)


def below_title(head: Head, title: Title) -> list[Row]:
    """The rows of the abstract centred under a kind's title."""
    anchor = title.row
    width = head.page.read.width
    rows: list[Row] = []
    pitch = 0.0
    for whole in head.rows[title.index + 1 :]:
        row = _centred(head, whole, anchor.centre)
        text = row.text
        if sum(c.isalnum() for c in text) < 2:
            continue  # the rule under an abstract, or a speck
        last = rows[-1] if rows else anchor
        gap = row.middle - last.middle
        if _BODY.match(fold(text)) or gap > head.height * (3.6 if not rows else 2.6):
            break
        if len(rows) >= 2 and pitch and gap > pitch * 1.22:
            break
        if rows and text[0].isupper() and _BODY_OPENING.match(text.casefold()):
            break
        if rows and upper_share(text) > 0.8 and upper_share(rows[0].text) < 0.8:
            break  # the authority that decides, in capitals
        if abs(row.centre - anchor.centre) > width * (0.03 if rows else 0.05):
            break
        if rows:
            pitch = gap if not pitch else min(pitch, gap)
        rows.append(row)
        if len(rows) >= 9:
            break
    return rows


def in_column(head: Head, number: int) -> list[Row]:
    """The rows of the `V/v` under the number of a letter without a title; `number` is its row in the left column."""
    rows: list[Row] = []
    pitch = 0.0
    for narrow in head.left[number + 1 :]:
        row = _whole(head, narrow)
        text = row.text
        if sum(c.isalnum() for c in text) < 2:
            continue
        if not rows:
            if _ABOUT.match(text):
                rows.append(row)
            elif row.middle - head.left[number].middle > head.height * 5:
                break
            continue
        gap = row.middle - rows[-1].middle
        if is_greeting(text) or gap > head.height * 2.4 or (pitch and gap > pitch * 1.5):
            break
        if row.box.x1 > head.border + head.page.read.width * 0.12:
            break  # running text of the whole width
        pitch = gap if not pitch else min(pitch, gap)
        rows.append(row)
        if len(rows) >= 8:
            break
    return rows


def _whole(head: Head, narrow: Row) -> Row:
    """A row of the left column with what goes on over the column's border without a gap."""
    words = list(narrow.words)
    for row in head.right:
        if abs(row.middle - narrow.middle) < head.height * 0.5:
            for word in row.words:
                if word.box.x0 - words[-1].box.x1 > head.height * 1.2:
                    break
                words.append(word)
    return Row(tuple(words))


_BODY_OPENING = re.compile(
    r"^(?:trong (?:thời gian|những|năm)|ngày \d|để |nhằm |hiện nay|vừa qua|năm \d{4}|thời gian qua|tiếp theo|sau khi"
    r"|trên cơ sở)"
)
"""How a letter's first paragraph begins, where no gap parts it from the abstract."""


def joined(rows: Sequence[Row]) -> str:
    """The abstract as one text."""
    text = ""
    for row in rows:
        part = row.text
        text = text + part if text.endswith("/") else f"{text} {part}".strip()
    text = re.sub(r"(?<=[“(])\s+|\s+(?=[”)])", "", text)  # signs that belong to the word beside them
    text = re.sub(r"^(Về|V/v)(?=việc)", r"\1 ", text)  # the one pair of words that readers keep running together
    return re.sub(r"^(V/v|v/v)\s*:\s*(?=\S)", r"\1: ", nfc(text).strip(" _*"))
