"""Settings of keeping: the agency's own rules, and how long "for ever" is for a medium that wants a date."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, Field


class KeepingSettings(BaseModel):
    """How records are kept."""

    rules: Path | None = None
    """YAML of the agency's own rules, asked before the packaged ones; docs/operations.md says its form."""
    permanent_years: int = Field(default=70, ge=1, le=500)
    """Object Lock wants a date: records that are kept for ever get this many years on the medium, and more later."""
    request_days: int = Field(default=2, ge=1)
    """Working days in which a citizen's request about their data is answered."""
