"""Settings of the overview: which rule of time counts after a supplement, and how often cases are counted anew."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class OverviewSettings(BaseModel):
    """What counts, and how often it is counted."""

    after_supplement: Literal["on", "anew"] = "on"
    """What a time limit does when the citizen brought what was asked for: runs on from where it stood still, or runs
    anew from its beginning. See docs/overview.md for the sources."""
    every_s: float = Field(default=60.0, gt=0)
    """How often a worker counts what changed."""
    refresh: int = Field(default=2000, ge=1)
    """Most dossiers that are counted anew before a page is shown; the rest waits for the worker's round."""
