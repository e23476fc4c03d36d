"""What keeping hands out: frozen records, ready to be sent as JSON. Times are aware, UTC; days are the desk's."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from pydantic import JsonValue

from pipeline.record import Model


class Kept(Model):
    """How long a filed dossier is kept."""

    dossier: str
    agency: str
    rule: str | None
    """None: undecided, no rule names it; it is kept until one does."""
    source: str
    """Vietnamese; empty while undecided."""
    permanent: bool
    counted_from: date
    """The day on which its work ended: its first filing."""
    keep_until: date | None
    """The last day; None for ever, or while undecided."""
    certainty: str
    computed_at: datetime
    medium: str
    """What keeps its objects from deletion: `COMPLIANCE`, `GOVERNANCE` or `none`."""
    medium_until: datetime | None
    destroyed_at: datetime | None = None
    destroyed_by: str | None = None

    @property
    def decided(self) -> bool:
        """Whether a rule names it."""
        return self.rule is not None

    def over(self, today: date) -> bool:
        """Whether its time has ended: only then may it be destroyed."""
        return self.decided and not self.permanent and self.keep_until is not None and today > self.keep_until


class Ground(Model):
    """Why something may not be destroyed."""

    kind: Literal["hold", "retention", "undecided", "reused"]
    """`reused`: another dossier stands on a paper of this one; `rule` is that dossier."""
    subject: str
    """The dossier or owner that it is about."""
    rule: str
    """Id of the rule, hold or other dossier."""
    source: str
    """Vietnamese: the law, or who ordered the hold when."""
    until: date | None = None
    """The last day of retention; None for ever, or until lifted."""

    def line(self) -> str:
        """One line for people, Vietnamese."""
        match self.kind:
            case "hold":
                return f"{self.subject}: đang phong tỏa ({self.source})"
            case "reused":
                return f"{self.subject}: hồ sơ {self.rule} đang dùng lại giấy tờ của hồ sơ này"
            case "undecided":
                return f"{self.subject}: chưa có quy định thời hạn lưu trữ; cơ quan phải quyết định trước"
            case _:
                how_long = f"đến hết {self.until:%d/%m/%Y}" if self.until else "vĩnh viễn"
                return f"{self.subject}: lưu trữ {how_long} ({self.source})"


class Hold(Model):
    """A legal hold on a dossier, or on everything of an owner."""

    id: str
    subject_kind: Literal["dossier", "owner"]
    subject: str
    agency: str
    reason: str
    set_by: str
    set_at: datetime
    on_medium: bool
    """Whether the store keeps the objects from deletion, too, or the catalogue alone does."""
    lifted_by: str | None = None
    lifted_at: datetime | None = None
    lift_reason: str | None = None


class RequestKind(StrEnum):
    """What a citizen asks about their own data."""

    EXPORT = "export"
    CORRECTION = "correction"
    ERASURE = "erasure"


class Request(Model):
    """A citizen's request about their data."""

    id: str
    kind: RequestKind
    owner: str
    agency: str
    note: str
    """What was asked, in the citizen's words; unreadable once their key is destroyed."""
    opened_by: str
    opened_at: datetime
    due_on: date
    due_note: str
    """Vietnamese: why the day is not certain; empty where it is."""
    state: Literal["open", "done", "refused"]
    answered_by: str | None = None
    answered_at: datetime | None = None
    answer: dict[str, JsonValue] | None = None
    """What was done, or which rules forbid it; no value of a person."""

    def late(self, today: date) -> bool:
        """Whether it should have been answered by now."""
        return self.state == "open" and today > self.due_on


class Correction(Model):
    """A value put right beside the filed one. The filed record is never rewritten; the highest version counts."""

    id: str
    request: str
    dossier: str
    document: str
    key: str
    version: int
    """2 for the first correction: version 1 is what was filed."""
    value: str
    filed_value: str
    reason: str
    who: str
    at: datetime
