"""The types of intake: a page as an encoded image, and an opened original that gives such pages.

A page stays encoded until somebody looks at it, so that a dossier of hundreds of pages fits in memory.
Its pixels are those of the scanner: intake never resamples what it can pass through, and `dpi` stays truthful.
Every page is as the file says it should be shown (EXIF orientation, /Rotate undone); content may still lie turned.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, Self

if TYPE_CHECKING:
    from types import TracebackType

    from pipeline.intake.native import NativeImage

PageMedia = Literal["image/jpeg", "image/png"]
"""What a page image may be: JPEG (grey or RGB, passed through) or PNG (1-bit, grey or RGB, no alpha)."""

A4_LONG_SIDE_INCHES = 297 / 25.4
"""The size assumed for an image that does not say how large its paper was (ISO 216)."""


@dataclass(frozen=True, slots=True)
class SourcePage:
    """One page as it came in: `image` is a whole JPEG or PNG file of `width` x `height` pixels."""

    number: int
    """1-based, inside its original."""
    image: bytes
    media_type: PageMedia
    width: int
    height: int
    dpi: float
    """Pixels per inch of paper; estimated from A4 where the file does not say."""


class OpenedOriginal(Protocol):
    """An original opened for reading. Pages are made on demand; safe to call from several threads."""

    @property
    def name(self) -> str:
        """The name people know it by, NFC."""
        ...

    @property
    def media_type(self) -> str:
        """The true type, by content."""
        ...

    @property
    def page_count(self) -> int:
        """Never 0. Broken pages count."""
        ...

    @property
    def signed(self) -> bool:
        """Whether it carries at least one digital signature (its bytes must then be kept whole)."""
        ...

    @property
    def born_digital(self) -> bool:
        """Whether its pages are text and drawings rather than pictures of paper."""
        ...

    def page(self, number: int) -> SourcePage:
        """The page `number` (1-based). Raises `PageError` when this one cannot be had."""
        ...

    def native(self, number: int) -> NativeImage | None:
        """The coded image that is all of the page, bit for bit, or None where the page was drawn or must be recoded.

        Raises nothing: what cannot be told is None.
        """
        ...

    def close(self) -> None:
        """Lets go of the file. Twice is allowed."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
