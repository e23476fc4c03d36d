"""What the gate and the sign-in pages work with: accounts, sessions, keys and rates of one app.

Everything here blocks (database, argon2), so it is called in a thread.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from api.access.oidc import Provider
from api.access.rates import Rates
from pipeline.access.errors import KeyRefusedError, ProviderError, WrongPasswordError
from pipeline.access.people import KEY_START, People
from pipeline.access.secret import hashed
from pipeline.access.sessions import Sessions

if TYPE_CHECKING:
    from pipeline.access.principal import Principal
    from pipeline.access.records import Account
    from pipeline.composition import House

_LOG = logging.getLogger("hoso.access")
_USED_EVERY: Final = timedelta(minutes=1)


class Doorkeeper:
    """Knows who is who."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.settings = house.settings.access
        self.people = People(house.tools)
        self.sessions = Sessions(house.catalogue.access(), self.settings, house.tools.clock)
        self.rates = Rates(self.settings)
        self._provider = Provider(self.settings.oidc, house.catalogue.access(), house.tools.clock)

    def provider(self) -> Provider:
        """The identity provider. Raises `ProviderError` where there is none."""
        if not self.settings.oidc.issuer:
            raise ProviderError(None, "no provider is set")
        return self._provider

    def machine(self, credentials: str) -> Principal:
        """Whose key it is. Raises `KeyRefusedError`."""
        door = self.house.catalogue.access()
        key_hash = key_of(credentials)
        key = None if key_hash is None else door.key_by_hash(key_hash)
        now = self.house.tools.clock()
        if key is None or not key.counts(now):
            raise KeyRefusedError
        if key.used_at is None or now - key.used_at >= _USED_EVERY:
            door.used_key(key.id, now)
        return key.principal()

    def sign_in(self, login: str, password: str, address: str) -> tuple[Account, str]:
        """The account and a new session's id. Raises `TooManyRequestsError`, `WrongPasswordError`."""
        login = login.strip().casefold()
        self.rates.may_try(login, address)
        account = self.people.right_password(login, password) if self.settings.local else None
        if account is None:
            self.rates.failed(login, address)
            # Neither the login, which may be a password typed into the wrong box, nor the address: only that.
            _LOG.warning("a sign-in was refused")
            raise WrongPasswordError
        return account, self.enter(account, "password")

    def enter(self, account: Account, how: str, id_token: str | None = None) -> str:
        """Begins a session, on record."""
        self.house.catalogue.ledger().access(account.id, account.id, {"did": "signed_in", "how": how})
        return self.sessions.begin(account, id_token)


def key_of(credentials: str) -> str | None:
    """The hash of a key, or None for what cannot be one."""
    return hashed(credentials) if credentials.startswith(KEY_START) and len(credentials) < 100 else None
