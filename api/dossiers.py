"""What the HTTP doors do with dossiers, shared by the API and the web page: find, list, start, decide.

Everything here blocks (database, disk, rules), so routes call it in a thread. It adds no rule of its own: a decision is
recorded by the conductor, and the checks that follow are the `validate` stage, run here at once under a lease so that
the person sees its answer; a worker does what comes after.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.own_dossiers import OwnDossiers
from api.problems import BusyError, NotFiledError
from flows.runner import leased, worker_name
from pipeline.catalogue.lanes import Lane
from pipeline.conductor import UnknownDossierError
from pipeline.crops import field_image
from pipeline.intake.errors import NoFilesError
from pipeline.record import Dossier, OriginalRecord, Status
from pipeline.slips.issue import issue
from pipeline.stages import STAGES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from api.uploads import Draft, Drafts
    from pipeline.access.principal import Principal, Purpose
    from pipeline.catalogue.rows import DossierSummary, StoredEvent
    from pipeline.composition import House
    from pipeline.decisions import Decision
    from pipeline.slips.content import SlipForm


class Dossiers:
    """The dossiers of a house, and the drafts on their way to become some."""

    def __init__(self, house: House, drafts: Drafts) -> None:
        self._house = house
        self._drafts = drafts
        self._name = worker_name()

    def of(self, who: Principal, purpose: Purpose | None = None) -> OwnDossiers:
        """What one person or machine may see of them: what routes work with."""
        return OwnDossiers(self._house, self, self._drafts, who, purpose)

    def create(self, procedure: str | None, agency: str = "") -> Dossier:
        """A new draft of an agency. Raises `UnknownProcedureError`."""
        now = self._house.tools.clock()
        if procedure is not None:
            self._house.procedures().get(procedure, now.date())
        return self._draft_record(self._drafts.create(procedure, now, agency))

    def get(self, dossier_id: str) -> Dossier:
        """The dossier, or the draft as one. Raises `UnknownDossierError`."""
        draft = self._drafts.find(dossier_id)
        if draft is not None and draft.dossier_id is None:
            return self._draft_record(draft)
        return self._house.conductor.dossier(draft.dossier_id if draft and draft.dossier_id else dossier_id)

    def real_id(self, dossier_id: str) -> str:
        """The dossier's own id for an id that may be its draft's. Raises `UnknownDossierError` for a mere draft."""
        draft = self._drafts.find(dossier_id)
        if draft is None:
            return dossier_id
        if draft.dossier_id is None:
            raise UnknownDossierError(dossier_id)
        return draft.dossier_id

    def start(self, dossier_id: str, lane: Lane = Lane.DESK) -> Dossier:
        """Stores the originals and queues the dossier; starting again changes nothing. Raises `NoFilesError`."""
        draft = self._drafts.find(dossier_id)
        if draft is None or draft.dossier_id is not None:
            return self.get(dossier_id)
        paths = self._drafts.paths(draft)
        if not paths:
            raise NoFilesError(dossier_id)
        received = self._house.conductor.receive(
            list(paths), draft.procedure, names=paths, agency=draft.agency, lane=lane
        )
        if received.known:
            if lane is Lane.DESK:
                # A citizen who comes to the desk with what lies in the backlog does not wait behind it.
                self._house.catalogue.queue().put(received.dossier_id, lane=lane)
            self._house.catalogue.append_event(received.dossier_id, "receive", "again")
        self._drafts.started(draft, received.dossier_id, known=received.known)
        return self._house.conductor.dossier(received.dossier_id)

    def known(self, draft_id: str) -> bool:
        """Whether the draft's files had come before, for the same procedure."""
        draft = self._drafts.find(draft_id)
        return draft is not None and draft.known

    def recent(self, status: Status | None = None, limit: int = 50, offset: int = 0) -> list[DossierSummary]:
        """The newest dossiers first."""
        return self._house.catalogue.list_dossiers(status, limit=limit, offset=offset)

    def events(self, dossier_id: str, after: int) -> tuple[list[StoredEvent], Status]:
        """Events with a higher number, and where the dossier stood before they were looked up."""
        # The status first: a dossier that settles in between shows its last events now and its status next time.
        status = self._house.conductor.dossier(dossier_id).status
        return self._house.catalogue.events_after(dossier_id, after), status

    def page_image(self, dossier_id: str, number: int) -> tuple[bytes, str]:
        """The stored image of a page and its media type."""
        return self._house.conductor.page_image(self.real_id(dossier_id), number)

    def field_image(self, dossier_id: str, document: str, key: str) -> bytes:
        """PNG of the place of a field on its page. Raises `UnknownFieldError`."""
        return field_image(self._house.tools, self.get(dossier_id), document, key)

    def fetch_archive(self, dossier_id: str, target: Path) -> None:
        """Streams the signed PDF into a file. Raises `NotFiledError`."""
        dossier = self.get(dossier_id)
        key = dossier.files.get("archive_pdf")
        if key is None:
            raise NotFiledError(dossier_id)
        self._house.tools.reading().fetch(key, target)

    def slip(
        self, dossier_id: str, form: SlipForm | None, who: Principal, reasons: Sequence[str]
    ) -> tuple[SlipForm, bytes]:
        """The slip that was made, and its PDF. Raises `SlipRefusedError`."""
        return issue(self._house.tools, self.get(dossier_id), form, officer=who.name, reasons=reasons, who=who.id)

    def decide(self, dossier_id: str, decisions: Sequence[Decision], who: str) -> Dossier:
        """Records answers and checks again. Raises `DecisionError`, `BusyError`."""
        real = self.real_id(dossier_id)
        conductor = self._house.conductor
        conductor.dossier(real)
        with leased(self._house, real, self._name) as held:
            if held is None:
                raise BusyError(dossier_id)
            conductor.decide(real, decisions, who)
            first, last = STAGES.index(conductor.next_stage(real)), STAGES.index("validate")
            for stage in STAGES[first : last + 1]:
                conductor.run_stage(real, stage)
        return conductor.dossier(real)

    def retry(self, dossier_id: str) -> Dossier:
        """Puts a stopped dossier back into the queue. Raises `NotStoppedError`."""
        return self._house.conductor.retry(self.real_id(dossier_id))

    def _draft_record(self, draft: Draft) -> Dossier:
        return Dossier(
            id=draft.id,
            procedure=draft.procedure,
            agency=draft.agency or self._house.settings.agency_code,
            status=Status.RECEIVED,
            received_at=self._house.tools.clock(),
            originals=tuple(
                OriginalRecord(name=file.name, sha256=file.sha256, size=file.size, media_type="", pages=0)
                for file in draft.files
            ),
        )
