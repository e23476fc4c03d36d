"""A backup is worth what a restore of it is worth: restored, checked, compared; harmed, refused by name."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import shutil
import zipfile
from typing import TYPE_CHECKING

import pytest

from pipeline import backup
from pipeline.backup import BackupUnusableError, RestoreTargetError
from pipeline.catalogue.catalogue import Catalogue
from pipeline.catalogue.errors import CatalogueNotEmptyError, DumpUnreadableError
from pipeline.composition import build_house, store_options
from pipeline.fixity import check
from pipeline.settings import Settings
from pipeline.store.errors import CorruptError
from pipeline.store.factory import opened_store
from pipeline.vault.errors import MasterMissingError

if TYPE_CHECKING:
    from pathlib import Path

    from kho_samples import Kho


@pytest.fixture(scope="module")
def folder(kho: Kho, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target: Path = tmp_path_factory.mktemp("backup")
    backup.back_up(kho.house.tools, target)
    return target


def restore(folder: Path, home: Path) -> backup.RestoreReport:
    settings = Settings(home=home, cores=2)
    home.mkdir(parents=True, exist_ok=True)
    with Catalogue(settings.database) as catalogue, opened_store(store_options(settings)) as store:
        return backup.restore(folder, settings, catalogue, store)


def rows(catalogue: Catalogue) -> list[str]:
    return list(catalogue.dump())


def bring_master(kho: Kho, home: Path) -> None:
    """What an operator does from his safe: no backup holds it."""
    (home / "vault").mkdir(parents=True, exist_ok=True)
    shutil.copy(kho.house.settings.home / "vault" / "master.key", home / "vault" / "master.key")


def test_what_is_restored_is_what_was_backed_up(kho: Kho, folder: Path, tmp_path: Path) -> None:
    report = restore(folder, tmp_path / "home")
    with pytest.raises(MasterMissingError):
        build_house(Settings(home=tmp_path / "home", cores=2))
    bring_master(kho, tmp_path / "home")
    with build_house(Settings(home=tmp_path / "home", cores=2)) as house:
        assert rows(house.catalogue) == rows(kho.house.catalogue)
        assert list(house.store.keys()) == list(kho.house.store.keys())
        assert check(house.tools).whole
        pdf = house.conductor.archive_pdf(kho.filed)
        assert pdf is not None
        path = tmp_path / "filed.pdf"
        path.write_bytes(pdf)
        assert house.conductor.verify(path).outcome == "valid", "the development root came along"
    assert report.rows["dossiers"] == 2


def test_a_second_backup_adds_only_what_is_new(kho: Kho, folder: Path) -> None:
    again = backup.back_up(kho.house.tools, folder)
    assert again.added == 0
    assert again.object_count == len(list(kho.house.store.keys()))


def test_files_of_a_backup_are_for_their_owner_only(folder: Path) -> None:
    assert {path.stat().st_mode & 0o077 for path in folder.iterdir()} == {0}


def test_a_backup_holds_no_key_and_nothing_plain(kho: Kho, folder: Path) -> None:
    master = json.loads((kho.house.settings.home / "vault" / "master.key").read_text())["keys"][0]["key"]
    found = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    packed = [gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data for data in found]
    secrets = [master.encode(), base64.b64decode(master), b"%PDF-"]
    assert not [secret for secret in secrets for data in packed if secret in data]


@pytest.mark.parametrize("part", ["catalogue-", "objects-", "home-", "ring-"])
def test_a_changed_part_is_refused_by_name(folder: Path, tmp_path: Path, part: str) -> None:
    harmed = tmp_path / "harmed"
    shutil.copytree(folder, harmed)
    victim = next(path for path in sorted(harmed.glob(f"{part}*"), reverse=True) if path.is_file())
    victim.write_bytes(victim.read_bytes() + b"\0")
    with pytest.raises(BackupUnusableError) as refused:
        restore(harmed, tmp_path / "home")
    assert refused.value.file == victim.name


def test_a_changed_or_lost_object_is_refused(folder: Path, tmp_path: Path) -> None:
    harmed = tmp_path / "harmed"
    shutil.copytree(folder, harmed)
    page = next(path for path in (harmed / "objects" / "pages").rglob("*") if path.is_file())
    page.chmod(0o600)
    data = page.read_bytes()
    page.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(CorruptError):
        restore(harmed, tmp_path / "first")
    page.unlink()
    with pytest.raises(BackupUnusableError):
        restore(harmed, tmp_path / "second")


def test_a_backup_that_broke_off_is_none(folder: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(folder, broken)
    for manifest in backup.backups(broken):
        manifest.unlink()
    with pytest.raises(BackupUnusableError):
        restore(broken, tmp_path / "home")


def test_nothing_is_written_over(kho: Kho, folder: Path, tmp_path: Path) -> None:
    restore(folder, tmp_path / "home")
    with pytest.raises(CatalogueNotEmptyError):
        restore(folder, tmp_path / "home")
    other = tmp_path / "other"
    with build_house(Settings(home=other, cores=2)) as house:
        house.store.put_new("originals/bb/" + "bb" * 32, b"somebody else's")
    with pytest.raises(RestoreTargetError):
        restore(folder, other)
    assert kho.house.catalogue.load(kho.filed) is not None


def test_a_restore_that_was_cut_off_goes_on(folder: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    calls = 0

    class CutOffError(Exception):
        pass

    def cut(number: int) -> None:
        nonlocal calls
        calls = number
        if number == 3:
            raise CutOffError

    settings = Settings(home=home, cores=2)
    home.mkdir()
    with Catalogue(settings.database) as catalogue, opened_store(store_options(settings)) as store:
        with pytest.raises(CutOffError):
            backup.restore(folder, settings, catalogue, store, cut)
        assert len(list(store.keys())) == calls
    assert restore(folder, home).rows["dossiers"] == 2


def test_a_catalogue_of_a_newer_software_is_refused(kho: Kho, tmp_path: Path) -> None:
    lines = rows(kho.house.catalogue)
    head = json.loads(lines[0]) | {"revision": "9999"}
    with Catalogue.in_file(tmp_path / "c.sqlite3") as catalogue:
        for first in (json.dumps(head), "{}", "not json", ""):
            with pytest.raises(DumpUnreadableError):
                catalogue.load_dump([first, *lines[1:]])
        with pytest.raises(DumpUnreadableError):
            catalogue.load_dump([lines[0], '{"table": "nobody", "row": {}}'])
        with pytest.raises(DumpUnreadableError):
            catalogue.load_dump([lines[0], lines[1][:-9]])
        catalogue.load_dump(lines)
        assert rows(catalogue) == lines


def test_the_development_keys_come_along_for_their_owner_only(folder: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(next(folder.glob("home-*.zip"))) as archive:
        names = archive.namelist()
    assert names
    assert all(name.startswith("pki/") for name in names)
    restore(folder, tmp_path / "home")
    kept = [path for path in (tmp_path / "home" / "pki").rglob("*") if path.is_file()]
    assert len(kept) == len(names)
    assert {path.stat().st_mode & 0o077 for path in kept} == {0}


def test_a_name_that_leads_out_of_the_home_stays_in_it(folder: Path, tmp_path: Path) -> None:
    harmed = tmp_path / "harmed"
    shutil.copytree(folder, harmed)
    manifest = backup.backups(harmed)[-1]
    made = json.loads(manifest.read_text(encoding="utf-8"))
    home = harmed / made["home"]["name"]
    with zipfile.ZipFile(home, "a") as archive:
        archive.writestr("../../out.txt", "x")
    made["home"] |= {"sha256": hashlib.sha256(home.read_bytes()).hexdigest(), "size": home.stat().st_size}
    manifest.write_text(json.dumps(made), encoding="utf-8")
    restore(harmed, tmp_path / "deep" / "home")
    assert not list(tmp_path.glob("out.txt"))
    assert not list((tmp_path / "deep").glob("out.txt"))
