"""People of an agency, a filed dossier that lacks nothing, without reading a page; a result as an office makes it."""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pipeline.access.principal import Principal
from pipeline.access.records import Account
from pipeline.access.roles import RIGHTS, Role
from pipeline.keys import page_key
from pipeline.record import DocumentRecord, Dossier, PageRecord, Status
from pipeline.steps import copies
from pipeline.steps.doing import attach, do, standing
from pipeline.steps.preparing import Order
from pipeline.steps.table import Verb

if TYPE_CHECKING:
    from pipeline.composition import House
    from pipeline.steps.place import Place

AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
HERE, THERE = "H26.34", "H26.99"


class Clock:
    """Goes on by a microsecond each time it is looked at."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(microseconds=10)
        return self.now


def person(role: Role, agency: str = HERE, name: str = "") -> Principal:
    made = name or role.value
    return Principal(f"u-{made}", f"Người {made}", agency, RIGHTS[role], frozenset({role}))


DESK, APPRAISER, LEADER, KEEPER = map(person, (Role.DESK_OFFICER, Role.APPRAISER, Role.LEADER, Role.SEAL_KEEPER))
WHO = {Role.DESK_OFFICER: DESK, Role.APPRAISER: APPRAISER, Role.LEADER: LEADER, Role.SEAL_KEEPER: KEEPER}


def put_account(house: House, who: Principal) -> None:
    account = Account(
        id=who.id,
        login=who.id,
        name=who.name,
        agency=who.agency,
        roles=tuple(who.roles),
        created_at=AT,
        changed_at=AT,
    )
    house.catalogue.access().put_account(account)


def dossier(house: House, number: int = 1, status: Status = Status.FILED, agency: str = HERE) -> str:
    record = Dossier(
        id="hs-261120-" + f"{number:08d}".replace("0", "k"),
        procedure="1.001193",
        procedure_name="Đăng ký khai sinh",
        agency=agency,
        status=status,
        received_at=AT,
    )
    house.catalogue.create_dossier(record)
    return record.id


def result_pdf(said: str = "GIẤY KHAI SINH") -> bytes:
    """A page of text, as an office program exports it."""
    from fpdf import FPDF

    made = FPDF()
    made.add_page()
    made.set_font("Helvetica", size=20)
    made.cell(text=said.encode("ascii", "replace").decode())
    return bytes(made.output())


def act(house: House, who: Principal, dossier_id: str, verb: Verb, note: str = "", **more: object) -> Place:
    """As somebody who has just looked."""
    seen = standing(house.tools, dossier_id).seq
    return do(house.tools, who, dossier_id, Order.model_validate({"verb": verb, "seen": seen, "note": note, **more}))


def attached(house: House, who: Principal, dossier_id: str, result: str | None = None) -> Place:
    order = Order(verb=Verb.ATTACH, seen=standing(house.tools, dossier_id).seq, result=result)
    return attach(house.tools, who, dossier_id, order, title="Giấy khai sinh", pdf=result_pdf())


def scanned(house: House, number: int = 1, pages: int = 2) -> str:
    from PIL import Image

    made = []
    for page in range(1, pages + 1):
        stream = io.BytesIO()
        Image.new("RGB", (420, 594), (255, 255 - 20 * page, 240)).save(stream, "PNG")
        sha256 = hashlib.sha256(stream.getvalue()).hexdigest()
        house.store.put_new(page_key(sha256, "image/png"), stream.getvalue(), "image/png")
        made.append(
            PageRecord(
                number=page, file="bang.png", file_page=page, width=420, height=594, dpi=100, image_sha256=sha256
            )
        )
    paper = DocumentRecord(
        id="d1",
        type="giay_to_ca_nhan_khac",
        title="Bằng tốt nghiệp đại học",
        component=None,
        pages=tuple(range(1, pages + 1)),
        probability=0.9,
        fields={},
    )
    record = Dossier(
        id="hs-261120-" + f"{number:08d}".replace("0", "c"),
        procedure="2.000815",
        procedure_name="Chứng thực bản sao",
        agency=HERE,
        status=Status.FILED,
        received_at=AT,
        pages=tuple(made),
        documents=(paper,),
    )
    house.catalogue.create_dossier(record)
    return record.id


def compared(house: House, dossier_id: str) -> copies.Copy:
    copy = copies.begin(house.tools, DESK, dossier_id, "d1")
    for page in copy.pages:
        copy = copies.tick(house.tools, DESK, copy.id, seen=copy.seq, page=page.number, same=True)
    return copy
