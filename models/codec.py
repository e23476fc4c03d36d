"""A `ReadPage` as plain JSON and back, without loss: for the step ledger, other processes and `hoso read`.

The shape is a contract: keys are only ever added. Boxes are `[x0, y0, x1, y1]` in pixels of the upright page.
"""

from __future__ import annotations

from typing import Any

from models.reading import Box, Line, ReadPage, Word


def dump_page(page: ReadPage) -> dict[str, Any]:
    """The page as dictionaries, lists, strings and numbers."""
    return {
        "width": page.width,
        "height": page.height,
        "skew": page.skew,
        "engine": page.engine,
        "lines": [
            {
                "text": line.text,
                "box": list(line.box),
                "probability": line.probability,
                "unreadable": line.unreadable,
                "handwriting": line.handwriting,
                "words": [
                    {"text": word.text, "box": list(word.box), "probability": word.probability} for word in line.words
                ],
            }
            for line in page.lines
        ],
    }


def load_page(data: dict[str, Any]) -> ReadPage:
    """The page that `dump_page` gave. Raises KeyError or TypeError for anything else."""
    return ReadPage(
        width=data["width"],
        height=data["height"],
        skew=data["skew"],
        engine=data["engine"],
        lines=tuple(
            Line(
                words=tuple(Word(word["text"], Box(*word["box"]), word["probability"]) for word in line["words"]),
                box=Box(*line["box"]),
                probability=line["probability"],
                unreadable=line["unreadable"],
                handwriting=line["handwriting"],
            )
            for line in data["lines"]
        ),
    )
