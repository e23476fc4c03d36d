"""Settings of the citizen's page and of the overview that counts its ratings."""

from __future__ import annotations

from pydantic import BaseModel, Field


class CitizenSettings(BaseModel):
    """The citizen's page."""

    address: str = ""
    """`https://host` at which citizens reach this house. With it, slips carry a QR code that opens the page and the
    address in letters; without it, no secret is printed and the page lets nobody in."""
    days: int = Field(default=365, ge=1, le=3650)
    """How long a slip opens the page."""
    minutes: int = Field(default=20, ge=1, le=240)
    """How long a visit lasts."""
    most_files: int = Field(default=20, ge=1, le=200)
    """Files that may be sent for one dossier."""
    ratings_least: int = Field(default=10, ge=3)
    """Fewer ratings than this are shown to nobody."""
