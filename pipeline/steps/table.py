"""The five steps as data: which act is whose, where it may be done, and where it leads. Nothing else decides that.

An act has one line in `ACTS`; a test walks every role through every act in every state. There is no act that skips a
step: only `accept`, `appraise`, `approve` and `seal` go on, by one step, and only `return` ends a dossier with its
result. Statuses of the national portal follow from the act (`way`). Steps: Decree 118/2025/NĐ-CP, forms Circular
03/2025/TT-VPCP; which act moves which status is inferred from deployed systems (to be confirmed).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Literal

from pipeline.access.roles import Right
from pipeline.kho.moves import Portal
from pipeline.slips.content import SlipForm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.access.principal import Principal


class Step(StrEnum):
    """Which step is next, in the order of the procedure."""

    RECEIVE = "receive"
    APPRAISE = "appraise"
    APPROVE = "approve"
    SEAL = "seal"
    RETURN = "return"


class State(StrEnum):
    """What a dossier does at its step."""

    OPEN = "open"
    """It waits for whoever does the step."""
    SUPPLEMENT = "supplement"
    """It waits for papers from the citizen."""
    PAYMENT = "payment"
    """It waits for a fee."""
    WITHDRAWING = "withdrawing"
    """The citizen wants it back; a leader ends it."""
    REFUSED = "refused"
    STOPPED = "stopped"
    RETURNED = "returned"


class Verb(StrEnum):
    """An act on a dossier's steps. Stable codes: the API, the journal and the words of the pages know them."""

    ACCEPT = "accept"
    REFUSE = "refuse"
    ASK = "ask"
    SUPPLEMENTED = "supplemented"
    CHARGE = "charge"
    PAID = "paid"
    ATTACH = "attach"
    REMOVE = "remove"
    APPRAISE = "appraise"
    APPROVE = "approve"
    NUMBER = "number"
    SEAL = "seal"
    RETURN = "return"
    BACK = "back"
    WITHDRAW = "withdraw"
    STOP = "stop"
    EXTEND = "extend"
    ASSIGN = "assign"
    COMMENT = "comment"


ORDER: Final = tuple(Step)
RIGHT_OF: Final[Mapping[Step, Right]] = {
    Step.RECEIVE: Right.DOSSIER_RECEIVE,
    Step.APPRAISE: Right.DOSSIER_APPRAISE,
    Step.APPROVE: Right.DOSSIER_APPROVE,
    Step.SEAL: Right.DOSSIER_SEAL,
    Step.RETURN: Right.DOSSIER_RETURN,
}
"""Whose a step is."""
ENDED: Final = frozenset({State.REFUSED, State.STOPPED, State.RETURNED})
LIVE: Final = frozenset(State) - ENDED
_WAITING = frozenset({State.SUPPLEMENT, State.PAYMENT})
_OPEN = frozenset({State.OPEN})
_R, _A, _P, _S, _T = ORDER
_BEFORE_SEALED = frozenset({_R, _A, _P, _S})


@dataclass(frozen=True, slots=True)
class Act:
    """One line of the table."""

    right: Right | None
    """Whose act it is; None: whose step it is."""
    steps: frozenset[Step]
    states: frozenset[State] = _OPEN
    goes: Literal[-1, 0, 1] = 0
    """Steps that it goes on or back."""
    state: State | None = None
    """What comes after it; None: nothing changes."""
    reasoned: bool = False
    """Nobody meets it without being told why."""
    accepted: bool | None = None
    """Only for dossiers that were accepted (True) or that were not yet (False)."""
    slip: SlipForm | None = None
    """The form that the citizen gets, signed."""
    hands: bool = False
    """Only by whom the dossier is assigned to, where it is assigned to somebody."""


def _at(*steps: Step) -> frozenset[Step]:
    return frozenset(steps)


ACTS: Final[Mapping[Verb, Act]] = {
    Verb.ACCEPT: Act(Right.DOSSIER_RECEIVE, _at(_R), goes=1, slip=SlipForm.RECEIPT, hands=True),
    Verb.REFUSE: Act(
        Right.DOSSIER_RECEIVE,
        _at(_R),
        frozenset({State.OPEN, State.SUPPLEMENT}),
        state=State.REFUSED,
        reasoned=True,
        accepted=False,
        slip=SlipForm.REFUSAL,
        hands=True,
    ),
    Verb.ASK: Act(None, _at(_R, _A), state=State.SUPPLEMENT, reasoned=True, slip=SlipForm.SUPPLEMENT, hands=True),
    Verb.SUPPLEMENTED: Act(Right.DOSSIER_RECEIVE, _at(_R, _A), frozenset({State.SUPPLEMENT}), state=State.OPEN),
    Verb.CHARGE: Act(None, _at(_A), state=State.PAYMENT, reasoned=True, hands=True),
    Verb.PAID: Act(Right.DOSSIER_RECEIVE, _at(_A), frozenset({State.PAYMENT}), state=State.OPEN),
    Verb.ATTACH: Act(None, _at(_A), hands=True),
    Verb.REMOVE: Act(None, _at(_A), hands=True),
    Verb.APPRAISE: Act(None, _at(_A), goes=1, hands=True),
    Verb.APPROVE: Act(None, _at(_P), goes=1, hands=True),
    Verb.NUMBER: Act(None, _at(_S), hands=True),
    Verb.SEAL: Act(None, _at(_S), goes=1, hands=True),
    Verb.RETURN: Act(None, _at(_T), state=State.RETURNED, hands=True),
    Verb.BACK: Act(None, _at(_A, _P, _S), goes=-1, reasoned=True, hands=True),
    Verb.WITHDRAW: Act(
        Right.DOSSIER_RECEIVE,
        _BEFORE_SEALED,
        _OPEN | _WAITING,
        state=State.WITHDRAWING,
        reasoned=True,
        accepted=True,
    ),
    Verb.STOP: Act(
        Right.DOSSIER_APPROVE,
        _BEFORE_SEALED,
        _OPEN | _WAITING | {State.WITHDRAWING},
        state=State.STOPPED,
        reasoned=True,
        accepted=True,
        slip=SlipForm.STOP,
    ),
    Verb.EXTEND: Act(Right.DOSSIER_APPROVE, _BEFORE_SEALED, reasoned=True, accepted=True, slip=SlipForm.EXTENSION),
    Verb.ASSIGN: Act(None, frozenset(Step)),
    Verb.COMMENT: Act(None, frozenset(Step), LIVE, reasoned=True),
}


def may(who: Principal, verb: Verb, step: Step) -> bool:
    """Whether somebody's rights allow an act on a dossier at this step.

    A leader assigns at every step, and everybody with a step of their own may comment.
    """
    if verb is Verb.COMMENT:
        return any(who.may(right) for right in RIGHT_OF.values())
    if verb is Verb.ASSIGN and who.may(Right.DOSSIER_APPROVE):
        return True
    return who.may(ACTS[verb].right or RIGHT_OF[step])


def fits(verb: Verb, step: Step, state: State, *, accepted: bool) -> bool:
    """Whether an act is possible on a dossier that stands there, whoever does it."""
    act = ACTS[verb]
    return step in act.steps and state in act.states and act.accepted in {None, accepted}


def after(verb: Verb, step: Step, state: State) -> tuple[Step, State]:
    """Where an act leads."""
    act = ACTS[verb]
    return ORDER[ORDER.index(step) + act.goes], act.state or state


_MAIN = (Portal.REGISTERED, Portal.ACCEPTED, Portal.IN_PROGRESS)
_TARGET: Final[Mapping[Verb, Portal]] = {
    Verb.ACCEPT: Portal.IN_PROGRESS,
    Verb.REFUSE: Portal.NOT_ACCEPTED,
    Verb.ASK: Portal.SUPPLEMENT_ASKED,
    Verb.SUPPLEMENTED: Portal.IN_PROGRESS,
    Verb.CHARGE: Portal.PAYMENT_ASKED,
    Verb.PAID: Portal.IN_PROGRESS,
    Verb.SEAL: Portal.DONE,
    Verb.RETURN: Portal.RETURNED,
    Verb.WITHDRAW: Portal.WITHDRAWAL_ASKED,
    Verb.STOP: Portal.STOPPED,
}


def way(verb: Verb, status: int | None, *, accepted: bool) -> tuple[Portal, ...]:
    """The portal's statuses that an act leads through, from where the dossier stands there.

    Before a dossier is accepted the portal knows no request for papers: it stays registered.
    """
    target = _TARGET.get(verb)
    if target is None or status == target:
        return ()
    if verb in {Verb.ASK, Verb.SUPPLEMENTED} and not accepted:
        return _MAIN[:1] if status is None else ()
    if target in {Portal.WITHDRAWAL_ASKED, Portal.RETURNED} or status == Portal.WITHDRAWAL_ASKED:
        return (target,)
    if target is Portal.NOT_ACCEPTED:
        return (*_MAIN[:1], target) if status is None else (target,)
    if status is None:
        ahead: tuple[Portal, ...] = _MAIN
    elif status in _MAIN:
        ahead = _MAIN[_MAIN.index(Portal(status)) + 1 :]
    else:
        ahead = (Portal.IN_PROGRESS,)
    return ahead if target is Portal.IN_PROGRESS else (*ahead, target)
