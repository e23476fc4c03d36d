"""An electronic original stays what it is: embedded bit for bit, listed, and never stamped as paper."""

from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from clerk import settle
from fpdf import FPDF
from ocrmypdf import fpdf_renderer

from pipeline.archive.inspect import attachments
from pipeline.composition import House
from pipeline.record import Dossier, Status
from signing.devpki import DevelopmentPki
from signing.factory import SigningOptions, build_signer
from signing.signer import SignRequest

FONT = Path(fpdf_renderer.__file__).parents[1] / "data" / "NotoSans-Regular.ttf"


@pytest.fixture(scope="module")
def electronic(tmp_path_factory: pytest.TempPathFactory, house: House) -> Path:
    """A born-digital letter, signed by a state body that this machine does not know."""
    document = FPDF(format="A4")
    document.add_font("noto", fname=FONT)
    document.set_font("noto", size=13)
    document.add_page()
    for line in ("ỦY BAN NHÂN DÂN", "XÃ MẪU", "Số: 12/UBND-VP", "Kính gửi: Ủy ban nhân dân tỉnh"):
        document.cell(text=line, new_x="LMARGIN", new_y="NEXT")
    folder = tmp_path_factory.mktemp("electronic")
    stranger = folder / "stranger"
    DevelopmentPki.ensure(stranger)
    request = SignRequest("Phát hành", "UBND xã Mẫu", "12/UBND-VP", house.tools.clock())
    signed = build_signer(SigningOptions(stranger)).sign(bytes(document.output()), request)
    path = folder / "công văn.pdf"
    path.write_bytes(signed.data)
    return path


@pytest.fixture(scope="module")
def filed(house: House, electronic: Path) -> Dossier:
    received = house.conductor.receive([electronic], "cong_van_den")
    dossier = house.conductor.run(received.dossier_id)
    return dossier if dossier.status is Status.FILED else settle(house, dossier)


def test_its_signatures_are_listed_and_its_bytes_unchanged(house: House, filed: Dossier, electronic: Path) -> None:
    (original,) = filed.originals
    assert original.signed
    assert [s.signer for s in original.signatures]
    assert all(s.verdict == "indeterminate" for s in original.signatures), "the chain is unknown here"
    pdf = house.conductor.archive_pdf(filed.id)
    assert pdf is not None
    assert attachments(pdf)["original-1.pdf"] == electronic.read_bytes()


def test_it_is_not_stamped_as_converted_from_paper(house: House, filed: Dossier) -> None:
    pdf = house.conductor.archive_pdf(filed.id)
    assert pdf is not None
    with pikepdf.open(BytesIO(pdf)) as opened:
        shown = [a for a in opened.pages[0].get("/Annots", []) if a.Rect[2] - a.Rect[0] > 0]
    assert not shown
