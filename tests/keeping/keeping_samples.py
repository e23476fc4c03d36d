"""Invented people with filed papers, and those who keep records: what the tests of keeping work on."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.append(str(Path(__file__).parents[1] / "kho"))

from owners_samples import AT, HERE, THERE, Clock, card, dossier, file_record, paper

from pipeline.access.principal import Principal
from pipeline.access.roles import RIGHTS, Role
from pipeline.keeping import retention

if TYPE_CHECKING:
    from pipeline.composition import House
    from pipeline.record import Dossier

__all__ = [
    "AT",
    "HERE",
    "THERE",
    "Clock",
    "card",
    "dossier",
    "file_kept",
    "file_record",
    "keeper",
    "later",
    "owner_of",
    "paper",
]


def keeper(agency: str = HERE, role: Role = Role.SEAL_KEEPER) -> Principal:
    return Principal(f"acc-{role}-{agency}", "Văn thư", agency, RIGHTS[role], frozenset({role}))


def file_kept(house: House, record: Dossier) -> str:
    """Files a record as the stage `file` does, with how long it is kept."""
    dossier_id = file_record(house, record)
    found = house.catalogue.load(dossier_id)
    assert found is not None
    retention.keep(house.tools, found, found.files.values())
    return dossier_id


def owner_of(house: House, dossier_id: str) -> str:
    """The one owner of a dossier's papers."""
    (owner,) = {row["owner_id"] for row in house.catalogue.owners().papers_of_dossier(dossier_id)}
    return str(owner)


def later(clock: Clock, years: float) -> None:
    clock.now += timedelta(days=round(366 * years))
