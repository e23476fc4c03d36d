"""Accounts and machines' keys: made, changed, put on record. One object a process.

Every change is an act of the journal, then an entry of the ledger, then a row. Passwords' hashes are in the catalogue
alone: what is write-once would keep every old hash for whoever steals the store, so after a rebuild people come back
with their roles and an administrator gives new passwords. Hashes of keys (256 random bits) are journalled: a machine
that had a key goes on.
"""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import timedelta
from typing import TYPE_CHECKING

from pydantic import ValidationError

from pipeline import journal
from pipeline.access.errors import AccountError, WrongPasswordError
from pipeline.access.passwords import Passwords
from pipeline.access.records import Account, ApiKey
from pipeline.access.roles import Role
from pipeline.access.secret import hashed, new_id, new_secret, one_time_password

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime
    from typing import Any

    from pydantic import JsonValue

    from pipeline.access.roles import Right
    from pipeline.catalogue.access_door import AccessDoor
    from pipeline.journal import Act
    from pipeline.tools import Tools

OPERATOR = "operator"
"""Who acts where a command on the machine itself does."""
MOST_FAILURES = 100
"""Wrong passwords in a row after which only an administrator helps (NIST SP 800-63B-4, 3.2.2)."""
KEY_START = "hoso_"
"""What every key starts with, so that scanners for leaked secrets know one."""
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{1,99}")


class People:
    """Who may come in."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._settings = tools.settings.access
        self.passwords = Passwords(self._settings.password_length)

    @property
    def door(self) -> AccessDoor:
        """Where they are kept."""
        return self._tools.catalogue.access()

    def agencies(self) -> Mapping[str, str]:
        """Codes of the agencies in this system, with their names."""
        return {self._tools.settings.agency_code: self._tools.settings.agency} | self._settings.agencies

    def begin(self) -> tuple[str, str] | None:
        """On a first start without any account: an administrator's login and one-time password, said once."""
        if not self._settings.local or self.door.accounts():
            return None
        account, password = self.add("quantri", "Quản trị hệ thống", [Role.ADMINISTRATOR])
        return account.login, password

    def add(
        self, login: str, name: str, roles: Iterable[Role], agency: str | None = None, by: str = OPERATOR
    ) -> tuple[Account, str]:
        """A local account and its one-time password. Raises `AccountError`."""
        now = self._tools.clock()
        known = unicodedata.normalize("NFC", login).strip().casefold()
        if not _LOGIN.fullmatch(known) or re.search(r"\d{9}", known):
            raise AccountError(login, "2-100 letters without marks, digits, . _ @ -; no personal number")
        if self.door.account_by_login(known) is not None:
            raise AccountError(login, "login is taken")
        password = one_time_password()
        account = Account(
            id=new_id("u"),
            login=known,
            name=unicodedata.normalize("NFC", name).strip() or known,
            agency=self._known_agency(agency),
            roles=self._sorted(roles),
            password=self.passwords.hash(password),
            must_change=True,
            created_at=now,
            changed_at=now,
        )
        return self._put(account, "added", by), password

    def from_provider(self, issuer: str, subject: str, name: str, roles: Iterable[Role], agency: str | None) -> Account:
        """The account of somebody whom an identity provider vouches for, as it is today."""
        known = self.door.account_by_subject(issuer, subject)
        now = self._tools.clock()
        said: dict[str, Any] = {"name": name, "roles": self._sorted(roles), "agency": self._known_agency(agency)}
        if known is None:
            made = new_id("u")
            fresh = Account(id=made, login=made, issuer=issuer, subject=subject, created_at=now, changed_at=now, **said)
            return self._put(fresh, "added", made)
        if all(getattr(known, key) == value for key, value in said.items()):
            return known
        return self._put(known.model_copy(update=said | {"changed_at": self._after(known)}), "changed", known.id)

    def set_roles(self, login: str, roles: Iterable[Role], by: str = OPERATOR) -> Account:
        """Other roles from now on. Raises `AccountError`."""
        return self._changed(login, "roles", by, roles=self._sorted(roles))

    def disable(self, login: str, *, disabled: bool = True, by: str = OPERATOR) -> Account:
        """Nobody comes in with it any more; its sessions end. Raises `AccountError`."""
        account = self._changed(login, "disabled" if disabled else "enabled", by, disabled=disabled)
        self.door.end_sessions(account.id)
        return account

    def reset(self, login: str, by: str = OPERATOR) -> tuple[Account, str]:
        """A new one-time password; its sessions end. Raises `AccountError`."""
        if self._by_login(login).issuer is not None:
            raise AccountError(login, "its password is kept by the identity provider")
        password = one_time_password()
        account = self._changed(login, "reset", by, password=self.passwords.hash(password), must_change=True)
        self.door.forget_failures(account.id)
        self.door.end_sessions(account.id)
        return account, password

    def change_password(self, account: Account, current: str, new: str) -> Account:
        """A person's own new password; all its sessions end. Raises `WrongPasswordError`, `WeakPasswordError`."""
        if self.right_password(account.login, current) is None:
            raise WrongPasswordError
        names = (account.login, account.name, "hoso", "hồ sơ số")
        text = self.passwords.check(new, names)
        changed = self._changed(
            account.login, "password", account.id, password=self.passwords.hash(text), must_change=False
        )
        self.door.end_sessions(account.id)
        return changed

    def right_password(self, login: str, password: str) -> Account | None:
        """The account, if that is its password. Takes as long for a login that nobody has."""
        account = self.door.account_by_login(unicodedata.normalize("NFC", login).strip().casefold())
        right = self.passwords.matches(account.password if account else None, password)
        if account is None:
            return None
        if not right:
            self.door.count_failure(account.id)
            return None
        if account.disabled or account.failures >= MOST_FAILURES:
            return None
        if account.failures:
            self.door.forget_failures(account.id)
        return account

    def add_key(
        self,
        name: str,
        rights: Iterable[Right],
        agency: str | None = None,
        expires_at: datetime | None = None,
        by: str = OPERATOR,
    ) -> tuple[ApiKey, str]:
        """A machine's key, and its secret, shown once. Raises `AccountError`."""
        given = tuple(sorted(set(rights)))
        if not given or not name.strip():
            raise AccountError(name or None, "a key needs a name and at least one right")
        key = ApiKey(
            id=new_id("k"),
            name=unicodedata.normalize("NFC", name).strip(),
            agency=self._known_agency(agency),
            rights=given,
            created_at=self._tools.clock(),
            expires_at=expires_at,
        )
        secret = KEY_START + new_secret()
        self._put_key(key, hashed(secret), "key_added", by)
        return key, secret

    def revoke_key(self, key_id: str, by: str = OPERATOR) -> ApiKey:
        """It opens nothing any more. Raises `AccountError`."""
        found = self.door.key(key_id)
        if found is None:
            raise AccountError(key_id, "no such key")
        key = found[0].model_copy(update={"revoked_at": self._tools.clock()})
        self._put_key(key, found[1], "key_revoked", by)
        return key

    def _changed(self, login: str, did: str, by: str, **changes: object) -> Account:
        account = self._by_login(login)
        return self._put(account.model_copy(update=changes | {"changed_at": self._after(account)}), did, by)

    def _after(self, account: Account) -> datetime:
        # Another machine's clock may be ahead; a rebuild takes the latest change, so changes must follow one another.
        return max(self._tools.clock(), account.changed_at + timedelta(microseconds=1))

    def _by_login(self, login: str) -> Account:
        account = self.door.account_by_login(unicodedata.normalize("NFC", login).strip().casefold())
        if account is None:
            raise AccountError(login, "no such account")
        return account

    def _put(self, account: Account, did: str, by: str) -> Account:
        shown = _json(account.model_dump_json(exclude={"failures", "failed_at"}))
        journal.act(self._tools.store, "access.account", account.id, shown, account.changed_at)
        roles: list[JsonValue] = [role.value for role in account.roles]
        what: dict[str, JsonValue] = {"did": did, "roles": roles, "agency": account.agency}
        self._tools.catalogue.ledger().access(by, account.id, what)
        self.door.put_account(account)
        return account

    def _put_key(self, key: ApiKey, key_hash: str, did: str, by: str) -> None:
        shown = _json(key.model_dump_json(exclude={"used_at"})) | {"key_hash": key_hash}
        journal.act(self._tools.store, "access.key", key.id, shown, self._tools.clock())
        rights: list[JsonValue] = [right.value for right in key.rights]
        self._tools.catalogue.ledger().access(by, key.id, {"did": did, "rights": rights, "agency": key.agency})
        self.door.put_key(key, key_hash)

    def _known_agency(self, agency: str | None) -> str:
        code = agency or self._tools.settings.agency_code
        if code not in self.agencies():
            raise AccountError(code, "no such agency: HOSO_ACCESS__AGENCIES")
        return code

    def _sorted(self, roles: Iterable[Role]) -> tuple[Role, ...]:
        order: Sequence[Role] = list(Role)
        given = tuple(sorted(set(roles), key=order.index))
        if not given:
            raise AccountError(None, "at least one role")
        return given


def _json(text: str) -> dict[str, JsonValue]:
    found: dict[str, JsonValue] = json.loads(text)
    return found


def _replay_account(tools: Tools, act: Act) -> bool:
    try:
        account = Account.model_validate_json(json.dumps(act.payload))
    except ValidationError as error:
        raise ValueError("an account that makes no sense") from error
    door = tools.catalogue.access()
    known = door.account(account.id)
    if known is not None and known.changed_at >= account.changed_at:
        return False
    # A password that the catalogue still has is kept where the account came back only to be brought forward.
    door.put_account(account.model_copy(update={"password": known.password if known else None}))
    return True


def _replay_key(tools: Tools, act: Act) -> bool:
    payload = dict(act.payload)
    key_hash = str(payload.pop("key_hash"))
    try:
        key = ApiKey.model_validate_json(json.dumps(payload))
    except ValidationError as error:
        raise ValueError("a key that makes no sense") from error
    door = tools.catalogue.access()
    known = door.key(key.id)
    if known is not None and (known[0].revoked_at is not None or key.revoked_at is None):
        return False
    door.put_key(key, key_hash)
    return True


REPLAYERS: Mapping[str, Callable[[Tools, Act], bool]] = {
    "access.account": _replay_account,
    "access.key": _replay_key,
}
