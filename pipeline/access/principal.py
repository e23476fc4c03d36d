"""Who stands behind a request: a person who signed in, or a machine with a key. Made by a door, asked by everyone else.

Everything that is done or looked at is put on record under `id`; rights are asked by name. An agency sees its own
dossiers only: `may_see` is asked before anything of a dossier leaves the house, and a foreign one answers as unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.access.roles import Right, Role


class Purpose(StrEnum):
    """Why somebody looks at a person's data; part of the ledger's entry. Stable codes."""

    RECEIVE = "receive"
    """Receiving or supplementing a dossier at the desk."""
    REVIEW = "review"
    """Settling what the machine doubted."""
    PROCEDURE = "procedure"
    """Appraising, approving, sealing or returning a dossier."""
    QUALITY = "quality"
    """Sampling to measure errors."""
    CITIZEN_REQUEST = "citizen_request"
    """At the request of the person whose data they are."""
    AUDIT = "audit"
    DOWNSTREAM = "downstream"
    """A machine that pulls results for its own procedure."""
    OPERATION = "operation"
    """Commands of an operator on the machine itself."""


@dataclass(frozen=True, slots=True)
class Principal:
    """A person or machine, with what it may do."""

    id: str
    """Stable: an account's or key's id, never a personal number."""
    name: str
    """For people: as shown and as signed under decisions."""
    agency: str
    """Code of the agency whose dossiers it sees."""
    rights: frozenset[Right]
    roles: frozenset[Role] = frozenset()
    machine: bool = False

    def may(self, right: Right) -> bool:
        """Whether it has the right."""
        return right in self.rights

    def may_see(self, agency: str) -> bool:
        """Whether dossiers of that agency are its own."""
        return agency == self.agency
