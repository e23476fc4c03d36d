"""The step ledger: what a step made of a content is kept, so that it happens once.

Keyed by the SHA-256 of what went in, the step's name, and the version of model and settings. The first writer wins:
whoever comes second gets the first one's output, so that all who work on a dossier go on from the same bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, select

from pipeline.catalogue import tables as t
from pipeline.catalogue.session import add_if_new

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

    from pipeline.catalogue.seals import Seals


class StepKey(NamedTuple):
    """What a step was done on, and with what."""

    content_hash: str
    """SHA-256 of the content, lower-case hex."""
    step: str
    version: str
    """Of the model and of the settings that change its output."""


def output(connection: Connection, seals: Seals, key: StepKey) -> bytes | None:
    """What the step made, or None. A blob that does not open counts as not made: a step can be done again."""
    blob = connection.execute(select(t.steps.c.output).where(_is(key))).scalar_one_or_none()
    return None if blob is None else seals.opened_output(blob)


def remember(
    connection: Connection, seals: Seals, key: StepKey, made: bytes, *, seconds: float, now: datetime
) -> bytes:
    """Keeps what the step made unless it is there already; returns what is there now."""
    sealed = seals.output(key.content_hash, made)
    row = dict(key._asdict(), output=sealed, size=len(made), seconds=seconds, made_at=now)
    if add_if_new(connection, t.steps, row):
        return made
    kept = output(connection, seals, key)
    if kept is not None:
        return kept
    connection.execute(delete(t.steps).where(_is(key)))
    add_if_new(connection, t.steps, row)
    return made


def _is(key: StepKey) -> ColumnElement[bool]:
    steps = t.steps.c
    return (steps.content_hash == key.content_hash) & (steps.step == key.step) & (steps.version == key.version)
