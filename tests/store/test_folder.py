"""Failures of a folder, by name: killed writers, full disks, changed bytes, lost folders."""

from __future__ import annotations

import hashlib
import os
import resource
import signal
import subprocess
import sys
import textwrap
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline.errors import Exit
from pipeline.store.errors import CorruptError, KeyTakenError, NotFoundError, StoreUnreachableError
from pipeline.store.folder import FolderStore

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]


def child(code: str, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", textwrap.dedent(code), *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)


def leftovers(root: Path) -> list[Path]:
    return list((root / "tmp").iterdir())


def test_changed_bytes_are_found(folder_store: FolderStore, tmp_path: Path) -> None:
    folder_store.put_new("a/b.pdf", b"noi dung goc")
    path = tmp_path / "kho" / "objects" / "a" / "b.pdf"
    path.chmod(0o600)
    path.write_bytes(b"noi dung SUA")
    with pytest.raises(CorruptError):
        folder_store.get("a/b.pdf")
    with pytest.raises(CorruptError):
        folder_store.fetch("a/b.pdf", tmp_path / "out.pdf")
    assert not (tmp_path / "out.pdf").exists()
    path.write_bytes(b"cut")
    with pytest.raises(CorruptError):
        folder_store.stat("a/b.pdf")


def test_a_lost_sum_is_not_made_up(folder_store: FolderStore, tmp_path: Path) -> None:
    folder_store.put_new("a", b"x")
    for path in (tmp_path / "kho" / "sums" / "a").iterdir():
        path.unlink()
    with pytest.raises(CorruptError):
        folder_store.get("a")


def test_a_sum_without_its_object_means_nothing(folder_store: FolderStore, tmp_path: Path) -> None:
    """A writer that died between the two steps has promised nothing."""
    sums = tmp_path / "kho" / "sums" / "a"
    sums.mkdir()
    (sums / f"{hashlib.sha256(b'never').hexdigest()}-5").touch()
    assert folder_store.stat("a") is None
    with pytest.raises(NotFoundError):
        folder_store.get("a")
    folder_store.put_new("a", b"other")
    assert folder_store.get("a") == b"other"
    assert len(list(sums.iterdir())) == 1


def test_of_two_sums_the_bytes_decide(folder_store: FolderStore, tmp_path: Path) -> None:
    """A writer that died after publishing had no time to clear away another dead writer's sum of the same length."""
    folder_store.put_new("a", b"right")
    (tmp_path / "kho" / "sums" / "a" / f"{hashlib.sha256(b'wrong').hexdigest()}-5").touch()
    assert folder_store.get("a") == b"right"
    with pytest.raises(KeyTakenError):
        folder_store.put_new("a", b"wrong")
    assert folder_store.put_new("a", b"right").sha256 == hashlib.sha256(b"right").hexdigest()


def test_a_key_cannot_be_an_object_and_a_folder(folder_store: FolderStore) -> None:
    folder_store.put_new("a/b", b"1")
    for key in ("a", "a/b/c"):
        with pytest.raises(KeyTakenError):
            folder_store.put_new(key, b"2")
        assert folder_store.stat(key) is None
    assert list(folder_store.keys()) == ["a/b"]


WRITER = """
    import hashlib, sys
    from pathlib import Path
    from pipeline.store.folder import FolderStore
    store = FolderStore(Path(sys.argv[1]))
    print("ready", flush=True)
    number = int(sys.argv[2])
    while True:
        data = hashlib.sha256(str(number).encode()).digest() * 40_000
        store.put_new(f"objects/{number}", data)
        print(number, flush=True)
        number += 1
"""


@pytest.mark.parametrize("milliseconds", [7, 23, 41, 67])
def test_killed_in_the_middle_of_writing(tmp_path: Path, milliseconds: int) -> None:
    root = tmp_path / "kho"
    writer = child(WRITER, str(root), "0")
    assert writer.stdout is not None
    assert writer.stdout.readline() == b"ready\n"
    assert writer.stdout.readline() == b"0\n"
    time.sleep(milliseconds / 1000)
    writer.send_signal(signal.SIGKILL)
    acknowledged = [0, *(int(line) for line in writer.stdout.read().split())]
    writer.wait()
    writer.stdout.close()
    store = FolderStore(root)
    assert leftovers(root) == []
    there = sorted(int(key.partition("/")[2]) for key in list(store.keys()))
    assert there[: len(acknowledged)] == acknowledged
    assert len(there) <= len(acknowledged) + 1
    for number in [*there, there[-1] + 1]:
        data = hashlib.sha256(str(number).encode()).digest() * 40_000
        store.put_new(f"objects/{number}", data)
        assert store.get(f"objects/{number}") == data


def test_a_living_writers_file_is_left_alone(folder_store: FolderStore, tmp_path: Path) -> None:
    root = tmp_path / "kho"
    (root / "tmp" / "dead").write_bytes(b"left behind")
    with folder_store._temporary() as (stream, path):
        stream.write(b"alive")
        FolderStore(root)
        assert leftovers(root) == [path]


RACER = """
    import sys
    from pathlib import Path
    from pipeline.store.errors import KeyTakenError
    from pipeline.store.folder import FolderStore
    store = FolderStore(Path(sys.argv[1]))
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(60):
        try:
            store.put_new(f"race/{number}", sys.argv[2].encode() * 1000)
            print(number, flush=True)
        except KeyTakenError:
            pass
"""


def test_two_processes_put_the_same_keys(tmp_path: Path) -> None:
    root = tmp_path / "kho"
    command = [sys.executable, "-c", textwrap.dedent(RACER), str(root)]
    racers = [
        subprocess.Popen([*command, name], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for name in "ab"
    ]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == b"ready\n"
    won = [set(map(int, racer.communicate(b"\n")[0].split())) for racer in racers]
    assert not won[0] & won[1]
    assert won[0] | won[1] == set(range(60))
    store = FolderStore(root)
    for number in range(60):
        assert store.get(f"race/{number}") == (b"a" if number in won[0] else b"b") * 1000
        assert len(list((root / "sums" / "race" / str(number)).iterdir())) == 1


@contextmanager
def no_file_over(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_no_room_left(folder_store: FolderStore, tmp_path: Path) -> None:
    with no_file_over(100_000), pytest.raises(StoreUnreachableError) as caught:
        folder_store.put_new("a", os.urandom(300_000))
    assert caught.value.exit_code is Exit.HELD
    assert caught.value.detail == "EFBIG"
    assert leftovers(tmp_path / "kho") == []
    assert folder_store.stat("a") is None
    folder_store.put_new("a", b"room again")
    assert folder_store.get("a") == b"room again"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_full_disk(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(disk)], check=False).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        store = FolderStore(disk / "kho")
        store.put_new("small", b"x" * 100_000)
        with pytest.raises(StoreUnreachableError) as caught:
            store.put_new("large", os.urandom(2_000_000))
        assert caught.value.detail == "ENOSPC"
        assert store.stat("large") is None
        assert store.get("small") == b"x" * 100_000
        assert leftovers(disk / "kho") == []
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_folder_that_went_away_is_not_an_empty_store(folder_store: FolderStore, tmp_path: Path) -> None:
    folder_store.put_new("a", b"x")
    (tmp_path / "kho").rename(tmp_path / "unmounted")
    for attempt in (
        lambda: folder_store.stat("a"),
        lambda: folder_store.get("a"),
        lambda: folder_store.put_new("b", b"y"),
        lambda: list(folder_store.keys()),
    ):
        with pytest.raises(StoreUnreachableError):
            attempt()


def test_a_root_that_cannot_be_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnreachableError):
        FolderStore(tmp_path / "file" / "kho")


def test_only_the_owner_reads(folder_store: FolderStore, tmp_path: Path) -> None:
    folder_store.put_new("a/b", b"x")
    assert (tmp_path / "kho").stat().st_mode & 0o077 == 0
    assert (tmp_path / "kho" / "objects" / "a" / "b").stat().st_mode & 0o337 == 0
