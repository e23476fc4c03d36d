"""The engines that `models.bench` compares, and the process in which one of them reads.

An engine's process answers line by line on its standard output: first how it was built, then, for each page that is
named on its standard input, what the page cost. CPU seconds are those of all its threads and of children it waited
for. It starts with one thread and with the allocator settings of the product's own reading process, for every engine
alike. Nothing here knows about ground truth.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from importlib import metadata, util
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from models.child_start import ENVIRONMENT

if TYPE_CHECKING:
    from collections.abc import Callable

ENGINES = ("hoso", "hoso-trueocr", "trueocr", "rapidocr", "tesseract")
"""`hoso`: as installed; `hoso-trueocr`: our page with trueocr's recogniser; then whole peers."""
_THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OMP_THREAD_LIMIT", "OPENBLAS_NUM_THREADS"), "1")


def missing(engine: str) -> str | None:
    """Why an engine cannot be measured here, or None. Raises `ValueError` for one that is not known."""
    if engine not in ENGINES:
        raise ValueError(f"unknown engines {engine}; known: {', '.join(ENGINES)}")
    if engine == "tesseract":
        program = shutil.which("tesseract")
        if program is None:
            return "no program `tesseract` on the path"
        languages = subprocess.run([program, "--list-langs"], check=False, capture_output=True, text=True).stdout
        return None if "vie" in languages.split() else "its language data `vie` are not installed"
    package = "trueocr" if engine == "hoso-trueocr" else engine
    return None if engine == "hoso" or util.find_spec(package) is not None else f"no Python package `{package}`"


class EngineProcess:
    """One engine in a process of its own. Raises `RuntimeError` where it ends or fails; its words are on stderr."""

    def __init__(self, engine: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "models.bench_engines", engine],
            env={**os.environ, **_THREADS, **ENVIRONMENT},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._engine = engine
        self.built: dict[str, Any] = self._answer()
        """`version` and `start_seconds` (wall)."""

    def read(self, page: Path) -> dict[str, Any]:
        """`text`, `cpu` and `wall` seconds, and `peak` megabytes so far."""
        if self._process.stdin is None:
            raise RuntimeError(f"{self._engine} has no input")
        self._process.stdin.write(f"{page}\n")
        self._process.stdin.flush()
        return self._answer()

    def close(self) -> None:
        """Ends the process."""
        self._process.kill()
        self._process.communicate()

    def _answer(self) -> dict[str, Any]:
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            raise RuntimeError(f"{self._engine} ended with {self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        return answer


def main(engine: str) -> None:
    """In the engine's own process: reads pages until its input ends."""
    import cv2

    answers = os.fdopen(os.dup(1), "w")
    # What libraries print must not garble the answers.
    os.dup2(2, 1)
    cv2.setNumThreads(1)
    started = time.perf_counter()
    version, read = _MAKERS[engine.split("-", maxsplit=1)[0]](engine)
    _say(answers, {"version": version, "start_seconds": time.perf_counter() - started})
    for line in sys.stdin:
        clock, before = time.perf_counter(), _cpu()
        text = read(Path(line.rstrip("\n")))
        cpu, wall = _cpu() - before, time.perf_counter() - clock
        peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        _say(answers, {"text": text, "cpu": cpu, "wall": wall, "peak": peak / 1024})


def _say(answers: Any, answer: dict[str, Any]) -> None:
    answers.write(json.dumps(answer) + "\n")
    answers.flush()


def _cpu() -> float:
    """CPU seconds of this process and of those it waited for."""
    spent = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in spent)


def load(page: Path) -> Any:
    """A page image as an RGB array, upright as it says itself, on white."""
    from PIL import Image, ImageOps

    with Image.open(page) as upright:
        # In place, and no conversion to what it is already: each copy would be 35 MB of the engine's peak.
        ImageOps.exif_transpose(upright, in_place=True)
        upright.load()
    if "A" not in upright.getbands() and "transparency" not in upright.info:
        return np.asarray(upright if upright.mode == "RGB" else upright.convert("RGB"))
    paper = Image.new("RGBA", upright.size, "white")
    return np.asarray(Image.alpha_composite(paper, upright.convert("RGBA")).convert("RGB"))


def _hoso(engine: str) -> tuple[str, Callable[[Path], str]]:
    from models.factory import ReaderOptions, build_reader

    reader = build_reader(ReaderOptions(recogniser="auto" if engine == "hoso" else "trueocr"))
    return reader.name, lambda page: reader.read(load(page)).text


def _trueocr(_: str) -> tuple[str, Callable[[Path], str]]:
    import trueocr

    model = trueocr.load_model(threads=1)
    return metadata.version("trueocr"), lambda page: str(model.predict(page).text)


def _rapidocr(_: str) -> tuple[str, Callable[[Path], str]]:
    import rapidocr

    threads = "EngineConfig.onnxruntime.intra_op_num_threads"
    model = rapidocr.RapidOCR(params={threads: 1, "Global.log_level": "error"})

    def read(page: Path) -> str:
        return "\n".join(model(load(page)[:, :, ::-1]).txts or ())

    return metadata.version("rapidocr"), read


def _tesseract(_: str) -> tuple[str, Callable[[Path], str]]:
    program = shutil.which("tesseract") or "tesseract"
    version = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout.split()[1]

    def read(page: Path) -> str:
        command = [program, str(page), "stdout", "-l", "vie", "--psm", "3"]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    return version, read


_MAKERS = {"hoso": _hoso, "trueocr": _trueocr, "rapidocr": _rapidocr, "tesseract": _tesseract}

if __name__ == "__main__":
    main(sys.argv[1])
