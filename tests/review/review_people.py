"""A clock that stands still, people of two agencies, and a house with a workbench."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pipeline.access.principal import Principal
from pipeline.access.roles import Role, rights_of

if TYPE_CHECKING:
    from pipeline.composition import House
    from pipeline.review.workbench import Workbench

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **spans: float) -> None:
        self.now += timedelta(**spans)


def person(name: str, *roles: Role, agency: str = "H00.00") -> Principal:
    return Principal(f"u-{name}", name, agency, rights_of(roles or (Role.VERIFIER,)), frozenset(roles))


HOA, AN = person("Hoa"), person("An")
LEAD = person("Lãnh đạo", Role.LEADER)
FOREIGN = person("Xa", agency="H99.00")


@dataclass(frozen=True)
class Desk:
    house: House
    bench: Workbench
    clock: Clock
