"""The catalogue's door to status moves: where each dossier stands on the national portal (1 to 10), and since when.

Reading only: a move is an act of the journal and is checked, `pipeline.kho.moves`. Moves only grow; triggers see to
that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from pipeline.catalogue import tables_owners as t
from pipeline.record import Model

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pipeline.catalogue.session import Database

SUPPLEMENT = 5
"""Yêu cầu bổ sung giấy tờ."""


class Move(Model):
    """A dossier got another status."""

    dossier: str
    seq: int
    origin: int | None
    """Status before; None for the first."""
    status: int
    agency: str
    who: str
    why: str
    at: datetime


@dataclass(frozen=True, slots=True)
class MovesDoor:
    """Every method is one transaction; all raise `CatalogueUnreachableError`."""

    database: Database
    clock: Callable[[], datetime]

    def of(self, dossier_id: str) -> list[Move]:
        """All moves of a dossier, in order."""
        statement = select(t.moves).where(t.moves.c.dossier_id == dossier_id).order_by(t.moves.c.seq)
        with self.database.reading() as connection:
            rows = [dict(row) for row in connection.execute(statement).mappings()]
        return [Move(dossier=row.pop("dossier_id"), **row) for row in rows]

    def status(self, dossier_id: str) -> int | None:
        """Where a dossier stands; None where it has no status of the portal yet."""
        mine = select(t.moves.c.status).where(t.moves.c.dossier_id == dossier_id)
        with self.database.reading() as connection:
            found = connection.execute(mine.order_by(t.moves.c.seq.desc()).limit(1)).scalar_one_or_none()
        return None if found is None else int(found)

    def standing(self, agencies: Sequence[str] = ()) -> Mapping[int, int]:
        """How many dossiers stand at which status; of these agencies, or of all."""
        last = select(t.moves.c.dossier_id, func.max(t.moves.c.seq).label("seq")).group_by(t.moves.c.dossier_id)
        newest = last.subquery()
        statement = (
            select(t.moves.c.status, func.count())
            .join(newest, (t.moves.c.dossier_id == newest.c.dossier_id) & (t.moves.c.seq == newest.c.seq))
            .group_by(t.moves.c.status)
        )
        if agencies:
            statement = statement.where(t.moves.c.agency.in_(agencies))
        with self.database.reading() as connection:
            return {int(status): int(count) for status, count in connection.execute(statement)}

    def asked_again(self, agencies: Sequence[str] = (), since: datetime | None = None) -> Mapping[str, int]:
        """Dossiers whose citizens were asked for papers more than once, and how often: they count as late (QĐ 766)."""
        count = func.count()
        statement = select(t.moves.c.dossier_id, count).where(t.moves.c.status == SUPPLEMENT)
        if agencies:
            statement = statement.where(t.moves.c.agency.in_(agencies))
        if since is not None:
            statement = statement.where(t.moves.c.at >= since)
        statement = statement.group_by(t.moves.c.dossier_id).having(count > 1).order_by(t.moves.c.dossier_id)
        with self.database.reading() as connection:
            return {str(dossier): int(times) for dossier, times in connection.execute(statement)}
