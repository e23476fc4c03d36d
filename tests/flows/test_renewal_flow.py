"""The renewal flow on a real Prefect server: every filed dossier is looked at, and no more than times told."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import httpx
import pytest

from flows.renew import build_renewal_flow
from flows.server import PrefectServer, prefect_server
from flows.session import prepare, session
from pipeline.record import Dossier, Status
from pipeline.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.composition import House

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrefectServer]:
    settings = Settings(home=tmp_path_factory.mktemp("prefect-home"))
    before = dict(os.environ)
    with prefect_server(settings) as started:
        prepare(settings)
        started.url()
        yield started
    os.environ.clear()
    os.environ.update(before)


def test_every_filed_dossier_is_a_task(server: PrefectServer, house: House) -> None:
    """Two dossiers whose signed PDF is gone: found damaged, each of them, and the flow ends well."""
    for number in range(2):
        dossier = Dossier(id=f"hs-{number}", procedure=None, status=Status.FILED, received_at=house.tools.clock())
        house.catalogue.create_dossier(dossier)
    with session(server.url()):
        counts = build_renewal_flow(house.tools, retry_seconds=0.01)("2040-01-01T00:00:00+07:00", True)
    assert counts == {"damaged": 2}
    runs = httpx.post(f"{server.url()}/flow_runs/filter", json={}, trust_env=False).json()
    assert runs[0]["parameters"] == {"before": "2040-01-01T00:00:00+07:00", "dry_run": True}
