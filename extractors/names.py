"""Names and the closed words of civil status: persons' names, sex, ethnic groups, nationalities.

A name keeps its letters as written (NFC) and is given in capitals where the form asks for capitals.
Closed words map every spelling in use to one; what is near but not equal is repaired only if exactly one is near.
The lists are data beside this file. `Việt Nam` is a nationality and never an ethnic group (rule R7 asks about it).
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import yaml

from extractors.text import compact, edit_distance, fold, key, nfc

_RANKS = re.compile(
    r"^(?:(?:đại|thượng|trung|thiếu)\s+(?:tướng|tá|úy|uý)|chuẩn\s+(?:đô\s+đốc|úy)|(?:phó\s+)?đô\s+đốc"
    r"|(?:gs|pgs|ts|ths|bs|bscki+|bsckii|cki+|ks|cn|ls|ds|tskh|nsnd|nsưt)\s*[.,]"
    r"|(?:giáo\s+sư|phó\s+giáo\s+sư|tiến\s+sĩ|thạc\s+sĩ|bác\s+sĩ|kỹ\s+sư|luật\s+sư|cử\s+nhân)"
    r"|(?:đ/c|đồng\s+chí)\s*:?|(?:ông|bà)\s*:)\s*",  # `Ông` alone is a surname too
    re.IGNORECASE,
)
_NAME_LETTERS = re.compile(r"^[^\W\d_]+(?:['’ʼ`.\-][^\W\d_]+)*['’ʼ`]?$")


@cache
def _lists() -> dict[str, dict[str, list[str]]]:
    path = Path(__file__).parent / "data" / "closed_words.yaml"
    return yaml.safe_load(path.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def closed(kind: str) -> dict[str, list[str]]:
    """A closed list, value to spellings: `sex`, `ethnicity`, `nationality`, `relationship`, `surname`."""
    return _lists()[kind]


@cache
def _spellings(kind: str) -> dict[str, str]:
    table: dict[str, str] = {}
    for value, others in closed(kind).items():
        for spelling in (value, *others):
            table.setdefault(key(spelling), value)
    return table


@cache
def _folded(kind: str) -> dict[str, set[str]]:
    table: dict[str, set[str]] = {}
    for spelling, value in _spellings_plain(kind):
        table.setdefault(fold(compact(spelling)), set()).add(value)
    return table


def _spellings_plain(kind: str) -> list[tuple[str, str]]:
    return [(s, value) for value, others in closed(kind).items() for s in (value, *others)]


def closed_value(kind: str, text: str) -> tuple[str | None, bool]:
    """The list's value that `text` spells, and whether reading had to be repaired; (None, False) if none or several."""
    text = nfc(text).strip(" .,;:")
    if not text:
        return None, False
    exact = _spellings(kind).get(key(text))
    if exact:
        return exact, False
    bare = fold(compact(text))
    same_letters = _folded(kind).get(bare, set())
    if len(same_letters) == 1:
        return next(iter(same_letters)), True
    if len(bare) < 4:
        return None, False  # one wrong letter in three may be any of several groups
    near = {
        value for folded, values in _folded(kind).items() if edit_distance(bare, folded, 1) <= 1 for value in values
    }
    return (near.pop(), True) if len(near) == 1 else (None, False)


def ethnicity_code(value: str) -> str | None:
    """Two digits of an ethnic group in the list of 1979, `01` for Kinh to `54` for Rơ Măm; None for other words."""
    groups = list(closed("ethnicity"))
    return f"{groups.index(value) + 1:02d}" if value in groups else None


def strip_rank(text: str) -> str:
    """A signer's name without military rank, degree or address: `Đại tá Nguyễn Thanh Điệp` gives the last three."""
    text = nfc(text).strip(" .,;:-")
    while True:
        shorter = _RANKS.sub("", text, count=1).strip(" .,;:-")
        if shorter == text or not shorter:
            return text
        text = shorter


def looks_like_name(text: str) -> bool:
    """Two to seven words of letters, each with a capital first (or all in capitals)."""
    words = nfc(text).split(" ")
    return 2 <= len(words) <= 7 and all(_NAME_LETTERS.match(word) and word[0].isupper() for word in words)


def is_surname(word: str) -> bool:
    """Whether a word is one of the usual Vietnamese surnames."""
    return key(word) in _spellings("surname")


def person_name(text: str) -> tuple[str, bool]:
    """A name as written (NFC, single spaces), and whether it has the form of one."""
    name = nfc(text).strip(" .,;:-_…")
    words = name.split(" ")
    single = (
        len(words) == 1 and re.fullmatch(r"[KkHhYy]['’ʼ`][^\W\d_]{2,}", name) is not None
    )  # `K'Brêu` is a whole name
    fits = single or (2 <= len(words) <= 8 and all(_NAME_LETTERS.match(word) for word in words))
    return name, fits


def same_name(left: str, right: str) -> bool:
    """Equal for a reader: case, spaces and `hoà`/`hòa` do not count."""
    return key(left) == key(right)


_PARTICLES = frozenset({"y", "h", "k", "ka"})
"""First words after which Ê Đê, Mnông, Cơ Ho and their neighbours put the clan's name last: `Y Moan Ênuôl`."""


def family_names(name: str) -> frozenset[str]:
    """Comparison keys of the words of a name that may be its family name; empty for `K'Brêu`, which has none.

    The first word, as among the Kinh; the last word as well where the name opens with a particle of sex, as in
    `Y Moan Ênuôl` and `H'Hen Niê`, whose clan comes last.
    """
    words = key(name).split(" ")
    opens = words[0].split("'")[0] in _PARTICLES and (len(words[0].split("'")) > 1 or len(words) > 2)
    if not opens:
        return frozenset(words[:1])
    return frozenset(words[-1:]) if len(words) > 1 else frozenset()
