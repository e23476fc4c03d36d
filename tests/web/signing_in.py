"""Somebody who has signed in, without the pages and without a password: for tests of everything behind the gate."""

from pipeline.access.people import People
from pipeline.access.records import Account
from pipeline.access.roles import Right, Role
from pipeline.access.secret import new_id
from pipeline.access.sessions import Sessions
from pipeline.composition import House

BASE = "http://127.0.0.1:8000"
OWN_PAGE = {"Sec-Fetch-Site": "same-origin"}
"""What a browser says of a request that a page of ours sent."""


def account_for(house: House, *roles: Role, agency: str | None = None, name: str = "Nguyễn Thị Hoa") -> Account:
    now = house.tools.clock()
    made = new_id("u")
    account = Account(
        id=made,
        login=made,
        name=name,
        agency=agency or house.settings.agency_code,
        roles=roles,
        created_at=now,
        changed_at=now,
    )
    house.catalogue.access().put_account(account)
    return account


def session_for(house: House, *roles: Role, agency: str | None = None, name: str = "Nguyễn Thị Hoa") -> str:
    """A session's id: the value of the cookie."""
    account = account_for(house, *roles, agency=agency, name=name)
    return Sessions(house.catalogue.access(), house.settings.access, house.tools.clock).begin(account)


def key_for(house: House, *rights: Right, agency: str | None = None) -> dict[str, str]:
    """Headers of a machine with these rights."""
    _, secret = People(house.tools).add_key("máy thử", rights, agency)
    return {"Authorization": f"Bearer {secret}"}
