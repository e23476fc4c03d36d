"""The child's side of `models.served`: builds one reader, then answers calls from its standard input until that ends.

Whatever a library prints goes to stderr, so that it cannot garble an answer. An alarm set before each call ends this
process even inside a native call, should the parent that keeps the time be gone.
"""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import importlib
import json
import os
import signal
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

import numpy as np

from models.codec import encode_page
from models.errors import ReadingError
from models.served import receive

if TYPE_CHECKING:
    from collections.abc import Callable
    from io import BufferedReader

    from models.reading import Image, PageReader

_GRACE = 10
"""Seconds that the parent has to end this process before it ends itself."""


def main(*, early: bool = False) -> None:
    """Serves until the parent closes the pipe; an `early` start imports libraries before it is told its task."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    calls = cast("BufferedReader", sys.stdin.buffer)
    # What is made from here to the first page lives as long as the process: looking for garbage in it is in vain.
    gc.disable()
    if early:
        _import_ahead()
    try:
        task = json.loads(receive(calls))
        try:
            reader = _build(task)
        except ReadingError as error:
            _send(answers, _failure(error) | {"fatal": True})
            return
        gc.freeze()
        gc.enable()
        _send(answers, {"name": reader.name})
        pages: list[Image] = []
        while True:
            head = json.loads(receive(calls))
            if head["shape"] is not None:
                # Before the next page comes in: two at once would be a page more at the peak.
                pages.clear()
                pages.append(np.frombuffer(receive(calls), np.uint8).reshape(head["shape"]))
            _alarm(int(task["seconds"]) + _GRACE)
            answer = _answer(reader, head["call"], pages[0])
            _alarm(0)
            if head["call"] == "read":
                # The last that is asked of a page.
                pages.clear()
            _send(answers, answer)
    except (EOFError, BrokenPipeError):
        return


def build_alone(**options: Any) -> PageReader:
    """The product's reader for one page at a time on one thread; `options` are those of `ReaderOptions`, as JSON."""
    import cv2

    from models.factory import ReaderOptions, build_reader

    cv2.setNumThreads(1)
    kept = tuple(map(Path, options.pop("kept", ())))
    return build_reader(ReaderOptions(kept=kept, **options))


def _import_ahead() -> None:
    for module in ("openvino", "models.factory"):
        # What is missing is the reader's to report, if it needs it at all.
        with contextlib.suppress(ImportError):
            importlib.import_module(module)


def _build(task: dict[str, Any]) -> PageReader:
    module, _, function = task["factory"].partition(":")
    build: Callable[..., PageReader] = getattr(importlib.import_module(module), function)
    return build(**task["options"])


def _answer(reader: PageReader, call: str, image: Image) -> dict[str, Any]:
    try:
        if call == "turn":
            turn = reader.turn(image)
            return {"quarter_turns": int(turn.quarter_turns), "probability": float(turn.probability)}
        if call == "inspect":
            defects = [dataclasses.astuple(defect) for defect in reader.inspect(image)]
            return {"defects": [[code, float(value), float(limit)] for code, value, limit in defects]}
        return encode_page(reader.read(image))
    except ReadingError as error:
        return _failure(error)


def _failure(error: ReadingError) -> dict[str, Any]:
    return {"error": type(error).__name__, "detail": error.detail}


def _alarm(seconds: int) -> None:
    if hasattr(signal, "alarm"):
        signal.alarm(seconds)


def _send(pipe: IO[bytes], answer: dict[str, Any]) -> None:
    content = json.dumps(answer, ensure_ascii=False).encode()
    pipe.write(len(content).to_bytes(8, "little"))
    pipe.write(content)
    pipe.flush()
