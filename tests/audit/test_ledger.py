"""Every act leaves an entry; every tampering with an exported ledger is found by somebody who has only the file."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from api.cli import app
from pipeline.audit.export import Seal, check_lines, export_lines, sealed_bytes
from pipeline.audit.merkle import leaf_hash, root_of_proof
from pipeline.audit.sealing import SegmentError, seal
from pipeline.catalogue.errors import CatalogueError
from pipeline.catalogue.rows import Decision
from pipeline.composition import House, build_house
from pipeline.recovery import rebuild
from pipeline.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with build_house(Settings(home=tmp_path / "home", cores=2)) as built:
        yield built


def received(house: House, tmp_path: Path, text_: str) -> str:
    note = tmp_path / f"{text_}.txt"
    note.write_text(text_, encoding="utf-8")
    return house.conductor.receive([note], None).dossier_id


@pytest.fixture
def dossier(house: House, tmp_path: Path) -> str:
    """Received, answered, filed, as far as the catalogue is concerned; another one beside it."""
    dossier_id = received(house, tmp_path, "một")
    received(house, tmp_path, "hai")
    answers = [Decision(document="d1", key="ho_ten", value="Nguyễn Thử", who="thư ký", note="value")]
    house.catalogue.add_decisions(dossier_id, answers)
    house.catalogue.record_filing(dossier_id, "archive_pdf", "filed/x/archive.pdf", "ab" * 32, 9, level="B-LTA")
    house.catalogue.record_filing(dossier_id, "archive_pdf", "filed/x/archive.pdf", "ab" * 32, 9, level="B-LTA")
    return dossier_id


def exported(house: House) -> list[bytes]:
    ledger = house.catalogue.ledger()
    return list(export_lines(ledger.lines(), ledger.seals()))


def test_every_act_is_one_entry_and_none_holds_a_value(house: House, dossier: str) -> None:
    lines = [json.loads(line) for line in exported(house)[1:]]
    assert [(line["kind"], line["who"]) for line in lines] == [
        ("received", "system"),
        ("received", "system"),
        ("decided", "thư ký"),
        ("filed", "system"),
    ]
    assert lines[2]["what"] == {"targets": [["d1", "ho_ten", "value"]]}
    assert "Nguyễn Thử" not in "".join(map(str, lines))
    assert lines[3]["dossier"] == dossier


def test_an_act_that_fails_leaves_no_entry(house: House, dossier: str) -> None:
    before = house.catalogue.ledger().state()
    with pytest.raises(CatalogueError):
        house.catalogue.add_decisions("hs-none", [Decision(key="x", who="ai")])
    assert house.catalogue.ledger().state() == before
    assert dossier


def test_rows_cannot_be_changed_through_our_own_connection(house: House, dossier: str) -> None:
    for statement in ("UPDATE audit SET leaf = leaf", "DELETE FROM audit", "DELETE FROM audit_seals"):
        seal(house.tools)
        with pytest.raises(CatalogueError), house.catalogue.ledger().database.writing() as connection:
            connection.execute(text(statement))
    assert dossier


def test_a_seal_covers_what_is_new_once(house: House, dossier: str, tmp_path: Path) -> None:
    assert dossier
    assert seal(house.tools).new == 4
    assert seal(house.tools).new == 0
    received(house, tmp_path, "ba")
    assert seal(house.tools).new == 1
    check, seals = check_lines(exported(house))
    assert (check.faults, check.entries, check.sealed, len(seals)) == ((), 5, 5, 2)


def test_openssl_agrees_with_the_seal(house: House, dossier: str, tmp_path: Path) -> None:
    assert dossier
    seal(house.tools)
    (made,) = house.catalogue.ledger().seals()
    assert made.token is not None
    (tmp_path / "data").write_bytes(sealed_bytes(made.size, made.root))
    (tmp_path / "token").write_bytes(made.token)
    roots = next(house.settings.pki.glob("root*.pem"), None) or next(house.settings.pki.rglob("*root*.crt"))
    command = ["openssl", "ts", "-verify", "-token_in", "-in", "token", "-data", "data", "-CAfile", str(roots)]
    untrusted = next(house.settings.pki.rglob("*issuing*.pem"), None) or next(house.settings.pki.rglob("*issuing*.crt"))
    done = subprocess.run(
        [*command, "-untrusted", str(untrusted)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "Verification: OK" in done.stdout + done.stderr


def test_a_dossier_is_proved_with_a_few_hashes(house: House, dossier: str) -> None:
    seal(house.tools)
    ledger = house.catalogue.ledger()
    (made,) = ledger.seals()
    proofs = ledger.proofs(dossier, made.size)
    assert [proved.entry.kind for proved in proofs] == ["received", "decided", "filed"]
    for proved in proofs:
        path = [bytes.fromhex(node) for node in proved.path]
        found = root_of_proof(leaf_hash(proved.entry.line()), proved.entry.seq - 1, proved.size, path)
        assert found is not None
        assert found.hex() == made.root


def faults(lines: list[bytes]) -> set[str]:
    return {fault.code for fault in check_lines(lines)[0].faults}


@pytest.fixture
def lines(house: House, dossier: str, tmp_path: Path) -> list[bytes]:
    assert dossier
    seal(house.tools)
    received(house, tmp_path, "sau")
    found = exported(house)
    assert faults(found) == set()
    return found


def test_a_changed_entry(lines: list[bytes]) -> None:
    assert faults([*lines[:2], lines[2].replace(b"system", b"nobody"), *lines[3:]]) >= {"chain_broken", "root_differs"}


def test_an_entry_left_out(lines: list[bytes]) -> None:
    assert faults([*lines[:2], *lines[3:]]) >= {"gap", "chain_broken"}


def test_two_entries_exchanged(lines: list[bytes]) -> None:
    assert faults([lines[0], lines[2], lines[1], *lines[3:]]) >= {"gap", "chain_broken"}


def test_an_entry_put_in(lines: list[bytes]) -> None:
    assert faults([*lines[:3], lines[2], *lines[3:]]) >= {"gap"}


def test_the_same_content_in_another_spelling(lines: list[bytes]) -> None:
    spaced = json.dumps(json.loads(lines[1]), ensure_ascii=False).encode()
    assert faults([lines[0], spaced, *lines[2:]]) >= {"altered"}


def test_the_whole_chain_written_anew_is_given_away_by_the_seal(lines: list[bytes]) -> None:
    from pipeline.audit.entries import FIRST, Entry

    sealed = [line for line in lines if line.startswith(b'{"seal"')]
    forged: list[bytes] = []
    previous = FIRST
    for line in lines[1:]:
        if line in sealed:
            forged.append(line)
            continue
        entry = Entry.model_validate_json(line).model_copy(update={"prev": previous, "who": "ai đó"})
        forged.append(entry.line())
        previous = entry.leaf()
    assert faults([lines[0], *forged]) == {"root_differs"}


def test_the_end_cut_off_before_a_seal(lines: list[bytes]) -> None:
    (sealed,) = (line for line in lines if line.startswith(b'{"seal"'))
    assert faults([*lines[:3], sealed]) == {"seal_of_nothing"}


def test_rubbish_is_named_not_a_crash() -> None:
    assert faults([b"", b"\xff\xfe", b"{}", b'{"seal": 3}']) == {"not_a_ledger", "unreadable"}
    assert faults([]) == set()
    assert check_lines([])[0].entries == 0


def test_a_catalogue_made_anew_has_its_ledger_back(house: House, dossier: str, tmp_path: Path) -> None:
    seal(house.tools)
    received(house, tmp_path, "sau")
    seal(house.tools)
    before = exported(house)
    home = house.settings.home
    house.close()
    (home / "catalogue.sqlite3").unlink()
    with build_house(Settings(home=home, cores=2)) as anew:
        report = rebuild(anew.tools)
        assert report.ledger_entries == 5
        after = exported(anew)
        assert after[: len(before)] == before
        kinds = [json.loads(line).get("kind") for line in after[len(before) :]]
        assert kinds == ["recovered"] * 3
        assert check_lines(after)[0].faults == ()
    assert dossier


def test_segments_that_were_changed_are_not_brought_back(house: House, dossier: str) -> None:
    assert dossier
    seal(house.tools)
    home = house.settings.home
    (segment,) = house.store.keys("ledger/")
    data = house.store.get(segment).replace(b"system", b"nobody")
    house.close()
    (home / "catalogue.sqlite3").unlink()
    (home / "store" / "objects" / segment).unlink()
    with build_house(Settings(home=home, cores=2)) as anew:
        for mark in (home / "store" / "sums" / segment).iterdir():
            mark.unlink()
        anew.store.put_new(segment, data)
        with pytest.raises(SegmentError):
            rebuild(anew.tools)


@pytest.mark.usefixtures("quiet_logging")
def test_the_commands_as_an_auditor_meets_them(
    house: House, dossier: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOSO_HOME", str(house.settings.home))
    house.close()
    out = tmp_path / "ledger.jsonl"

    def hoso(*words: str) -> tuple[int, str]:
        answer = CliRunner().invoke(app, ["ledger", *words])
        return answer.exit_code, answer.stdout

    assert hoso("export", str(out))[0] == 0
    code, said = hoso("check", str(out))
    assert (code, "CHƯA RÕ" in said) == (3, True), "nothing is sealed yet"
    assert hoso("prove", dossier)[0] == 4
    assert hoso("seal")[0] == 0
    assert hoso("export", str(out))[0] == 0
    monkeypatch.setenv("HOSO_HOME", str(tmp_path / "another machine"))
    code, said = hoso("check", str(out), "--json")
    report = json.loads(said)
    assert (code, report["outcome"]) == (0, "valid")
    assert report["seals"][0]["state"] == "intact"
    assert datetime.fromisoformat(report["seals"][0]["at"]) <= datetime.now(UTC)
    out.write_bytes(out.read_bytes().replace(b"thu", b"th0").replace(b"system", b"nobody", 1))
    code, said = hoso("check", str(out))
    assert (code, "KHÔNG HỢP LỆ" in said) == (2, True)
    assert hoso("check", str(tmp_path / "none"))[0] == 4
    monkeypatch.setenv("HOSO_HOME", str(house.settings.home))
    code, said = hoso("prove", dossier)
    assert code == 0
    assert len(said.splitlines()) == 3


def test_a_token_over_another_root_is_no_seal(house: House, dossier: str, tmp_path: Path) -> None:
    assert dossier
    seal(house.tools)
    (made,) = house.catalogue.ledger().seals()
    received(house, tmp_path, "sau")
    size, root = house.catalogue.ledger().state()
    borrowed = Seal(size=size, root=root, at=made.at, token=made.token)
    from api.commands.ledger import _judged

    assert _judged(made).state == "intact"
    assert _judged(borrowed).state == "altered"
