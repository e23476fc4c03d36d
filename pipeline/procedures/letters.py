"""The nine fields of an administrative letter: the same for every kind, so they are written once, here.

A procedure that describes a kind of letter itself goes before this. Source: Decree 30/2020, annex I and art. 8.
"""

from __future__ import annotations

from extractors.doctypes import type_names
from extractors.letter_types import letter_types
from pipeline.procedures.schema import DocumentSchema, FieldRule

_FIELDS = (
    FieldRule(key="co_quan_ban_hanh", label="Cơ quan ban hành", kind="lines", required=True),
    FieldRule(key="so_ky_hieu", label="Số, ký hiệu", kind="code", required=True, key_field=True),
    FieldRule(key="dia_danh", label="Địa danh", kind="place"),
    FieldRule(key="ngay_ban_hanh", label="Ngày ban hành", kind="date", required=True, key_field=True),
    FieldRule(key="loai_van_ban", label="Loại văn bản", required=True),
    FieldRule(key="trich_yeu", label="Trích yếu nội dung"),
    FieldRule(key="chuc_vu_nguoi_ky", label="Chức vụ người ký"),
    FieldRule(key="nguoi_ky", label="Người ký", kind="name"),
    FieldRule(key="do_khan", label="Độ khẩn"),
)


def letter_schema(doc_type: str) -> DocumentSchema | None:
    """The schema of a kind of administrative letter; None for a paper that is not one."""
    if doc_type not in {kind.type for kind in letter_types()}:
        return None
    return DocumentSchema(type=doc_type, name=type_names()[doc_type], fields=_FIELDS)
