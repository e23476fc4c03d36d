"""Words to search sealed texts by: two digests of each word, one with its marks and one without.

`hoà` and `hòa` are one word: the tone's place does not count (`extractors.text.key`), its sort does. A word of a query
that has no marks is looked for without marks, so `nguyen van an` finds `Nguyễn Văn An`; one that has marks is looked
for with them, so `Nguyễn` does not find `Nguyên`. A digest is keyed, and its first 64 bits are kept: what collides is
sorted out when the found text has been opened.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

from extractors.text import fold, key, nfc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    Blind = Callable[[str, str], str]

_WORD = re.compile(r"[^\W_]+")
WORDS_LIMIT = 2000
"""Different words of one paper that can be searched for."""


class Word(NamedTuple):
    """A word as it is compared."""

    marked: str
    plain: str

    @property
    def bare(self) -> bool:
        """Whether it was written without any mark."""
        return self.marked == self.plain


def words(text: str) -> list[Word]:
    """The words of a text in their order; signs part words."""
    return [Word(key(word), fold(word)) for word in _WORD.findall(nfc(text).casefold())]


def tokens(texts: Iterable[str], blind: Blind) -> set[int]:
    """By which the texts are found: with marks and without."""
    found: dict[Word, None] = {}
    for text in texts:
        found.update(dict.fromkeys(words(text)))
    some = list(found)[:WORDS_LIMIT]
    return {token("plain", word.plain, blind) for word in some} | {
        token("marked", word.marked, blind) for word in some if not word.bare
    }


def query_tokens(query: str, blind: Blind) -> list[int]:
    """What a text must have to be found: all of them."""
    asked = dict.fromkeys(words(query))
    return [token("plain", word.plain, blind) if word.bare else token("marked", word.marked, blind) for word in asked]


def token(form: str, word: str, blind: Blind) -> int:
    """The first 64 bits of a keyed digest, as databases keep them: signed."""
    return int.from_bytes(bytes.fromhex(blind(f"kho.word.{form}", word)[:16]), "big", signed=True)


def says(have: Sequence[Word], query: Sequence[Word], *, phrase: bool) -> bool:
    """Whether words have all words of a query, or have them one after the other."""
    if not phrase:
        plain, marked = {word.plain for word in have}, {word.marked for word in have}
        return all(asked.plain in plain if asked.bare else asked.marked in marked for asked in query)
    spans = range(len(have) - len(query) + 1)
    return any(all(_is(asked, have[at + n]) for n, asked in enumerate(query)) for at in spans)


def closeness(texts: Iterable[Sequence[Word]], query: Sequence[Word]) -> int:
    """How well texts say a query: its words one after the other count, with the marks as they were typed count more."""
    bare = [Word(word.plain, word.plain) for word in query]
    typed = [word.marked for word in query]
    best = 0
    for have in texts:
        if says(have, bare, phrase=True):
            spans = range(len(have) - len(query) + 1)
            exact = any([word.marked for word in have[at : at + len(query)]] == typed for at in spans)
            best = max(best, 1 + 2 * exact)
    return best


def symbol_form(text: str) -> str:
    """Số ký hiệu as it is compared: capitals, no spaces, no leading `Số`."""
    bare = re.sub(r"\s+", "", unicodedata.normalize("NFC", text)).upper()
    return re.sub(r"^SỐ[:.]?", "", bare)


def _is(asked: Word, word: Word) -> bool:
    return asked.plain == word.plain if asked.bare else asked.marked == word.marked
