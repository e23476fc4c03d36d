"""Many claims on one field into one record: agreement of independent sources raises, conflict lowers.

Claims that say the same are one group; a group's chance is that not all of its sources are wrong, and groups share
what is left by their odds. A disagreement that is more than a slip of reading makes the field doubtful for a person.
All claims stay visible. Whether a field is accepted depends on the threshold of its kind, which is a setting.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from extractors.fields import Field, FieldStatus, Source
from extractors.seals import ANYWHERE
from extractors.text import compact, fold, similarity
from extractors.values import letters_agree
from pipeline.record import Claim, FieldRecord

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.procedures.schema import DocumentSchema

_FLOOR, _CEILING = 1e-4, 0.9999
_SLIP = 0.8
"""Values this alike differ by a slip of reading; less alike they are two statements."""
_PRINT = frozenset({Source.LABEL, Source.LETTERHEAD, Source.TAGGER})
"""Sources that take their value from words as read: what the reader got wrong is wrong in all of them."""
HANDWRITING = "handwriting"
"""Reason of a claim whose words were written by hand. Such a value is never accepted without a person, unless a source
that read no pen (a code, a zone, print elsewhere on the paper) says the same."""
_SURE_GUESS = 0.9
"""Chance from which the tagger's claim may contradict others; less sure ones were wrong ten times in eleven."""
_SUPPORT = "_khong_dau"
"""Claims on `x_khong_dau` (a name without marks) support `x` and make no field of their own."""


class Trust(Protocol):
    """From which probability on a field needs no person."""

    def limit(self, kind: str, *, key_field: bool) -> float:
        """For a kind of field; key fields identify a person or an event. Above 1: always asked."""
        ...


@dataclass(frozen=True, slots=True)
class Thresholds:
    """One limit for all kinds, and one for key fields."""

    accept: float = 0.90
    accept_key: float = 0.97

    def limit(self, kind: str, *, key_field: bool) -> float:
        """The same for every kind."""
        del kind
        return self.accept_key if key_field else self.accept


@dataclass(slots=True)
class _Group:
    claims: list[Field]

    @property
    def chance(self) -> float:
        """Chance that not all sources are wrong; two claims that lean on the same words count once, as the better."""
        best: dict[Source, float] = {}
        for claim in self.claims:
            leans = Source.LABEL if claim.source in _PRINT else claim.source
            best[leans] = max(best.get(leans, 0.0), claim.probability)
        wrong = 1.0
        for probability in best.values():
            wrong *= 1.0 - min(probability, _CEILING)
        return min(max(1.0 - wrong, _FLOOR), _CEILING)

    @property
    def best(self) -> Field:
        """The claim that speaks for the group."""
        return max(self.claims, key=lambda claim: (claim.probability, claim.source is Source.QR))


def fuse(
    claims: Sequence[Field], threshold: float, *, label: str = "", support: Sequence[Field] = (), kind: str = ""
) -> FieldRecord:
    """One record from claims on one key, whose kind is `kind`; there must be one claim at least."""
    spoken = [claim for claim in _outspoken(claims) if claim.status in {FieldStatus.READ, FieldStatus.DOUBTFUL}]
    if not spoken:
        return _silent(claims, label)
    groups: list[_Group] = []
    for claim in spoken:
        for group in groups:
            if letters_agree(group.claims[0].value, claim.value):
                group.claims.append(claim)
                break
        else:
            groups.append(_Group([claim]))
    odds = [group.chance / (1.0 - group.chance) for group in groups]
    order = sorted(range(len(groups)), key=lambda i: (odds[i], groups[i].best.source is Source.QR), reverse=True)
    winner = groups[order[0]]
    best = winner.best
    probability = odds[order[0]] / (1.0 + sum(odds))
    if len(groups) == 1 and len(winner.claims) == 1:
        probability = best.probability
    reason = best.reason if best.status is FieldStatus.DOUBTFUL and len(winner.claims) == 1 else None
    if all(claim.reason == HANDWRITING for claim in winner.claims):
        reason = HANDWRITING  # two extractors that lean on the same pen strokes are one guess
    if any(_says_otherwise(best, groups[i], kind) for i in order[1:]):
        reason = "sources_disagree"
    if best.source is Source.TAGGER and any(claim.status is FieldStatus.BLANK for claim in claims):
        reason = reason or "sources_disagree"  # a label saw nothing written there
    for extra in support:
        if fold(str(extra.value)) == fold(str(best.value)):
            probability = 1.0 - (1.0 - probability) * 0.5  # letters agree, tones stay unproved
        elif similarity(fold(str(extra.value)), fold(str(best.value))) < _SLIP:
            reason = "sources_disagree"
    status = FieldStatus.READ
    if reason or probability < threshold:
        status = FieldStatus.DOUBTFUL
        reason = reason or "below_threshold"
    return _record(best, round(probability, 4), (status, reason), label, claims if len(claims) > 1 else ())


def _outspoken(claims: Sequence[Field]) -> Sequence[Field]:
    """The claims without what the tagger guesses beside others: a part of what they say, or something it is unsure of.

    A place that others call blank is a statement, too. The guess stays visible in the record. Where nobody else speaks,
    the tagger does, whatever it says.
    """
    others = [claim for claim in claims if claim.source is not Source.TAGGER]
    if not others:
        return claims
    said = [compact(_text(claim)) for claim in others]
    return others + [
        claim
        for claim in claims
        if claim.source is Source.TAGGER
        and (
            any(letters_agree(claim.value, other.value) for other in others)
            or (claim.probability >= _SURE_GUESS and not any(compact(_text(claim)) in one for one in said))
        )
    ]


def _says_otherwise(best: Field, group: _Group, kind: str) -> bool:
    other = group.best
    if other.probability < 0.3:
        return False
    alike = similarity(compact(_text(best)), compact(_text(other)))
    # A code or a checked zone against a nearly equal reading: the reading slipped. Otherwise both are statements.
    machine = best.source in {Source.QR, Source.MRZ} and best.status is FieldStatus.READ
    if not machine or other.source in {Source.QR, Source.MRZ}:
        return True
    return alike < _SLIP and not (kind == "place" and _cut_short(_text(other), _text(best)))


def _cut_short(part: str, whole: str) -> bool:
    """Whether an address is the other's beginning: at least two whole words, the rest of whose row was not found.

    Never the other way round: what print says beyond a code is a statement of its own.
    """
    words, all_words = ([word for word in map(compact, text.split()) if word] for text in (part, whole))
    return 2 <= len(words) < len(all_words) and all_words[: len(words)] == words


def _text(field: Field) -> str:
    return " ".join(field.value) if isinstance(field.value, list) else str(field.value)


def _silent(claims: Sequence[Field], label: str) -> FieldRecord:
    """No claim has a value: unreadable beats blank, because ink that nobody read may be a value."""
    best = max(claims, key=lambda claim: (claim.status is FieldStatus.UNREADABLE, claim.probability))
    return _record(best, best.probability, (best.status, best.reason), label, claims if len(claims) > 1 else ())


def _record(
    best: Field, probability: float, verdict: tuple[FieldStatus, str | None], label: str, claims: Sequence[Field]
) -> FieldRecord:  # fmt: skip
    return FieldRecord(
        value=best.value,
        raw=best.raw,
        probability=probability,
        source=best.source,
        page=best.page,
        box=None if best.box is None else (best.box.x0, best.box.y0, best.box.x1, best.box.y1),
        status=verdict[0],
        reason=verdict[1],
        label=label,
        claims=tuple(as_claim(claim) for claim in claims),
    )


def as_claim(field: Field) -> Claim:
    """A claim as the record keeps it."""
    box = None if field.box is None else (field.box.x0, field.box.y0, field.box.x1, field.box.y1)
    return Claim(value=field.value, raw=field.raw, probability=field.probability, source=field.source, page=field.page,
                 box=box)  # fmt: skip


def fuse_all(claims: Sequence[Field], schema: DocumentSchema | None, trust: Trust) -> dict[str, FieldRecord]:
    """All fields of one paper, in the schema's order; keys that the schema does not know come last."""
    by_key: dict[str, list[Field]] = {}
    for claim in claims:
        by_key.setdefault(claim.key, []).append(claim)
    support = {key.removesuffix(_SUPPORT): said for key, said in by_key.items() if key.endswith(_SUPPORT)}
    order = [rule.key for rule in schema.fields] if schema else []
    keys = [key for key in order if key in by_key] + [key for key in by_key if key not in order]
    records: dict[str, FieldRecord] = {}
    for key in keys:
        if key.endswith(_SUPPORT):
            continue
        rule = schema.field(key) if schema else None
        kind = rule.kind if rule else "seal" if key == ANYWHERE else ""
        threshold = trust.limit(kind, key_field=rule is not None and rule.key_field)
        label = rule.label if rule else LABELS.get(key, key)
        records[key] = fuse(by_key[key], threshold, label=label, support=support.get(key, ()),
                            kind=rule.kind if rule else "")  # fmt: skip
    return records


LABELS: Mapping[str, str] = {
    "so_dinh_danh": "Số định danh cá nhân",
    "so_cmnd": "Số CMND cũ",
    "ho_ten": "Họ và tên",
    "ngay_sinh": "Ngày sinh",
    "gioi_tinh": "Giới tính",
    "noi_thuong_tru": "Nơi thường trú",
    "ngay_cap": "Ngày cấp",
    "ngay_het_han": "Có giá trị đến",
    ANYWHERE: "Con dấu",
}
"""Labels of keys that codes and zones carry, for papers without a schema."""
