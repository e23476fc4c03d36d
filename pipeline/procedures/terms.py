"""What a public service promises and takes: its time, its fee, its results, and when a paper is asked for.

Times are working days; `pipeline.rules.deadlines` counts them, with the hour of `cutoff` and holidays. Amounts are
whole dong; None where a province decides them. A condition that a field decides is data (`When`) with three answers, so
that a field which nobody read never makes a paper needless. Source: the national portal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field, model_validator

from extractors.fields import FieldStatus
from pipeline.procedures.paper import KEY, TYPE, Part

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.record import DocumentRecord


class TimeCase(Part):
    """A kind of dossier that takes another time."""

    code: str = ""
    """The portal's code of the case, such as 1.000656.01."""
    name: str = ""
    """Vietnamese: which dossiers these are."""
    working_days: int | None = Field(default=None, ge=0)
    days: int | None = Field(default=None, ge=0)
    """Calendar days, where the law counts them."""


class TimeLimit(Part):
    """How long the authority may take."""

    working_days: int = Field(ge=0)
    cutoff: str | None = Field(default=None, pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    """Received after this time of day, the result is due on the next working day."""
    cases: tuple[TimeCase, ...] = ()
    note: str = ""


Channel = Literal["direct", "online", "post"]


class ChannelFee(Part):
    """What it costs by one way of handing in."""

    channel: Channel
    amount_vnd: int | None = Field(default=None, ge=0)
    note: str = ""


class Fee(Part):
    """What it costs."""

    amount_vnd: int | None = Field(default=None, ge=0)
    """None where a province decides it."""
    per: str = ""
    """Vietnamese: what one pays it for, such as `bản`, `trang`; empty for the whole dossier."""
    by_channel: tuple[ChannelFee, ...] = ()
    exempt: tuple[str, ...] = ()
    """Vietnamese: who does not pay."""
    note: str = ""

    def amount(self, channel: Channel = "direct") -> int | None:
        """Dong for a way of handing in."""
        return next((fee.amount_vnd for fee in self.by_channel if fee.channel == channel), self.amount_vnd)


class ResultPaper(Part):
    """What the citizen gets."""

    code: str | None = None
    """Result code of the portal, such as KQ.G15.000031."""
    name: str
    type: str | None = Field(default=None, pattern=TYPE)
    """The document type that describes its fields."""


class When(Part):
    """A condition that a dossier's fields decide. Exactly one of: a field, a paper, `any_of`, `all_of`."""

    type: str | None = Field(default=None, pattern=TYPE)
    key: str | None = Field(default=None, pattern=KEY)
    among: tuple[str, ...] = ()
    """The field says one of these."""
    not_among: tuple[str, ...] = ()
    """The field says something, and none of these."""
    filled: bool | None = None
    """The field is filled in (true), or left blank (false)."""
    has: str | None = Field(default=None, pattern=TYPE)
    """A paper of this type is in the dossier."""
    any_of: tuple[When, ...] = ()
    all_of: tuple[When, ...] = ()

    @model_validator(mode="after")
    def _one_way(self) -> When:
        ways = [self.type is not None, self.has is not None, bool(self.any_of), bool(self.all_of)]
        if sum(ways) != 1:
            raise ValueError("điều kiện phải nêu đúng một cách: `type` và `key`, `has`, `any_of` hoặc `all_of`")
        tests = [bool(self.among), bool(self.not_among), self.filled is not None]
        if self.type is not None and (self.key is None or sum(tests) != 1):
            raise ValueError("điều kiện theo trường cần `key` và đúng một trong `among`, `not_among`, `filled`")
        return self

    def places(self) -> tuple[tuple[str, str], ...]:
        """Document types and keys that decide it."""
        own = ((self.type, self.key),) if self.type and self.key else ()
        return own + tuple(place for part in (*self.any_of, *self.all_of) for place in part.places())

    def holds(self, documents: Sequence[DocumentRecord]) -> bool | None:
        """Yes, no, or None where the dossier does not say."""
        if self.has is not None:
            return any(document.type == self.has for document in documents)
        if self.any_of or self.all_of:
            said = [part.holds(documents) for part in self.any_of or self.all_of]
            decisive = bool(self.any_of)
            return decisive if decisive in said else None if None in said else not decisive
        answers = [self._field(document) for document in documents if document.type == self.type]
        return next((answer for answer in answers if answer is not None), None)

    def _field(self, document: DocumentRecord) -> bool | None:
        field = document.fields.get(self.key or "")
        if field is None or field.status in {FieldStatus.UNREADABLE, FieldStatus.DOUBTFUL}:
            return None
        blank = field.status is FieldStatus.BLANK or field.value is None
        if self.filled is not None:
            return blank != self.filled
        if blank:
            return None
        values = [str(value).casefold() for value in (field.value if isinstance(field.value, list) else [field.value])]
        if self.among:
            return any(value.casefold() in values for value in self.among)
        return all(value.casefold() not in values for value in self.not_among)


class StepSigners(Part):
    """Who signs at which of the five steps, in order: roles of keys (`officer`, `leader`, `agency`, ...).

    Whoever signs `receive` signs the receipt and slips of the desk, whoever signs `approve` also apologies and notices
    that a dossier is stopped. `appraise`, `approve` and `seal` put their signatures on each result, one after another.
    """

    receive: tuple[str, ...] = Field(default=("officer",), min_length=1, max_length=1)
    appraise: tuple[str, ...] = Field(default=(), max_length=2)
    """Initials (ký nháy) of the appraiser, where the procedure asks for them."""
    approve: tuple[str, ...] = Field(default=("leader",), min_length=1, max_length=3)
    seal: tuple[str, ...] = Field(default=("agency",), min_length=1, max_length=2)
    four_eyes: bool = True
    """Nobody approves what they appraised themselves."""
    book: str = Field(default="outgoing", pattern=r"^[a-z][a-z0-9_]{0,39}$")
    """The agency's book in which its results are numbered."""
