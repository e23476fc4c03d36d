"""Looks at people's data are entries of the ledger: who, why, at what; and many looks at one thing are one."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.access.principal import Principal, Purpose
from pipeline.access.roles import Role, rights_of
from pipeline.audit.entries import Entry
from pipeline.catalogue.catalogue import Catalogue
from pipeline.catalogue.looks import SAME_LOOK

HOA = Principal("u-hoa", "Nguyễn Thị Hoa", "H01.01", rights_of([Role.DESK_OFFICER]))
AN = Principal("u-an", "Lê Văn An", "H01.01", rights_of([Role.DESK_OFFICER]))


def test_a_look_is_entered_once_in_a_while(tmp_path: Path) -> None:
    now = datetime(2026, 11, 21, 3, tzinfo=UTC)
    with Catalogue.in_file(tmp_path / "c.db", clock=lambda: now) as catalogue:
        catalogue.migrate()
        ledger = catalogue.ledger()
        assert ledger.read(HOA, Purpose.RECEIVE, "hs-1", "record")
        assert not ledger.read(HOA, Purpose.RECEIVE, "hs-1", "record")
        assert ledger.read(HOA, Purpose.RECEIVE, "hs-1", "page")
        assert ledger.read(HOA, Purpose.RECEIVE, "hs-2", "record")
        assert ledger.read(HOA, Purpose.AUDIT, "hs-1", "record")
        assert ledger.read(AN, Purpose.RECEIVE, "hs-1", "record")
        now += SAME_LOOK - timedelta(seconds=1)
        assert not ledger.read(HOA, Purpose.RECEIVE, "hs-1", "record")
        now += timedelta(seconds=1)
        assert ledger.read(HOA, Purpose.RECEIVE, "hs-1", "record")
        entries = [Entry.model_validate_json(line) for line in ledger.lines()]
    assert [(e.kind, e.who, e.dossier) for e in entries[:2]] == [("read", "u-hoa", "hs-1")] * 2
    assert entries[0].what == {"purpose": "receive", "what": "record", "agency": "H01.01"}
    assert len(entries) == 6
    assert not any("Nguyễn" in entry.line().decode() for entry in entries)
