"""Where a dossier stands on the national portal: ten statuses, and the moves between them that are allowed.

Our own status says where the machine is, this one where the procedure is (DVCQG). Each move is an act of the journal
with who, when and why, an entry of the ledger and an event for downstream systems. The moves are inferred from deployed
systems: 1→2|3; 2→4; 4↔5,6; 4→8,9; 2..6→7→8; 9→10. A result that is not signed cannot be returned.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any

from pipeline import journal
from pipeline.catalogue import owners_rows as acts
from pipeline.catalogue import tables_owners as t
from pipeline.catalogue.errors import DossierNotFoundError
from pipeline.errors import Exit, HosoError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.catalogue.moves_door import Move
    from pipeline.catalogue.owners_door import Acting
    from pipeline.record import Dossier
    from pipeline.tools import Tools

RESULT_PDF = "result_pdf"
"""Kind of a filing that is a result to be returned; there may be several."""


class Portal(IntEnum):
    """Status of the national portal; words live in the interface."""

    REGISTERED = 1
    ACCEPTED = 2
    NOT_ACCEPTED = 3
    IN_PROGRESS = 4
    SUPPLEMENT_ASKED = 5
    PAYMENT_ASKED = 6
    WITHDRAWAL_ASKED = 7
    STOPPED = 8
    DONE = 9
    RETURNED = 10


_P = Portal
_WITHDRAW = {_P.WITHDRAWAL_ASKED}
ALLOWED: Mapping[Portal | None, frozenset[Portal]] = {
    None: frozenset({_P.REGISTERED}),
    _P.REGISTERED: frozenset({_P.ACCEPTED, _P.NOT_ACCEPTED}),
    _P.ACCEPTED: frozenset({_P.IN_PROGRESS} | _WITHDRAW),
    _P.NOT_ACCEPTED: frozenset(_WITHDRAW),
    _P.IN_PROGRESS: frozenset({_P.SUPPLEMENT_ASKED, _P.PAYMENT_ASKED, _P.STOPPED, _P.DONE} | _WITHDRAW),
    _P.SUPPLEMENT_ASKED: frozenset({_P.IN_PROGRESS} | _WITHDRAW),
    _P.PAYMENT_ASKED: frozenset({_P.IN_PROGRESS} | _WITHDRAW),
    _P.WITHDRAWAL_ASKED: frozenset({_P.STOPPED}),
    _P.STOPPED: frozenset(),
    _P.DONE: frozenset({_P.RETURNED}),
    _P.RETURNED: frozenset(),
}
REASONED = frozenset({_P.NOT_ACCEPTED, _P.SUPPLEMENT_ASKED, _P.PAYMENT_ASKED, _P.WITHDRAWAL_ASKED, _P.STOPPED})
"""Statuses that nobody gets without being told why."""


class MoveRefusedError(HosoError):
    """The procedure does not lead from where the dossier stands to there."""

    code = "move_not_allowed"
    exit_code = Exit.REFUSED
    message_vi = "Không chuyển được hồ sơ sang trạng thái này từ trạng thái hiện tại."
    remedy_vi = "Hãy tải lại hồ sơ và làm theo thứ tự các bước của thủ tục."


class MoveReasonError(HosoError):
    """Nobody gets this status without being told why."""

    code = "move_reason_missing"
    exit_code = Exit.REFUSED
    message_vi = "Phải nêu lý do khi chuyển hồ sơ sang trạng thái này."
    remedy_vi = "Hãy ghi lý do rồi làm lại."


class ResultUnsignedError(HosoError):
    """There is no result, or one of them bears no valid signature."""

    code = "result_unsigned"
    exit_code = Exit.REFUSED
    message_vi = "Chưa trả được kết quả: kết quả chưa có hoặc chưa được ký số hợp lệ."
    remedy_vi = "Hãy ký số kết quả (người có thẩm quyền và con dấu của cơ quan) rồi trả lại."


def move(tools: Tools, dossier_id: str, to: Portal, *, who: str, why: str = "") -> Move:
    """Moves a dossier and returns the move; a dossier that stands there already is left alone.

    `who` is the id of an account or key, `why` up to 500 characters without personal values. Raises
    `MoveRefusedError`, `MoveReasonError`, `ResultUnsignedError`, `DossierNotFoundError`, `StoreError`.
    """
    dossier = tools.catalogue.load(dossier_id)
    if dossier is None:
        raise DossierNotFoundError(dossier_id)
    if to in REASONED and not why.strip():
        raise MoveReasonError(dossier_id, to.name.lower())
    if to is Portal.RETURNED:
        check_results(tools, dossier_id)
    with tools.catalogue.owners().acting([lock(dossier_id)]) as desk:
        moved(tools, desk, dossier, to, who=who, why=why)
    return tools.catalogue.moves().of(dossier_id)[-1]


def lock(dossier_id: str) -> str:
    """What those who move a dossier wait for, on a server."""
    return f"moves {dossier_id}"


def moved(tools: Tools, desk: Acting, dossier: Dossier, to: Portal, *, who: str, why: str = "") -> bool:
    """The same inside somebody's transaction, without a look at reasons or results; whether it moved.

    Raises `MoveRefusedError`, `StoreError`.
    """
    status = desk.status(dossier.id)
    origin = None if status is None else Portal(status)
    if origin is to:
        return False
    if to not in ALLOWED[origin]:
        raise MoveRefusedError(dossier.id, f"{origin and int(origin)} to {int(to)}")
    row = {"origin": status, "status": int(to), "agency": dossier.agency or tools.settings.agency_code}
    row |= {"who": who, "why": why.strip()[:500]}
    payload: dict[str, Any] = {"move": acts.as_json(t.moves, row)}
    act = journal.act(tools.store, acts.MOVED, dossier.id, payload, desk.now)
    return desk.apply(act, {}, who=who, what={"from": status, "status": int(to)})


def check_results(tools: Tools, dossier_id: str) -> None:
    """Reads every result back and verifies it. Raises `ResultUnsignedError`, `StoreError`."""
    from signing.verdict import Outcome
    from signing.verify import verify_pdf

    results = [filing for filing in tools.catalogue.filings_of(dossier_id) if filing.kind == RESULT_PDF]
    if not results:
        raise ResultUnsignedError(dossier_id, "no result")
    for filing in results:
        verdict = verify_pdf(tools.store.get(filing.object_key), tools.trust())
        if filing.level is None or verdict.outcome is not Outcome.VALID:
            raise ResultUnsignedError(dossier_id, ", ".join(reason.code for reason in verdict.reasons))


def is_late(tools: Tools, dossier_id: str) -> bool:
    """Whether a dossier counts as late because its citizen was asked for papers more than once (QĐ 766/QĐ-TTg)."""
    asked = [move for move in tools.catalogue.moves().of(dossier_id) if move.status == Portal.SUPPLEMENT_ASKED]
    return len(asked) > 1
