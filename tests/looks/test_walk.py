"""Every page there is, found by asking the app: in both languages, at both sizes, by mouse and by keyboard.

A route that answers with HTML is a page. Whoever adds one has nothing to do here, unless its path names something new:
then a sample of that goes into `sample_house.py`. HOSO_SCREENSHOTS names a folder that keeps what was seen.
"""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from chromium import needs_chromium
from fastapi.routing import iter_route_contexts
from live import SIZES
from looking import Judge
from signing_in import session_for

from api.access.cookies import LOCAL
from api.access.gate import Declared
from api.i18n import LANGUAGES
from pipeline.access.people import People
from pipeline.access.roles import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fastapi import FastAPI
    from sample_house import Samples

    from pipeline.composition import House

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default"), needs_chromium]
FOR_MACHINES = ("/api/", "/metrics", "/texts/", "/static", "/dang-nhap/oidc")
MANY = {"/ho-so/{dossier_id}"}
"""Where a page is another one for each sample; elsewhere the first is looked at."""
# A page that a script fills is whole when this is there.
READY = {
    "/quay": "#find",
    "/quay/{dossier_id}": "#desk:not([aria-busy=true])",
    "/kiem-du-lieu": "#review[data-state]",
    "/man-hinh": "#lead",
}


def pages(app: FastAPI, samples: Samples) -> Iterator[tuple[str, str, bool]]:
    """(path as declared, path as asked for, whether it is open to everybody)."""
    for context in iter_route_contexts(app.routes):
        path = context.path or ""
        if "GET" not in (context.methods or ()) or path.startswith(FOR_MACHINES):
            continue
        declared = [d.call for d in context.dependant.dependencies if isinstance(d.call, Declared)]
        names = re.findall(r"\{(\w+)", path)
        if not set(names) <= samples.fillings.keys():
            continue  # test_every_parameter_has_a_sample says so
        most = None if path in MANY else 1
        for values in product(*(samples.fillings[name][:most] for name in names)):
            filled = path
            for name, value in zip(names, values, strict=True):
                filled = re.sub(rf"\{{{name}(:\w+)?\}}", value, filled)
            yield path, filled, declared[0].opening == "open"


def shows_html(address: str, path: str, secret: str) -> bool:
    """Streams and downloads are no pages; a page that refuses this sample is none, either."""
    with httpx.stream(
        "GET", address + path, cookies={LOCAL: secret}, timeout=60, trust_env=False, headers={"Accept": "text/html"}
    ) as answer:
        assert answer.status_code < 500, path
        return answer.status_code == 200 and answer.headers.get("content-type", "").startswith("text/html")


def name_of(path: str) -> str:
    return path.strip("/").replace("/", "-") or "start"


def test_every_parameter_has_a_sample(app: FastAPI, samples: Samples) -> None:
    paths = [context.path or "" for context in iter_route_contexts(app.routes) if "GET" in (context.methods or ())]
    asked = {name for path in paths if not path.startswith(FOR_MACHINES) for name in re.findall(r"\{(\w+)", path)}
    assert asked <= samples.fillings.keys(), "tests/looks/sample_house.py lacks samples"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page(
    *, app: FastAPI, samples: Samples, house: House, address: str, open_page: Callable[..., Any], language: str
) -> None:
    judge = Judge(language)
    secret = session_for(house, *Role)
    inside, outside = open_page(*Role, language=language), open_page(language=language)
    judge.listen(inside)
    judge.listen(outside)
    walked = set()
    for declared, path, is_open in pages(app, samples):
        if not shows_html(address, path, secret):
            continue
        page = outside if is_open else inside
        page.goto(path)
        judge.look(page, name_of(path), ready=READY.get(declared, ""))
        if declared not in walked:
            judge.tab_through(page, name_of(path))
        walked.add(declared)
    assert len(walked) >= 10
    assert judge.found == [], "\n".join(judge.found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_answers_to_forms(house: House, samples: Samples, open_page: Callable[..., Any], language: str) -> None:
    judge = Judge(language)
    page = open_page(*Role, language=language)
    judge.listen(page)
    page.goto("/kho")
    page.locator("#text").fill("nguyen van an")
    page.keyboard.press("Enter")
    page.locator(".kho-table").wait_for()
    judge.look(page, "kho-found")
    page.goto("/kiem-tra")
    page.set_input_files("#file", {"name": "giấy.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 rest"})
    page.locator("main form button").click()
    page.locator(".verdict").wait_for()
    judge.look(page, "kiem-tra-report")
    page.goto("/ho-so/hs-261121-99999999")
    judge.look(page, "error-unknown")
    page.goto("/khong-co")
    judge.look(page, "error-address")
    door = open_page(language=language)
    login = f"moi.{language}"
    _, once = People(house.tools).add(login, "Lê Thị Mới", [Role.DESK_OFFICER])
    door.goto("/dang-nhap")
    for password in ("sai mất rồi bạn ơi", once):
        door.locator("#login").fill(login)
        door.locator("#password").fill(password)
        door.keyboard.press("Enter")
        door.locator("[role=alert], #current").first.wait_for()
        judge.look(door, f"door-{'wrong' if password != once else 'first'}")
    assert judge.found == [], "\n".join(judge.found)


@pytest.mark.parametrize("role", list(Role))
def test_the_head_of_each_role_fits(samples: Samples, open_page: Callable[..., Any], role: Role) -> None:
    page = open_page(role, name="Nguyễn Thị Hoàng Phương Linh")
    page.goto("/tai-khoan")
    for width, height in SIZES.values():
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.locator("header.top").bounding_box()["height"] < height / 4
