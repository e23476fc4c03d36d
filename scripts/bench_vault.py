"""What encryption costs: a real dossier through the stages, and single objects, sealed beside plain, in one run.

    .venv/bin/python scripts/bench_vault.py [FOLDER]

FOLDER holds one dossier's scans; default: the sample birth registration. The dossier goes through the house as it is;
what is counted is the time inside sealing (verbs of the sealed store less those of the store inside it, columns, keys),
as a part of the whole. Object figures are medians of this process' CPU time over a folder store: waiting for a disk
that others use, too, is left out. The last line is a new master under a thousand keys.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.catalogue.catalogue import Catalogue
from pipeline.catalogue.seals import Seals
from pipeline.composition import build_house
from pipeline.settings import Settings
from pipeline.store.folder import FolderStore
from pipeline.vault.factory import build_vault
from pipeline.vault.rotation import rotate
from pipeline.vault.sealed import SealedStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.record import Dossier
    from pipeline.store.around import Around

SAMPLE = Path(__file__).parents[1] / "samples" / "birth_registration"
STORE_VERBS = ("put_new", "get", "fetch", "stat")
SEALS_VERBS = ("json", "opened", "index", "row", "parts", "opened_parts", "output", "opened_output", "hold")


class Watch:
    """Time inside some methods, nested calls counted once."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.calls = 0
        self._deep = 0

    def around(self, owner: type, names: tuple[str, ...]) -> None:
        """Times these methods of a class."""
        for name in names:
            setattr(owner, name, self._timed(getattr(owner, name)))

    def _timed(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*arguments: Any, **named: Any) -> Any:
            self._deep += 1
            started = time.perf_counter()
            try:
                return method(*arguments, **named)
            finally:
                self._deep -= 1
                if self._deep == 0:
                    self.seconds += time.perf_counter() - started
                    self.calls += 1

        return timed


def dossier(folder: Path, home: Path) -> Dossier:
    """Runs a dossier and prints what sealing took of it."""
    outside, inside, columns = Watch(), Watch(), Watch()
    outside.around(SealedStore, STORE_VERBS)
    inside.around(FolderStore, (*STORE_VERBS, "start"))
    columns.around(Seals, SEALS_VERBS)
    with build_house(Settings(home=home, cores=1)) as house:
        house.reader()
        started, cpu = time.perf_counter(), time.process_time()
        received = house.conductor.receive([folder], None)
        found = house.conductor.run(received.dossier_id)
        whole, cpu = time.perf_counter() - started, time.process_time() - cpu
        objects = outside.seconds - inside.seconds
        print(f"dossier: {len(found.pages)} pages, {whole:.1f} s, {cpu:.1f} s of this process' CPU")
        print(
            f"  objects: {outside.calls} calls, {objects * 1000:.0f} ms of sealing (inner store {inside.seconds:.2f} s)"
        )
        print(f"  columns: {columns.calls} calls, {columns.seconds * 1000:.0f} ms")
        share = (objects + columns.seconds) / whole
        print(f"  together {(objects + columns.seconds) * 1000:.0f} ms, {share:.2%} of the dossier's time")
        return found


def objects(home: Path) -> None:
    """Times single objects."""
    with closing(build_vault(Settings(home=home), lambda: datetime.now(UTC))) as vault:
        plain = FolderStore(home / "plain")
        sealed = SealedStore(FolderStore(home / "sealed"), vault, home / "work")
        for size, rounds in ((2_000, 60), (250_000, 60), (3_000_000, 20), (300_000_000, 1)):
            took: dict[str, list[float]] = {}
            for number in range(rounds):
                source = home / "in"
                source.write_bytes(os.urandom(size))
                given: bytes | Path = source if size > 10_000_000 else source.read_bytes()
                stores: tuple[tuple[str, Around | FolderStore], ...] = (("plain", plain), ("sealed", sealed))
                for name, store in stores:
                    key = f"filed/d1/{size}/{number}"
                    took.setdefault(f"put {name}", []).append(timed(lambda s=store, k=key, g=given: s.put_new(k, g)))
                    target = home / "out"
                    took.setdefault(f"get {name}", []).append(timed(lambda s=store, k=key, t=target: s.fetch(k, t)))
            said = ", ".join(f"{name} {statistics.median(values) * 1000:.1f} ms" for name, values in took.items())
            print(f"object of {size:,} bytes: {said}")


def rotation(home: Path) -> None:
    """Times a new master."""
    with closing(build_vault(Settings(home=home), lambda: datetime.now(UTC))) as vault:
        for number in range(1000):
            vault.key(f"d{number}")
        print(f"a new master under 1,000 keys: {timed(lambda: rotate(vault)):.2f} s")


def catalogue(found: Dossier, home: Path) -> None:
    """Times saves and loads of a record, sealed and plain."""
    with closing(build_vault(Settings(home=home), lambda: datetime.now(UTC))) as vault:
        for name, own in (("plain", None), ("sealed", vault)):
            with Catalogue.in_file(home / f"{name}.sqlite3") as made:
                made.migrate()
            with Catalogue(f"sqlite:///{home / name}.sqlite3", vault=own) as opened:
                opened.create_dossier(found)
                saves = [timed(lambda o=opened: o.save(found)) for _ in range(40)]
                loads = [timed(lambda o=opened: o.load(found.id)) for _ in range(40)]
            size = (home / f"{name}.sqlite3").stat().st_size
            print(
                f"record, {name}: save {statistics.median(saves) * 1000:.1f} ms, "
                f"load {statistics.median(loads) * 1000:.1f} ms, file {size // 1024} KiB"
            )


def timed(work: Callable[[], object]) -> float:
    """CPU seconds."""
    started = time.process_time()
    work()
    return time.process_time() - started


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="hoso-bench-") as scratch:
        root = Path(scratch)
        for part in ("objects", "catalogue"):
            (root / part).mkdir()
        objects(root / "objects")
        record = dossier(Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLE, root / "home")
        catalogue(record, root / "catalogue")
        rotation(root / "rotation")
