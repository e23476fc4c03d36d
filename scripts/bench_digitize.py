"""Runs `hoso digitize` over every file of a folder and prints what became of each, as a Markdown table.

One command per file, as a person would type it; a Prefect server that runs under HOSO_HOME is used. Checks of its own:
the exit code is one of 0, 3, 4, nothing on the screen looks like a traceback, and pages out are pages in (counted by
another library). Letters that have a `.fields.json` beside them are compared key by key.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

HOSO = Path(sys.executable).parent / "hoso"
SUFFIXES = {".pdf", ".tif", ".tiff", ".jpg", ".jpeg", ".png", ".webp", ".heic"}
ALLOWED = {0, 3, 4}


def pages_in(path: Path) -> int | None:
    """Pages by pikepdf or Pillow; None where neither can open the file."""
    import pikepdf
    from PIL import Image

    try:
        if path.suffix == ".pdf":
            with pikepdf.open(path) as pdf:
                return len(pdf.pages)
        with Image.open(path) as image:
            return int(getattr(image, "n_frames", 1))
    except Exception:
        return None


def digitize(path: Path) -> tuple[int, float, dict[str, Any], str]:
    """Exit code, seconds, the dossier, and what was printed besides."""
    started = time.perf_counter()
    done = subprocess.run([HOSO, "digitize", path, "--json"], capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    try:
        dossier = json.loads(done.stdout)
    except ValueError:
        dossier = {}
    return done.returncode, seconds, dossier, done.stderr


def value(dossier: dict[str, Any], key: str) -> str:
    """The first document's field, with a question mark where a person is asked."""
    for document in dossier.get("documents", []):
        field = document["fields"].get(key)
        if field:
            doubt = "?" if field["status"] == "doubtful" else ""
            return f"{field['value'] if field['value'] is not None else '(' + field['status'] + ')'}{doubt}"
    return ""


def main() -> int:
    """Prints the table; exit code 1 where a check failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    arguments = parser.parse_args()
    found = (f for folder in arguments.folders for f in folder.rglob("*") if f.suffix.lower() in SUFFIXES)
    files = sorted(found, key=lambda f: f.stat().st_size)
    print("| file | exit | pages in/out | type | number | date | signatures | s/page |")
    print("|---|---|---|---|---|---|---|---|")
    failures = []
    total_pages, total_seconds = 0, 0.0
    for path in files:
        code, seconds, dossier, screen = digitize(path)
        wanted, got = pages_in(path), len(dossier.get("pages", []))
        types = sorted({d["type"] for d in dossier.get("documents", [])})
        signatures = sum(len(o["signatures"]) for o in dossier.get("originals", []))
        per_page = seconds / max(got, 1)
        total_pages, total_seconds = total_pages + got, total_seconds + seconds
        print(
            f"| {path.name[:48]} | {code} | {wanted}/{got} | {', '.join(types)[:60]} | {value(dossier, 'so_ky_hieu')} "
            f"| {value(dossier, 'ngay_ban_hanh')} | {signatures} | {per_page:.2f} |",
            flush=True,
        )
        if code not in ALLOWED or "Traceback" in screen or (code != 4 and wanted != got):
            failures.append(f"{path.name}: exit {code}, pages {wanted}/{got}, {screen[-300:]}")
    print(f"\n{len(files)} files, {total_pages} pages, {total_seconds / max(total_pages, 1):.2f} s a page")
    for failure in failures:
        print("FAILED", failure)
    return 1 if failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
