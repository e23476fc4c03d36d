"""Signs on a page of where a paper begins, goes on and ends, beside what the judge of types says.

A page without a national heading opens no official paper. A form ends with an oath, a row of place and date, places for
signatures, in this order: which of them stand on a page tells how far its form has come. A later page has labels of its
own type, or that end. Pure functions on the words of a page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from extractors.layout import rows_of, words_of
from extractors.text import fold, nfc, similarity

if TYPE_CHECKING:
    from collections.abc import Collection

    from extractors.fields import PageView
    from pipeline.procedures.paper import DocumentSchema

_NATION = "cong hoa xa hoi chu nghia viet nam"
_DATED = re.compile(
    r"^(?:(?:lam|lap|khai|viet) tai\W{1,3})?[^:,\d]{2,32}[,.…]+\s*"
    r"ngay [\d.…\s]{1,8}thang [\d.…\s]{1,8}nam [\d.…\s]{2,8}\W*$"
)
_SIGN = re.compile(
    r"^\W*(?:\(?\s*ky(?: ten)?\b.*\b(?:ho|ten|dau)\b|nguoi (?:yeu cau|khai|lam don|de nghi|ke khai|uy quyen)\W*$)"
)
_OATH = re.compile(r"^(?:toi|chung toi)\b.*\bcam doan\b")
_HEAD = 0.3
"""Share of a page's height in which its head stands."""
_FAMILIAR = 2
"""Labels of a type that a page must have to be one of its pages."""
_SHORTEST = 5
"""Letters below which a label tells nothing."""


@dataclass(frozen=True, slots=True)
class Signs:
    """What a page shows of borders."""

    headed: bool
    """It has the national heading in its upper part."""
    oath: bool
    dated: bool
    """A row of place and date below the head: what a form ends with."""
    signing: bool
    """A place for a signature."""
    lines: tuple[str, ...]
    """Its rows, without marks, in lower case."""


def signs_of(page: PageView) -> Signs:
    """Looks at a page's rows once."""
    rows = rows_of(words_of(page.read), page.read.skew)
    height = max(1, page.read.height)
    said = [(fold(nfc(row.text)), row.middle / height) for row in rows]
    headed = any(place < _HEAD and _heads(text) for text, place in said)
    body = [text for text, place in said if place > _HEAD or not headed]
    oath, dated, signing = (any(map(sign.match, body)) for sign in (_OATH, _DATED, _SIGN))
    return Signs(headed, oath, dated, signing, tuple(text for text, _ in said))


def _heads(text: str) -> bool:
    letters = re.sub(r"[^a-z ]", "", text).strip()
    return _NATION in letters or (len(letters) > 24 and similarity(letters[-len(_NATION) :], _NATION) > 0.8)


def continues(page: Signs, before: Signs) -> bool:
    """Whether a page without a head may be what is left of a form: its end comes after what was there before."""
    if page.headed or before.dated:
        return False
    return page.dated or ((page.signing or page.oath) and not before.signing)


def familiar(signs: Signs, labels: Collection[str]) -> bool:
    """Whether a page asks for what a type asks for: rows that begin with its (folded) labels, numbered or not."""
    found = set()
    for line in signs.lines:
        bare = re.sub(r"^[\W\d]*(?:[ivx]+\.)?[\W\d]*", "", line)
        found |= {label for label in labels if len(label) >= _SHORTEST and bare.startswith(label)}
    return len(found) >= _FAMILIAR


def labels_of(schema: DocumentSchema) -> frozenset[str]:
    """The printed labels of a type's fields, folded."""
    return frozenset(fold(label) for rule in schema.fields for label in rule.spellings or (rule.label,))
