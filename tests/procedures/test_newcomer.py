"""What docs/procedures.md tells a newcomer, done as it says: the page's own file and form, no Python, and it works."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from typer.testing import CliRunner

from api.cli import app
from extractors.doctypes import claim_type
from extractors.factory import build_extractors
from extractors.fields import PageView
from models.reading import Box, Line, ReadPage, Word
from pipeline.extraction import extract_papers
from pipeline.procedures.book import ProcedureBook
from pipeline.procedures.json_schema import schemas
from pipeline.separation import separate

PAGE = (Path(__file__).parents[2] / "docs" / "procedures.md").read_text(encoding="utf-8")
CODE = "xac_nhan_kho_khan"
FILLED = {
    "kinh_gui": "Ủy ban nhân dân phường Kỳ Lừa",
    "ho_ten": "Nguyễn Thị Hạnh",
    "ngay_sinh": "05/03/1988",
    "gioi_tinh": "Nữ",
    "so_dinh_danh": "020188003461",
    "noi_cu_tru": "Số 12 phố Lê Lợi, phường Kỳ Lừa, tỉnh Lạng Sơn",
    "sdt": "0912345678",
    "chu_ho_ho_ten": "Trần Văn Bình",
    "chu_ho_so_dinh_danh": "020085001234",
    "noi_dung": "Hộ gia đình có hoàn cảnh khó khăn",
}
WANTED = FILLED | {"ngay_sinh": "1988-03-05"}


def fenced(language: str) -> str:
    found = re.search(rf"^( *)```{language}\n(.*?)^ *```", PAGE, re.DOTALL | re.MULTILINE)
    assert found is not None
    return "".join(line.removeprefix(found[1]) for line in found[2].splitlines(keepends=True))


def rows() -> list[str]:
    """The page's blank form with the values in their places."""
    values = iter(FILLED.values())
    return [re.sub(r"\.{10}", lambda _: next(values), row) for row in fenced("text").splitlines()]


pytestmark = pytest.mark.usefixtures("quiet_logging")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = tmp_path / "thu-tuc"
    made.mkdir()
    (made / f"{CODE}.yaml").write_text(fenced("yaml"), encoding="utf-8")
    monkeypatch.setenv("HOSO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HOSO_PROCEDURES_FOLDER", str(made))
    monkeypatch.chdir(tmp_path)
    return made


def test_the_commands_of_the_page_say_that_all_is_well(folder: Path) -> None:
    for command in fenced("sh").splitlines():
        result = CliRunner().invoke(app, command.split()[1:])
        assert result.exit_code == 0, result.output
    found = CliRunner().invoke(app, ["procedures", "list", "ho ngheo", "--json"])
    assert [one["code"] for one in json.loads(found.output)["procedures"]] == [CODE]
    assert folder.is_dir()


def test_the_form_is_known_and_its_fields_come_out(folder: Path) -> None:
    book = ProcedureBook.load(folder)
    lines = []
    for index, row in enumerate(rows()):
        x, y, words = 200, 200 + 70 * index, []
        for text in row.split():
            words.append(Word(text, Box(x, y, x + 13 * len(text), y + 30), 0.999))
            x += 13 * (len(text) + 1)
        lines.append(Line(tuple(words), Box(200, y, x, y + 30), 0.999))
    page = PageView.of(1, np.full((2339, 1654, 3), 255, np.uint8), ReadPage(1654, 2339, tuple(lines), 0.0, "test"))
    papers = separate([page], [claim_type(page, book.doc_types)])
    assert [paper.type for paper in papers] == ["don_xac_nhan_kho_khan"]
    procedure = book.detect([paper.type for paper in papers])
    assert procedure is not None
    assert procedure.code == CODE
    (document,) = extract_papers(papers, [page], procedure, build_extractors(), library=book.papers)
    assert {key: field.value for key, field in document.fields.items()} == WANTED


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_picture_of_the_filled_form_becomes_a_record(folder: Path) -> None:
    package = importlib.util.find_spec("font_source_serif_pro")
    assert package is not None
    assert package.origin is not None
    font = ImageFont.truetype(str(next(Path(package.origin).parent.rglob("SourceSerifPro-Regular.ttf"))), 38)
    picture = Image.new("L", (1654, 2339), 255)
    for index, row in enumerate(rows()):
        ImageDraw.Draw(picture).text((160, 220 + 90 * index), row, fill=0, font=font)
    picture.save("don-da-dien.png", dpi=(200, 200))
    result = CliRunner().invoke(app, ["digitize", "don-da-dien.png", "--json"])
    assert result.exit_code in {0, 3}, result.output
    record = json.loads(result.stdout)
    assert record["procedure"] == CODE
    fields = record["documents"][0]["fields"]
    assert {key: field["value"] for key, field in fields.items()} == WANTED
    assert folder.is_dir()


def test_the_page_names_every_kind_and_only_words_that_there_are() -> None:
    kinds = set(schemas()["paper.schema.json"]["$defs"]["FieldRule"]["properties"]["kind"]["enum"])
    paragraph = PAGE[PAGE.index("`kind` decides") : PAGE.index("| word | means |")]
    assert set(re.findall(r"`(\w+)`", paragraph)) - {"kind"} == kinds
