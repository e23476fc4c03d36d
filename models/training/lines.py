"""A store of training lines: one grey crop with its words, written once and read at random.

Two files: `NAME.png` holds the crops one after the other, each a PNG of its own; `NAME.jsonl` says where each
begins, what its words are and where they stand. A crop keeps generous margins, so that the sampler can choose
how tightly a detector would have cut. Reading is safe from several threads at once.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import cv2
import numpy as np

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class PrintedWord:
    """A word of a label and the columns of the crop that it covers, x1 exclusive."""

    text: str
    x0: int
    x1: int


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """A line with margins. `top` and `bottom` are the rows between which its own ink lies, bottom exclusive."""

    image: NDArray[np.uint8]
    """Grey, shape (height, width), 255 is paper."""
    words: tuple[PrintedWord, ...]
    top: int
    bottom: int

    @property
    def text(self) -> str:
        """The label: the words joined by single spaces."""
        return " ".join(word.text for word in self.words)


class LineWriter:
    """Writes a store; a context manager. An unfinished store is not readable: the index appears at the end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows: list[str] = []
        self._at = 0
        path.parent.mkdir(parents=True, exist_ok=True)
        self._images = path.with_suffix(".png").open("wb")

    def add(self, line: PrintedLine, source: str) -> None:
        """Adds one line; `source` names what it was cut from."""
        done, png = cv2.imencode(".png", line.image, [cv2.IMWRITE_PNG_COMPRESSION, 3])
        if not done:
            raise ValueError(f"a crop of shape {line.image.shape} cannot be written")
        row = {
            "at": self._at,
            "size": len(png),
            "width": line.image.shape[1],
            "words": [[word.text, word.x0, word.x1] for word in line.words],
            "rows": [line.top, line.bottom],
            "source": source,
        }
        self._rows.append(json.dumps(row, ensure_ascii=False, separators=(",", ":")))
        self._images.write(png.tobytes())
        self._at += len(png)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._images.close()
        if kind is None:
            self._path.with_suffix(".jsonl").write_text("\n".join(self._rows) + "\n", encoding="utf-8")


class LineStore:
    """A store, open for reading. Lines are numbered from 0 in the order in which they were added."""

    def __init__(self, path: Path) -> None:
        text = path.with_suffix(".jsonl").read_text(encoding="utf-8")
        self._rows: list[dict[str, Any]] = [json.loads(row) for row in text.splitlines() if row]
        self._file = os.open(path.with_suffix(".png"), os.O_RDONLY)

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, number: int) -> PrintedLine:
        row = self._rows[number]
        png = os.pread(self._file, row["size"], row["at"])
        image = np.asarray(cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_GRAYSCALE), np.uint8)
        words = tuple(PrintedWord(text, x0, x1) for text, x0, x1 in row["words"])
        return PrintedLine(image, words, row["rows"][0], row["rows"][1])

    def text(self, number: int) -> str:
        """The label of a line, without reading its image."""
        return " ".join(word[0] for word in self._rows[number]["words"])

    def source(self, number: int) -> str:
        """What a line was cut from."""
        return str(self._rows[number]["source"])

    def aspect(self, number: int) -> float:
        """Width of the crop over the height of its ink."""
        row = self._rows[number]
        return float(row["width"]) / float(max(1, row["rows"][1] - row["rows"][0]))

    def close(self) -> None:
        """Gives the file back."""
        os.close(self._file)
