"""The figures of `models.bench` as files: a Markdown table, JSON, and a plot of accuracy against time.

The plot is an SVG written here: two logarithmic axes, one labelled point for each engine and folder, black on white, so
that it is readable in print and needs no plotting library. Lower is better on both axes.
"""

from __future__ import annotations

import dataclasses
import json
import math
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from models.bench import Bench, Row

_WIDTH, _HEIGHT = 760, 460
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 120, 40, 55
_COLOURS = ("#b3261e", "#1f5fa8", "#2e7d32", "#7a4fb5", "#8a6d00")
_TICKS = (1, 2, 5)
_LEAST = 1e-4
"""The lowest error rate that the plot shows: no errors at all have no place on a logarithmic axis."""


def write_report(bench: Bench, folder: Path) -> list[Path]:
    """Writes `reading.md`, `reading.json` and, where there is ground truth, `reading.svg`; gives their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {"reading.md": markdown(bench), "reading.json": as_json(bench)}
    scored = [row for row in bench.rows if row.cer is not None]
    if scored:
        files["reading.svg"] = plot(scored)
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    return [folder / name for name in files]


def as_json(bench: Bench) -> str:
    """Rows as measured, and why engines are missing."""
    data = {"rows": [dataclasses.asdict(row) for row in bench.rows], "missing": bench.missing}
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def markdown(bench: Bench) -> str:
    """One table for each folder; rates in per cent, the best of each column in bold."""
    parts = []
    for data in dict.fromkeys(row.data for row in bench.rows):
        rows = [row for row in bench.rows if row.data == data]
        tokens = next((f", {row.tokens} numbers and codes" for row in rows if row.tokens), "")
        parts += [f"**{data}** ({rows[0].pages} pages{tokens})", "", *_table(rows), ""]
    parts += [f"Not measured: {engine} ({reason})." for engine, reason in bench.missing.items()]
    return "\n".join(parts).rstrip() + "\n"


def _table(rows: Sequence[Row]) -> list[str]:
    columns: list[tuple[str, list[float | None], int, bool]] = [
        ("CER %", [_cent(row.cer) for row in rows], 2, False),
        ("tone %", [_cent(row.tone_cer) for row in rows], 2, False),
        ("WER %", [_cent(row.wer) for row in rows], 2, False),
        ("exact numbers %", [_cent(row.exact) for row in rows], 1, True),
        ("CPU-s a page", [row.cpu_seconds for row in rows], 2, False),
        ("peak MB", [row.peak_megabytes for row in rows], 0, False),
    ]
    lines = ["| engine | " + " | ".join(name for name, *_ in columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for number, row in enumerate(rows):
        cells = []
        for _, values, digits, high in columns:
            known = [value for value in values if value is not None]
            value = values[number]
            text = "–" if value is None else f"{value:.{digits}f}"
            best = bool(known) and value == (max if high else min)(known) and len(known) > 1
            cells.append(f"**{text}**" if best else text)
        lines.append(f"| {row.engine} {_short(row.version)} | " + " | ".join(cells) + " |")
    return lines


def _cent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _short(version: str) -> str:
    """The recogniser's name out of a reader's long one; other engines have plain version numbers."""
    return f"({version.split()[2]})" if len(version.split()) > 2 else version


def plot(rows: Sequence[Row]) -> str:
    """CER against CPU seconds a page, both logarithmic, as SVG."""
    times = [row.cpu_seconds for row in rows]
    errors = [max(_LEAST, row.cer or 0.0) for row in rows]
    x0, x1 = _span(times)
    y0, y1 = _span(errors)

    def x(value: float) -> float:
        return _LEFT + (math.log10(value) - x0) / (x1 - x0) * (_WIDTH - _LEFT - _RIGHT)

    def y(value: float) -> float:
        return _HEIGHT - _BOTTOM - (math.log10(value) - y0) / (y1 - y0) * (_HEIGHT - _TOP - _BOTTOM)

    right, bottom = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}">',
        "<style>text { font: 12px sans-serif }</style>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
    ]
    for value in _ticks(x0, x1):
        parts += [
            f'<path d="M{x(value):.1f} {_TOP}V{bottom}" stroke="#ddd"/>',
            f'<text x="{x(value):.1f}" y="{bottom + 17}" text-anchor="middle">{value:g}</text>',
        ]
    for value in _ticks(y0, y1):
        parts += [
            f'<path d="M{_LEFT} {y(value):.1f}H{right}" stroke="#ddd"/>',
            f'<text x="{_LEFT - 8}" y="{y(value) + 4:.1f}" text-anchor="end">{100 * value:g}</text>',
        ]
    folders = list(dict.fromkeys(row.data for row in rows))
    for place, row, error in _placed(rows, errors, x, y):
        colour = _COLOURS[folders.index(row.data) % len(_COLOURS)]
        parts += [
            f'<circle cx="{x(row.cpu_seconds):.1f}" cy="{y(error):.1f}" r="5" fill="{colour}"/>',
            f'<text x="{x(row.cpu_seconds) + 9:.1f}" y="{place:.1f}" fill="{colour}">{escape(row.engine)}</text>',
        ]
    for number, folder in enumerate(folders):
        colour = _COLOURS[number % len(_COLOURS)]
        left = _LEFT + 130 * number
        parts += [
            f'<circle cx="{left}" cy="20" r="5" fill="{colour}"/>',
            f'<text x="{left + 10}" y="24">{escape(folder)}</text>',
        ]
    middle = (_TOP + bottom) / 2
    parts += [
        f'<path d="M{_LEFT} {_TOP}V{bottom}H{right}" fill="none" stroke="black"/>',
        f'<text x="{_LEFT}" y="{_HEIGHT - 14}">CPU seconds a page, one thread</text>',
        f'<text transform="translate(18 {middle}) rotate(-90)" text-anchor="middle">characters wrong, per cent</text>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _placed(
    rows: Sequence[Row], errors: Sequence[float], x: Callable[[float], float], y: Callable[[float], float]
) -> list[tuple[float, Row, float]]:
    """Where each label stands: beside its point, moved down where another label is."""
    placed: list[tuple[float, float, float]] = []
    result = []
    for row, error in sorted(zip(rows, errors, strict=True), key=lambda item: (y(item[1]), item[0].engine)):
        left, right = x(row.cpu_seconds), x(row.cpu_seconds) + 9 + 7 * len(row.engine)
        place = y(error) + 4
        for above, other_left, other_right in sorted(placed):
            if abs(above - place) < 13 and left < other_right and other_left < right:
                place = above + 13
        placed.append((place, left, right))
        result.append((place, row, error))
    return result


def _span(values: Sequence[float]) -> tuple[float, float]:
    """Powers of ten (fractions of them) that hold all values with room at both ends."""
    low, high = math.log10(min(values)), math.log10(max(values))
    room = max(0.12, (high - low) * 0.1)
    return low - room, high + room


def _ticks(low: float, high: float) -> list[float]:
    decades = range(math.floor(low), math.ceil(high) + 1)
    values = [step * 10.0**decade for decade in decades for step in _TICKS]
    return [value for value in values if low <= math.log10(value) <= high]
