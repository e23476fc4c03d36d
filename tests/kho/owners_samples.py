"""Invented people and their papers, filed into a kho without reading a page: records as the stages leave them."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from extractors.fields import FieldStatus, FieldValue, Source
from pipeline import journal
from pipeline.access.principal import Principal
from pipeline.access.roles import RIGHTS, Role
from pipeline.kho.feed import feed
from pipeline.record import DocumentRecord, Dossier, FieldRecord, Status

if TYPE_CHECKING:
    from pipeline.composition import House

AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
AN = {"ho_ten": "NGUYỄN VĂN AN", "so_dinh_danh": "001090004567", "ngay_sinh": "1990-03-12"}
HERE, THERE = "H26.34", "H26.99"


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = AT

    def __call__(self) -> datetime:
        self.now += timedelta(microseconds=1)
        return self.now


def officer(agency: str = HERE) -> Principal:
    return Principal(f"acc-{agency}", "Cán bộ", agency, RIGHTS[Role.DESK_OFFICER], frozenset({Role.DESK_OFFICER}))


def field(value: FieldValue, status: FieldStatus = FieldStatus.READ, probability: float = 0.99) -> FieldRecord:
    return FieldRecord(
        value=value, raw=str(value), probability=probability, source=Source.LABEL, page=1, box=None, status=status
    )


def paper(
    kind: str,
    values: dict[str, FieldValue],
    *,
    name: str = "d1",
    component: str | None = "000.00.00.G15-KQ004946",
    doubtful: tuple[str, ...] = (),
    probability: float = 0.99,
) -> DocumentRecord:
    fields = {
        key: field(value, FieldStatus.DOUBTFUL if key in doubtful else FieldStatus.READ)
        for key, value in values.items()
    }
    return DocumentRecord(
        id=name, type=kind, title=kind, component=component, pages=(1,), probability=probability, fields=fields
    )


def card(values: dict[str, FieldValue] | None = None, **changes: FieldValue) -> DocumentRecord:
    return paper("cccd", {**AN, "ngay_cap": "2021-05-04", "ngay_het_han": "2030-03-12", **(values or {}), **changes})


def dossier(number: int, *documents: DocumentRecord, agency: str = HERE, procedure: str = "1.001193") -> Dossier:
    return Dossier(
        id="hs-261120-" + f"{number:08d}".replace("0", "k"),
        procedure=procedure,
        procedure_name="Đăng ký khai sinh",
        agency=agency,
        status=Status.FILED,
        received_at=AT,
        documents=documents,
    )


def file_record(house: House, record: Dossier, pdf: bytes | None = None) -> str:
    """Files a record the way the stage `file` does; `pdf` is the signed PDF, or bytes that stand for one."""
    pdf = pdf or f"%PDF of {record.id}".encode()
    sha256 = hashlib.sha256(pdf).hexdigest()
    journal.received(house.store, record.model_copy(update={"status": Status.RECEIVED, "documents": ()}), sha256)
    house.catalogue.create_dossier(record)
    house.catalogue.remember_step(sha256, "receive", "1", record.id.encode(), 0.0)
    pdf_key, data_key = f"filed/{record.id}/{sha256}/archive.pdf", f"filed/{record.id}/{sha256}/data.json"
    data = json.dumps(record.model_dump(mode="json", exclude={"status", "files", "events"})).encode()
    house.store.put_new(pdf_key, pdf, "application/pdf")
    stat = house.store.put_new(data_key, data, "application/json")
    signed = house.catalogue.record_filing(record.id, "archive_pdf", pdf_key, sha256, len(pdf), level="B-LTA")
    house.catalogue.record_filing(record.id, "data_json", data_key, stat.sha256, stat.size)
    files = {"archive_pdf": pdf_key, "data_json": data_key}
    journal.filed(house.store, record.id, house.catalogue.filings_of(record.id), files, ())
    house.catalogue.save(record.model_copy(update={"files": files}))
    feed(house.tools, record, signed)
    return record.id
