"""Limits earned by measurement: bounds, targets, and kinds that are always asked about."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from pipeline.settings import TrustSettings
from pipeline.trust import (
    ASK,
    Earned,
    EarnedTrust,
    Measured,
    TrustTableError,
    earn,
    read_table,
    table_of,
    trust_of,
    upper_bound,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("wrong", "total", "bound"),
    [(0, 300, 0.009936), (0, 3000, 0.000998), (1, 100, 0.046560), (5, 1000, 0.010485),
     (0, 1, 0.95), (0, 0, 1.0), (3, 3, 1.0)],
)  # fmt: skip
def test_the_bound_is_the_one_of_the_tables(wrong: int, total: int, bound: float) -> None:
    assert upper_bound(wrong, total) == pytest.approx(bound, abs=2e-6)


def fields(kind: str, probability: float, count: int, wrong: int = 0, *, key: bool = False) -> list[Measured]:
    return [Measured(kind, key, probability, n >= wrong) for n in range(count)]


def test_a_limit_is_the_lowest_that_keeps_the_promise() -> None:
    (one,) = earn(fields("place", 0.999, 400) + fields("place", 0.91, 100) + fields("place", 0.55, 50, wrong=30))
    assert (one.limit, one.accepted, one.wrong) == (0.6, 500, 0)
    assert one.bound < 0.01


def test_too_little_evidence_earns_nothing_however_right_it_is() -> None:
    (one,) = earn(fields("name", 0.999, 2000, key=True))
    assert one.limit is None
    assert EarnedTrust([one]).limit("name", key_field=True) == ASK
    (more,) = earn(fields("name", 0.999, 3000, key=True))
    assert more.limit == 0.5


def test_sure_and_wrong_earns_nothing() -> None:
    (one,) = earn(fields("date", 0.999, 1000, wrong=20))
    assert one.limit is None
    assert one.wrong == 20


def test_an_unknown_kind_is_asked_about_and_settings_only_raise() -> None:
    trust = EarnedTrust([Earned("place", False, 0.6, 500, 0, 0.006)], accept=0.9, accept_key=0.97)
    assert trust.limit("place", key_field=False) == 0.9
    assert trust.limit("place", key_field=True) == ASK
    assert (
        EarnedTrust([Earned("place", False, 0.95, 500, 0, 0.006)], accept=0.9).limit("place", key_field=False) == 0.95
    )


def test_a_table_that_was_written_is_read_again_and_followed(tmp_path: Path) -> None:
    earned = earn(fields("place", 0.999, 400) + fields("name", 0.999, 10, key=True))
    path = tmp_path / "trust.json"
    path.write_text(json.dumps(table_of(earned)), encoding="utf-8")
    assert read_table(path) == earned
    trust = trust_of(TrustSettings(table=path))
    assert trust.limit("place", key_field=False) == 0.9
    assert trust.limit("name", key_field=True) == ASK
    assert trust_of(TrustSettings()).limit("name", key_field=True) == 0.97


def test_a_broken_table_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "trust.json"
    for content in ("", "[]", '{"kinds": [{"kind": "x"}]}'):
        broken.write_text(content, encoding="utf-8")
        with pytest.raises(TrustTableError) as refused:
            read_table(broken)
        assert refused.value.file == "trust.json"
