from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.store.folder import FolderStore

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.store.protocol import ObjectStore


@pytest.fixture(params=["folder"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    return FolderStore(tmp_path / "kho")
