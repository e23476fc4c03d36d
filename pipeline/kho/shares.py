"""Shares: a citizen lets another agency see a paper, or all, for a purpose and a time. Nothing is shared by default.

Consent is said by the citizen and put on record with how and where (Law 91/2025/QH15, Decree 356/2025/NĐ-CP: no consent
that is assumed, and it can be withdrawn at any time). A revoked or ended share gives nothing; what was read through one
is in the ledger, each time, with purpose.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

from pydantic import Field

from pipeline import journal
from pipeline.catalogue import owners_rows as acts
from pipeline.catalogue import tables_owners as t
from pipeline.errors import Exit, HosoError
from pipeline.kho.people import OwnerUnknownError, PaperUnknownError, sees_owner
from pipeline.record import Model

if TYPE_CHECKING:
    from pipeline.access.principal import Principal
    from pipeline.catalogue.owners_door import Row
    from pipeline.tools import Tools

_NUMBER = re.compile(r"\d{9}")
Consent = Literal["signed_paper", "in_person", "vneid"]


class ShareRefusedError(HosoError):
    """What was asked is no share that a citizen could agree to."""

    code = "share_refused"
    exit_code = Exit.REFUSED
    message_vi = "Không ghi được việc chia sẻ này."
    remedy_vi = "Hãy kiểm tra nơi nhận, mục đích, thời hạn, và bằng chứng đồng ý của công dân."


class ShareUnknownError(HosoError):
    """No share has this id, or it is another agency's."""

    code = "share_unknown"
    exit_code = Exit.REFUSED
    message_vi = "Không có việc chia sẻ nào mang mã này."
    remedy_vi = "Hãy xem lại danh sách chia sẻ của công dân."


class ShareRequest(Model):
    """What a citizen agreed to."""

    recipient: str = Field(pattern=r"^[A-Z0-9.]{1,35}$")
    """Code of the agency that may see it."""
    purpose: str = Field(min_length=3, max_length=60)
    """For what: a procedure's code, or words."""
    until: datetime
    consent: Consent
    """How the citizen said yes; there is no default."""
    evidence: str = Field(min_length=3, max_length=200)
    """Where that is on record: a dossier, a number of the book."""
    paper: str | None = None
    """One paper; None for all."""


def share(tools: Tools, who: Principal, owner_id: str, asked: ShareRequest) -> Row:
    """Records a share. Raises `OwnerUnknownError`, `PaperUnknownError`, `ShareRefusedError`."""
    with tools.catalogue.owners().acting([f"owner {owner_id}"]) as desk:
        if desk.one(t.owners, owner_id) is None or not sees_owner(desk, who, owner_id):
            raise OwnerUnknownError(owner_id)
        top = desk.root(owner_id)
        if asked.paper is not None:
            paper = desk.one(t.papers, asked.paper)
            if paper is None or paper["owner_id"] != top or not who.may_see(paper["agency"]):
                raise PaperUnknownError(asked.paper)
        if asked.until.tzinfo is None or asked.until <= desk.now or asked.recipient == who.agency:
            raise ShareRefusedError(owner_id, "until or recipient")
        if _NUMBER.search(asked.purpose) or _NUMBER.search(asked.evidence):
            raise ShareRefusedError(owner_id, "a number in the purpose or evidence may be somebody's")
        row: Row = {
            "id": str(uuid4()),
            "owner_id": top,
            "linked_id": owner_id,
            "paper_id": asked.paper,
            "recipient": asked.recipient,
            "purpose": asked.purpose,
            "consent": asked.consent,
            "evidence": asked.evidence,
            "agency": who.agency,
            "granted_by": who.id,
            "granted_at": desk.now,
            "until": asked.until,
            "revoked_by": None,
            "revoked_at": None,
        }
        payload: dict[str, Any] = {"share": acts.as_json(t.shares, row)}
        act = journal.act(tools.store, acts.SHARED, row["id"], payload, desk.now)
        what = {"owner": top, "paper": asked.paper, "recipient": asked.recipient, "consent": asked.consent}
        desk.apply(act, {}, who=who.id, what=what)
    return row


def revoke(tools: Tools, who: Principal, share_id: str) -> Row:
    """Ends a share from now on; again changes nothing. Raises `ShareUnknownError`."""
    with tools.catalogue.owners().acting([f"share {share_id}"]) as desk:
        row = desk.one(t.shares, share_id)
        if row is None or not who.may_see(row["agency"]):
            raise ShareUnknownError(share_id)
        if row["revoked_at"] is None:
            act = journal.act(tools.store, acts.REVOKED, share_id, {"who": who.id}, desk.now)
            desk.apply(act, {}, who=who.id, what={"owner": row["owner_id"], "recipient": row["recipient"]})
            row = desk.one(t.shares, share_id)
    if row is None:
        raise ShareUnknownError(share_id)
    return row


def in_force(row: Row, now: datetime) -> bool:
    """Whether a share counts at a moment."""
    return row["revoked_at"] is None and bool(row["until"] > now)
