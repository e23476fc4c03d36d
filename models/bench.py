"""Measures page readers side by side: same pages, one run, one thread each.

Every engine runs in a process of its own, so that its peak memory is its own, and reads every page; a first page is
read twice and not counted, so that building kernels is not charged to pages. Engines that are not installed are left
out of the table, which says so by their absence. Read texts are kept as `OUT/ENGINE/PAGE.txt` for any other judge.
Ground truth is `PAGE.gt.txt` beside the image; without it, or without `edlib`, only cost is measured.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ENGINES = ("hoso", "hoso-trueocr", "hoso-fast", "trueocr", "rapidocr", "tesseract")
"""`hoso`: as installed; `hoso-trueocr`: with trueocr's recogniser; `hoso-fast`: with trueocr's detector; then peers."""
_PICTURES = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp"}


@dataclass(frozen=True, slots=True)
class Row:
    """What one engine did. Rates are shares (0.01 is one per cent), None without ground truth."""

    engine: str
    version: str
    pages: int
    cpu_seconds: float
    """A page, all threads together."""
    wall_seconds: float
    """A page."""
    start_seconds: float
    peak_megabytes: float
    cer: float | None
    tone_cer: float | None
    wer: float | None


def run(data: Path, engines: Sequence[str], out: Path) -> list[Row]:
    """Reads the page images of a folder with each engine that is installed; writes their texts under `out`.

    Raises `ValueError` for an engine that is not known and for a folder without pages.
    """
    unknown = sorted(set(engines) - set(ENGINES))
    if unknown:
        raise ValueError(f"unknown engines {', '.join(unknown)}; known: {', '.join(ENGINES)}")
    if not pages_of(data):
        raise ValueError(f"no page images in {data}")
    rows = []
    for engine in engines:
        if _installed(engine):
            (out / engine).mkdir(parents=True, exist_ok=True)
            rows.append(_measure(data, engine, out / engine))
    return rows


def pages_of(data: Path) -> list[Path]:
    """The page images of a folder, by name."""
    return sorted(path for path in data.iterdir() if path.suffix.lower() in _PICTURES)


def _installed(engine: str) -> bool:
    if engine == "tesseract":
        return shutil.which("tesseract") is not None
    return engine.startswith("hoso") or util.find_spec(engine) is not None


def _measure(data: Path, engine: str, out: Path) -> Row:
    # One thread everywhere: thread pools read these before the engines' own settings.
    limits = dict.fromkeys(("OMP_NUM_THREADS", "OMP_THREAD_LIMIT", "OPENBLAS_NUM_THREADS"), "1")
    answer = subprocess.run(
        [sys.executable, "-m", "models.bench", str(data), engine, str(out)],
        env={**os.environ, **limits},
        check=True,
        stdout=subprocess.PIPE,
    ).stdout
    cost: dict[str, Any] = json.loads(answer.splitlines()[-1])
    truths = [(page, page.with_name(f"{page.stem}.gt.txt")) for page in pages_of(data)]
    scored = [(page, truth) for page, truth in truths if truth.is_file()]
    if not scored or util.find_spec("edlib") is None:
        return Row(engine=engine, cer=None, tone_cer=None, wer=None, **cost)
    from models.scoring import Score, score_text

    total = Score(0, 0, 0, 0, 0)
    for page, truth in scored:
        read = (out / f"{page.stem}.txt").read_text(encoding="utf-8")
        total += score_text(truth.read_text(encoding="utf-8"), read)
    return Row(engine=engine, cer=total.cer, tone_cer=total.tone_cer, wer=total.wer, **cost)


def _work(data: Path, engine: str, out: Path) -> dict[str, Any]:
    """In the engine's own process: reads all pages, gives what they cost."""
    import cv2

    cv2.setNumThreads(1)
    started = time.perf_counter()
    version, read = _MAKERS[engine.split("-", maxsplit=1)[0]](engine)
    built = time.perf_counter() - started
    pages = pages_of(data)
    read(pages[0])
    cpu = wall = 0.0
    for page in pages:
        clock, before = time.perf_counter(), _cpu()
        text = read(page)
        cpu += _cpu() - before
        wall += time.perf_counter() - clock
        (out / f"{page.stem}.txt").write_text(text, encoding="utf-8")
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return {
        "version": version,
        "pages": len(pages),
        "cpu_seconds": round(cpu / len(pages), 4),
        "wall_seconds": round(wall / len(pages), 4),
        "start_seconds": round(built, 3),
        "peak_megabytes": round(peak / 1024, 1),
    }


def _cpu() -> float:
    """CPU seconds of this process and of those it waited for."""
    spent = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in spent)


def _load(page: Path) -> Any:
    from PIL import Image, ImageOps

    with Image.open(page) as opened:
        upright = ImageOps.exif_transpose(opened)
    if "A" not in upright.getbands() and "transparency" not in upright.info:
        return np.asarray(upright.convert("RGB"))
    paper = Image.new("RGBA", upright.size, "white")
    return np.asarray(Image.alpha_composite(paper, upright.convert("RGBA")).convert("RGB"))


def _hoso(engine: str) -> tuple[str, Callable[[Path], str]]:
    from models.factory import ReaderOptions, build_reader

    options = {
        "hoso": ReaderOptions(),
        "hoso-trueocr": ReaderOptions(recogniser="trueocr"),
        "hoso-fast": ReaderOptions(detector="trueocr"),
    }[engine]
    reader = build_reader(options)
    return reader.name, lambda page: reader.read(_load(page)).text


def _trueocr(_: str) -> tuple[str, Callable[[Path], str]]:
    import trueocr

    model = trueocr.load_model(threads=1)
    return metadata.version("trueocr"), lambda page: str(model.predict(page).text)


def _rapidocr(_: str) -> tuple[str, Callable[[Path], str]]:
    import rapidocr

    threads = "EngineConfig.onnxruntime.intra_op_num_threads"
    model = rapidocr.RapidOCR(params={threads: 1, "Global.log_level": "error"})

    def read(page: Path) -> str:
        return "\n".join(model(_load(page)[:, :, ::-1]).txts or ())

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
    sys.stdout.write("\n" + json.dumps(_work(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))) + "\n")
