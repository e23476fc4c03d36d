"""Acts of keeping as they go into the journal, and their way back into a catalogue made anew.

Who may do them is asked here once more, behind whatever door. Free text is sealed before it becomes part of an act:
under the owner's or dossier's key where it is about a person, so that it ends with that key, else under the house's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pipeline import journal
from pipeline.access.errors import NotAllowedError
from pipeline.access.roles import Right
from pipeline.keeping.errors import ReasonNeededError
from pipeline.vault.errors import KeyDestroyedError
from pipeline.vault.vault import HOUSE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, datetime

    from pydantic import JsonValue

    from pipeline.access.principal import Principal
    from pipeline.journal import Act
    from pipeline.tools import Tools

HELD: Final = "keep.held"
LIFTED: Final = "keep.lifted"
REQUESTED: Final = "keep.requested"
ANSWERED: Final = "keep.answered"
CORRECTED: Final = "keep.corrected"
DESTROYED: Final = "keep.destroyed"
_PURPOSE = "keeping"


def allowed(who: Principal) -> None:
    """Raises `NotAllowedError`."""
    if not who.may(Right.RECORDS_KEEP):
        raise NotAllowedError(None, Right.RECORDS_KEEP)


def reasoned(text: str) -> str:
    """The reason, trimmed. Raises `ReasonNeededError`."""
    said = " ".join(text.split())[:2000]
    if not said:
        raise ReasonNeededError
    return said


def enter(tools: Tools, kind: str, subject: str, payload: Mapping[str, JsonValue], at: datetime) -> Act:
    """Puts an act into the journal."""
    return journal.act(tools.store, kind, subject, payload, at)


def seal(tools: Tools, text: str, name: str = HOUSE) -> str:
    """Text for a row or an act."""
    return tools.vault.seal_text(name, text, _PURPOSE)


def opened(tools: Tools, sealed: str | None) -> str:
    """The text; empty once its key is destroyed."""
    if not sealed:
        return ""
    try:
        return tools.vault.open_text(sealed, _PURPOSE)
    except KeyDestroyedError:
        return ""


def hold_row(act: Act) -> dict[str, Any]:
    """The row of `keep.held`."""
    return {**act.payload, "id": act.id, "subject": act.subject, "set_at": act.at}


def lift_values(act: Act) -> dict[str, Any]:
    """What `keep.lifted` changes."""
    return {
        "lifted_act": act.id,
        "lifted_by": act.payload["who"],
        "lifted_at": act.at,
        "lift_reason": act.payload["reason"],
    }


def request_row(act: Act) -> dict[str, Any]:
    """The row of `keep.requested`."""
    return {**act.payload, "id": act.id, "owner_id": act.subject, "opened_at": act.at, "state": "open"}


def answer_values(act: Act) -> dict[str, Any]:
    """What `keep.answered` changes."""
    payload = act.payload
    return {
        "state": payload["state"],
        "answered_act": act.id,
        "answered_by": payload["who"],
        "answered_at": act.at,
        "answer": payload["answer"],
    }


def correction_row(act: Act) -> dict[str, Any]:
    """The row of `keep.corrected`."""
    return {**act.payload, "id": act.id, "dossier_id": act.subject, "at": act.at}


def destroyed_row(act: Act) -> dict[str, Any]:
    """A row of retention for what a catalogue made anew knows only by `keep.destroyed`."""
    payload = act.payload
    return {
        "dossier_id": act.subject,
        "agency": payload["agency"],
        "rule": payload["rule"],
        "source": payload["source"],
        "permanent": False,
        "counted_from": payload["counted_from"],
        "keep_until": payload["keep_until"],
        "certainty": payload["certainty"],
        "computed_at": act.at,
        "medium": "none",
    }


def _held(tools: Tools, act: Act) -> bool:
    return tools.catalogue.keeping().add_hold(hold_row(act), replayed=True)


def _lifted(tools: Tools, act: Act) -> bool:
    return tools.catalogue.keeping().lift_hold(act.subject, lift_values(act), replayed=True)


def _requested(tools: Tools, act: Act) -> bool:
    return tools.catalogue.keeping().add_request(request_row(act), replayed=True)


def _answered(tools: Tools, act: Act) -> bool:
    return tools.catalogue.keeping().answer(act.subject, answer_values(act), replayed=True)


def _corrected(tools: Tools, act: Act) -> bool:
    return tools.catalogue.keeping().add_correction(correction_row(act), replayed=True)


def _destroyed(tools: Tools, act: Act) -> bool:
    door = tools.catalogue.keeping()
    row = door.kept(act.subject)
    if row is not None and row["destroyed_at"] is not None:
        return False
    if row is None:
        door.put_kept(destroyed_row(act))
    door.destroyed(act.subject, act.id, str(act.payload["who"]), act.at)
    return True


REPLAYERS: Final[Mapping[str, Callable[[Tools, Act], bool]]] = {
    HELD: _held,
    LIFTED: _lifted,
    REQUESTED: _requested,
    ANSWERED: _answered,
    CORRECTED: _corrected,
    DESTROYED: _destroyed,
}


def day(value: date | None) -> str | None:
    """For an act."""
    return value.isoformat() if value else None
