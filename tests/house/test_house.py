"""Rules of the house that no other tool checks: a design at the top of each module, files that tell one story."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("models", "extractors", "signing", "pipeline", "flows", "api")
MODULES = sorted(
    path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "migrations/versions" not in path.as_posix()
)
LIMIT = 16 * 1024


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_says_its_design_at_its_top(path: Path) -> None:
    header = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    assert len(header.split()) >= 8, "the first lines of a module say what it is for and how it is built"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_file_tells_one_story(path: Path) -> None:
    assert path.stat().st_size <= LIMIT, f"{path.stat().st_size} bytes: split it by subject"


def test_locks_pin_every_name_with_hashes() -> None:
    for lock in (ROOT / "locks").glob("*.txt"):
        text = lock.read_text(encoding="utf-8")
        names = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
        assert names
        assert all("==" in line for line in names), lock.name
        assert text.count("--hash=sha256:") >= len(names), lock.name
