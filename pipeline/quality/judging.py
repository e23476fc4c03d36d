"""What came of samples and planted answers, and what follows: a broken promise switches its kind to full review.

A clerk who says what the machine said settles a sample. One who says otherwise is not believed at once: a second person
keys the value blindly, and where that is neither's, a third with REVIEW_LEAD. So a clerk's slip does not count as the
machine's error. The test is asked after every settled sample of the cycle; at the announced number the cycle ends.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pipeline.quality.acts import switch
from pipeline.quality.batches import settle
from pipeline.quality.rows import CaseKind, Mode, Verdict
from pipeline.quality.sampling import Sampler
from pipeline.quality.second import said_of, same_answer
from pipeline.quality.statistics import announced
from pipeline.review.sealing import unseal
from pipeline.trust import upper_bound
from pipeline.vault.errors import VaultError

if TYPE_CHECKING:
    from pipeline.catalogue.quality_rows import Act
    from pipeline.quality.rows import Case, FieldKind
    from pipeline.tools import Tools

SYSTEM = "system"


class Judge:
    """Goes through answers, settles cases, and watches promises."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._door = tools.catalogue.quality()
        self._sampler = Sampler(tools)

    def step(self, limit: int = 200) -> int:
        """Judges answers that can no longer be taken back; returns how many cases were settled."""
        before = self._tools.clock() - timedelta(seconds=self._tools.settings.review.undo_seconds)
        return sum(self._judge(act) for act in self._door.acts(before, limit))

    def _judge(self, act: Act) -> bool:
        case = self._door.case(act.case)
        if case is None or case.verdict is not Verdict.OPEN:
            self._door.judged(act.id)
            return False
        try:
            settled = self._planted(case, act) if case.purpose is CaseKind.PLANTED else self._sample(case)
        except VaultError:  # the dossier was destroyed, and what was keyed with it
            self._door.close(case.id, Verdict.GONE, who=None)
            return True
        if not settled:
            self._door.judged(act.id)
        elif case.purpose is CaseKind.SAMPLE:
            self.watch(case.field)
        elif case.batch:
            settle(self._tools, case.agency, case.batch)
        return settled

    def _planted(self, case: Case, act: Act) -> bool:
        known = unseal(self._tools.vault, case.sealed or b"")
        hit = same_answer(self._said(act), ("value", known["right"]))
        if known["wrong"]:
            verdict = Verdict.CAUGHT if hit else Verdict.MISSED
        else:
            verdict = Verdict.KEPT if hit else Verdict.SPOILED
        self._door.close(case.id, verdict, who=act.who, slipped=not hit)
        return True

    def _sample(self, case: Case) -> bool:
        keys = self._door.keys_of(case.id)
        first = keys[0]
        said = [self._said(key) for key in keys]
        content = unseal(self._tools.vault, first.sealed)
        machine = ("value", (content.get("machine") or {}).get("value"))
        if same_answer(said[0], machine):
            return self._settle(case, Verdict.RIGHT, first, machine, slipped=False)
        if said[0][0] == "unreadable":
            return self._settle(case, Verdict.UNREADABLE, first, None, slipped=False)
        if not self._tools.settings.quality.confirm:
            return self._settle(case, Verdict.WRONG, first, said[0], slipped=False)
        if len(keys) == 1:
            self._door.further(case, 2)
            return False
        last = said[-1]
        if same_answer(last, machine):
            return self._settle(case, Verdict.RIGHT, first, machine, slipped=True)
        if same_answer(last, said[0]):
            return self._settle(case, Verdict.WRONG, first, last, slipped=False)
        if len(keys) == 2:
            self._door.further(case, 3)
            return False
        verdict = Verdict.UNREADABLE if last[0] == "unreadable" else Verdict.WRONG
        return self._settle(case, verdict, first, last, slipped=True)

    def _settle(self, case: Case, verdict: Verdict, first: Act, right: Any, *, slipped: bool) -> bool:
        self._door.close(case.id, verdict, who=first.who, slipped=slipped)
        if right is not None and right[1] is not None and case.purpose is CaseKind.SAMPLE:
            self._sampler.plant(case, right[1])
        return True

    def _said(self, act: Act) -> tuple[str, Any]:
        return said_of(act.verdict, unseal(self._tools.vault, act.sealed).get("given"))

    def watch(self, kind: FieldKind) -> bool:
        """Asks the test about a kind's present cycle; True where its promise is broken, which switches it."""
        state = self._door.state(kind)
        if state is None or state.mode is Mode.FULL:
            return False
        wrong, samples = self._door.tally(kind, state.cycle)
        test = self._tools.settings.quality.test(key_field=kind.key_field)
        if test.alarms(wrong, samples):
            measured = (wrong, samples, upper_bound(wrong, samples))
            return switch(self._tools, kind, Mode.FULL, measured, who=SYSTEM, why="promise_broken")
        if samples >= announced(test):
            self._door.next_cycle(kind, state.cycle, self._sampler.next_rate(state, samples))
        return False
