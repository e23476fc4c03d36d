"""Invented dossiers are the same bytes for the same number and unlike any other; the plot of costs is a picture."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import pytest

from pipeline.trials.machine_room.pages import Papers, invented, real, shuffled
from pipeline.trials.machine_room.plot import cost_svg

if TYPE_CHECKING:
    from pathlib import Path

pikepdf = pytest.importorskip("pikepdf")
pytest.importorskip("uharfbuzz", reason="the extra 'synthesis' is not installed")


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pool")


def _images(paper: Papers) -> list[bytes]:
    with pikepdf.open(io.BytesIO(paper.files[0][1])) as pdf:
        return [bytes(next(iter(page.get_images().values())).read_raw_bytes()) for page in pdf.pages]


def test_a_number_is_always_the_same_dossier(pool: Path, tmp_path: Path) -> None:
    first, again, other = invented(pool, 1, 0, 1), invented(tmp_path, 1, 0, 1), invented(pool, 1, 1, 1)
    assert first.sums == again.sums
    assert not set(_images(first)) & set(_images(other))
    assert len(_images(first)) == first.pages == 1


def test_pages_read_before_come_back_as_the_same_images_in_another_file(pool: Path) -> None:
    base = [invented(pool, 1, number, 1) for number in range(2)]
    one, two = (shuffled(base, 1, number, 2) for number in range(2))
    known = {image for paper in base for image in _images(paper)}
    assert set(_images(one)) <= known
    assert one.sums != two.sums
    assert one.sums == shuffled(base, 1, 0, 2).sums


def test_a_folder_of_scans_is_cut_into_dossiers(pool: Path, tmp_path: Path) -> None:
    (tmp_path / "scan.pdf").write_bytes(invented(pool, 1, 2, 2).files[0][1])
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 nothing")
    found = list(real(tmp_path, 10, 1))
    assert [paper.pages for paper in found] == [1, 1]
    assert len({sum_ for paper in found for sum_ in paper.sums.values()}) == 2
    assert len(list(real(tmp_path, 1, 1))) == 1


def test_costs_are_drawn() -> None:
    rows = [
        {"pages": 10, "reading": "read", "cpu_s": 1.5, "seconds": 0.9},
        {"pages": 10_000, "reading": "replayed", "cpu_s": 0.5, "seconds": 0.4},
    ]
    picture = ET.fromstring(cost_svg(rows, "Cost & <size>"))  # noqa: S314 - written here
    circles = [one for one in picture.iter() if one.tag.endswith("circle")]
    assert [one.get("fill") == "#fff" for one in circles] == [False, True, False, True]
    assert circles[0].get("cx") != circles[1].get("cx")
