"""The head of every page and the page where a day begins: each role gets there, and only to what it may open."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from api.i18n import COOKIE, LANGUAGES
from api.navigation import LINKS, STARTS, links_for
from pipeline.access.principal import Principal
from pipeline.access.roles import RIGHTS, Role


def test_every_link_of_the_navigation_opens_for_whoever_sees_it_and_for_nobody_else(
    client_of: Callable[..., TestClient],
) -> None:
    for role in Role:
        client = client_of(role)
        seen = {link.href for link in links_for(Principal("a", "A", "H", RIGHTS[role]))}
        for link in LINKS:
            status = client.get(link.href, follow_redirects=False).status_code
            assert (status == 200) == (link.href in seen), f"{role} {link.href}: {status}"


@pytest.mark.parametrize("role", list(Role))
def test_a_day_begins_where_the_work_is(client_of: Callable[..., TestClient], role: Role) -> None:
    client = client_of(role)
    first = client.get("/", follow_redirects=False)
    assert first.status_code == 303
    assert client.get(first.headers["location"], follow_redirects=False).status_code == 200
    wanted = {
        Role.DESK_OFFICER: "/quay",
        Role.VERIFIER: "/kiem-du-lieu",
        Role.APPRAISER: "/xu-ly",
        Role.LEADER: "/xu-ly",
        Role.SEAL_KEEPER: "/xu-ly",
        Role.AUDITOR: "/tong-quan",
        Role.ADMINISTRATOR: "/tong-quan",
    }
    assert first.headers["location"] == wanted[role]


def test_each_start_is_a_page_of_the_navigation() -> None:
    assert {href for _, href in STARTS} <= {link.href for link in LINKS}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_head_names_the_place_in_the_visitors_language(client: TestClient, language: str) -> None:
    client.cookies.set(COOKIE, language, domain="127.0.0.1")
    page = client.get("/ho-so").text
    assert f'<html lang="{language}">' in page
    assert 'href="/ho-so" aria-current="page"' in page
    assert ("Hồ sơ gần đây" in page) == (language == "vi")
    assert ("Recent dossiers" in page) == (language == "en")
