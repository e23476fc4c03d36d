"""A dossier of drawn pages in papers of three, waiting for a person: for tests of what is done to pages."""

import hashlib
import io

from PIL import Image, ImageDraw, ImageFont

from pipeline.composition import House
from pipeline.keys import new_dossier_id, page_key
from pipeline.record import DocumentRecord, Dossier, Event, OriginalRecord, PageRecord, Status
from pipeline.stages import STAGES

SIZE = (496, 702)


def drawn(number: int) -> bytes:
    picture = Image.new("L", SIZE, 255)
    pen = ImageDraw.Draw(picture)
    pen.text((170, 40), str(number), fill=0, font=ImageFont.load_default(180))
    for row in range(300, 660, 24):
        pen.line((60, row, 60 + (row * 37 + number * 91) % 380, row), fill=90, width=5)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def page(house: House, number: int, *, blank: bool = False) -> PageRecord:
    image = drawn(number)
    sha256 = hashlib.sha256(image).hexdigest()
    house.store.put_new(page_key(sha256, "image/png"), image, "image/png")
    return PageRecord(
        number=number,
        file="quét.pdf",
        file_page=number,
        width=SIZE[0],
        height=SIZE[1],
        dpi=60,
        media_type="image/png",
        image_sha256=sha256,
        blank=blank,
    )


def stacked(house: House, count: int = 7, *, blank: tuple[int, ...] = (), agency: str = "") -> Dossier:
    pages = tuple(page(house, number, blank=number in blank) for number in range(1, count + 1))
    filled = [one.number for one in pages if not one.blank]
    papers = [tuple(filled[at : at + 3]) for at in range(0, len(filled), 3)]
    kinds = [("to_khai_khai_sinh", "Tờ khai đăng ký khai sinh"), ("giay_chung_sinh", "Giấy chứng sinh")]
    now = house.tools.clock()
    dossier = Dossier(
        id=new_dossier_id(now),
        procedure=None,
        agency=agency or house.settings.agency_code,
        status=Status.WAITS,
        received_at=now,
        originals=(
            OriginalRecord(name="quét.pdf", sha256="ab" * 32, size=1, media_type="application/pdf", pages=count),
        ),
        pages=pages,
        documents=tuple(
            DocumentRecord(
                id=f"d{index}",
                type=kinds[index % 2][0],
                title=kinds[index % 2][1],
                component=None,
                pages=paper,
                probability=0.9,
                fields={},
            )
            for index, paper in enumerate(papers, start=1)
        ),
        events=tuple(Event(stage=stage, at=now, seconds=0.1) for stage in STAGES[:5]),
    )
    house.catalogue.create_dossier(dossier)
    return dossier
