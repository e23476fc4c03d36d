"""From a field of the record to its place in the PDF: named destinations, bookmarks, and a list for programs.

A destination is named after the paper and the field (`d1.ho_ten`; `d1` alone is the paper), so that a link
`FILE.pdf#nameddest=d1.ho_ten` opens the page with the field's box in view. Bookmarks name papers and fields, never
values. `links.json`, attached beside the record, says for every field the page and the box in the PDF's own
coordinates. All three come from the record's boxes; nothing is drawn over the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

import pikepdf
import rfc8785

from pipeline.archive.metadata import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

LINKS_NAME = "links.json"
_POINTS_PER_INCH = 72
_LONGEST_SIDE = 14_400.0
"""Points; the largest page that viewers promise to show (ISO 32000-1, Annex C)."""
_SHOWN_WIDE, _SHOWN_HIGH = 0.6, 0.15
"""Least share of the page that a destination shows: a box alone would fill the window with one word."""


@dataclass(frozen=True, slots=True)
class Geometry:
    """A page's size as an image and as a PDF page."""

    width: int
    """Pixels."""
    height: int
    points_wide: float
    points_high: float

    @classmethod
    def of(cls, width: int, height: int, dpi: float) -> Geometry:
        """The page of an image of so many pixels per inch; one too large for viewers is laid smaller."""
        scale = min(_POINTS_PER_INCH / dpi, _LONGEST_SIDE / max(width, height))
        return cls(width, height, width * scale, height * scale)

    def rectangle(self, box: tuple[int, int, int, int]) -> tuple[float, float, float, float]:
        """A box in pixels (x0, y0, x1, y1, y down) as left, bottom, right, top in points, y up."""
        across, up = self.points_wide / self.width, self.points_high / self.height
        x0, y0, x1, y1 = box
        corners = (x0 * across, self.points_high - y1 * up, x1 * across, self.points_high - y0 * up)
        left, bottom, right, top = (round(value, 2) for value in corners)
        return left, bottom, right, top


@dataclass(frozen=True, slots=True)
class Place:
    """A field of a paper, and where it was read."""

    key: str
    label: str
    page: int
    """1-based, of the archive file."""
    box: tuple[int, int, int, int] | None
    """Pixels of the page image; None: somewhere on the page."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A paper of the dossier."""

    id: str
    title: str
    page: int
    """Its first page, 1-based, of the archive file."""
    places: tuple[Place, ...]


def add_places(pdf: pikepdf.Pdf, chapters: Sequence[Chapter], geometries: Sequence[Geometry]) -> None:
    """Adds destinations and bookmarks to a PDF whose pages are there."""
    if not chapters:
        return
    destinations: dict[str, pikepdf.Object] = {}
    tops: list[pikepdf.Object] = []
    for chapter in chapters:
        destinations[quote(chapter.id, safe="")] = _whole(pdf, chapter.page)
        below = []
        for place in chapter.places:
            name = destination_name(chapter.id, place.key)
            destinations[name] = _shown(pdf, place, geometries[place.page - 1])
            below.append(_bookmark(pdf, place.label or place.key, name))
        tops.append(_bookmark(pdf, chapter.title, quote(chapter.id, safe=""), below))
    names = pikepdf.Array()
    for name in sorted(destinations, key=_tree_key):
        names.append(pikepdf.String(name))
        names.append(destinations[name])
    if "/Names" not in pdf.Root:
        pdf.Root.Names = pikepdf.Dictionary()
    pdf.Root.Names.Dests = pikepdf.Dictionary(Names=names)
    outline = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Outlines))
    _chain(outline, tops, closed=False)
    pdf.Root.Outlines = outline


def destination_name(document: str, key: str) -> str:
    """The named destination of a field: ASCII, since viewers differ in how they look for other names."""
    return quote(f"{document}.{key}", safe="")


def links(chapters: Sequence[Chapter], geometries: Sequence[Geometry]) -> bytes:
    """The list for programs, RFC 8785 JSON: pages with their sizes in points, fields with page and rectangle."""
    pages = [
        {"number": number, "width": round(one.points_wide, 4), "height": round(one.points_high, 4)}
        for number, one in enumerate(geometries, start=1)
    ]
    fields = [
        {
            "document": chapter.id,
            "key": place.key,
            "page": place.page,
            "destination": destination_name(chapter.id, place.key),
            "rectangle": None if place.box is None else list(geometries[place.page - 1].rectangle(place.box)),
        }
        for chapter in chapters
        for place in chapter.places
    ]
    return rfc8785.dumps({"unit": "pt", "pages": pages, "fields": fields})


def _tree_key(name: str) -> bytes:
    return bytes(pikepdf.String(name))


def _whole(pdf: pikepdf.Pdf, page: int) -> pikepdf.Object:
    return pikepdf.Array([pdf.pages[page - 1].obj, pikepdf.Name.Fit])


def _shown(pdf: pikepdf.Pdf, place: Place, geometry: Geometry) -> pikepdf.Object:
    if place.box is None:
        return _whole(pdf, place.page)
    left, bottom, right, top = geometry.rectangle(place.box)
    left, right = _widened(left, right, _SHOWN_WIDE * geometry.points_wide, geometry.points_wide)
    bottom, top = _widened(bottom, top, _SHOWN_HIGH * geometry.points_high, geometry.points_high)
    return pikepdf.Array([pdf.pages[place.page - 1].obj, pikepdf.Name.FitR, left, bottom, right, top])


def _widened(low: float, high: float, least: float, end: float) -> tuple[float, float]:
    """The stretch grown evenly to `least`, pushed back where it runs over 0 or `end`."""
    more = max(0.0, least - (high - low)) / 2
    low, high = low - more, high + more
    push = max(0.0, -low) - max(0.0, high - end)
    return round(max(0.0, low + push), 2), round(min(end, high + push), 2)


def _bookmark(pdf: pikepdf.Pdf, title: str, destination: str, below: Sequence[pikepdf.Object] = ()) -> pikepdf.Object:
    item = pdf.make_indirect(pikepdf.Dictionary(Title=clean(title), Dest=pikepdf.String(destination)))
    _chain(item, below, closed=True)
    return item


def _chain(parent: pikepdf.Object, items: Sequence[pikepdf.Object], *, closed: bool) -> None:
    """Links the items to one another and to their parent (ISO 32000-1, 12.3.3); a closed parent counts below zero."""
    if not items:
        return
    parent.First, parent.Last = items[0], items[-1]
    parent.Count = -len(items) if closed else len(items)
    for at, item in enumerate(items):
        item.Parent = parent
        if at:
            item.Prev = items[at - 1]
        if at + 1 < len(items):
            item.Next = items[at + 1]
