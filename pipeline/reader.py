"""From settings to the reader and its processes. Light: a command that only reads needs no catalogue and no store.

A child started ahead (`models.child_start.Spare`) is told its task here, the same that the reader gives it later.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.child_start import reading_task

if TYPE_CHECKING:
    from models.child_start import Spare
    from models.served import ServedReader
    from pipeline.settings import Settings

_FACTORY = "models.serving:build_alone"
"""A reader of one page at a time on one thread: children, one per core, are what runs side by side."""

_BESIDE = Path(sys.prefix) / "share" / "hoso" / "networks"
"""Compiled networks beside the installed packages, made by set-up."""


def build_reader(settings: Settings, spare: Spare | None = None) -> ServedReader:
    """The reader of these settings, with a child per core; it takes the `spare` one if that is told the same."""
    import cv2

    from models.served import ServedReader

    # Pages are the unit of parallel work; a pool of OpenCV's own would put more threads than cores to run.
    cv2.setNumThreads(1)
    seconds = settings.reader.page_seconds
    return ServedReader(_FACTORY, _options(settings), streams=settings.cores, seconds=seconds, spare=spare)


def reader_task(settings: Settings) -> str:
    """What a child of these settings is told."""
    return reading_task(_FACTORY, _options(settings), seconds=settings.reader.page_seconds)


def compile_ahead() -> None:
    """Compiles the networks of the default reader into the installation, for set-up; a folder made here is used."""
    from models.factory import ReaderOptions
    from models.factory import build_reader as build

    _BESIDE.mkdir(parents=True, exist_ok=True)
    build(ReaderOptions(kept=(_BESIDE,)))


def _options(settings: Settings) -> dict[str, Any]:
    options = settings.reader.model_dump(include={"backend", "detector", "detector_side", "recogniser", "second_look"})
    # An installation that nobody may write to, or that set-up made nothing for, has its home's.
    beside = [_BESIDE] if _BESIDE.is_dir() else []
    return options | {"kept": [str(folder) for folder in (*beside, settings.home / "cache" / "networks")]}
