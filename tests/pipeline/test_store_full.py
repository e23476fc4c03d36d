"""A store that is full when a dossier arrives: the clerk is told about the file by its name, and nothing is lost."""

from pathlib import Path

import pytest

from pipeline.composition import House
from pipeline.errors import Exit
from pipeline.receive import NotReceivedError
from pipeline.store.errors import StoreUnreachableError


def test_a_full_store_is_told_by_the_files_own_name(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object) -> None:
        raise StoreUnreachableError("key", "no space left on device")

    monkeypatch.setattr(type(house.store), "put_new", full)
    path = tmp_path / "tờ khai.pdf"
    path.write_bytes(b"%PDF-1.7 not seen before")
    with pytest.raises(NotReceivedError) as caught:
        house.conductor.receive([path], None)
    assert caught.value.file == "tờ khai.pdf"
    assert caught.value.exit_code is Exit.HELD
    assert path.exists()
