"""What can be set of the workbench: how long an item stays with a clerk, and how long an answer can be taken back."""

from __future__ import annotations

from pydantic import BaseModel, Field


class ReviewSettings(BaseModel):
    """The review queue."""

    lease_minutes: float = Field(default=15.0, gt=0)
    """How long items stay with a clerk whose browser says nothing: longer than a short cut of the network."""
    undo_seconds: float = Field(default=20.0, ge=0)
    """How long after a dossier's last answer it goes on by itself; until then every answer can be taken back."""
    ahead: int = Field(default=10, ge=1, le=30)
    """Items whose pictures a browser loads before they are needed."""
    look_seconds: float = Field(default=2.0, gt=0)
    """How often dossiers that changed are looked for."""
