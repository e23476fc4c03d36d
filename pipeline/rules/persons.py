"""Rules on persons: their numbers, names, ethnic groups, and that two papers speak of the same one.

R5, R6, R7, R10, R11, R15 and R22 of the rule book. Names compare by key: case and `hoà`/`hòa` do not count.
A disagreement names both papers and both readings; it never says which one is right.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

from extractors.identifiers import PERSONAL_NUMBER, id_number, personal_number
from extractors.names import closed_value, same_name
from extractors.text import edit_distance, fold, key, similarity
from extractors.values import letters_agree
from pipeline.record import Severity
from pipeline.rules.context import Reading

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.record import Finding
    from pipeline.rules.context import RuleContext


def papers_agree(context: RuleContext) -> list[Finding]:
    """R5: two papers say the same. Params: `left`, `right` (types), `pairs` of {left, right, label, severity}."""
    findings = []
    for pair in context.params["pairs"]:
        left = context.reading(context.params["left"], pair["left"])
        right = context.reading(context.params["right"], pair["right"])
        if left is None or right is None or letters_agree(left.field.value, right.field.value):
            continue
        if left.day is not None and left.day == right.day:
            continue  # one paper gives the hour too
        place = context.kind_of(context.params["left"], pair["left"]) == "place"
        if place and _same_place(left.text, right.text):
            continue
        message = f"Khác nhau về {pair['label']}: {left}; {right}."
        findings.append(context.finding(Severity(pair["severity"]), message, [left, right]))
    return findings


def _same_place(left: str, right: str) -> bool:
    """Whether one place is part of the other, or both are nearly the same in letters."""
    short, long = sorted((fold(key(left)), fold(key(right))), key=len)
    return short in long or similarity(short, long) >= 0.85


def child_follows_parents(context: RuleContext) -> list[Finding]:
    """R6: surname and ethnic group of a child are a parent's. Params: `type`, `name`, `ethnicity`, `parents`."""
    doc_type, parents = context.params["type"], context.params["parents"]
    findings = []
    child = context.reading(doc_type, context.params["name"])
    names = [r for p in parents if (r := context.reading(doc_type, f"{p}_ho_ten")) is not None]
    if child and names and not any(key(child.text.split(" ")[0]) == key(n.text.split(" ")[0]) for n in names):
        said = "; ".join(f"{reading.field.label.lower()} “{reading.text}”" for reading in names)
        message = f"Họ của trẻ “{child.text}” không theo họ cha hoặc mẹ ({said})."
        findings.append(context.finding(Severity.CONFIRM, message, [child, *names]))
    group = context.reading(doc_type, context.params["ethnicity"])
    groups = [r for p in parents if (r := context.reading(doc_type, f"{p}_dan_toc")) is not None]
    if group and groups and not any(letters_agree(group.field.value, g.field.value) for g in groups):
        said = "; ".join(f"{reading.field.label.lower()} “{reading.text}”" for reading in groups)
        message = f"Dân tộc của trẻ “{group.text}” không theo dân tộc cha hoặc mẹ ({said})."
        findings.append(context.finding(Severity.CONFIRM, message, [group, *groups]))
    return findings


def ethnicity_is_not_nationality(context: RuleContext) -> list[Finding]:
    """R7: a country stands where an ethnic group belongs, as when `Việt Nam` is written under `Dân tộc`."""
    findings = []
    for reading in context.of_kind("ethnicity"):
        if closed_value("ethnicity", reading.text)[0] is None and closed_value("nationality", reading.text)[0]:
            message = f"{reading.field.label}: {reading} là quốc tịch, không phải dân tộc. Hãy hỏi lại người khai."
            findings.append(context.finding(Severity.BLOCK, message, [reading]))
    return findings


def personal_numbers(context: RuleContext) -> list[Finding]:
    """R10: twelve digits (blocks otherwise; nine of the old card ask); year and sex in it agree with the paper."""
    findings = []
    for reading in context.of_kind("id_number"):
        if not PERSONAL_NUMBER.match(reading.text):
            if len(reading.text) == 9 and reading.text.isdigit():
                if reading.key != "so_cmnd":
                    where = reading.document.title
                    message = f"{reading.field.label}: {where} ghi số CMND 9 số, đã hết giá trị sử dụng."
                    findings.append(context.finding(Severity.CONFIRM, message, [reading]))
                continue
            where = f"{reading.document.title} (trang {reading.field.page})"
            message = f"{reading.field.label} trên {where} không đủ 12 chữ số."
            findings.append(context.finding(Severity.BLOCK, message, [reading]))
            continue
        findings += _number_agrees(context, reading)
    return findings


def _number_agrees(context: RuleContext, reading: Reading) -> list[Finding]:
    parsed = personal_number(reading.text)
    if parsed is None:
        return []
    prefix = reading.key.removesuffix("so_dinh_danh")
    born = _sibling(reading, f"{prefix}ngay_sinh")
    sex = _sibling(reading, f"{prefix}gioi_tinh")
    where = f"{reading.document.title} (trang {reading.field.page})"
    findings = []
    if born and born.text[:4].isdigit() and int(born.text[:4]) != parsed.birth_year:
        message = f"{where}: số định danh cho năm sinh {parsed.birth_year}, còn ngày sinh ghi “{born.shown}”."
        findings.append(context.finding(Severity.CONFIRM, message, [reading, born]))
    if sex and sex.text in {"Nam", "Nữ"} and (sex.text == "Nữ") != parsed.female:
        said = "Nữ" if parsed.female else "Nam"
        message = f"{where}: số định danh cho giới tính {said}, còn giới tính ghi “{sex.text}”."
        findings.append(context.finding(Severity.CONFIRM, message, [reading, sex]))
    if parsed.province is None and int(reading.text[:3]) < 100:
        message = f"{where}: ba số đầu “{reading.text[:3]}” của số định danh không phải mã tỉnh nào."
        findings.append(context.finding(Severity.CONFIRM, message, [reading]))
    return findings


def _sibling(reading: Reading, key_: str) -> Reading | None:
    field = reading.document.fields.get(key_)
    return Reading(reading.document, key_, field) if field is not None and field.value is not None else None


def same_person(context: RuleContext) -> list[Finding]:
    """R11: papers that speak of one person agree in number and name.

    Params: `persons` of {name, papers: [{type, name, number, text}]}; `text` is a field that holds the number in
    running text. Equal numbers: same person. One digit apart with the same name: a slip, asks. Both differ: blocks,
    where the papers must be of one person.
    """
    findings = []
    for person in context.params["persons"]:
        said = [one for paper in person["papers"] for one in _identities(context, paper)]
        for left, right in combinations(said, 2):
            finding = _compare(context, person["name"], left, right)
            if finding:
                findings.append(finding)
    return findings


def _identities(context: RuleContext, paper: Mapping[str, Any]) -> list[tuple[Reading, str | None, Reading | None]]:
    found = []
    for name in context.readings(paper["type"], paper["name"]):
        number = _sibling(name, paper["number"])
        text = _sibling(name, paper["text"]) if "text" in paper else None
        digits = number.text if number else id_number(text.text)[0] if text else None
        found.append((name, digits, number or text))
    return found


def _compare(
    context: RuleContext,
    who: str,
    left: tuple[Reading, str | None, Reading | None],
    right: tuple[Reading, str | None, Reading | None],
) -> Finding | None:
    (one, number, at), (other, number_other, at_other) = left, right
    names_equal = same_name(one.text, other.text)
    refs = [reading for reading in (one, at, other, at_other) if reading is not None]
    if number is None or number_other is None:
        if names_equal:
            return None
        message = f"Tên {who} khác nhau: {one}; {other}."
        return context.finding(Severity.CONFIRM, message, refs)
    if number == number_other:
        if names_equal:
            return None
        message = f"Cùng số định danh nhưng tên {who} khác nhau: {one}; {other}."
        return context.finding(Severity.CONFIRM, message, refs)
    if names_equal:
        slip = edit_distance(number, number_other, 1) <= 1
        how = "khác nhau một chữ số" if slip else "khác nhau"
        message = f"Số định danh của {who} “{one.text}” {how} giữa {one.document.title} và {other.document.title}."
        return context.finding(Severity.CONFIRM if slip else Severity.BLOCK, message, refs)
    message = f"Tên và số định danh của {who} đều khác nhau: {one}; {other}. Có thể nhầm vai trò hoặc nhầm giấy tờ."
    return context.finding(Severity.BLOCK, message, refs)


def one_parent(context: RuleContext) -> list[Finding]:
    """R15: at least one parent is named, unless a paper of `unless` is there. Params: `type`, `parents`, `unless`."""
    doc_type = context.params["type"]
    if any(context.has(other) for other in context.params.get("unless", ())):
        return []
    findings = []
    for document in context.papers(doc_type):
        fields = [document.fields.get(key_) for key_ in context.params["parents"]]
        if any(field is not None and field.value is not None for field in fields):
            continue
        unread = [field for field in fields if field is not None and field.status == "unreadable"]
        severity = Severity.CONFIRM if unread or None in fields else Severity.BLOCK
        message = f"{document.title} (trang {document.pages[0]}) chưa đọc thấy tên cha hoặc mẹ."
        findings.append(context.finding(severity, message))
    return findings


def name_spelling(context: RuleContext) -> list[Finding]:
    """R22: the same name written in two ways that read alike (`Hoà`, `Hòa`): for information."""
    findings = []
    seen: dict[str, Reading] = {}
    for reading in context.of_kind("name"):
        before = seen.setdefault(key(reading.text), reading)
        if before.text.casefold() != reading.text.casefold():
            message = f"Cùng một tên, hai cách đặt dấu: {before}; {reading}. Hệ thống coi là một."
            findings.append(context.finding(Severity.INFO, message, [before, reading]))
    return findings
