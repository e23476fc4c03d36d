"""Who signed a letter and as what: the block of capitals at the lower right, and the name below the signature.

The block opens with an authority (TM., KT., TL., TUQ., Q.) or a post; every row of it is in capitals.
The name stands centred under it, below pen and seal, with its rank or degree before it, which is not part of it.
Seals are read as scraps of capitals, so rows count only where they hold a word of posts; annexes follow the block.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from extractors import names
from extractors.evidence import claim
from extractors.fields import Field, FieldStatus, Source
from extractors.layout import Row, find_phrase, rows_of, split_at_gaps, text_height, words_of
from extractors.lexicon import fix_post_word, fix_surname, vocabulary
from extractors.text import fold, nfc, upper_share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extractors.fields import PageView
    from models.reading import Word

_AUTHORITY = re.compile(r"^\W{0,2}(?:TM|KT|TL|TUQ|TU[QO0]|Q|T/M|K/T|T/L)\s*[.,:]", re.IGNORECASE)


def _tidy(row: Row) -> tuple[Word, ...]:
    """The row's words in capitals, without scraps of pen and seal at its ends."""
    words = list(row.words)

    def scrap(word: Word) -> bool:
        letters = [c for c in word.text if c.isalpha()]
        return not letters or upper_share(word.text) < 0.7 or (len(letters) == 1 and letters[0] not in "QYÝ")

    while words and scrap(words[0]):
        words.pop(0)
    while words and scrap(words[-1]):
        words.pop()
    return tuple(words)


def _is_post(words: Sequence[Word]) -> bool:
    if not words:
        return False
    text = nfc(" ".join(word.text for word in words))
    if len(words) > 9 or upper_share(text) < 0.8:
        return False
    if _AUTHORITY.match(text):
        return True
    parts = [part for part in re.split(r"[^a-z]+", fold(text)) if part]
    return sum(part in vocabulary("posts") for part in parts) >= max(1, len(parts) / 2) and _strong(words)


def _strong(words: Sequence[Word]) -> bool:
    return any(find_phrase(words, phrase, 0.12) for phrase in vocabulary("strong_posts"))


def _continues(words: Sequence[Word]) -> bool:
    """Whether a row of capitals may go on with a post: some of its words are words of posts."""
    parts = [part for word in words for part in re.split(r"[^a-z]+", fold(word.text)) if part]
    return bool(parts) and sum(part in vocabulary("posts") for part in parts) >= max(1, len(parts) / 3)


def _block(rows: Sequence[Row], start: int, height: float) -> tuple[list[tuple[Word, ...]], int]:
    block, end = [_tidy(rows[start])], start
    for index in range(start + 1, min(start + 6, len(rows))):
        if rows[index].middle - rows[end].middle > height * 2.3:
            break
        words = _tidy(rows[index])
        text = " ".join(word.text for word in words)
        if not words or upper_share(text) < 0.8 or not (_is_post(words) or _continues(words)):
            continue
        if abs(Row(words).centre - Row(block[0]).centre) > height * 8:
            continue
        block.append(words)
        end = index
    return block, end


def _name_below(rows: Sequence[Row], end: int, centre: float, height: float) -> tuple[str, Row, float] | None:
    best: tuple[float, str, Row] | None = None
    for row in rows[end + 1 :]:
        if row.middle - rows[end].middle > height * 16:
            break
        for part in split_at_gaps(row, height * 2.5):
            name = names.strip_rank(re.sub(r"[^\w\s.’'\-]", " ", part.text))
            if len(name.split(" ")) > 2 and upper_share(name) < 0.8:
                name = re.sub(r"^[^\W\d_]{1,2}\s+(?=\w{3})", _drop_scrap, name)
            surname, cut = fix_surname(name.split(" ")[0])
            if cut and " " in name:
                name = f"{surname} {name.split(' ', 1)[1]}"
            if not names.looks_like_name(name) or len(name.split(" ")) > 6:
                continue
            off = abs(part.centre - centre)
            if off > height * 9:
                continue
            shouted = upper_share(name) > 0.9
            merit = (
                names.is_surname(name.split(" ")[0]) * 2.0 + (len(name.split(" ")) >= 2) - off / (height * 9) - shouted
            )
            if best is None or merit > best[0]:
                best = (merit, name, part)
    return (best[1], best[2], best[0]) if best and best[0] > 0.2 else None


def signer_fields(pages: Sequence[PageView]) -> list[Field]:
    """`chuc_vu_nguoi_ky` (rows joined by a space) and `nguoi_ky`, from the first page that holds a whole block."""
    fallback: list[Field] = []
    for page in pages:
        found = _on_page(page, first=page is pages[0])
        if len(found) == 2 and found[1].value is not None:
            return found
        fallback = fallback or found
    return fallback


def _on_page(page: PageView, *, first: bool) -> list[Field]:
    read = page.read
    height = text_height(read)
    words = words_of(read)
    top = read.height * (0.3 if first else 0.0)
    receivers = [row for row in rows_of(words, read.skew) if fold(row.text).startswith(("noi nhan", "noi nhan:"))]
    if receivers:
        top = max(top, receivers[-1].box.y0 - height * 6)
    right = [word for word in words if word.box.x0 > read.width * 0.38 and word.box.y0 > top]
    rows = rows_of(right, read.skew)
    best: list[Field] = []
    for start, row in enumerate(rows):
        opening = _tidy(row)
        if not _is_post(opening) or not (receivers or _AUTHORITY.match(Row(opening).text) or not first):
            continue
        block, end = _block(rows, start, height)
        flat = [word for words_ in block for word in words_]
        if not _strong(flat):
            continue
        post, repaired, inferred = _post_text(block)
        doubt = "stamp_over_text" if inferred or _covered(page, flat, height) else None
        quality = 0.98 if receivers else 0.85
        post_field = claim("chuc_vu_nguoi_ky", post, flat, source=Source.LETTERHEAD, page=page.number, quality=quality,
                           repaired=repaired, doubt=doubt)  # fmt: skip
        named = _name_below(rows, end, Row(tuple(flat)).centre, height)
        if named is None:
            best = best or [post_field, _unread_name(page, post_field)] if receivers else best
            continue
        name, part, merit = named
        said = [word for word in part.words if any(c.isalpha() for c in word.text)][-len(name.split(" ")) :]
        return [
            post_field,
            claim("nguoi_ky", name, said, source=Source.LETTERHEAD, page=page.number, raw=part.text,
                  repaired=not all(word in part.text for word in name.split(" ")),
                  quality=quality * (1.0 if merit >= 1.5 else 0.75)),
        ]  # fmt: skip
    return best


def _post_text(block: Sequence[Sequence[Word]]) -> tuple[str, bool, bool]:
    """The post, whether words of it were put right, and whether words hidden by a seal were filled in.

    Who signs for another writes `KT. X` and below it `PHÓ X`: the second row follows from the first, and two equal
    rows can be nothing else.
    """
    rows, repaired, inferred = [], False, False
    for words in block:
        fixed = [fix_post_word(word.text) for word in words]
        repaired = repaired or any(changed for _, changed in fixed)
        rows.append(nfc(" ".join(text for text, _ in fixed)).strip(" .,;:-"))
    for index in range(1, len(rows)):
        for_whom = re.match(r"^KT\W+(.+)$", rows[index - 1])
        if for_whom and rows[index] != f"PHÓ {for_whom[1]}" and rows[index].endswith(for_whom[1]):
            rows[index], inferred = f"PHÓ {for_whom[1]}", True
        elif rows[index] == rows[index - 1]:
            rows[index - 1], rows[index], inferred = f"KT. {rows[index]}", f"PHÓ {rows[index]}", True
    return " ".join(rows), repaired, inferred


def _covered(page: PageView, words: Sequence[Word], height: float) -> bool:
    """Whether something unreadable (a seal, a pen) lies on the rows of the post."""
    box = Row(tuple(words)).box
    return any(
        line.unreadable is not None and line.box.y0 < box.y1 and line.box.y1 > box.y0
        and line.box.x1 > box.x0 - 6 * height and line.box.x0 < box.x1 + 2 * height
        for line in page.read.lines
    )  # fmt: skip


def _drop_scrap(found: re.Match[str]) -> str:
    """Two capitals before a name are a scrap of the seal, unless they are a surname (`Lê`, `Vũ`, `Y`)."""
    word = found[0].strip()
    return found[0] if names.is_surname(word) or not word.isupper() else ""


def _unread_name(page: PageView, post: Field) -> Field:
    return Field(
        "nguoi_ky", None, "", 0.0, Source.LETTERHEAD, page.number, post.box, FieldStatus.UNREADABLE, "no_name_read"
    )
