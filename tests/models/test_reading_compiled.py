"""Compiled networks on disk: the same answers, made anew where damaged, never in the way."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from typing import TYPE_CHECKING

import numpy as np
import pytest

from models import weights
from models.compiled import compiled
from models.factory import ReaderOptions, build_judge
from models.fixed_shapes import open_fixed_shapes
from models.runtime import open_network

if TYPE_CHECKING:
    from pathlib import Path

openvino = pytest.importorskip("openvino")

SHAPE = (1, 1, 768, 768)


@pytest.fixture(scope="module")
def graph() -> bytes:
    return weights.TRUEOCR_ORIENTATION.load()


def page() -> dict[str, np.ndarray]:
    return {"x": np.random.default_rng(1).random(SHAPE, np.float32)}


def answer(graph: bytes, kept: tuple[Path, ...], *, fixed: bool) -> list[np.ndarray]:
    opened = open_fixed_shapes(graph, SHAPE, kept=kept) if fixed else open_network(graph, kept=kept)
    return list(opened.run(page()))


@pytest.mark.parametrize("fixed", [True, False])
def test_a_kept_network_answers_bit_for_bit(graph: bytes, tmp_path: Path, *, fixed: bool) -> None:
    plain = answer(graph, (), fixed=fixed)
    for _ in range(2):
        assert all(map(np.array_equal, answer(graph, (tmp_path,), fixed=fixed), plain))
        (plan,) = tmp_path.iterdir()
    made = plan.stat().st_ino
    os.utime(plan, (1, 1))
    answer(graph, (tmp_path,), fixed=fixed)
    assert plan.stat().st_ino == made
    assert plan.stat().st_mtime > 1


def test_shapes_and_settings_are_kept_apart(graph: bytes, tmp_path: Path) -> None:
    open_fixed_shapes(graph, SHAPE, kept=(tmp_path,))
    open_fixed_shapes(graph, (1, 1, 384, 768), kept=(tmp_path,))
    open_fixed_shapes(graph, SHAPE, threads=2, streams=2, kept=(tmp_path,))
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize("damage", [b"", b"short", bytes(5000)])
def test_a_damaged_file_is_made_anew(graph: bytes, tmp_path: Path, damage: bytes) -> None:
    plain = answer(graph, (tmp_path,), fixed=True)
    (plan,) = tmp_path.iterdir()
    plan.write_bytes(damage)
    assert all(map(np.array_equal, answer(graph, (tmp_path,), fixed=True), plain))
    (again,) = tmp_path.iterdir()
    assert again == plan
    content = again.read_bytes()
    assert content[:32] == hashlib.sha256(content[32:]).digest()
    assert len(content) > 100_000


def test_a_folder_that_cannot_be_written_is_left_alone(graph: bytes, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, not a folder")
    answer(graph, (tmp_path / "taken", tmp_path / "second"), fixed=True)
    assert len(list((tmp_path / "second").iterdir())) == 1
    answer(graph, (tmp_path / "taken",), fixed=True)


def test_the_oldest_go_when_there_are_too_many(graph: bytes, tmp_path: Path) -> None:
    for number in range(30):
        old = tmp_path / f"{number}.plan"
        old.write_bytes(b"old")
        os.utime(old, (number, number))
    answer(graph, (tmp_path,), fixed=True)
    left = {one.name for one in tmp_path.iterdir()}
    assert len(left) == 24
    assert "29.plan" in left
    assert "6.plan" not in left


def test_a_graph_that_is_none_is_refused_as_before(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        compiled(openvino.Core(), b"no graph", {}, folders=(tmp_path,))
    assert not list(tmp_path.iterdir())


def test_a_readers_parts_are_kept_where_its_options_say(tmp_path: Path) -> None:
    build_judge(dataclasses.replace(ReaderOptions(), kept=(tmp_path,)))
    assert list(tmp_path.iterdir())
