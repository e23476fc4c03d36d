"""The secret on a slip: made when the slip is printed, known to the paper alone, spent by the next print.

Twelve letters and digits by chance (60 bits, Crockford's base 32: none looks like another), so that a person can type
them; in the QR code they stand behind the `#` of an address, where no server or proxy writes them down. Kept is a keyed
digest (`Vault.blind`), which nobody can try out without the house's index key. Whoever is wrong learns nothing: an
unknown dossier costs the same work as a known one and gets the same answer.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from pipeline import journal
from pipeline.catalogue.citizen_door import Ticket
from pipeline.citizen.errors import SlipUnknownError, VisitOverError

if TYPE_CHECKING:
    from pipeline.journal import Act
    from pipeline.tools import Tools

PRINTED = "citizen.printed"
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LETTERS, _GROUP = 12, 4
_ALIKE = str.maketrans("OIL", "011", "- .\t\n\r")
_NOBODY = "0" * 64
_ATTEMPTS = 20
PAGE = "/tra-cuu"


@dataclass(frozen=True, slots=True)
class Way:
    """What a slip says of the page."""

    address: str
    """To be typed."""
    secret: str
    link: str
    """For the QR code: address, dossier and secret behind a `#`."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A browser that knew a secret."""

    dossier: str
    serial: int

    @property
    def who(self) -> str:
        """As the ledger knows whoever it is: the slip, not a person."""
        return f"slip-{self.serial}"


def new_secret() -> str:
    """`XXXX-XXXX-XXXX`."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(_LETTERS))
    return "-".join(letters[at : at + _GROUP] for at in range(0, _LETTERS, _GROUP))


def print_ticket(tools: Tools, dossier_id: str, who: str) -> Way | None:
    """A new secret for a dossier; those before it open nothing any more. None where the page has no address.

    `who` is the id of an account or key, or `system`. Raises `StoreError`.
    """
    settings = tools.settings.citizen
    door = tools.catalogue.citizens()
    if not settings.address or not door.knows(dossier_id):
        return None
    secret = new_secret()
    for _ in range(_ATTEMPTS):
        last = door.ticket(dossier_id)
        now = tools.clock()
        ticket = Ticket(
            dossier=dossier_id,
            serial=last.serial + 1 if last else 1,
            digest=digest(tools, dossier_id, secret),
            printed_by=who,
            printed_at=now,
            expires_at=now + timedelta(days=settings.days),
        )
        journal.act(tools.store, PRINTED, dossier_id, ticket.model_dump(mode="json"), now)
        # Two printers at once: the one that was too late takes the next number.
        if door.add_ticket(ticket):
            break
    base = settings.address.rstrip("/") + PAGE
    return Way(base.partition("://")[2], secret, f"{base}#{dossier_id}.{secret}")


def open_visit(tools: Tools, dossier_id: str, secret: str) -> str:
    """The cookie of a new visit. Raises `SlipUnknownError`."""
    door = tools.catalogue.citizens()
    code = dossier_id.strip().lower()[:100]
    ticket = door.ticket(code)
    given = digest(tools, code, secret[:100])
    right = hmac.compare_digest(given, ticket.digest if ticket else _NOBODY)
    if not right or ticket is None or ticket.expires_at <= tools.clock() or tools.vault.is_destroyed(code):
        raise SlipUnknownError
    cookie = secrets.token_urlsafe(24)
    door.open_visit(cookie, ticket, timedelta(minutes=tools.settings.citizen.minutes))
    return cookie


def visit(tools: Tools, cookie: str) -> Visit:
    """The visit of a cookie. Raises `VisitOverError`."""
    found = tools.catalogue.citizens().visited(cookie) if cookie else None
    if found is None or tools.vault.is_destroyed(found[0]):
        raise VisitOverError
    return Visit(*found)


def digest(tools: Tools, dossier_id: str, secret: str) -> str:
    """How a dossier's secret is kept; blanks, hyphens, case and letters that look alike do not count."""
    return tools.vault.blind("citizen slip", f"{dossier_id} {secret.upper().translate(_ALIKE)}")


def replay(tools: Tools, act: Act) -> bool:
    """Puts a printed slip back."""
    return tools.catalogue.citizens().add_ticket(Ticket.model_validate(act.payload))
