"""Whether papers speak of one person: R11, told apart from two people with like names.

A person is a number first and a name second. Numbers that differ by one digit under the same name are a slip of the
pen or of reading; twins too have numbers next to each other, but other names. A father and a son may share a name and
never a number or a day of birth. Where several papers of one kind are there, the one that fits the person is compared.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from pydantic import Field

from extractors.identifiers import id_number
from extractors.names import same_name
from extractors.text import compact, edit_distance, fold
from pipeline.record import Severity
from pipeline.rules.context import Reading, reading_of
from pipeline.rules.parameters import Params, Place

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.record import DocumentRecord, Finding
    from pipeline.rules.context import RuleContext


class PersonPaper(Params):
    """Where a paper says who a person is."""

    type: str = Field(description="type of paper")
    name: str = Field(description="key of the name")
    number: str = Field(description="key of the personal number")
    text: str | None = Field(default=None, description="key of running text that holds the number, where it has no own")
    born: str | None = Field(
        default=None, description="key of the date of birth; else the number's key with `ngay_sinh` for `so_dinh_danh`"
    )

    @property
    def born_key(self) -> str:
        """The key of the date of birth."""
        return self.born or f"{self.number.removesuffix('so_dinh_danh')}ngay_sinh"


class Person(Params):
    """One person of the dossier and the papers that speak of them."""

    name: str = Field(description="who it is, in Vietnamese: `mẹ`, `người yêu cầu`")
    papers: tuple[PersonPaper, ...] = Field(min_length=2, description="two papers or more")


class SamePerson(Params):
    """Parameters of `same_person`."""

    persons: tuple[Person, ...] = Field(min_length=1, description="each person that several papers speak of")

    def fields(self) -> Iterable[Place]:
        """Names and numbers; dates of birth are looked for, not demanded."""
        for person in self.persons:
            for paper in person.papers:
                yield paper.type, paper.name
                yield paper.type, paper.number


class Identity(NamedTuple):
    """Who a paper says a person is."""

    name: Reading
    number: str | None
    number_at: Reading | None
    born: Reading | None


def same_person(context: RuleContext, params: SamePerson) -> list[Finding]:
    """R11: papers that speak of one person agree in number and name: one digit apart asks, all apart blocks."""
    findings = []
    for person in params.persons:
        for one, other in combinations(person.papers, 2):
            pair = _best_pair(_identities(context, one), _identities(context, other))
            finding = _compare(context, person.name, *pair) if pair else None
            if pair and finding and not _someone_elses(context, params, person, ((one, pair[0]), (other, pair[1]))):
                findings.append(finding)
    return findings


def _someone_elses(
    context: RuleContext, params: SamePerson, person: Person, pair: tuple[tuple[PersonPaper, Identity], ...]
) -> bool:
    """Whether one of two papers that differ is of another person who may bring that paper too: the bride's card."""
    for paper, identity in pair:
        for other in params.persons:
            if other is person or paper not in other.papers:
                continue
            rest = [found for one in other.papers if one != paper for found in _identities(context, one)]
            if any(_fits(identity, found) for found in rest):
                return True
    return False


def _fits(one: Identity, other: Identity) -> bool:
    if one.number is not None and other.number is not None:
        near = edit_distance(one.number, other.number, 1)
        return near == 0 or (near == 1 and same_name(one.name.text, other.name.text))
    return same_name(one.name.text, other.name.text)


def _identities(context: RuleContext, paper: PersonPaper) -> list[Identity]:
    return [found for document in context.papers(paper.type) if (found := _identity(document, paper)) is not None]


def _identity(document: DocumentRecord, paper: PersonPaper) -> Identity | None:
    name = reading_of(document, paper.name)
    if name is None:
        return None
    number = reading_of(document, paper.number)
    text = reading_of(document, paper.text) if paper.text else None
    digits = number.text if number else id_number(text.text)[0] if text else None
    return Identity(name, digits, number or text, reading_of(document, paper.born_key))


def _best_pair(left: list[Identity], right: list[Identity]) -> tuple[Identity, Identity] | None:
    """The two papers that are nearest to each other: with a card for each parent, the card of the one meant."""
    pairs = [(one, other) for one in left for other in right if one.name.document is not other.name.document]
    return min(pairs, key=_distance) if pairs else None


def _distance(pair: tuple[Identity, Identity]) -> tuple[int, int]:
    one, other = pair
    digits = 6 if one.number is None or other.number is None else edit_distance(one.number, other.number)
    return digits, edit_distance(compact(one.name.text), compact(other.name.text))


def _compare(context: RuleContext, who: str, one: Identity, other: Identity) -> Finding | None:
    names_equal = same_name(one.name.text, other.name.text)
    refs = [reading for reading in (one.name, one.number_at, other.name, other.number_at) if reading is not None]
    papers = f"{one.name.document.title} và {other.name.document.title}"
    if one.number is None or other.number is None:
        if names_equal:
            return None
        message = f"Tên {who} khác nhau: {one.name}; {other.name}."
        return context.finding(Severity.CONFIRM, message, refs)
    if one.number == other.number:
        if names_equal:
            return None
        message = f"Cùng số định danh nhưng tên {who} khác nhau: {one.name}; {other.name}."
        return context.finding(Severity.CONFIRM, message, refs)
    slip = edit_distance(one.number, other.number, 1) <= 1
    if names_equal:
        return _like_names(context, who, (one, other), slip=slip, refs=refs)
    near = edit_distance(fold(compact(one.name.text)), fold(compact(other.name.text)), 2) <= 2
    if slip and near and not _born_apart(one, other):
        message = f"Tên và số định danh của {who} gần giống nhau giữa {papers}: {one.name}; {other.name}."
        hint = " Có thể viết nhầm, hoặc là hai anh chị em sinh đôi; hãy hỏi lại."
        return context.finding(Severity.CONFIRM, message + hint, refs)
    message = f"Tên và số định danh của {who} đều khác nhau: {one.name}; {other.name}."
    return context.finding(Severity.BLOCK, f"{message} Có thể nhầm vai trò hoặc nhầm giấy tờ.", refs)


def _like_names(
    context: RuleContext, who: str, pair: tuple[Identity, Identity], *, slip: bool, refs: list[Reading]
) -> Finding:
    """Same name, other number: a slip, an older card, or another person of that name."""
    one, other = pair
    papers = f"{one.name.document.title} và {other.name.document.title}"
    apart = _born_apart(one, other)
    if apart:
        refs = [*refs, *(reading for reading in (one.born, other.born) if reading is not None)]
        message = (
            f"Hai người trùng tên “{one.name.text}”? Số định danh và ngày sinh của {who} khác nhau giữa {papers}: "
        )
        return context.finding(Severity.BLOCK, f"{message}{one.born}; {other.born}.", refs)
    if slip:
        message = f"Số định danh của {who} “{one.name.text}” khác nhau một chữ số giữa {papers}."
        return context.finding(Severity.CONFIRM, message, refs)
    if {len(one.number or ""), len(other.number or "")} == {9, 12}:
        message = f"{papers}: “{one.name.text}” ghi số CMND 9 số ở một giấy, số định danh 12 số ở giấy kia."
        return context.finding(Severity.CONFIRM, message, refs)
    message = f"Số định danh của {who} “{one.name.text}” khác nhau giữa {papers}."
    same_day = one.born is not None and other.born is not None and one.born.day is not None and apart is False
    return context.finding(Severity.CONFIRM if same_day else Severity.BLOCK, message, refs)


def _born_apart(one: Identity, other: Identity) -> bool | None:
    """Whether the dates of birth cannot be of one person; None where one is not known."""
    if one.born is None or other.born is None:
        return None
    short, long = sorted((one.born.text.split("T")[0], other.born.text.split("T")[0]), key=len)
    return not long.startswith(short)
