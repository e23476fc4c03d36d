"""A house over a folder of its own, with the app over it; no models are loaded unless a test reads a page."""

import hashlib
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from chromium import Browser, opened
from client import TestClient
from PIL import Image

from extractors.fields import FieldStatus, Source
from pipeline.access.roles import Role
from pipeline.composition import House, build_house
from pipeline.keys import page_key
from pipeline.record import DocumentRecord, Dossier, Event, FieldRecord, PageRecord, Status
from pipeline.settings import ApiSettings, Settings
from pipeline.stages import STAGES

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    settings = Settings(home=tmp_path / "home", cores=2, api=ApiSettings(max_upload_mb=1))
    with build_house(settings) as built:
        yield built


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
