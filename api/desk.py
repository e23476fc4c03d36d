"""What the desk does with dossiers: everything that a browser may send twice counts once, whatever the network did.

A browser makes up a key for each act and sends it again until it is answered; the catalogue remembers keys. Files of a
draft are known by their content, so a file that came whole comes only once. A dossier of another agency is unknown.
Everything here blocks, so routes call it in a thread. Looks at people's data are put into the ledger here.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from api.desk_view import WORKING, DeskView, dossier_view, draft_view
from api.problems import BusyError
from flows.runner import leased, worker_name
from pipeline.access.principal import Purpose
from pipeline.catalogue.desk_door import OPEN, Ticket, Visitor
from pipeline.conductor import UnknownDossierError
from pipeline.decisions import Decision
from pipeline.desk.card import Card, Comparison, compare, read_card
from pipeline.desk.estimate import Wait, wait_for
from pipeline.desk.nickname import nickname
from pipeline.desk.preview import Previews
from pipeline.desk.questions import AT_DESK, ATTENDED
from pipeline.intake.errors import NoFilesError
from pipeline.record import Dossier, Status
from pipeline.slips.content import SlipForm, fitting_form
from pipeline.slips.issue import issue
from pipeline.stages import STAGES
from pipeline.vault.vault import HOUSE
from pipeline.watch import STAGE as WATCHED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.dossiers import Dossiers
    from api.uploads import Drafts
    from pipeline.access.principal import Principal
    from pipeline.catalogue.rows import DossierSummary
    from pipeline.composition import House
    from pipeline.procedures.schema import Procedure

PHONE_LASTS = timedelta(minutes=10)
FRESH = timedelta(seconds=12)
"""Somebody who was heard of within this time still has the dossier open."""
_ARRIVED = timedelta(days=2)
_LISTED = 200
"""Newest dossiers among which the lists of the desk are looked for."""
_CARD = "desk card"
_BEATING = timedelta(seconds=60)
"""A worker that was heard of within this time counts as working."""


@dataclass(frozen=True, slots=True)
class Person:
    """The card of whoever sits there, beside the papers."""

    card: Card
    comparisons: list[Comparison]


class Desk:
    """The verbs of the desk, for one house."""

    def __init__(self, house: House, dossiers: Dossiers, drafts: Drafts) -> None:
        self._house = house
        self._dossiers = dossiers
        self._drafts = drafts
        self._previews = Previews(house.tools)
        self._name = worker_name()
        self.door = house.catalogue.desk()

    # Looking

    def dossier(self, dossier_id: str, who: Principal) -> Dossier:
        """The dossier or draft. Raises `UnknownDossierError` also for another agency's."""
        draft = self._drafts.find(dossier_id)
        if draft is not None and draft.dossier_id is None and not who.may_see(draft.agency or self.home):
            raise UnknownDossierError(dossier_id)
        dossier = self._dossiers.get(dossier_id)
        if not who.may_see(dossier.agency or self.home):
            raise UnknownDossierError(dossier_id)
        return dossier

    def look(self, dossier: Dossier, who: Principal, what: str) -> None:
        """Puts a look at a person's data on record."""
        if not self.is_draft(dossier.id):
            self._house.catalogue.ledger().read(who, Purpose.RECEIVE, dossier.id, what)

    def is_draft(self, dossier_id: str) -> bool:
        """Whether it still takes files."""
        draft = self._drafts.find(dossier_id)
        return draft is not None and draft.dossier_id is None

    def pulse(self, dossier_id: str) -> tuple[object, ...]:
        """Changes when the view may have changed."""
        draft = self._drafts.find(dossier_id)
        if draft is not None and draft.dossier_id is None:
            return ("draft", len(draft.files), tuple(file.sha256 for file in draft.files), self.door.pulse(dossier_id))
        return self.door.pulse(draft.dossier_id if draft and draft.dossier_id else dossier_id)

    def view(self, dossier_id: str, who: Principal) -> DeskView:
        """What the desk shows."""
        dossier = self.dossier(dossier_id, who)
        procedure = self.procedure(dossier)
        screen = self.door.shown_by(who.id)
        name = nickname(dossier_id)
        if self.is_draft(dossier.id):
            return draft_view(dossier, procedure, name, self.door.ticket_of(dossier.id))
        preview = None
        if dossier.status in WORKING and not dossier.checklist:
            preview = self._previews.of(dossier, self._house.catalogue.events_after(dossier.id))
        return dossier_view(
            dossier,
            procedure,
            name,
            preview=preview,
            wait=self._wait(dossier, preview.done if preview else 0, preview.total if preview else 0),
            ticket=self.door.ticket_of(dossier.id),
            screen=screen,
            answers=self.door.answers(dossier.id),
        )

    def page_image(self, dossier_id: str, number: int, who: Principal) -> tuple[bytes, str]:
        """The image of a page, also while others are still read. Raises `UnknownPageError`."""
        dossier = self.dossier(dossier_id, who)
        events = () if dossier.pages else self._house.catalogue.events_after(dossier.id)
        page = self._previews.page(dossier, events, number)
        if page is None:
            return self._house.conductor.page_image(dossier.id, number)
        self.look(dossier, who, "page")
        from pipeline.keys import page_key

        return self._house.store.get(page_key(page.image_sha256, page.media_type)), page.media_type

    def visit(self, dossier_id: str, tab: str, who: Principal) -> list[str]:
        """Says that somebody has it open; names of the others who have."""
        others = self.door.visit(dossier_id, Visitor(tab, who.id, who.name), FRESH)
        return sorted({other.name for other in others if other.owner != who.id} or _doubled(others, who))

    def arrivals(self, who: Principal) -> list[DossierSummary]:
        """Dossiers that came by the watched folder and that nobody has taken."""
        ids = self.door.arrivals(WATCHED, _ARRIVED)
        taken = self.door.done(ATTENDED, ids)
        return self._own([one for one in self._dossiers.recent(None, _LISTED) if one.id in set(ids) - taken], who)

    def unfinished(self, who: Principal) -> list[DossierSummary]:
        """Dossiers of the desk whose receipt nobody has handed out yet, the newest first."""
        known = [one for one in self._dossiers.recent(None, _LISTED) if one.status is not Status.FILED]
        attended = self.door.done(ATTENDED, [one.id for one in known])
        return self._own([one for one in known if one.id in attended], who)

    # Receiving

    def create(self, key: str, procedure: str | None, who: Principal) -> str:
        """The draft of this key: a new one, or the one that the key made before."""
        if (known := self.door.subject(f"{who.id}:{key}")) is not None:
            return known
        now = self._house.tools.clock()
        if procedure is not None:
            self._house.procedures().get(procedure, now.date())
        draft = self._drafts.create(procedure, now, who.agency)
        return self.door.act(f"{who.id}:{key}", "create", draft.id) or draft.id

    def choose(self, dossier_id: str, procedure: str, who: Principal) -> None:
        """Another procedure for a draft. Raises `DraftStartedError`, `UnknownProcedureError`."""
        self.dossier(dossier_id, who)
        self._house.procedures().get(procedure, self._house.tools.clock().date())
        self._drafts.choose(dossier_id, procedure)

    def remove(self, dossier_id: str, sha256: str, who: Principal) -> None:
        """Takes a file out of a draft; one that is not there is no error."""
        self.dossier(dossier_id, who)
        self._drafts.remove(dossier_id, sha256)

    def start(self, dossier_id: str, who: Principal) -> str:
        """Stores the originals and queues the dossier for the desk's own lane. Starting again changes nothing."""
        self.dossier(dossier_id, who)
        draft = self._drafts.find(dossier_id)
        if draft is None or draft.dossier_id is not None:
            return draft.dossier_id if draft and draft.dossier_id else dossier_id
        if not draft.files:
            raise NoFilesError(dossier_id)
        dossier = self._dossiers.start(dossier_id)
        self.door.act(f"attend:{dossier.id}", ATTENDED, dossier.id)
        # The card may have been read before there was a dossier.
        if (sealed := self.door.card(dossier_id)) is not None:
            self.door.keep_card(dossier.id, sealed)
        return dossier.id

    def take(self, dossier_id: str, who: Principal) -> None:
        """Somebody at the desk sees to a dossier that came by the watched folder."""
        dossier = self.dossier(dossier_id, who)
        self.door.act(f"attend:{dossier.id}", ATTENDED, dossier.id)

    # Settling

    def decide(self, dossier_id: str, key: str, decisions: Sequence[Decision], who: Principal) -> None:
        """Records answers and checks again; an act that was answered before changes nothing.

        Raises `DecisionError`, `BusyError`; the act may then be sent again.
        """
        dossier = self.dossier(dossier_id, who)
        act = f"{dossier.id}:{key}"
        if self.door.act(act, "decide", dossier.id) is not None:
            return
        try:
            self._decide(dossier.id, decisions, who)
        except BaseException:
            self.door.undo_act(act)
            raise

    def hand_out(self, dossier_id: str, key: str, who: Principal) -> None:
        """The receipt is handed out: nothing of the desk keeps the dossier from being signed any more."""
        dossier = self.dossier(dossier_id, who)
        if fitting_form(dossier) is not SlipForm.RECEIPT:
            return
        waiting = [one for one in dossier.findings if one.rule == AT_DESK and one.confirmed_by is None]
        if waiting:
            self.decide(dossier.id, key, [Decision(kind="accept_finding", finding=one.id) for one in waiting], who)

    def slip(self, dossier_id: str, who: Principal) -> tuple[SlipForm, bytes]:
        """The slip that fits, by whoever is signed in. Raises `SlipRefusedError`."""
        dossier = self.dossier(dossier_id, who)
        self.look(dossier, who, "slip")
        return issue(self._house.tools, dossier, officer=who.name, who=who.id)

    def read_card(self, dossier_id: str, typed: str, who: Principal) -> Person:
        """Keeps the card, sealed, for the length of the visit. Raises `NotACardError`, `CardGarbledError`."""
        dossier = self.dossier(dossier_id, who)
        card = read_card(typed)
        sealed = self._house.tools.vault.seal(HOUSE, card.model_dump_json().encode(), _CARD)
        self.door.keep_card(dossier.id, sealed)
        self.look(dossier, who, "card")
        return Person(card, compare(card, dossier))

    def person(self, dossier_id: str, who: Principal) -> Person | None:
        """The card that was read for a dossier, or for the draft that it was, beside its papers."""
        dossier = self.dossier(dossier_id, who)
        for one in dict.fromkeys((dossier.id, dossier_id)):
            if (sealed := self.door.card(one)) is not None:
                card = Card.model_validate(json.loads(self._house.tools.vault.open(sealed, _CARD)))
                self.look(dossier, who, "card")
                return Person(card, compare(card, dossier))
        return None

    # Phones

    def open_phone(self, dossier_id: str, who: Principal) -> tuple[str, Ticket]:
        """A secret for one phone, for ten minutes, and its ticket. Raises `DraftStartedError`."""
        self.dossier(dossier_id, who)
        self._drafts.open(dossier_id)
        secret = secrets.token_urlsafe(24)
        until = self._house.tools.clock() + PHONE_LASTS
        ticket = Ticket(dossier_id, nickname(dossier_id), OPEN, 0, until)
        self.door.add_ticket(secret, ticket, who.id)
        return secret, ticket

    @property
    def home(self) -> str:
        """The agency of records from before agencies."""
        return self._house.settings.agency_code

    def _own(self, found: list[DossierSummary], who: Principal) -> list[DossierSummary]:
        return [one for one in found if who.may_see(self._dossiers.get(one.id).agency or self.home)]

    def _decide(self, dossier_id: str, decisions: Sequence[Decision], who: Principal) -> None:
        conductor = self._house.conductor
        with leased(self._house, dossier_id, self._name) as held:
            if held is None:
                raise BusyError(dossier_id)
            conductor.decide(dossier_id, decisions, who.name)
            first, last = STAGES.index(conductor.next_stage(dossier_id)), STAGES.index("validate")
            for stage in STAGES[first : last + 1]:
                conductor.run_stage(dossier_id, stage)

    def procedure(self, dossier: Dossier) -> Procedure | None:
        """The procedure as it counted on the day of receipt."""
        if dossier.procedure is None:
            return None
        return self._house.procedures().get(dossier.procedure, dossier.received_at.date())

    def _wait(self, dossier: Dossier, done: int, total: int) -> Wait | None:
        if dossier.status not in WORKING:
            return None
        now = self._house.tools.clock()
        workers = [one for one in self._house.catalogue.queue().workers() if now - one.beat_at < _BEATING]
        return wait_for(
            dossier.id, self.door.queue(), self.door.measured(), workers=len(workers) or 1, pages=total, done=done
        )


def _doubled(others: Sequence[Visitor], who: Principal) -> set[str]:
    """One's own name, where one has the dossier open twice."""
    return {who.name} if others else set()
