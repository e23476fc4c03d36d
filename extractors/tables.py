"""Tables of repeated rows: a header row whose cells are the columns' labels, and rows of values below it.

Ruled tables are read cell by cell from the lines on the paper, over a page's end where the next page opens with a table
of as many columns. Tables without lines are read by the columns that the header's words open.
Every cell of a row that says something is a claim under the key `table.row.column`; empty cells are blank.
A ditto mark stands for the cell above it: the claim's value is that one, its raw text is the mark.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from extractors.cells import Cell, cell_claim
from extractors.fields import Field, FieldStatus, Source, row_key
from extractors.grid import Grid, KeptPixels, find_grids
from extractors.labels import find_labels, flatten
from extractors.layout import box_of, rows_of, text_height, words_of
from extractors.slots import ENUMERATION
from extractors.text import compact, phrase_similarity, strip_leaders
from models.reading import Box

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from extractors.fields import FieldSpec, PageView
    from extractors.layout import Row
    from models.reading import Word

_ALIKE = 0.72
"""How alike a header's cell and a column's label must be."""
_BLANK = 0.97


@dataclass(slots=True)
class Table:
    """A table as it stands on paper: for each filled or empty row its cells by column key."""

    spec: FieldSpec
    rows: list[dict[str, Cell]] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    """All words that belong to it, its header too."""
    place: tuple[int, Box] | None = None


def read_tables(pages: Sequence[PageView], specs: Sequence[FieldSpec]) -> tuple[list[Field], list[Word]]:
    """Claims on all tables that are asked for, and the words that they used up."""
    fields: list[Field] = []
    used: list[Word] = []
    wanted = [spec for spec in specs if spec.kind == "table"]
    grids = {page.number: page_grids(page) for page in pages} if wanted else {}
    for spec in wanted:
        table = _ruled(pages, grids, spec) or _unruled(pages, spec)
        if table is not None:
            fields += _claims(table)
            used += table.words
    return fields, used


def page_grids(page: PageView) -> list[Grid]:
    """The ruled grids of a page."""
    skew, height = page.read.skew, text_height(page.read)
    return page.load.grids(skew, height) if isinstance(page.load, KeptPixels) else find_grids(page.image, skew, height)


def _claims(table: Table) -> list[Field]:
    found: list[Field] = []
    above: dict[str, Field] = {}
    number = 0
    for row in table.rows:
        said = {column.key: row[column.key] for column in table.spec.columns if column.key in row}
        if not any(said[c.key].text for c in table.spec.columns if c.key in said and c.kind != "ordinal"):
            continue
        number += 1
        for column in table.spec.columns:
            cell = said.get(column.key)
            if cell is not None:
                claim = cell_claim(row_key(table.spec.key, number, column.key), column, cell, above.get(column.key))
                found.append(claim)
                above[column.key] = claim
    if not number and table.place is not None:
        page, box = table.place
        return [Field(table.spec.key, None, "", _BLANK, Source.LABEL, page, box, FieldStatus.BLANK)]
    return found


# -- ruled ---------------------------------------------------------------------------------------------------------


def _ruled(pages: Sequence[PageView], grids: dict[int, list[Grid]], spec: FieldSpec) -> Table | None:
    table: Table | None = None
    columns: dict[int, FieldSpec] = {}
    width = 0
    for page in pages:
        words = words_of(page.read)
        for index, grid in enumerate(grids[page.number]):
            cells = _cells(grid, words)
            first = 0
            if table is None:
                header = _header(cells, len(grid.ys) - 1, spec)
                if header is None:
                    continue
                first, columns = header
                table, width = Table(spec), len(grid.xs)
                table.place = (page.number, grid.box(first - 1, 0)._replace(x1=grid.xs[-1]))
            elif index or len(grid.xs) != width or page.number == (table.place or (0,))[0]:
                continue  # only a table at the next page's top goes on
            elif (again := _header(cells, len(grid.ys) - 1, spec)) is not None:
                first = again[0]
            table.words += [word for row in cells.values() for word in row]
            for row in range(first, len(grid.ys) - 1):
                table.rows.append(
                    {
                        column.key: Cell(page, tuple(cells.get((row, at), ())), grid.box(row, at))
                        for at, column in columns.items()
                    }
                )
    return table


def _cells(grid: Grid, words: Sequence[Word]) -> dict[tuple[int, int], list[Word]]:
    cells: dict[tuple[int, int], list[Word]] = {}
    for word in words:
        place = grid.cell(word)
        if place is not None:
            cells.setdefault(place, []).append(word)
    return cells


def _header(
    cells: dict[tuple[int, int], list[Word]], rows: int, spec: FieldSpec
) -> tuple[int, dict[int, FieldSpec]] | None:
    """The row below the header, and which column asks for what; a header may be two rows high."""
    best: tuple[int, dict[int, FieldSpec]] | None = None
    for row in range(min(rows, 4)):
        for deep in (1, 2):
            texts: dict[int, str] = {}
            for (at, column), words in sorted(cells.items(), key=lambda item: item[0]):
                if row <= at < row + deep:
                    texts[column] = f"{texts.get(column, '')} {in_reading_order(words)}".strip()
            found = _columns(texts, spec.columns)
            if len(found) >= max(2, (len(spec.columns) + 1) // 2) and (best is None or len(found) > len(best[1])):
                best = (row + deep, found)
    return best


def in_reading_order(words: Sequence[Word]) -> str:
    """A cell's words row by row."""
    return " ".join(word.text for row in rows_of(words) for word in row.words)


def _columns(texts: dict[int, str], columns: Sequence[FieldSpec]) -> dict[int, FieldSpec]:
    """The best match of header cells and columns, each used once."""
    pairs = sorted(
        (
            (max(phrase_similarity(_bare(text), label) for label in spec.labels), -at, spec)
            for at, text in texts.items()
            if compact(text)
            for spec in columns
        ),
        key=lambda pair: pair[:2],
        reverse=True,
    )
    found: dict[int, FieldSpec] = {}
    for alike, at, spec in pairs:
        if alike >= _ALIKE and -at not in found and spec not in found.values():
            found[-at] = spec
    left = [at for at, text in sorted(texts.items()) if compact(text) and at not in found]
    missing = [spec for spec in columns if spec not in found.values()]
    if len(found) >= 2 and len(left) == len(missing) == 1:
        found[left[0]] = missing[0]  # all others are known: this one is headed in words of its own
    return found


def _bare(header: str) -> str:
    """A header's words without notes in brackets and footnote marks."""
    return re.sub(r"\([^)]*\)", " ", header).strip() or header


# -- without lines -------------------------------------------------------------------------------------------------


def _unruled(pages: Sequence[PageView], spec: FieldSpec) -> Table | None:
    labels = [label for column in spec.columns for label in column.labels]
    by_label = {label: column for column in reversed(spec.columns) for label in column.labels}
    for page in pages:
        height = text_height(page.read)
        rows = rows_of(words_of(page.read), page.read.skew)
        for index, row in enumerate(rows):
            flat = flatten(row)
            hits = [hit for hit in find_labels(flat, labels) if ":" not in flat.text[hit.end : hit.end + 2]]
            columns = {by_label[hit.label].key: hit for hit in hits}
            heads = [(by_label[hit.label], box_of(flat.words_between(hit.start, hit.end))) for hit in columns.values()]
            heads += _short_heads(row, spec, columns)
            if len(heads) < max(3, (len(spec.columns) + 1) // 2):
                continue
            heads.sort(key=lambda head: head[1].x0)
            table = Table(spec, words=list(row.words), place=(page.number, row.box))
            for below in _body(rows[index + 1 :], row, height, heads[0][1].x0):
                table.words += below.words
                _add(table, page, below, heads, height)
            return table
    return None


def _short_heads(row: Row, spec: FieldSpec, known: Container[str]) -> list[tuple[FieldSpec, Box]]:
    """Columns headed by a word too short to be looked for anywhere else: `TT`."""
    return [
        (column, word.box)
        for column in spec.columns
        if column.key not in known
        for word in row.words
        if any(compact(word.text) == compact(label) for label in column.labels)
    ]


def _body(rows: Sequence[Row], header: Row, height: float, left: int) -> Iterator[Row]:
    """Rows below a header, up to a wide gap or a row that is no row of a table."""
    last = header.box.y1
    for row in rows:
        text = strip_leaders(row.text)
        part_of_form = ":" in text or (ENUMERATION.match(row.text) and row.box.x0 < left - height)
        if row.box.y0 - last > 2.6 * height or part_of_form or len(row.words) > 30:
            return
        last = row.box.y1
        yield row


def _add(table: Table, page: PageView, row: Row, heads: Sequence[tuple[FieldSpec, Box]], height: float) -> None:
    """A row's words under their headers; a row that leaves the first columns empty goes on with the one above."""
    edges = [(a[1].x1 + b[1].x0) / 2 for a, b in pairwise(heads)]
    cells: dict[str, list[Word]] = {spec.key: [] for spec, _ in heads}
    at = 0
    for before, word in zip((None, *row.words), row.words, strict=False):
        near = sum((word.box.x0 + word.box.x1) / 2 > edge for edge in edges)
        apart = before is None or word.box.x0 - before.box.x1 > 0.8 * height
        at = max(at, near) if apart else at  # words of one phrase stay together
        cells[heads[at][0].key].append(word)
    y0, y1 = row.box.y0, row.box.y1
    goes_on = table.rows and not cells[heads[0][0].key]
    if goes_on:
        for key, words in cells.items():
            old = table.rows[-1][key]
            table.rows[-1][key] = Cell(page, (*old.words, *words), old.box.union(box_of(words)) if words else old.box)
        return
    bounds = [heads[0][1].x0, *(round(edge) for edge in edges), max(heads[-1][1].x1, row.box.x1)]
    table.rows.append(
        {
            spec.key: Cell(page, tuple(cells[spec.key]), Box(bounds[i], y0, max(bounds[i] + 1, bounds[i + 1]), y1))
            for i, (spec, _) in enumerate(heads)
        }
    )
