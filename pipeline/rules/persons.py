"""Rules on persons: their numbers, names, ethnic groups, and that two papers say the same of them.

R5, R6, R7, R10, R15 and R22 of the rule book. Names compare by key: case and `hoà`/`hòa` do not count.
A disagreement names both papers and both readings; it never says which one is right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from extractors.gazetteer import place_today
from extractors.identifiers import PERSONAL_NUMBER, personal_number
from extractors.names import closed_value, family_names
from extractors.text import fold, key, similarity
from extractors.values import letters_agree
from pipeline.record import Severity
from pipeline.rules.context import Reading, reading_of
from pipeline.rules.parameters import Params, Place

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.record import Finding
    from pipeline.rules.context import RuleContext


def agree(context: RuleContext, left: Reading, right: Reading) -> bool:
    """Whether two readings say the same: a day and its hour, a place and a part of it, a name in other capitals."""
    if letters_agree(left.field.value, right.field.value):
        return True
    if left.day is not None and left.day == right.day:
        return True  # one paper gives the hour too
    kinds = {context.kind_of(left.document.type, left.key), context.kind_of(right.document.type, right.key)}
    return "place" in kinds and _same_place(left.text, right.text)


class AgreeingPair(Params):
    """Two fields that state one fact."""

    left: str = Field(description="key on the left paper")
    right: str = Field(description="key on the right paper")
    label: str = Field(description="what it is, in Vietnamese")
    severity: Severity = Field(description="`block`, `confirm` or `info` where they differ")


class PapersAgree(Params):
    """Parameters of `papers_agree`."""

    left: str = Field(description="type of paper")
    right: str = Field(description="type of paper")
    pairs: tuple[AgreeingPair, ...] = Field(min_length=1, description="the facts that both state")

    def fields(self) -> Iterable[Place]:
        """Both sides of every pair."""
        for pair in self.pairs:
            yield self.left, pair.left
            yield self.right, pair.right


def papers_agree(context: RuleContext, params: PapersAgree) -> list[Finding]:
    """R5: two papers say the same on each of these facts."""
    findings = []
    for pair in params.pairs:
        left = context.reading(params.left, pair.left)
        right = context.reading(params.right, pair.right)
        if left is None or right is None or agree(context, left, right):
            continue
        message = f"Khác nhau về {pair.label}: {left}; {right}."
        findings.append(context.finding(pair.severity, message, [left, right]))
    return findings


def _same_place(left: str, right: str) -> bool:
    """Whether one place is part of the other, both are nearly the same in letters, or one is the other's old name."""
    short, long = sorted((fold(key(left)), fold(key(right))), key=len)
    if short in long or similarity(short, long) >= 0.85:
        return True
    one, other = place_today(left), place_today(right)
    if len(one.candidates) != 1 or one.candidates != other.candidates:
        return False
    # Of one commune today: the same unless a house, street or hamlet says otherwise.
    below = ((getattr(one.address, level), getattr(other.address, level)) for level in ("house", "street", "hamlet"))
    return all(a is None or b is None or fold(key(a)) == fold(key(b)) for a, b in below)


class ChildFollowsParents(Params):
    """Parameters of `child_follows_parents`."""

    type: str = Field(description="type of paper")
    name: str = Field(description="key of the child's name")
    ethnicity: str = Field(description="key of the child's ethnic group")
    parents: tuple[str, ...] = Field(description="prefixes of the parents' keys: `me` for me_ho_ten, me_dan_toc")

    def fields(self) -> Iterable[Place]:
        """Names and groups of the child and the parents."""
        own = (self.name, self.ethnicity, *(f"{p}_{what}" for p in self.parents for what in ("ho_ten", "dan_toc")))
        return tuple((self.type, name) for name in own)


def child_follows_parents(context: RuleContext, params: ChildFollowsParents) -> list[Finding]:
    """R6: surname and ethnic group of a child are a parent's."""
    findings = []
    for document in context.papers(params.type):
        child = reading_of(document, params.name)
        names = [r for p in params.parents if (r := reading_of(document, f"{p}_ho_ten")) is not None]
        own = family_names(child.text) if child else frozenset()
        theirs = [family_names(reading.text) for reading in names]
        if child and own and theirs and all(theirs) and not any(own & other for other in theirs):
            message = f"Họ của trẻ “{child.text}” không theo họ cha hoặc mẹ ({_said(names)})."
            findings.append(context.finding(Severity.CONFIRM, message, [child, *names]))
        group = reading_of(document, params.ethnicity)
        groups = [r for p in params.parents if (r := reading_of(document, f"{p}_dan_toc")) is not None]
        unsaid = len(groups) < len(names)  # a parent whose own group is not read may be the one that the child follows
        agreed = group is None or any(letters_agree(group.field.value, other.field.value) for other in groups)
        if group and groups and not agreed and not unsaid:
            message = f"Dân tộc của trẻ “{group.text}” không theo dân tộc cha hoặc mẹ ({_said(groups)})."
            findings.append(context.finding(Severity.CONFIRM, message, [group, *groups]))
    return findings


def _said(readings: list[Reading]) -> str:
    return "; ".join(f"{reading.field.label.lower()} “{reading.text}”" for reading in readings)


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
    born = reading_of(reading.document, f"{prefix}ngay_sinh")
    sex = reading_of(reading.document, f"{prefix}gioi_tinh")
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


class OneParent(Params):
    """Parameters of `one_parent`."""

    type: str = Field(description="type of paper")
    parents: tuple[str, ...] = Field(min_length=1, description="keys of the parents' names")
    unless: tuple[str, ...] = Field(default=(), description="types of paper; where one is there no parent is asked for")
    unless_value: tuple[str, tuple[str, ...]] | None = Field(
        default=None, description="[key, [values]]: no parent is asked for where the field says one of these"
    )

    def fields(self) -> Iterable[Place]:
        """The parents' names."""
        own = (*self.parents, *((self.unless_value[0],) if self.unless_value else ()))
        return tuple((self.type, name) for name in own)


def one_parent(context: RuleContext, params: OneParent) -> list[Finding]:
    """R15: at least one parent is named, unless the child has none or was abandoned."""
    if any(context.has(other) for other in params.unless):
        return []
    findings = []
    for document in context.papers(params.type):
        fields = [document.fields.get(name) for name in params.parents]
        if any(field is not None and field.value is not None for field in fields):
            continue
        if params.unless_value:
            said = reading_of(document, params.unless_value[0])
            if said is not None and key(said.text) in {key(value) for value in params.unless_value[1]}:
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
