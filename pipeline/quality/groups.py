"""The same fact across dossiers: readings of an office, a place or a signer that differ a little from what most say.

Of one field (its key) the readings of an agency's dossiers are counted; a rare one that is nearly a frequent one is an
outlier, shown with its picture beside what most say, and settled with one key. A dossier that waits gets the answer
as a decision; a filed one stays as it is and the case is on record. Chosen by suspicion, these cases measure no
error rate.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from extractors.text import fold, similarity
from pipeline.access.principal import Purpose
from pipeline.catalogue.quality_rows import NewCase
from pipeline.quality.errors import UnknownOutlierError
from pipeline.quality.rows import CaseKind, Verdict
from pipeline.quality.sampling import Sampler
from pipeline.quality.values import same_value
from pipeline.record import Status
from pipeline.review.strips import Strips, strip_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.access.principal import Principal
    from pipeline.quality.rows import FieldKind
    from pipeline.tools import Tools

KINDS: Final = frozenset({"issuer", "place", "signer", "name", "text", "lines"})
FREQUENT: Final = 5
"""Dossiers that must say the same before anything differs from it."""
RARE: Final = 0.1
"""An outlier is at most this often, against what most say."""
ALIKE: Final = 0.8
_DOSSIERS = 400
_SHOWN = 30


@dataclass(frozen=True, slots=True)
class Reading:
    """A value in a dossier."""

    dossier: str
    document: str
    key: str
    label: str
    kind: FieldKind
    text: str
    filed: bool


@dataclass(frozen=True, slots=True)
class Outlier:
    """A rare reading beside what most say."""

    reading: Reading
    most: str
    count: int


def outliers(tools: Tools, who: Principal) -> list[Outlier]:
    """Odd readings of this person's agency, not yet settled; a look on record for each dossier that is shown."""
    found = find(readings(tools, who.agency))
    door = tools.catalogue.quality()
    left = [one for one in found if door.case(_case(one).id) is None][:_SHOWN]
    for name in sorted({one.reading.dossier for one in left}):
        tools.catalogue.ledger().read(who, Purpose.QUALITY, name, "group")
    return left


def readings(tools: Tools, agency: str) -> list[Reading]:
    """What the machine read without a person, in the agency's newest dossiers."""
    sampler = Sampler(tools)
    found = []
    for summary in tools.catalogue.list_dossiers(limit=_DOSSIERS, agencies=[agency]):
        dossier = tools.catalogue.load(summary.id)
        if dossier is None or dossier.status not in {Status.FILED, Status.WAITS}:
            continue
        for kind, paper, key, field in sampler.accepted_of(dossier):
            if kind.kind in KINDS and field.box is not None:
                text = " / ".join(field.value) if isinstance(field.value, list) else str(field.value)
                filed = dossier.status is Status.FILED
                found.append(Reading(dossier.id, paper.id, key, field.label or key, kind, text, filed))
    return found


def find(said: Sequence[Reading]) -> list[Outlier]:
    """Rare readings that are nearly a frequent one of the same field. Pure."""
    by_key: dict[str, list[Reading]] = defaultdict(list)
    for one in said:
        by_key[one.key].append(one)
    found = []
    for group in by_key.values():
        counted = Counter(one.text for one in group)
        frequent = [(text, count) for text, count in counted.most_common() if count >= FREQUENT]
        for one in group:
            count = counted[one.text]
            if any(same_value(text, one.text) for text, _ in frequent):
                continue
            near = next(
                (
                    (text, times)
                    for text, times in frequent
                    if count <= RARE * times and similarity(fold(text), fold(one.text)) >= ALIKE
                ),
                None,
            )
            if near is not None:
                found.append(Outlier(one, *near))
    return sorted(found, key=lambda one: (-one.count, one.reading.dossier, one.reading.key))


def picture(tools: Tools, who: Principal, place: tuple[str, str, str]) -> bytes:
    """PNG of the strip of an outlier. Raises `UnknownOutlierError`."""
    one = _mine(tools, who, place)
    dossier = tools.catalogue.load(one.reading.dossier)
    papers = [] if dossier is None else [paper for paper in dossier.documents if paper.id == one.reading.document]
    field = papers[0].fields.get(one.reading.key) if papers else None
    page = None
    if dossier is not None and field is not None:
        page = next((one for one in dossier.pages if one.number == field.page and one.image_sha256), None)
    if page is None or field is None or field.box is None:
        raise UnknownOutlierError(one.reading.dossier)
    return Strips(tools.store).png(page, strip_of(page, field.box))


def settle(tools: Tools, who: Principal, place: tuple[str, str, str], *, same: bool) -> Outlier:
    """Puts on record that most are right here, too (`same`), or the reading is. Raises `UnknownOutlierError`.

    The caller lays the decision before the conductor where the dossier waits.
    """
    one = _mine(tools, who, place)
    case = _case(one)
    door = tools.catalogue.quality()
    if not door.add(case):
        raise UnknownOutlierError(one.reading.dossier)
    door.close(case.id, Verdict.WRONG if same else Verdict.RIGHT, who=None)
    return one


def _mine(tools: Tools, who: Principal, place: tuple[str, str, str]) -> Outlier:
    for one in outliers(tools, who):
        if (one.reading.dossier, one.reading.document, one.reading.key) == place:
            return one
    raise UnknownOutlierError(place[0])


def _case(one: Outlier) -> NewCase:
    said = one.reading
    return NewCase(said.kind, CaseKind.GROUP, said.dossier, said.document, said.key, 0, None, None, 0, 0)
