"""Puts the way to the citizen's page on a slip: address and secret in letters, both in the QR code.

Receipts, requests for supplements and new days have one; whoever is refused or stopped has nothing to follow.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.citizen.tickets import print_ticket
from pipeline.slips.content import Row, SlipForm

if TYPE_CHECKING:
    from pipeline.slips.content import Slip
    from pipeline.tools import Tools

_ENDS = frozenset({SlipForm.REFUSAL})


def with_way(tools: Tools, slip: Slip, who: str) -> Slip:
    """The slip with a new secret, which ends those printed before; the slip as it is where there is no page for it.

    `who` is the id of an account or key, or `system`. Raises `StoreError`.
    """
    way = None if slip.form in _ENDS else print_ticket(tools, slip.code, who)
    if way is None:
        return slip
    rows = (Row("Xem hồ sơ, nộp giấy còn thiếu, nhận kết quả tại", way.address), Row("Mã tra cứu", way.secret))
    return replace(slip, closing=(*slip.closing, *rows), link=way.link)
