"""Acts of the journal: named without people, equal ones once, replayed in their order, unknown ones reported."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from pipeline import journal, recovery
from pipeline.composition import build_house
from pipeline.replayers import replayers
from pipeline.settings import Settings
from pipeline.store.folder import FolderStore

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.tools import Tools

AT = datetime(2026, 11, 22, 9, 30, 0, 5, tzinfo=timezone(timedelta(hours=7)))
OWNER = "0d4c1f6e-6a55-4f0a-9a30-123456789012"


def test_equal_acts_are_one_object_whatever_the_zone(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    first = journal.act(store, "kho.shared", OWNER, {"to": "H01"}, AT)
    assert journal.act(store, "kho.shared", OWNER, {"to": "H01"}, AT.astimezone(UTC)) == first
    (key,) = journal.act_keys(store)
    assert key.startswith(f"acts/20261122/023000.000005-kho.shared-{OWNER}-")
    assert journal.read_act(store, key) == first
    assert journal.acted(store, "kho.shared", OWNER, AT) == first
    assert journal.acted(store, "kho.shared", OWNER, AT + timedelta(microseconds=1)) is None


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        ("kho.shared", "001203004567"),
        ("kho.shared", "nguyễn-văn-an"),
        ("kho.shared", "cmnd-123456789"),
        ("Kho", OWNER),
        ("kho-x", OWNER),
        ("", ""),
    ],
)
def test_names_that_may_hold_a_person_are_refused(tmp_path: Path, kind: str, subject: str) -> None:
    store = FolderStore(tmp_path)
    with pytest.raises(ValueError, match="act"):
        journal.act(store, kind, subject, {}, AT)
    assert list(store.keys()) == []


def test_a_time_without_a_zone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="zone"):
        journal.act(FolderStore(tmp_path), "kho.shared", OWNER, {}, AT.replace(tzinfo=None))


def test_two_areas_cannot_claim_one_kind() -> None:
    replayers()
    with pytest.raises(ValueError, match=r"test\.one"):
        replayers((__name__, __name__))


def test_acts_are_replayed_in_their_order_and_unknown_ones_are_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    def replay(_tools: Tools, act: journal.Act) -> bool:
        count = act.payload["n"]
        assert isinstance(count, int)
        if count == 2:
            raise ValueError("no such thing")
        seen.append(count)
        return count == 1

    monkeypatch.setattr(recovery, "replayers", lambda: {"test.one": replay})
    with build_house(Settings(home=tmp_path / "home", cores=1)) as house:
        for count in (3, 1, 2):
            journal.act(house.store, "test.one", OWNER, {"n": count}, AT + timedelta(seconds=count))
        journal.act(house.store, "later.kind", "x", {}, AT)
        (first, *_) = house.store.keys("acts/20261122/023001")
        target = house.settings.home / "store" / "objects" / "acts" / "20261122" / "023009.000000-bad-x-0.json"
        house.store.put_new(f"acts/{target.parent.name}/{target.name}", b"{}")
        report = recovery.rebuild(house.tools)
    assert first.endswith(".json")
    assert seen == [1, 3]
    assert (report.acts, report.acts_added, report.unknown_acts) == (5, 1, {"later.kind": 1})
    assert [(item.dossier.split("/")[0], item.reason.split(":")[0]) for item in report.unrecovered] == [
        ("acts", "kind"),
        (OWNER, "test.one"),
    ]


REPLAYERS = {"test.one": lambda _tools, _act: True}
