"""The report of a verification as one HTML page: for a clerk to read, print and keep with the paper.

The page stands alone (no script, no file beside it) and says everything in Vietnamese and in English; two radio
buttons show the one or the other; its words are in the pages' catalogue. Nothing is decided here: outcome, reasons and
remedies are the report's. Text that stands in a stranger's certificate or file name is escaped by the template, always.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from api.i18n import LANGUAGES, load_texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jinja2 import Environment

    from pipeline.verification import ReasonReport, VerifyReport

Both = tuple[str, str]
"""Vietnamese, English."""

SIGN: Final = {"valid": "✓", "invalid": "✗", "indeterminate": "?"}
_GOOD: Final = frozenset({"intact", "chain_trusted", "timestamped", "covers_whole_file", "covers_revision"})


def render_page(report: VerifyReport, agency: str, language: str = LANGUAGES[0], home: str = "") -> str:
    """The whole page; `agency` is who checked, `language` the one shown first, `home` where a link back leads."""
    from signing.policy import INVALID_CODES

    template = _environment().get_template("verification.html")
    return template.render(
        report=report,
        agency=agency,
        language=language,
        home=home,
        style=style(),
        todo=remedies(report),
        good=_GOOD,
        harm=INVALID_CODES,
        say=load_texts().say,
        sign=SIGN,
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
