"""A dossier of a birth registration, with or without the paper that it lacks, and its slip."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import pypdfium2

from pipeline.record import ChecklistItem, ComponentState, Dossier, Status
from pipeline.slips.issue import issue

if TYPE_CHECKING:
    from datetime import datetime

    from pipeline.composition import House

ADDRESS = "https://hoso.example"
PERSON = "Nguyễn Văn Bình"


def dossier(
    house: House,
    code: str = "aaaaaaaa",
    *,
    lacks: bool = False,
    status: Status = Status.WAITS,
    received_at: datetime | None = None,
) -> Dossier:
    """It is put into the catalogue."""
    state = ComponentState.MISSING if lacks else ComponentState.NOT_REQUIRED
    made = Dossier(
        id=f"hs-261121-{code}",
        procedure="1.001193",
        procedure_name="Đăng ký khai sinh",
        agency=house.settings.agency_code,
        status=status,
        received_at=received_at or house.tools.clock(),
        checklist=(ChecklistItem(component="x", name="Giấy chứng sinh", required=True, state=state, document=None),),
    )
    house.catalogue.create_dossier(made)
    return made


def printed(house: House, made: Dossier, who: str = "u-1") -> tuple[str, str]:
    """The secret as the slip says it, and what its QR code says."""
    _, pdf = issue(house.tools, made, who=who)
    return read_slip(pdf)


def read_slip(pdf: bytes) -> tuple[str, str]:
    import numpy as np
    import zxingcpp

    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    page = document[0]
    text = page.get_textpage().get_text_range()
    found = re.search(r"Mã tra cứu: ([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})", text)
    picture = np.ascontiguousarray(page.render(scale=3).to_numpy())
    codes = [code.text for code in zxingcpp.read_barcodes(picture)]
    return (found[1] if found else ""), codes[0]
