"""Takes an invented dossier through the product's own stages: read, separate, extract, validate. Nothing is filed.

The stages are the product's functions on a house of its own; only intake is done here, because sheets come from
memory. Two modes: `picture` scans each sheet and reads it with the product's reader in this process; `typed-words`
gives the printed words themselves to the later stages, so that thousands of pages take minutes, and says nothing of
reading. Seconds are of the processor, in one thread: reading, and everything after it.
"""

from __future__ import annotations

import hashlib
import io
import json
import time
from dataclasses import dataclass, replace
from datetime import datetime
from datetime import time as clock
from typing import TYPE_CHECKING, Literal

import numpy as np
from PIL import Image as Picture

from models.codec import encode_page
from models.synthesis.pages import scan_page
from models.synthesis.scan import Level, Mode, ScanSettings
from models.synthesis.sketch import ENGINE, picture, read_sheet
from pipeline.keys import page_key
from pipeline.record import Dossier, PageDefect, PageRecord, Status
from pipeline.stages import papers, read, validate
from pipeline.words import defect_message

if TYPE_CHECKING:
    from random import Random

    from models.reading import Image, PageReader, ReadPage
    from pipeline.composition import House
    from pipeline.tools import Tools
    from pipeline.trials.dossiers import DrawnPaper, TrialDossier

TrialMode = Literal["picture", "typed-words"]
QUALITIES: dict[str, ScanSettings] = {
    "clean": ScanSettings(Level.CLEAN, Mode.COLOUR, 200),
    "office": ScanSettings(Level.OFFICE, Mode.COLOUR, 200),
    "bad": ScanSettings(Level.BAD, Mode.GREY, 200),
}
"""The three ways in which a desk scans."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A dossier after the stages, and the seconds they took."""

    dossier: Dossier
    reading: float
    after: float


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as it is stored, and what was read on it."""

    data: bytes
    size: tuple[int, ...]
    """Rows and columns of its pixels."""
    dpi: int
    media_type: str
    said: ReadPage
    defects: tuple[PageDefect, ...] = ()
    seconds: float = 0.0
    """Processor seconds of reading."""


@dataclass(frozen=True, slots=True)
class _Named:
    """A reader that only has a name: what was read lies in the ledger already."""

    name: str = ENGINE


class Course:
    """Runs dossiers. One process, one thread."""

    def __init__(self, house: House, mode: TrialMode, reader: PageReader | None = None) -> None:
        self.house = house
        self.mode = mode
        self.reader = reader
        # In `typed-words` no stage may read: whoever asks for a reader gets its name alone.
        named = reader if reader is not None else _Named()
        self.tools: Tools = replace(house.tools, reader=lambda: named)  # type: ignore[arg-type,return-value]

    def run(self, trial: TrialDossier, quality: str, rng: Random) -> Outcome:
        """The dossier in one scan quality; `rng` draws the chances of typed words and the faults of scans."""
        reading = 0.0
        pages: list[PageRecord] = []
        for number, (index, sheet_index) in enumerate(trial.stack, start=1):
            paper = trial.papers[index]
            sheet = (
                self._sketched(paper, sheet_index, rng)
                if self.reader is None
                else self.scanned(paper, sheet_index, quality, rng.randrange(10**6))
            )
            record = self._page(number, sheet)
            self._remember(record, sheet.said)
            reading += sheet.seconds
            pages.append(record)
        received = datetime.combine(trial.day, clock(9), tzinfo=self.tools.clock().tzinfo)
        dossier = Dossier(
            id=f"hs_{trial.day:%y%m%d}_{trial.seed}",
            procedure=trial.procedure,
            status=Status.PROCESSING,
            received_at=received,
            pages=tuple(pages),
            engine=self.tools.reader().name,
        )
        started = time.process_time()
        for stage in (papers.run_separate, papers.run_extract, validate.run):
            dossier = stage(self.tools, dossier, _quiet).dossier
        return Outcome(dossier, reading, time.process_time() - started)

    def _sketched(self, paper: DrawnPaper, sheet_index: int, rng: Random) -> Sheet:
        """A sheet in outline, with its own words. Ink on it makes it a page with colours, as a colour scan is one."""
        sheet = paper.paper.sheets[sheet_index]
        drawn = picture(sheet, 200)
        data, image = _stored(drawn if sheet.marks else drawn[:, :, 0], "PNG")
        return Sheet(data, image.shape[:2], 200, "image/png", read_sheet(sheet, rng))

    def scanned(self, paper: DrawnPaper, sheet_index: int, quality: str, seed: int) -> Sheet:
        """A sheet as a desk scans it, laid upright and read; `seed` draws the faults of the scan."""
        if self.reader is None:
            raise ValueError("a course without a reader reads nothing")
        settings = QUALITIES[quality]
        page = scan_page(paper.book, paper.paper, sheet_index + 1, seed, settings, printer=paper.printer)
        data, image = _stored(page.scan.image, "JPEG")
        started = time.process_time()
        turned = self.reader.turn(image).quarter_turns
        if turned:
            data, image = _stored(np.ascontiguousarray(np.rot90(image, -turned)), "PNG")
        defects = tuple(
            PageDefect(code=d.code, message=defect_message(d), value=d.value) for d in self.reader.inspect(image)
        )
        said = self.reader.read(image)
        seconds = time.process_time() - started
        media = "image/png" if turned else "image/jpeg"
        return Sheet(data, image.shape[:2], settings.dpi, media, said, defects, seconds)

    def _page(self, number: int, sheet: Sheet) -> PageRecord:
        digest = hashlib.sha256(sheet.data).hexdigest()
        self.tools.store.put_new(page_key(digest, sheet.media_type), sheet.data, sheet.media_type)
        return PageRecord(
            number=number,
            file="trial",
            file_page=number,
            width=sheet.size[1],
            height=sheet.size[0],
            dpi=sheet.dpi,
            media_type=sheet.media_type,
            image_sha256=digest,
            defects=sheet.defects,
        )

    def _remember(self, page: PageRecord, said: ReadPage) -> None:
        output = json.dumps(encode_page(said), ensure_ascii=False).encode()
        self.tools.catalogue.remember_step(page.image_sha256, read.STEP, self.tools.reader().name, output, 0.0)


def _quiet(_progress: object) -> None:
    """Nobody watches a trial's progress."""


def _stored(image: Image, kind: Literal["PNG", "JPEG"]) -> tuple[bytes, Image]:
    """The page as it is stored, and as it comes out again."""
    stream = io.BytesIO()
    saved = Picture.fromarray(image)
    if kind == "PNG":
        saved.save(stream, "PNG", compress_level=1)
        return stream.getvalue(), image
    saved.save(stream, "JPEG", quality=75)
    data = stream.getvalue()
    return data, np.asarray(Picture.open(io.BytesIO(data)).convert("RGB"))
