"""Makes docs/images/digitize.png: what `hoso digitize` shows for a dossier of this home, as a picture.

Needs a Chromium on the PATH. The text is laid out by the same code as on the screen; Chromium only draws it.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from io import StringIO
from pathlib import Path

from rich.console import Console

from api.screens import dossier_screen
from pipeline.composition import build_house
from pipeline.settings import load_settings


def main() -> None:
    """Writes the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dossier")
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--out", type=Path, default=Path("docs/images/digitize.png"))
    arguments = parser.parse_args()
    console = Console(record=True, width=100, file=StringIO(), force_terminal=True, color_system="truecolor")
    with build_house(load_settings()) as house:
        dossier = house.conductor.dossier(arguments.dossier)
        names = {"archive_pdf": Path(f"{dossier.id}.pdf"), "data_json": Path(f"{dossier.id}.json")}
        console.print(dossier_screen(dossier, names, arguments.seconds))
    svg = re.sub(r"@font-face \{.*?\}", "", console.export_svg(title="hoso digitize"), flags=re.DOTALL)
    svg = svg.replace("Fira Code", "Noto Sans Mono")
    width, height = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg).groups()
    browser = shutil.which("chromium") or sys.exit("chromium is not installed")
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        page.write_text(f"<body style='margin:0'>{svg}</body>")
        flags = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            f"--user-data-dir={folder}/profile",
        ]
        size = f"--window-size={round(float(width))},{round(float(height))}"
        shot = f"--screenshot={arguments.out.absolute()}"
        subprocess.run([browser, *flags, size, shot, page.as_uri()], check=True, capture_output=True, timeout=60)


if __name__ == "__main__":
    main()
