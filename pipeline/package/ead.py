"""EAD3: what the dossier is, in the fields that the Vietnamese profile asks of a dossier and of its papers.

Where EAD has an element the field stands there; where it has none the field stands in `odd` under its Vietnamese key
(`localtype`). Nothing is guessed: a retention period that the agency has not set is said to be undecided, and a field
of a letter is given only where it was read surely or confirmed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from extractors.fields import FieldStatus
from pipeline.clock import local
from pipeline.package import layout
from pipeline.package.markup import Writer, to_bytes
from pipeline.package.premis import stamp

if TYPE_CHECKING:
    from pipeline.package.contents import Contents
    from pipeline.record import DocumentRecord

_PREFIXES: Final[dict[str | None, str]] = {None: layout.NS_EAD}
_SURE: Final = {FieldStatus.READ, FieldStatus.CONFIRMED}
_LETTER_KEYS: Final = {
    "so_ky_hieu": "Số, ký hiệu",
    "co_quan_ban_hanh": "Cơ quan ban hành",
    "nguoi_ky": "Người ký",
    "chuc_vu_nguoi_ky": "Chức vụ người ký",
    "trich_yeu": "Trích yếu",
}
UNDECIDED: Final = "Chưa xác định: áp dụng bảng thời hạn của cơ quan khi nộp lưu"
ACCESS: Final = "Tiếp cận có điều kiện: hồ sơ có dữ liệu cá nhân (Luật số 91/2025/QH15)"


def ead_document(contents: Contents) -> bytes:
    """metadata/descriptive/EAD.xml."""
    w = Writer(layout.NS_EAD, _PREFIXES)
    return to_bytes(w("ead", None, _control(w, contents), _description(w, contents)))


def _control(w: Writer, contents: Contents) -> Any:
    event = w(
        "maintenanceevent",
        None,
        w("eventtype", {"value": "created"}),
        w("eventdatetime", {"standarddatetime": stamp(contents.filed_at)}, stamp(contents.filed_at)),
        w("agenttype", {"value": "machine"}),
        w("agent", None, f"Hồ Sơ Số {contents.software}"),
    )
    return w(
        "control",
        None,
        w("recordid", None, contents.object_id),
        w("filedesc", None, w("titlestmt", None, w("titleproper", None, _title(contents)))),
        w("maintenancestatus", {"value": "new"}),
        w(
            "maintenanceagency",
            None,
            w("agencycode", None, contents.agency_code),
            w("agencyname", None, contents.agency),
        ),
        w("maintenancehistory", None, event),
    )


def _description(w: Writer, contents: Contents) -> Any:
    dossier = contents.dossier
    day, last = (local(moment).date().isoformat() for moment in (dossier.received_at, contents.filed_at))
    papers = [paper for paper in dossier.documents if paper.pages]
    did = w(
        "did",
        None,
        w("unitid", {"localtype": "ma_ho_so"}, dossier.id),
        w("unitid", {"localtype": "ma_tthc"}, dossier.procedure) if dossier.procedure else None,
        w("unittitle", {"localtype": "tieu_de"}, _title(contents)),
        w(
            "unitdatestructured",
            None,
            w(
                "daterange",
                None,
                w("fromdate", {"standarddate": day}, day),
                w("todate", {"standarddate": last}, last),
            ),
        ),
        w(
            "physdescset",
            None,
            _quantity(w, len(papers), "tài liệu"),
            _quantity(w, len(dossier.pages), "trang"),
        ),
        w("langmaterial", None, w("language", {"langcode": "vie"}, "Tiếng Việt")),
        w("origination", None, w("corpname", None, w("part", None, contents.agency))),
    )
    made = w(
        "archdesc",
        {"level": "file"},
        did,
        _paragraph(w, "accessrestrict", "muc_do_tiep_can", ACCESS),
        _paragraph(w, "appraisal", "thoi_han_luu_tru", UNDECIDED),
    )
    words = [dossier.procedure_name, *dict.fromkeys(paper.title for paper in papers)]
    subjects = [w("subject", {"localtype": "tu_khoa"}, w("part", None, word)) for word in words if word]
    if subjects:
        made.append(w("controlaccess", None, *subjects))
    sure = "Bản số hóa đã ký số, kèm dữ liệu có cấu trúc đã kiểm tra theo thủ tục"
    made.append(_paragraph(w, "odd", "muc_do_tin_cay", sure))
    if papers:
        made.append(w("dsc", None, *(_paper(w, paper) for paper in papers)))
    return made


def _title(contents: Contents) -> str:
    name = contents.dossier.procedure_name or "Hồ sơ"
    return f"{name} ({contents.dossier.id})"


def _quantity(w: Writer, number: int, unit: str) -> Any:
    attributes = {"coverage": "whole", "physdescstructuredtype": "spaceoccupied"}
    return w("physdescstructured", attributes, w("quantity", None, str(number)), w("unittype", None, unit))


def _paragraph(w: Writer, name: str, kind: str, text: str) -> Any:
    return w(name, {"localtype": kind}, w("p", None, text))


def _paper(w: Writer, paper: DocumentRecord) -> Any:
    def said(key: str) -> str:
        field = paper.fields.get(key)
        if field is None or field.status not in _SURE or not field.value:
            return ""
        return "; ".join(field.value) if isinstance(field.value, list | tuple) else str(field.value)

    did = w(
        "did",
        None,
        w("unitid", {"localtype": "ma_tai_lieu"}, paper.id),
        w("unitid", {"localtype": "ma_thanh_phan"}, paper.component) if paper.component else None,
        w("unittitle", None, paper.title),
    )
    if day := said("ngay_ban_hanh"):
        did.append(w("unitdate", None, day))
    made = w("c", {"level": "item"}, did)
    pages = ", ".join(map(str, paper.pages))
    made.append(_paragraph(w, "odd", "trang", pages))
    for key, label in _LETTER_KEYS.items():
        if text := said(key):
            made.append(_paragraph(w, "odd", key, f"{label}: {text}"))
    return made
