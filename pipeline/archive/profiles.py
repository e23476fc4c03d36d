"""Archive profiles: how large a page may be, and what gives way until it is. Data, one YAML file.

An agency gives profiles of its own in a file of the same form; they lie on top of the packaged ones, by name.
The file is checked when it is read: a profile with a slip in it is refused by name, never half understood.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.errors import HosoError

if TYPE_CHECKING:
    from pathlib import Path

_A4_SQUARE_INCHES = 210 * 297 / 25.4**2
_MASTER_DPI = 300.0
"""Up to here a page has the plain size; finer masters have more, by their pixels."""


class ArchiveProfileError(HosoError):
    """The profile that the settings name is not there, or the agency's file of profiles is wrong."""

    code = "archive_profile_wrong"
    message_vi = "Cấu hình hồ sơ lưu trữ (archive profile) không dùng được."
    remedy_vi = "Hãy sửa HOSO_ARCHIVE__PROFILE hoặc tệp cấu hình, rồi chạy lại; hồ sơ vẫn an toàn trong kho."


class Step(BaseModel):
    """One way to code a page."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    quality: int = Field(ge=1, le=95)
    dpi: float | None = Field(default=None, ge=50)
    """Finer pages are scaled down to it; None: as scanned."""
    ink_dpi: float | None = Field(default=None, ge=50)
    """Two layers: print in black and white of this resolution, over the rest as the two values above say."""


class Profile(BaseModel):
    """What a page may cost, and how it is made to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    """For people, Vietnamese."""
    originals: Literal["keep", "small"]
    page_kb: float = Field(gt=0)
    steps: tuple[Step, ...] = Field(min_length=1)

    def room(self, width: int, height: int, dpi: float) -> float:
        """Bytes that a page of this many pixels may have."""
        paper = width * height / dpi**2 / _A4_SQUARE_INCHES
        return 1000 * self.page_kb * max(1.0, paper) * max(1.0, dpi / _MASTER_DPI) ** 2


def load_profile(name: str, extra: Path | None = None) -> Profile:
    """The profile of that name, the agency's own before the packaged one. Raises `ArchiveProfileError`."""
    packaged = files("pipeline.archive") / "data" / "profiles.yaml"
    try:
        known: dict[str, object] = yaml.safe_load(packaged.read_text("utf-8"))
        if extra is not None:
            known |= yaml.safe_load(extra.read_text("utf-8")) or {}
        if name not in known:
            raise ArchiveProfileError(detail=f"{name!r} is none of {', '.join(sorted(known))}")
        return Profile.model_validate(known[name])
    except (OSError, yaml.YAMLError, ValidationError, TypeError, ValueError) as error:
        raise ArchiveProfileError(detail=f"{name}: {error}") from error
