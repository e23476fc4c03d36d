"""Builds dossiers of one paper or several for a rule to look at."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from extractors.fields import FieldStatus, Source
from pipeline.record import DocumentRecord, Dossier, FieldRecord, Severity, Status
from pipeline.rules import RULES
from pipeline.rules.context import KnownFacts, RuleContext


def paper(doc_type: str, values: dict[str, Any], *, doubtful: tuple[str, ...] = (), page: int = 1) -> DocumentRecord:
    """A paper on which these values were read; None is an empty place."""
    fields = {}
    for key, value in values.items():
        status = FieldStatus.BLANK if value is None else FieldStatus.DOUBTFUL if key in doubtful else FieldStatus.READ
        raw = "" if value is None else str(value)
        fields[key] = FieldRecord(value=value, raw=raw, probability=0.99, source=Source.LABEL, page=page, box=None,
                                  status=status, label=key)  # fmt: skip
    return DocumentRecord(id=f"d{page}", type=doc_type, title=f"Giấy {doc_type}", component=None, pages=(page,),
                          probability=0.99, fields=fields)  # fmt: skip


def ask(
    rule: str,
    params: dict[str, Any],
    *papers: DocumentRecord,
    day: str = "2026-11-12",
    known: KnownFacts | None = None,
    kinds: dict[str, str] | None = None,
) -> list[tuple[Severity, str]]:
    """What a rule finds on papers that came in on a day; `kinds` gives the kinds of fields that a schema would."""
    dossier = Dossier(id="H1", procedure="x", status=Status.PROCESSING, documents=papers,
                      received_at=datetime.fromisoformat(day).replace(hour=2, tzinfo=UTC))  # fmt: skip
    schema = SimpleNamespace(field=lambda key: SimpleNamespace(kind=(kinds or {}).get(key, "")))
    procedure: Any = SimpleNamespace(document=lambda _: schema)
    context = RuleContext(dossier, procedure, (), dossier.received_at.date(), rule, known or KnownFacts())
    assert RULES[rule].check(params) == []
    return [(finding.severity, finding.message) for finding in RULES[rule](context, params)]


@pytest.fixture(name="paper")
def paper_fixture() -> Any:
    """`paper(type, values, doubtful=(), page=1)`."""
    return paper


@pytest.fixture(name="ask")
def ask_fixture() -> Any:
    """`ask(rule, params, *papers, day=..., known=..., kinds=...)` gives (severity, message) pairs."""
    return ask
