"""The end of an owner's key in a whole house: nothing opens, nothing is found, the record of it stays."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner
from vault_samples import NOW

from api.cli import app
from pipeline import backup, journal
from pipeline.catalogue import tables_owners as o
from pipeline.composition import build_house
from pipeline.errors import Exit
from pipeline.fixity import check
from pipeline.recovery import rebuild
from pipeline.settings import Settings
from pipeline.vault.copies import ring_lines
from pipeline.vault.destruction import ENDED, bring_forward, destroy
from pipeline.vault.errors import HeldByLawError, KeyDestroyedError
from pipeline.vault.status import status

SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.fixture
def house(tmp_path):
    with build_house(Settings(home=tmp_path / "home", cores=1), clock=lambda: NOW) as made:
        yield made


def received(house, tmp_path, *names: str) -> str:
    """A dossier of small files; files of one name have the same bytes everywhere."""
    folder = tmp_path / "in" / "-".join(names)
    folder.mkdir(parents=True)
    for name in names:
        (folder / f"{name}.txt").write_text(f"Tờ khai của {name}")
    return house.conductor.receive([folder], None).dossier_id


def test_destroying_an_owner(house, tmp_path):
    mine, other = received(house, tmp_path, "a", "shared"), received(house, tmp_path, "b", "shared")
    originals = {o.name: f"originals/{o.sha256[:2]}/{o.sha256}" for o in house.catalogue.load(mine).originals}
    house.tools.vault.link(mine, "owner-1")
    gone = destroy(house.tools, "owner-1", "Đơn của công dân A", "cán bộ")
    assert {"owner-1", mine} <= set(gone)
    assert len(gone) == 3, "and the one file that nobody else has"
    for look in (
        lambda: house.catalogue.load(mine),
        lambda: house.store.get(f"journal/{mine}/received.json"),
        lambda: house.store.get(originals["a.txt"]),
        lambda: house.catalogue.save(house.catalogue.load(other).model_copy(update={"id": mine})),
    ):
        with pytest.raises(KeyDestroyedError):
            look()
    assert house.store.get(originals["shared.txt"]) == "Tờ khai của shared".encode()
    assert house.catalogue.load(other) is not None
    assert house.catalogue.find_original(originals["a.txt"][-64:]) == []
    assert house.catalogue.list_dossiers()[0].id in {mine, other}, "that it was there stays known"
    assert check(house.tools).whole
    (act,) = [journal.read_act(house.store, key) for key in journal.act_keys(house.store) if f"-{ENDED}-" in key]
    assert act.payload["names"] == ["owner-1", mine]
    assert "công dân" not in json.dumps(act.payload, ensure_ascii=False)
    entries = [json.loads(line) for line in house.catalogue.ledger().lines()]
    assert [(e["kind"], e["dossier"], e["who"]) for e in entries if e["kind"] == "key"] == [
        ("key", "owner-1", "cán bộ")
    ]
    assert "công dân" not in json.dumps(entries, ensure_ascii=False)
    assert destroy(house.tools, "owner-1", "lần nữa", "cán bộ") == []


def test_the_same_file_may_come_again(house, tmp_path):
    first = received(house, tmp_path, "a")
    destroy(house.tools, first, "x", "y")
    shutil.rmtree(tmp_path / "in")
    second = received(house, tmp_path, "a")
    assert second != first
    (original,) = house.catalogue.load(second).originals
    assert house.store.get(f"originals/{original.sha256[:2]}/{original.sha256}") == "Tờ khai của a".encode()


def test_a_hold_prevents_it_and_nothing_has_happened(house, tmp_path):
    mine = received(house, tmp_path, "a")
    house.tools.vault.link(mine, "owner-1")
    house.tools.vault.add_hold_check(lambda name: "lệnh giữ" if name == mine else None)
    with pytest.raises(HeldByLawError):
        destroy(house.tools, "owner-1", "x", "y")
    assert house.catalogue.load(mine) is not None
    assert not list(journal.act_keys(house.store))


def test_where_the_journal_cannot_be_written_nothing_ends(house, tmp_path, monkeypatch):
    mine = received(house, tmp_path, "a")
    monkeypatch.setattr(house.store, "put_new", None)
    with pytest.raises(TypeError):
        destroy(house.tools, mine, "x", "y")
    monkeypatch.undo()
    assert house.catalogue.load(mine) is not None


def test_a_lost_catalogue_comes_back_without_what_was_destroyed(house, tmp_path):
    mine, other = received(house, tmp_path, "a"), received(house, tmp_path, "b")
    destroy(house.tools, mine, "x", "y")
    house.close()
    (tmp_path / "home" / "catalogue.sqlite3").unlink()
    with build_house(Settings(home=tmp_path / "home", cores=1), clock=lambda: NOW) as again:
        report = rebuild(again.tools)
        assert (report.added, report.erased, report.unrecovered) == (1, 1, ())
        assert again.catalogue.load(other) is not None


def test_an_older_ring_does_not_bring_it_back(house, tmp_path, monkeypatch):
    mine, other = received(house, tmp_path, "a"), received(house, tmp_path, "b")
    house.tools.vault.link(mine, "owner-1")
    backup.back_up(house.tools, tmp_path / "backup")
    destroy(house.tools, "owner-1", "x", "y")
    house.close()
    for path in (tmp_path / "home" / "vault").glob("ring*"):
        path.unlink()
    (copy,) = (tmp_path / "backup").glob("ring-*")
    monkeypatch.setenv("HOSO_HOME", str(tmp_path / "home"))
    answer = CliRunner().invoke(app, ["vault", "restore-ring", str(copy), "--json"])
    assert answer.exit_code == Exit.FILED, answer.output
    said = json.loads(answer.stdout)
    assert said["destroyed"] == 3
    with build_house(Settings(home=tmp_path / "home", cores=1), clock=lambda: NOW) as again:
        with pytest.raises(KeyDestroyedError):
            again.catalogue.load(mine)
        assert again.catalogue.load(other) is not None
        assert bring_forward(again.tools) == 0


def test_what_nobody_claimed_can_be_swept(house):
    house.store.put_new("pages/ab/" + "ab" * 32 + ".png", b"x")
    assert status(house.tools).unclaimed == 1
    assert house.tools.vault.sweep(NOW) == 0
    from datetime import timedelta

    assert house.tools.vault.sweep(NOW + timedelta(days=1)) == 1
    with pytest.raises(KeyDestroyedError):
        house.store.get("pages/ab/" + "ab" * 32 + ".png")


def test_status_counts_what_is_not_sealed(house, tmp_path):
    received(house, tmp_path, "a")
    house.tools.medium.put_new("originals/cd/" + "cd" * 32, b"old")
    found = status(house.tools)
    assert (found.sealed, found.unsealed, found.whole) == (2, 1, True)
    (master,) = found.masters
    assert (master.state, master.here) == ("current", True)


def test_the_commands(house, tmp_path, monkeypatch, quiet_logging):
    mine = received(house, tmp_path, "a")
    house.close()
    monkeypatch.setenv("HOSO_HOME", str(tmp_path / "home"))
    run = CliRunner()
    assert "đang dùng" in run.invoke(app, ["vault", "status"]).stdout
    assert run.invoke(app, ["vault", "rotate", "--prepare"]).exit_code == Exit.FILED
    rotated = json.loads(run.invoke(app, ["vault", "rotate", "--remove-old", "--json"]).stdout)
    assert len(rotated["removed"]) == 1
    refused = run.invoke(app, ["vault", "destroy", mine, "--reason", "x"], input="không\n")
    assert refused.exit_code == Exit.REFUSED
    done = run.invoke(app, ["vault", "destroy", mine, "--reason", "x", "--yes", "--json"])
    assert json.loads(done.stdout)["dossiers"] == [mine]
    assert run.invoke(app, ["vault", "destroy", "nobody", "--reason", "x", "--yes"]).exit_code == Exit.REFUSED
    assert run.invoke(app, ["vault", "sweep"]).exit_code == Exit.FILED
    (tmp_path / "home" / "vault" / "master.key").unlink()
    lost = run.invoke(app, ["vault", "status"])
    assert lost.exit_code == Exit.HELD


def test_no_line_of_a_ring_s_copy_is_a_key(house):
    secret = house.tools.vault.key("house").secret()
    assert secret.hex() not in "".join(ring_lines(house.tools.vault.keeper.ring))


def test_words_and_indexes_of_an_owner_go_with_the_key(house):
    """Keyed digests in the citizens' data store: nothing finds the erased any more, the others stay."""
    own = {"kind": "citizen", "sealed": b"x", "created_at": NOW, "number_index": "1" * 64, "name_index": "2" * 64}
    paper = {
        "state": "linked", "reason": "", "confidence": 1.0, "agency": "H00", "document_id": "d1", "type": "t",
        "permanent": True, "sealed": b"x", "filed_at": NOW, "identity_index": "3" * 64, "code_index": "4" * 64,
    }  # fmt: skip
    with house.catalogue._database.writing() as connection:
        for number, name in enumerate(("anna", "binh"), start=1):
            connection.execute(o.owners.insert().values(id=name, **own))
            connection.execute(o.owner_words.insert().values(token=7, owner_id=name))
            connection.execute(
                o.papers.insert().values(
                    number=number, id=f"p{number}", linked_id=name, dossier_id=f"hs{number}", **paper
                )
            )
            connection.execute(o.words.insert().values(token=9, paper=number))
    house.tools.vault.seal("anna", b"x")
    destroy(house.tools, "anna", "x", "y")
    with house.catalogue._database.reading() as connection:
        assert connection.execute(select(o.owner_words.c.owner_id)).scalars().all() == ["binh"]
        assert connection.execute(select(o.words.c.paper)).scalars().all() == [2]
        found = connection.execute(select(o.owners.c.number_index, o.owners.c.name_index).order_by(o.owners.c.id)).all()
        assert [tuple(row) for row in found] == [(None, None), ("1" * 64, "2" * 64)]
        papers = connection.execute(select(o.papers.c.code_index, o.papers.c.identity_index).order_by(o.papers.c.id))
        assert [tuple(row) for row in papers] == [(None, ""), ("4" * 64, "3" * 64)]
