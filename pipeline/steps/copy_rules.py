"""What certified copies follow: the book, who signs, the fee; data, so that another year's amounts are no program.

Fees are counted by page and copy, in whole dong.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

from pydantic import Field, model_validator

from pipeline.errors import HosoError
from pipeline.procedures.yaml_file import Broken, read_yaml
from pipeline.record import Model

PACKAGED: Final = Path(__file__).parent / "data" / "copies.yaml"


class CopyRulesError(HosoError):
    """The file with the rules cannot be read."""

    code = "copy_rules_invalid"
    message_vi = "Tệp quy tắc chứng thực bản sao không đúng."
    remedy_vi = "Hãy sửa tệp theo dòng được nêu rồi chạy lại."


class Tier(Model):
    """From which page on a page costs how much."""

    from_page: int = Field(ge=1)
    per_page: int = Field(ge=0)


class FeeRule(Model):
    """What a certified copy costs."""

    tiers: tuple[Tier, ...] = Field(min_length=1)
    most_per_copy: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _rise(self) -> FeeRule:
        starts = [tier.from_page for tier in self.tiers]
        if starts[0] != 1 or starts != sorted(set(starts)):
            raise ValueError("`from_page` phải bắt đầu từ 1 và tăng dần")
        return self

    def amount(self, pages: int, copies: int = 1) -> int:
        """Dong for so many copies of so many pages."""
        one = sum(
            next(tier.per_page for tier in reversed(self.tiers) if tier.from_page <= page)
            for page in range(1, pages + 1)
        )
        return copies * (one if self.most_per_copy is None else min(one, self.most_per_copy))


class CopyRules(Model):
    """How this agency certifies."""

    book: str = Field(pattern=r"^[A-Z][A-Z/,]{1,19}$")
    volume: str = Field(pattern=r"^[0-9]{2}$")
    """Quyển số."""
    signers: tuple[str, ...] = Field(min_length=1, max_length=3)
    copy_kind: Literal["SAO Y", "SAO LỤC", "TRÍCH SAO"] = "SAO Y"
    fee: FeeRule


def load_rules(path: Path = PACKAGED) -> CopyRules:
    """Raises `CopyRulesError`."""
    try:
        return read_yaml(path).as_model(CopyRules)
    except Broken as error:
        raise CopyRulesError(path.name, str(error)) from error
