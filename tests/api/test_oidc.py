"""Sign-in at an identity provider that really signs: the way of an honest person, and of ten attackers."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from identity_provider import CLIENT, SECRET, IdentityProvider, another_key, unsigned
from joserfc.jwk import OctKey
from live import served
from signing_in import BASE, OWN_PAGE
from starlette.testclient import TestClient

from api.access.cookies import LOCAL
from api.app import build_app
from pipeline.access.roles import Role
from pipeline.access.settings import AccessSettings, OidcSettings
from pipeline.composition import House, build_house
from pipeline.settings import Settings

COMES_BACK = "/dang-nhap/oidc/ve"


@pytest.fixture(scope="module")
def provider() -> Iterator[IdentityProvider]:
    made = IdentityProvider()
    with served(made.app()) as address:
        made.issuer = address
        yield made


@pytest.fixture
def house(tmp_path: Path, provider: IdentityProvider) -> Iterator[House]:
    (tmp_path / "secret").write_text(SECRET + "\n")
    oidc = OidcSettings(
        issuer=provider.issuer,
        client_id=CLIENT,
        client_secret_file=tmp_path / "secret",
        roles_claim="groups",
        roles={"mot-cua": (Role.DESK_OFFICER,), "lanh-dao": (Role.LEADER,)},
        agency_claim="unit",
        agencies={"A": "H00.00", "B": "H01.02"},
    )
    access = AccessSettings(local=False, oidc=oidc, agencies={"H01.02": "Xã B"})
    with build_house(Settings(home=tmp_path / "home", cores=1, access=access)) as built:
        provider.person = {"sub": "1001", "name": "Nguyễn Thị Hoa", "groups": ["mot-cua", "khac"], "unit": "A"}
        provider.forge = lambda claims: claims
        yield built


@pytest.fixture
def browser(house: House) -> Iterator[TestClient]:
    app = build_app(house)
    with TestClient(app, base_url=BASE, headers=OWN_PAGE, follow_redirects=False) as made:
        yield made


def at_provider(browser: TestClient, to: str = "/") -> str:
    """Goes there, and returns the address at which it comes back."""
    away = browser.get(f"/dang-nhap/oidc?ve={to}")
    assert away.status_code == 303
    came = httpx.get(away.headers["location"], trust_env=False)
    return came.headers["location"].removeprefix(BASE)


def test_a_person_comes_in_and_goes(browser: TestClient, house: House, provider: IdentityProvider) -> None:
    answer = browser.get(at_provider(browser, "/kiem-tra"))
    assert answer.status_code == 200
    assert 'content="0; url=/kiem-tra"' in answer.text
    assert browser.get("/").headers["location"] == "/quay", "the page where a desk officer begins"
    (account,) = house.catalogue.access().accounts()
    assert (account.name, account.roles, account.agency) == ("Nguyễn Thị Hoa", (Role.DESK_OFFICER,), "H00.00")
    assert account.login == account.id, "no name or number of the provider's is a login here"
    assert [line for line in house.catalogue.ledger().lines() if b'"how":"oidc"' in line]
    left = browser.post("/dang-xuat")
    assert f"{provider.issuer}/end?id_token_hint=" in left.text
    assert "password" not in browser.get("/dang-nhap").text, "local accounts are turned off"
    assert browser.get("/").headers["location"].startswith("/dang-nhap")


def test_roles_and_agency_are_those_of_the_day(browser: TestClient, house: House, provider: IdentityProvider) -> None:
    browser.get(at_provider(browser))
    provider.person |= {"groups": "lanh-dao", "unit": "B"}
    browser.get(at_provider(browser))
    (account,) = house.catalogue.access().accounts()
    assert (account.roles, account.agency) == ((Role.LEADER,), "H01.02")


@pytest.mark.parametrize(
    "change",
    [{"groups": ["khac"]}, {"groups": []}, {"groups": None}, {"groups": {"mot-cua": 1}}, {"unit": "Z"}, {"unit": None}],
)
def test_nobody_comes_in_without_a_role_and_an_agency(browser: TestClient, provider: IdentityProvider, change) -> None:
    provider.person |= change
    assert browser.get(at_provider(browser)).status_code == 403
    assert LOCAL not in browser.cookies


ATTACKS = {
    "another nonce": lambda p, c: c | {"nonce": "of-an-earlier-token"},
    "no nonce": lambda p, c: {k: v for k, v in c.items() if k != "nonce"},
    "for another client": lambda p, c: c | {"aud": "other"},
    "for two, not given to us": lambda p, c: c | {"aud": [CLIENT, "other"], "azp": "other"},
    "of another issuer": lambda p, c: c | {"iss": "https://evil.example"},
    "expired": lambda p, c: c | {"exp": c["iat"] - 120},
    "never expires": lambda p, c: {k: v for k, v in c.items() if k != "exp"},
    "from the future": lambda p, c: c | {"iat": c["iat"] + 3600},
    "no subject": lambda p, c: c | {"sub": ""},
    "alg none": lambda p, c: unsigned(c),
    "signed by another key": lambda p, c: p.sign(c, another_key(), "ES256"),
    "signed with the public key as a shared secret": lambda p, c: p.sign(
        c, OctKey.import_key(p.key.as_pem(private=False)), "HS256"
    ),
    "no token": lambda p, c: "rubbish",
}


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize("attack", ATTACKS)
def test_a_token_that_is_not_for_us_opens_nothing(
    browser: TestClient, house: House, provider: IdentityProvider, attack: str
) -> None:
    provider.forge = lambda claims: ATTACKS[attack](provider, claims)
    used = provider.used
    assert browser.get(at_provider(browser)).status_code == 403
    assert provider.used == used + 1, "the token came, and was refused"
    assert LOCAL not in browser.cookies
    assert house.catalogue.access().accounts() == []


def test_what_comes_back_counts_once_and_here_only(browser: TestClient, house: House, provider) -> None:
    back = at_provider(browser)
    assert browser.get(back).status_code == 200
    browser.cookies.clear()
    assert browser.get(back).status_code == 403, "the same answer again"
    # A victim's browser is sent the attacker's answer.
    attackers = at_provider(browser)
    browser.cookies.clear()
    assert browser.get(attackers).status_code == 403
    state = at_provider(browser).partition("state=")[2].partition("&")[0]
    for query in ("", "state=x&code=y", f"state={state}&error=access_denied", "code=y"):
        assert browser.get(f"{COMES_BACK}?{query}").status_code == 403
    other = at_provider(browser)
    mixed = other.rpartition("&iss=")[0] + "&iss=https%3A%2F%2Fevil.example"
    assert browser.get(mixed).status_code == 403
    assert LOCAL not in browser.cookies


def test_a_code_that_was_used_elsewhere_is_refused_by_the_provider(browser: TestClient, provider) -> None:
    back = at_provider(browser)
    provider.codes.clear()
    assert browser.get(back).status_code == 403


def test_new_keys_of_the_provider_are_asked_for(browser: TestClient, provider: IdentityProvider) -> None:
    assert browser.get(at_provider(browser)).status_code == 200
    provider.turn_keys()
    assert browser.get(at_provider(browser)).status_code == 200


def test_the_way_back_stays_here_and_a_provider_that_is_gone_is_said(browser: TestClient, house: House, provider):
    answer = browser.get(at_provider(browser, "https://evil.example/"))
    assert 'content="0; url=/"' in answer.text
    gone = house.settings.access.oidc.model_copy(update={"issuer": "http://127.0.0.1:9"})
    access = house.settings.access.model_copy(update={"oidc": gone})
    with build_house(house.settings.model_copy(update={"access": access})) as other:
        client = TestClient(build_app(other), base_url=BASE, follow_redirects=False)
        assert client.get("/dang-nhap/oidc").status_code == 403
