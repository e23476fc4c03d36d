"""Sealed objects on a medium: nothing plain lies there, nothing that was changed or exchanged opens."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from contextlib import closing
from datetime import timedelta
from hashlib import sha256

import pytest
from vault_samples import PERSON, vault_at

from pipeline.keys import original_key, page_key
from pipeline.store.errors import KeyTakenError, NotFoundError
from pipeline.store.folder import FolderStore
from pipeline.vault import format as f
from pipeline.vault.errors import KeyDestroyedError, PresignSealedError, SealBrokenError
from pipeline.vault.sealed import SealedStore

DATA = PERSON.encode() * 50
KEY = "journal/hs-251103-abcdefgh/received.json"


@pytest.fixture
def vault(tmp_path):
    with closing(vault_at(tmp_path)) as made:
        yield made


@pytest.fixture
def medium(tmp_path):
    return FolderStore(tmp_path / "medium")


@pytest.fixture
def store(medium, vault, tmp_path):
    return SealedStore(medium, vault, tmp_path / "work")


def content(data: bytes) -> str:
    return original_key(sha256(data).hexdigest())


def harm(medium, key: str, change) -> None:
    """Replaces an object on the medium, sum and all, as one who may write there can."""
    data = medium.get(key)
    medium.delete(key)
    medium.put_new(key, change(data))


def test_the_medium_holds_nothing_plain(store, medium):
    for key in (KEY, content(DATA), page_key("ab" * 32, "image/png"), "acts/2025/x.json"):
        store.put_new(key, DATA)
        assert store.get(key) == DATA
        assert PERSON.encode() not in medium.get(key)
        assert sha256(DATA).digest() not in medium.get(key)
        assert sha256(DATA).hexdigest().encode() not in medium.get(key)
    assert list(store.keys()) == list(medium.keys())
    assert store.capabilities().encryption


@pytest.mark.parametrize("size", [0, 1, (1 << 18) - 1, 1 << 18, (1 << 18) + 1, 5 << 18, (4 << 20) + 7])
def test_every_size_comes_back(store, medium, tmp_path, size):
    data = os.urandom(size)
    stat = store.put_new(KEY, data)
    assert (stat.size, stat.sha256) == (size, sha256(data).hexdigest())
    assert store.get(KEY) == data
    assert store.fetch(KEY, tmp_path / "out") == stat == store.stat(KEY)
    assert (tmp_path / "out").read_bytes() == data
    assert f.plain_size(medium.stat(KEY).size) == size
    assert not list((tmp_path / "work").glob("*")) if (tmp_path / "work").exists() else True


HARMS = {
    "a bit of the content": lambda data: data[:-1] + bytes([data[-1] ^ 1]),
    "a bit of the header": lambda data: data[:80] + bytes([data[80] ^ 1]) + data[81:],
    "the size of pieces": lambda data: data[:24] + bytes([10]) + data[25:],
    "a piece cut off": lambda data: data[: f.HEADER + (1 << 18) + 16],
    "the end cut off": lambda data: data[:-20],
    "pieces swapped": lambda data: (
        data[: f.HEADER]
        + data[f.HEADER + (1 << 18) + 16 : f.HEADER + 2 * ((1 << 18) + 16)]
        + data[f.HEADER : f.HEADER + (1 << 18) + 16]
        + data[f.HEADER + 2 * ((1 << 18) + 16) :]
    ),
    "a byte more": lambda data: data + b"x",
    "only a header": lambda data: data[: f.HEADER],
    "half a header": lambda data: data[:60],
}


@pytest.mark.parametrize("name", HARMS)
def test_what_was_changed_on_the_medium_does_not_open(store, medium, tmp_path, name):
    store.put_new(KEY, os.urandom(3 << 18))
    harm(medium, KEY, HARMS[name])
    with pytest.raises(SealBrokenError):
        store.get(KEY)
    with pytest.raises(SealBrokenError):
        store.fetch(KEY, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_objects_cannot_be_exchanged(store, medium):
    other = "journal/hs-251103-abcdefgh/decided-1.json"
    store.put_new(KEY, b"one")
    store.put_new(other, b"two")
    mine = medium.get(other)
    harm(medium, KEY, lambda _: mine)
    with pytest.raises(SealBrokenError):
        store.get(KEY)


def test_equal_content_is_a_success_and_other_content_is_not(store, medium):
    first = store.put_new(KEY, DATA)
    lies = medium.stat(KEY)
    assert store.put_new(KEY, DATA) == first
    assert medium.stat(KEY) == lies
    with pytest.raises(KeyTakenError):
        store.put_new(KEY, DATA + b"x")


def test_addresses_are_refused(store):
    store.put_new(KEY, DATA)
    with pytest.raises(PresignSealedError):
        store.presign(KEY, timedelta(hours=1))


def test_what_was_stored_before_stays_readable(store, medium, tmp_path):
    key = content(DATA)
    stat = medium.put_new(key, DATA)
    assert store.get(key) == DATA
    assert store.stat(key) == stat == store.put_new(key, DATA) == store.fetch(key, tmp_path / "out")
    assert not store.is_sealed(key)
    store.put_new(KEY, DATA)
    assert store.is_sealed(KEY)


def test_a_destroyed_dossier_is_gone_and_stays_gone(store, vault, tmp_path):
    store.put_new(KEY, DATA)
    vault.destroy("hs-251103-abcdefgh", "yêu cầu")
    for use in (store.get, store.stat, lambda key: store.fetch(key, tmp_path / "out")):
        with pytest.raises(KeyDestroyedError):
            use(KEY)
    with pytest.raises(KeyDestroyedError):
        store.put_new(KEY, DATA)
    with pytest.raises(KeyDestroyedError):
        store.put_new("filed/hs-251103-abcdefgh/x/y.pdf", DATA)


def test_a_scan_of_two_dossiers_stays_for_the_second(store, vault):
    key, digest = content(DATA), sha256(DATA).hexdigest()
    store.put_new(key, DATA)
    vault.hold("d1", [digest])
    store.put_new(key, DATA)
    vault.hold("d2", [digest])
    vault.link("d1", "anna")
    vault.destroy("anna", "x")
    assert store.get(key) == DATA
    vault.destroy("d2", "x")
    with pytest.raises(KeyDestroyedError):
        store.get(key)


def test_a_scan_that_comes_again_after_its_end_lies_beside(store, medium, vault, tmp_path):
    key, digest = content(DATA), sha256(DATA).hexdigest()
    for number in range(3):
        stat = store.put_new(key, DATA)
        vault.hold(f"d{number}", [digest])
        assert store.get(key) == DATA
        assert store.stat(key) == stat == store.fetch(key, tmp_path / "out")
        vault.destroy(f"d{number}", "x")
        with pytest.raises(KeyDestroyedError):
            store.get(key)
    assert list(medium.keys()) == [key, f"{key}+1", f"{key}+2"]
    assert list(store.keys()) == [key]
    assert store.delete(key) == 3
    with pytest.raises(NotFoundError):
        store.get(key)


@pytest.mark.slow
def test_a_large_file_never_sits_in_memory(tmp_path):
    """A child with little room stores and fetches a file that would not fit."""
    big = tmp_path / "big.bin"
    with big.open("wb") as stream:
        for _ in range(96):
            stream.write(os.urandom(1 << 20))
    script = """
        import resource, sys
        from datetime import UTC, datetime
        from pathlib import Path
        from pipeline.settings import Settings
        from pipeline.store.folder import FolderStore
        from pipeline.vault.factory import build_vault
        from pipeline.vault.sealed import SealedStore
        home = Path(sys.argv[1])
        vault = build_vault(Settings(home=home), lambda: datetime.now(UTC))
        store = SealedStore(FolderStore(home / "m"), vault, home / "work")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        stat = store.put_new("filed/d1/x/big.bin", home / "big.bin")
        store.fetch("filed/d1/x/big.bin", home / "out.bin")
        print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 30, "MiB more than before"
    assert (tmp_path / "out.bin").stat().st_size == big.stat().st_size
