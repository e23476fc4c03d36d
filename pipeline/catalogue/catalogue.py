"""The catalogue's one door. It, and no workflow engine, says where a dossier stands.

One object a process, closed by whoever made it; threads may share it. Every method is one transaction: all of it or
nothing. All raise `CatalogueUnreachableError` where the database is gone, locked for too long, full or read-only.
The clock is given by the caller; leases compare its times, so the clocks of several machines must agree to well
under a lease's length.
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any, Self

from pipeline.catalogue import (
    audit,
    dossiers,
    dump,
    forgetting,
    history,
    lanes,
    leases,
    ledger,
    likeness,
    recovery,
    schema,
    statistics,
    upgrade,
)
from pipeline.catalogue.doors import Doors
from pipeline.catalogue.lanes import Lane
from pipeline.catalogue.rows import Decision, DossierSummary, Filing, Lease, RecordedDecision, StoredEvent, Upload
from pipeline.catalogue.seals import Seals
from pipeline.catalogue.session import Database, sqlite_url

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import timedelta
    from pathlib import Path
    from types import TracebackType

    from pydantic import JsonValue

    from pipeline.catalogue.likeness import SamePages
    from pipeline.catalogue.recovery import PutBack, Remembered
    from pipeline.catalogue.statistics import StageEnd, Standing
    from pipeline.record import Dossier, Status
    from pipeline.vault.vault import Vault


def utc_now() -> datetime:
    """The time of this machine, aware."""
    return datetime.now(UTC)


class Catalogue(Doors):
    """Dossiers, ledger, history and leases in one database."""

    def __init__(self, url: str, *, clock: Callable[[], datetime] = utc_now, vault: Vault | None = None) -> None:
        """`sqlite:///PATH` or `postgresql://...`. Raises `CatalogueOptionsError`, `CatalogueUnreachableError`.

        With a `vault`, which every house has, columns of people's data are sealed (`pipeline.catalogue.seals`).
        """
        self._database = Database(url)
        self._clock = clock
        self._seals = Seals(vault)

    @classmethod
    def in_file(cls, path: Path, *, clock: Callable[[], datetime] = utc_now) -> Self:
        """A catalogue in a SQLite file, made (mode 0600) where it is missing."""
        return cls(sqlite_url(path), clock=clock)

    def migrate(self) -> None:
        """Brings the schema up to date; safe to call at every start, from several processes at once."""
        schema.migrate(self._database)

    def seal_old(self, on_dossier: Callable[[int], None] = lambda _: None) -> int:
        """Seals what was written before there was a vault; returns how many dossiers. Quick where there is nothing."""
        return upgrade.seal_old(self._database, self._seals, self._clock, on_dossier)

    def forget(self, name: str) -> bool:
        """Takes away what could still be found of a dossier or owner whose key ends; False where it is unknown.

        Rows and ledger entries stay; derived rows, words to search by and keyed indexes go.
        """
        with self._database.writing() as connection:
            return forgetting.forget(connection, name, self._clock())

    def dump(self) -> Iterator[str]:
        """The whole catalogue as lines of text, one consistent view; see `pipeline.catalogue.dump`."""
        return dump.dump(self._database)

    def load_dump(self, lines: Iterable[str]) -> dict[str, int]:
        """Fills this catalogue, which must be empty; returns rows by table.

        Raises `CatalogueNotEmptyError`, `DumpUnreadableError`.
        """
        return dump.load(self._database, lines)

    def close(self) -> None:
        """Closes all connections."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Dossiers

    def create_dossier(
        self, dossier: Dossier, *, code: str | None = None, lane: Lane = Lane.DESK, batch: str | None = None
    ) -> None:
        """Adds a dossier as version 1; `code` is the number that people know it by. Raises `DossierExistsError`."""
        self._seals.hold(dossier)
        with self._database.writing() as connection:
            now = self._clock()
            dossiers.create(connection, self._seals, dossier, code, now)
            if lane is not Lane.DESK or batch:
                lanes.put(connection, dossier.id, lane=lane, batch=batch)
            audit.append(connection, "received", dossier.id, {"sha256": [o.sha256 for o in dossier.originals]}, now=now)

    def load(self, dossier_id: str) -> Dossier | None:
        """The dossier, or None. Raises `RecordUnreadableError`."""
        found = self.load_with_version(dossier_id)
        return found[0] if found else None

    def load_with_version(self, dossier_id: str) -> tuple[Dossier, int] | None:
        """The dossier and its version, to be given to `save`. Raises `RecordUnreadableError`."""
        with self._database.reading() as connection:
            return dossiers.load(connection, self._seals, dossier_id)

    def save(self, dossier: Dossier, *, expected_version: int | None = None) -> int:
        """Replaces the dossier and rewrites its derived rows; returns the new version.

        Raises `ConflictError` where the version is not the expected one, `DossierNotFoundError`.
        """
        self._seals.hold(dossier)
        with self._database.writing() as connection:
            return dossiers.save(connection, self._seals, dossier, expected_version, self._clock())

    def list_dossiers(
        self,
        status: Status | None = None,
        *,
        limit: int = 50,
        offset: int = 0,
        agencies: Sequence[str] | None = None,
    ) -> list[DossierSummary]:
        """The newest first; with `agencies` theirs only."""
        with self._database.reading() as connection:
            return dossiers.summaries(connection, status, limit, offset, agencies)

    def count_by_status(self, agencies: Sequence[str] | None = None) -> dict[Status, int]:
        """How many dossiers stand where; with `agencies` theirs only."""
        with self._database.reading() as connection:
            return dossiers.count_by_status(connection, agencies)

    def find_original(self, sha256: str) -> list[str]:
        """Ids of the dossiers that hold this very file, the oldest first: the same scan twice."""
        with self._database.reading() as connection:
            return dossiers.with_original(connection, sha256)

    def find_field(self, key: str, value: str) -> list[str]:
        """Ids of the dossiers where the field has exactly this value, the oldest first."""
        with self._database.reading() as connection:
            return dossiers.with_field(connection, self._seals, key, value)

    def same_pages(self, dossier_id: str, images: Collection[str]) -> list[SamePages]:
        """Other dossiers that hold any of these page images (SHA-256), those with the most first."""
        with self._database.reading() as connection:
            return likeness.same_pages(connection, dossier_id, images)

    def standings(self) -> list[Standing]:
        """How many dossiers stand where, and since when the oldest of them."""
        with self._database.reading() as connection:
            return statistics.standings(connection)

    def stage_ends(self, since: datetime) -> list[StageEnd]:
        """Ends of stages at or after a moment."""
        with self._database.reading() as connection:
            return statistics.stage_ends(connection, since)

    def put_back(self, remembered: Remembered) -> PutBack:
        """Brings back what the store remembers of a dossier; what is there already stays."""
        self._seals.hold(remembered.dossier)
        with self._database.writing() as connection:
            return recovery.put_back(connection, self._seals, remembered, self._clock())

    # The step ledger

    def step_output(self, content_hash: str, step: str, version: str) -> bytes | None:
        """What the step made of this content at this version of model and settings, or None."""
        with self._database.reading() as connection:
            return ledger.output(connection, self._seals, ledger.StepKey(content_hash, step, version))

    def remember_step(self, content_hash: str, step: str, version: str, output: bytes, seconds: float) -> bytes:
        """Keeps a step's output; the first writer wins. Returns what counts from now on."""
        key = ledger.StepKey(content_hash, step, version)
        with self._database.writing() as connection:
            return ledger.remember(connection, self._seals, key, output, seconds=seconds, now=self._clock())

    # Events, filings, decisions, uploads

    def append_event(
        self,
        dossier_id: str,
        stage: str,
        state: str,
        *,
        code: str | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> int:
        """Adds an event of progress; returns its number, from 1. Raises `DossierNotFoundError`."""
        draft = history.EventDraft(stage, state, code, dict(data or {}))
        with self._database.writing() as connection:
            return history.append_event(connection, self._seals, dossier_id, draft, self._clock())

    def events_after(self, dossier_id: str, seq: int = 0, limit: int = 1000) -> list[StoredEvent]:
        """Events with a number above `seq`, in order."""
        with self._database.reading() as connection:
            return history.events_after(connection, self._seals, dossier_id, seq, limit)

    def record_filing(
        self, dossier_id: str, kind: str, object_key: str, sha256: str, size: int, *, level: str | None = None
    ) -> Filing:
        """Puts on record what was filed; the same again returns the first record.

        Raises `FilingConflictError` where other content is on record under the key, `DossierNotFoundError`.
        """
        filing = Filing(
            dossier=dossier_id,
            kind=kind,
            object_key=object_key,
            sha256=sha256,
            size=size,
            level=level,
            filed_at=self._clock(),
        )
        with self._database.writing() as connection:
            recorded = history.record_filing(connection, filing)
            if recorded is filing:
                what: dict[str, JsonValue] = {
                    "kind": kind,
                    "key": object_key,
                    "sha256": sha256,
                    "size": size,
                    "level": level,
                }
                audit.append(connection, "filed", dossier_id, what, now=filing.filed_at)
            return recorded

    def filing_by_sha256(self, sha256: str) -> Filing | None:
        """The filing of exactly this content, or None."""
        with self._database.reading() as connection:
            return history.filing_by_sha256(connection, sha256)

    def filings_of(self, dossier_id: str) -> list[Filing]:
        """All filings of a dossier, the oldest first."""
        with self._database.reading() as connection:
            return history.filings_of(connection, dossier_id)

    def add_decisions(self, dossier_id: str, decisions: Sequence[Decision], at: datetime | None = None) -> None:
        """Adds what a person decided, now or `at`; nothing is ever changed. Raises `DossierNotFoundError`."""
        with self._database.writing() as connection:
            now = at or self._clock()
            history.add_decisions(connection, self._seals, dossier_id, decisions, now)
            for who, answers in groupby(decisions, key=lambda decision: decision.who):
                targets: list[JsonValue] = [[answer.document, answer.key, answer.note] for answer in answers]
                audit.append(connection, "decided", dossier_id, {"targets": targets}, now=now, who=who)

    def decisions_of(self, dossier_id: str) -> list[RecordedDecision]:
        """All decisions in the order in which they were made; of two on one field the later one counts."""
        with self._database.reading() as connection:
            return history.decisions_of(connection, self._seals, dossier_id)

    def put_upload(
        self,
        dossier_id: str,
        name: str,
        path: str,
        state: str,
        *,
        size: int | None = None,
        sha256: str | None = None,
    ) -> None:
        """Adds or updates a file of a dossier that is being created; it is known by the dossier's id and its name."""
        upload = Upload(
            dossier=dossier_id, name=name, path=path, state=state, size=size, sha256=sha256, at=self._clock()
        )
        with self._database.writing() as connection:
            history.put_upload(connection, self._seals, upload)

    def uploads_of(self, dossier_id: str) -> list[Upload]:
        """The uploads of a dossier in the order of their arrival."""
        with self._database.reading() as connection:
            return history.uploads_of(connection, self._seals, dossier_id)

    # Leases

    def claim(self, dossier_id: str, worker: str, ttl: timedelta) -> Lease | None:
        """The right to work on a dossier, or None where somebody has it. Raises `DossierNotFoundError`."""
        with self._database.writing() as connection:
            return leases.claim(connection, dossier_id, worker, ttl, self._clock())

    def heartbeat(self, lease: Lease, ttl: timedelta) -> Lease:
        """The lease with a new end, from now. Raises `LeaseLostError`: then stop working."""
        with self._database.writing() as connection:
            return leases.heartbeat(connection, lease, ttl, self._clock())

    def release(self, lease: Lease) -> bool:
        """Ends the lease at once; False where it was lost before."""
        with self._database.writing() as connection:
            return leases.release(connection, lease, self._clock())

    def claimable(self, statuses: Sequence[Status], limit: int = 50) -> list[str]:
        """Ids of dossiers in these statuses that nobody works on, the longest waiting first."""
        with self._database.reading() as connection:
            return leases.claimable(connection, statuses, limit, self._clock())
