"""Dossiers as one person or machine may see them: of their own agency only, each look on record with its purpose.

A dossier of another agency answers like one that does not exist, whatever is asked of it. Looks become entries of the
ledger before anything is handed out; looks at drafts do not, whose files the same person is just bringing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.problems import NotFiledError
from pipeline import awaited
from pipeline.access.principal import Purpose
from pipeline.access.roles import Right
from pipeline.catalogue.lanes import Lane
from pipeline.conductor import UnknownDossierError
from pipeline.record import Status

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from api.dossiers import Dossiers
    from api.uploads import Drafts, UploadedFile
    from pipeline.access.principal import Principal
    from pipeline.awaited import AwaitedSignature
    from pipeline.catalogue.rows import DossierSummary, StoredEvent
    from pipeline.composition import House
    from pipeline.decisions import Decision
    from pipeline.record import Dossier
    from pipeline.slips.content import SlipForm
    from pipeline.verification import VerifyReport

_BY_RIGHT = (
    (Right.DOSSIER_RECEIVE, Purpose.RECEIVE),
    (Right.REVIEW_WORK, Purpose.REVIEW),
    (Right.DOSSIER_APPRAISE, Purpose.PROCEDURE),
    (Right.DOSSIER_APPROVE, Purpose.PROCEDURE),
    (Right.DOSSIER_SEAL, Purpose.PROCEDURE),
    (Right.LEDGER_READ, Purpose.AUDIT),
)


def purpose_of(who: Principal) -> Purpose:
    """Why somebody looks who does not say: what their work is."""
    if who.machine:
        return Purpose.DOWNSTREAM
    return next((purpose for right, purpose in _BY_RIGHT if who.may(right)), Purpose.PROCEDURE)


class OwnDossiers:
    """The verbs of `Dossiers` for one principal. All raise `UnknownDossierError` for what is another agency's."""

    def __init__(
        self, house: House, dossiers: Dossiers, drafts: Drafts, who: Principal, purpose: Purpose | None = None
    ) -> None:
        self._house = house
        self._dossiers = dossiers
        self._drafts = drafts
        self._who = who
        # Commands on the machine have it to themselves.
        self._purpose = purpose_of(who) if purpose is None or purpose is Purpose.OPERATION else purpose

    def may_see(self, agency: str) -> bool:
        """Whether that agency's dossiers are its own; empty is the installation's."""
        return self._who.may_see(agency or self._house.settings.agency_code)

    @property
    def agencies(self) -> tuple[str, ...]:
        """As the catalogue has them."""
        own = self._who.agency
        return (own, "") if own == self._house.settings.agency_code else (own,)

    def allowed(self, dossier_id: str) -> Dossier:
        """The dossier or draft, without a look on record: for acts that show nothing of it."""
        draft = self._drafts.find(dossier_id)
        if draft is not None and not self.may_see(draft.agency):
            raise UnknownDossierError(dossier_id)
        dossier = self._dossiers.get(dossier_id)
        if (draft is None or draft.dossier_id is not None) and not self.may_see(dossier.agency):
            raise UnknownDossierError(dossier_id)
        return dossier

    def get(self, dossier_id: str, what: str = "record") -> Dossier:
        """The dossier or draft, with the look on record."""
        dossier = self.allowed(dossier_id)
        self.look(dossier_id, dossier, what)
        return dossier

    def look(self, asked: str, dossier: Dossier, what: str) -> None:
        """Puts a look on record, unless it is at a draft."""
        draft = self._drafts.find(asked)
        if draft is None or draft.dossier_id is not None:
            self._house.catalogue.ledger().read(self._who, self._purpose, dossier.id, what)

    def create(self, procedure: str | None) -> Dossier:
        """A new draft. Raises `UnknownProcedureError`."""
        return self._dossiers.create(procedure, self._who.agency)

    async def add(self, dossier_id: str, name: str, chunks: AsyncIterator[bytes]) -> UploadedFile:
        """Streams one file into a draft."""
        self.draft(dossier_id)
        return await self._drafts.add(dossier_id, name, chunks)

    def draft(self, dossier_id: str) -> None:
        """Raises `UnknownDossierError`, `DraftStartedError` where no file can be added."""
        found = self._drafts.find(dossier_id)
        if found is None or not self.may_see(found.agency):
            raise UnknownDossierError(dossier_id)
        self._drafts.open(dossier_id)

    def start(self, dossier_id: str, lane: Lane = Lane.DESK) -> Dossier:
        """Stores the originals and queues the dossier. Raises `NoFilesError`."""
        self.allowed(dossier_id)
        dossier = self._dossiers.start(dossier_id, lane)
        self.look(dossier.id, dossier, "record")
        return dossier

    def recent(self, status: Status | None = None, limit: int = 50, offset: int = 0) -> list[DossierSummary]:
        """The newest first."""
        catalogue = self._house.catalogue
        return catalogue.list_dossiers(status, limit=limit, offset=offset, agencies=self.agencies)

    def counts(self) -> dict[Status, int]:
        """How many stand where."""
        return self._house.catalogue.count_by_status(self.agencies)

    def events(self, dossier_id: str, after: int) -> tuple[list[StoredEvent], Status]:
        """Events with a higher number, and where the dossier stood before they were looked up."""
        return self._dossiers.events(self._dossiers.real_id(self.allowed(dossier_id).id), after)

    def page_image(self, dossier_id: str, number: int) -> tuple[bytes, str]:
        """The stored image of a page and its media type."""
        dossier = self.get(dossier_id, "page")
        return self._dossiers.page_image(dossier.id, number)

    def field_image(self, dossier_id: str, document: str, key: str) -> bytes:
        """PNG of the place of a field on its page."""
        dossier = self.get(dossier_id, "page")
        return self._dossiers.field_image(dossier.id, document, key)

    def fetch_archive(self, dossier_id: str, target: Path) -> None:
        """Streams the signed PDF into a file. Raises `NotFiledError`."""
        self._dossiers.fetch_archive(self.get(dossier_id, "archive_pdf").id, target)

    def filed(self, dossier_id: str, kind: str) -> bytes:
        """What was filed, byte for byte. Raises `NotFiledError`."""
        key = self.get(dossier_id, kind).files.get(kind)
        if key is None:
            raise NotFiledError(dossier_id)
        return self._house.tools.reading().get(key)

    def slip(self, dossier_id: str, form: SlipForm | None, reasons: Sequence[str]) -> tuple[SlipForm, bytes]:
        """The slip that was made, and its PDF, by whoever asks. Raises `SlipRefusedError`."""
        dossier = self.get(dossier_id, "slip")
        return self._dossiers.slip(dossier.id, form, self._who, reasons)

    def decide(self, dossier_id: str, decisions: Sequence[Decision]) -> Dossier:
        """Records answers under the name of whoever asks, and checks again."""
        dossier = self.allowed(dossier_id)
        decided = self._dossiers.decide(dossier.id, decisions, self._who.name)
        self.look(decided.id, decided, "record")
        return decided

    def retry(self, dossier_id: str) -> Dossier:
        """Puts a stopped dossier back into the queue."""
        dossier = self._dossiers.retry(self.allowed(dossier_id).id)
        self.look(dossier.id, dossier, "record")
        return dossier

    def awaited(self) -> list[AwaitedSignature]:
        """Hashes that wait for a person's signature."""
        return list(awaited.all_awaited(self._house.tools, self.agencies))

    def hand_in(self, dossier_id: str, value: bytes) -> Dossier:
        """A signature for the hash that is out; the dossier goes on."""
        dossier = self.allowed(dossier_id)
        awaited.hand_in(self._house.tools, dossier, value)
        # a worker that has it at this moment finds the signature by itself
        if dossier.status is Status.HELD:
            return self.retry(dossier.id)
        return self.get(dossier.id)

    def verified(self, path: Path) -> VerifyReport:
        """The verdict on a file; what another agency filed is unknown here."""
        return self._house.conductor.verify(path, self.agencies)
