"""Makes the lists of administrative units in extractors/data/places/ from the open dataset `vietnamadminunits` (MIT).

    pip download --no-deps vietnamadminunits==1.0.4
    .venv/bin/python scripts/build_places.py vietnamadminunits-1.0.4-py3-none-any.whl

`units.csv` has the communes in force since 1 July 2025, `units_before.csv` those of the day before with the codes of
the communes that their land belongs to now, several where one was divided, and folded names of units that had been
merged into them earlier. The package itself is no dependency: its geography libraries are not needed for lists.
"""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import sys
import tempfile
import unicodedata
import zipfile
from pathlib import Path

TARGET = Path(__file__).parent.parent / "extractors" / "data" / "places"


def _nfc(text: str | None) -> str:
    return unicodedata.normalize("NFC", text or "")


def _kind_and_name(kind: str, name: str) -> tuple[str, str]:
    """`Phường 5` is the ward 5, under whatever kind a row may have it."""
    return ("Phường", name.removeprefix("Phường ")) if name.startswith("Phường ") else (kind, name)


def main() -> int:
    """Writes the two lists and the licence of their source."""
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    with zipfile.ZipFile(sys.argv[1]) as wheel, tempfile.TemporaryDirectory() as folder:
        names = wheel.namelist()
        licence = next(name for name in names if name.endswith("LICENSE"))
        database = Path(folder) / "dataset.db"
        database.write_bytes(wheel.read("vietnamadminunits/data/dataset.db"))
        moves = json.loads(wheel.read("vietnamadminunits/data/converter_2025.json"))
        text = wheel.read(licence).decode()
        with sqlite3.connect(database) as rows:
            now = rows.execute(
                "SELECT provinceKey, wardKey, provinceCode, province, wardCode, wardType, wardShort FROM admin_units "
                "ORDER BY wardCode"
            ).fetchall()
            before = rows.execute(
                "SELECT provinceKey, districtKey, wardKey, province, districtType, districtShort, wardType, wardShort, "
                "wardCode, wardAlias, districtAlias FROM admin_units_legacy "
                "ORDER BY provinceCode, districtCode, wardCode"
            ).fetchall()
    codes = {(row[0], row[1]): row[4] for row in now}
    heirs: dict[str, list[str]] = {}
    for province, wards in moves["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for ward, olds in wards.items():
            for old in olds:
                heirs.setdefault(old, []).append(codes[province, ward])
    for province, olds in moves["DICT_PROVINCE_WARD_DIVIDED"].items():
        for old, parts in olds.items():
            # The most likely heir first; which one holds an address is an officer's to say.
            ranked = sorted(parts, key=lambda part: not part["isDefaultNewWard"])
            heirs.setdefault(old, []).extend(codes[province, part["newWardKey"]] for part in ranked)
    TARGET.mkdir(exist_ok=True)
    _write(
        "units.csv",
        ("code", "province_code", "province", "kind", "name"),
        [(row[4], row[2], _nfc(row[3]), _nfc(row[5]), _nfc(row[6])) for row in now],
    )
    _write(
        "units_before.csv",
        ("province", "district_kind", "district", "kind", "name", "code", "now", "formerly", "district_formerly"),
        [
            (
                *(_nfc(part) for part in row[3:6]),
                *_kind_and_name(_nfc(row[6]), _nfc(row[7])),
                row[8] or "",
                " ".join(dict.fromkeys(heirs[f"{row[0]}_{row[1]}_{row[2] or ''}"])),
                " ".join(json.loads(row[9] or "[]")),
                " ".join(json.loads(row[10] or "[]")),
            )
            for row in before
        ],
    )
    (TARGET / "LICENSE.txt").write_text(f"Lists of units: vietnamadminunits 1.0.4.\n\n{text}", encoding="utf-8")
    return 0


def _write(name: str, head: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    (TARGET / name).write_text(out.getvalue(), encoding="utf-8")
    print(f"{name}: {len(rows)} rows, {len(out.getvalue().encode())} bytes")


if __name__ == "__main__":
    sys.exit(main())
