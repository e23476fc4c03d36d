"""The catalogue's door to accounts, sessions and keys. Every method is one transaction.

What must outlive the catalogue is written to the journal by `pipeline.access` before it comes here. Sessions and
sign-ins under way are rows only: after a disaster people sign in again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update

from pipeline.access.errors import AccountError
from pipeline.access.records import Account, ApiKey, Session, SignIn
from pipeline.catalogue import tables_access as t
from pipeline.catalogue.session import add_if_new

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import ColumnElement, RowMapping

    from pipeline.catalogue.session import Database


@dataclass(frozen=True, slots=True)
class AccessDoor:
    """All raise `CatalogueUnreachableError`."""

    database: Database
    clock: Callable[[], datetime]

    # Accounts

    def put_account(self, account: Account) -> None:
        """Adds an account or replaces it, without its failures. Raises `AccountError` for a login that is taken."""
        row = account.model_dump(exclude={"failures", "failed_at"}) | {"password": account.password}
        row["roles"] = [role.value for role in account.roles]
        with self.database.writing() as connection:
            if add_if_new(connection, t.accounts, row | {"failures": 0}):
                return
            mine = update(t.accounts).where(t.accounts.c.id == account.id).values(**row).returning(t.accounts.c.id)
            if connection.execute(mine).first() is None:
                raise AccountError(account.login, "login is taken")

    def account(self, account_id: str) -> Account | None:
        """By its id."""
        return self._account(t.accounts.c.id == account_id)

    def account_by_login(self, login: str) -> Account | None:
        """By what is typed at sign-in."""
        return self._account(t.accounts.c.login == login)

    def account_by_subject(self, issuer: str, subject: str) -> Account | None:
        """By who it is at the identity provider."""
        return self._account((t.accounts.c.issuer == issuer) & (t.accounts.c.subject == subject))

    def accounts(self) -> list[Account]:
        """All, by login."""
        with self.database.reading() as connection:
            rows = connection.execute(select(t.accounts).order_by(t.accounts.c.login)).mappings()
            return [_account(row) for row in rows]

    def count_failure(self, account_id: str) -> None:
        """One more wrong password."""
        values = {"failures": t.accounts.c.failures + 1, "failed_at": self.clock()}
        with self.database.writing() as connection:
            connection.execute(update(t.accounts).where(t.accounts.c.id == account_id).values(**values))

    def forget_failures(self, account_id: str) -> None:
        """The right password, or a new one."""
        with self.database.writing() as connection:
            connection.execute(update(t.accounts).where(t.accounts.c.id == account_id).values(failures=0))

    # Sessions

    def add_session(self, id_hash: str, session: Session) -> None:
        """Begins a session, and forgets those that have ended."""
        row = session.model_dump(exclude={"account"}) | {"account_id": session.account, "id_token": session.id_token}
        with self.database.writing() as connection:
            connection.execute(delete(t.sessions).where(t.sessions.c.ends_at <= self.clock()))
            connection.execute(insert(t.sessions).values(id_hash=id_hash, **row))

    def session(self, id_hash: str) -> tuple[Session, Account] | None:
        """The session and whose it is."""
        with self.database.reading() as connection:
            found = connection.execute(select(t.sessions).where(t.sessions.c.id_hash == id_hash)).mappings()
            if (row := found.one_or_none()) is None:
                return None
            mine = select(t.accounts).where(t.accounts.c.id == row["account_id"])
            account = _account(connection.execute(mine).mappings().one())
        names = ("began_at", "seen_at", "ends_at", "id_token")
        return Session(account=account.id, **{name: row[name] for name in names}), account

    def saw_session(self, id_hash: str, at: datetime) -> None:
        """It was used."""
        with self.database.writing() as connection:
            connection.execute(update(t.sessions).where(t.sessions.c.id_hash == id_hash).values(seen_at=at))

    def end_session(self, id_hash: str) -> None:
        """Ends one."""
        with self.database.writing() as connection:
            connection.execute(delete(t.sessions).where(t.sessions.c.id_hash == id_hash))

    def end_sessions(self, account_id: str) -> None:
        """Ends all of an account."""
        with self.database.writing() as connection:
            connection.execute(delete(t.sessions).where(t.sessions.c.account_id == account_id))

    # Sign-ins under way at the identity provider

    def add_sign_in(self, state_hash: str, sign_in: SignIn) -> None:
        """Remembers one, and forgets those that are too old."""
        with self.database.writing() as connection:
            connection.execute(delete(t.sign_ins).where(t.sign_ins.c.ends_at <= self.clock()))
            connection.execute(insert(t.sign_ins).values(state_hash=state_hash, **sign_in.model_dump()))

    def take_sign_in(self, state_hash: str) -> SignIn | None:
        """Takes it out: it comes back once."""
        with self.database.writing() as connection:
            statement = delete(t.sign_ins).where(t.sign_ins.c.state_hash == state_hash).returning(t.sign_ins)
            row = connection.execute(statement).mappings().one_or_none()
        if row is None or row["ends_at"] <= self.clock():
            return None
        return SignIn.model_validate({name: row[name] for name in SignIn.model_fields})

    # Keys of machines

    def put_key(self, key: ApiKey, key_hash: str) -> None:
        """Adds a key or replaces it."""
        row = key.model_dump() | {"key_hash": key_hash, "rights": [right.value for right in key.rights]}
        with self.database.writing() as connection:
            if not add_if_new(connection, t.api_keys, row):
                connection.execute(update(t.api_keys).where(t.api_keys.c.id == key.id).values(**row))

    def key(self, key_id: str) -> tuple[ApiKey, str] | None:
        """A key by its id, with its hash."""
        return self._key(t.api_keys.c.id == key_id)

    def key_by_hash(self, key_hash: str) -> ApiKey | None:
        """The key that somebody showed."""
        found = self._key(t.api_keys.c.key_hash == key_hash)
        return None if found is None else found[0]

    def keys(self) -> list[ApiKey]:
        """All, the newest last."""
        with self.database.reading() as connection:
            rows = connection.execute(select(t.api_keys).order_by(t.api_keys.c.created_at, t.api_keys.c.id)).mappings()
            return [_key(row) for row in rows]

    def used_key(self, key_id: str, at: datetime) -> None:
        """It opened something."""
        with self.database.writing() as connection:
            connection.execute(update(t.api_keys).where(t.api_keys.c.id == key_id).values(used_at=at))

    def _account(self, condition: ColumnElement[bool]) -> Account | None:
        with self.database.reading() as connection:
            row = connection.execute(select(t.accounts).where(condition)).mappings().one_or_none()
        return None if row is None else _account(row)

    def _key(self, condition: ColumnElement[bool]) -> tuple[ApiKey, str] | None:
        with self.database.reading() as connection:
            row = connection.execute(select(t.api_keys).where(condition)).mappings().one_or_none()
        return None if row is None else (_key(row), row["key_hash"])


def _account(row: RowMapping) -> Account:
    return Account.model_validate(dict(row))


def _key(row: RowMapping) -> ApiKey:
    found: dict[str, Any] = dict(row)
    del found["key_hash"]
    return ApiKey.model_validate(found)
