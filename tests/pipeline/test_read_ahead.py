"""Pages are read while intake has them in hand; the stage `read` finds them read, and reads what is left."""

from __future__ import annotations

import dataclasses
import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from models.errors import InstallationError, ReadingError
from models.reading import Box, Line, ReadPage, Turn, Word
from pipeline.composition import House, build_house
from pipeline.conductor import Conductor
from pipeline.errors import HosoError
from pipeline.settings import Settings
from pipeline.stages.read import STEP, read_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from models.reading import Defect
    from models.reading import Image as Pixels


class GreyReader:
    """Reads the grey of a page's first pixel as its only word; fails where it is told to."""

    name = "grey-1"

    def __init__(self) -> None:
        self.read_pages: list[int] = []
        self.fails: dict[int, Exception] = {}
        self._lock = threading.Lock()

    def turn(self, _image: Pixels) -> Turn:
        return Turn(0, 1.0)

    def inspect(self, _image: Pixels) -> tuple[Defect, ...]:
        return ()

    def read(self, image: Pixels) -> ReadPage:
        first = int(image.flat[0])
        with self._lock:
            self.read_pages.append(first)
        if first in self.fails:
            raise self.fails[first]
        box = Box(10, 10, 50, 30)
        line = Line((Word(str(first), box, 0.99),), box, 0.99)
        return ReadPage(image.shape[1], image.shape[0], (line,), 0.0, self.name)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with build_house(Settings(home=tmp_path / "home", cores=2)) as built:
        yield built


def scans(folder: Path, *greys: int) -> list[Path]:
    made = []
    for number, grey in enumerate(greys):
        made.append(folder / f"trang{number}.png")
        Image.fromarray(np.full((300, 200, 3), grey, np.uint8)).save(made[-1])
    return made


def stack(folder: Path, *greys: int) -> list[Path]:
    """One file of several pages."""
    first, *others = [Image.fromarray(np.full((300, 200), grey, np.uint8)) for grey in greys]
    first.save(folder / "chong.tif", save_all=True, append_images=others)
    return [folder / "chong.tif"]


def conductor_of(house: House, reader: GreyReader) -> Conductor:
    return Conductor(dataclasses.replace(house.tools, reader=lambda: reader))


def test_after_intake_every_page_is_read_and_in_order(house: House, tmp_path: Path) -> None:
    reader, greys = GreyReader(), [200, 90, 150, 60, 240, 30, 120]
    conductor = conductor_of(house, reader)
    dossier_id = conductor.receive(stack(tmp_path, *greys), None).dossier_id
    conductor.run_stage(dossier_id, "intake")
    assert sorted(reader.read_pages) == sorted(greys)
    conductor.run_stage(dossier_id, "read")
    assert len(reader.read_pages) == len(greys)
    dossier = conductor.dossier(dossier_id)
    assert dossier.engine == reader.name
    assert [read_of(house.tools, dossier, page).text for page in dossier.pages] == [str(grey) for grey in greys]


def test_a_page_that_is_given_up_is_tried_once_and_again_when_asked(house: House, tmp_path: Path) -> None:
    reader = GreyReader()
    reader.fails[90] = ReadingError("stumbles")
    conductor = conductor_of(house, reader)
    dossier_id = conductor.receive(scans(tmp_path, 200, 90), None).dossier_id
    conductor.run_stage(dossier_id, "intake")
    conductor.run_stage(dossier_id, "read")
    assert reader.read_pages.count(90) == 1
    assert [d.code for d in conductor.dossier(dossier_id).pages[1].defects] == ["reading_failed"]
    reader.fails.clear()
    conductor.run_stage(dossier_id, "read")
    assert reader.read_pages.count(90) == 2
    dossier = conductor.dossier(dossier_id)
    assert dossier.pages[1].defects == ()
    assert read_of(house.tools, dossier, dossier.pages[1]).text == "90"


def test_what_was_read_before_a_break_is_not_read_again(house: House, tmp_path: Path) -> None:
    reader, greys = GreyReader(), [200, 90, 150, 60, 240, 30, 120]
    reader.fails[240] = InstallationError("weights are gone")
    conductor = conductor_of(house, reader)
    dossier_id = conductor.receive(stack(tmp_path, *greys), None).dossier_id
    with pytest.raises(HosoError, match="weights are gone"):
        conductor.run_stage(dossier_id, "intake")
    assert conductor.dossier(dossier_id).pages == ()
    reader.fails.clear()
    conductor.run_stage(dossier_id, "intake")
    assert [reader.read_pages.count(grey) for grey in greys[:4]] == [1, 1, 1, 1]
    assert len(conductor.dossier(dossier_id).pages) == len(greys)


def test_another_reader_reads_all_pages_anew(house: House, tmp_path: Path) -> None:
    first, second = GreyReader(), GreyReader()
    second.name = "grey-2"
    dossier_id = conductor_of(house, first).receive(scans(tmp_path, 200, 90), None).dossier_id
    conductor_of(house, first).run_stage(dossier_id, "intake")
    conductor_of(house, second).run_stage(dossier_id, "read")
    assert sorted(second.read_pages) == [90, 200]
    dossier = conductor_of(house, second).dossier(dossier_id)
    assert house.catalogue.step_output(dossier.pages[0].image_sha256, STEP, "grey-2") is not None
