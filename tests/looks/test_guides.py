"""The guides in Vietnamese say what is there: words of the pages, commands of the program, pictures that can be made.

**Bold** in a guide is a word on the screen, letter by letter; it must stand in the catalogue. The slow test makes every
picture anew from a real instance, so a page that lost what its picture shows is found.
"""

import re
import shutil
import sys
from pathlib import Path

import pytest
import typer
from PIL import Image

from api.cli import app
from api.i18n import load_texts

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "huong-dan"
GUIDES = sorted(FOLDER.glob("*.md"))
LARGEST = 250_000
EMPHASIS = {"đậm", "mất khóa chủ là mất mọi dữ liệu đã mã hóa"}
"""Bold words that are no words of a page."""


@pytest.fixture
def pictures(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    import guide_pictures

    yield guide_pictures
    sys.modules.pop("guide_pictures")


def named_pictures() -> set[str]:
    text = "\n".join(path.read_text(encoding="utf-8") for path in GUIDES)
    return set(re.findall(r"!\[[^\]]+\]\(images/([\w-]+)\.png\)", text))


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_bold_words_are_words_of_the_pages(guide: Path) -> None:
    said = {re.sub(r"\{\w+\}", "", words).strip() for words in load_texts().of("vi").values()}
    bold = {re.sub(r"\s+", " ", word) for word in re.findall(r"\*\*([^*]+)\*\*", guide.read_text(encoding="utf-8"))}
    assert sorted(bold - said - EMPHASIS) == []


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_commands_are_commands_of_the_program(guide: Path) -> None:
    for line in re.findall(
        r"(?:^|`)(?:[\w/.]*/)?hoso ([a-z][^`\n#]*)", guide.read_text(encoding="utf-8"), re.MULTILINE
    ):
        command = typer.main.get_command(app)
        for word in line.split():
            if not hasattr(command, "commands"):
                break
            assert word in command.commands, f"hoso {line}"
            command = command.commands[word]
        else:
            assert not hasattr(command, "commands"), f"hoso {line}: which one?"


def test_pictures_and_links_are_there(pictures) -> None:
    there = {path.stem for path in (FOLDER / "images").glob("*.png")}
    assert there == named_pictures() == set(pictures.PICTURES)
    for path in (FOLDER / "images").glob("*.png"):
        assert path.stat().st_size < LARGEST, path.name
        with Image.open(path) as picture:
            assert picture.size == tuple(pictures.SIZE.values()), path.name
    for guide in GUIDES:
        for link in re.findall(r"\]\(([^)#]+)", guide.read_text(encoding="utf-8")):
            assert (FOLDER / link).exists(), f"{guide.name}: {link}"


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.filterwarnings("default")
@pytest.mark.skipif(shutil.which("chromium") is None, reason="no Chromium on this machine")
@pytest.mark.skipif(not (ROOT / "samples" / "birth_registration").is_dir(), reason="the sample dossier is not there")
def test_every_picture_can_be_made_anew(pictures, tmp_path: Path) -> None:
    assert set(pictures.make(tmp_path)) == named_pictures()
    for name in pictures.PICTURES:
        with Image.open(tmp_path / f"{name}.png") as picture:
            assert len(picture.getcolors() or range(100)) > 8, f"{name} is empty"
