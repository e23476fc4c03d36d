"""The report of a verification as one HTML page: for a clerk to read, print and keep with the paper.

The page stands alone (no script, no file beside it) and says everything in Vietnamese and in English; two radio
buttons show the one or the other. Nothing is decided here: outcome, reasons and remedies are the report's. Text that
stands in a stranger's certificate or file name is escaped by the template, always.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jinja2 import Environment

    from pipeline.verification import ReasonReport, VerifyReport

Both = tuple[str, str]
"""Vietnamese, English."""

OUTCOME: Final[dict[str, Both]] = {
    "valid": ("HỢP LỆ", "VALID"),
    "invalid": ("KHÔNG HỢP LỆ", "NOT VALID"),
    "indeterminate": ("CHƯA THỂ KẾT LUẬN", "CANNOT TELL"),
}
MEANING: Final[dict[str, Both]] = {
    "valid": (
        "Nội dung đúng như lúc ký, người ký được xác nhận qua chứng thư tin cậy, thời điểm ký có bằng chứng.",
        "The content is as it was signed, a trusted certificate says who signed, and the time of signing is proved.",
    ),
    "invalid": (
        "Có bằng chứng tệp hoặc chữ ký không đúng. Không sử dụng tệp này.",
        "There is proof that the file or a signature is not right. Do not use this file.",
    ),
    "indeterminate": (
        "Chưa đủ căn cứ để xác nhận hay bác bỏ. Như vậy không có nghĩa là giấy tờ giả: xem lý do và việc cần làm.",
        "There is not enough to confirm or to reject it. That does not mean forged: see the reasons and what to do.",
    ),
}
KIND: Final[dict[str, Both]] = {
    "signature": ("Chữ ký", "Signature"),
    "timestamp": ("Dấu thời gian của tệp", "Document timestamp"),
}
LEVEL: Final[dict[str, Both]] = {
    "B-B": ("chữ ký, chưa có bằng chứng thời gian", "a signature without proof of time"),
    "B-T": ("có dấu thời gian", "with a timestamp"),
    "B-LT": ("có dấu thời gian và dữ liệu kiểm chứng đi kèm", "with a timestamp and validation data"),
    "B-LTA": (
        "đủ bằng chứng để lưu trữ lâu dài, kể cả khi chứng thư đã hết hạn",
        "with all that long-term keeping needs, even after certificates have ended",
    ),
    "": ("không theo chuẩn PAdES", "not a PAdES signature"),
}
LEDGER: Final[dict[str, Both]] = {
    "filed_here": ("Đúng là bản đã lưu trong kho này", "This is what was filed here"),
    "differs_from_filed": ("Khác bản đã lưu trong kho này", "Differs from what was filed here"),
    "unknown": ("Kho này không lưu tệp này", "Not known to this store"),
}
SIGN: Final = {"valid": "✓", "invalid": "✗", "indeterminate": "?"}
_GOOD: Final = frozenset({"intact", "chain_trusted", "timestamped", "covers_whole_file", "covers_revision"})


def render_page(report: VerifyReport, agency: str) -> str:
    """The whole page; `agency` is who checked."""
    from signing.policy import INVALID_CODES

    return (
        _environment()
        .get_template("verification.html")
        .render(
            report=report,
            agency=agency,
            style=style(),
            todo=remedies(report),
            good=_GOOD,
            harm=INVALID_CODES,
            words={
                "outcome": OUTCOME,
                "meaning": MEANING,
                "kind": KIND,
                "level": LEVEL,
                "ledger": LEDGER,
                "sign": SIGN,
            },
        )
    )


def remedies(report: VerifyReport) -> list[Both]:
    """What a person can do, each thing once, in the order in which the report gives cause."""
    from signing.policy import INVALID_CODES

    reasons: list[ReasonReport] = [*report.reasons, *(reason for s in report.signatures for reason in s.reasons)]
    codes = {reason.code for reason in reasons}
    left_out: set[str] = set()
    if report.outcome == "valid":  # what is open about an older timestamp asks nothing of anybody then
        left_out = codes - {"development_pki"}
    elif report.outcome == "invalid":  # no list and no root mends proved harm
        left_out = codes - INVALID_CODES - {reason.code for reason in report.reasons} - {"development_pki"}
    elif "development_root_unknown" in codes:  # no root of any authority helps there
        left_out = {"chain_unknown", "timestamp_untrusted"}
    reasons = [reason for reason in reasons if reason.code not in left_out]
    return list(dict.fromkeys((r.remedy_vi, r.remedy_en) for r in reasons if r.remedy_vi))


def told(reasons: Sequence[ReasonReport]) -> list[ReasonReport]:
    """The reasons worth telling a clerk: what an altered signature covers is no comfort."""
    altered = any(reason.code in {"content_altered", "signature_value_wrong"} for reason in reasons)
    return [reason for reason in reasons if not (altered and reason.code.startswith("covers_"))]


def style() -> str:
    """The page's style sheet, which is written into it."""
    return (Path(__file__).parent / "static" / "verification.css").read_text("utf-8")


def content_policy() -> str:
    """The Content-Security-Policy of the page when it is served: its own style, nothing else."""
    digest = base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; frame-ancestors 'none'"


def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from pipeline.clock import local

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["told"] = told
    environment.filters["local"] = lambda when: f"{local(when):%H:%M:%S %d/%m/%Y}"
    return environment
