"""Retention, legal hold, versions and deletion on an S3 server.

Deletion here means that every version is gone: a mark of deletion, which is what S3 makes of a plain delete in a bucket
with versions, only hides. Whether any version may not go is asked first, so that an object is never destroyed in part;
the server is asked again by the deletion itself. Raises what `minio` and `urllib3` raise, and the house's own refusals.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pipeline.store.errors import ObjectHeldError, RetainedError, VerbUnsupportedError
from pipeline.store.keys import masked
from pipeline.store.protocol import Retention, RetentionMode, Version

if TYPE_CHECKING:
    from pipeline.store.s3_requests import Requests

_NONE_SET = {
    "NoSuchObjectLockConfiguration",
    "ObjectLockConfigurationNotFoundError",
    "NoSuchObjectLegalHold",
    "InvalidRequest",
}
"""What servers answer where an object has no retention or hold, or its bucket knows none."""
_UNTIL = "x-amz-object-lock-retain-until-date"
_MODE = "x-amz-object-lock-mode"
_HOLD = "x-amz-object-lock-legal-hold"


@dataclass(frozen=True, slots=True)
class Locks:
    """What protects the objects of one bucket, as one key sees it."""

    requests: Requests

    def retain(self, key: str, until: datetime, mode: RetentionMode) -> Retention:
        """At least until then; what holds longer or more strictly stays."""
        from minio.error import S3Error

        wanted = Retention(until.astimezone(UTC).replace(microsecond=0), mode)
        now = self.retention(key)
        if now is not None:
            strict = RetentionMode.COMPLIANCE
            wanted = Retention(max(now.until, wanted.until), strict if strict in {now.mode, mode} else mode)
        if wanted != now:
            try:
                self.set_retention(key, wanted)
            except S3Error as error:
                if now is None or error.code != "AccessDenied":
                    raise
                # Servers want the right to end GOVERNANCE for the step to COMPLIANCE; no key of ours has it.
                raise RetainedError(masked(key), f"{now.mode} does not become {wanted.mode}") from error
        return wanted

    def set_retention(self, key: str, wanted: Retention) -> None:
        """One request; the server refuses what would weaken."""
        from minio.retention import Retention as Asked

        self._client.set_object_retention(self._bucket, key, Asked(wanted.mode.value, wanted.until))

    def retention(self, key: str) -> Retention | None:
        """Of the newest version."""
        from minio.error import S3Error

        try:
            found = self._client.get_object_retention(self._bucket, key)
        except S3Error as error:
            if error.code in _NONE_SET:
                return None
            raise
        if found is None:
            return None
        return Retention(found.retain_until_date.astimezone(UTC), RetentionMode(found.mode))

    def hold(self, key: str, *, on: bool) -> bool:
        """Sets or lifts, and asks back: what holds now."""
        from minio.error import S3Error

        turn = self._client.enable_object_legal_hold if on else self._client.disable_object_legal_hold
        try:
            turn(self._bucket, key)
        except S3Error as error:
            if error.code in {"InvalidRequest", "NotImplemented", "MethodNotAllowed"}:
                raise VerbUnsupportedError(masked(key), str(error.code)) from error
            raise
        if self.held(key) is not on:
            raise VerbUnsupportedError(masked(key), "the server took the legal hold and does not know it")
        return on

    def held(self, key: str) -> bool:
        """Of the newest version."""
        from minio.error import S3Error

        try:
            return bool(self._client.is_object_legal_hold_enabled(self._bucket, key))
        except S3Error as error:
            if error.code in _NONE_SET:
                return False
            raise

    def versions(self, key: str) -> list[Version]:
        """The newest first."""
        found = []
        for item in self._client.list_objects(self._bucket, prefix=key, include_version=True):
            if item.object_name == key and not item.is_dir:
                size = 0 if item.is_delete_marker else int(item.size)
                latest = str(item.is_latest).lower() != "false"
                at = item.last_modified or datetime.fromtimestamp(0, UTC)
                found.append(Version(item.version_id or "", size, at, latest, bool(item.is_delete_marker)))
        return sorted(found, key=lambda version: (version.latest, version.written_at), reverse=True)

    def delete(self, key: str) -> int:
        """Every version, the newest last, so that nothing older comes to light on the way."""
        found = self.versions(key)
        for version in found:
            if not version.marker:
                self._may_go(key, version)
        for version in reversed(found):
            self.remove(key, version.id)
        return len(found)

    def remove(self, key: str, version: str) -> None:
        """One version, for good."""
        self._client.remove_object(self._bucket, key, version_id=version or None)

    def abort_stale(self, before: datetime) -> int:
        """Uploads in parts that were begun before then."""
        stale = [
            (key, upload) for key, upload, begun in self.requests.pending() if begun is not None and begun < before
        ]
        for key, upload in stale:
            self.requests.abort(key, upload)
        return len(stale)

    def _may_go(self, key: str, version: Version) -> None:
        headers = self._client.stat_object(self._bucket, key, version_id=version.id or None).metadata
        if headers.get(_HOLD, "").upper() == "ON":
            raise ObjectHeldError(masked(key))
        until = headers.get(_UNTIL)
        if until and datetime.fromisoformat(until) > datetime.now(UTC):
            raise RetainedError(masked(key), f"{headers.get(_MODE, '')} until {until}")

    @property
    def _client(self) -> Any:
        return self.requests.client

    @property
    def _bucket(self) -> str:
        return self.requests.bucket
