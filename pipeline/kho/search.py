"""Searching citizens' data stores: papers and owners, opened only for who may see them.

Digests find candidates in the catalogue, newest first; each is opened and read again, so that a collision or, where the
words must stand one after the other (in quotation marks), another order is left out. Within a window of candidates
those that say the words as typed come first. A page is known by a token: where its window begins, and how far in.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from pydantic import Field

from pipeline.catalogue import kho_search as sql
from pipeline.catalogue import tables_owners as t
from pipeline.errors import Exit, HosoError
from pipeline.kho import sealed, text
from pipeline.kho.sealed import PaperFacts, Person
from pipeline.record import Model

if TYPE_CHECKING:
    from pipeline.access.principal import Principal
    from pipeline.catalogue.owners_door import Acting, Row
    from pipeline.tools import Tools

WINDOW = 200
"""Candidates that are opened and put in order together."""
PLAIN_WINDOW = 50
_PERSONAL = re.compile(r"\d{12}|\d{9}")
_DOSSIER = re.compile(r"hs-\d{6}-[0-9a-z]{8}|[A-Z0-9.]{3,35}-(?:\d{6}|\d{8})-\d{4,7}")
_PHRASE = re.compile(r'["“”]([^"“”]+)["“”]')


class SearchRefusedError(HosoError):
    """Nothing was asked for, or the page's token is none of ours."""

    code = "search_refused"
    exit_code = Exit.REFUSED
    message_vi = "Chưa đủ điều kiện để tìm."
    remedy_vi = "Hãy nhập tên, số định danh, số ký hiệu, mã hồ sơ hoặc chọn loại giấy tờ."


class Query(Model):
    """What is looked for. At least one of them."""

    text: str = Field(default="", max_length=300)
    """Words, with or without marks; in quotation marks: one after the other. A number of 9 or 12 digits alone is a
    personal number, a dossier's code a code."""
    owner: str | None = None
    number: str | None = Field(default=None, pattern=r"^[0-9A-Z-]{6,20}$")
    type: str | None = None
    component: str | None = None
    symbol: str | None = Field(default=None, max_length=100)
    code: str | None = Field(default=None, max_length=200)
    """Mã giấy tờ."""
    dossier: str | None = Field(default=None, max_length=100)
    issued_from: date | None = None
    issued_to: date | None = None
    filed_from: datetime | None = None
    filed_to: datetime | None = None
    agency: str | None = None


class FoundPaper(Model):
    """A paper in a list."""

    paper: str
    owner: str | None
    owner_name: str
    type: str
    title: str
    symbol: str
    issuer: str
    issued_on: str | None
    valid_until: str | None
    permanent: bool
    agency: str
    dossier: str
    filed_at: datetime
    state: str


class FoundOwner(Model):
    """An owner in a list; of the number only the last three digits."""

    owner: str
    kind: str
    name: str
    number_end: str
    born: str | None
    papers: int
    """That this person may see."""


class Page(Model):
    """Papers, and how to get the next ones."""

    papers: tuple[FoundPaper, ...]
    next: str | None = None


def papers(tools: Tools, who: Principal, query: Query, *, limit: int = 20, token: str | None = None) -> Page:
    """One page of papers. Raises `SearchRefusedError`."""
    before, skip = _place(token)
    with tools.catalogue.owners().looking() as desk:
        asked, words = _asked(tools, desk, query)
        if asked is None:
            return Page(papers=())
        # One word, or none, gives nothing to put in order: then no more is opened than is shown.
        window = WINDOW if len(text.words(words)) > 1 else min(WINDOW, PLAIN_WINDOW)
        while True:
            rows = sql.papers(desk.connection, asked, who.agency, desk.now, before=before, limit=window)
            found = _ranked(tools, rows, words)
            page = found[skip : skip + limit]
            if page or len(rows) < window:
                break
            before, skip = rows[-1]["number"], 0
        following = None
        if skip + limit < len(found):
            following = f"{before or ''}.{skip + limit}"
        elif len(rows) == window:
            following = f"{rows[-1]['number']}.0"
        names = _names(tools, desk, {row["owner_id"] for row, _ in page if row["owner_id"]})
    return Page(papers=tuple(_found(row, facts, names) for row, facts in page), next=following)


def owners(tools: Tools, who: Principal, said: str, *, limit: int = 20) -> list[FoundOwner]:
    """Owners by personal number, or by name with or without marks; exact names first. Raises `SearchRefusedError`."""
    digits = "".join(said.split())
    with tools.catalogue.owners().looking() as desk:
        if _PERSONAL.fullmatch(digits):
            index = sealed.number_index(tools.vault, digits)
            rows = sql.owners_by(desk.connection, who.agency, desk.now, number_index=index)
        else:
            tokens = text.query_tokens(said, tools.vault.blind)
            if not tokens:
                raise SearchRefusedError(None, "no words")
            rows = sql.owners(desk.connection, tokens, who.agency, desk.now, WINDOW)
        best: dict[str, tuple[int, Person, str]] = {}
        for row in rows:
            person = sealed.open_person(tools.vault, row["sealed"])
            if person is None:
                continue
            name, asked = text.words(person.name), text.words(said)
            if not _PERSONAL.fullmatch(digits) and not text.says(name, asked, phrase=False):
                continue
            top = desk.root(row["id"])
            rank = text.closeness((name,), asked)
            if top not in best or rank > best[top][0]:
                best[top] = (rank, person, row["kind"])
        ordered = sorted(best.items(), key=lambda one: -one[1][0])[:limit]
        return [_owner(desk, who, top, person, kind) for top, (_, person, kind) in ordered]


def describe(tools: Tools, who: Principal, owner_id: str) -> FoundOwner | None:
    """An owner as in a list; None where there is none that this person may see."""
    from pipeline.kho.people import sees_owner

    with tools.catalogue.owners().looking() as desk:
        top = desk.root(owner_id)
        row = desk.one(t.owners, top)
        if row is None or not sees_owner(desk, who, owner_id):
            return None
        person = sealed.open_person(tools.vault, row["sealed"]) or Person(name="")
        return _owner(desk, who, top, person, row["kind"])


def found(tools: Tools, who: Principal, paper_id: str) -> FoundPaper | None:
    """A paper as in a list; None where there is none that this person may see."""
    with tools.catalogue.owners().looking() as desk:
        rows = desk.papers_with(t.papers.c.id == paper_id, sql.visible(who.agency, desk.now))
        if not rows:
            return None
        facts = sealed.open_paper(tools.vault, rows[0]["sealed"]) or PaperFacts(title="")
        names = _names(tools, desk, {row["owner_id"] for row in rows if row["owner_id"]})
        return _found(rows[0], facts, names)


def _asked(tools: Tools, desk: Acting, query: Query) -> tuple[sql.Asked | None, str]:
    """The query in digests, and its words; None where it names somebody whom nobody knows."""
    vault, said, number, dossier = tools.vault, query.text.strip(), query.number, query.dossier
    digits = "".join(said.split())
    if _PERSONAL.fullmatch(digits):
        said, number = "", digits
    elif _DOSSIER.fullmatch(said):
        said, dossier = "", said
    if dossier is not None:
        dossier = _dossier_id(desk, dossier)
    people: set[str] | None = None
    if number is not None:
        rows = desk.owners_with(number_index=sealed.number_index(vault, number))
        people = {desk.root(row["id"]) for row in rows}
    if query.owner is not None:
        top = {desk.root(query.owner)}
        people = top if people is None else people & top
    asked = sql.Asked(
        tokens=tuple(text.query_tokens(said, vault.blind)),
        owners=None if people is None else tuple(sorted(people)),
        type=query.type or None,
        component=query.component or None,
        dossier=dossier or None,
        symbol_index=sealed.symbol_index(vault, query.symbol) if query.symbol else None,
        code_index=sealed.code_index(vault, query.code) if query.code else None,
        issued_from=query.issued_from.isoformat() if query.issued_from else None,
        issued_to=query.issued_to.isoformat() if query.issued_to else None,
        filed_from=query.filed_from,
        filed_to=query.filed_to,
        agency=query.agency or None,
    )
    if asked == sql.Asked() or asked == replace(sql.Asked(), agency=asked.agency):
        raise SearchRefusedError(None, "nothing asked for")
    return (None if people is not None and not people else asked), said


def _dossier_id(desk: Acting, code: str) -> str:
    """A dossier's id, or the number that people know it by, which stands for its id."""
    from sqlalchemy import select

    from pipeline.catalogue.tables import dossiers

    found = desk.connection.execute(select(dossiers.c.id).where(dossiers.c.code == code)).scalar_one_or_none()
    return str(found) if found is not None else code


def _ranked(tools: Tools, rows: list[Row], said: str) -> list[tuple[Row, PaperFacts]]:
    """Candidates that say what was asked for, those that say it as typed first."""
    phrases = [text.words(phrase) for phrase in _PHRASE.findall(said)]
    plain, asked = text.words(_PHRASE.sub(" ", said)), text.words(said)
    kept: list[tuple[int, Row, PaperFacts]] = []
    for row in rows:
        facts = sealed.open_paper(tools.vault, row["sealed"])
        if facts is None:
            if not said:
                kept.append((0, row, PaperFacts(title="")))
            continue
        if not asked:
            kept.append((0, row, facts))
            continue
        texts = [text.words(one) for one in facts.searched()]
        if not text.says([word for words in texts for word in words], plain, phrase=False):
            continue
        if not all(any(text.says(words, phrase, phrase=True) for words in texts) for phrase in phrases):
            continue
        kept.append((text.closeness(texts, asked) if len(asked) > 1 else 0, row, facts))
    kept.sort(key=lambda one: -one[0])
    return [(row, facts) for _, row, facts in kept]


def _place(token: str | None) -> tuple[int | None, int]:
    if not token:
        return None, 0
    match = re.fullmatch(r"(\d{0,18})\.(\d{1,6})", token)
    if match is None:
        raise SearchRefusedError(None, "no page's token")
    return (int(match[1]) if match[1] else None), int(match[2])


def _names(tools: Tools, desk: Acting, owner_ids: set[str]) -> dict[str, str]:
    names = {}
    for owner_id in owner_ids:
        row = desk.one(t.owners, owner_id)
        person = sealed.open_person(tools.vault, row["sealed"]) if row else None
        names[owner_id] = person.name if person else ""
    return names


def _found(row: Row, facts: PaperFacts, names: dict[str, str]) -> FoundPaper:
    same: dict[str, Any] = {
        name: row[name] for name in ("type", "issued_on", "valid_until", "permanent", "agency", "filed_at", "state")
    }
    return FoundPaper(
        paper=row["id"],
        owner=row["owner_id"],
        owner_name=names.get(row["owner_id"] or "", "") or (facts.person.name if facts.person else ""),
        title=facts.title,
        symbol=facts.symbol,
        issuer=facts.issuer,
        dossier=row["dossier_id"],
        **same,
    )


def _owner(desk: Acting, who: Principal, top: str, person: Person, kind: str) -> FoundOwner:
    from sqlalchemy import func, select

    mine = (t.papers.c.owner_id == top) & sql.visible(who.agency, desk.now)
    count = desk.connection.execute(select(func.count()).select_from(t.papers).where(mine)).scalar_one()
    return FoundOwner(
        owner=top, kind=kind, name=person.name, number_end=(person.number or "")[-3:], born=person.born, papers=count
    )
