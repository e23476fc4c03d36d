"""What a citizen gives from home: a paper that lacks, and once a rating of the service.

A paper becomes a dossier of its own in the desk's lane, stored before anything looks inside, read like any other, and
held at the desk until an officer takes its pages over or sees to it otherwise; the dossier it is for is not touched.
A rating is kept without dossier, person or day, only with procedure and month.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from pipeline import journal
from pipeline.catalogue.citizen_door import Rating, Supplement
from pipeline.citizen import tickets
from pipeline.citizen.errors import NotNowError, VisitOverError
from pipeline.citizen.standing import may_give, may_rate
from pipeline.clock import local
from pipeline.desk.questions import ATTENDED
from pipeline.kho.moves import Portal
from pipeline.receive import receive
from pipeline.vault.vault import HOUSE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from pydantic import JsonValue

    from pipeline.access.principal import Principal
    from pipeline.citizen.tickets import Visit
    from pipeline.journal import Act
    from pipeline.record import Dossier
    from pipeline.tools import Tools

SUPPLEMENTED = "citizen.supplemented"
TAKEN = "citizen.taken"
RATED = "citizen.rated"
_WORDS = "rating"
MOST_WORDS = 1000
SCORES = range(1, 6)


def give(tools: Tools, visit: Visit, path: Path, name: str) -> Supplement | None:
    """Takes a file for the dossier; None where this very file came before.

    Raises `NotNowError` where nothing lacks or too much came, `InputRefusedError`, `HeldError`, `StoreError`.
    """
    dossier, status = _dossier(tools, visit)
    door = tools.catalogue.citizens()
    came = door.supplements(dossier.id)
    if not may_give(dossier, status) or len(came) >= tools.settings.citizen.most_files:
        raise NotNowError(dossier.id, "nothing asked for")
    received = receive(tools, [path], None, names={path: name}, agency=dossier.agency)
    read_as = tools.catalogue.load(received.dossier_id)
    if read_as is None:
        raise NotNowError(dossier.id, "not received")
    original = read_as.originals[0]
    if any(one.sha256 == original.sha256 for one in came):
        return None
    # An officer sees to it before anything of it is signed.
    tools.catalogue.desk().act(f"attend:{read_as.id}", ATTENDED, read_as.id)
    now = tools.clock()
    supplement = Supplement(
        dossier=dossier.id,
        sha256=original.sha256,
        supplement=read_as.id,
        agency=dossier.agency or tools.settings.agency_code,
        size=original.size,
        at=now,
    )
    payload: dict[str, JsonValue] = {"supplement": supplement.model_dump(mode="json"), "who": visit.who}
    journal.act(tools.store, SUPPLEMENTED, dossier.id, payload, now)
    door.add_supplement(supplement, visit.who)
    return supplement


def take(tools: Tools, dossier_id: str, sha256: str, who: Principal) -> bool:
    """An officer has seen to a file; False where somebody had, or it is unknown or another agency's."""
    door = tools.catalogue.citizens()
    mine = [one for one in door.supplements(dossier_id) if one.sha256 == sha256 and who.may_see(one.agency)]
    if not mine or mine[0].taken_at is not None:
        return False
    now = tools.clock()
    journal.act(tools.store, TAKEN, dossier_id, {"sha256": sha256, "who": who.id}, now)
    return door.take(dossier_id, sha256, who.id, now)


def rate(tools: Tools, visit: Visit, score: int, words: str = "") -> bool:
    """Keeps what somebody thinks of the service, once; False where it was said before. Raises `NotNowError`."""
    dossier, status = _dossier(tools, visit)
    if score not in SCORES or not may_rate(dossier, status):
        raise NotNowError(dossier.id, "no rating")
    if tools.catalogue.citizens().is_rated(dossier.id):
        return False
    text = " ".join(words.split())[:MOST_WORDS]
    first = local(tools.clock()).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    rating = Rating(
        id=str(uuid.uuid4()),
        agency=dossier.agency or tools.settings.agency_code,
        procedure=dossier.procedure or "",
        month=f"{first:%Y-%m}",
        score=score,
        sealed=tools.vault.seal_text(HOUSE, text, _WORDS) if text else "",
    )
    # Dated with the month's first moment: the hour would say whose it is.
    journal.act(tools.store, RATED, rating.agency, rating.model_dump(mode="json"), first)
    return tools.catalogue.citizens().rate(rating, dossier.id)


def words_of(tools: Tools, sealed: str) -> str:
    """What was said with a rating."""
    return tools.vault.open_text(sealed, _WORDS)


def _dossier(tools: Tools, visit: Visit) -> tuple[Dossier, Portal | None]:
    dossier = tools.catalogue.load(visit.dossier)
    if dossier is None:
        raise VisitOverError
    status = tools.catalogue.moves().status(dossier.id)
    return dossier, None if status is None else Portal(status)


def _supplemented(tools: Tools, act: Act) -> bool:
    payload: dict[str, Any] = dict(act.payload)
    return tools.catalogue.citizens().add_supplement(Supplement.model_validate(payload["supplement"]), payload["who"])


def _taken(tools: Tools, act: Act) -> bool:
    door = tools.catalogue.citizens()
    return door.take(act.subject, str(act.payload["sha256"]), str(act.payload["who"]), act.at)


def _rated(tools: Tools, act: Act) -> bool:
    return tools.catalogue.citizens().rate(Rating.model_validate(act.payload), None)


REPLAYERS: Mapping[str, Callable[[Tools, Act], bool]] = {
    tickets.PRINTED: tickets.replay,
    SUPPLEMENTED: _supplemented,
    TAKEN: _taken,
    RATED: _rated,
}
