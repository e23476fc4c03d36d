"""Rules on dates: none lies in the future, words say what digits say, a birth is registered in time, cards are valid.

R1, R2, R3, R4 and R12 of the rule book; limits are parameters of the procedure, because law changes them.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from extractors.dates import parse_words
from pipeline.checklist import vietnamese_date
from pipeline.record import Severity

if TYPE_CHECKING:
    from pipeline.record import Finding
    from pipeline.rules.context import Reading, RuleContext

_MAY_LIE_AHEAD = frozenset({"ngay_het_han"})


def dates_not_future(context: RuleContext) -> list[Finding]:
    """R1: every date parses and none lies after the day of receipt, except expiry dates."""
    findings = []
    for reading in context.of_kind("date", "partial_date", "datetime"):
        if reading.key in _MAY_LIE_AHEAD:
            continue
        if not _is_date(reading):
            message = f"{reading.field.label}: {reading}, không phải là một ngày hợp lệ."
            findings.append(context.finding(Severity.BLOCK, message, [reading]))
        elif reading.text[:10] > context.today.isoformat():
            day = vietnamese_date(context.today.isoformat())
            message = f"{reading.field.label}: {reading}, sau ngày tiếp nhận {day}."
            findings.append(context.finding(Severity.BLOCK, message, [reading]))
    return findings


def _is_date(reading: Reading) -> bool:
    if reading.day is not None:
        return True
    parts = reading.text.split("-")
    if not all(part.isdigit() for part in parts) or len(parts[0]) != 4:
        return False
    return len(parts) == 1 or (len(parts) == 2 and 1 <= int(parts[1]) <= 12)


def registration_in_time(context: RuleContext) -> list[Finding]:
    """R2: a birth is registered within `days` days. Params: `born` [type, key], `days`."""
    doc_type, key = context.params["born"]
    born = context.reading(doc_type, key)
    limit = int(context.params["days"])
    if born is None or born.day is None or born.day > context.today:
        return []
    late = (context.today - born.day).days
    if late <= limit:
        return []
    message = f"{born}; đã {late} ngày, quá hạn đăng ký {limit} ngày. Hãy xác nhận là đăng ký quá hạn."
    return [context.finding(Severity.CONFIRM, message, [born])]


def words_equal_digits(context: RuleContext) -> list[Finding]:
    """R3: the date in words says the date in digits. Params: `type`, `date`, `words`."""
    digits = context.reading(context.params["type"], context.params["date"])
    words = context.reading(context.params["type"], context.params["words"])
    if digits is None or words is None or digits.day is None:
        return []
    spelled = parse_words(words.text)
    if spelled is None:
        message = f"Ngày bằng chữ “{words.field.raw}” chưa đọc được thành ngày; bằng số ghi “{digits.shown}”."
        return [context.finding(Severity.CONFIRM, message, [digits, words])]
    if spelled.iso == digits.day.isoformat():
        return []
    message = f"Ngày bằng số và bằng chữ khác nhau: bằng số “{digits.shown}”, bằng chữ “{words.field.raw}”."
    return [context.finding(Severity.BLOCK, message, [digits, words])]


def years_between(earlier: str, later: date) -> tuple[int, int]:
    """Least and greatest age on a day of someone born on a whole or partial date."""
    parts = [int(part) for part in earlier.split("-")]
    first = date(parts[0], parts[1] if len(parts) > 1 else 1, parts[2] if len(parts) > 2 else 1)
    last = first if len(parts) == 3 else _last_day(parts)
    return _age(last, later), _age(first, later)


def _last_day(parts: list[int]) -> date:
    if len(parts) == 1:
        return date(parts[0], 12, 31)
    following = date(parts[0] + parts[1] // 12, parts[1] % 12 + 1, 1)
    return following - timedelta(days=1)


def _age(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def parent_age(context: RuleContext) -> list[Finding]:
    """R4: parents are older than the child (blocks) and of a likely age at birth (asks).

    Params: `type`, `child`, `mother`, `father` (keys), `mother_years`, `father_years` ([least, greatest]).
    """
    doc_type = context.params["type"]
    child = context.reading(doc_type, context.params["child"])
    if child is None or child.day is None:
        return []
    findings = []
    for who, said in (("mother", "mẹ"), ("father", "cha")):
        parent = context.reading(doc_type, context.params[who])
        if parent is None or not _is_date(parent):
            continue
        least, greatest = years_between(parent.text, child.day)
        low, high = context.params[f"{who}_years"]
        if greatest <= 0:
            message = f"Ngày sinh của {said} không trước ngày sinh của con: {parent}; con sinh “{child.shown}”."
            findings.append(context.finding(Severity.BLOCK, message, [parent, child]))
        elif greatest < low or least > high:
            told = f"{parent}; con sinh “{child.shown}”"
            message = f"Tuổi của {said} khi sinh con là {greatest}, ngoài khoảng {low}-{high}: {told}."
            findings.append(context.finding(Severity.CONFIRM, message, [parent, child]))
    return findings


def card_dates(context: RuleContext) -> list[Finding]:
    """R12: an identity card was issued after birth and not in the future (blocks), and has not expired (asks)."""
    findings = []
    doc_type = context.params["type"]
    for document in context.papers(doc_type):
        said = {key: next((r for r in context.readings(doc_type, key) if r.document is document), None)
                for key in ("ngay_sinh", "ngay_cap", "ngay_het_han")}  # fmt: skip
        born, issued, until = said["ngay_sinh"], said["ngay_cap"], said["ngay_het_han"]
        if issued and issued.day and born and born.day and issued.day < born.day:
            message = f"{issued} là ngày cấp, trước ngày sinh “{born.shown}”."
            findings.append(context.finding(Severity.BLOCK, message, [issued, born]))
        if issued and issued.day and issued.day > context.today:
            findings.append(context.finding(Severity.BLOCK, f"{issued} là ngày cấp, ở tương lai.", [issued]))
        if until and until.day and until.day < context.today:
            message = f"{document.title} (trang {until.field.page}) đã hết hạn ngày “{until.shown}”."
            findings.append(context.finding(Severity.CONFIRM, message, [until]))
    return findings
