"""Acts that change how a kind of field is looked at: journal first, then the catalogue with its ledger entry.

To full review a kind goes by itself; back only by a person with REVIEW_LEAD, with a reason, and once what was looked at
since shows that the share of wrong values is below what the test must find. Neither act holds a value of a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pipeline import journal
from pipeline.access.errors import NotAllowedError
from pipeline.access.roles import Right
from pipeline.quality.errors import EvidenceNeededError, NotSwitchedError, ReasonMissingError
from pipeline.quality.rows import FieldKind, Mode, Switch
from pipeline.quality.switching import FULL
from pipeline.trust import upper_bound

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import JsonValue

    from pipeline.access.principal import Principal
    from pipeline.journal import Act
    from pipeline.tools import Tools

SWITCHED: Final = "quality.switched"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What people found in a kind since it is under full review."""

    wrong: int
    samples: int
    bound: float
    needed: float
    """The bound must be at most this."""

    @property
    def enough(self) -> bool:
        """Whether the kind may go back."""
        return self.bound <= self.needed


def evidence_of(tools: Tools, kind: FieldKind) -> Evidence | None:
    """What speaks for a kind's going back; None for one that is not under full review."""
    door = tools.catalogue.quality()
    state = door.state(kind)
    if state is None or state.mode is not Mode.FULL:
        return None
    wrong, samples = door.full_tally(kind, FULL[kind.key_field], state.since)
    test = tools.settings.quality.test(key_field=kind.key_field)
    return Evidence(wrong, samples, upper_bound(wrong, samples), test.detect)


def go_back(tools: Tools, who: Principal, kind: FieldKind, why: str) -> None:
    """Ends the full review of a kind; it is sampled again, in a new cycle.

    Raises `NotAllowedError`, `NotSwitchedError`, `ReasonMissingError`, `EvidenceNeededError`.
    """
    if not who.may(Right.REVIEW_LEAD) or not who.may_see(kind.agency):
        raise NotAllowedError(None, Right.REVIEW_LEAD)
    found = evidence_of(tools, kind)
    if found is None:
        raise NotSwitchedError(kind.code)
    if not why.strip():
        raise ReasonMissingError(kind.code)
    if not found.enough:
        raise EvidenceNeededError(kind.code, f"{found.wrong} of {found.samples}, bound {found.bound:.4f}")
    measured = (found.wrong, found.samples, found.bound)
    switch(tools, kind, Mode.SAMPLED, measured, who=who.id, why=" ".join(why.split()))


def switch(
    tools: Tools, kind: FieldKind, mode: Mode, measured: tuple[int, int, float], *, who: str, why: str
) -> bool:  # fmt: skip
    """Enters a switch into journal, catalogue and ledger; False where it was entered before."""
    wrong, samples, bound = measured
    at = tools.clock()
    payload: dict[str, JsonValue] = {
        "kind": kind.code,
        "mode": mode.value,
        "wrong": wrong,
        "samples": samples,
        "bound": round(bound, 6),
        "who": who,
        "why": why,
    }
    return _enter(tools, journal.act(tools.store, SWITCHED, kind.agency, payload, at))


def _enter(tools: Tools, act: Act) -> bool:
    said: dict[str, Any] = dict(act.payload)
    switch = Switch(
        kind=FieldKind.of(act.subject, said["kind"]),
        mode=Mode(said["mode"]),
        wrong=said["wrong"],
        samples=said["samples"],
        bound=said["bound"],
        who=said["who"],
        why=said["why"],
        at=act.at,
    )
    # What a lead wrote stays in journal and catalogue; the ledger names the act.
    what = {name: said[name] for name in ("kind", "mode", "wrong", "samples", "bound")} | {"act": act.id}
    return tools.catalogue.quality().switch(switch, what)


REPLAYERS: Final[Mapping[str, Callable[[Tools, Act], bool]]] = {SWITCHED: _enter}
