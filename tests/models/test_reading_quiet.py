"""Reading leaves no trace outside: no client ids, no event stores, nothing under HOME."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("backend", ["openvino", "onnxruntime"])
def test_a_reader_writes_nothing_into_home(backend: str, tmp_path: Path) -> None:
    code = (
        "from models.factory import ReaderOptions, build_reader\n"
        "import numpy\n"
        f"build_reader(ReaderOptions(backend={backend!r})).read(numpy.full((400, 300, 3), 255, numpy.uint8))\n"
    )
    environment = {**os.environ, "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    environment.pop("ORT_DISABLE_TELEMETRY", None)
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True, timeout=120)
    assert not list(tmp_path.rglob("*"))


def test_no_telemetry_package_is_locked() -> None:
    for lock in (ROOT / "locks").glob("*.txt"):
        assert "openvino-telemetry" not in lock.read_text(encoding="utf-8"), lock.name
