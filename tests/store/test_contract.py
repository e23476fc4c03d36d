"""What every store promises; the same tests run against a folder and against a real S3 server."""

from __future__ import annotations

import hashlib
import os
import threading
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from pipeline.store.around import Around
from pipeline.store.errors import (
    KeyRefusedError,
    KeyTakenError,
    NotFoundError,
    SourceUnreadableError,
    VerbUnsupportedError,
)
from pipeline.store.protocol import ObjectStore, Retention, RetentionMode

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def fresh(name: str = "file.bin") -> str:
    """A key of its own: the S3 server is shared by the tests of a module."""
    return f"tests/{uuid.uuid4()}/{name}"


def test_what_is_put_can_be_read_back(store: ObjectStore) -> None:
    key, data = fresh(), os.urandom(300_000)
    stat = store.put_new(key, data, "application/pdf")
    assert (stat.key, stat.size, stat.sha256) == (key, len(data), hashlib.sha256(data).hexdigest())
    assert store.get(key) == data
    assert store.stat(key) == stat


def test_empty_object(store: ObjectStore) -> None:
    key = fresh()
    assert store.put_new(key, b"").size == 0
    assert store.get(key) == b""


def test_a_file_is_streamed_in_and_out(store: ObjectStore, tmp_path: Path) -> None:
    source, target, key = tmp_path / "scan.tif", tmp_path / "out.tif", fresh("scan.tif")
    source.write_bytes(os.urandom(23_000_000))
    stat = store.put_new(key, source)
    assert stat.sha256 == hashlib.sha256(source.read_bytes()).hexdigest()
    assert store.fetch(key, target) == stat
    assert target.read_bytes() == source.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["out.tif", "scan.tif"]
    assert store.put_new(key, source) == stat
    other = tmp_path / "other.tif"
    other.write_bytes(os.urandom(23_000_000))
    with pytest.raises(KeyTakenError):
        store.put_new(key, other)
    assert store.stat(key) == stat


def test_equal_content_again_is_a_success_and_other_content_is_not(store: ObjectStore) -> None:
    key = fresh()
    first = store.put_new(key, b"mot")
    assert store.put_new(key, b"mot") == first
    with pytest.raises(KeyTakenError):
        store.put_new(key, b"hai")
    assert store.get(key) == b"mot"


def test_what_is_not_there(store: ObjectStore, tmp_path: Path) -> None:
    key = fresh()
    assert store.stat(key) is None
    with pytest.raises(NotFoundError):
        store.get(key)
    with pytest.raises(NotFoundError):
        store.fetch(key, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_source_that_cannot_be_read_is_not_the_stores_fault(store: ObjectStore, tmp_path: Path) -> None:
    key = fresh()
    with pytest.raises(SourceUnreadableError) as caught:
        store.put_new(key, tmp_path / "khong-co.pdf")
    assert caught.value.file == "khong-co.pdf"
    assert store.stat(key) is None


def test_keys_are_sorted_and_start_with_the_prefix(store: ObjectStore) -> None:
    root = f"tests/{uuid.uuid4()}"
    names = ["b/2", "b-1", "a", "b/10", "c/d/e"]
    for name in names:
        store.put_new(f"{root}/{name}", name.encode())
    assert list(store.keys(f"{root}/")) == sorted(f"{root}/{name}" for name in names)
    assert list(store.keys(f"{root}/b")) == sorted(f"{root}/{name}" for name in names if name.startswith("b"))
    assert list(store.keys(f"{root}/b/")) == [f"{root}/b/10", f"{root}/b/2"]
    assert list(store.keys(f"{root}/x")) == []


@pytest.mark.parametrize("key", ["", "/a", "a/", "a//b", "../a", "a/../b", ".hidden", "hồ-sơ", "a b", "a\n", "x" * 800])
def test_keys_that_nobody_may_use(store: ObjectStore, key: str) -> None:
    for attempt in (lambda: store.put_new(key, b"x"), lambda: store.get(key), lambda: store.stat(key)):
        with pytest.raises(KeyRefusedError):
            attempt()


def test_no_personal_number_in_a_key_nor_in_the_error(store: ObjectStore) -> None:
    with pytest.raises(KeyRefusedError) as caught:
        store.put_new("dossiers/001099012345/cccd.pdf", b"x")
    assert "001099012345" not in str(caught.value)
    assert "001099012345" not in repr(caught.value.__dict__)


def test_of_many_racing_writers_one_wins_and_the_others_hear_of_it(store: ObjectStore) -> None:
    key = fresh()
    outcomes: list[tuple[int, str | None]] = []
    gate = threading.Barrier(8)

    def write(number: int) -> None:
        gate.wait()
        try:
            outcomes.append((number, store.put_new(key, f"content {number % 4}".encode()).sha256))
        except KeyTakenError:
            outcomes.append((number, None))

    writers = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    there = store.get(key)
    digest = hashlib.sha256(there).hexdigest()
    assert len(outcomes) == 8
    for number, sha256 in outcomes:
        assert sha256 == (digest if f"content {number % 4}".encode() == there else None)


def test_capabilities_speak_to_the_operator(store: ObjectStore) -> None:
    capabilities = store.capabilities()
    assert capabilities.kind
    assert capabilities.conditional_put
    proofs = {proof.capability: proof.proved for proof in capabilities.proofs}
    names = ("conditional_put", "versioning", "retention", "legal_hold", "separate_keys", "encryption")
    assert proofs == {name: getattr(capabilities, name) for name in names}
    assert all(proof.seen for proof in capabilities.proofs)
    assert capabilities.immutable == capabilities.retention
    assert capabilities.immutable == ("không chống xóa" not in capabilities.note_vi)


def test_one_version_and_its_destruction(store: ObjectStore) -> None:
    key, beside = fresh("a"), fresh("b")
    assert store.versions(key) == []
    assert store.delete(key) == 0
    stat = store.put_new(key, b"mot")
    store.put_new(f"{key}.jws", b"beside")
    store.put_new(beside, b"hai")
    store.put_new(key, b"mot")
    (version,) = store.versions(key)
    assert (version.size, version.latest, version.marker) == (3, True, False)
    assert abs(version.written_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert store.delete(key) == 1
    assert store.stat(key) is None
    assert store.versions(key) == []
    with pytest.raises(NotFoundError):
        store.get(key)
    assert (store.get(beside), store.get(f"{key}.jws")) == (b"hai", b"beside")
    assert store.put_new(key, b"khac").sha256 != stat.sha256
    assert store.get(key) == b"khac"


def test_what_a_medium_cannot_do_is_refused_by_type(store: ObjectStore) -> None:
    """A store that does not claim a protection refuses the verb; one that claims it does it."""
    key = fresh()
    store.put_new(key, b"x")
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    if store.capabilities().retention:
        assert store.retention(key) is None
        assert store.retain(key, until, RetentionMode.GOVERNANCE) == Retention(until, RetentionMode.GOVERNANCE)
        store.hold(key, on=True)
        assert store.held(key)
        store.hold(key, on=False)
        assert not store.held(key)
        return
    refusals: list[Callable[[], object]] = [
        lambda: store.retain(key, until, RetentionMode.GOVERNANCE),
        lambda: store.retention(key),
        lambda: store.hold(key, on=True),
        lambda: store.held(key),
        lambda: store.presign(key, timedelta(minutes=1)),
    ]
    for refusal in refusals:
        with pytest.raises(VerbUnsupportedError):
            refusal()


def test_a_store_round_another_does_what_that_one_does(folder_store: ObjectStore) -> None:
    public = {name for name in vars(ObjectStore) if not name.startswith("_")}
    assert public <= set(vars(Around)), "a verb that Around forgot would be lost in a sealed store"
    around: ObjectStore = Around(folder_store)
    key = fresh()
    around.put_new(key, b"x")
    assert (around.get(key), around.stat(key)) == (b"x", folder_store.stat(key))
    assert list(around.keys("tests/")) == [key]
    with pytest.raises(VerbUnsupportedError):
        around.hold(key, on=True)
    assert around.delete(key) == 1
    assert folder_store.stat(key) is None
