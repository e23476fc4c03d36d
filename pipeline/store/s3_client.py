"""A connection to an S3 server, and the making of a bucket with all that the server knows of write-once.

A server that does not answer within seconds is out of reach; the client's own patience of minutes is cut.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pipeline.store.errors import StoreOptionsError
from pipeline.store.s3_errors import UNKNOWN

if TYPE_CHECKING:
    from pathlib import Path

CONNECT_SECONDS = 3
READ_SECONDS = 30


def connected(endpoint: str, access_key: str, secret_key: str, *, region: str, ca_file: Path | None) -> Any:
    """A `minio.Minio`; asks nothing yet. Raises `StoreOptionsError` where the endpoint is none."""
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


def make_bucket(client: Any, bucket: str, lock_days: int | None) -> None:
    """With Object Lock where the server knows it; a bucket that is there already is a success.

    `lock_days` becomes its default retention in COMPLIANCE mode. Raises what `minio` and `urllib3` raise.
    """
    from minio.commonconfig import COMPLIANCE
    from minio.error import S3Error
    from minio.objectlockconfig import DAYS, ObjectLockConfig

    try:
        client.make_bucket(bucket, object_lock=True)
    except S3Error as error:
        if error.code in {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}:
            return
        if lock_days is not None or error.code not in UNKNOWN:
            raise
        client.make_bucket(bucket)
    if lock_days is not None:
        client.set_object_lock_config(bucket, ObjectLockConfig(COMPLIANCE, lock_days, DAYS))
