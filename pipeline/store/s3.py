"""A store on any S3 server: write-once by conditional put, and by Object Lock where the bucket has it.

Our own SHA-256 travels in the object's metadata and is checked whenever bytes come back; servers do not keep the one
they were sent. What the server can do is probed when the store is opened, and `Capabilities` says only what was seen.
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
from urllib.parse import urlsplit

from pipeline.store.errors import (
    CorruptError,
    KeyTakenError,
    NotFoundError,
    SourceUnreadableError,
    StoreAccessError,
    StoreOptionsError,
    StoreUnreachableError,
)
from pipeline.store.hashing import PIECE, digest, opened, pieces
from pipeline.store.keys import check_key, check_prefix, masked
from pipeline.store.protocol import Capabilities, ObjectStat
from pipeline.store.s3_errors import DENIED, RIVAL, TAKEN, UNKNOWN, typed
from pipeline.store.s3_requests import ONLY_IF_ABSENT, Requests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

PART = 8 << 20
"""Bytes of one part; what is not larger goes in one request."""
CONNECT_SECONDS = 3
READ_SECONDS = 30
READABLE_SECONDS = 20
"""How long a server that answers may take until it gives back what it holds."""
STALE_UPLOAD = timedelta(days=1)

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", re.ASCII)
_OURS = ".hoso/"
_PROBE = _OURS + "conditional-put"
_SUM = "x-amz-meta-sha256"


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
        kind: str = "s3",
        warning_vi: str = "",
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Connects, makes the bucket where that is allowed, and probes what the server can do.

        `endpoint` is `https://host[:port]` or `http://host[:port]`. `lock_days` gives a bucket made here a default
        retention in COMPLIANCE mode. `warning_vi` says that the medium is in our own hands, and why: then nothing
        there counts as immutable. Raises `StoreOptionsError`, `StoreAccessError`, `StoreUnreachableError`.
        """
        if _BUCKET.fullmatch(bucket) is None:
            raise StoreOptionsError(None, "a bucket's name is 3 to 63 of a-z, 0-9, '.' and '-'")
        self._client = _client(endpoint, access_key, secret_key, region, ca_file)
        self._bucket = bucket
        self._requests = Requests(self._client, bucket)
        with typed(bucket):
            if not self._client.bucket_exists(bucket):
                if not create_bucket:
                    raise StoreAccessError(bucket, "no such bucket, and making one is not allowed")
                self._make_bucket(lock_days)
            self._capabilities = self._probe(kind, warning_vi)
            self._await_readable()
            self._abort_stale(clock() - STALE_UPLOAD)

    def capabilities(self) -> Capabilities:
        """What the probe saw."""
        return self._capabilities

    def put_new(self, key: str, source: bytes | Path, media_type: str = "application/octet-stream") -> ObjectStat:
        """See `ObjectStore.put_new`."""
        check_key(key)
        sha256, size = digest(source)
        wanted = ObjectStat(key, size, sha256)
        headers = {"Content-Type": media_type, _SUM: sha256}
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
        with typed(prefix):
            listed = self._client.list_objects(self._bucket, prefix=prefix or None, recursive=True)
            names = sorted(found.object_name for found in listed if not found.is_dir)
        yield from (name for name in names if not name.startswith(_OURS))

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
    def _answer(self, key: str) -> Iterator[Any]:
        answer = self._client.get_object(self._bucket, key)
        try:
            yield answer
        finally:
            answer.close()
            answer.release_conn()

    def _make_bucket(self, lock_days: int | None) -> None:
        from minio.commonconfig import COMPLIANCE
        from minio.error import S3Error
        from minio.objectlockconfig import DAYS, ObjectLockConfig

        try:
            self._client.make_bucket(self._bucket, object_lock=True)
        except S3Error as error:
            if error.code in {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}:
                return
            if lock_days is not None or error.code not in UNKNOWN:
                raise
            self._client.make_bucket(self._bucket)
        if lock_days is not None:
            self._client.set_object_lock_config(self._bucket, ObjectLockConfig(COMPLIANCE, lock_days, DAYS))

    def _probe(self, kind: str, warning_vi: str) -> Capabilities:
        versioning = self._seen(lambda: self._client.get_bucket_versioning(self._bucket).status) == "Enabled"
        locked = self._seen(lambda: self._client.get_object_lock_config(self._bucket).mode) == "COMPLIANCE"
        conditional = self._refuses_second_put()
        notes = [f"Kho S3, bucket {self._bucket}."]
        if not locked:
            notes.append("Bucket không có thời hạn lưu giữ mặc định (Object Lock COMPLIANCE): không chống xóa.")
        if warning_vi:
            notes.append(warning_vi)
        if not conditional:
            notes.append("Máy chủ không có ghi có điều kiện: hai tiến trình ghi cùng lúc có thể đè lên nhau.")
        if not versioning:
            notes.append("Bucket không giữ phiên bản cũ.")
        return Capabilities(
            kind=kind,
            immutable=locked and not warning_vi,
            conditional_put=conditional,
            versioning=versioning,
            note_vi=" ".join(notes),
        )

    def _seen(self, ask: Callable[[], Any]) -> Any:
        """The answer; None where the server does not know the question or we may not ask it."""
        from minio.error import S3Error

        try:
            return ask()
        except S3Error:
            return None

    def _refuses_second_put(self) -> bool:
        """Writes one small object of ours at most twice; it stays, so that later probes write nothing."""
        from minio.error import S3Error

        data = b"probe\n"
        headers = {"Content-Type": "text/plain", _SUM: hashlib.sha256(data).hexdigest(), **ONLY_IF_ABSENT}
        for _ in range(2):
            try:
                self._requests.put(_PROBE, data, headers)
            except S3Error as error:
                if error.code in TAKEN:
                    return True
                if error.code not in UNKNOWN | RIVAL:
                    raise
        return False

    def _await_readable(self) -> None:
        """A server that was just started answers for its names seconds before it finds the bytes behind them."""
        from minio.error import S3Error
        from urllib3.exceptions import HTTPError

        deadline = time.monotonic() + READABLE_SECONDS
        while True:
            try:
                with self._answer(_PROBE) as answer:
                    answer.read()
            except (S3Error, HTTPError) as error:
                code = getattr(error, "code", None)
                if code == "NoSuchKey":
                    return
                if code in DENIED or time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
            else:
                return

    def _abort_stale(self, before: datetime) -> None:
        for key, upload, begun in self._seen(self._requests.pending) or []:
            if begun is not None and begun < before:
                self._seen(partial(self._requests.abort, key, upload))


def _client(endpoint: str, access_key: str, secret_key: str, region: str, ca_file: Path | None) -> Any:
    import urllib3
    from minio import Minio

    parts = urlsplit(endpoint)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path.strip("/") or "@" in parts.netloc:
        raise StoreOptionsError(None, "endpoint must be http://host[:port] or https://host[:port]")
    trust: dict[str, Any] = {"cert_reqs": "CERT_REQUIRED", "ca_certs": str(ca_file)} if ca_file else {}
    pool = urllib3.PoolManager(
        timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
        maxsize=16,
        retries=urllib3.Retry(total=2, connect=1, backoff_factor=0.2, status_forcelist=[500, 502, 503, 504]),
        **trust,
    )
    return Minio(
        parts.netloc,
        access_key,
        secret_key,
        secure=parts.scheme == "https",
        region=region,
        http_client=pool,
    )


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
    sha256 = headers.get(_SUM)
    if not sha256:
        raise CorruptError(masked(key), "the object carries no SHA-256 of ours")
    return ObjectStat(key, int(headers.get("Content-Length", "0")), sha256)
