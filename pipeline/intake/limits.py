"""What intake refuses, in one place: bytes, pages, pixels, and the size to which pages are drawn.

All limits are checked before the expensive step that they guard, from what the file declares of itself.
The defaults take an A0 drawing at 400 dpi and refuse what no scanner of an office makes.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What intake refuses. All of them are checked before the expensive step that they guard."""

    max_bytes: int = 1_000_000_000
    """Of one file."""
    max_pages: int = 2_000
    """Of one file."""
    max_pixels: int = 200_000_000
    """Of one image as declared by its header."""
    max_side: int = 19_000
    """Pixels of the longer side of one image."""
    max_content_bytes: int = 64_000_000
    """Unpacked drawing instructions of one PDF page."""
    render_pixels: int = 50_000_000
    """Of a page that has to be drawn; a larger page is drawn smaller, and its dpi says so."""
    render_dpi: float = 300.0
    """Of pages that have no native resolution (born-digital ones)."""

    def too_large(self, width: int, height: int) -> bool:
        """Whether an image of this many pixels is refused."""
        return max(width, height) > self.max_side or width * height > self.max_pixels
