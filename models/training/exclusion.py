"""Keeps measured pages out of training: by the hash of their source file, and by their text.

A recogniser that has seen a page it is measured on looks better than it is, so both checks run on every build.
A text counts as measured when it is longer than 25 characters and occurs in a ground truth, white space and
case aside; shorter texts and the formulas that open every state paper teach nothing about one page.
"""

from __future__ import annotations

import csv
import hashlib
import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

LONGEST_FREE_TEXT = 25
"""Characters up to which a text may occur in a measured page."""

FORMULAS = (
    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    "CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    "Độc lập - Tự do - Hạnh phúc",
    "Độc lập – Tự do – Hạnh phúc",
)
"""Printed on every paper of the state (Decree 30/2020/ND-CP, appendix I)."""


def sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFC", text).casefold()
    return re.sub(r"\s+", "", re.sub(r"[‹›⍰.…_·\-–—“”\"'‘’]", "", text))


class Measured:
    """What must not be trained on."""

    def __init__(self, texts: Iterable[str], hashes: Iterable[str] = ()) -> None:
        self._texts = [_plain(text) for text in texts]
        self._hashes = frozenset(hashes)
        self._formulas = frozenset(_plain(formula) for formula in FORMULAS)

    @classmethod
    def of_folder(cls, folder: Path) -> Measured:
        """Reads every `*.gt.txt` under `folder`, and `MEASURING_SOURCES.tsv` (second column: a file) if it is there."""
        texts = [path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.gt.txt"))]
        hashes = []
        table = folder / "MEASURING_SOURCES.tsv"
        if table.exists():
            with table.open(encoding="utf-8", newline="") as rows:
                named = {row[1] for row in csv.reader(rows, delimiter="\t") if len(row) > 1}
            hashes = [sha256(folder / name) for name in sorted(named) if (folder / name).is_file()]
        return cls(texts, hashes)

    def holds_file(self, path: Path) -> bool:
        """Whether a file is the source of a measured page."""
        return sha256(path) in self._hashes

    def holds_text(self, text: str) -> bool:
        """Whether a text occurs in a measured page and is long enough to be recognised there."""
        plain = _plain(text)
        if len(text) <= LONGEST_FREE_TEXT or plain in self._formulas:
            return False
        return any(plain in page for page in self._texts)
