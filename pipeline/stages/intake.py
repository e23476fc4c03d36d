"""Originals to page images: opened by what they are, turned upright, judged, stored, and read at once.

Rendering is serial (pdfium is not thread-safe); everything else runs beside it on the other cores, page by page: a page
is decoded once, and the first is read while the fifth is still rendered. What was read goes into the step ledger, where
the stage `read` finds it; a page that is given up says so and is not tried a second time by that stage.
What people do to pages (`pipeline.page_edits`) is laid over the scanned ones, which stay as they came.
A file that cannot be used, or a page of it, is recorded with its reason and the rest goes on: pages out = pages in.
"""

from __future__ import annotations

import hashlib
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import InstallationError, ReadingError
from pipeline.errors import InputRefusedError
from pipeline.intake.images import decode_plain, upright
from pipeline.intake.limits import Limits
from pipeline.intake.open import open_original
from pipeline.keys import original_key, page_key
from pipeline.page_edits.taking import taken
from pipeline.parallel import ordered_map
from pipeline.record import Dossier, OriginalRecord, PageDefect, PageRecord, SignatureRecord
from pipeline.stages import Outcome, Progress, StageResult
from pipeline.stages.read import given_up, given_up_before, judged, read_image, remember, to_read
from pipeline.words import defect_message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.intake.open import OpenedOriginal, SourcePage
    from pipeline.stages import OnProgress
    from pipeline.stages.read import Words
    from pipeline.tools import Tools


def run(tools: Tools, dossier: Dossier, on_progress: OnProgress) -> StageResult:
    """Fills `pages`, and what was learned of each original."""
    if dossier.pages or tools.catalogue.pages().scan(dossier.id) is not None:
        laid = taken(tools, dossier)
        return StageResult(laid, Outcome.CONTINUE if laid.pages else Outcome.REFUSED)
    pages: list[PageRecord] = []
    originals: list[OriginalRecord] = []
    tools.settings.work.mkdir(parents=True, exist_ok=True)
    for original in dossier.originals:
        if original.error:
            originals.append(original)
            continue
        with tempfile.TemporaryDirectory(dir=tools.settings.work) as folder:
            path = Path(folder) / "original"
            tools.store.fetch(original_key(original.sha256), path)
            originals.append(_open(tools, original, path, pages, on_progress))
    changed = taken(tools, dossier.model_copy(update={"pages": tuple(pages), "originals": tuple(originals)}))
    return StageResult(changed, Outcome.CONTINUE if changed.pages else Outcome.REFUSED)


def _open(
    tools: Tools, original: OriginalRecord, path: Path, pages: list[PageRecord], on_progress: OnProgress
) -> OriginalRecord:
    try:
        with open_original(path, original.name, Limits()) as opened:
            total = opened.page_count
            broken: list[InputRefusedError] = []
            work = _PageWork(tools, original.name, len(pages))
            # A thread more than there are reading processes: none of them waits while a page is decoded or stored.
            made = ordered_map(work, _sources(opened, broken), tools.settings.cores + 1)
            for done, (record, words) in enumerate(made, start=1):
                if words is not None:
                    remember(tools, record, work.engine, words)
                pages.append(record)
                on_progress(Progress("intake", done, total, original.name, record, work.engine))
            update: dict[str, object] = {
                "pages": total,
                "media_type": opened.media_type,
                "signed": opened.signed,
                "born_digital": opened.born_digital,
            }
            if opened.signed:
                update["signatures"] = _signatures(path)
    except InputRefusedError as error:
        return original.model_copy(update={"error": error.code, "message": f"{error.message_vi} {error.remedy_vi}"})
    if broken:
        first = broken[0]
        update |= {"error": first.code, "message": f"{first.message_vi} {first.remedy_vi}"}
    return original.model_copy(update=update)


def _sources(
    opened: OpenedOriginal, broken: list[InputRefusedError]
) -> Iterator[tuple[int, SourcePage | InputRefusedError]]:
    for number in range(1, opened.page_count + 1):
        try:
            yield number, opened.page(number)
        except InputRefusedError as error:
            broken.append(error)
            yield number, error


class _PageWork:
    """Turns one source page into its record and its words; called from several threads."""

    def __init__(self, tools: Tools, file: str, before: int) -> None:
        self._tools = tools
        self._reader = tools.reader()
        self.engine = self._reader.name
        self._file = file
        self._before = before

    def __call__(self, item: tuple[int, SourcePage | InputRefusedError]) -> tuple[PageRecord, Words | None]:
        number, source = item
        if isinstance(source, InputRefusedError):
            defect = PageDefect(code=source.code, message=f"{source.message_vi} {source.remedy_vi}", value=0.0)
            record = PageRecord(
                number=self._before + number,
                file=self._file,
                file_page=number,
                width=0,
                height=0,
                dpi=0.0,
                image_sha256="",
                defects=(defect,),
            )
            return record, None
        image = decode_plain(source.image)
        turned = 0
        started = time.perf_counter()
        try:
            turned = self._reader.turn(image).quarter_turns
            if turned:
                source = upright(source, turned)
                image = decode_plain(source.image)
            defects = tuple(
                PageDefect(code=d.code, message=defect_message(d), value=d.value) for d in self._reader.inspect(image)
            )
        except InstallationError:
            raise
        except ReadingError as error:
            defects = (given_up(error, time.perf_counter() - started),)
        sha256 = hashlib.sha256(source.image).hexdigest()
        self._tools.store.put_new(page_key(sha256, source.media_type), source.image, source.media_type)
        record = PageRecord(
            number=self._before + number,
            file=self._file,
            file_page=number,
            width=source.width,
            height=source.height,
            dpi=source.dpi,
            media_type=source.media_type,
            image_sha256=sha256,
            turned=turned,
            blank=any(d.code == "blank" for d in defects),
            defects=defects,
        )
        if given_up_before(record) or not to_read(self._tools, record, self.engine):
            return record, None
        words = read_image(self._reader, image)
        if isinstance(words.output, ReadingError):
            return judged(record, given_up(words.output, words.seconds)), None
        return record, words


def _signatures(path: Path) -> tuple[SignatureRecord, ...]:
    from signing.verify import list_signatures

    return tuple(
        SignatureRecord(
            signer=verdict.signer,
            signed_at=verdict.signed_at,
            verdict=verdict.outcome.value,
            algorithm=verdict.algorithm,
            reasons=tuple(reason.code for reason in verdict.reasons),
        )
        for verdict in list_signatures(path)
        if verdict.kind == "signature"
    )
