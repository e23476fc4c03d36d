"""Accounts and keys: made, changed, ended; on record, and back after the catalogue was lost."""

import dataclasses
import json
import shutil
import statistics
import time
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from pipeline.access.errors import AccountError, WeakPasswordError, WrongPasswordError
from pipeline.access.passwords import Passwords
from pipeline.access.people import MOST_FAILURES, People
from pipeline.access.roles import Right, Role, rights_of
from pipeline.access.secret import hashed, new_id
from pipeline.access.sessions import Sessions
from pipeline.audit import sealing
from pipeline.composition import House, build_house
from pipeline.recovery import rebuild

MINE = "trời xanh mây trắng nắng vàng"


@pytest.fixture
def people(house: House) -> People:
    return People(house.tools)


def test_a_one_time_password_opens_until_it_is_changed(people: People) -> None:
    account, once = people.add("Hoa.NT", "Nguyễn Thị Hoa", [Role.VERIFIER, Role.DESK_OFFICER])
    assert (account.login, account.must_change) == ("hoa.nt", True)
    assert account.roles == (Role.DESK_OFFICER, Role.VERIFIER)
    found = people.right_password(" HOA.nt ", once)
    assert found is not None
    assert found.principal().rights == rights_of([Role.DESK_OFFICER, Role.VERIFIER])
    with pytest.raises(WrongPasswordError):
        people.change_password(found, "sai", MINE)
    changed = people.change_password(found, once, MINE)
    assert not changed.must_change
    assert people.right_password("hoa.nt", once) is None
    assert people.right_password("hoa.nt", MINE) is not None
    decomposed = "trời xanh mây trắng nắng vàng"
    assert people.right_password("hoa.nt", decomposed) is not None, "the same words from another keyboard"


def test_no_hash_is_shown_anywhere_but_in_its_column(people: People, house: House) -> None:
    account, once = people.add("hoa", "Hoa", [Role.VERIFIER])
    kept = house.catalogue.access().account(account.id)
    assert kept is not None
    assert kept.password is not None
    assert kept.password.startswith("$argon2id$")
    assert "argon2" not in repr(kept) + kept.model_dump_json()
    written = [house.store.get(key).decode() for key in house.store.keys("acts/")]
    ledger = [line.decode() for line in house.catalogue.ledger().lines()]
    assert len(written) == 1
    assert not any("argon2" in text or once in text for text in written + ledger)


@pytest.mark.parametrize("login", ["", "a", "Hoa Nguyễn", "079204001234", "x079204001234", "../hoa", "ho\na", "-hoa"])
def test_logins_are_plain_and_never_a_personal_number(people: People, login: str) -> None:
    with pytest.raises(AccountError):
        people.add(login, "Hoa", [Role.VERIFIER])


def test_an_account_needs_a_role_a_known_agency_and_its_own_login(people: People) -> None:
    people.add("hoa", "Hoa", [Role.VERIFIER])
    for login, roles, agency in (("an", [], None), ("an", [Role.LEADER], "H99.99"), ("HOA", [Role.LEADER], None)):
        with pytest.raises(AccountError):
            people.add(login, "An", roles, agency)


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("ngắn quá", "too_short"),
        ("x" * 257, "too_long"),
        ("aaaaaaaaaaaaaaaa", "too_common"),
        ("abcabcabcabcabcabc", "too_common"),
        ("abcdefghijklmnop", "too_common"),
        ("password12345678", "too_common"),
        ("Mật khẩu 123456789", "too_common"),
        ("Nguyễn Thị Hoa 2026", "names_something"),
        ("hoa.nguyen hoa.nguyen", "names_something"),
        (MINE, None),
        ("correct horse battery staple", None),
        ("đường Trần Phú có 3 cây phượng", None),
    ],
)
def test_passwords_are_long_and_not_easy_and_nothing_else_is_asked(password: str, reason: str | None) -> None:
    passwords, names = Passwords(15), ("hoa.nguyen", "Nguyễn Thị Hoa", "hoso")
    if reason is None:
        assert passwords.check(password, names) == password
        return
    with pytest.raises(WeakPasswordError) as raised:
        passwords.check(password, names)
    assert raised.value.reason == reason


def test_a_login_that_nobody_has_takes_as_long(people: People) -> None:
    people.add("hoa", "Hoa", [Role.VERIFIER])

    def seconds(login: str) -> float:
        times = []
        for _ in range(7):
            started = time.perf_counter()
            assert people.right_password(login, "sai mật khẩu rồi") is None
            times.append(time.perf_counter() - started)
        return statistics.median(times)

    seconds("hoa")  # the hasher is made
    known, unknown = seconds("hoa"), seconds("khong.co.ai")
    assert unknown > known * 0.4, (known, unknown)
    assert known > unknown * 0.4, (known, unknown)


def test_after_many_failures_only_an_administrator_helps(people: People, house: House) -> None:
    account, once = people.add("hoa", "Hoa", [Role.VERIFIER])
    for _ in range(MOST_FAILURES):
        house.catalogue.access().count_failure(account.id)
    assert people.right_password("hoa", once) is None
    _, again = people.reset("hoa")
    assert people.right_password("hoa", again) is not None


def test_sessions_end_by_rest_by_age_and_by_word(people: People, house: House, clock) -> None:
    account, _ = people.add("hoa", "Hoa", [Role.VERIFIER])
    sessions = Sessions(house.catalogue.access(), house.settings.access, clock)
    secret = sessions.begin(account)
    assert house.catalogue.access().session(secret) is None, "the id itself is nowhere"
    assert house.catalogue.access().session(hashed(secret)) is not None
    for _ in range(13):
        clock.on(minutes=50)
        kept = sessions.of(secret)
        assert kept is not None
    clock.on(minutes=60 * 12 - 13 * 50)
    assert sessions.of(secret) is None, "twelve hours are the end"
    resting = sessions.begin(account)
    clock.on(minutes=60)
    assert sessions.of(resting) is None
    both = [sessions.begin(account) for _ in range(2)]
    sessions.end(both[0])
    assert [sessions.of(one) is None for one in both] == [True, False]
    people.set_roles("hoa", [Role.AUDITOR])
    found = sessions.of(both[1])
    assert found is not None
    assert found[1].principal().may(Right.LEDGER_READ), "another role counts at once"
    people.disable("hoa")
    assert sessions.of(both[1]) is None


def test_accounts_and_keys_come_back_from_the_store(people: People, house: House, clock, tmp_path: Path) -> None:
    account, _ = people.add("hoa", "Nguyễn Thị Hoa", [Role.VERIFIER])
    clock.on(seconds=1)
    people.set_roles("hoa", [Role.LEADER])
    people.add("an", "Lê Văn An", [Role.AUDITOR])
    clock.on(seconds=1)
    people.disable("an")
    key, secret = people.add_key("một cửa quốc gia", [Right.RESULTS_PULL])
    gone, _ = people.add_key("cũ", [Right.RESULTS_PULL])
    people.revoke_key(gone.id)
    sealing.seal(house.tools)
    before = house.catalogue.access()
    accounts, keys = before.accounts(), before.keys()
    shutil.copytree(house.settings.home, tmp_path / "again", ignore=shutil.ignore_patterns("catalogue*"))
    with build_house(house.settings.model_copy(update={"home": tmp_path / "again"})) as again:
        report = rebuild(again.tools)
        assert report.unrecovered == ()
        assert report.unknown_acts == {}
        door = again.catalogue.access()
        assert [one.model_dump(mode="json") for one in door.accounts()] == [
            one.model_dump(mode="json") for one in accounts
        ]
        assert door.keys() == keys
        assert door.key_by_hash(hashed(secret)) == key, "a machine goes on"
        assert all(one.password is None for one in door.accounts()), "people get a new password"
        assert People(again.tools).begin() is None
        behind = dataclasses.replace(again.tools, clock=lambda: clock() - timedelta(hours=1))
        _, once = People(behind).reset("hoa")
        assert People(again.tools).right_password("hoa", once) is not None
        assert rebuild(again.tools).acts_added == 0, "the last change stays the last, whatever the clocks say"
    assert account.id


def test_the_commands(tmp_path: Path, monkeypatch, quiet_logging) -> None:
    monkeypatch.setenv("HOSO_HOME", str(tmp_path / "home"))

    def hoso(*words: str, code: int = 0) -> str:
        done = CliRunner().invoke(app, ["access", *words])
        assert done.exit_code == code, done.output
        return done.stdout

    made = json.loads(hoso("add", "hoa.nt", "--name", "Nguyễn Thị Hoa", "-r", "desk_officer", "--json"))
    assert made["login"] == "hoa.nt"
    hoso("roles", "hoa.nt", "leader", "verifier")
    hoso("disable", "hoa.nt")
    listed = json.loads(hoso("list", "--json"))
    assert [(one["login"], one["roles"], one["disabled"]) for one in listed] == [
        ("hoa.nt", ["verifier", "leader"], True)
    ]
    assert "khóa" in hoso("list")
    hoso("enable", "hoa.nt")
    assert json.loads(hoso("reset", "hoa.nt", "--json"))["password"] != made["password"]
    hoso("add", "an", "-r", "king", code=4)
    hoso("disable", "nobody", code=4)
    key = json.loads(hoso("key", "add", "máy quét", "--right", "dossier.receive", "--days", "30", "--json"))
    assert key["key"].startswith("hoso_")
    shown = hoso("key", "list", "--json")
    assert json.loads(shown)[0]["rights"] == ["dossier.receive"]
    assert key["key"] not in shown
    hoso("key", "revoke", key["id"])
    assert "hết hiệu lực" in hoso("key", "list")


def test_an_id_never_looks_like_somebodys_number(monkeypatch: pytest.MonkeyPatch) -> None:
    chances = iter("x012345678yz" + "abc012345678" + "abc01234567d")
    monkeypatch.setattr("secrets.choice", lambda _letters: next(chances))
    assert new_id("u") == "u-abc01234567d"
