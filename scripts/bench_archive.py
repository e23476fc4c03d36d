#!/usr/bin/env python3
"""Measures the archive file: conformity (veraPDF, not ours), the text layer, speed, memory and sizes.

`--data FOLDER` holds real scans (PDF, TIFF, JPEG, PNG; pages with NAME.gt.txt beside them for accuracy). `--only` picks
from: real (every file of the folder), made (drawn scans of 72 to 600 dpi in every mode, 1 to 300 pages, also with
stamp, two signatures and B-LTA), text (words at their place), speed, memory (300 pages, 300 MB), size (profiles, with
what our reader and Tesseract make of them). `--out` keeps the PDFs, `--words` what was read. Prints Markdown.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pikepdf
from archive_measures import profile_rows, text_row
from archive_samples import Reading, coded, dossier_of, drawn_page, real_files
from pdfa_judge import NoJudgeError, judge

from pipeline.archive.spool import Spool
from pipeline.composition import House, build_house
from pipeline.errors import HosoError
from pipeline.record import Dossier
from pipeline.settings import ArchiveSettings, Settings
from pipeline.stages import silent
from pipeline.stages.archive import prepare_file
from signing.factory import SigningOptions, build_signer
from signing.signer import SignRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signing.signer import PdfSigner

SECTIONS = ("real", "made", "text", "speed", "memory", "size")
RESOLUTIONS = (72, 100, 150, 200, 300, 400, 600)
MODES = {"1": "bilevel", "L": "grey", "RGB": "colour", "CMYK": "CMYK", "I;16": "16-bit"}
LENGTHS = (1, 2, 10, 50, 300)
LARGE_PAGES, LARGE_BYTES = 300, 300_000_000


def main() -> int:
    """Runs the sections that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder of real scans")
    parser.add_argument("--only", nargs="*", choices=SECTIONS, default=list(SECTIONS))
    parser.add_argument("--pages", type=int, default=10_000, help="at most so many pages of one file")
    parser.add_argument("--out", type=Path, help="folder for the PDFs made")
    parser.add_argument("--words", type=Path, help="folder that keeps what was read")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.child:
        return _child(*chosen.child)
    with tempfile.TemporaryDirectory() as scratch:
        out = chosen.out or Path(scratch) / "out"
        out.mkdir(parents=True, exist_ok=True)
        reading = Reading(chosen.words or Path(scratch) / "words")
        with build_house(Settings(home=Path(scratch) / "home", cores=1)) as house:
            for section in chosen.only:
                print(f"\n### {section}\n", flush=True)
                if section in {"real", "text", "size"} and chosen.data is None:
                    print("needs --data")
                elif section == "real":
                    _judged(_real(house, chosen.data, out, chosen.pages))
                elif section == "made":
                    _judged(_made(house, out))
                elif section == "text":
                    _text(house, chosen.data, out, reading, chosen.pages)
                elif section == "speed":
                    _speed(house, chosen.data, out, reading)
                elif section == "memory":
                    _memory(Path(scratch))
                else:
                    for row in profile_rows(chosen.data, reading, chosen.pages, out):
                        print(row, flush=True)
    return 0


def _judged(paths: Sequence[Path]) -> None:
    try:
        judged = judge(paths)
    except NoJudgeError as error:
        print(f"veraPDF cannot be had: {error}")
        return
    print(f"\nveraPDF 3u: {sum(one.passed for one in judged)} of {len(judged)} files pass")
    for one in judged:
        if not one.passed:
            print(f"- {Path(one.path).name}: {'; '.join(one.problems)[:400]}")


def _real(house: House, data: Path, out: Path, most: int) -> list[Path]:
    made, pages, kept, refused = [], 0, 0, []
    for number, path in enumerate(real_files(data)):
        target = out / f"real-{number:03d}.pdf"
        try:
            dossier = dossier_of(house.tools, [(path.name, path.read_bytes())], None, most)
            prepare_file(house.tools, dossier, target, silent)
        except HosoError as error:
            refused.append(f"{path.name} ({error.code})")
            continue
        pages += len(dossier.pages)
        kept += target.stat().st_size
        made.append(target)
    print(f"{len(made)} files, {pages} pages, {kept / max(1, pages) / 1000:.0f} kB a page, signed originals included")
    print(f"refused by intake: {', '.join(refused) or 'none'}")
    return made


def _made(house: House, out: Path) -> list[Path]:
    made = []
    signer = _signer(house)
    for mode, name in MODES.items():
        scans = [(f"{dpi}.tif", _scan(dpi, mode)) for dpi in RESOLUTIONS]
        made += _archived(house, out, f"made-{name}", scans, signer)
    page = coded(drawn_page(100, "RGB"), "JPEG", quality=70, dpi=(100, 100))
    for length in LENGTHS:
        scans = [(f"{number}.jpg", page + bytes([0, number % 256, number // 256])) for number in range(length)]
        made += _archived(house, out, f"made-{length}-pages", scans, signer)
    return made


def _scan(dpi: int, mode: str) -> bytes:
    if mode == "CMYK":
        return coded(drawn_page(dpi, mode), "JPEG", quality=85, dpi=(dpi, dpi))
    how = {"compression": "group4"} if mode == "1" else {}
    return coded(drawn_page(dpi, mode), "TIFF", dpi=(dpi, dpi), **how)


def _archived(
    house: House, out: Path, name: str, scans: list[tuple[str, bytes]], signer: PdfSigner
) -> tuple[Path, Path]:
    target, signed = out / f"{name}.pdf", out / f"{name}-signed.pdf"
    prepare_file(house.tools, dossier_of(house.tools, scans, None), target, silent)
    signed.write_bytes(signer.sign(target.read_bytes(), *_requests(house)).data)
    return target, signed


def _signer(house: House) -> PdfSigner:
    return build_signer(SigningOptions(house.tools.settings.pki))


def _requests(house: House) -> tuple[SignRequest, SignRequest]:
    now = house.tools.clock()
    said = ("UBND xã Mẫu", "hs-261121-0a1b2c3d", now)
    return SignRequest("Số hóa hồ sơ", *said, "digitised_paper"), SignRequest("Đóng dấu cơ quan", *said)


def _text(house: House, data: Path, out: Path, reading: Reading, most: int) -> None:
    print("| file | pages | words | found at their place | median IoU | copied text equal |\n|---|---|---|---|---|---|")
    for path in _read_files(data):
        dossier = dossier_of(house.tools, [(path.name, path.read_bytes())], reading, most)
        target = out / f"text-{path.stem[:20]}.pdf"
        prepare_file(house.tools, dossier, target, silent)
        print(text_row(house.tools, dossier, target, path.name), flush=True)


def _read_files(data: Path) -> list[Path]:
    """Pages with truth, and the scan of 22 pages that all engines were measured on."""
    pages = [path for path in real_files(data) if path.with_suffix(".gt.txt").exists() and "crops" not in path.parts]
    return [path for path in pages if "handwriting" not in path.parts] + sorted(data.rglob("SRC-A_02.pdf"))


def _speed(house: House, data: Path | None, out: Path, reading: Reading) -> None:
    print("| what | pages | MB | s | CPU-s |\n|---|---|---|---|---|")
    files = {"drawn, colour, 200 dpi": [("a.jpg", coded(drawn_page(200, "RGB"), "JPEG", quality=75, dpi=(200, 200)))]}
    if data is not None and (found := sorted(data.rglob("SRC-A_02.pdf"))):
        files = {found[0].name: [(found[0].name, found[0].read_bytes())]} | files
    for name, scans in files.items():
        dossier = dossier_of(house.tools, scans, reading)
        target = out / "speed.pdf"
        took = []
        for _ in range(5):
            wall, cpu = time.perf_counter(), time.process_time()
            prepare_file(house.tools, dossier, target, silent)
            took.append((time.perf_counter() - wall, time.process_time() - cpu))
        wall, cpu = sorted(took)[2]
        print(f"| {name} | {len(dossier.pages)} | {target.stat().st_size / 1e6:.1f} | {wall:.2f} | {cpu:.2f} |")


def _memory(scratch: Path) -> None:
    """Each step in a process of its own, since a process never gives back its peak."""
    print("| step | MB at its peak | s |\n|---|---|---|")
    for step in ("import", "scan", "intake", "archive", "sign"):
        started = time.perf_counter()
        command = [sys.executable, __file__, "--child", step, str(scratch / "large")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        said = done.stdout.strip() or done.stderr.strip()[-200:]
        print(f"| {step} | {said} | {time.perf_counter() - started:.0f} |", flush=True)


def _large_scan(target: Path) -> None:
    """Pages of noise in JPEG, a megabyte each, every one different at its end."""
    page = coded(drawn_page(300, "RGB", noise=3), "JPEG", quality=60, dpi=(300, 300))
    page = page.ljust(LARGE_BYTES // LARGE_PAGES, b"\0")
    with Spool(target.with_suffix(".spool")) as spool:
        numbers = [spool.add(page + number.to_bytes(2, "big")) for number in range(LARGE_PAGES)]
        opened = spool.open()
    with opened as pdf:
        for number in numbers:
            image = pdf.get_object((number, 0))
            image.Type, image.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
            image.Width, image.Height, image.BitsPerComponent = 2480, 3508, 8
            image.ColorSpace, image.Filter = pikepdf.Name.DeviceRGB, pikepdf.Name.DCTDecode
            resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im=image))
            content = pdf.make_stream(b"q 595.2 0 0 841.92 0 0 cm /Im Do Q")
            made = pikepdf.Dictionary(
                Type=pikepdf.Name.Page, MediaBox=[0, 0, 595.2, 841.92], Resources=resources, Contents=content
            )
            pdf.pages.append(pikepdf.Page(pdf.make_indirect(made)))
        pdf.save(target)


def _child(step: str, folder: str) -> int:
    place = Path(folder)
    place.mkdir(exist_ok=True)
    with build_house(Settings(home=place / "home", cores=1, archive=ArchiveSettings())) as house:
        if step == "scan":
            _large_scan(place / "scan.pdf")
        elif step == "intake":
            dossier = dossier_of(house.tools, [("scan.pdf", (place / "scan.pdf").read_bytes())], None)
            (place / "dossier.json").write_text(dossier.model_dump_json())
        elif step == "archive":
            dossier = Dossier.model_validate_json((place / "dossier.json").read_text())
            prepare_file(house.tools, dossier, place / "archive.pdf", silent)
        elif step == "sign":
            signed = _signer(house).sign((place / "archive.pdf").read_bytes(), _requests(house)[0])
            (place / "signed.pdf").write_bytes(signed.data)
    # Not getrusage: its peak is handed down to a new program from the one that started it.
    status = Path("/proc/self/status").read_text("ascii")
    print(int(status.split("VmHWM:")[1].split()[0]) // 1024)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
