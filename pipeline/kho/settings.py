"""What can be set of citizens' data stores: the code of a paper, how long it counts by default, who is told what."""

from __future__ import annotations

from pathlib import Path
from string import Formatter

from pydantic import BaseModel, ConfigDict, Field, field_validator

_PARTS = frozenset({"owner", "procedure", "component", "type", "NN"})


class Recipient(BaseModel):
    """A downstream system that is told what happens."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,60}$")
    url: str = Field(pattern=r"^https?://[^\s]+$")
    secret_file: Path
    """The shared secret: 24 to 64 bytes in base64, with or without `whsec_` before it. Never in the environment."""
    agencies: tuple[str, ...] = Field(min_length=1)
    """Codes of the agencies whose events it gets."""
    types: tuple[str, ...] = ()
    """Types of events; empty: all."""

    def wants(self, kind: str, agency: str) -> bool:
        """Whether an event is for it."""
        return agency in self.agencies and (not self.types or kind in self.types)


class OutboxSettings(BaseModel):
    """Telling downstream systems."""

    recipients_file: Path | None = None
    """YAML: a list of recipients (`name`, `url`, `secret_file`, `agencies`, `types`)."""
    every_s: float = Field(default=15.0, gt=0)
    """How often a worker looks for something to tell."""
    timeout_s: float = Field(default=10.0, gt=0)
    """For one delivery to one recipient."""
    lease_s: float = Field(default=60.0, gt=0)
    """Seconds after which what a relay took and did not finish is taken by another; longer than `timeout_s`."""
    first_wait_s: float = Field(default=5.0, gt=0)
    """Before the second attempt; doubled each time, up to `longest_wait_s`."""
    longest_wait_s: float = Field(default=3600.0, gt=0)
    """Pauses between attempts grow no further."""
    attempts: int = Field(default=12, ge=1)
    """After so many a delivery is set aside, with its reason."""


class KhoSettings(BaseModel):
    """Citizens' data stores."""

    paper_code: str = "{owner}.{procedure}.{component}.{NN}"
    """Mã giấy tờ: `owner` is the personal number, `NN` counts the owner's papers of this procedure and component from
    01. Practice of deployed systems; the agency confirms it."""
    months: int = Field(default=6, ge=1, le=1200)
    """How long a paper counts where neither it, its schema nor its type says."""
    owners_file: Path | None = None
    """YAML on top of the packaged `owners.yaml`: whose store a paper belongs to, by type."""
    outbox: OutboxSettings = OutboxSettings()

    @field_validator("paper_code")
    @classmethod
    def _known_parts(cls, pattern: str) -> str:
        named = {name for _, name, _, _ in Formatter().parse(pattern) if name is not None}
        if not named <= _PARTS or "NN" not in named:
            raise ValueError(f"paper_code knows {', '.join(sorted(_PARTS))}, and needs NN")
        return pattern
