"""What only an S3 server can do wrong, or right: keys, buckets, foreign objects, locks, uploads left behind."""

from __future__ import annotations

import hashlib
import json
import os
import time
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from minio.error import S3Error

from pipeline.errors import Exit
from pipeline.store.errors import (
    CorruptError,
    KeyTakenError,
    RetainedError,
    StoreAccessError,
    StoreOptionsError,
    StoreUnreachableError,
)
from pipeline.store.factory import StoreOptions, open_store
from pipeline.store.s3 import S3Store

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.store.seaweed import SeaweedServer


@pytest.fixture
def s3_real(s3_store: S3Store) -> S3Store:
    assert isinstance(s3_store, S3Store)
    return s3_store


def keys_of(server: SeaweedServer) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(server.keys_file.read_bytes())
    return found


def test_what_the_probe_saw(s3_real: S3Store) -> None:
    seen = s3_real.capabilities()
    assert (seen.kind, seen.immutable, seen.conditional_put, seen.versioning) == ("s3", True, True, True)
    assert (seen.retention, seen.legal_hold, seen.separate_keys, seen.encryption) == (True, True, False, False)
    s3_real.put_new("tests/one", b"x")
    listed = list(s3_real.keys())
    assert "tests/one" in listed
    assert not any(key.startswith(".") for key in listed)


def test_probing_again_leaves_nothing_more_behind(s3_real: S3Store, s3_options: StoreOptions) -> None:
    def probes() -> int:
        listed = s3_real._client.list_objects(s3_real._bucket, prefix=".hoso/", recursive=True, include_version=True)
        return len(list(listed))

    before = probes()
    assert open_store(s3_options).capabilities().conditional_put
    assert probes() == before == 5, "one for conditions, two versions, one retained, one held"


def test_a_locked_bucket_is_immutable(server: SeaweedServer) -> None:
    store = S3Store(server.endpoint, f"khoa-{uuid.uuid4().hex[:8]}", **keys_of(server), lock_days=1)
    assert store.capabilities().immutable
    store.put_new("a", b"x")
    with pytest.raises(RetainedError):
        store.delete("a")
    version = store._client.stat_object(store._bucket, "a").version_id
    with pytest.raises(S3Error, match="AccessDenied"):
        store._client.remove_object(store._bucket, "a", version_id=version)
    assert store.get("a") == b"x"
    ours = S3Store(server.endpoint, store._bucket, **keys_of(server), warning_vi="Máy này.")
    assert not ours.capabilities().immutable


def test_wrong_keys_are_held_with_their_own_remedy(server: SeaweedServer, s3_options: StoreOptions) -> None:
    access = keys_of(server)["access_key"]
    for keys in ((access, "wrong"), ("nobody", "wrong")):
        with pytest.raises(StoreAccessError) as caught:
            S3Store(server.endpoint, s3_options.bucket, *keys)
        assert caught.value.exit_code is Exit.HELD
        assert "wrong" not in str(caught.value)


def test_a_bucket_is_made_only_where_that_is_allowed(server: SeaweedServer) -> None:
    with pytest.raises(StoreAccessError):
        S3Store(server.endpoint, "chua-co", **keys_of(server), create_bucket=False)
    with pytest.raises(StoreOptionsError):
        S3Store(server.endpoint, "Kho_Sai", **keys_of(server))


def test_a_server_that_went_away_is_out_of_reach_within_seconds(s3_options: StoreOptions) -> None:
    store = open_store(s3_options)
    assert isinstance(store, S3Store)
    store._client._base_url._url = store._client._base_url._url._replace(netloc="127.0.0.1:9")
    begun = time.monotonic()
    for attempt in (lambda: store.get("a"), lambda: store.put_new("a", b"x"), lambda: list(store.keys())):
        with pytest.raises(StoreUnreachableError) as caught:
            attempt()
        assert caught.value.exit_code is Exit.HELD
    assert time.monotonic() - begun < 10


def test_foreign_and_changed_objects_are_corrupt(s3_real: S3Store, tmp_path: Path) -> None:
    key = f"tests/{uuid.uuid4()}"
    s3_real._requests.put(f"{key}/foreign", b"x", {})
    with pytest.raises(CorruptError):
        s3_real.get(f"{key}/foreign")
    with pytest.raises(CorruptError):
        s3_real.stat(f"{key}/foreign")
    s3_real._requests.put(f"{key}/changed", b"x", {"x-amz-meta-sha256": hashlib.sha256(b"y").hexdigest()})
    with pytest.raises(CorruptError):
        s3_real.get(f"{key}/changed")
    with pytest.raises(CorruptError):
        s3_real.fetch(f"{key}/changed", tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_without_conditional_put_nothing_is_replaced_either(s3_options: StoreOptions) -> None:
    store = open_store(s3_options)
    assert isinstance(store, S3Store)
    store._capabilities = replace(store.capabilities(), conditional_put=False)
    key = f"tests/{uuid.uuid4()}"
    stat = store.put_new(key, b"mot")
    assert store.put_new(key, b"mot") == stat
    with pytest.raises(KeyTakenError):
        store.put_new(key, b"hai")


def test_uploads_left_behind_are_thrown_away_later(server: SeaweedServer, s3_options: StoreOptions) -> None:
    options = s3_options.model_copy(update={"bucket": f"do-{uuid.uuid4().hex[:8]}"})
    store = open_store(options)
    assert isinstance(store, S3Store)
    upload = store._requests.begin("big", {})
    store._requests.part("big", upload, 1, os.urandom(1000))
    assert list(store.keys()) == []
    open_store(options)
    assert len(store._requests.pending()) == 1
    later = datetime.now(UTC) + timedelta(days=2)
    S3Store(server.endpoint, options.bucket, **keys_of(server), clock=lambda: later)
    assert store._requests.pending() == []
