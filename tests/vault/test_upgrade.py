"""A catalogue from before there was a vault (revision 0003, rows as that software dumped them) becomes a sealed one.

Nothing is lost, nothing plain is left in the file, and a start that was cut off goes on.
"""

from __future__ import annotations

import base64
import json
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import DateTime, LargeBinary, MetaData, insert, select
from vault_samples import vault_at

from pipeline.catalogue import schema, upgrade
from pipeline.catalogue import tables as t
from pipeline.catalogue.catalogue import Catalogue
from pipeline.catalogue.session import Database
from pipeline.vault.vault import CONTENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.vault.vault import Vault

DUMP = Path(__file__).with_name("data") / "catalogue-0003.jsonl"
NAMES = ("Nguyễn Văn Thử", "Lê Thị Mẫu", "001099012345")


def read(value: Any, kind: Any) -> Any:
    if value is not None and isinstance(kind, LargeBinary):
        return base64.b64decode(value)
    return datetime.fromisoformat(value) if value is not None and isinstance(kind, DateTime) else value


def fill(url: str) -> None:
    """The old rows in a database of the old revision."""
    lines = [json.loads(line) for line in DUMP.read_text(encoding="utf-8").splitlines()]
    database = Database(url)
    schema.migrate(database, lines[0]["revision"])
    known = MetaData()
    with database.writing() as connection:
        known.reflect(connection)
        for line in lines[1:]:
            table = known.tables[line["table"]]
            row = {name: read(value, table.columns[name].type) for name, value in line["row"].items()}
            if database.is_sqlite:
                row = {k: v.replace(tzinfo=None) if isinstance(v, datetime) else v for k, v in row.items()}
            connection.execute(insert(table).values(**row))
    database.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'old.sqlite3'}"
    found: str = request.getfixturevalue("empty_postgresql")
    return found


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with closing(vault_at(tmp_path / "home")) as made:
        yield made


def everything(catalogue: Catalogue) -> str:
    return "\n".join(catalogue.dump())


def test_an_old_catalogue_is_sealed_and_says_the_same(url: str, vault: Vault, tmp_path: Path) -> None:
    fill(url)
    with Catalogue(url) as plain:
        plain.migrate()
        before = [plain.load(f"HS-{number}") for number in (1, 2, 3)]
        decisions = plain.decisions_of("HS-1")
        said = everything(plain)
    assert all(name in said for name in NAMES[:2])
    with Catalogue(url, vault=vault) as catalogue:
        assert catalogue.load("HS-1") == before[0], "a row that is not sealed yet is read as it is"
        assert catalogue.seal_old() == 3
        assert [catalogue.load(f"HS-{number}") for number in (1, 2, 3)] == before
        assert catalogue.decisions_of("HS-1") == decisions
        assert catalogue.find_field("ho_ten", "Nguyễn Văn Thử") == ["HS-1"]
        assert catalogue.find_field("ho_ten", "Lê Thị Mẫu") == ["HS-2"]
        assert catalogue.step_output("ef" * 32, "read", "1") == b"H\xe1\xbb\x8d v\xc3\xa0 t\xc3\xaan: " + (
            "Nguyễn Văn Thử, số 001099012345".encode()
        )
        assert catalogue.events_after("HS-1")[0].data["page"] == {"file": "Nguyễn Văn Thử.pdf"}
        assert catalogue.uploads_of("HS-9")[0].name == "tờ khai Nguyễn Văn Thử.pdf"
        assert not [name for name in NAMES if name in everything(catalogue)]
        assert catalogue.seal_old() == 0
    if url.startswith("sqlite"):
        for path in tmp_path.glob("old.sqlite3*"):
            data = path.read_bytes()
            assert not [name for name in NAMES if name.encode() in data], path.name
    database = Database(url)
    with database.writing() as connection, pytest.raises(Exception, match="only grow"):
        connection.execute(t.decisions.delete())
    database.close()


def test_cut_off_it_goes_on(url: str, vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(url)
    monkeypatch.setattr(upgrade, "_BATCH", 1)

    class CutOffError(Exception):
        pass

    def cut(count: int) -> None:
        if count == 2:
            raise CutOffError

    with Catalogue(url, vault=vault) as catalogue:
        catalogue.migrate()
        with pytest.raises(CutOffError):
            catalogue.seal_old(cut)
        assert catalogue.load("HS-1") is not None
        assert catalogue.seal_old() == 1
        assert not [name for name in NAMES if name in everything(catalogue)]


def test_words_of_a_page_end_with_it(url: str, vault: Vault) -> None:
    """A page from before gets a key of its own, so that an owner's erasure takes the words that were read on it."""
    fill(url)
    with Catalogue(url, vault=vault) as catalogue:
        catalogue.migrate()
        catalogue.seal_old()
        assert vault.lives(CONTENT + "ab" * 32)
        assert catalogue.step_output("ab" * 32, "other", "1") is not None
        for number in (1, 2, 3):
            vault.destroy(f"HS-{number}", "x")
        assert not vault.lives(CONTENT + "ab" * 32)
        assert catalogue.step_output("ab" * 32, "other", "1") is None
        assert catalogue.remember_step("ab" * 32, "other", "1", b"new", 0.0) == b"new"


def test_an_old_dump_is_read_in_and_sealed(vault: Vault, tmp_path: Path) -> None:
    with Catalogue.in_file(tmp_path / "new.sqlite3") as target:
        target.load_dump(DUMP.read_text(encoding="utf-8").splitlines())
    with Catalogue(f"sqlite:///{tmp_path / 'new.sqlite3'}", vault=vault) as catalogue:
        assert catalogue.seal_old() == 3
        assert catalogue.find_field("ho_ten", "lê thị mẫu") == ["HS-2"]
        assert not [name for name in NAMES if name in everything(catalogue)]


def test_records_of_another_kind_are_sealed_as_they_are(vault: Vault, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.sqlite3'}"
    fill(url)
    with Catalogue(url, vault=vault) as catalogue:
        catalogue.migrate()
        with catalogue._database.writing() as connection:
            connection.execute(t.dossiers.update().where(t.dossiers.c.id == "HS-3").values(record={"ai": NAMES[0]}))
        catalogue.seal_old()
        with catalogue._database.reading() as connection:
            kept = connection.execute(select(t.dossiers.c.record).where(t.dossiers.c.id == "HS-3")).scalar_one()
        assert kept.startswith("hv1:")
        assert catalogue._seals.opened("dossiers.record", kept) == {"ai": NAMES[0]}
