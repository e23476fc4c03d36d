"""A folder into which scanners write: what lies whole in it is received, then moved aside, never deleted.

A sub-folder is one dossier, a loose file is one dossier; below a folder named by a procedure's code they are for that
procedure. Whole means: nothing in it changed for some seconds, and no name says that it is still being written.
Received things go to `_da-nhan/DATE/`, what had come before to `_trung-lap/`, what cannot be taken to `_khong-nhan/`,
the latter two with a text beside them that says why. Killed anywhere, the next look goes on: receiving is by content.
Where the store does not answer, things stay where they are.
"""

from __future__ import annotations

import itertools
import logging
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline.catalogue.lanes import Lane
from pipeline.errors import Exit, HosoError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pipeline.composition import House

RECEIVED, TWICE, REFUSED = "_da-nhan", "_trung-lap", "_khong-nhan"
STAGE = "watch"
"""Events of this stage say that a dossier came in by the folder."""
_UNFINISHED = (".part", ".partial", ".tmp", ".crdownload", ".filepart", ".writing")
_PROCEDURE = re.compile(r"\d\.\d{6}")
_LOG = logging.getLogger("hoso.watch")

Fingerprint = tuple[tuple[str, int, int], ...]
"""Names, sizes and times of change (ns) of all files of a thing."""


@dataclass(frozen=True, slots=True)
class Thing:
    """A file or folder that is one dossier."""

    path: Path
    procedure: str | None


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a thing."""

    name: str
    place: str
    """`_da-nhan`, `_trung-lap` or `_khong-nhan`."""
    dossier: str | None
    moved_to: Path


@dataclass(slots=True)
class Watch:
    """Looks into one folder when asked to; remembers what it saw, so that it can tell what has come to rest."""

    house: House
    folder: Path
    quiet: float
    """Seconds without a change after which a thing counts as whole."""
    monotonic: Callable[[], float]
    """Seconds; only differences count. The clocks of a scanner's machine are not asked."""
    _seen: dict[Path, tuple[Fingerprint, float]] = field(default_factory=dict, init=False)
    _held: set[Path] = field(default_factory=set, init=False)

    @property
    def waiting(self) -> bool:
        """Whether something has still to come to rest; what is being written, or held by the store, is not counted."""
        return any(fingerprint and path not in self._held for path, (fingerprint, _) in self._seen.items())

    def look(self) -> list[Taken]:
        """Takes in what is whole by now. A thing's error is its own: the others go on."""
        taken: list[Taken] = []
        things = list(self._things())
        for thing in things:
            try:
                if self._whole(thing.path):
                    taken.append(self._take(thing))
                    self._seen.pop(thing.path, None)
                self._held.discard(thing.path)
            except HosoError as error:
                self._held.add(thing.path)
                _LOG.warning("%s stays: %s", thing.path.name, error.code)
            except OSError as error:
                # A share that went away, a scanner that took its file back: the next look will tell.
                _LOG.warning("%s: %s", thing.path.name, type(error).__name__)
        for path in self._seen.keys() - {thing.path for thing in things}:
            del self._seen[path]
            self._held.discard(path)
        return taken

    def _things(self) -> Iterator[Thing]:
        for path in _entries(self.folder):
            if path.is_dir() and _PROCEDURE.fullmatch(path.name):
                yield from (Thing(inner, path.name) for inner in _entries(path))
            else:
                yield Thing(path, None)

    def _whole(self, path: Path) -> bool:
        fingerprint = _fingerprint(path)
        now = self.monotonic()
        before = self._seen.get(path)
        if fingerprint is None or before is None or before[0] != fingerprint:
            self._seen[path] = (fingerprint or (), now)
            return False
        return bool(fingerprint) and now - before[1] >= self.quiet

    def _take(self, thing: Thing) -> Taken:
        # Scanners write in bulk: what comes this way waits behind the desk, and first when room gets short.
        try:
            received = self.house.conductor.receive([thing.path], thing.procedure, lane=Lane.BACKLOG)
        except HosoError as error:
            if error.exit_code is not Exit.REFUSED:
                raise
            return self._moved(thing, REFUSED, None, f"{error.message_vi}\n{error.remedy_vi}\n({error.code})\n")
        dossier = received.dossier_id
        catalogue = self.house.catalogue
        if any(event.stage == STAGE for event in catalogue.events_after(dossier)):
            note = (
                f"Đã nhận trước đây, hồ sơ {dossier}: không nhận lần nữa.\nNếu là hồ sơ khác, hãy quét lại từ giấy.\n"
            )
            return self._moved(thing, TWICE, dossier, note)
        catalogue.append_event(dossier, STAGE, "done")
        return self._moved(thing, RECEIVED, dossier, "")

    def _moved(self, thing: Thing, place: str, dossier: str | None, note: str) -> Taken:
        shelf = self.folder / place / f"{self.house.tools.clock():%Y-%m-%d}"
        shelf.mkdir(parents=True, exist_ok=True)
        target = _free(shelf, thing.path)
        thing.path.rename(target)
        if note:
            target.with_name(f"{target.name}.ly-do.txt").write_text(note, encoding="utf-8")
        return Taken(thing.path.name, place, dossier, target)


def _entries(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if not path.name.startswith((".", "_", "~$")))


def _fingerprint(path: Path) -> Fingerprint | None:
    """None while a name says that the thing is still being written; empty for an empty folder."""
    files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    if any(file.name.lower().endswith(_UNFINISHED) for file in files):
        return None
    stats = [(file, file.stat()) for file in files]
    return tuple((str(file), stat.st_size, stat.st_mtime_ns) for file, stat in stats)


def _free(shelf: Path, path: Path) -> Path:
    """A name on the shelf that nobody has: nothing is ever written over."""
    end = path.suffix if path.is_file() else ""
    stem = path.name.removesuffix(end)
    names = (path.name if number == 1 else f"{stem} ({number}){end}" for number in itertools.count(1))
    return next(target for target in (shelf / name for name in names) if not target.exists())
