"""Looks for people's numbers and names in everything a house wrote, in every form in which they may hide.

Forms: UTF-8 composed and apart, upper, title and lower case, with marks and without, joined by signs as in file names;
each in UTF-16, as JSON and URLs escape it, and inside base64. Files are read raw; packed ones (gzip, zip, zlib) also
unpacked; databases value by value. Names of files count as content.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import sqlite3
import unicodedata
import zipfile
import zlib
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


@dataclass(frozen=True)
class Leak:
    """Something plain where nothing may be. The term is one of the test's own people."""

    where: str
    term: str
    form: str


def unmarked(text: str) -> str:
    apart = unicodedata.normalize("NFD", text.replace("Đ", "D").replace("đ", "d"))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def spellings(term: str) -> set[str]:
    """How a number or name may be written."""
    cases = {term, term.upper(), term.lower(), term.title()}
    cases |= {unmarked(case) for case in cases}
    return cases | {unicodedata.normalize("NFD", case) for case in cases}


def forms(term: str) -> dict[bytes, str]:
    """Bytes to look for, and what they are."""
    found: dict[bytes, str] = {}
    for text in spellings(term):
        found |= {text.replace(" ", sign).encode(): "joined" for sign in ("-", "_", "")}
        plain = text.encode()
        found.setdefault(plain, "utf-8")
        found[text.encode("utf-16-le")] = "utf-16-le"
        found[text.encode("utf-16-be")] = "utf-16-be"
        escaped = json.dumps(text)[1:-1]
        found.setdefault(escaped.encode(), "json")
        found.setdefault(escaped.replace("\\", "\\\\").encode(), "json in json")
        found.setdefault(escaped.upper().replace("\\U", "\\u").encode(), "json, upper")
        for address in (quote(text), quote_plus(text), quote(text).lower()):
            found.setdefault(address.encode(), "url")
        for start in range(3):
            # The letters that do not depend on what stands before and behind.
            coded = base64.b64encode(b"\0" * start + plain)
            inner = coded[4 if start else 0 : -4]
            for letters in (inner, inner.replace(b"+", b"-").replace(b"/", b"_")):
                if len(letters) >= 10:
                    found[letters] = "base64"
    return found


class Scanner:
    """Terms once, then as many folders and texts as there are."""

    def __init__(self, terms: Iterable[str]) -> None:
        self._forms = [(term, form, kind) for term in sorted(set(terms)) for form, kind in forms(term).items()]
        self._clean: set[bytes] = set()

    def bytes(self, data: bytes, where: str) -> list[Leak]:
        """Leaks in some bytes; in what is packed in them, too. The same bytes again are not searched again."""
        digest = hashlib.sha256(data).digest()
        if digest in self._clean:
            return []
        leaks = [Leak(where, term, kind) for term, form, kind in self._forms if form in data]
        for inner in unpacked(data):
            leaks += self.bytes(inner, f"{where} (unpacked)")
        if not leaks:
            self._clean.add(digest)
        return leaks

    def folder(self, root: Path, *, meant: Iterable[Path] = ()) -> list[Leak]:
        """Leaks in every file of a folder but those under the paths that are meant to be plain."""
        spared = tuple(meant)
        leaks = []
        for path in sorted(root.rglob("*")):
            if any(path.is_relative_to(one) for one in spared):
                continue
            where = str(path.relative_to(root))
            leaks += self.bytes(where.encode(), f"{where} (name)")
            if path.is_file():
                data = path.read_bytes()
                leaks += self.bytes(data, where)
                if data.startswith(b"SQLite format 3\0"):
                    leaks += [leak for value in values(path) for leak in self.bytes(value, f"{where} (value)")]
        return leaks


def unpacked(data: bytes) -> Iterator[bytes]:
    if data[:2] == b"\x1f\x8b":
        with suppress(OSError, EOFError, zlib.error):
            yield gzip.decompress(data)
    elif data[:4] == b"PK\x03\x04":
        with suppress(zipfile.BadZipFile), zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield archive.read(name)
    elif data[:1] == b"\x78":
        with suppress(zlib.error):
            yield zlib.decompress(data)


def values(path: Path) -> Iterator[bytes]:
    """Every value of a SQLite database that is text or bytes and may be packed."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            with suppress(sqlite3.DatabaseError):
                for row in connection.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 - our own tables' names
                    for value in row:
                        if isinstance(value, str):
                            yield value.encode("utf-8", "replace")
                        elif isinstance(value, bytes):
                            yield value


def people(truth: Path) -> list[str]:
    """Personal numbers and names in the truth of a generated sample."""
    found = set()
    for document in json.loads(truth.read_text(encoding="utf-8"))["documents"]:
        for key, value in document["fields"].items():
            if isinstance(value, str) and ("ho_ten" in key or "so_dinh_danh" in key or key == "nguoi_ky"):
                found.add(value.strip())
    return sorted(term for term in found if len(term) >= 6)
