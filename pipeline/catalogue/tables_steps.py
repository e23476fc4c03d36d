"""Tables of a procedure's steps: what was done, where each dossier stands, and the numbers of the agency's books.

`steps_done` is the history, `steps_standing` its sum for worklists: made from the history alone, so that a catalogue
made again from the journal is equal. What people wrote lies sealed under the dossier's key; `data` has ids, digests,
object keys and numbers. A number of a book belongs to one item for good: books have no gaps.
"""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Index, Integer, String, Table, Text, UniqueConstraint

from pipeline.catalogue.tables import DossierId, UtcDateTime, metadata

Agency = String(40)
ActId = String(32)

done = Table(
    "steps_done",
    metadata,
    Column("dossier_id", DossierId, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("act", ActId, nullable=False, unique=True),
    Column("verb", String(20), nullable=False),
    # Where it was done, and where it led.
    Column("step", String(20), nullable=False),
    Column("next_step", String(20), nullable=False),
    Column("next_state", String(20), nullable=False),
    Column("agency", Agency, nullable=False),
    Column("who", String(100), nullable=False),
    Column("who_name", String(200), nullable=False),
    # JSON: the note, titles. Empty where nothing was written.
    Column("sealed", Text, nullable=False),
    Column("data", JSON, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "who", "at"),
)

standing = Table(
    "steps_standing",
    metadata,
    Column("dossier_id", DossierId, primary_key=True),
    Column("agency", Agency, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("step", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    Column("accepted", Boolean, nullable=False),
    Column("assignee", String(100)),
    # ISO 8601: the last day for the result; None where the procedure has no time.
    Column("due", String(10)),
    # Since when it stands at this step and state.
    Column("since", UtcDateTime, nullable=False),
    Index(None, "agency", "state", "step", "due"),
)

numbers = Table(
    "steps_numbers",
    metadata,
    Column("agency", Agency, primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("book", String(40), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    # A dossier or a certified copy, and which of its items.
    Column("subject", DossierId, nullable=False),
    Column("item", String(40), nullable=False),
    Column("act", ActId, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("subject", "item", "book"),
)

copies = Table(
    "steps_copies",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("agency", Agency, nullable=False),
    Column("dossier_id", DossierId),
    # scanned, compared, certified, dropped
    Column("state", String(20), nullable=False),
    # JSON under the copy's key: what the paper is, for whom, remarks.
    Column("sealed", Text, nullable=False),
    # Pages, scans, ticks, number, fee, signed file: no person's data.
    Column("data", JSON, nullable=False),
    Column("made_by", String(100), nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("seq", Integer, nullable=False),
    Index(None, "agency", "state", "changed_at"),
)
