"""A small SVG of cost by size: seconds a page over the number of pages on a logarithmic axis; no library, no script."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_WIDTH: Final = 640
_HEIGHT: Final = 360
_LEFT: Final = 70
_BOTTOM: Final = 60
_TOP: Final = 40
_COLOURS: Final = {"cpu_s": "#1b5e9b", "seconds": "#b3541e"}
_WORDS: Final = {"cpu_s": "CPU seconds a page", "seconds": "wall seconds a page"}


def cost_svg(cost: Sequence[dict[str, Any]], title: str) -> str:
    """`cost`: rows with `pages`, `reading` (`read` or `replayed`), `cpu_s`, `seconds`; hollow marks are replayed."""
    most = max((row[key] for row in cost for key in _COLOURS), default=1.0) * 1.15
    inner = _WIDTH - _LEFT - 30

    def x(pages: float) -> float:
        return _LEFT + inner * (math.log10(max(pages, 10)) - 1) / 3

    def y(value: float) -> float:
        return _HEIGHT - _BOTTOM - (_HEIGHT - _BOTTOM - _TOP) * value / most

    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif">'
    parts = [head, f"<title>{escape(title)}</title>", f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>']
    parts.append(_text(_LEFT, 22, title, size=14))
    for step in range(5):
        value = most * step / 4
        line = f'<line x1="{_LEFT}" x2="{_WIDTH - 30}" y1="{y(value):.1f}" y2="{y(value):.1f}" stroke="#ddd"/>'
        parts += [line, _text(_LEFT - 8, y(value) + 4, f"{value:.2f}", anchor="end")]
    for pages in (10, 100, 1_000, 10_000):
        parts.append(_text(x(pages), _HEIGHT - _BOTTOM + 20, f"{pages:,}", anchor="middle"))
    parts.append(_text(_LEFT + inner / 2, _HEIGHT - 20, "pages in the kho (hollow: reading replayed)", anchor="middle"))
    for row_number, (key, colour) in enumerate(_COLOURS.items()):
        points = " ".join(f"{x(row['pages']):.1f},{y(row[key]):.1f}" for row in cost)
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for row in cost:
            fill = "#fff" if row["reading"] == "replayed" else colour
            place = f'cx="{x(row["pages"]):.1f}" cy="{y(row[key]):.1f}" r="5"'
            parts.append(f'<circle {place} fill="{fill}" stroke="{colour}" stroke-width="2"/>')
        parts.append(_text(_WIDTH - 200, _TOP + 4 + 18 * row_number, _WORDS[key], colour=colour))
    return "\n".join([*parts, "</svg>", ""])


def _text(x: float, y: float, text: str, *, size: int = 12, anchor: str = "start", colour: str = "#222") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{colour}"'
    return f"<text {place}>{escape(text)}</text>"
