"""Everything that can be set, with names, defaults and meaning in one place; read once, passed down, never global.

Environment variables start with HOSO_, nested ones are parted by two underscores: HOSO_STORE__KIND=s3.
No settings at all is a working system on one machine: SQLite, a folder as store, a development PKI, one worker.
The same code serves a city by settings alone: PostgreSQL, an S3 server, a timestamp authority list, N workers.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from pipeline.access.settings import AccessSettings
from pipeline.citizen.settings import CitizenSettings
from pipeline.flow_settings import FlowSettings
from pipeline.keeping.settings import KeepingSettings
from pipeline.key_settings import KeySettings
from pipeline.kho.settings import KhoSettings
from pipeline.overview.settings import OverviewSettings
from pipeline.quality.settings import QualitySettings
from pipeline.review.settings import ReviewSettings
from pipeline.telemetry.settings import TelemetrySettings
from pipeline.vault.settings import VaultSettings


def _default_home() -> Path:
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "hoso"


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class StoreSettings(BaseModel):
    """Where objects lie: a folder, any S3 server, or a SeaweedFS child of this machine."""

    kind: Literal["folder", "s3", "seaweedfs"] = "folder"
    """`seaweedfs` is a server of our own over the folder, started by `hoso up`."""
    folder: Path | None = None
    """Default: HOME/store."""
    endpoint: str | None = None
    """`https://host[:port]` of the S3 server."""
    bucket: str = "kho"
    """Name of the bucket."""
    region: str = "us-east-1"
    """As the server wants it in signatures."""
    create_bucket: bool = True
    """Whether a missing bucket is made."""
    serve: bool = True
    """Whether a process that finds no SeaweedFS server starts one. The parts of `hoso up` wait for the store's own."""
    keys_file: Path | None = None
    """JSON with `access_key` and `secret_key`, for filing: writes and sets retention. Never in the environment, where
    other processes can read it. Without the next two it is the key for everything."""
    reading_keys_file: Path | None = None
    """The key that only gets objects."""
    maintenance_keys_file: Path | None = None
    """The key that deletes what retention allows, and sets and lifts legal holds."""
    ca_file: Path | None = None
    """Certificates to trust for a server with an authority of its own."""
    lock_days: int | None = Field(default=None, ge=1)
    """Object Lock retention given to a bucket made here."""
    retain: Literal["off", "governance", "compliance"] = "governance"
    """How filed objects are kept from deletion where the server proved that it can; until when, the rules of retention
    say. Nobody can undo `compliance`: neither a wrong rule nor a test."""


class ReaderSettings(BaseModel):
    """Which parts read a page; see docs/benchmarks.md for what was measured."""

    backend: Literal["auto", "openvino", "onnxruntime"] = "auto"
    """What runs the networks; `auto`: OpenVINO where it is there."""
    detector: Literal["quick", "ppocr", "trueocr", "paddleocr"] = "ppocr"
    """What finds lines."""
    detector_side: int = Field(default=1280, ge=320, le=4096)
    """Pixels of the long side at which lines are looked for, where `quick` is not believed as well."""
    recogniser: Literal["auto", "trueocr", "hoso"] = "auto"
    """What reads a line; `auto`: our own network."""
    second_look: bool = True
    """Whether lines that leave doubt are read again by the larger network: fewer errors for a tenth more time."""
    page_seconds: float = Field(default=60.0, gt=0)
    """Time in seconds after which a page that is being read is given up; the others go on."""


class SigningSettings(KeySettings):
    """How the archive PDF is signed, and with which key; without one, with the development PKI under HOME/pki."""

    level: Literal["B-B", "B-T", "B-LT", "B-LTA"] = "B-LTA"
    """PAdES level (ETSI EN 319 142-1)."""
    appearance: Literal["invisible", "digitised_paper", "nd30_copy"] = "digitised_paper"
    """How a signature looks on the page."""
    data_role: str = ""
    """Whose key (of `keys`) signs the record (JWS), such as `agency`; default: the PDF's first signer's. A key that is
    with a person signs no records."""
    tsa_urls: tuple[str, ...] = ()
    """Timestamp authorities, tried in order; default: the development one."""
    tsa_timeout_s: float = Field(default=10.0, gt=0)
    """For each exchange with an authority or a revocation service."""
    fetch: bool | None = None
    """Whether CRLs and OCSP answers are fetched from the addresses in certificates while signing; default: where the
    timestamps come over the network, too."""
    stamp_font: Path | None = None
    """TrueType or OpenType font of visible stamps; default: Noto Sans."""
    seal_image: Path | None = None
    """PNG or JPEG of the agency's seal for visible stamps; default: a drawn round seal."""
    plan_file: Path | None = None
    """YAML: who signs the record of which procedure, in order, with which look (`pipeline.signing_plan`); default: one
    signature with the look above."""
    keys: dict[str, KeySettings] = Field(default_factory=dict)
    """Keys of further signers in the plan by role, such as `leader` and `agency`; default: the development PKI's, as
    long as the signer's own is one."""
    trust_folder: Path | None = None
    """Root certificates (PEM or DER) that verification trusts besides the development root."""


class ArchiveSettings(BaseModel):
    """How the pages of the archive PDF are coded."""

    profile: str = "archive"
    """`archive`, `register` (about 100 kB a page), `access`, or one of the agency's own."""
    profiles: Path | None = None
    """YAML of the agency's own profiles, on top of the packaged ones; docs/archive.md says its form."""


class TrustSettings(BaseModel):
    """From which probability on a field is accepted without a person."""

    accept: float = Field(default=0.90, ge=0, le=1)
    """For every other field."""
    accept_key: float = Field(default=0.97, ge=0, le=1)
    """For fields that identify a person or an event."""
    table: Path | None = None
    """Limits that measurement has earned, kind by kind (`trust.json` of `hoso bench fields --out`). With it, a kind
    without enough evidence is always asked about; the two limits above are the least that is asked for."""


class DeskSettings(BaseModel):
    """What slips say of the agency besides its name."""

    parent: str = ""
    """The authority above it, in the first line of the heading."""
    place: str = ""
    """Name of the place before the date (địa danh)."""
    phone: str = ""
    """Where a citizen may ask."""
    phone_address: str = ""
    """`https://host` at which citizens' phones reach this house; default: as the officer's browser names it."""


class WatchSettings(BaseModel):
    """A folder into which scanners write; `hoso up` then watches it."""

    folder: Path | None = None
    """Without one nothing is watched."""
    quiet_seconds: float = Field(default=5.0, gt=0)
    """Seconds without a change after which a file or folder counts as whole."""


class LedgerSettings(BaseModel):
    """The audit ledger."""

    seal_minutes: float = Field(default=60.0, gt=0)
    """How often a worker that has nothing else to do seals what is new."""


class ApiSettings(BaseModel):
    """The HTTP door. Bound to this machine unless told otherwise."""

    host: str = "127.0.0.1"
    """Address to listen on; people from other machines come over https through a proxy."""
    port: int = Field(default=8000, ge=0, le=65535)
    """0: any free one."""
    max_upload_mb: int = Field(default=512, ge=1)
    """Of all files of one dossier together."""


class Settings(BaseSettings):
    """All settings. Build it with `load_settings` or, in tests, by hand."""

    model_config = SettingsConfigDict(env_prefix="HOSO_", env_nested_delimiter="__", extra="ignore", frozen=True)

    home: Path = Field(default_factory=_default_home)
    """Where the data of this installation live."""
    cores: int = Field(default_factory=_cores, ge=1)
    """Threads x processes of one worker stay within this number."""
    agency: str = Field(default="Bộ phận Một cửa (cài đặt thử nghiệm)", min_length=1)
    """Name on stamps and receipts."""
    agency_code: str = "H00.00"
    """Its code (Decision 20/2020/QĐ-TTg), in dossier codes and as the owner of dossiers."""
    catalogue_url: str = ""
    """SQLAlchemy URL; default: SQLite under HOME."""
    procedures_folder: Path | None = None
    """YAML schemas of the agency's own, on top of the packaged ones; read again when a file changes."""
    prefect: Literal["own", "found"] = "own"
    """What `hoso digitize` does without a Prefect server: start one beside the work, or run the same stages itself."""
    store: StoreSettings = StoreSettings()
    reader: ReaderSettings = ReaderSettings()
    signing: SigningSettings = SigningSettings()
    archive: ArchiveSettings = ArchiveSettings()
    trust: TrustSettings = TrustSettings()
    desk: DeskSettings = DeskSettings()
    citizen: CitizenSettings = CitizenSettings()
    overview: OverviewSettings = OverviewSettings()
    review: ReviewSettings = ReviewSettings()
    quality: QualitySettings = QualitySettings()
    watch: WatchSettings = WatchSettings()
    ledger: LedgerSettings = LedgerSettings()
    kho: KhoSettings = KhoSettings()
    keeping: KeepingSettings = KeepingSettings()
    vault: VaultSettings = VaultSettings()
    telemetry: TelemetrySettings = TelemetrySettings()
    flows: FlowSettings = FlowSettings()
    api: ApiSettings = ApiSettings()
    access: AccessSettings = AccessSettings()

    @property
    def pki(self) -> Path:
        """Folder of the development PKI."""
        return self.home / "pki"

    @property
    def work(self) -> Path:
        """Scratch folder: uploads under way, files being looked at. Safe to lose."""
        return self.home / "work"

    @property
    def database(self) -> str:
        """The catalogue's URL."""
        return self.catalogue_url or f"sqlite:///{self.home / 'catalogue.sqlite3'}"


def load_settings() -> Settings:
    """Settings from the environment, with the home made absolute."""
    settings = Settings()
    return settings.model_copy(update={"home": settings.home.expanduser().absolute()})
