from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.store.errors import StoreOptionsError, StoreUnreachableError
from pipeline.store.factory import StoreOptions, open_store, opened_store

if TYPE_CHECKING:
    from pathlib import Path


def test_a_folder_is_the_default(tmp_path: Path) -> None:
    with opened_store(StoreOptions(folder=tmp_path / "kho")) as store:
        assert store.capabilities().kind == "folder"
        store.put_new("a", b"x")
    assert open_store(StoreOptions(folder=tmp_path / "kho")).get("a") == b"x"


def test_an_unknown_kind_is_answered_with_the_known_ones() -> None:
    with pytest.raises(StoreOptionsError, match="known: folder, s3, seaweedfs"):
        open_store(StoreOptions(kind="ftp"))


@pytest.mark.parametrize(
    ("options", "missing"),
    [
        (StoreOptions(), "folder"),
        (StoreOptions(kind="s3"), "endpoint"),
        (StoreOptions(kind="s3", endpoint="http://127.0.0.1:1"), "keys_file"),
        (StoreOptions(kind="seaweedfs"), "folder"),
    ],
)
def test_what_is_missing_is_named(options: StoreOptions, missing: str) -> None:
    with pytest.raises(StoreOptionsError, match=f"needs `{missing}`"):
        open_store(options)


def test_a_keys_file_is_never_quoted(tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    options = StoreOptions(kind="s3", endpoint="http://127.0.0.1:1", keys_file=keys)
    with pytest.raises(StoreOptionsError, match=r"keys\.json"):
        open_store(options)
    keys.write_text('{"access_key": "AK", "secret": "very-secret"}')
    with pytest.raises(StoreOptionsError) as caught:
        open_store(options)
    assert "very-secret" not in str(caught.value)


@pytest.mark.parametrize("endpoint", ["127.0.0.1:1", "ftp://x", "http://", "http://a:b@x", "http://x/path"])
def test_an_endpoint_is_scheme_and_host(tmp_path: Path, endpoint: str) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text('{"access_key": "AK", "secret_key": "SK"}')
    with pytest.raises(StoreOptionsError):
        open_store(StoreOptions(kind="s3", endpoint=endpoint, keys_file=keys))


def test_a_server_that_does_not_run_is_out_of_reach(tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text('{"access_key": "AK", "secret_key": "SK"}')
    with pytest.raises(StoreUnreachableError):
        open_store(StoreOptions(kind="s3", endpoint="http://127.0.0.1:9", keys_file=keys))
    with pytest.raises(StoreUnreachableError):
        open_store(StoreOptions(kind="seaweedfs", folder=tmp_path))
