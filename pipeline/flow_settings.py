"""Settings of the queue and its workers: lanes, limits of time and memory, room on the disk, what is done by the clock.

Everything has a default that suits one machine of two cores; `HOSO_FLOWS__NAME=VALUE` sets one. Margins are wide on
purpose: a worker that is merely slow must never be taken for dead.
"""

from __future__ import annotations

from pydantic import BaseModel, Field


class FlowSettings(BaseModel):
    """How dossiers move along."""

    slots: int | None = Field(default=None, ge=1, le=64)
    """Backlog dossiers that one worker has in hand at once; default: one more than cores, so that none of these waits
    for a stage that uses only one (docs/benchmarks.md has the figures)."""
    desk_slots: int = Field(default=2, ge=1, le=16)
    """Desk dossiers that one worker has in hand at once, besides."""
    poll_seconds: float = Field(default=0.25, gt=0)
    """Between two looks into an empty queue."""
    lease_seconds: float = Field(default=45.0, gt=0)
    """A worker that was killed gives way after this time; a lease is renewed three times in it."""
    trickle_seconds: float = Field(default=20.0, gt=0)
    """While the desk is busy, the backlog of a worker makes one step (a page or a stage) in this time: it never
    starves."""
    handover_seconds: float = Field(default=30.0, gt=0)
    """A backlog dossier that was paused for the desk this long goes to another worker, where one is free."""
    chunk: int = Field(default=500, ge=1)
    """Dossiers of one backlog flow run."""

    recycle_pages: int = Field(default=5000, ge=1)
    """Pages after which a worker ends and is started again: native libraries grow."""
    memory_mb: int | None = Field(default=None, ge=256)
    """Memory of a worker and its children after which it is recycled; default: 70 % of the machine's."""
    beat_seconds: float = Field(default=10.0, gt=0)
    """Between two heartbeats of a worker."""
    silent_seconds: float = Field(default=120.0, gt=0)
    """A worker not heard of for this long counts as dead; twelve beats."""

    disk_backlog_mb: int = Field(default=4096, ge=0)
    """Less free disk than this, and no backlog dossier is taken in or begun."""
    disk_desk_mb: int = Field(default=1024, ge=0)
    """Less than this, and none of the desk's either."""
    memory_backlog_mb: int = Field(default=384, ge=0)
    """Less memory available than this, and no backlog dossier is begun."""
    memory_desk_mb: int = Field(default=128, ge=0)
    """Less than this, and no desk dossier is begun."""
    desk_age_seconds: float = Field(default=300.0, gt=0)
    """A desk dossier that has waited this long stops workers from beginning backlog dossiers."""
    backlog_most: int = Field(default=100_000, ge=1)
    """Backlog dossiers waiting; more are refused at the door until some are done."""

    stage_seconds: dict[str, float] = Field(
        default={
            "intake": 1800.0,
            "read": 1800.0,
            "separate": 120.0,
            "extract": 600.0,
            "validate": 120.0,
            "archive": 900.0,
            "sign": 600.0,
            "file": 600.0,
        }
    )
    """Time limits of stages of one dossier; pages have their own (`HOSO_READER__PAGE_SECONDS`). Time for which the
    backlog stands aside does not count. A stage that is not named has no limit."""
    cut_off_seconds: float = Field(default=30.0, gt=0)
    """A stage over its limit stops at its next page; if none comes in this time, the worker is ended to stop it."""
    attempts: int = Field(default=3, ge=1)
    """Starts without an end (the worker died), and stages over their limit, before a dossier is set aside."""
    stumbles: int = Field(default=2, ge=0)
    """How often a stage is tried again at once where disk or database stumbled."""
    held_first_seconds: float = Field(default=15.0, gt=0)
    """First pause of a held dossier; it doubles with each time in a row."""
    held_most_seconds: float = Field(default=1800.0, gt=0)
    """The pause grows no further."""

    reconcile_seconds: float = Field(default=30.0, gt=0)
    """How often one of the workers looks for what others left behind."""
    zombie_seconds: float = Field(default=300.0, gt=0)
    """A Prefect run older than this whose dossier or worker nobody has is marked as crashed."""
    draft_hours: float = Field(default=24.0, gt=0)
    """Uploads that nobody started, and scratch files, are removed after this time."""
    fixity_minutes: float = Field(default=30.0, gt=0)
    """How often a slice of the kho is read back and hashed again; the catalogue says where the last one ended."""
    fixity_dossiers: int = Field(default=50, ge=1)
    """Dossiers of a slice."""
    renew_hours: float = Field(default=24.0, gt=0)
    """How often archive timestamps that end soon are renewed."""
    multipart_hours: float = Field(default=24.0, gt=0)
    """How often uploads that were cut off inside the object store are aborted."""
