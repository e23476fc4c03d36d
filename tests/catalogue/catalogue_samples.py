"""A clock that stands still, and dossiers to be kept: invented people, every kind of value."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from extractors.fields import FieldStatus, FieldValue, Source
from pipeline.catalogue.catalogue import Catalogue
from pipeline.record import (
    ChecklistItem,
    Claim,
    ComponentState,
    DocumentRecord,
    Dossier,
    Event,
    FieldRecord,
    FieldRef,
    Finding,
    OriginalRecord,
    PageDefect,
    PageRecord,
    Severity,
    Status,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.vault.vault import Vault

SHA = "ab" * 32
NOON = datetime(2026, 11, 5, 5, 0, tzinfo=UTC)


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 5, 8, 0, 0, 123456, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **spans: float) -> datetime:
        self.now += timedelta(**spans)
        return self.now


@contextmanager
def ready(url: str, clock: Clock, vault: Vault | None = None) -> Iterator[Catalogue]:
    with Catalogue(url, clock=clock, vault=vault) as catalogue:
        catalogue.migrate()
        yield catalogue


def field(value: FieldValue, *, status: FieldStatus = FieldStatus.READ) -> FieldRecord:
    claim = Claim(value=value, raw=str(value), probability=0.97, source=Source.LABEL, page=1, box=(1, 2, 30, 40))
    return FieldRecord(
        **claim.model_dump(), status=status, label="Họ và tên", claims=(claim,), reason=None if value else "no_text"
    )


def plain(dossier_id: str = "HS-1", status: Status = Status.RECEIVED, received_at: datetime = NOON) -> Dossier:
    return Dossier(id=dossier_id, procedure=None, status=status, received_at=received_at)


def full(dossier_id: str = "HS-1", name: str = "Nguyễn Văn Thử", sha256: str = SHA) -> Dossier:
    fields = {
        "ho_ten": field(name),
        "so_ban": field(2),
        "co_cong_chung": field(True),
        "co_quan_ban_hanh": field(["UBND", "PHƯỜNG THỬ"]),
        "ngay_sinh": field(None, status=FieldStatus.UNREADABLE),
    }
    return Dossier(
        id=dossier_id,
        procedure="1.001193",
        procedure_name="Đăng ký khai sinh",
        procedure_version="2025-07-01",
        status=Status.WAITS,
        received_at=NOON,
        originals=(OriginalRecord(name="tờ khai.pdf", sha256=sha256, size=12, media_type="application/pdf", pages=2),),
        pages=(
            PageRecord(
                number=1,
                file="tờ khai.pdf",
                file_page=1,
                width=2480,
                height=3508,
                dpi=300,
                image_sha256=SHA,
                defects=(PageDefect(code="faint", message="Nét mờ", value=0.2),),
            ),
            PageRecord(
                number=2,
                file="tờ khai.pdf",
                file_page=2,
                width=2480,
                height=3508,
                dpi=300,
                image_sha256=SHA,
                blank=True,
            ),
        ),
        documents=(
            DocumentRecord(
                id="d1",
                type="to_khai_khai_sinh",
                title="Tờ khai đăng ký khai sinh",
                component="tk",
                pages=(1,),
                probability=0.99,
                fields=fields,
            ),
            DocumentRecord(id="d2", type="unknown", title="", component=None, pages=(2,), probability=0.4, fields={}),
        ),
        checklist=(
            ChecklistItem(component="tk", name="Tờ khai", required=True, state=ComponentState.PRESENT, document="d1"),
        ),
        findings=(
            Finding(
                rule="dates.order",
                severity=Severity.CONFIRM,
                message="Ngày sinh sau ngày nộp.",
                fields=(FieldRef(document="d1", key="ngay_sinh"),),
            ),
            Finding(rule="seen", severity=Severity.BLOCK, message="Đã xem.", confirmed_by="Trần Thị Duyệt"),
            Finding(rule="note", severity=Severity.INFO, message="Có hai trang."),
        ),
        files={"z_last": "dossiers/HS-1/z", "archive_pdf": "dossiers/HS-1/archive.pdf"},
        engine="test",
        events=(Event(stage="read", at=NOON, seconds=1.5),),
    )
