"""Seconds and memory of packages: made, zipped and checked, of a dossier of N scanned pages that is filed for it.

Usage: `scripts/bench_package.py --data FOLDER [--pages 22] [--dpi 300]`. FOLDER holds page images (`.png`, `.jpg`),
taken in turn and coded as JPEG, the way an office scanner would. No page is read: archive, signature and filing are the
product's own stages, on a home in a scratch folder, in a process of their own. Then each command of the product runs
by itself, its start included; memory is the most that it or a child of it ever had.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOSSIER = "hs-260101-bench000"


def main() -> None:
    """Files the dossier, then measures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pages", type=int, default=22)
    parser.add_argument("--dpi", type=int, default=300)
    parser.add_argument("--home", type=Path, help="only files the dossier, in this home")
    asked = parser.parse_args()
    if asked.home is not None:
        file_pages(asked.home, asked.data, asked.pages, asked.dpi)
        return
    with tempfile.TemporaryDirectory() as scratch:
        home, out = Path(scratch) / "home", Path(scratch) / "out"
        # In a process of its own: a child's peak begins with its parent's memory.
        subprocess.run([sys.executable, __file__, *sys.argv[1:], "--home", str(home)], check=True)
        measured(home, "package", "make", DOSSIER, "-o", str(out))
        measured(home, "package", "make", DOSSIER, "--zip", "-o", str(out))
        print(f"package: {(out / f'{DOSSIER}.zip').stat().st_size / 1e6:.1f} MB")
        measured(home, "package", "check", str(out / DOSSIER))
        measured(home, "package", "check", str(out / f"{DOSSIER}.zip"))
        measured(home, "package", "check", "--quick", str(out / DOSSIER))
        measured(home, "keys")


def measured(home: Path, *arguments: str) -> None:
    """Runs `hoso ARGUMENTS` and prints what it cost."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "api.cli", *arguments]
    environment = {**os.environ, "HOSO_HOME": str(home), "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment, cwd=ROOT) as running:
        _, status, usage = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
    spent, cpu = time.perf_counter() - started, usage.ru_utime + usage.ru_stime
    name = " ".join(Path(argument).name for argument in arguments)
    print(f"hoso {name}: {spent:.2f} s, {cpu:.2f} s CPU, {usage.ru_maxrss / 1024:.0f} MB, exit {running.returncode}")


def coded(path: Path, dpi: int, number: int) -> bytes:
    """The page as a JPEG of an A4 sheet; the number makes every page another one."""
    from PIL import Image

    with Image.open(path) as picture:
        sheet = picture.convert("RGB").resize((round(8.27 * dpi), round(11.69 * dpi)))
    sheet.putpixel((number, 0), (number % 256, 0, 0))
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=75, dpi=(dpi, dpi))
    return out.getvalue()


def file_pages(home: Path, data: Path, count: int, dpi: int) -> None:
    """A dossier of so many pages, each an original; through archive, sign and file."""
    sys.path.insert(0, str(ROOT))
    from pipeline.composition import build_house
    from pipeline.keys import original_key, page_key
    from pipeline.record import Dossier, Event, OriginalRecord, PageRecord, Status
    from pipeline.settings import Settings
    from pipeline.stages import STAGES

    images = sorted(p for p in data.iterdir() if p.suffix.lower() in {".png", ".jpg"})
    size, originals, records = 0, [], []
    with build_house(Settings(home=home, cores=1)) as house:
        now = house.tools.clock()
        for number in range(1, count + 1):
            content = coded(images[number % len(images)], dpi, number)
            digest, name = hashlib.sha256(content).hexdigest(), f"quet-{number:03d}.jpg"
            for key in (original_key(digest), page_key(digest, "image/jpeg")):
                house.store.put_new(key, content, "image/jpeg")
            size += len(content)
            originals.append(
                OriginalRecord(name=name, sha256=digest, size=len(content), media_type="image/jpeg", pages=1)
            )
            records.append(
                PageRecord(
                    number=number,
                    file=name,
                    file_page=1,
                    width=round(8.27 * dpi),
                    height=round(11.69 * dpi),
                    dpi=dpi,
                    media_type="image/jpeg",
                    image_sha256=digest,
                    blank=True,
                )
            )
        dossier = Dossier(
            id=DOSSIER,
            procedure=None,
            status=Status.PROCESSING,
            received_at=now,
            engine="none",
            originals=tuple(originals),
            pages=tuple(records),
            events=tuple(Event(stage=stage, at=now, seconds=0.0) for stage in STAGES[:5]),
        )
        house.catalogue.create_dossier(dossier)
        filed = house.conductor.run(DOSSIER, start="archive")
    print(f"{count} pages, {size / 1e6:.1f} MB as they came in; {filed.status}")


if __name__ == "__main__":
    main()
