"""Measures fields on real blank forms that are filled by typing: exact, wrong but accepted, asked, for each form.

A folder holds the scans of blank forms (NAME.png); `bench_forms.yaml` beside this script says what their fields are.
Blank spaces are found on the scan from pixels, values of invented people are typed into them in several typefaces,
over the dots or in their place, one in ten is left empty; the sheet is then scanned at 200 dpi (as it was, office,
bad), read by the whole reader, extracted and combined as in a dossier. Coarse scans are enlarged to 200 dpi before they
are filled: the print of the form stays coarse, what is typed is new.
Usage: scripts/bench_forms.py --data FOLDER [--seeds 1 2 3] [--show] [--keep FOLDER]. Prints one table.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import yaml
from form_values import invent
from PIL import Image as Picture

from extractors.fields import FieldStatus, PageView
from extractors.labelled import LabelledExtractor
from extractors.layout import box_of, find_phrase, rows_of, words_of
from extractors.values import letters_agree
from models.factory import ReaderOptions, build_reader
from models.synthesis.filling import Blank, Typing, find_blanks, type_size
from models.synthesis.fonts import FontBook, Role
from models.synthesis.marks import lay
from models.synthesis.people import seeded
from models.synthesis.scan import Level, Mode, ScanSettings, scan
from models.synthesis.typesetter import Mark, Rect
from pipeline.fusion import Thresholds, fuse_all
from pipeline.procedures.schema import DocumentSchema

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from random import Random

    from numpy.typing import NDArray

    from extractors.fields import FieldValue
    from models.reading import Box, Image, PageReader
    from pipeline.record import FieldRecord

OUTCOMES = ("exact", "exact, asked", "wrong, asked", "not claimed", "WRONG, accepted")
QUALITIES: dict[str, ScanSettings | None] = {
    "as it was": None,
    "office": ScanSettings(Level.OFFICE, Mode.COLOUR, 200),
    "bad": ScanSettings(Level.BAD, Mode.GREY, 200),
}
FACES = (Role.SERIF, Role.TYPEWRITER, Role.SANS, Role.SERIF_BOLD)
WIDTH = 1654
"""A4 at 200 dpi."""
LEFT_EMPTY = 0.1
LIFT = (0.15, 0.3)
"""Ems by which typing stands above the dots: whoever types on them keeps clear of them, or `a` becomes `ạ`."""


@dataclass(frozen=True, slots=True)
class Form:
    """A blank form: its picture, its fields, and what goes where."""

    name: str
    grey: Image
    schema: DocumentSchema
    blanks: dict[str, list[Blank]]
    fill: Mapping[str, str]
    signed: Mapping[str, str]
    under: Box | None
    """The words under which it is signed."""


def load_form(described: dict[str, Any], folder: Path, reader: PageReader) -> Form:
    """A form with its blank spaces by key, in reading order."""
    with Picture.open(folder / f"{described['image']}.png") as picture:
        paper = Picture.new("RGBA", picture.size, "white")
        paper.alpha_composite(picture.convert("RGBA"))
    grey = np.asarray(paper.convert("L"))
    if grey.shape[1] < 0.8 * WIDTH:
        factor = WIDTH / grey.shape[1]
        grey = np.asarray(cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)
    missing = max(0, round(grey.shape[1] * 297 / 210) - grey.shape[0])
    grey = np.pad(grey, ((0, missing), (0, 0)), constant_values=255)  # a picture that was cut is a sheet of A4 again
    rows, named = find_blanks(grey), described["blanks"]
    if [len(row) for row in rows] != [len(row) for row in named]:
        raise SystemExit(f"{described['image']}: blank spaces are {[len(r) for r in rows]}")
    blanks: dict[str, list[Blank]] = {}
    for row, keys in zip(rows, named, strict=True):
        for blank, key in zip(row, keys, strict=True):
            if key is not None:
                blanks.setdefault(key, []).append(blank)
    read = reader.read(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB))
    under = None
    for line in rows_of(words_of(read), read.skew):
        found = find_phrase(line.words, described["signed"]["words"])
        under = box_of(line.words[found[0] : found[1]]) if found else under
    schema = DocumentSchema.model_validate(described["document"])
    return Form(described["image"], grey, schema, blanks, described["fill"], described["signed"], under)


def _room(blank: Blank, grey: Image, pad: float) -> tuple[float, float]:
    """Where typing may start and must end: a space that nothing precedes may be filled from further left."""
    if not blank.left and blank.x1 - blank.x0 < 8 * pad:
        return max(2 * pad, blank.x0 - 14 * pad), blank.x1
    return max(blank.x0, blank.left + 0.1 * pad), min(blank.right - 0.2 * pad, grey.shape[1] - 2 * pad)


def _type_date(page: NDArray[np.uint8], typing: Typing, blanks: Sequence[Blank], text: str) -> None:
    """Day, month and year in spaces of their own where they fit, else the whole date over all of them."""
    parts = text.split("/")
    if len(blanks) == len(parts):
        rooms = [_room(blank, page, typing.size / 2) for blank in blanks]
        rooms = [(blank.left + 2, room[1]) for blank, room in zip(blanks, rooms, strict=True)]
        for scale in (1.0, 0.9, 0.8):
            sizes = [typing.width(part, scale) for part in parts]
            if all(end - start >= size for (start, end), size in zip(rooms, sizes, strict=True)):
                for blank, part, (start, end), size in zip(blanks, parts, rooms, sizes, strict=True):
                    x = min(max(start, blank.middle - size / 2), end - size)
                    typing.write(page, part, x, blank, scale)
                return
    first = blanks[0]
    height = 0.9 * typing.size
    x = first.x0 + 0.1 * typing.size
    scale = min(1.0, (page.shape[1] - typing.size - x) / typing.width(text))
    end = max(x + typing.width(text, scale), blanks[-1].x1)
    for column in range(first.x0, min(page.shape[1], round(end))):
        y = first.y - first.slope * (first.middle - column)
        page[round(y - height) : round(y + 0.3 * height), column] = 255
    typing.write(page, text, x, first, scale)


def _fits(typing: Typing, words: Sequence[str], rooms: Sequence[tuple[float, float]], scale: float) -> list[str] | None:
    """The words broken into the rooms, or None."""
    rows, rest = [], list(words)
    for start, end in rooms:
        count = len(rest)
        while count and typing.width(" ".join(rest[:count]), scale) > end - start:
            count -= 1
        rows.append(" ".join(rest[:count]))
        rest = rest[count:]
    return None if rest else rows


def fill(form: Form, seed: int, rng: Random, book: FontBook) -> tuple[Image, dict[str, FieldValue], bool]:
    """The typed form as RGB pixels, what a correct system reads from it, and whether the dots stayed below."""
    page = form.grey.copy()
    em = type_size(page)
    face = book.face(FACES[seed % len(FACES)])
    wide = 0.9 if FACES[seed % len(FACES)] in {Role.TYPEWRITER, Role.SANS} else 1.0
    typing = Typing(face.path, em * 0.78 * wide, replace=rng.random() < 0.5, lift=rng.uniform(*LIFT))
    values, truth = invent(seed), dict[str, "FieldValue"]()
    for key, blanks in form.blanks.items():
        rule = form.schema.field(key)
        truth[key] = None
        if rng.random() < LEFT_EMPTY:
            continue
        if rule is not None and rule.kind == "date":
            text, truth[key] = values[form.fill[key]][0]
            _type_date(page, typing, blanks, text)
            continue
        rooms = [_room(blank, page, typing.size / 2) for blank in blanks]
        for text, value, scale in ((t, v, s) for s in (1.0, 0.85, 0.72) for t, v in values[form.fill[key]]):
            rows = _fits(typing, text.split(" "), rooms, scale)
            if rows is not None:
                truth[key] = value
                for row, blank, (start, end) in zip(rows, blanks, rooms, strict=True):
                    spare = end - start - typing.width(row, scale)
                    step = spare if start < blank.x0 else min(spare, rng.uniform(0.1, 0.6) * em)
                    if row:
                        typing.write(page, row, start + step, blank, scale)
                break
    image = np.asarray(cv2.cvtColor(page, cv2.COLOR_GRAY2RGB), dtype=np.uint8)
    return *_sign(form, image, typing, values, truth, book=book, rng=rng), not typing.replace


def _sign(form: Form, image: Image, typing: Typing, values: Mapping[str, Any], truth: dict[str, FieldValue], *,
          book: FontBook, rng: Random) -> tuple[Image, dict[str, FieldValue]]:  # fmt: skip
    if form.under is None:
        return image, truth
    signed = rng.random() < 0.7
    truth[form.signed["signature"]] = signed
    if not signed:
        return image, truth
    name, truth[form.signed["name"]] = values[form.fill[form.signed["name"]]][0]
    centre, em = (form.under.x0 + form.under.x1) / 2, typing.size
    y = min(form.under.y1 + 6.2 * em, image.shape[0] - 0.5 * em)
    grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), dtype=np.uint8).copy()
    x = centre - typing.width(name) / 2
    typing.write(grey, name, x, Blank(round(centre), round(centre), 0, 0, y, 0.0))
    millimetre = WIDTH / 210
    box = Rect(centre - 2.8 * em, form.under.y1 + 0.8 * em, centre + 2.8 * em, y - 1.4 * em)
    mark = Mark("signature", Rect(*(side / millimetre for side in box)), seed=rng.randrange(10**6))
    rgb = np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), dtype=np.uint8)
    return lay(rgb, [mark], book, dpi=round(millimetre * 25.4)), truth


def pictures(forms: Sequence[Form], seeds: Sequence[int]) -> Iterator[tuple[Form, str, Image, dict[str, FieldValue]]]:
    """Every form, filled and scanned, with how that was done and its truth."""
    book = FontBook.office()
    for form in forms:
        for seed in seeds:
            image, truth, over = fill(form, seed, seeded(seed), book)
            where = "typed over the dots" if over else "typed in their place"
            for quality, settings in QUALITIES.items():
                seen = image if settings is None else scan(image, seed, settings, clean_dpi=200).image
                rgb = seen if seen.ndim == 3 else np.asarray(cv2.cvtColor(seen, cv2.COLOR_GRAY2RGB), dtype=np.uint8)
                yield form, f"{quality}, {where}, seed {seed}", rgb, truth


def outcome(truth: FieldValue, record: FieldRecord | None) -> str:
    """What became of one field; an empty place is read rightly where it is called blank."""
    accepted = record is not None and record.status in {FieldStatus.READ, FieldStatus.BLANK}
    if record is None:
        return "exact" if truth is None else "not claimed"
    if letters_agree(truth, record.value) and (truth is not None or record.status is not FieldStatus.UNREADABLE):
        return "exact" if accepted else "exact, asked"
    return "WRONG, accepted" if accepted else "wrong, asked"


def judge(form: Form, view: PageView, truth: Mapping[str, FieldValue]) -> Iterator[tuple[str, str, FieldRecord | None]]:
    """Key, outcome and record of every field that has a truth."""
    specs = [rule.spec() for rule in form.schema.fields]
    records = fuse_all(LabelledExtractor().extract([view], specs), form.schema, Thresholds())
    for key, value in truth.items():
        yield key, outcome(value, records.get(key)), records.get(key)


def main() -> None:
    """Fills, reads, extracts, compares, prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4])
    parser.add_argument("--show", action="store_true", help="print every difference")
    parser.add_argument("--keep", type=Path, help="keep the filled pictures here")
    options = parser.parse_args()
    reader = build_reader(ReaderOptions(threads=1))
    described = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    forms = [load_form(one, options.data, reader) for one in described]
    table: dict[str, Counter[str]] = {}
    reading = extracting = 0.0
    for form, name, image, truth in pictures(forms, options.seeds):
        if options.keep:
            options.keep.mkdir(parents=True, exist_ok=True)
            Picture.fromarray(image).save(options.keep / f"{form.name} {name}.png")
        started = time.process_time()
        view = PageView.of(1, image, reader.read(image))
        read = time.process_time()
        for key, result, record in judge(form, view, truth):
            for row in (form.name, *name.split(", ")[:2], "all"):
                table.setdefault(row, Counter())[result] += 1
            if options.show and result != "exact":
                got = (record.raw, record.value, record.probability, record.reason) if record else None
                print(f"{form.name}, {name}, {key}: {result}\n    truth {truth[key]}\n    got   {got}")
        reading, extracting = reading + read - started, extracting + time.process_time() - read
    print(f"reader {reader.name}; reading {reading:.1f} s, extraction {extracting:.2f} s of processor time")
    print(f"{'':32}" + "".join(f"{name:>17}" for name in OUTCOMES) + f"{'exact %':>10}")
    for row, counts in table.items():
        exact = 100 * (counts["exact"] + counts["exact, asked"]) / sum(counts.values())
        print(f"{row:32}" + "".join(f"{counts[name]:>17}" for name in OUTCOMES) + f"{exact:>10.2f}")


if __name__ == "__main__":
    main()
