"""Cuts a line from the page with its marks whole: the box of a detector may run through hooks and dots.

Vietnamese stacks marks above letters and sets dots below them, where detectors trained on other scripts draw their
boxes' edges; half a hook is an acute, and half a dot is none. So a line is looked at with some rows more above and
below. Where a stroke runs through the edge of its box and ends within these rows, the strip grows until it is whole.
What comes in from the end of those rows is the neighbouring line's, and lines that nothing cuts stay as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from models.images import as_grey, cut

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.reading import Image

    Corners = NDArray[np.float32]

_BEYOND = 0.15
"""Rows looked at beyond either edge, in line heights."""
_INSIDE = 0.25
"""Rows of the box in which what belongs together is followed, in line heights."""
_OWN = 0.25
"""Share of a mark that lies inside the box at least; tails of the line above lie outside for the greater part."""
_LEAST = 0.03
"""Part of a line height that must be missing; edges of letters are never quite sharp."""


def cut_whole(image: Image, corners: Corners) -> tuple[Image, Corners]:
    """The straightened line, and its corners (clockwise from the reading start) as they are now."""
    height = max(float(np.linalg.norm(corners[3] - corners[0])), float(np.linalg.norm(corners[2] - corners[1])))
    beyond = max(1, round(_BEYOND * height))
    tall = cut(image, corners, beyond)
    rows = len(tall) - 2 * beyond
    ink = _ink(tall, beyond)
    reach = beyond + max(1, round(_INSIDE * rows))
    least = max(2.0, _LEAST * rows)
    above, below = (_missing(part, beyond) for part in (ink[:reach], ink[-reach:][::-1]))
    above, below = (grown if grown >= least else 0 for grown in (above, below))
    if above or below:
        left, right = (corners[3] - corners[0]) / rows, (corners[2] - corners[1]) / rows
        corners = corners + np.stack([-left * above, -right * above, right * below, left * below])
    return np.ascontiguousarray(tall[beyond - above : beyond + rows + below]), corners.astype(np.float32)


def _ink(tall: Image, beyond: int) -> NDArray[np.bool_]:
    """Where the print is, whether it is darker or lighter than its ground; the box's own rows say which."""
    grey = as_grey(tall)
    inside = grey[beyond:-beyond]
    level, _ = cv2.threshold(inside, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    dark = np.count_nonzero(inside <= level) <= inside.size / 2
    return np.asarray((grey <= level) == dark, np.bool_)


def _missing(part: NDArray[np.bool_], beyond: int) -> int:
    """Rows by which marks go on beyond the edge; `part` begins with the row that is farthest out."""
    edge = part[beyond - 1] & part[beyond]
    if not edge.any():
        return 0
    _, labels, stats, _ = cv2.connectedComponentsWithStats(part.astype(np.uint8), connectivity=8)
    own = []
    for mark in np.unique(labels[beyond][edge]).tolist():
        top, height, area = (int(stats[mark, k]) for k in (cv2.CC_STAT_TOP, cv2.CC_STAT_HEIGHT, cv2.CC_STAT_AREA))
        # What goes on to either end is of the neighbouring line, or a letter that loses nothing by it.
        if top > 0 and top + height < len(part) and np.count_nonzero(labels[beyond:] == mark) >= _OWN * area:
            own.append(mark)
    if not own:
        return 0
    first = min(int(stats[mark, cv2.CC_STAT_TOP]) for mark in own)
    gained = labels[first:beyond]
    ours = np.count_nonzero(np.isin(gained, own))
    return beyond - first if ours > np.count_nonzero(gained) / 2 else 0
