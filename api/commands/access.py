"""`hoso access`: accounts and keys from the command line, by whoever may run commands on this machine.

A one-time password or a key goes to stdout, once, and nowhere else: no log, no ledger, no journal has it.
"""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from api.commands.common import open_house, print_screen
from pipeline.access.errors import AccountError
from pipeline.access.people import People
from pipeline.access.roles import Right, Role

if TYPE_CHECKING:
    from collections.abc import Sequence

Coded = TypeVar("Coded", bound=StrEnum)


def add(login: str, name: str, roles: Sequence[str], agency: str | None, *, as_json: bool) -> int:
    """Makes an account."""
    with open_house() as house:
        account, password = People(house.tools).add(login, name, _chosen(Role, roles), agency)
    return _tell_password(account.login, password, as_json=as_json)


def listed(*, as_json: bool) -> int:
    """Shows all accounts."""
    with open_house() as house:
        accounts = house.catalogue.access().accounts()
    if as_json:
        print(json.dumps([account.model_dump(mode="json") for account in accounts], ensure_ascii=False))  # noqa: T201
        return 0
    rows = [
        (
            account.login,
            account.name,
            account.agency,
            ", ".join(account.roles),
            "khóa" if account.disabled else "chờ đổi mật khẩu" if account.must_change else "",
        )
        for account in accounts
    ]
    _table(("Tên đăng nhập", "Họ tên", "Cơ quan", "Vai trò", "Tình trạng"), rows)
    return 0


def roles(login: str, wanted: Sequence[str]) -> int:
    """Gives other roles."""
    with open_house() as house:
        People(house.tools).set_roles(login, _chosen(Role, wanted))
    return 0


def disable(login: str, *, disabled: bool) -> int:
    """Shuts an account, or opens it again."""
    with open_house() as house:
        People(house.tools).disable(login, disabled=disabled)
    return 0


def reset(login: str, *, as_json: bool) -> int:
    """Gives a new one-time password."""
    with open_house() as house:
        account, password = People(house.tools).reset(login)
    return _tell_password(account.login, password, as_json=as_json)


def add_key(name: str, rights: Sequence[str], agency: str | None, days: int | None, *, as_json: bool) -> int:
    """Makes a key."""
    with open_house() as house:
        ends = house.tools.clock() + timedelta(days=days) if days else None
        key, secret = People(house.tools).add_key(name, _chosen(Right, rights), agency, ends)
    if as_json:
        print(json.dumps({"id": key.id, "key": secret}))  # noqa: T201
    else:
        print(f"{key.id}\n{secret}\nKhóa chỉ hiện một lần này.")  # noqa: T201
    return 0


def list_keys(*, as_json: bool) -> int:
    """Shows all keys, without their secrets."""
    with open_house() as house:
        keys = house.catalogue.access().keys()
        now = house.tools.clock()
    if as_json:
        print(json.dumps([key.model_dump(mode="json") for key in keys], ensure_ascii=False))  # noqa: T201
        return 0
    rows = [
        (
            key.id,
            key.name,
            key.agency,
            ", ".join(key.rights),
            f"{key.used_at:%d/%m/%Y}" if key.used_at else "chưa dùng",
            "" if key.counts(now) else "hết hiệu lực",
        )
        for key in keys
    ]
    _table(("Mã", "Máy", "Cơ quan", "Quyền", "Dùng lần cuối", "Tình trạng"), rows)
    return 0


def revoke(key_id: str) -> int:
    """Ends a key."""
    with open_house() as house:
        People(house.tools).revoke_key(key_id)
    return 0


def _chosen(kind: type[Coded], said: Sequence[str]) -> list[Coded]:
    try:
        return [kind(word) for word in said]
    except ValueError:
        raise AccountError(None, f"one of: {', '.join(kind)}") from None


def _tell_password(login: str, password: str, *, as_json: bool) -> int:
    if as_json:
        print(json.dumps({"login": login, "password": password}))  # noqa: T201
    else:
        print(f"{login}\n{password}\nMật khẩu chỉ dùng một lần, phải đổi khi đăng nhập.")  # noqa: T201
    sys.stdout.flush()
    return 0


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for heading in headings:
        table.add_column(heading, header_style="dim")
    for row in rows:
        table.add_row(*row)
    print_screen(table)
