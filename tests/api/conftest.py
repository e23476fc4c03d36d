"""A house over a folder of its own, with the app over it; no models are loaded unless a test reads a page."""

import hashlib
import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from chromium import CHROMIUM, Browser, opened
from fastapi import FastAPI
from live import pages_of, served
from PIL import Image
from signing_in import BASE, OWN_PAGE, session_for

from api.access.cookies import LOCAL
from api.app import build_app
from extractors.fields import FieldStatus, Source
from pipeline.access.roles import Role
from pipeline.composition import House, build_house
from pipeline.keys import page_key
from pipeline.record import DocumentRecord, Dossier, Event, FieldRecord, PageRecord, Status
from pipeline.settings import ApiSettings, Settings
from pipeline.stages import STAGES

with warnings.catch_warnings():
    # It says that another client than httpx is coming; httpx is what this project has.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    settings = Settings(home=tmp_path / "home", cores=2, api=ApiSettings(max_upload_mb=1))
    with build_house(settings) as built:
        yield built


@pytest.fixture
def app(house: House) -> FastAPI:
    return build_app(house)


@pytest.fixture
def client_of(house: House, app: FastAPI) -> Iterator[Callable[..., TestClient]]:
    """`client_of(Role.VERIFIER, agency="H01.02")`: a browser with a session; without a role, one without a session."""
    with ExitStack() as opened_clients:

        def made(*roles: Role, agency: str | None = None, name: str = "Nguyễn Thị Hoa") -> TestClient:
            client = TestClient(
                app, base_url=BASE, raise_server_exceptions=False, headers=OWN_PAGE, client=("127.0.0.1", 50_000)
            )
            if roles:
                client.cookies.set(LOCAL, session_for(house, *roles, agency=agency, name=name))
            return opened_clients.enter_context(client)

        yield made


@pytest.fixture
def client(client_of: Callable[..., TestClient]) -> TestClient:
    """Signed in with every role of the installation's own agency."""
    return client_of(*Role)


@pytest.fixture
def waiting(house: House) -> Dossier:
    """A dossier with one page and one doubtful field, waiting for a person."""
    stream = io.BytesIO()
    Image.new("RGB", (200, 300), "white").save(stream, "PNG")
    image = stream.getvalue()
    sha256 = hashlib.sha256(image).hexdigest()
    house.store.put_new(page_key(sha256, "image/png"), image, "image/png")
    field = FieldRecord(
        value="Nguyễn Văn An",
        raw="Nguyễn Văn An",
        probability=0.71,
        source=Source.LABEL,
        page=1,
        box=(10, 20, 110, 60),
        status=FieldStatus.DOUBTFUL,
        reason="below_threshold",
        label="Họ và tên",
    )
    page = PageRecord(
        number=1,
        file="quét.png",
        file_page=1,
        width=200,
        height=300,
        dpi=100,
        media_type="image/png",
        image_sha256=sha256,
    )
    paper = DocumentRecord(
        id="d1",
        type="cccd",
        title="Thẻ căn cước",
        component=None,
        pages=(1,),
        probability=0.9,
        fields={"ho_ten": field},
    )
    dossier = Dossier(
        id="hs-261121-00000001",
        procedure=None,
        status=Status.WAITS,
        received_at=NOW,
        pages=(page,),
        documents=(paper,),
        events=tuple(Event(stage=stage, at=NOW, seconds=0.1) for stage in STAGES[:5]),
    )
    house.catalogue.create_dossier(dossier)
    return dossier


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    with opened(tmp_path / "profile") as made:
        yield made


@pytest.fixture
def address(app: FastAPI) -> Iterator[str]:
    """Where the app answers on a port of its own."""
    with served(app) as found:
        yield found


@pytest.fixture
def signed_in_page(house: House, address: str) -> Iterator[Callable[..., Any]]:
    """`signed_in_page(Role.VERIFIER, size="phone", language="en")`: a Playwright page; mark tests `browser`."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    with pages_of(house, address) as made:
        yield made
