"""Sessions: a chance id in the browser, its hash here, and two ends: some time after the last request, and a last one.

A session knows nothing by itself: whose it is, and what that account may do, is looked up at every request, so that a
role taken away or an account disabled counts at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from pipeline.access.records import Session
from pipeline.access.secret import hashed, new_secret

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from pipeline.access.records import Account
    from pipeline.access.settings import AccessSettings
    from pipeline.catalogue.access_door import AccessDoor

_SEEN_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Sessions:
    """Everybody's sessions."""

    door: AccessDoor
    settings: AccessSettings
    clock: Callable[[], datetime]

    def begin(self, account: Account, id_token: str | None = None) -> str:
        """A new session; returns its id, which is nowhere else."""
        secret = new_secret()
        now = self.clock()
        ends = now + timedelta(hours=self.settings.session_hours)
        session = Session(account=account.id, began_at=now, seen_at=now, ends_at=ends, id_token=id_token)
        self.door.add_session(hashed(secret), session)
        return secret

    def of(self, secret: str) -> tuple[Session, Account] | None:
        """The session and whose it is, or None for one that has ended, or never began."""
        id_hash = hashed(secret)
        found = self.door.session(id_hash)
        if found is None:
            return None
        session, account = found
        now = self.clock()
        idle = timedelta(minutes=self.settings.idle_minutes)
        if now >= session.ends_at or now - session.seen_at >= idle or account.disabled:
            self.door.end_session(id_hash)
            return None
        if now - session.seen_at >= _SEEN_EVERY:
            self.door.saw_session(id_hash, now)
        return session, account

    def end(self, secret: str) -> None:
        """Signs out."""
        self.door.end_session(hashed(secret))

    def end_all(self, account: Account) -> None:
        """Signs out everywhere."""
        self.door.end_sessions(account.id)
