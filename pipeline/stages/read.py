"""Page images to words, once per image and reader: the step ledger keeps what was read.

Pages are read on all cores, one thread each; blank pages and pages that could not be opened are not read.
A page that is given up (it takes too long, ends the process that reads it, or makes the reader stumble) gets a defect
that says so and is left without words; the others go on. Its failure is not kept in the ledger: when the stage runs
again, it is tried again. A reader that is not installed as it should be is no page's fault, and fails the stage.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from models.codec import decode_page, encode_page
from models.errors import InstallationError, ReadingError
from models.reading import ReadPage
from pipeline.intake.images import decode
from pipeline.keys import page_key
from pipeline.parallel import ordered_map
from pipeline.record import PageDefect
from pipeline.stages import Progress, StageResult
from pipeline.words import UNREAD

if TYPE_CHECKING:
    from pipeline.record import Dossier, PageRecord
    from pipeline.stages import OnProgress
    from pipeline.tools import Tools

STEP = "read"


def run(tools: Tools, dossier: Dossier, on_progress: OnProgress) -> StageResult:
    """Reads every page that can be read; `engine` names the reader, and so the ledger's key."""
    reader = tools.reader()
    todo = [
        page
        for page in dossier.pages
        if page.image_sha256
        and not page.blank
        and tools.catalogue.step_output(page.image_sha256, STEP, reader.name) is None
    ]
    done = len(dossier.pages) - len(todo)
    unread: dict[int, PageDefect] = {}

    def read(page: PageRecord) -> tuple[PageRecord, bytes | ReadingError, float]:
        started = time.perf_counter()
        image = decode(tools.store.get(page_key(page.image_sha256, page.media_type)))
        output: bytes | ReadingError
        try:
            output = json.dumps(encode_page(reader.read(image)), ensure_ascii=False).encode()
        except InstallationError:
            raise
        except ReadingError as error:
            output = error
        return page, output, time.perf_counter() - started

    on_progress(Progress(STEP, done, len(dossier.pages)))
    for page, output, seconds in ordered_map(read, todo, tools.settings.cores):
        if isinstance(output, ReadingError):
            unread[page.number] = given_up(output, seconds)
        else:
            tools.catalogue.remember_step(page.image_sha256, STEP, reader.name, output, seconds)
        done += 1
        on_progress(Progress(STEP, done, len(dossier.pages), page.file))
    pages = tuple(_judged(page, unread.get(page.number)) for page in dossier.pages)
    return StageResult(dossier.model_copy(update={"engine": reader.name, "pages": pages}))


def given_up(error: ReadingError, seconds: float) -> PageDefect:
    """What is said of a page that was given up after `seconds`."""
    return PageDefect(code=error.code, message=f"{error.message_vi} {error.remedy_vi}", value=round(seconds, 1))


def _judged(page: PageRecord, defect: PageDefect | None) -> PageRecord:
    """The page with what became of it this time, in place of what was said before."""
    kept = tuple(d for d in page.defects if d.code not in UNREAD)
    return page.model_copy(update={"defects": kept if defect is None else (*kept, defect)})


def read_of(tools: Tools, dossier: Dossier, page: PageRecord) -> ReadPage:
    """What the ledger has for a page; an empty page where there was nothing to read."""
    output = tools.catalogue.step_output(page.image_sha256, STEP, dossier.engine) if page.image_sha256 else None
    if output is None:
        return ReadPage(page.width, page.height, (), 0.0, dossier.engine)
    return decode_page(json.loads(output))
