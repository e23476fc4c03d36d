"""From settings to a store. The kind is a word; an unknown word is answered with the known ones.

`folder` needs a folder. `s3` needs an endpoint, a bucket and keys. `seaweedfs` is a server of our own over a
folder: `opened_store` starts and stops it, and processes beside that one share it through `open_store`.
Keys are read from files, never from the settings themselves, so that settings can be shown and logged. There is one
for each duty (filing, reading, maintenance), or one for all of them; a caller names the duty it has.
"""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.store.errors import StoreOptionsError, StoreUnreachableError
from pipeline.store.folder import FolderStore
from pipeline.store.protocol import Duty
from pipeline.store.s3 import S3Store
from pipeline.store.s3_client import connected, make_bucket
from pipeline.store.s3_errors import typed
from pipeline.store.seaweed import SeaweedServer, running_endpoint

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pipeline.store.protocol import ObjectStore

T = TypeVar("T")
START_S = 90.0
"""Seconds for which a store that somebody else starts is waited for."""

SEAWEED_WARNING_VI = (
    "Máy chủ SeaweedFS chạy ngay trên máy này: không chống xóa đối với người có quyền trên máy; "
    "hãy sao lưu thư mục kho."
)


class StoreOptions(BaseModel):
    """What an operator may say about the store."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str = "folder"
    """`folder`, `s3` or `seaweedfs`."""
    folder: Path | None = None
    """Where objects lie (`folder`), or where the server keeps its data (`seaweedfs`)."""
    endpoint: str | None = None
    """`https://host[:port]` or `http://host[:port]` of an S3 server."""
    bucket: str = "kho"
    region: str = "us-east-1"
    keys_file: Path | None = None
    """JSON file with `access_key` and `secret_key`; readable by the owner only. For filing, and for every duty that
    has no file of its own."""
    reading_keys_file: Path | None = None
    maintenance_keys_file: Path | None = None
    ca_file: Path | None = None
    """PEM bundle to trust instead of the system's, for a server with a certificate of its own authority."""
    create_bucket: bool = True
    """Whether a missing bucket is made (with versioning and Object Lock where the server knows them)."""
    lock_days: int | None = Field(default=None, ge=1)
    """Default retention in COMPLIANCE mode given to a bucket made here; nobody can shorten it afterwards."""

    serve: bool = True
    """Whether `opened_store` starts a SeaweedFS server where none runs; else it waits for somebody's."""


class Keys(BaseModel):
    """The keys file."""

    access_key: str = Field(min_length=1)
    secret_key: str = Field(min_length=1)


def open_store(options: StoreOptions, duty: Duty = Duty.FILING) -> ObjectStore:
    """The store that the options describe, with the key of that duty.

    Kind `seaweedfs` expects the server to run already, started by `opened_store` or `SeaweedServer` elsewhere.
    Raises `StoreOptionsError`, `StoreUnreachableError`.
    """
    openers = {"folder": _folder, "s3": _s3, "seaweedfs": _seaweed}
    opener = openers.get(options.kind)
    if opener is None:
        raise StoreOptionsError(None, f"unknown kind {options.kind!r}; known: {', '.join(sorted(openers))}")
    return opener(options, duty)


@contextmanager
def opened_store(options: StoreOptions, duty: Duty = Duty.FILING) -> Iterator[ObjectStore]:
    """As `open_store`; for kind `seaweedfs` the server is started where none runs, and stopped by who started it."""
    with ExitStack() as stack:
        if options.kind == "seaweedfs":
            server = SeaweedServer(_needed(options.folder, options.kind, "folder"))
            if not options.serve:
                # Whoever starts it beside us also ends it: a server of ours would end with us, under the others.
                _await(server)
            elif server.wanted:
                stack.enter_context(server)
        yield open_store(options, duty)


def has_own_key(options: StoreOptions, duty: Duty) -> bool:
    """Whether the duty has a key of its own here, so that a store opened for it can do other things than others."""
    if options.kind == "seaweedfs" and options.folder is not None:
        return SeaweedServer(options.folder).duty_keys_file(duty).exists()
    files = {Duty.READING: options.reading_keys_file, Duty.MAINTENANCE: options.maintenance_keys_file}
    return options.kind == "s3" and files.get(duty) is not None


def _await(server: SeaweedServer) -> None:
    """Until it answers, for as long as a first start may take; who asks it afterwards hears why it does not."""
    until = time.monotonic() + START_S
    while server.wanted and time.monotonic() < until:
        time.sleep(0.1)


def _folder(options: StoreOptions, duty: Duty) -> ObjectStore:
    del duty  # a folder has no keys, and says so
    return FolderStore(_needed(options.folder, options.kind, "folder"))


def _s3(options: StoreOptions, duty: Duty) -> ObjectStore:
    endpoint = _needed(options.endpoint, options.kind, "endpoint")
    files = {
        Duty.FILING: options.keys_file,
        Duty.READING: options.reading_keys_file,
        Duty.MAINTENANCE: options.maintenance_keys_file,
    }
    own = {kind: file for kind, file in files.items() if file is not None}
    if duty in own and set(own) != {Duty.FILING}:
        return _client(options, endpoint, own, duty, "")
    # One key for everything, or this duty's key is not here: then the filing key is asked, and may be refused.
    shared = _needed(options.keys_file, options.kind, "keys_file")
    return _client(options, endpoint, {Duty.FILING: shared}, None, "")


def _seaweed(options: StoreOptions, duty: Duty) -> ObjectStore:
    folder = _needed(options.folder, options.kind, "folder")
    endpoint = running_endpoint(folder)
    if endpoint is None:
        raise StoreUnreachableError(folder.name, "no SeaweedFS server runs over this folder")
    server = SeaweedServer(folder)
    own = {kind: server.duty_keys_file(kind) for kind in Duty}
    if not all(file.exists() for file in own.values()):
        # Started by an older version; its next start makes the three keys.
        return _client(options, endpoint, {Duty.FILING: server.keys_file}, None, SEAWEED_WARNING_VI)
    if options.create_bucket and duty is not Duty.READING:
        _make_bucket(options, endpoint, server.keys_file)
    return _client(options, endpoint, own, duty, SEAWEED_WARNING_VI)


def _make_bucket(options: StoreOptions, endpoint: str, keys_file: Path) -> None:
    keys = _read(keys_file)
    client = connected(endpoint, keys.access_key, keys.secret_key, region=options.region, ca_file=options.ca_file)
    with typed(options.bucket):
        if not client.bucket_exists(options.bucket):
            make_bucket(client, options.bucket, options.lock_days)


def _client(
    options: StoreOptions, endpoint: str, files: Mapping[Duty, Path], duty: Duty | None, warning_vi: str
) -> ObjectStore:
    keys = _read(files[duty or Duty.FILING])
    # The probe tries the other keys, too, where this machine has them. One who only reads needs no others.
    known = {kind: _read(file) for kind, file in files.items()} if duty and duty is not Duty.READING else {}
    return S3Store(
        endpoint,
        options.bucket,
        keys.access_key,
        keys.secret_key,
        region=options.region,
        ca_file=options.ca_file,
        create_bucket=options.create_bucket,
        lock_days=options.lock_days,
        duty=duty,
        peers={kind: (found.access_key, found.secret_key) for kind, found in known.items() if kind is not duty},
        kind=options.kind,
        warning_vi=warning_vi,
    )


def _read(file: Path) -> Keys:
    try:
        return Keys.model_validate_json(file.read_bytes())
    except OSError as error:
        raise StoreOptionsError(file.name, type(error).__name__) from error
    except ValidationError:
        # The error would quote the file, and the file holds keys.
        raise StoreOptionsError(file.name, 'not {"access_key": ..., "secret_key": ...}') from None


def _needed(value: T | None, kind: str, name: str) -> T:
    if value is None:
        raise StoreOptionsError(None, f"kind {kind!r} needs `{name}`")
    return value
