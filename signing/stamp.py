"""The visible stamp on page 1: what it says, how it looks, where it goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from signing.signer import SignRequest


@dataclass(frozen=True, slots=True)
class StampFont:
    """A font ready to be embedded."""

    data: bytes

    @classmethod
    def load(cls, path: Path | None) -> StampFont:
        """Read and subset the font."""
        return cls(path.read_bytes() if path else b"")


@dataclass(frozen=True, slots=True)
class Stamp:
    """A pyHanko stamp style and its box on the page."""

    style: Any
    box: tuple[int, int, int, int]


def build_stamp(writer: Any, request: SignRequest, font: StampFont, *, development: bool) -> Stamp:
    """Being written."""
    raise NotImplementedError
