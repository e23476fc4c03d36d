"""The same scan twice is a question, never a silent second filing: pages that an earlier dossier holds already.

A page is the same where its stored image is, bit for bit: given again in another file, in another order, for another
procedure. Where one of two dossiers lies in the other as a whole, a person says whether it is meant; single pages that
come again (an identity card's scan) are only told. Of two dossiers the later one asks, so both never wait for each
other; what another agency holds is not told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.record import Finding, Severity, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.catalogue.likeness import SamePages
    from pipeline.record import Dossier
    from pipeline.tools import Tools

WHOLE, SOME = "seen_before", "pages_seen_before"
_GONE = {Status.REFUSED, Status.FAULT}


def seen_before(tools: Tools, dossier: Dossier) -> Iterator[Finding]:
    """At most one finding. Raises catalogue errors."""
    images = {page.image_sha256 for page in dossier.pages if page.image_sha256 and not page.blank}
    if not images:
        return
    found = next((one for one in tools.catalogue.same_pages(dossier.id, images) if _counts(tools, dossier, one)), None)
    if found is None:
        return
    whole = found.common in {len(images), found.pages}
    day = f"{found.received_at.astimezone(dossier.received_at.tzinfo):%d/%m/%Y}"
    message = f"{found.common} trong {len(images)} trang đã có trong hồ sơ {found.dossier} nhận ngày {day}."
    if whole:
        message += " Có phải nộp lại cùng bản quét không? Nếu đúng là hồ sơ khác, hãy xác nhận để tiếp tục."
    yield Finding(rule=WHOLE if whole else SOME, severity=Severity.CONFIRM if whole else Severity.INFO, message=message)


def _counts(tools: Tools, dossier: Dossier, other: SamePages) -> bool:
    if other.status in _GONE or (other.received_at, other.dossier) >= (dossier.received_at, dossier.id):
        return False
    record = tools.catalogue.load(other.dossier)
    return record is not None and record.agency == dossier.agency
