"""A store on any S3 server: write-once by conditional put, and by Object Lock where the bucket has it.

Our own SHA-256 travels in the object's metadata and is checked whenever bytes come back; servers do not keep the one
they were sent. What the server can do is probed when the store is opened (`s3_probe`), and `Capabilities` says only
what was seen. A store is opened with the key of one duty, or with one key for everything.
Files of more than one part are streamed; nobody sees them before the last step, which is conditional too.
A server that does not answer within seconds is out of reach: the work is held, not failed.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
import uuid
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.store.errors import (
    CorruptError,
    KeyDutyError,
    KeyTakenError,
    NotFoundError,
    SourceUnreadableError,
    StoreAccessError,
    StoreOptionsError,
    StoreUnreachableError,
    VerbUnsupportedError,
)
from pipeline.store.hashing import PIECE, digest, opened, pieces
from pipeline.store.keys import check_key, check_prefix, masked
from pipeline.store.protocol import Capabilities, Duty, ObjectStat
from pipeline.store.s3_client import connected, make_bucket
from pipeline.store.s3_errors import DENIED, RIVAL, TAKEN, typed
from pipeline.store.s3_locks import Locks
from pipeline.store.s3_probe import CONDITIONAL, OURS, Probe, capabilities
from pipeline.store.s3_requests import ONLY_IF_ABSENT, SUM, Requests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pipeline.store.protocol import Retention, RetentionMode, Version

PART = 8 << 20
"""Bytes of one part; what is not larger goes in one request."""
READABLE_SECONDS = 20
"""How long a server that answers may take until it gives back what it holds."""
STALE_UPLOAD = timedelta(days=1)

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", re.ASCII)

VERBS = {
    Duty.FILING: {"put_new", "keys", "presign", "retain", "retention", "held", "versions"},
    Duty.READING: {"presign"},
    Duty.MAINTENANCE: {"keys", "presign", "retention", "hold", "held", "versions", "delete", "abort_stale"},
}
"""Beside `get`, `fetch` and `stat`, which every key may do."""


class S3Store:
    """An `ObjectStore` in a bucket. Safe for threads."""

    def __init__(
        self,
        endpoint: str,
        bucket: str,
        access_key: str,
        secret_key: str,
        *,
        region: str = "us-east-1",
        ca_file: Path | None = None,
        create_bucket: bool = True,
        lock_days: int | None = None,
        duty: Duty | None = None,
        peers: Mapping[Duty, tuple[str, str]] | None = None,
        kind: str = "s3",
        warning_vi: str = "",
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Connects, makes the bucket where that is allowed, and probes what the server can do.

        `endpoint` is `https://host[:port]` or `http://host[:port]`. `lock_days` gives a bucket made here a default
        retention in COMPLIANCE mode. `duty` is what the key is for (None: everything); `peers` are the other duties'
        keys as far as this machine has them (access key, secret key), for the probe only. `warning_vi` says that the
        medium is in our own hands, and why: then nothing there counts as immutable.
        Raises `StoreOptionsError`, `StoreAccessError`, `StoreUnreachableError`.
        """
        if _BUCKET.fullmatch(bucket) is None:
            raise StoreOptionsError(None, "a bucket's name is 3 to 63 of a-z, 0-9, '.' and '-'")
        open_client = partial(connected, endpoint, region=region, ca_file=ca_file)
        self._client = open_client(access_key, secret_key)
        self._bucket = bucket
        self._duty = duty
        self._requests = Requests(self._client, bucket)
        self._locks = Locks(self._requests)
        with typed(bucket):
            # A key that only reads may not even ask whether there is a bucket.
            if duty is not Duty.READING and not self._client.bucket_exists(bucket):
                if not create_bucket:
                    raise StoreAccessError(bucket, "no such bucket, and making one is not allowed")
                make_bucket(self._client, bucket, lock_days)
            self._await_readable()
            self._capabilities = capabilities(Probe(self._parties(peers or {}, open_client)), kind, warning_vi)
            if self._may("abort_stale"):
                self._locks.abort_stale(clock() - STALE_UPLOAD)

    def capabilities(self) -> Capabilities:
        """What the probe saw."""
        return self._capabilities

    def put_new(self, key: str, source: bytes | Path, media_type: str = "application/octet-stream") -> ObjectStat:
        """See `ObjectStore.put_new`."""
        self._allowed(key, "put_new")
        sha256, size = digest(source)
        wanted = ObjectStat(key, size, sha256)
        headers = {"Content-Type": media_type, SUM: sha256}
        condition = ONLY_IF_ABSENT if self._capabilities.conditional_put else {}
        # Without a condition the server would replace; and many parts should not travel for nothing.
        if (not condition or size > PART) and self._agreed(wanted):
            return wanted
        with typed(key):
            for attempt in range(6):
                try:
                    if size > PART:
                        self._put_parts(wanted, source, headers, condition)
                    else:
                        self._requests.put(key, _whole(source, wanted), headers | condition)
                except Exception as error:
                    code = getattr(error, "code", None)
                    if code not in TAKEN | RIVAL:
                        raise
                    # Taken, perhaps by ourselves: an answer that was lost on the way is repeated by the client.
                    if self._agreed(wanted):
                        return wanted
                    time.sleep(0.05 * 2**attempt)
                else:
                    return wanted
        raise StoreUnreachableError(masked(key), "writers kept colliding")

    def get(self, key: str) -> bytes:
        """See `ObjectStore.get`."""
        check_key(key)
        with typed(key), self._answer(key) as answer:
            expected = _stat(key, answer.headers)
            data: bytes = answer.read()
        if (len(data), hashlib.sha256(data).hexdigest()) != (expected.size, expected.sha256):
            raise CorruptError(masked(key))
        return data

    def start(self, key: str, size: int) -> bytes:
        """See `ObjectStore.start`."""
        check_key(key)
        found = self.stat(key)
        if found is None:
            raise NotFoundError(masked(key))
        if found.size == 0:
            return b""
        with typed(key), self._answer(key, min(size, found.size)) as answer:
            return bytes(answer.read())

    def fetch(self, key: str, target: Path) -> ObjectStat:
        """See `ObjectStore.fetch`. The target appears only once its bytes were found to be right."""
        check_key(key)
        part = target.with_name(f".{uuid.uuid4().hex}.part")
        state = hashlib.sha256()
        with typed(key), self._answer(key) as answer:
            expected = _stat(key, answer.headers)
            try:
                with part.open("xb") as stream:
                    for piece in answer.stream(PIECE):
                        stream.write(piece)
                        state.update(piece)
                    stream.flush()
                    os.fsync(stream.fileno())
                if state.hexdigest() != expected.sha256:
                    raise CorruptError(masked(key))
                part.replace(target)
            finally:
                part.unlink(missing_ok=True)
        return expected

    def stat(self, key: str) -> ObjectStat | None:
        """See `ObjectStore.stat`. Raises `CorruptError` for an object that carries no SHA-256 of ours."""
        check_key(key)
        try:
            with typed(key):
                return _stat(key, self._client.stat_object(self._bucket, key).metadata)
        except NotFoundError:
            return None

    def keys(self, prefix: str = "") -> Iterator[str]:
        """See `ObjectStore.keys`. Sorted here: servers that keep folders list them in another order."""
        check_prefix(prefix)
        if not self._may("keys"):
            raise KeyDutyError(masked(prefix), f"a key for {self._duty} may not list")
        with typed(prefix):
            listed = self._client.list_objects(self._bucket, prefix=prefix or None, recursive=True)
            names = sorted(found.object_name for found in listed if not found.is_dir)
        yield from (name for name in names if not name.startswith(OURS))

    def presign(self, key: str, expires: timedelta) -> str:
        """See `ObjectStore.presign`."""
        self._allowed(key, "presign")
        if not timedelta(seconds=1) <= expires <= timedelta(days=7):
            raise ValueError("an address lives from 1 second to 7 days")
        if self.stat(key) is None:
            raise NotFoundError(masked(key))
        with typed(key):
            return str(self._client.presigned_get_object(self._bucket, key, expires=expires))

    def retain(self, key: str, until: datetime, mode: RetentionMode) -> Retention:
        """See `ObjectStore.retain`."""
        self._allowed(key, "retain")
        if not self._capabilities.retention:
            raise VerbUnsupportedError(masked(key), "retention was not proved on this server")
        with typed(key):
            return self._locks.retain(key, until, mode)

    def retention(self, key: str) -> Retention | None:
        """See `ObjectStore.retention`."""
        self._allowed(key, "retention")
        with typed(key):
            return self._locks.retention(key)

    def hold(self, key: str, *, on: bool) -> None:
        """See `ObjectStore.hold`. Asked back afterwards, so that a server without holds cannot seem to have them."""
        self._allowed(key, "hold")
        with typed(key):
            self._locks.hold(key, on=on)

    def held(self, key: str) -> bool:
        """See `ObjectStore.held`."""
        self._allowed(key, "held")
        with typed(key):
            return self._locks.held(key)

    def versions(self, key: str) -> list[Version]:
        """See `ObjectStore.versions`."""
        self._allowed(key, "versions")
        with typed(key):
            return self._locks.versions(key)

    def delete(self, key: str) -> int:
        """See `ObjectStore.delete`."""
        self._allowed(key, "delete")
        with typed(key):
            return self._locks.delete(key)

    def abort_stale(self, before: datetime) -> int:
        """See `ObjectStore.abort_stale`."""
        self._allowed("uploads", "abort_stale")
        with typed("uploads"):
            return self._locks.abort_stale(before)

    def _may(self, verb: str) -> bool:
        return self._duty is None or verb in VERBS[self._duty]

    def _allowed(self, key: str, verb: str) -> None:
        """The key's form, and whether our key of the store is for this; the server is the judge all the same."""
        check_key(key)
        if not self._may(verb):
            raise KeyDutyError(masked(key), f"a key for {self._duty} may not {verb}")

    def _parties(
        self, peers: Mapping[Duty, tuple[str, str]], open_client: Callable[[str, str], Any]
    ) -> Mapping[Duty, Requests]:
        if self._duty is None:
            return dict.fromkeys(Duty, self._requests)
        if self._duty is Duty.READING:
            return {Duty.READING: self._requests}
        others = {duty: Requests(open_client(*keys), self._bucket) for duty, keys in peers.items()}
        return others | {self._duty: self._requests}

    def _agreed(self, wanted: ObjectStat) -> bool:
        """Whether exactly this lies there already. Raises `KeyTakenError` where something else does."""
        found = self.stat(wanted.key)
        if found is not None and found != wanted:
            raise KeyTakenError(masked(wanted.key))
        return found is not None

    def _put_parts(
        self, wanted: ObjectStat, source: bytes | Path, headers: Mapping[str, str], condition: Mapping[str, str]
    ) -> None:
        upload = self._requests.begin(wanted.key, headers)
        try:
            state = hashlib.sha256()
            tags = []
            with opened(source) as stream:
                for number, piece in enumerate(pieces(stream, wanted.key, PART), 1):
                    state.update(piece)
                    tags.append(self._requests.part(wanted.key, upload, number, piece))
            _unchanged(state.hexdigest(), wanted)
            self._requests.complete(wanted.key, upload, tags, condition)
        except BaseException:
            # What cannot be thrown away now is thrown away by a later start.
            with suppress(Exception):
                self._requests.abort(wanted.key, upload)
            raise

    @contextmanager
    def _answer(self, key: str, size: int = 0) -> Iterator[Any]:
        answer = self._client.get_object(self._bucket, key, length=size)
        try:
            yield answer
        finally:
            answer.close()
            answer.release_conn()

    def _await_readable(self) -> None:
        """A server that was just started answers for its names seconds before it finds the bytes behind them."""
        from minio.error import S3Error
        from urllib3.exceptions import HTTPError

        deadline = time.monotonic() + READABLE_SECONDS
        while True:
            try:
                with self._answer(CONDITIONAL) as answer:
                    answer.read()
            except (S3Error, HTTPError) as error:
                code = getattr(error, "code", None)
                if code == "NoSuchKey" or (code == "AccessDenied" and self._duty is Duty.READING):
                    # Servers do not say "no such key" to one who may not list.
                    return
                if code in DENIED or time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
            else:
                return


def _whole(source: bytes | Path, wanted: ObjectStat) -> bytes:
    if not isinstance(source, Path):
        return source
    with opened(source) as stream:
        data = b"".join(pieces(stream, source.name))
    _unchanged(hashlib.sha256(data).hexdigest(), wanted)
    return data


def _unchanged(sha256: str, wanted: ObjectStat) -> None:
    if sha256 != wanted.sha256:
        raise SourceUnreadableError(masked(wanted.key), "the file changed while it was being stored")


def _stat(key: str, headers: Mapping[str, str]) -> ObjectStat:
    sha256 = headers.get(SUM)
    if not sha256:
        raise CorruptError(masked(key), "the object carries no SHA-256 of ours")
    return ObjectStat(key, int(headers.get("Content-Length", "0")), sha256)
