"""A `ReadPage` as plain JSON data and back, without loss.

The step ledger keeps read pages as JSON: short keys, numbers and text only, nothing that needs this code to be read.
Probabilities are kept as they are, so that decoding what was encoded gives an equal page. A version number guards
against records of another shape: they are refused with `ValueError`, never half understood.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.reading import Box, Line, ReadPage, Word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

VERSION = 1


def encode_page(page: ReadPage) -> dict[str, Any]:
    """The page as JSON data: `version`, `width`, `height`, `skew`, `engine`, and `lines` of `words`."""
    return {
        "version": VERSION,
        "width": page.width,
        "height": page.height,
        "skew": page.skew,
        "engine": page.engine,
        "lines": [
            {
                "box": list(line.box),
                "probability": line.probability,
                "unreadable": line.unreadable,
                "handwriting": line.handwriting,
                "words": [
                    {"text": word.text, "box": list(word.box), "probability": word.probability}
                    | ({} if word.stem is None else {"stem": word.stem})
                    | ({} if word.handwriting is None else {"handwriting": word.handwriting})
                    for word in line.words
                ],
            }
            for line in page.lines
        ],
    }


def decode_page(data: Mapping[str, Any]) -> ReadPage:
    """The page that `encode_page` was given. Raises `ValueError` for data of another shape."""
    if data.get("version") != VERSION:
        raise ValueError(f"read page of version {data.get('version')!r}, this code knows {VERSION}")
    try:
        return ReadPage(
            width=int(data["width"]),
            height=int(data["height"]),
            lines=tuple(_line(line) for line in data["lines"]),
            skew=float(data["skew"]),
            engine=str(data["engine"]),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a read page: {error!r}") from error


def _line(data: Mapping[str, Any]) -> Line:
    handwriting = data["handwriting"]
    return Line(
        words=tuple(_word(word) for word in data["words"]),
        box=_box(data["box"]),
        probability=float(data["probability"]),
        unreadable=data["unreadable"],
        handwriting=None if handwriting is None else float(handwriting),
    )


def _word(data: Mapping[str, Any]) -> Word:
    stem, handwriting = (None if (kept := data.get(key)) is None else float(kept) for key in ("stem", "handwriting"))
    return Word(str(data["text"]), _box(data["box"]), float(data["probability"]), stem, handwriting)


def _box(data: Sequence[int]) -> Box:
    x0, y0, x1, y1 = data
    return Box(int(x0), int(y0), int(x1), int(y1))
