"""Coming in by the pages, without a browser: cookies, forged pages, throttling, first passwords, keys, rates."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from signing_in import BASE, OWN_PAGE, key_for, session_for
from starlette.testclient import TestClient

from api.access.cookies import LOCAL, SECURE
from api.app import build_app
from pipeline.access.people import People
from pipeline.access.roles import Right, Role
from pipeline.access.settings import AccessSettings
from pipeline.audit.entries import Entry
from pipeline.composition import House, build_house
from pipeline.record import Dossier
from pipeline.settings import Settings

MINE = "trời xanh mây trắng nắng vàng"


@pytest.fixture
def nobody(client_of: Callable[..., TestClient]) -> TestClient:
    return client_of()


def sign_in(client: TestClient, login: str, password: str, **more: str):
    form = {"login": login, "password": password} | more
    return client.post("/dang-nhap", data=form, follow_redirects=False)


def test_a_new_session_begins_at_each_sign_in_and_the_old_one_ends(nobody: TestClient, house: House) -> None:
    people = People(house.tools)
    account, once = people.add("hoa", "Nguyễn Thị Hoa", [Role.DESK_OFFICER])
    people.change_password(account, once, MINE)
    planted = session_for(house, Role.VERIFIER)
    nobody.cookies.set(LOCAL, planted, domain="127.0.0.1")
    answer = sign_in(nobody, "hoa", MINE, back="//evil.example/x")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    assert planted not in cookie
    nobody.cookies.clear()
    old = nobody.get("/", headers={"Cookie": f"{LOCAL}={planted}"}, follow_redirects=False)
    assert old.status_code == 303, "what somebody planted is worth nothing"


def test_over_https_the_cookie_is_bound_to_the_host_and_http_is_over(house: House) -> None:
    people = People(house.tools)
    account, once = people.add("hoa", "Hoa", [Role.DESK_OFFICER])
    people.change_password(account, once, MINE)
    with TestClient(build_app(house), base_url="https://127.0.0.1", headers=OWN_PAGE) as client:
        answer = sign_in(client, "hoa", MINE)
        assert answer.headers["set-cookie"].startswith(f"{SECURE}=")
        assert "Secure" in answer.headers["set-cookie"]
        assert "max-age" in answer.headers["strict-transport-security"]
        local = client.get(
            "/", headers={"Cookie": f"{LOCAL}={session_for(house, Role.LEADER)}"}, follow_redirects=False
        )
        assert local.status_code in {200, 303}
    with TestClient(build_app(house), base_url=BASE, headers=OWN_PAGE) as client:
        assert "strict-transport-security" not in client.get("/dang-nhap").headers


def test_passwords_do_not_cross_a_network_in_the_clear(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", cores=1)
    settings = settings.model_copy(update={"api": settings.api.model_copy(update={"host": "0.0.0.0"})})  # noqa: S104
    with build_house(settings) as house, TestClient(build_app(house), base_url="http://mot-cua.example") as client:
        assert client.get("/dang-nhap").status_code == 403
        assert client.post("/dang-nhap", data={"login": "a", "password": "b"}, headers=OWN_PAGE).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": ""}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
     {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "none"}],
)  # fmt: skip
def test_a_cookie_alone_changes_nothing(client: TestClient, headers: dict[str, str]) -> None:
    for path in ("/api/v1/dossiers", "/dang-xuat", "/ho-so", "/tai-khoan/mat-khau"):
        assert client.post(path, headers=headers, follow_redirects=False).status_code in {403, 422}, path
    assert client.post("/dang-nhap", data={"login": "a", "password": "b"}, headers=headers).status_code == 403
    assert client.get("/").status_code == 200, "still signed in"


def test_guessing_is_slowed_down_whether_the_login_exists_or_not(nobody: TestClient, house: House) -> None:
    People(house.tools).add("hoa", "Hoa", [Role.VERIFIER])
    for login in ("hoa", "khong.co.ai"):
        answers = [sign_in(nobody, login, f"sai lần {n}") for n in range(11)]
        assert [answer.status_code for answer in answers] == [401] * 10 + [429]
        assert int(answers[-1].headers["retry-after"]) > 0
        assert "Hãy đợi" in answers[-1].text


def test_a_first_password_opens_only_the_page_that_changes_it(nobody: TestClient, house: House) -> None:
    _, once = People(house.tools).add("hoa", "Hoa", [Role.DESK_OFFICER])
    assert sign_in(nobody, "hoa", once).headers["location"] == "/tai-khoan"
    assert nobody.get("/api/v1/dossiers").json()["code"] == "password_change_needed"
    assert nobody.get("/", follow_redirects=False).headers["location"] == "/tai-khoan"
    form = {"current": once, "new": MINE, "again": MINE}
    weak = nobody.post("/tai-khoan/mat-khau", data=form | {"new": "ngắn", "again": "ngắn"})
    assert (weak.status_code, "ít nhất 15" in weak.text) == (422, True)
    assert nobody.post("/tai-khoan/mat-khau", data=form | {"again": "khác"}).status_code == 422
    assert nobody.post("/tai-khoan/mat-khau", data=form, follow_redirects=False).status_code == 303
    assert nobody.get("/api/v1/dossiers").status_code == 200


def test_signing_out_everywhere_ends_every_session(client_of: Callable[..., TestClient], house: House) -> None:
    people = People(house.tools)
    account, once = people.add("hoa", "Hoa", [Role.DESK_OFFICER])
    people.change_password(account, once, MINE)
    here, there = client_of(), client_of()
    for browser in (here, there):
        assert sign_in(browser, "hoa", MINE).status_code == 303
    here.post("/dang-xuat-het")
    assert there.get("/api/v1/dossiers").status_code == 401


def test_keys_open_by_their_rights_and_end(nobody: TestClient, house: House) -> None:
    headers = key_for(house, Right.RESULTS_PULL)
    assert nobody.get("/api/v1/dossiers", headers=headers).status_code == 200
    refused = nobody.post("/api/v1/dossiers", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    (key,) = house.catalogue.access().keys()
    assert key.used_at is not None
    People(house.tools).revoke_key(key.id)
    ended = nobody.get("/api/v1/dossiers", headers=headers)
    assert (ended.status_code, ended.json()["code"]) == (401, "key_refused")
    assert ended.headers["www-authenticate"] == "Bearer"
    for rubbish in ("Bearer", "Bearer hoso_x", "Bearer " + "hoso_" + "x" * 5000, "Basic YTpi"):
        assert nobody.get("/api/v1/dossiers", headers={"Authorization": rubbish}).status_code == 401


@pytest.fixture
def slow_house(tmp_path: Path) -> Iterator[House]:
    access = AccessSettings(person_per_minute=5, machine_per_minute=7, address_per_minute=3)
    with build_house(Settings(home=tmp_path / "home", cores=1, access=access)) as built:
        yield built


def test_rates_hold_for_everybody_and_say_when_to_come_back(slow_house: House) -> None:
    with TestClient(build_app(slow_house), base_url=BASE, headers=OWN_PAGE) as client:
        person = {"Cookie": f"{LOCAL}={session_for(slow_house, *Role)}"}
        for headers, most in ((person, 5), (key_for(slow_house, Right.DOSSIER_READ), 7), ({}, 3)):
            path = "/api/v1/dossiers" if headers else "/api/v1/health/live"
            answers = [client.get(path, headers=headers) for _ in range(most + 1)]
            assert [answer.status_code for answer in answers] == [200] * most + [429]
            assert 1 <= int(answers[-1].headers["retry-after"]) <= 61
            assert answers[-1].json()["code"] == "too_many_requests"


def test_each_look_is_on_record_with_its_purpose(client: TestClient, house: House, waiting: Dossier) -> None:
    before = house.catalogue.ledger().size()
    client.get(f"/ho-so/{waiting.id}")
    client.get(f"/api/v1/dossiers/{waiting.id}")
    client.get(f"/api/v1/dossiers/{waiting.id}", headers={"Hoso-Purpose": "citizen_request"})
    client.get(f"/api/v1/dossiers/{waiting.id}/pages/1/image")
    client.get(f"/api/v1/dossiers/{waiting.id}", headers=key_for(house, Right.RESULTS_PULL))
    assert client.get(f"/api/v1/dossiers/{waiting.id}", headers={"Hoso-Purpose": "curiosity"}).status_code == 422
    client.get("/api/v1/dossiers")
    entries = [Entry.model_validate_json(line) for line in house.catalogue.ledger().lines(before)]
    looks = [(e.what["purpose"], e.what["what"]) for e in entries if e.kind == "read"]
    assert looks == [
        ("receive", "record"),
        ("citizen_request", "record"),
        ("receive", "page"),
        ("downstream", "record"),
    ]
    assert all(e.dossier == waiting.id for e in entries if e.kind == "read")


def test_a_decision_is_that_of_whoever_signed_in(client: TestClient, house: House, waiting: Dossier) -> None:
    body = {"who": "Người Khác", "decisions": [{"kind": "confirm", "document": "d1", "key": "ho_ten"}]}
    client.post(f"/api/v1/dossiers/{waiting.id}/decisions", json=body)
    assert {decision.who for decision in house.catalogue.decisions_of(waiting.id)} == {"Nguyễn Thị Hoa"}


def test_large_forms_are_turned_away_before_they_are_read(nobody: TestClient) -> None:
    answer = nobody.post("/api/v1/dossiers", content=b"x" * (5 << 20), headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
