"""Why a dossier is held: which of network, signature, timestamp, store or disk was out of reach.

The cause is told from the error and from what lies under it (a full disk shows as a store that fails), so that a clerk
knows whom to call and a machine can count. It is kept with the dossier until the stage comes through.
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from pipeline.record import HeldReason

if TYPE_CHECKING:
    from datetime import datetime

    from pipeline.errors import HeldError
    from pipeline.record import HeldCause

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})
_BY_CODE: dict[str, HeldCause] = {
    "timestamp_unavailable": "timestamp",
    "revocation_unavailable": "network",
    "signing_service_unavailable": "network",
    "store_unreachable": "store",
    "store_access_denied": "store",
    "catalogue_unreachable": "store",
    "not_received": "disk",
}
_DETAIL_LIMIT = 300


def cause_of(error: HeldError) -> HeldCause:
    """The family of `error`; what is no store's, network's or authority's matter is the signature's."""
    below: BaseException | None = error
    while below is not None:
        if isinstance(below, OSError) and below.errno in _FULL:
            return "disk"
        below = below.__cause__
    if any(word in error.detail for word in ("ENOSPC", "No space left", "disk is full", "SQLITE_FULL")):
        return "disk"
    return _BY_CODE.get(error.code, "signature")


def reason_of(error: HeldError, stage: str, at: datetime) -> HeldReason:
    """What is kept of `error` with the dossier."""
    return HeldReason(
        cause=cause_of(error),
        code=error.code,
        message=error.message_vi,
        remedy=error.remedy_vi,
        detail=error.detail[:_DETAIL_LIMIT],
        stage=stage,
        at=at,
    )
