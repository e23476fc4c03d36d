"""What an S3 server can do, tried out: the proof of a protection is an attempt against it that must fail.

Probe objects lie under `.hoso/`, where no key of the house can point. Some stay (one of them under retention, renewed
for a day at a time; one under legal hold), so that later starts leave nothing more behind. A deletion that is refused
proves something only where the same key deleted an unprotected object before.
What this machine has no key for is not proved here, and says so.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from pipeline.store.errors import StoreError
from pipeline.store.protocol import Capabilities, Duty, Proof, Retention, RetentionMode
from pipeline.store.s3_errors import RIVAL, TAKEN, UNKNOWN
from pipeline.store.s3_locks import Locks
from pipeline.store.s3_requests import ONLY_IF_ABSENT, SUM

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pipeline.store.s3_requests import Requests

OURS = ".hoso/"
CONDITIONAL = OURS + "conditional-put"
_VERSIONED, _RETAINED, _HELD = OURS + "versioned", OURS + "retained", OURS + "held"
_DATA = b"probe\n"
_KEPT = timedelta(days=1)
_RENEWED = timedelta(minutes=10)
REFUSED = {"AccessDenied"}


@dataclass(frozen=True, slots=True)
class Probe:
    """The keys that this machine has, by duty; one key for everything stands under each duty."""

    parties: Mapping[Duty, Requests]

    def proofs(self) -> tuple[Proof, ...]:
        """Every capability, tried out once. Raises `S3Error` and network errors where the server does not work."""
        filing, maintenance = self.parties.get(Duty.FILING), self.parties.get(Duty.MAINTENANCE)
        if filing is None:
            names = ("conditional_put", "versioning", "retention", "legal_hold", "separate_keys", "encryption")
            return tuple(Proof(name, False, "no filing key on this machine") for name in names)
        conditional = self._conditional(filing)
        control = OURS + "control-" + uuid4().hex
        filing.put(control, _DATA, _headers())
        keys = self._separate(control)
        encryption = self._encryption(filing, control)
        able = maintenance is not None and self._removed(maintenance, control)
        return (
            conditional,
            self._versioning(filing),
            self._retention(filing, maintenance if able else None),
            self._legal_hold(filing, maintenance if able else None),
            keys,
            encryption,
        )

    def _conditional(self, filing: Requests) -> Proof:
        seen = ""
        for _ in range(2):
            seen = answer_of(lambda: filing.put(CONDITIONAL, _DATA, _headers() | ONLY_IF_ABSENT))
            if seen in TAKEN:
                return Proof("conditional_put", True, f"second put refused: {seen}")
            if seen and seen not in UNKNOWN | RIVAL:
                break
        return Proof("conditional_put", False, f"second put: {seen or 'done'}")

    def _versioning(self, filing: Requests) -> Proof:
        locks = Locks(filing)
        found = locks.versions(_VERSIONED)
        for number in range(len(found), 2):
            data = b"version %d\n" % number
            filing.put(_VERSIONED, data, _headers(data))
            found = locks.versions(_VERSIONED)
        if len(found) < 2 or not found[-1].id:
            return Proof("versioning", False, "a second put replaced the first")
        seen = answer_of(lambda: filing.client.stat_object(filing.bucket, _VERSIONED, version_id=found[-1].id))
        return Proof("versioning", not seen, f"the first of {len(found)} versions: {seen or 'still there'}")

    def _retention(self, filing: Requests, maintenance: Requests | None) -> Proof:
        locks = Locks(filing)
        today = datetime.now(UTC).replace(microsecond=0)
        if answer_of(lambda: filing.client.stat_object(filing.bucket, _RETAINED)):
            filing.put(_RETAINED, _DATA, _headers())
        found: list[Retention | None] = []
        seen = answer_of(lambda: found.append(locks.retention(_RETAINED)))
        if not seen and (found[0] is None or found[0].until < today + _RENEWED):
            seen = answer_of(lambda: locks.set_retention(_RETAINED, Retention(today + _KEPT, RetentionMode.COMPLIANCE)))
        if seen:
            return Proof("retention", False, f"setting COMPLIANCE: {seen}")
        soon = Retention(today + timedelta(seconds=5), RetentionMode.COMPLIANCE)
        shorter = answer_of(lambda: locks.set_retention(_RETAINED, soon))
        if shorter not in REFUSED:
            return Proof("retention", False, f"shortening: {shorter or 'done'}")
        if maintenance is None:
            return Proof("retention", True, f"shortening refused: {shorter}; no key here that deletes")
        version = Locks(filing).versions(_RETAINED)[0].id
        gone = answer_of(lambda: Locks(maintenance).remove(_RETAINED, version))
        return Proof("retention", gone in REFUSED, f"shortening: {shorter}; deleting: {gone or 'done'}")

    def _legal_hold(self, filing: Requests, maintenance: Requests | None) -> Proof:
        if maintenance is None:
            return Proof("legal_hold", False, "no key here that deletes and holds")
        if answer_of(lambda: filing.client.stat_object(filing.bucket, _HELD)):
            filing.put(_HELD, _DATA, _headers())
        locks = Locks(maintenance)
        seen = answer_of(lambda: locks.held(_HELD) or locks.hold(_HELD, on=True))
        if seen:
            return Proof("legal_hold", False, f"setting: {seen}")
        version = locks.versions(_HELD)[0].id
        gone = answer_of(lambda: locks.remove(_HELD, version))
        return Proof("legal_hold", gone in REFUSED, f"deleting: {gone or 'done'}")

    def _separate(self, control: str) -> Proof:
        if len(self.parties) < len(Duty):
            missing = ", ".join(duty for duty in Duty if duty not in self.parties)
            return Proof("separate_keys", False, f"not here: {missing}")
        if len({id(requests) for requests in self.parties.values()}) < len(Duty):
            return Proof("separate_keys", False, "one key does everything")
        filing, reading = self.parties[Duty.FILING], self.parties[Duty.READING]
        maintenance = self.parties[Duty.MAINTENANCE]
        version = Locks(filing).versions(control)[0].id
        soon = Retention(datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=5), RetentionMode.GOVERNANCE)
        attempts: dict[str, Callable[[], object]] = {
            "filing deletes": lambda: Locks(filing).remove(control, version),
            "filing hides": lambda: Locks(filing).remove(control, ""),
            "filing holds": lambda: Locks(filing).hold(control, on=True),
            "reading writes": lambda: reading.put(control, _DATA, _headers()),
            "reading deletes": lambda: Locks(reading).remove(control, version),
            "reading lists": lambda: Locks(reading).versions(control),
            "maintenance writes": lambda: maintenance.put(control, _DATA, _headers()),
            "maintenance retains": lambda: Locks(maintenance).set_retention(control, soon),
        }
        done = [name for name, attempt in attempts.items() if answer_of(attempt) not in REFUSED]
        if done:
            return Proof("separate_keys", False, "not refused: " + ", ".join(done))
        return Proof("separate_keys", True, f"{len(attempts)} acts against a key's duty were refused")

    def _encryption(self, filing: Requests, control: str) -> Proof:
        """Nobody outside a server can see how it keeps bytes; what it declares is shown and proves nothing."""
        headers = filing.client.stat_object(filing.bucket, control).metadata
        declared = headers.get("x-amz-server-side-encryption")
        return Proof("encryption", False, f"the server declares {declared or 'none'}; that proves nothing")

    def _removed(self, maintenance: Requests, control: str) -> bool:
        return not answer_of(lambda: Locks(maintenance).delete(control))


def answer_of(attempt: Callable[[], object]) -> str:
    """The server's code where it refuses, empty where it does what was asked."""
    from minio.error import S3Error

    try:
        attempt()
    except S3Error as error:
        return str(error.code)
    except StoreError as error:
        return error.code
    return ""


def capabilities(probe: Probe, kind: str, warning_vi: str) -> Capabilities:
    """What was proved, with what an operator must know. Raises as `Probe.proofs`."""
    proofs = probe.proofs()
    proved = {proof.capability for proof in proofs if proof.proved}
    notes = [f"Kho S3, bucket {next(iter(probe.parties.values())).bucket}."]
    if Duty.FILING in probe.parties:
        if "retention" not in proved:
            notes.append("Máy chủ không giữ được thời hạn lưu giữ (Object Lock COMPLIANCE): không chống xóa.")
        if "conditional_put" not in proved:
            notes.append("Máy chủ không có ghi có điều kiện: hai tiến trình ghi cùng lúc có thể đè lên nhau.")
        if "versioning" not in proved:
            notes.append("Bucket không giữ phiên bản cũ.")
        if "separate_keys" not in proved:
            notes.append("Chưa tách ba khóa ghi, đọc, bảo trì: ai có khóa đều làm được mọi việc khóa ấy cho phép.")
    if warning_vi:
        notes.append(warning_vi)
    return Capabilities(
        kind=kind,
        immutable="retention" in proved and not warning_vi,
        conditional_put="conditional_put" in proved,
        versioning="versioning" in proved,
        note_vi=" ".join(notes),
        retention="retention" in proved,
        legal_hold="legal_hold" in proved,
        separate_keys="separate_keys" in proved,
        encryption="encryption" in proved,
        proofs=proofs,
    )


def _headers(data: bytes = _DATA) -> dict[str, str]:
    return {"Content-Type": "text/plain", SUM: hashlib.sha256(data).hexdigest()}
