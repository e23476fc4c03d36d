"""The requests that the S3 client has no public verb for: writing only where nothing lies yet, in one piece or many.

`minio` knows no conditional put, so its request signer is called directly. That signer is private: the version is
pinned, nothing outside this file touches it, and the contract tests run these requests against a real server.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, SubElement, tostring

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

ONLY_IF_ABSENT = {"If-None-Match": "*"}
SUM = "x-amz-meta-sha256"
"""Header with our own SHA-256 of the object."""


@dataclass(frozen=True, slots=True)
class Requests:
    """Signed requests on one bucket. Raises what `minio` and `urllib3` raise."""

    client: Any
    """A `minio.Minio`."""
    bucket: str

    def put(self, key: str, data: bytes, headers: Mapping[str, str]) -> None:
        """One object in one request."""
        self.client._put_object(self.bucket, key, data, dict(headers))  # noqa: SLF001 - see the module's header

    def begin(self, key: str, headers: Mapping[str, str]) -> str:
        """Begins an upload in parts; returns its id."""
        return str(self.client._create_multipart_upload(self.bucket, key, dict(headers)))  # noqa: SLF001

    def part(self, key: str, upload: str, number: int, data: bytes) -> str:
        """Uploads part `number`, from 1; returns its tag."""
        return str(self.client._upload_part(self.bucket, key, data, None, upload, number))  # noqa: SLF001

    def complete(self, key: str, upload: str, tags: Iterable[str], headers: Mapping[str, str]) -> None:
        """Makes the parts an object; the headers may forbid it where one lies there already."""
        root = Element("CompleteMultipartUpload")
        for number, tag in enumerate(tags, 1):
            part = SubElement(root, "Part")
            SubElement(part, "PartNumber").text = str(number)
            SubElement(part, "ETag").text = f'"{tag}"'
        body = tostring(root)
        md5 = base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode("ascii")
        all_headers = {"Content-Type": "application/xml", "Content-MD5": md5, **headers}
        self.client._execute(  # noqa: SLF001
            "POST", self.bucket, key, body=body, headers=all_headers, query_params={"uploadId": upload}
        )

    def abort(self, key: str, upload: str) -> None:
        """Throws the parts away."""
        self.client._abort_multipart_upload(self.bucket, key, upload)  # noqa: SLF001

    def pending(self) -> list[tuple[str, str, datetime | None]]:
        """Uploads that were begun and neither completed nor aborted: key, id, when begun. The first 1000."""
        found = self.client._list_multipart_uploads(self.bucket)  # noqa: SLF001
        return [(upload.object_name, upload.upload_id, upload.initiated_time) for upload in found.uploads]
