"""Accounts, sessions and keys of machines as records. None of them shows a secret: hashes stay out of `repr` and JSON.

An account belongs to one agency. What it may do is the sum of its roles' rights; a key's rights are listed one by one.
"""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from pipeline.access.principal import Principal
from pipeline.access.roles import Right, Role, rights_of
from pipeline.record import Model


class Account(Model):
    """Somebody who may sign in."""

    id: str
    """`u-` and chance letters."""
    login: str
    """What is typed at sign-in: NFC, lower case."""
    name: str
    """As shown, and as signed under decisions."""
    agency: str
    roles: tuple[Role, ...]
    password: str | None = Field(default=None, repr=False, exclude=True)
    """The argon2id hash; None for people of an identity provider, and where a new one must be given."""
    must_change: bool = False
    """The password was made by the system: nothing else works until there is another."""
    disabled: bool = False
    issuer: str | None = None
    subject: str | None = None
    """Who it is at the identity provider."""
    failures: int = 0
    """Wrong passwords since the last right one."""
    failed_at: datetime | None = None
    created_at: datetime
    changed_at: datetime

    def principal(self) -> Principal:
        """As whom it acts."""
        return Principal(self.id, self.name, self.agency, rights_of(self.roles), frozenset(self.roles))


class ApiKey(Model):
    """A machine's key; the key itself was shown once."""

    id: str
    """`k-` and chance letters."""
    name: str
    agency: str
    rights: tuple[Right, ...]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    used_at: datetime | None = None

    def counts(self, now: datetime) -> bool:
        """Whether it opens anything at this moment."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    def principal(self) -> Principal:
        """As whom it acts."""
        return Principal(self.id, self.name, self.agency, frozenset(self.rights), machine=True)


class Session(Model):
    """Somebody's stay, from sign-in to sign-out."""

    account: str
    began_at: datetime
    seen_at: datetime
    """To the minute."""
    ends_at: datetime
    id_token: str | None = Field(default=None, repr=False, exclude=True)


class SignIn(Model):
    """A sign-in that went to the identity provider and is not back yet."""

    nonce: str
    verifier: str
    browser_hash: str
    back: str
    ends_at: datetime
