"""What the catalogue hands out besides dossiers: frozen records, ready to be sent as JSON. Times are aware, UTC."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from extractors.fields import FieldValue
from pipeline.record import Model, Status


class DossierSummary(Model):
    """A dossier in a list."""

    id: str
    code: str | None
    procedure: str | None
    procedure_name: str
    status: Status
    received_at: datetime
    updated_at: datetime
    version: int
    page_count: int
    document_count: int
    open_findings: int
    """Findings that block or ask and that nobody has confirmed."""


class StoredEvent(Model):
    """A step of progress; `seq` counts from 1 in each dossier without gaps."""

    dossier: str
    seq: int
    stage: str
    state: str
    """`started`, `done`, `failed`, ...: a stable code of the stage."""
    code: str | None = None
    """Message code, where there is something to say."""
    data: dict[str, Any] = Field(default_factory=dict)
    at: datetime


class Filing(Model):
    """What was filed, as it was filed: `hoso verify` compares a file with it."""

    dossier: str
    kind: str
    """`archive_pdf`, `data_json`, ..."""
    object_key: str
    sha256: str
    size: int
    level: str | None = None
    """Signature level, such as `B-LTA`; None for unsigned files."""
    filed_at: datetime


class Decision(Model):
    """What a person decided on a field (`document`, `key`) or on a finding (`key` is the rule)."""

    document: str | None = None
    key: str
    value: FieldValue = None
    who: str = Field(min_length=1)
    note: str | None = None


class RecordedDecision(Decision):
    """A decision as it stands in the catalogue, in the order of `id`."""

    id: int
    dossier: str
    at: datetime


class Upload(Model):
    """A file of a dossier that is being created."""

    dossier: str
    name: str
    path: str
    size: int | None = None
    sha256: str | None = None
    state: str
    at: datetime


class Lease(Model):
    """The right of one worker to work on a dossier until `expires_at`."""

    dossier: str
    worker: str
    epoch: int
    expires_at: datetime
