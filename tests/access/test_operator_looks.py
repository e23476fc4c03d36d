"""What commands on the machine show of a dossier is on record, once for a while, as the operator's."""

import json
from pathlib import Path

from api.commands import slip
from api.commands.common import look
from pipeline.composition import build_house
from pipeline.settings import Settings


def reads(home: Path) -> list[dict[str, object]]:
    with build_house(Settings(home=home, cores=1)) as house:
        entries = [json.loads(line) for line in house.catalogue.ledger().lines()]
    return [entry for entry in entries if entry["kind"] == "read"]


def test_a_look_is_an_entry_once(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with build_house(Settings(home=home, cores=1)) as house:
        look(house, "hs-261122-aaaaaaaa", "record")
        look(house, "hs-261122-aaaaaaaa", "record")
        look(house, "hs-261122-aaaaaaaa", "package")
    found = reads(home)
    assert [entry["what"]["what"] for entry in found] == ["record", "package"]
    assert {(entry["who"], entry["what"]["purpose"]) for entry in found} == {("operator", "operation")}


def test_a_slip_that_was_printed_is_a_look(tmp_path: Path, monkeypatch) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("HOSO_HOME", str(home))
    paper = tmp_path / "to.png"
    paper.write_bytes(b"no picture")
    with build_house(Settings(home=home, cores=1)) as house:
        dossier_id = house.conductor.receive([paper], "1.001193").dossier_id
    assert slip.run(dossier_id, "receipt", "", (), tmp_path / "phieu.pdf") == 0
    assert [entry["what"]["what"] for entry in reads(home)] == ["slip"]
