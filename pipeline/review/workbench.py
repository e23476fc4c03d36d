"""The workbench's verbs for whoever is signed in: take, answer, undo, ask, and hand a settled dossier on.

The catalogue's queue knows who holds what; this adds what is shown and what an answer means. A foreign agency's item
answers as unknown. Answers stay here until no field of their dossier waits and the time to take them back is over;
then `settled` gives them out as decisions, which the caller lays before the conductor. Every look is in the ledger.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pipeline.access.principal import Purpose
from pipeline.access.roles import Right
from pipeline.catalogue.lanes import Lane as DossierLane
from pipeline.quality.disguise import disguised
from pipeline.quality.second import SecondKeys
from pipeline.record import Status
from pipeline.review.answering import answer_of, decision_of
from pipeline.review.asking import wanted
from pipeline.review.errors import EmptyAnswerError, NothingToUndoError, UnknownItemError
from pipeline.review.keyed import KeyedError
from pipeline.review.rows import Clerk, ItemPurpose, Lane, Result, State, Target, Verdict, Wish
from pipeline.review.sealing import seal, unseal
from pipeline.review.showing import Shower
from pipeline.review.shown import Asked, Outcome, ShownItem, Told, Typing
from pipeline.review.spelling import load_speller
from pipeline.review.strips import Strips, strip_of, wide_strip_of
from pipeline.vault.errors import VaultError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from pipeline.access.principal import Principal
    from pipeline.decisions import Decision
    from pipeline.procedures.schema import Procedure
    from pipeline.record import Dossier
    from pipeline.review.rows import Item, Kept, Standing
    from pipeline.review.shown import Said
    from pipeline.review.spelling import Speller
    from pipeline.tools import Tools

_WHOLE, _SKEW = timedelta(minutes=5), timedelta(minutes=1)
_COUNTED = timedelta(seconds=10)
"""How old the figures of the queue may be: counting a long one takes longer than taking from it."""
_BACK = timedelta(hours=8)
"""How far back acts can be taken back: one shift."""
_MESSAGES = {
    Result.CHANGED: "review.told_changed",
    Result.OTHER: "review.told_other",
    Result.GONE: "review.told_gone",
}


class Workbench:
    """One for a process; safe in several threads."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._queue = tools.catalogue.review()
        self._strips = Strips(tools.store)
        self._seen: datetime | None = None
        self._whole_at: datetime | None = None
        self._counted: dict[tuple[str, State], tuple[datetime, list[Standing]]] = {}
        self.settings = tools.settings.review
        self._second = SecondKeys(tools)
        self._ttl = timedelta(minutes=self.settings.lease_minutes)

    # The queue

    def follow(self, limit: int = 200) -> int:
        """Brings the questions of changed dossiers up to date; returns how many dossiers were looked at.

        Looked at are those saved since the last time; all of them at first and now and then, because clocks of
        several machines differ.
        """
        now = self._tools.clock()
        whole = self._whole_at is None or now - self._whole_at >= _WHOLE
        since = None if whole or self._seen is None else self._seen - _SKEW
        names = self._queue.stale(limit, since)
        backlog = set(self._tools.catalogue.queue().backlog_among(names)) if names else set()
        for name in names:
            self.follow_one(name, DossierLane.BACKLOG if name in backlog else DossierLane.DESK)
        if len(names) < limit:
            self._seen = now
            self._whole_at = now if whole else self._whole_at
        return len(names)

    def follow_one(self, dossier_id: str, lane: DossierLane | None = None) -> None:
        """Brings the questions of one dossier up to date, where it changed."""
        found = self._tools.catalogue.load_with_version(dossier_id)
        if found is None or self._queue.followed_version(dossier_id) == found[1]:
            return
        dossier, version = found
        if lane is None:
            in_backlog = dossier_id in self._tools.catalogue.queue().backlog_among([dossier_id])
            lane = DossierLane.BACKLOG if in_backlog else DossierLane.DESK
        about = {
            "dossier_id": dossier.id,
            "agency": dossier.agency or self._tools.settings.agency_code,
            "lane": int(Lane.BACKLOG if lane is DossierLane.BACKLOG else Lane.DESK),
            "queued_at": self._tools.clock(),
        }
        self._queue.follow(about, version, wanted(dossier, self._procedure(dossier)))

    def now(self) -> datetime:
        """By the house's clock."""
        return self._tools.clock()

    def standings(self, who: Principal, state: State = State.OPEN) -> list[Standing]:
        """What waits in this person's agency, at most ten seconds old."""
        now = self._tools.clock()
        counted = self._counted.get((who.agency, state))
        if counted is None or now - counted[0] >= _COUNTED:
            counted = (now, self._queue.standings(who.agency, state))
            self._counted[who.agency, state] = counted
        return counted[1]

    def take(
        self,
        who: Principal,
        count: int,
        *,
        lane: int | None = None,
        kind: str | None = None,
        asked: bool = False,
        but: Sequence[str] = (),
    ) -> list[ShownItem]:
        """Up to `count` items, now this person's, ready to be shown. `asked` is for holders of REVIEW_LEAD."""
        leads = who.may(Right.REVIEW_LEAD)
        wish = Wish(who.agency, lane, kind, asked=asked and leads, leads=leads)
        return self._shown(who, self._queue.take(who.id, wish, count, self._ttl, but))

    def keep(self, who: Principal, names: Sequence[str]) -> list[str]:
        """Heartbeat: which items are still this person's."""
        return self._queue.keep(who.id, names, self._ttl)

    def release(self, who: Principal, names: Sequence[str]) -> None:
        """Gives items back to the queue."""
        self._queue.release(who.id, names)

    def strip(self, who: Principal, name: str, part: int, *, wide: bool) -> bytes:
        """PNG of the place of an item's value. Raises `UnknownItemError`, `UnknownFieldError`."""
        item = self._mine(who, name)
        dossier = self._dossier(item)
        place = self._place(dossier, item, part)
        page = next((one for one in dossier.pages if place and one.number == place[0] and one.image_sha256), None)
        if page is None or place is None:
            raise UnknownItemError(item.dossier_id)
        self._look(who, item.dossier_id)
        box = place[1]
        return self._strips.png(page, wide_strip_of(page, box) if wide else strip_of(page, box))

    # Answers

    def answer(self, who: Principal, said: Said) -> Outcome:
        """Takes an act in, once. Raises `KeyedError`, `EmptyAnswerError`, `UnknownItemError`."""
        item = self._queue.find(said.item)
        if item is None or item.agency != who.agency:
            return Outcome(item=said.item, result=Result.GONE, message=_MESSAGES[Result.GONE])
        # Nobody may confirm what they did not see: a dossier that changed a moment ago gives its items new revisions.
        self.follow_one(item.dossier_id)
        dossier = self._guise(item, self._dossier(item))
        procedure = self._procedure(dossier)
        shown = Shower(self._tools, dossier, self._speller, procedure).item(item)
        if shown is None:
            return Outcome(item=said.item, result=Result.GONE, message=_MESSAGES[Result.GONE])
        vault = self._tools.vault
        try:
            kept = answer_of(said, item, shown, dossier, procedure=procedure, vault=vault)
        except (KeyedError, EmptyAnswerError) as error:
            return Outcome(item=said.item, result=Result.REFUSED, message=f"review.told_{error.code}")
        note = seal(vault, dossier.id, {"text": said.text.strip()})
        result, _ = self._queue.answer(kept, Clerk(who.id, who.name), note)
        return Outcome(item=said.item, result=result, message=_MESSAGES.get(result, ""))

    def undo(self, who: Principal) -> ShownItem:
        """Takes this person's newest act back and gives its item to them. Raises `NothingToUndoError`."""
        kept = self._queue.last_of(who.id, self._tools.clock() - _BACK)
        item = None
        if kept is not None and self._undoable(kept):
            item = self._queue.undo(kept, self._ttl)
        if kept is None or item is None:
            raise NothingToUndoError(None)
        shown = self._shown(who, [item])
        if not shown:
            raise NothingToUndoError(item.dossier_id)
        if kept.verdict is Verdict.CORRECT:
            typed = str(unseal(self._tools.vault, kept.sealed).get("typed", ""))
            return shown[0].model_copy(update={"typing": Typing(text=typed)})
        return shown[0]

    def draft(self, who: Principal, name: str, revision: int, typing: Typing) -> bool:
        """Keeps what this person is typing; False where the item is not theirs."""
        item = self._queue.find(name)
        if item is None or item.agency != who.agency:
            return False
        sealed = seal(self._tools.vault, item.dossier_id, typing.model_dump(mode="json"))
        return self._queue.put_draft(name, who.id, revision, sealed)

    def reply(self, who: Principal, name: str, text: str) -> bool:
        """Answers a colleague's question in words; the item goes back to them. Raises `EmptyAnswerError`."""
        if not text.strip():
            raise EmptyAnswerError(None)
        item = self._mine(who, name)
        note = seal(self._tools.vault, item.dossier_id, {"text": text.strip()})
        return self._queue.reply(name, Clerk(who.id, who.name), note)

    def told(self, who: Principal) -> list[Told]:
        """Answers of this person that did not count because the dossier changed; each is told once."""
        told = []
        for kept in self._queue.untold(who.id):
            with suppress(VaultError):  # the dossier may have been destroyed meanwhile
                label = str(unseal(self._tools.vault, kept.sealed).get("label", ""))
                told.append(Told(dossier=kept.dossier_id, label=label, at=kept.at))
        return told

    # Handing on

    def ready(self) -> list[str]:
        """Dossiers whose answers can become decisions now."""
        before = self._tools.clock() - timedelta(seconds=self.settings.undo_seconds)
        return self._queue.ready(before)

    def settled(self, dossier_id: str) -> tuple[list[int], dict[str, list[Decision]]] | None:
        """Answers of a dossier that are no decisions yet: their numbers, and the decisions by who gave them.

        None where somebody else has to key a value once more first.

        To be called while nobody else works on the dossier: what changed since they were given takes them back.
        """
        self.follow_one(dossier_id)
        kept = self._queue.to_pass(dossier_id)
        by_clerk: dict[str, list[Decision]] = defaultdict(list)
        final = self._second.final(dossier_id, kept)
        if final is None:
            return None
        for one in final:
            by_clerk[one.who_name].append(decision_of(one, self._tools.vault))
        return [one.id for one in kept], dict(by_clerk)

    def passed(self, dossier_id: str, numbers: Sequence[int]) -> None:
        """These answers are decisions from now on."""
        self._queue.passed(dossier_id, numbers)

    def refused(self, dossier_id: str, numbers: Sequence[int]) -> None:
        """The dossier does not take these answers any more; their clerks are told."""
        self._queue.refused(dossier_id, numbers)

    # Inside

    def _shown(self, who: Principal, items: Sequence[Item]) -> list[ShownItem]:
        by_dossier: dict[str, list[Item]] = defaultdict(list)
        for item in items:
            by_dossier[item.dossier_id].append(item)
        typed = self._queue.drafts_of(who.id, items)
        asked = self._queue.questions_of([item.id for item in items])
        shown: dict[str, ShownItem] = {}
        for name, mine in by_dossier.items():
            dossier = self._tools.catalogue.load(name)
            if dossier is None:
                continue
            self._look(who, name)
            procedure = self._procedure(dossier)
            shower = Shower(self._tools, dossier, self._speller, procedure)
            for item in mine:
                seen = self._guise(item, dossier)
                one = (shower if seen is dossier else Shower(self._tools, seen, self._speller, procedure)).item(item)
                if one is None:
                    self._queue.release(who.id, [item.id])
                    continue
                more: dict[str, Any] = {}
                if item.id in typed:
                    more["typing"] = Typing.model_validate(unseal(self._tools.vault, typed[item.id]))
                if (question := asked.get(item.id)) is not None:
                    more["asked"] = self._asked(question.note, question.answer, question)
                shown[item.id] = one.model_copy(update=more)
        return [shown[item.id] for item in items if item.id in shown]

    def _asked(self, note: bytes, answer: bytes | None, question: Any) -> Asked:
        vault = self._tools.vault
        return Asked(
            note=str(unseal(vault, note).get("text", "")),
            by=question.asker_name,
            at=question.asked_at,
            answer=None if answer is None else str(unseal(vault, answer).get("text", "")),
            answered_by=question.answerer_name,
        )

    def _undoable(self, kept: Kept) -> bool:
        """Whether the dossier still waits, where the act is a decision already."""
        if kept.passed_at is None or kept.purpose != ItemPurpose.DOUBT.value:
            return kept.passed_at is None
        dossier = self._tools.catalogue.load(kept.dossier_id)
        return dossier is not None and dossier.status is Status.WAITS

    def _mine(self, who: Principal, name: str) -> Item:
        item = self._queue.find(name)
        if item is None or item.agency != who.agency:
            raise UnknownItemError(name)
        return item

    def _dossier(self, item: Item) -> Dossier:
        dossier = self._tools.catalogue.load(item.dossier_id)
        if dossier is None:
            raise UnknownItemError(item.dossier_id)
        return dossier

    def _guise(self, item: Item, dossier: Dossier) -> Dossier:
        """The dossier as the item's clerk may see it; see `pipeline.quality.disguise`."""
        planted = None
        if item.purpose is ItemPurpose.PLANTED:
            case = self._tools.catalogue.quality().case(item.id[:-1])
            planted = unseal(self._tools.vault, case.sealed).get("shown") if case and case.sealed else None
        return disguised(dossier, item, planted)

    def _place(self, dossier: Dossier, item: Item, part: int) -> tuple[int, tuple[int, int, int, int]] | None:
        refs = [(item.document_id, item.key)]
        if item.target is Target.FINDING:
            finding = next((one for one in dossier.findings if one.id == item.key), None)
            refs = [(ref.document, ref.key) for ref in finding.fields] if finding else []
        fields = {(paper.id, key): field for paper in dossier.documents for key, field in paper.fields.items()}
        known = [fields[ref] for ref in refs if ref in fields]
        field = known[part] if part < len(known) else None
        return None if field is None or field.box is None else (field.page, field.box)

    def _procedure(self, dossier: Dossier) -> Procedure | None:
        if not dossier.procedure:
            return None
        return self._tools.procedures().get(dossier.procedure, dossier.received_at.date())

    @cached_property
    def _speller(self) -> Speller:
        return load_speller()

    def _look(self, who: Principal, dossier_id: str) -> None:
        self._tools.catalogue.ledger().read(who, Purpose.REVIEW, dossier_id, "review")
