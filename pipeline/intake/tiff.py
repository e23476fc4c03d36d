"""The pages of a TIFF, walked directory by directory, because decoders take a missing one for the end of the file.

A TIFF is a chain of directories (TIFF 6.0, section 2; BigTIFF alike with wider numbers). One that points past the
end means that the file was cut short: refused, since a dossier that silently lost its last pages looks complete.
Thumbnails and masks are directories too, but no pages. Coded data past the end breaks only the page it belongs to.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

_SUBFILE_TYPE = 254
_NO_PAGE = 1 | 4
"""Bits of NewSubfileType: a reduced copy of another page, a transparency mask."""
_STARTS, _LENGTHS = (273, 324), (279, 325)
"""Offsets and byte counts of strips and of tiles."""
_UNITS = {1: "B", 3: "H", 4: "I", 16: "Q"}


@dataclass(frozen=True, slots=True)
class Directory:
    """One page of the file."""

    index: int
    """Its place in the chain, thumbnails counted: what a decoder seeks."""
    whole: bool
    """Whether all of its coded data lies inside the file."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """Widths of one flavour: of the entry count, of an entry, and of an offset."""

    order: str
    count: str
    entry: int
    offset: str

    def number(self, data: bytes, at: int, unit: str) -> int:
        value: int = struct.unpack_from(self.order + unit, data, at)[0]
        return value


def tiff_pages(data: bytes, at_most: int) -> list[Directory]:
    """The pages, at most one more than `at_most`. Raises `ValueError` where the chain breaks or bites its tail."""
    order = "<" if data[:2] == b"II" else ">"
    try:
        big = struct.unpack_from(order + "H", data, 2)[0] == 43
        layout = _Layout(order, "Q", 20, "Q") if big else _Layout(order, "H", 12, "I")
        at = layout.number(data, 8 if big else 4, layout.offset)
        pages: list[Directory] = []
        seen: set[int] = set()
        while at:
            if at in seen:
                raise ValueError("the chain of pages bites its tail")
            entries, following = _directory(data, at, layout)
            if not _first(entries, (_SUBFILE_TYPE,), [0])[0] & _NO_PAGE:
                pages.append(Directory(len(seen), _is_whole(entries, len(data))))
            seen.add(at)
            if len(pages) > at_most or len(seen) > 4 * at_most + 4:
                break
            at = following
    except struct.error as error:
        raise ValueError("a page's directory lies past the end of the file") from error
    return pages


def _directory(data: bytes, at: int, layout: _Layout) -> tuple[dict[int, list[int]], int]:
    """The whole-number entries of the directory at `at` that matter here, and where the next one lies."""
    count = layout.number(data, at, layout.count)
    start = at + struct.calcsize(layout.order + layout.count)
    wide = struct.calcsize(layout.order + layout.offset)
    following = layout.number(data, start + count * layout.entry, layout.offset)
    entries: dict[int, list[int]] = {}
    for place in range(start, start + count * layout.entry, layout.entry):
        tag, kind = struct.unpack_from(layout.order + "HH", data, place)
        unit = _UNITS.get(kind)
        if unit is None or tag not in {_SUBFILE_TYPE, *_STARTS, *_LENGTHS}:
            continue
        many = layout.number(data, place + 4, layout.offset)
        size = many * struct.calcsize(layout.order + unit)
        here = place + 4 + wide
        values = here if size <= wide else layout.number(data, here, layout.offset)
        if values + size > len(data):
            raise ValueError("a page's directory is cut short")
        entries[tag] = list(struct.unpack_from(f"{layout.order}{many}{unit}", data, values))
    return entries, following


def _first(entries: dict[int, list[int]], tags: tuple[int, ...], otherwise: list[int]) -> list[int]:
    return next((entries[tag] for tag in tags if entries.get(tag)), otherwise)


def _is_whole(entries: dict[int, list[int]], size: int) -> bool:
    starts, lengths = _first(entries, _STARTS, []), _first(entries, _LENGTHS, [])
    if len(starts) == len(lengths):
        return all(start + length <= size for start, length in zip(starts, lengths, strict=True))
    return all(start < size for start in starts)
