"""The sample dossiers: the same bytes from the same seed, readable codes, and shipped files that match their truth."""

from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pikepdf
import pytest
import zxingcpp
from PIL import Image

from models.synthesis.files import jpeg_bytes
from models.synthesis.forms.identity_card import identity_card, qr_payload
from models.synthesis.pages import page_truth, scan_page
from models.synthesis.people import make_family
from models.synthesis.sample import Sample, birth_registration, decision_sample, main, truth_text
from models.synthesis.scan import Level, Mode, ScanSettings

if TYPE_CHECKING:
    from models.synthesis.fonts import FontBook

SHIPPED = Path(__file__).parents[2] / "samples"


@pytest.fixture(scope="module")
def dossier(book: FontBook) -> Sample:
    return birth_registration(book, 4)


def test_same_seed_same_bytes(book: FontBook, dossier: Sample) -> None:
    again = birth_registration(book, 4)
    assert again.files == dossier.files
    assert truth_text(again.truth) == truth_text(dossier.truth)


def test_another_seed_is_another_family(book: FontBook) -> None:
    one, two = (decision_sample(book, seed) for seed in (1, 2))
    assert one.files != two.files


def test_the_files_are_what_desks_send(dossier: Sample) -> None:
    form = Image.open(io.BytesIO(dossier.files["ban-quet-001.tif"]))
    assert form.n_frames == 2
    assert form.size == (1654, 2339)
    assert form.info["dpi"] == (200, 200)
    with pikepdf.open(io.BytesIO(dossier.files["ban-quet-002.pdf"])) as notice:
        assert len(notice.pages) == 1
        assert [float(side) for side in notice.pages[0].mediabox[2:]] == pytest.approx([595.4, 842.0], abs=1)
    assert sum(map(len, dossier.files.values())) < 2_500_000


def test_the_form_lies_with_its_second_page_first(dossier: Sample) -> None:
    pages = dossier.truth["files"]["ban-quet-001.tif"]
    assert [page["page_of_document"] for page in pages] == [2, 1]
    form = next(item for item in dossier.truth["documents"] if item["type"] == "to_khai_khai_sinh")
    assert [page["page"] for page in form["pages"]] == [2, 1]


def test_the_papers_agree_with_each_other(dossier: Sample) -> None:
    said = {item["type"]: item["fields"] for item in dossier.truth["documents"]}
    form, notice, card = said["to_khai_khai_sinh"], said["giay_chung_sinh"], said["cccd"]
    assert form["nks_ngay_sinh"] == notice["ngay_gio_sinh"][:10]
    assert form["nks_gioi_tinh"] == notice["gioi_tinh"]
    assert form["nks_ho_ten"] == notice["du_dinh_dat_ten"]
    assert form["nks_noi_sinh"] == notice["noi_sinh"]
    assert form["me_ho_ten"] == notice["me_ho_ten"] == card["ho_ten"]
    assert form["me_so_dinh_danh"] == notice["me_so_dinh_danh"] == card["so_dinh_danh"] == form["nyc_so_dinh_danh"]
    assert form["me_ngay_sinh"] == notice["me_ngay_sinh"] == card["ngay_sinh"]
    assert form["ngay_lap"] < card["ngay_het_han"]


@pytest.mark.parametrize("seed", [7, 11, 12])
def test_the_qr_code_survives_the_scanner(book: FontBook, seed: int) -> None:
    person = make_family(seed, date(2026, 11, 12)).mother
    page = scan_page(book, identity_card(book, person), 1, seed, ScanSettings(Level.OFFICE, dpi=200))
    codes = zxingcpp.read_barcodes(np.asarray(Image.open(io.BytesIO(jpeg_bytes(page)))))
    assert [code.text for code in codes] == [qr_payload(person)]
    said = {key: field["raw"] for key, field in page_truth(page)["fields"].items()}
    number, old, name, born, sex, home, issued = codes[0].text.split("|")
    assert (number, old, name.upper(), sex, home) == (
        said["so_dinh_danh"],
        "",
        said["ho_ten"],
        said["gioi_tinh"],
        said["noi_thuong_tru"],
    )
    assert born == said["ngay_sinh"].replace("/", "")
    assert issued == said["ngay_cap"].replace("/", "")


def test_group_four_is_one_bit_a_pixel(book: FontBook) -> None:
    picture = Image.open(io.BytesIO(decision_sample(book, 5).files["quyet-dinh.tif"]))
    assert picture.mode == "1"
    assert picture.info["compression"] == "group4"


def test_a_grey_page_can_be_had(book: FontBook) -> None:
    sample = decision_sample(book, 8, ScanSettings(Level.BAD, Mode.GREY, dpi=100))
    assert Image.open(io.BytesIO(sample.files["quyet-dinh.tif"])).mode == "L"


def test_the_command_writes_the_truth_beside_the_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "letter"
    assert main(["--kind", "letter", "--out", str(out), "--seed", "2", "--portable", "--dpi", "100"]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["letter", "letter.truth.json"]
    assert [path.name for path in out.iterdir()] == ["cong-van.pdf"]
    assert "1 tệp" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["birth_registration", "letter", "decision"])
def test_shipped_files_are_those_of_the_shipped_truth(name: str) -> None:
    truth = json.loads((SHIPPED / f"{name}.truth.json").read_text(encoding="utf-8"))
    assert sorted(path.name for path in (SHIPPED / name).iterdir()) == sorted(truth["files"])
    for file, pages in truth["files"].items():
        data = (SHIPPED / name / file).read_bytes()
        if file.endswith(".pdf"):
            with pikepdf.open(io.BytesIO(data)) as document:
                assert len(document.pages) == len(pages)
        else:
            picture = Image.open(io.BytesIO(data))
            assert getattr(picture, "n_frames", 1) == len(pages)
            assert picture.size == (pages[0]["width"], pages[0]["height"])


def test_the_shipped_dossier_is_what_the_generator_makes(book: FontBook, dossier: Sample) -> None:
    shipped = json.loads((SHIPPED / "birth_registration.truth.json").read_text(encoding="utf-8"))
    if shipped["fonts"] != book.identity():
        pytest.skip("the shipped sample was drawn with other fonts than this machine has")
    assert shipped == json.loads(truth_text(dossier.truth))
    made = Image.open(io.BytesIO(dossier.files["ban-quet-003.jpg"]))
    kept = Image.open(SHIPPED / "birth_registration" / "ban-quet-003.jpg")
    assert np.abs(np.asarray(made, dtype=float) - np.asarray(kept, dtype=float)).mean() < 0.5
