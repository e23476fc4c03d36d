"""The dossier as everyone outside sees it: one JSON object for the command line, the API, the PDF and the kho.

Boxes are `[x0, y0, x1, y1]` in pixels of the page image at its stored resolution; dates ISO 8601; text NFC.
Verdicts have three values; a finding that blocks or asks keeps a dossier from being filed until a person decides.
Additive changes only: a downstream system that read version 1 must be able to read what is written later.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue

from extractors.fields import FieldStatus, FieldValue, Source

SCHEMA_VERSION = 1


class Status(StrEnum):
    """Where a dossier stands. Stable codes; words live in the interface."""

    RECEIVED = "received"
    PROCESSING = "processing"
    WAITS = "waits_for_person"
    HELD = "held"
    FILED = "filed"
    REFUSED = "refused"
    FAULT = "fault"


class Severity(StrEnum):
    """What a finding demands."""

    BLOCK = "block"
    CONFIRM = "confirm"
    INFO = "info"


class ComponentState(StrEnum):
    """State of one required paper of a procedure."""

    PRESENT = "present"
    MISSING = "missing"
    UNREADABLE = "unreadable"
    EXPIRED = "expired"
    UNSIGNED = "unsigned"
    UNSEALED = "unsealed"
    WRONG_PERSON = "wrong_person"
    SUBSTITUTED = "substituted"
    """Data of a database, or a copy from the citizen's store, stands in for it."""
    NOT_REQUIRED = "not_required"
    CANNOT_TELL = "cannot_tell"


class Model(BaseModel):
    """Base of all record parts: frozen, and strict about unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Claim(Model):
    """One source's reading of a field, kept visible beside the combined value."""

    value: FieldValue
    raw: str
    probability: float
    source: Source
    page: int
    box: tuple[int, int, int, int] | None


class FieldRecord(Model):
    """A field as decided: the winning claim, and all claims where sources differ or agree."""

    value: FieldValue
    raw: str
    probability: float
    source: Source
    page: int
    box: tuple[int, int, int, int] | None
    status: FieldStatus
    reason: str | None = None
    label: str = ""
    """Vietnamese label for people."""
    claims: tuple[Claim, ...] = ()
    details: dict[str, JsonValue] | None = None
    """What the value means beside its text, by kind of field: an address in its levels with today's commune, a number's
    province, a date in words as ISO. `pipeline.details` lists them. The value itself stays as it is."""


class DocumentRecord(Model):
    """One paper of the dossier."""

    id: str
    type: str
    title: str
    """Vietnamese name of the type."""
    component: str | None
    """Component code of the procedure that it fills, or None."""
    pages: tuple[int, ...]
    """1-based numbers of the dossier's pages, in the paper's own order."""
    probability: float
    """Chance that the type is right."""
    fields: dict[str, FieldRecord]


class HeldReference(Model):
    """A paper that a citizen's data store holds already, in the version that stands in for a new scan."""

    paper: str
    version: int
    sha256: str
    """Of the signed PDF that holds it."""


class ChecklistItem(Model):
    """One required or possible paper, and whether it is there."""

    component: str
    name: str
    required: bool
    state: ComponentState
    document: str | None
    reason: str | None = None
    reference: HeldReference | None = None
    """What is reused, where the state is `substituted` by a held paper."""


class FieldRef(Model):
    """Points at a field of a document."""

    document: str
    key: str


class Finding(Model):
    """What a rule found."""

    id: str = ""
    """Stable within a dossier as long as the finding says the same; decisions refer to it."""
    rule: str
    severity: Severity
    message: str
    """Vietnamese, names the papers and both readings."""
    fields: tuple[FieldRef, ...] = ()
    confirmed_by: str | None = None
    """Who decided it, where a person did."""


class PageDefect(Model):
    """Why a page may be bad, in words for a clerk."""

    code: str
    message: str
    value: float


class PageOrigin(Model):
    """The dossier that a page was scanned for, and keeps its original."""

    dossier: str
    scanned: int
    original_sha256: str = ""


class PageRecord(Model):
    """One page of the dossier, in the order in which it came in."""

    number: int
    file: str
    """Name of the original it came from."""
    file_page: int
    """1-based page inside that original."""
    width: int
    height: int
    dpi: float
    media_type: str = "image/png"
    image_sha256: str
    """Of the stored page image; boxes are in its pixels."""
    turned: int = 0
    """Quarter turns counter-clockwise that the content had; undone in the stored image."""
    blank: bool = False
    defects: tuple[PageDefect, ...] = ()
    scanned: int | None = None
    """Its place in the stack as it was scanned, in a dossier whose pages people changed; else None: its number."""
    changed: tuple[str, ...] = ()
    """What people did to it, kinds of `pipeline.page_edits.events`."""
    origin: PageOrigin | None = None
    """Where it was scanned, if that was for another dossier."""


class SetAside(Model):
    """A scanned page that is not in the record and not in the archive PDF; the original that it came in has it."""

    scanned: int
    file: str
    file_page: int
    image_sha256: str
    state: Literal["hidden", "moved"]
    dossier: str | None = None
    """Where it was moved."""
    who: str
    at: datetime


class SignatureRecord(Model):
    """A signature that an input carried, as judged on the day of intake."""

    signer: str
    signed_at: datetime | None
    verdict: str
    """`valid`, `invalid` or `indeterminate`."""
    algorithm: str
    reasons: tuple[str, ...] = ()


class OriginalRecord(Model):
    """A file as it came in; its bytes are stored untouched under its SHA-256."""

    name: str
    sha256: str
    size: int
    media_type: str
    pages: int
    signed: bool = False
    """Whether it carries digital signatures; its bytes are then part of the archive PDF."""
    born_digital: bool = False
    """Whether its text was never on paper; its bytes are then part of the archive PDF, too."""
    signatures: tuple[SignatureRecord, ...] = ()
    error: str | None = None
    """Code of the error that keeps this file from being used, or None."""
    message: str | None = None
    """The error in Vietnamese, with what to do next."""


class Event(Model):
    """A step of the dossier's way: what, when, how long."""

    stage: str
    at: datetime
    seconds: float


HeldCause = Literal["network", "signature", "timestamp", "store", "disk"]


class HeldReason(Model):
    """Why a dossier is held: what was out of reach when its stage was last tried."""

    cause: HeldCause
    code: str
    """Of the error, stable."""
    message: str
    """Vietnamese."""
    remedy: str
    detail: str = ""
    """For an administrator: which authority or store, and what it did."""
    stage: str
    at: datetime


class FullReview(Model):
    """Kinds of field whose promise was broken when the dossier was validated: a person looked at each such value."""

    version: int
    """How often the agency's kinds were switched until then."""
    kinds: tuple[str, ...]
    """Such as `date`, or `date!` for key fields."""


class Dossier(Model):
    """Everything known of a dossier."""

    schema_version: int = SCHEMA_VERSION
    id: str
    procedure: str | None
    procedure_name: str = ""
    procedure_version: str = ""
    agency: str = ""
    """Code of the agency that received it; empty in records from before agencies: the installation's own."""
    status: Status
    received_at: datetime
    originals: tuple[OriginalRecord, ...] = ()
    pages: tuple[PageRecord, ...] = ()
    documents: tuple[DocumentRecord, ...] = ()
    checklist: tuple[ChecklistItem, ...] = ()
    findings: tuple[Finding, ...] = ()
    files: dict[str, str] = {}
    """Names to paths or object keys: `archive_pdf`, `data_json`, ... once they exist."""
    engine: str = ""
    events: tuple[Event, ...] = ()
    held: HeldReason | None = None
    """Only while the status is `held`."""
    full_review: FullReview | None = None
    """The state of the switches of quality that validation used; None while there never was one."""
    set_aside: tuple[SetAside, ...] = ()
    """Scanned pages that people took out; they stay in the originals."""
    page_events: int = 0
    """How many things that people did to pages this record knows of."""
