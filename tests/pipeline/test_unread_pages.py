"""A page that never ends is given up and reported; every other page of the dossier is read and goes on."""

from __future__ import annotations

import dataclasses
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from models.served import ServedReader
from pipeline.composition import build_house
from pipeline.conductor import Conductor
from pipeline.record import Severity
from pipeline.settings import Settings
from pipeline.stages import Outcome
from pipeline.stages.read import STEP

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

READER = """
import time
from models.errors import ReadingError
from models.reading import Box, Line, ReadPage, Turn, Word

class Reader:
    name = "sleeper-1"
    def turn(self, image):
        if image.flat[0] == 2:
            time.sleep(3600)
        return Turn(0, 1.0)
    def inspect(self, image):
        return ()
    def read(self, image):
        if image.flat[0] in (1, 2):
            time.sleep(3600)
        if image.flat[0] == 3:
            raise ReadingError("a page that the reader stumbles over")
        box = Box(10, 10, 50, 30)
        return ReadPage(image.shape[1], image.shape[0], (Line((Word("Trang", box, 0.99),), box, 0.99),), 0.0, self.name)

def build():
    return Reader()
"""


def page(path: Path, first: int) -> Path:
    image = np.full((300, 200, 3), 255, np.uint8)
    image[100:120, 20:150] = first
    image.flat[0] = first
    Image.fromarray(image).save(path)
    return path


def test_the_dossier_goes_on_without_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sleeping_reader.py").write_text(READER, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    files = [page(tmp_path / f"trang{n}.png", first) for n, first in enumerate((50, 1, 60, 2, 3))]
    with (
        build_house(Settings(home=tmp_path / "home", cores=2)) as house,
        closing(ServedReader("sleeping_reader:build", {}, streams=2, seconds=1.0)) as reader,
    ):
        tools = dataclasses.replace(house.tools, reader=lambda: reader)
        conductor = Conductor(tools)
        dossier_id = conductor.receive(files, None).dossier_id
        for stage in ("intake", "read", "separate", "extract"):
            assert conductor.run_stage(dossier_id, stage) is Outcome.CONTINUE
        assert conductor.run_stage(dossier_id, "validate") is Outcome.WAITS
        dossier = conductor.dossier(dossier_id)

        assert len(dossier.pages) == 5
        codes = {p.file: [d.code for d in p.defects] for p in dossier.pages}
        assert codes == {
            "trang0.png": [],
            "trang1.png": ["reading_time_limit"],
            "trang2.png": [],
            "trang3.png": ["reading_time_limit"],
            "trang4.png": ["reading_failed"],
        }
        (defect,) = dossier.pages[1].defects
        assert 1.0 <= defect.value < 30
        said = [f for f in dossier.findings if f.rule == "unread_page"]
        assert [f.severity for f in said] == [Severity.CONFIRM] * 3
        assert ["quá lâu" in f.message for f in said] == [True, True, False]
        assert "Trang 5: Không đọc được trang." in said[2].message
        kept = [house.catalogue.step_output(p.image_sha256, STEP, reader.name) is not None for p in dossier.pages]
        # Given up is no answer: only what was read is in the ledger, and the next run of the stage tries again.
        assert kept == [True, False, True, False, False]
