"""What a slip says: a dossier, its checklist and the desk's settings in, lines and lists out; no drawing here.

Forms 01 (receipt and appointment), 02 (supplement), 03 (refusal), 04 (apology and new day) and 05 (stopped) of
Circular 03/2025/TT-VPCP; their wording is from practice (M-m, confirm with the agency). Only what was read for sure is
printed: a doubtful name or address leaves a dotted line for the officer's pen, since a slip is given away. A receipt is
not made while a required paper is missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from extractors.fields import FieldStatus
from pipeline.checklist import vietnamese_date
from pipeline.clock import local
from pipeline.errors import Exit, HosoError
from pipeline.record import ComponentState, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from pipeline.procedures.schema import Procedure
    from pipeline.record import ChecklistItem, Dossier
    from pipeline.rules.deadlines import DueDate


class SlipForm(StrEnum):
    """Which slip. Stable codes: machines ask by them."""

    RECEIPT = "receipt"
    SUPPLEMENT = "supplement"
    REFUSAL = "refusal"
    EXTENSION = "extension"
    STOP = "stop"


TITLES = {
    SlipForm.RECEIPT: "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ",
    SlipForm.SUPPLEMENT: "PHIẾU YÊU CẦU BỔ SUNG, HOÀN THIỆN HỒ SƠ",
    SlipForm.REFUSAL: "PHIẾU TỪ CHỐI TIẾP NHẬN GIẢI QUYẾT HỒ SƠ",
    SlipForm.EXTENSION: "PHIẾU XIN LỖI VÀ HẸN LẠI NGÀY TRẢ KẾT QUẢ",
    SlipForm.STOP: "THÔNG BÁO DỪNG GIẢI QUYẾT HỒ SƠ",
}
_MARKS = {
    SlipForm.RECEIPT: "TNHS",
    SlipForm.SUPPLEMENT: "HDHS",
    SlipForm.REFUSAL: "TCHS",
    SlipForm.EXTENSION: "XLHL",
    SlipForm.STOP: "DHS",
}
"""What stands behind the number of a slip: tiếp nhận, hướng dẫn, từ chối hồ sơ, xin lỗi hẹn lại, dừng hồ sơ."""
_LACKING = {
    ComponentState.MISSING: "chưa có",
    ComponentState.EXPIRED: "đã hết hạn",
    ComponentState.UNREADABLE: "không đọc được",
    ComponentState.UNSIGNED: "chưa ký",
    ComponentState.UNSEALED: "chưa đóng dấu",
    ComponentState.WRONG_PERSON: "của người khác",
}
_NAMES = ("nyc_ho_ten", "ho_ten", "nguoi_de_nghi_ho_ten", "nam_ho_ten")
_PLACES = ("nyc_noi_cu_tru", "noi_cu_tru", "noi_thuong_tru", "dia_chi")
_PHONES = ("nyc_so_dien_thoai", "so_dien_thoai", "sdt", "dien_thoai")
_MAILS = ("nyc_email", "email", "thu_dien_tu")


@dataclass(frozen=True, slots=True)
class Desk:
    """Who hands the slip out."""

    agency: str
    parent: str = ""
    place: str = ""
    """Địa danh before the date; a dotted line where it is empty."""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """`label: value`; without a value a dotted line to be filled with a pen."""

    label: str
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Slip:
    """Everything that is printed, from top to bottom."""

    form: SlipForm
    title: str
    number_mark: str
    desk: Desk
    moment: datetime
    opening: tuple[Row, ...]
    list_heading: str
    items: tuple[tuple[str, str], ...]
    """What the list says, and a remark on it (which may be empty)."""
    closing: tuple[Row, ...]
    text: str
    left_signer: str
    right_signer: str
    officer: str
    code: str
    """The dossier's code, printed; in the QR code, too, where there is no link."""
    link: str = ""
    """What the QR code says instead: the citizen's page, with the dossier and a secret behind a `#`."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a slip is about, besides its form."""

    dossier: Dossier
    procedure: Procedure
    desk: Desk
    moment: datetime
    due: DueDate | None = None
    """The last day for the result."""
    officer: str = ""
    reasons: tuple[str, ...] = ()
    """An officer's own words."""


class SlipRefusedError(HosoError):
    """A slip that cannot be made of this dossier as it stands."""

    code = "slip_refused"
    exit_code = Exit.REFUSED
    message_vi = "Chưa lập được phiếu này cho hồ sơ."
    remedy_vi = "Hãy lập loại phiếu khác hoặc bổ sung điều còn thiếu."

    def __init__(self, dossier_id: str, detail: str, remedy: str) -> None:
        super().__init__(dossier_id, detail)
        self.remedy_vi = remedy


def lacking(items: Sequence[ChecklistItem]) -> list[ChecklistItem]:
    """Papers that the citizen must still bring."""
    return [
        item
        for item in items
        if item.state is ComponentState.MISSING or (item.required and item.state in _LACKING)
    ]  # fmt: skip


def fitting_form(dossier: Dossier) -> SlipForm:
    """The slip that a dossier calls for: a supplement while papers lack or something blocks, else a receipt."""
    return SlipForm.SUPPLEMENT if lacking(dossier.checklist) or _blocks(dossier) else SlipForm.RECEIPT


def slip_for(form: SlipForm, occasion: Occasion) -> Slip:
    """The slip.

    Raises SlipRefusedError: a receipt with papers missing, a supplement that asks for nothing, a refusal without a
    reason.
    """
    match form:
        case SlipForm.RECEIPT:
            return _receipt(occasion)
        case SlipForm.SUPPLEMENT:
            return _supplement(occasion)
        case SlipForm.REFUSAL:
            return _refusal(occasion)
        case SlipForm.EXTENSION | SlipForm.STOP:
            return _notice(form, occasion)


def _receipt(occasion: Occasion) -> Slip:
    dossier, procedure, desk, due = occasion.dossier, occasion.procedure, occasion.desk, occasion.due
    if missing := lacking(dossier.checklist):
        names = ", ".join(item.name for item in missing)
        raise SlipRefusedError(
            dossier.id, f"papers missing: {len(missing)}", f"Hồ sơ còn thiếu {names}; hãy lập phiếu yêu cầu bổ sung."
        )
    limit = procedure.time_limit
    days = None
    if limit is not None:
        days = f"{limit.working_days} ngày làm việc" if limit.working_days else "trong ngày"
    result = None
    if due is not None:
        doubt = f" (dự kiến: {due.note})" if due.note else ""
        result = f"ngày {vietnamese_date(due.day.isoformat())}{doubt}"
    return Slip(
        form=SlipForm.RECEIPT,
        title=TITLES[SlipForm.RECEIPT],
        number_mark=_MARKS[SlipForm.RECEIPT],
        desk=desk,
        moment=occasion.moment,
        opening=(
            Row("Mã hồ sơ", dossier.id),
            Row("Tiếp nhận hồ sơ của", _said(dossier, _NAMES)),
            Row("Địa chỉ", _said(dossier, _PLACES)),
            Row("Số điện thoại", _said(dossier, _PHONES)),
            Row("Thư điện tử", _said(dossier, _MAILS)),
            Row("Nội dung yêu cầu giải quyết", procedure.name),
        ),
        list_heading="Thành phần hồ sơ nộp gồm:",
        items=tuple(_received(dossier)),
        closing=(
            Row("Số lượng hồ sơ", "01 (bộ)"),
            Row("Thời gian giải quyết hồ sơ theo quy định", days),
            Row("Thời gian nhận hồ sơ", _moment(dossier.received_at)),
            Row("Thời gian trả kết quả giải quyết hồ sơ", result),
            Row("Đăng ký nhận kết quả tại", desk.agency),
        ),
        text="",
        left_signer="NGƯỜI NỘP HỒ SƠ",
        right_signer="NGƯỜI TIẾP NHẬN HỒ SƠ",
        officer=occasion.officer,
        code=dossier.id,
    )


def _supplement(occasion: Occasion) -> Slip:
    dossier, desk = occasion.dossier, occasion.desk
    items = [(item.name, item.reason or _LACKING[item.state]) for item in lacking(dossier.checklist)]
    # What the checklist says of a paper is said once: the rule on components repeats it.
    items += [(finding, "") for finding in _blocks(dossier)]
    items += [(reason, "") for reason in occasion.reasons]
    if not items:
        remedy = "Hồ sơ không thiếu gì; hãy lập giấy tiếp nhận, hoặc ghi rõ nội dung cần bổ sung."
        raise SlipRefusedError(dossier.id, "nothing to supplement", remedy)
    contact = f", số điện thoại {desk.phone}" if desk.phone else ""
    return Slip(
        form=SlipForm.SUPPLEMENT,
        title=TITLES[SlipForm.SUPPLEMENT],
        number_mark=_MARKS[SlipForm.SUPPLEMENT],
        desk=desk,
        moment=occasion.moment,
        opening=_of_whom(occasion),
        list_heading="Yêu cầu hoàn thiện hồ sơ gồm những nội dung sau:",
        items=tuple(items),
        closing=(),
        text=f"Trong quá trình hoàn thiện hồ sơ, nếu có vướng mắc, Ông/Bà liên hệ với {desk.agency}{contact} "
        "để được hướng dẫn./.",
        left_signer="",
        right_signer="NGƯỜI HƯỚNG DẪN",
        officer=occasion.officer,
        code=dossier.id,
    )


def _refusal(occasion: Occasion) -> Slip:
    dossier, desk = occasion.dossier, occasion.desk
    if not occasion.reasons:
        remedy = "Hãy ghi lý do từ chối: phiếu từ chối không có lý do là trái quy định."
        raise SlipRefusedError(dossier.id, "no reason", remedy)
    return Slip(
        form=SlipForm.REFUSAL,
        title=TITLES[SlipForm.REFUSAL],
        number_mark=_MARKS[SlipForm.REFUSAL],
        desk=desk,
        moment=occasion.moment,
        opening=_of_whom(occasion),
        list_heading=f"Qua xem xét, {desk.agency} thông báo không tiếp nhận, giải quyết hồ sơ này với lý do sau:",
        items=tuple((reason, "") for reason in occasion.reasons),
        closing=(),
        text="Xin thông báo cho Ông/Bà được biết và thực hiện./.",
        left_signer="NGƯỜI NỘP HỒ SƠ",
        right_signer="NGƯỜI TIẾP NHẬN HỒ SƠ",
        officer=occasion.officer,
        code=dossier.id,
    )


def _notice(form: SlipForm, occasion: Occasion) -> Slip:
    """What whoever decides tells the citizen: a new day with an apology, or that the dossier is stopped."""
    dossier, desk, due = occasion.dossier, occasion.desk, occasion.due
    extends = form is SlipForm.EXTENSION
    if not occasion.reasons or (extends and due is None):
        remedy = "Hãy ghi lý do (và ngày hẹn lại): người dân phải được biết."
        raise SlipRefusedError(dossier.id, "no reason", remedy)
    day = vietnamese_date(due.day.isoformat()) if due is not None else ""
    if extends:
        heading = f"{desk.agency} chưa trả được kết quả giải quyết hồ sơ này đúng hẹn với lý do sau:"
        text = f"{desk.agency} xin lỗi Ông/Bà và hẹn lại thời gian trả kết quả: ngày {day}./."
    else:
        heading = f"{desk.agency} thông báo dừng giải quyết hồ sơ này với lý do sau:"
        text = "Xin thông báo để Ông/Bà được biết./."
    return Slip(
        form=form,
        title=TITLES[form],
        number_mark=_MARKS[form],
        desk=desk,
        moment=occasion.moment,
        opening=(*_of_whom(occasion), Row("Thời gian nhận hồ sơ", _moment(dossier.received_at))),
        list_heading=heading,
        items=tuple((reason, "") for reason in occasion.reasons),
        closing=(Row("Thời gian hẹn lại", f"ngày {day}"),) if extends else (),
        text=text,
        left_signer="",
        right_signer="THỦ TRƯỞNG CƠ QUAN",
        officer=occasion.officer,
        code=dossier.id,
    )


def _of_whom(occasion: Occasion) -> tuple[Row, ...]:
    dossier = occasion.dossier
    return (
        Row("Mã hồ sơ", dossier.id),
        Row("Hồ sơ của", _said(dossier, _NAMES)),
        Row("Nội dung yêu cầu giải quyết", occasion.procedure.name),
        Row("Địa chỉ", _said(dossier, _PLACES)),
        Row("Số điện thoại", _said(dossier, _PHONES)),
        Row("Thư điện tử", _said(dossier, _MAILS)),
    )


def _received(dossier: Dossier) -> list[tuple[str, str]]:
    """Papers that are there, with their pages; the checklist's order first, then papers that nobody asked for."""
    titles = {document.id: document for document in dossier.documents}
    rows, told = [], set[str]()
    for item in dossier.checklist:
        if item.document in titles:
            document = titles[item.document]
            told.add(document.id)
            rows.append((item.name, f"{len(document.pages)} trang"))
    rows += [(d.title, f"{len(d.pages)} trang") for d in dossier.documents if d.id not in told]
    return rows


def _blocks(dossier: Dossier) -> list[str]:
    """What blocks and is not about a component, which the checklist tells."""
    return [
        finding.message
        for finding in dossier.findings
        if finding.severity is Severity.BLOCK and finding.rule != "components" and finding.confirmed_by is None
    ]


def _said(dossier: Dossier, keys: Sequence[str]) -> str | None:
    """The first accepted value under one of the keys; forms go before cards and certificates."""
    forms_first = sorted(dossier.documents, key=lambda d: not d.type.startswith(("to_khai", "ct0", "giay_de_nghi")))
    for key in keys:
        for document in forms_first:
            field = document.fields.get(key)
            sure = field is not None and field.status in {FieldStatus.READ, FieldStatus.CONFIRMED}
            if field is not None and sure and isinstance(field.value, str) and field.value:
                return field.value
    return None


def _moment(moment: datetime) -> str:
    moment = local(moment)
    return f"{moment.hour:02} giờ {moment.minute:02} phút, ngày {vietnamese_date(moment.date().isoformat())}"
