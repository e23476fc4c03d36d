"""A finding for every field on which a code, a zone and print disagree: it names each source and what it says.

Run for every procedure: the field waits for a person already, and this tells the person why. Sources that say the same
stand together. Nothing here decides which one is right; a code is unsigned, and print can be misread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from extractors.fields import FieldStatus, Source
from extractors.values import letters_agree
from pipeline.checklist import vietnamese_date
from pipeline.record import FieldRef, Finding, Severity
from pipeline.rules.context import is_iso

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.record import Claim, Dossier, FieldRecord

SAID_BY = {
    Source.QR: "mã QR",
    Source.MRZ: "vùng đọc máy (MRZ)",
    Source.LABEL: "chữ in",
    Source.LETTERHEAD: "chữ in ở đầu văn bản",
    Source.TAGGER: "chữ in",
    Source.PERSON: "người nhập",
}
_LEAST = 0.3
"""Claims less likely than this are slips of reading, not statements."""


def sources_disagree(dossier: Dossier) -> Iterator[Finding]:
    """One finding for each field whose sources make different statements and that nobody has decided."""
    for document in dossier.documents:
        for key, field in document.fields.items():
            if field.status is not FieldStatus.DOUBTFUL or field.reason != "sources_disagree":
                continue
            statements = _statements(field)
            if len(statements) < 2:
                continue
            said = "; ".join(f"{' và '.join(sources)} ghi “{value}”" for value, sources in statements)
            where = f"{document.title} (trang {field.page})"
            yield Finding(
                rule="sources_disagree",
                severity=Severity.CONFIRM,
                message=f"{where}, {(field.label or key).lower()}: {said}. Hãy đối chiếu với giấy tờ.",
                fields=(FieldRef(document=document.id, key=key),),
            )


def _statements(field: FieldRecord) -> list[tuple[str, list[str]]]:
    """What was said, the surest first, each with its sources in words."""
    groups: list[tuple[Claim, list[str]]] = []
    for claim in sorted(field.claims, key=lambda one: -one.probability):
        if claim.value is None or claim.probability < _LEAST:
            continue
        for first, sources in groups:
            if letters_agree(first.value, claim.value):
                if SAID_BY[claim.source] not in sources:
                    sources.append(SAID_BY[claim.source])
                break
        else:
            groups.append((claim, [SAID_BY[claim.source]]))
    return [(_shown(claim), sources) for claim, sources in groups]


def _shown(claim: Claim) -> str:
    text = " ".join(claim.value) if isinstance(claim.value, list) else str(claim.value)
    return vietnamese_date(text) if is_iso(text) else text
