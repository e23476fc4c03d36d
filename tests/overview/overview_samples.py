"""Dossiers that came on given days, and where they stand."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pipeline.catalogue import tables_owners as o
from pipeline.catalogue.lanes import Lane
from pipeline.record import DocumentRecord, Dossier, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.composition import House

# One working day, by 15:00 the same day; and ten working days.
SAME_DAY, TEN_DAYS = "1.001193", "1.000656"


def case(
    house: House,
    code: str,
    received_at: datetime,
    moves: Sequence[tuple[int, datetime]] = (),
    *,
    procedure: str = SAME_DAY,
    status: Status = Status.WAITS,
    agency: str | None = None,
    lane: Lane = Lane.DESK,
    component: str | None = None,
) -> str:
    """A dossier with moves of its own times, put into the catalogue."""
    paper = DocumentRecord(
        id="d1", type="cccd", title="Thẻ", component=component, pages=(1,), probability=0.9, fields={}
    )
    made = Dossier(
        id=f"hs-261101-{code:0>8}",
        procedure=procedure,
        procedure_name="Tên thủ tục",
        agency=agency or house.settings.agency_code,
        status=status,
        received_at=received_at,
        documents=(paper,),
    )
    house.catalogue.create_dossier(made, lane=lane)
    before = None
    with house.catalogue._database.writing() as connection:
        for seq, (to, at) in enumerate(moves, start=1):
            row = {"dossier_id": made.id, "seq": seq, "origin": before, "status": to, "at": at}
            row |= {"agency": made.agency, "who": "u-1", "why": ""}
            connection.execute(o.moves.insert().values(**row))
            before = to
    return made.id


def filed(house: House, dossier_id: str, kind: str = "archive_pdf") -> None:
    """It has a signed file of this kind."""
    key = f"filed/{dossier_id}/{kind}.pdf"
    house.catalogue.record_filing(dossier_id, kind, key, f"{abs(hash(key)):064x}"[:64], 10, level="B-LTA")


def days_ago(house: House, days: int, hour: int = 9) -> datetime:
    """That day at that hour, as clocks in Vietnam show it."""
    return (house.tools.clock() - timedelta(days=days)).replace(hour=hour, minute=0, second=0, microsecond=0)
