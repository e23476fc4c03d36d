"""Moves a dossier through its stages and keeps the catalogue true at every step.

The catalogue says where a dossier stands; whoever runs stages (a Prefect task, a test, a loop) only calls us.
Each call loads the dossier, runs one stage, and saves the result with its events in that order, so that a process
killed anywhere leaves a dossier that the same call takes up again. Errors become a status, an event and a raise.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from pipeline import export, journal, verification
from pipeline.catalogue.lanes import Lane
from pipeline.decisions import unknown_targets
from pipeline.errors import Exit, HeldError, HosoError
from pipeline.held import reason_of
from pipeline.keys import page_key
from pipeline.page_edits.taking import again, behind
from pipeline.quality.switching import LATE, asked_again
from pipeline.receive import receive
from pipeline.record import Dossier, Event, Status
from pipeline.stages import STAGES, Outcome, archive, file, intake, papers, read, sign, silent, validate
from pipeline.telemetry.logging import bound

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from pipeline.decisions import Decision
    from pipeline.receive import Received
    from pipeline.stages import OnProgress, StageResult
    from pipeline.tools import Tools
    from pipeline.verification import VerifyReport

_RUNS: Mapping[str, Callable[[Tools, Dossier, OnProgress], StageResult]] = {
    "intake": intake.run,
    "read": read.run,
    "separate": papers.run_separate,
    "extract": papers.run_extract,
    "validate": validate.run,
    "archive": archive.run,
    "sign": sign.run,
    "file": file.run,
}
TRACE = "traceparent"
"""Of the event of receipt: the W3C trace context in which everything else about the dossier happens."""
_SETTLED = {Outcome.CONTINUE, Outcome.WAITS, Outcome.REFUSED}
_ENDINGS = {Outcome.WAITS: Status.WAITS, Outcome.REFUSED: Status.REFUSED, Outcome.HELD: Status.HELD}


class UnknownDossierError(HosoError):
    """No dossier has this id."""

    code = "dossier_unknown"
    message_vi = "Không có hồ sơ nào mang mã này."
    remedy_vi = "Hãy kiểm tra lại mã hồ sơ trên giấy tiếp nhận."


class UnknownPageError(HosoError):
    """The dossier has no such page, or the page has no image."""

    code = "page_unknown"
    message_vi = "Hồ sơ không có trang này, hoặc trang không mở được."
    remedy_vi = "Hãy kiểm tra số trang."


class DecisionError(HosoError):
    """A decision points at nothing in the dossier, or the dossier is closed."""

    code = "decision_invalid"
    message_vi = "Quyết định không khớp với hồ sơ."
    remedy_vi = "Hãy tải lại hồ sơ rồi quyết định lại."


class NotStoppedError(HosoError):
    """Only what was set aside or is held can be put back into the queue."""

    code = "dossier_not_stopped"
    exit_code = Exit.REFUSED
    message_vi = "Hồ sơ này không bị lỗi và không bị giữ."
    remedy_vi = "Không cần làm gì; hãy xem trạng thái hồ sơ."


class Conductor:
    """The verbs of a dossier. Safe to use from several threads as long as no two run the same dossier."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def receive(
        self,
        paths: Sequence[Path],
        procedure: str | None,
        *,
        names: Mapping[Path, str] | None = None,
        agency: str = "",
        lane: Lane = Lane.DESK,
        batch: str | None = None,
    ) -> Received:
        """Stores originals bit for bit and opens a dossier of `agency`; the same files again find the same dossier."""
        with self._tools.spans.span("receive") as span:
            received = receive(self._tools, paths, procedure, names=names, agency=agency, lane=lane, batch=batch)
            if not received.known:
                trace = {TRACE: span.traceparent} if span.traceparent else {}
                self._event(received.dossier_id, "receive", "done", **trace)
        return received

    def dossier(self, dossier_id: str) -> Dossier:
        """The dossier as it stands. Raises `UnknownDossierError`."""
        return self._standing(dossier_id)[0]

    def run_stage(self, dossier_id: str, stage: str, on_progress: OnProgress = silent) -> Outcome:
        """Runs one stage. Raises `HosoError` when it breaks; held and refused are outcomes, not errors.

        Raises `ConflictError` where somebody saved the dossier meanwhile: a process that was cut off for minutes, and
        does not know yet that its lease went to another, must not save its old view over what that one did.
        """
        with (
            bound(dossier=dossier_id, stage=stage),
            self._tools.spans.span(stage, self._trace(dossier_id), dossier=dossier_id),
        ):
            outcome = Outcome.CONTINUE
            if stage == STAGES[0] or not behind(self._tools, self.dossier(dossier_id)):
                outcome = self._run_stage(dossier_id, stage, on_progress)
            # Somebody changed pages meanwhile: what was done before is done again, with them, before anything else.
            while outcome in _SETTLED and behind(self._tools, self.dossier(dossier_id)):
                outcome = self._again(dossier_id, stage, on_progress)
            return outcome

    def _again(self, dossier_id: str, last: str, on_progress: OnProgress) -> Outcome:
        """All stages up to `last`, or to the first one that does not go on."""
        dossier, version = self._standing(dossier_id)
        self._save(again(dossier), Status.PROCESSING, version)
        outcome = Outcome.CONTINUE
        for stage in STAGES[: STAGES.index(last) + 1]:
            if outcome is Outcome.CONTINUE:
                outcome = self._run_stage(dossier_id, stage, on_progress)
        return outcome

    def _run_stage(self, dossier_id: str, stage: str, on_progress: OnProgress) -> Outcome:
        dossier, version = self._standing(dossier_id)
        if dossier.status is Status.FILED:
            return Outcome.CONTINUE
        if stage in LATE and (asked := asked_again(self._tools, dossier)) is not None:
            # A kind of field went to full review after this dossier was validated: it waits, and is not filed.
            self._save(asked, Status.WAITS, version)
            self._event(dossier_id, stage, Outcome.WAITS.value, code="full_review")
            return Outcome.WAITS
        self._event(dossier_id, stage, "started")
        started = time.perf_counter()
        try:
            result = _RUNS[stage](self._tools, dossier, on_progress)
            seconds = time.perf_counter() - started
            events = self._events(dossier, result, stage, seconds)
            if stage == STAGES[-1] and result.outcome is Outcome.CONTINUE:
                filings = self._tools.catalogue.filings_of(dossier_id)
                journal.filed(self._tools.store, dossier_id, filings, result.dossier.files, events)
        except HeldError as error:
            reason = reason_of(error, stage, self._tools.clock())
            self._save(dossier.model_copy(update={"held": reason}), Status.HELD, version)
            self._event(dossier_id, stage, "held", code=error.code, cause=reason.cause)
            return Outcome.HELD
        except HosoError as error:
            self._save(dossier, Status.FAULT, version)
            self._event(dossier_id, stage, "failed", code=error.code)
            raise
        except Exception as error:
            self._save(dossier, Status.FAULT, version)
            self._event(dossier_id, stage, "failed", code=HosoError.code)
            raise HosoError(dossier_id, f"{stage}: {type(error).__name__}: {error}") from error
        status = _ENDINGS.get(result.outcome, Status.FILED if stage == STAGES[-1] else Status.PROCESSING)
        self._save(result.dossier.model_copy(update={"events": events}), status, version)
        self._event(dossier_id, stage, result.outcome.value, seconds=round(seconds, 3))
        return result.outcome

    def run(self, dossier_id: str, on_progress: OnProgress = silent, *, start: str = STAGES[0]) -> Dossier:
        """Runs all stages from `start` in this process until one does not go on."""
        for stage in STAGES[STAGES.index(start) :]:
            if self.run_stage(dossier_id, stage, on_progress) is not Outcome.CONTINUE:
                break
        return self.dossier(dossier_id)

    def next_stage(self, dossier_id: str) -> str:
        """Where to take a dossier up again: the stage after the last one that ended, `validate` where it waits."""
        dossier = self.dossier(dossier_id)
        if behind(self._tools, dossier):
            return STAGES[0]
        done = {event.stage for event in dossier.events}
        if dossier.status in {Status.WAITS, Status.REFUSED} and dossier.documents and "extract" in done:
            return "validate"
        return next((stage for stage in STAGES if stage not in done), STAGES[-1])

    def decide(self, dossier_id: str, decisions: Sequence[Decision], who: str) -> Dossier:
        """Records a person's answers; the caller then runs the stages from `next_stage`.

        Raises `DecisionError`, `UnknownProcedureError` for a procedure that is not there, and `ConflictError`.
        """
        dossier, version = self._standing(dossier_id)
        if dossier.status not in {Status.WAITS, Status.REFUSED}:
            raise DecisionError(dossier_id, f"status is {dossier.status}")
        if wrong := unknown_targets(dossier, decisions):
            raise DecisionError(dossier_id, f"no such target: {wrong[0].finding or wrong[0].key}")
        signed = [decision.model_copy(update={"who": who}) for decision in decisions]
        rows = [decision.row() for decision in signed]
        at = self._tools.clock()
        if rows:
            journal.decided(self._tools.store, dossier_id, rows, at)
        self._tools.catalogue.add_decisions(dossier_id, rows, at)
        for decision in signed:
            if decision.kind == "procedure":
                dossier, version = self._with_procedure(dossier, str(decision.value), version)
        self._event(dossier_id, "decide", "done", count=len(signed))
        return dossier

    def retry(self, dossier_id: str) -> Dossier:
        """Puts a dossier that was set aside, or is held, back into the queue, with all its attempts before it again.

        Raises `NotStoppedError`, `UnknownDossierError`, `ConflictError`.
        """
        dossier, version = self._standing(dossier_id)
        if dossier.status not in {Status.FAULT, Status.HELD}:
            raise NotStoppedError(dossier_id, f"status is {dossier.status}")
        self._event(dossier_id, "worker", "done", code="retry")
        self._save(dossier, Status.PROCESSING, version)
        self._tools.catalogue.queue().put(dossier_id)
        return self.dossier(dossier_id)

    def _with_procedure(self, dossier: Dossier, code: str, version: int) -> tuple[Dossier, int]:
        """The dossier under another procedure; its fields are looked for again, by that procedure's schema."""
        procedure = self._tools.procedures().get(code, dossier.received_at.date())
        changed = dossier.model_copy(
            update={
                "procedure": procedure.code,
                "procedure_name": procedure.name,
                "procedure_version": procedure.version,
                "events": tuple(e for e in dossier.events if e.stage not in {"extract", "validate"}),
            }
        )
        return changed, self._save(changed, dossier.status, version)

    def page_image(self, dossier_id: str, number: int) -> tuple[bytes, str]:
        """The stored image of a page and its media type."""
        for page in self.dossier(dossier_id).pages:
            if page.number == number and page.image_sha256:
                return self._tools.reading().get(page_key(page.image_sha256, page.media_type)), page.media_type
        raise UnknownPageError(dossier_id, f"page {number}")

    def archive_pdf(self, dossier_id: str) -> bytes | None:
        """The signed PDF as filed, or None while there is none."""
        key = self.dossier(dossier_id).files.get("archive_pdf")
        return None if key is None else self._tools.reading().get(key)

    def export(self, dossier_id: str, out: Path) -> dict[str, Path]:
        """Writes what there is of the dossier into a folder; see `pipeline.export`."""
        return export.export(self._tools, self.dossier(dossier_id), out)

    def verify(self, path: Path, agencies: Sequence[str] | None = None) -> VerifyReport:
        """What can be said of a PDF: signatures, PDF/A claim, attached record, our own ledger (of these agencies)."""
        return verification.verify(self._tools, path, agencies)

    def _events(self, before: Dossier, result: StageResult, stage: str, seconds: float) -> tuple[Event, ...]:
        """The dossier's events after a stage; one that found its work done keeps the time that the work took."""
        if result.dossier == before and stage in {event.stage for event in before.events}:
            return before.events
        event = Event(stage=stage, at=self._tools.clock(), seconds=round(seconds, 3))
        return (*(e for e in before.events if e.stage != stage), event)

    def _trace(self, dossier_id: str) -> str:
        """The trace of the dossier's receipt, so that all its stages, in whatever process, are one trace."""
        if not self._tools.spans.on:
            return ""
        early = self._tools.catalogue.events_after(dossier_id, limit=10)
        return next((str(event.data[TRACE]) for event in early if TRACE in event.data), "")

    def _standing(self, dossier_id: str) -> tuple[Dossier, int]:
        """The dossier as it stands, and its version."""
        found = self._tools.catalogue.load_with_version(dossier_id)
        if found is None:
            raise UnknownDossierError(dossier_id)
        return found

    def _save(self, dossier: Dossier, status: Status, version: int) -> int:
        held = dossier.held if status is Status.HELD else None
        said = dossier.model_copy(update={"status": status, "held": held})
        return self._tools.catalogue.save(said, expected_version=version)

    def _event(self, dossier_id: str, stage: str, state: str, *, code: str = "", **data: float | str) -> None:
        self._tools.catalogue.append_event(dossier_id, stage=stage, state=state, code=code, data=data)
