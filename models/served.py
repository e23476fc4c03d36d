"""A page reader whose pages are read in child processes: what hangs or crashes there is ended, and the next page read.

A native call that never returns cannot be stopped from inside its own process. So each stream is a child of its own,
which loads the models once and then reads page after page; the parent loads none. A page travels through a pipe (some
25 ms of processor time for A4 at 300 dpi) and stays with its child until it was read or another comes, so that what is
asked of it before travels alone; answers come back as JSON. A page that takes too long ends its child, and only that
page: `TimeLimitError`; the next page gets a fresh child. A page whose child died is read once more: `ReaderDiedError`
only if that child dies as well. Children start when first needed and end with their parent: an idle one at the end of
its input, a hanging one by an alarm of its own. The child's side is `models.serving`.
"""

from __future__ import annotations

import contextlib
import json
import threading
import weakref
from typing import IO, TYPE_CHECKING, Any, cast

import numpy as np

from models import errors
from models.child_start import PAGE_SECONDS, end_child, reading_task, start_child, tell
from models.codec import decode_page
from models.errors import ReaderDiedError, ReadingError, TimeLimitError
from models.images import MAX_PIXELS
from models.reading import Defect, Turn

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping
    from io import BufferedReader

    from models.child_start import Spare
    from models.reading import Image, ReadPage

START_SECONDS = 120.0
"""For loading the models, which a cold disk makes slow."""


class ServedReader:
    """A `models.reading.PageReader` over children that build their own reader.

    `factory` is `module:function`; the child calls it with `options` as keyword arguments. `seconds` is the limit of
    one call. An image must not be changed between two calls about it. Starts the first child at once, or takes the
    `spare` one that was started before, and waits for it only when something is asked. Close it when done.
    """

    def __init__(
        self,
        factory: str,
        options: Mapping[str, Any],
        *,
        streams: int = 1,
        seconds: float = PAGE_SECONDS,
        spare: Spare | None = None,
    ) -> None:
        if streams < 1 or seconds <= 0:
            raise ValueError(f"streams and seconds must be positive, got {streams} and {seconds}")
        self._task = reading_task(factory, options, seconds=seconds)
        self._seconds = seconds
        self._free = threading.Semaphore(streams)
        self._lock = threading.Lock()
        self._closed = False
        self._idle = [_Child(self._task, spare.take(self._task) if spare else None)]
        self._name = ""

    @property
    def name(self) -> str:
        """The name of the children's reader. Raises what building it raises."""
        if not self._name:
            with self._child() as child:
                self._name = child.name()
        return self._name

    def turn(self, image: Image) -> Turn:
        """How the page lies. Raises `ReadingError` and nothing else."""
        answer = self._ask("turn", image)
        return Turn(answer["quarter_turns"], answer["probability"])

    def inspect(self, image: Image) -> tuple[Defect, ...]:
        """The page's defects. Raises `ReadingError` and nothing else."""
        return tuple(Defect(*defect) for defect in self._ask("inspect", image)["defects"])

    def read(self, image: Image) -> ReadPage:
        """Reads an upright page. Raises `ReadingError` and nothing else."""
        return decode_page(self._ask("read", image))

    def close(self) -> None:
        """Ends the children; a page still being read ends with `ReaderDiedError`."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for child in idle:
            child.end()

    def _ask(self, call: str, image: Image) -> dict[str, Any]:
        if image.dtype != np.uint8 or not 0 < image.size <= 3 * MAX_PIXELS:
            raise ReadingError(f"not a page image: {image.dtype} {image.shape}")
        try:
            return self._ask_once(call, image)
        except ReaderDiedError:
            # Somebody may have ended the child (an operator, a machine short of memory): a page is to blame only if
            # the next child dies of it as well.
            return self._ask_once(call, image)

    def _ask_once(self, call: str, image: Image) -> dict[str, Any]:
        with self._child(image) as child:
            child.name()
            answer: dict[str, Any] = child.ask(call, image, self._seconds)
            return answer

    @contextlib.contextmanager
    def _child(self, image: Image | None = None) -> Any:
        """A child for one call, the one that has the page where it is idle; kept for the next call unless it died."""
        with self._free:
            with self._lock:
                if self._closed:
                    raise ReaderDiedError("the reader is closed")
                child = self._idle.pop(self._nearest(image)) if self._idle else _Child(self._task)
            try:
                yield child
            finally:
                with self._lock:
                    kept = child.alive and not self._closed
                    if kept:
                        self._idle.append(child)
                if not kept:
                    child.end()

    def _nearest(self, image: Image | None) -> int:
        """Which idle child: the one that has the page, else one that has none, so that nobody's page is pushed out."""
        idle = self._idle
        return max(range(len(idle)), key=lambda place: (idle[place].has(image), idle[place].has(None), place))


class _Child:
    """One child process; serves one caller at a time."""

    def __init__(self, task: str, process: subprocess.Popen[bytes] | None = None) -> None:
        """`process` is a child that was told the task already."""
        self._process = process or start_child()
        self.alive = True
        self._name = ""
        self._page: weakref.ref[Image] | None = None
        if process is None:
            tell(self._process, task.encode())

    def name(self) -> str:
        """The reader's name, once it is built."""
        if not self._name:
            try:
                self._name = self._answer(START_SECONDS)["name"]
            except TimeLimitError as error:
                raise ReaderDiedError(f"not ready after {START_SECONDS:g} s") from error
        return self._name

    def ask(self, call: str, image: Image, seconds: float) -> dict[str, Any]:
        """The answer to one call, within `seconds`."""
        if self.has(image):
            parts: tuple[bytes | memoryview, ...] = (json.dumps({"call": call, "shape": None}).encode(),)
        else:
            head = json.dumps({"call": call, "shape": image.shape}).encode()
            parts = (head, np.ascontiguousarray(image).data.cast("B"))
        # Reading is the last that is asked of a page: the child lets go of it.
        self._page = None if call == "read" else weakref.ref(image)
        return self._answer(seconds, *parts)

    def has(self, image: Image | None) -> bool:
        """Whether it has this very page; None: whether it has none that anybody could still ask about."""
        return (self._page() if self._page is not None else None) is image

    def end(self) -> None:
        """Ends the process and waits for it."""
        self.alive = False
        end_child(self._process)

    def _answer(self, seconds: float, *parts: bytes | memoryview) -> dict[str, Any]:
        late = threading.Event()

        def give_up() -> None:
            late.set()
            self._process.kill()

        # The kill ends a blocked write as well as a blocked read.
        timer = threading.Timer(seconds, give_up)
        timer.daemon = True
        timer.start()
        try:
            tell(self._process, *parts)
            answer: dict[str, Any] = json.loads(receive(_pipe(self._process.stdout)))
        except (OSError, EOFError, ValueError) as error:
            self.alive = False
            if late.is_set():
                raise TimeLimitError(f"stopped after {seconds:g} s") from error
            raise ReaderDiedError(f"exit {self._process.wait()}") from error
        finally:
            timer.cancel()
        if "error" in answer:
            self.alive = not answer.get("fatal", False)
            kind = getattr(errors, answer["error"], ReadingError)
            raise kind(answer["detail"])
        return answer


def receive(pipe: BufferedReader) -> bytearray:
    """One message: eight bytes of length, then as many bytes. Raises `EOFError` where the other side is gone."""
    head = pipe.read(8)
    content = bytearray(int.from_bytes(head, "little"))
    # Into place: a plain `read` gathers pieces and joins them, which holds a page twice.
    if len(head) != 8 or pipe.readinto(content) != len(content):
        raise EOFError("the other side is gone")
    return content


def _pipe(pipe: IO[bytes] | None) -> BufferedReader:
    if pipe is None:
        raise EOFError("no pipe")
    return cast("BufferedReader", pipe)
