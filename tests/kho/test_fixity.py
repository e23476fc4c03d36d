"""Every fault that a disk or a hand can make is found by name, and nothing sound is blamed."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from pipeline.composition import House, build_house
from pipeline.fixity import ObjectFault, check
from pipeline.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kho_samples import Kho


@pytest.fixture
def copy(kho: Kho, tmp_path: Path) -> Iterator[House]:
    """A copy of the kho that a test may harm."""
    shutil.copytree(kho.house.settings.home, tmp_path / "home")
    with build_house(Settings(home=tmp_path / "home", cores=2)) as house:
        yield house


def stored(house: House, key: str) -> Path:
    return house.settings.home / "store" / "objects" / key


def filed_key(house: House, dossier: str, kind: str) -> str:
    return next(filing.object_key for filing in house.catalogue.filings_of(dossier) if filing.kind == kind)


def test_a_whole_kho_is_whole(kho: Kho) -> None:
    report = check(kho.house.tools)
    assert report.whole
    assert (report.dossiers, report.unclaimed) == (2, 0)
    kinds = {filing.kind for filing in kho.house.catalogue.filings_of(kho.filed)}
    assert report.objects >= 2 + 1 + len(kinds), "originals, a page, and what was filed"
    assert report.sound == report.objects


def test_a_flipped_bit_a_lost_file_and_a_longer_one_are_told_apart(kho: Kho, copy: House) -> None:
    signed = stored(copy, filed_key(copy, kho.filed, "archive_pdf"))
    data = bytearray(signed.read_bytes())
    data[len(data) // 2] ^= 1
    signed.chmod(0o600)
    signed.write_bytes(data)
    lost = next(path for path in stored(copy, "pages").rglob("*") if path.is_file())
    lost.unlink()
    record = stored(copy, filed_key(copy, kho.filed, "data_json"))
    record.chmod(0o600)
    record.write_bytes(record.read_bytes() + b" ")
    faults = {(fault.kind, fault.fault) for fault in check(copy.tools).faults}
    assert faults == {
        ("archive_pdf", ObjectFault.ALTERED),
        ("page", ObjectFault.MISSING),
        ("data_json", ObjectFault.ALTERED),
    }


def test_whoever_changes_the_object_and_its_sum_is_found_by_the_catalogue(kho: Kho, copy: House) -> None:
    key = filed_key(copy, kho.filed, "data_json")
    stored(copy, key).unlink()
    shutil.rmtree(copy.settings.home / "store" / "sums" / key)
    copy.store.put_new(key, b"{}")
    assert copy.store.get(key) == b"{}", "the store itself is content"
    assert [fault.fault for fault in check(copy.tools).faults] == [ObjectFault.ALTERED]


def test_a_store_that_does_not_answer_is_no_verdict(copy: House) -> None:
    # An unmounted share: the folder is gone, which says nothing of what lies in it.
    objects = copy.settings.home / "store" / "objects"
    objects.rename(objects.with_name("away"))
    report = check(copy.tools)
    assert {fault.fault for fault in report.faults} == {ObjectFault.OUT_OF_REACH}
    assert report.unclaimed is None


def test_what_nobody_speaks_of_is_counted_and_left_alone(copy: House) -> None:
    copy.store.put_new("originals/aa/" + "aa" * 32, b"cut off before its dossier was opened")
    report = check(copy.tools)
    assert (report.whole, report.unclaimed) == (True, 1)
    assert copy.store.stat("originals/aa/" + "aa" * 32) is not None
