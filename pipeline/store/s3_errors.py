"""What S3 servers answer when something is wrong, as errors of the house.

The codes are those of Amazon's S3 API reference (Error responses) and of servers that follow it. Four kinds matter:
we may not, the key is taken, somebody else writes at the same moment, and the server does not know the question.
Everything else, the network's own errors included, means that the store is out of reach: the work is held, not failed.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from pipeline.store.errors import NotFoundError, StoreAccessError, StoreError, StoreUnreachableError
from pipeline.store.keys import masked

if TYPE_CHECKING:
    from collections.abc import Iterator

DENIED = {
    "AccessDenied",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "NoSuchBucket",
    "ExpiredToken",
    "InvalidToken",
}
TAKEN = {"PreconditionFailed"}
RIVAL = {"ConditionalRequestConflict", "OperationAborted"}
UNKNOWN = {"NotImplemented", "MethodNotAllowed", "InvalidArgument", "InvalidRequest"}


@contextmanager
def typed(key: str) -> Iterator[None]:
    """What the client and the network raise, as errors of the house. Only codes go on: texts may hold keys."""
    from xml.etree.ElementTree import ParseError

    from minio.error import MinioException, S3Error
    from urllib3.exceptions import HTTPError

    try:
        yield
    except StoreError:
        raise
    except S3Error as error:
        code = str(error.code)
        if code in {"NoSuchKey", "NoSuchVersion"}:
            raise NotFoundError(masked(key)) from error
        if code in DENIED:
            raise StoreAccessError(masked(key), code) from error
        if code in UNKNOWN:
            raise StoreError(masked(key), code) from error
        raise StoreUnreachableError(masked(key), code) from error
    except (MinioException, HTTPError, ParseError, OSError) as error:
        raise StoreUnreachableError(masked(key), type(error).__name__) from error
