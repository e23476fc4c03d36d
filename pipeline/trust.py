"""From a probability to "accept" or "ask a person": limits that measurement has earned, per kind of field.

For each kind, key fields apart, a table says from which probability on values were right as often as promised, with
how much evidence; `hoso bench fields --out` writes it beside its figures. The promise is an upper bound with 95 %
confidence, not a lucky share; a kind without enough evidence has no limit and is always asked about.
An installation may ask for more by settings, never for less. Source of the bound: Clopper and Pearson 1934.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from pipeline.errors import HosoError
from pipeline.fusion import Thresholds

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from pipeline.fusion import Trust
    from pipeline.settings import TrustSettings

ASK = 1.1
"""A limit that no probability reaches."""
TARGETS = {True: 0.001, False: 0.01}
"""Share of accepted values that may be wrong: key fields, others."""
CONFIDENCE = 0.95
_GRID = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98, 0.985, 0.99, 0.993, 0.996, 0.998)


class TrustTableError(HosoError):
    """The table of earned limits cannot be used."""

    code = "trust_table"
    message_vi = "Bảng ngưỡng chấp nhận trường dữ liệu có lỗi."
    remedy_vi = "Hãy lập lại bảng bằng `hoso bench fields --out`, hoặc bỏ HOSO_TRUST__TABLE."


@dataclass(frozen=True, slots=True)
class Earned:
    """What a kind of field has earned."""

    kind: str
    key_field: bool
    limit: float | None
    """Accepted from this probability on; None where nothing is enough."""
    accepted: int
    """Measured values at or above the limit, and how many of them were wrong."""
    wrong: int
    bound: float
    """Upper bound of the share of wrong ones, with 95 % confidence."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One measured field: what it claimed, and whether it was right."""

    kind: str
    key_field: bool
    probability: float
    right: bool


class EarnedTrust:
    """The table with the floors of an installation. Immutable."""

    def __init__(self, earned: Iterable[Earned], accept: float = 0.0, accept_key: float = 0.0) -> None:
        self._earned = {(one.kind, one.key_field): one for one in earned}
        self._floors = {True: accept_key, False: accept}

    def limit(self, kind: str, *, key_field: bool) -> float:
        """Probability from which a field of this kind needs no person; `ASK` where it always does."""
        one = self._earned.get((kind, key_field))
        if one is None or one.limit is None:
            return ASK
        return max(one.limit, self._floors[key_field])


def trust_of(settings: TrustSettings) -> Trust:
    """What an installation trusts. Raises TrustTableError."""
    if settings.table is None:
        return Thresholds(settings.accept, settings.accept_key)
    return EarnedTrust(read_table(settings.table), settings.accept, settings.accept_key)


def table_of(earned: Iterable[Earned]) -> dict[str, object]:
    """The table as it is written."""
    return {"confidence": CONFIDENCE, "kinds": [asdict(one) for one in earned]}


def read_table(path: Path) -> tuple[Earned, ...]:
    """The table of a file. Raises TrustTableError."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["kinds"]
        return tuple(Earned(**row) for row in rows)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TrustTableError(path.name, str(error)) from error


def earn(fields: Sequence[Measured], targets: Mapping[bool, float] = TARGETS) -> tuple[Earned, ...]:
    """The lowest limit of each kind above which the bound keeps the target."""
    kinds = sorted({(field.kind, field.key_field) for field in fields})
    return tuple(
        _earned(kind, [f for f in fields if (f.kind, f.key_field) == kind], targets[kind[1]]) for kind in kinds
    )


def _earned(kind: tuple[str, bool], fields: Sequence[Measured], target: float) -> Earned:
    best: Earned | None = None
    for limit in _GRID:
        above = [field for field in fields if field.probability >= limit]
        wrong = sum(not field.right for field in above)
        bound = upper_bound(wrong, len(above))
        made = Earned(*kind, limit if bound <= target else None, len(above), wrong, round(bound, 6))
        if bound <= target:
            return made
        if best is None or bound < best.bound:
            best = made
    return best or Earned(*kind, None, 0, 0, 1.0)


def upper_bound(wrong: int, total: int, confidence: float = CONFIDENCE) -> float:
    """Highest share of wrong ones that `wrong` of `total` leave possible (one-sided Clopper-Pearson); 1 for none."""
    if total == 0 or wrong >= total:
        return 1.0
    low, high = wrong / total, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if _at_most(wrong, total, middle) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high


def _at_most(wrong: int, total: int, share: float) -> float:
    """Chance of at most `wrong` in `total` draws."""
    if share <= 0:
        return 1.0
    if share >= 1:
        return 0.0
    logs = [
        math.lgamma(total + 1) - math.lgamma(k + 1) - math.lgamma(total - k + 1)
        + k * math.log(share) + (total - k) * math.log1p(-share)
        for k in range(wrong + 1)
    ]  # fmt: skip
    top = max(logs)
    return math.exp(top) * sum(math.exp(one - top) for one in logs)
