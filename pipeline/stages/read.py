"""Page images to words, once per image and reader: the step ledger keeps what was read.

Intake reads pages while they are in hand; this stage reads what it left: after a crash, or for another reader. Pages
are read on all cores, one thread each; blank pages and pages that could not be opened are not read.
A page that is given up (it takes too long, ends the process that reads it, or makes the reader stumble) gets a defect
that says so and is left without words; the others go on. Its failure is not kept in the ledger: when the stage runs
again, it is tried again. A reader that is not installed as it should be is no page's fault, and fails the stage.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.codec import decode_page, encode_page
from models.errors import InstallationError, ReadingError
from models.reading import ReadPage
from pipeline.intake.images import decode_plain
from pipeline.keys import page_key
from pipeline.parallel import ordered_map
from pipeline.record import PageDefect
from pipeline.stages import Progress, StageResult
from pipeline.words import UNREAD

if TYPE_CHECKING:
    from models.reading import Image, PageReader
    from pipeline.record import Dossier, PageRecord
    from pipeline.stages import OnProgress
    from pipeline.tools import Tools

STEP = "read"


@dataclass(frozen=True, slots=True)
class Words:
    """What came of reading one page image."""

    output: bytes | ReadingError
    """The page as the ledger keeps it, or why it was given up."""
    seconds: float


def run(tools: Tools, dossier: Dossier, on_progress: OnProgress) -> StageResult:
    """Reads every page that intake has not read; `engine` names the reader, and so the ledger's key."""
    reader = tools.reader()
    waiting = [page for page in dossier.pages if to_read(tools, page, reader.name)]
    # What intake gave up a moment ago is not tried a second time; whoever runs the stage again has it tried again.
    first = all(event.stage != STEP for event in dossier.events)
    left = {page.number for page in waiting if first and given_up_before(page)}
    todo = [page for page in waiting if page.number not in left]
    done = len(dossier.pages) - len(todo)
    unread: dict[int, PageDefect] = {}

    def read(page: PageRecord) -> tuple[PageRecord, Words]:
        return page, read_image(reader, decode_plain(tools.store.get(page_key(page.image_sha256, page.media_type))))

    on_progress(Progress(STEP, done, len(dossier.pages)))
    for page, words in ordered_map(read, todo, tools.settings.cores):
        if isinstance(words.output, ReadingError):
            unread[page.number] = given_up(words.output, words.seconds)
        else:
            remember(tools, page, reader.name, words)
        done += 1
        on_progress(Progress(STEP, done, len(dossier.pages), page.file))
    pages = tuple(page if page.number in left else judged(page, unread.get(page.number)) for page in dossier.pages)
    return StageResult(dossier.model_copy(update={"engine": reader.name, "pages": pages}))


def to_read(tools: Tools, page: PageRecord, engine: str) -> bool:
    """Whether there is something to read that this reader has not read."""
    if not page.image_sha256 or page.blank:
        return False
    return tools.catalogue.step_output(page.image_sha256, STEP, engine) is None


def read_image(reader: PageReader, image: Image) -> Words:
    """Reads an upright page image. Raises `InstallationError` and nothing else."""
    started = time.perf_counter()
    output: bytes | ReadingError
    try:
        output = json.dumps(encode_page(reader.read(image)), ensure_ascii=False).encode()
    except InstallationError:
        raise
    except ReadingError as error:
        output = error
    return Words(output, time.perf_counter() - started)


def remember(tools: Tools, page: PageRecord, engine: str, words: Words) -> None:
    """Keeps what was read in the ledger."""
    if not isinstance(words.output, ReadingError):
        tools.catalogue.remember_step(page.image_sha256, STEP, engine, words.output, words.seconds)


def given_up_before(page: PageRecord) -> bool:
    """Whether the page was given up when it was last looked at."""
    return any(defect.code in UNREAD for defect in page.defects)


def given_up(error: ReadingError, seconds: float) -> PageDefect:
    """What is said of a page that was given up after `seconds`."""
    return PageDefect(code=error.code, message=f"{error.message_vi} {error.remedy_vi}", value=round(seconds, 1))


def judged(page: PageRecord, defect: PageDefect | None) -> PageRecord:
    """The page with what became of it this time, in place of what was said before."""
    kept = tuple(d for d in page.defects if d.code not in UNREAD)
    return page.model_copy(update={"defects": kept if defect is None else (*kept, defect)})


def read_of(tools: Tools, dossier: Dossier, page: PageRecord) -> ReadPage:
    """What the ledger has for a page; an empty page where there was nothing to read."""
    output = tools.catalogue.step_output(page.image_sha256, STEP, dossier.engine) if page.image_sha256 else None
    if output is None:
        return ReadPage(page.width, page.height, (), 0.0, dossier.engine)
    return decode_page(json.loads(output))
