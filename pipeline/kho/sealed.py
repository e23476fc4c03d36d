"""What is known of owners and papers, sealed: a JSON object each, under the owner's key or, until then, the dossier's.

Opened only where somebody with a purpose asked, or to make the words by which it is found. What was sealed under a key
that has been destroyed is gone: it opens as None and is found by nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from extractors.text import key
from pipeline.catalogue import owners_rows as acts
from pipeline.catalogue import tables_owners as t
from pipeline.kho import text
from pipeline.record import Model
from pipeline.vault.errors import KeyDestroyedError

if TYPE_CHECKING:
    from pipeline.journal import Act
    from pipeline.vault.vault import Vault

_OWNER, _PAPER = "kho.owner", "kho.paper"


class Person(Model):
    """Who an owner is."""

    name: str
    number: str | None = None
    """Personal number, or an organisation's tax code; None where it is not known."""
    born: str | None = None
    """ISO 8601; may be a year only."""


class PaperFacts(Model):
    """What a paper says that must not lie open."""

    title: str
    symbol: str = ""
    """Số ký hiệu, as read."""
    issuer: str = ""
    code: str | None = None
    """Mã giấy tờ: holds the personal number."""
    person: Person | None = None
    """Whom the paper names as its owner."""
    texts: tuple[str, ...] = Field(default=())
    """What it is found by: values of its fields."""

    def searched(self) -> tuple[str, ...]:
        """All texts by which it is found; names and numbers of its owner are among them."""
        own = (self.person.name, self.person.number or "") if self.person else ()
        return (self.title, self.symbol, self.issuer, *own, *self.texts)


def seal_person(vault: Vault, owner_id: str, person: Person) -> bytes:
    """For `kho_owners.sealed`."""
    return vault.seal(owner_id, person.model_dump_json().encode(), _OWNER)


def open_person(vault: Vault, sealed: bytes) -> Person | None:
    """Who it is; None where the key was destroyed. Raises `VaultError`."""
    try:
        return Person.model_validate_json(vault.open(sealed, _OWNER))
    except KeyDestroyedError:
        return None


def seal_paper(vault: Vault, name: str, facts: PaperFacts) -> bytes:
    """For `kho_papers.sealed`; `name` is the owner's id, or the dossier's while nobody is linked."""
    return vault.seal(name, facts.model_dump_json().encode(), _PAPER)


def open_paper(vault: Vault, sealed: bytes) -> PaperFacts | None:
    """What it says; None where the key was destroyed. Raises `VaultError`."""
    try:
        return PaperFacts.model_validate_json(vault.open(sealed, _PAPER))
    except KeyDestroyedError:
        return None


def number_index(vault: Vault, number: str) -> str:
    """By which an owner with this number is found."""
    return vault.blind("kho.number", "".join(number.split()))


def name_index(vault: Vault, name: str) -> str:
    """By which an owner of exactly this name is found: case and the place of the tone do not count, marks do."""
    return vault.blind("kho.name", key(name))


def symbol_index(vault: Vault, symbol: str) -> str:
    """By which a paper with this số ký hiệu is found."""
    return vault.blind("kho.symbol", text.symbol_form(symbol))


def code_index(vault: Vault, code: str) -> str:
    """By which a paper with this mã giấy tờ is found."""
    return vault.blind("kho.code", code)


def tokens(vault: Vault, act: Act) -> dict[str, set[int]]:
    """The words of everything that an act brings, by the id of the owner or paper."""
    payload: Any = act.payload
    found: dict[str, set[int]] = {}
    owners, papers = payload.get("owners", ()), payload.get("papers", ())
    if act.kind == acts.LINKED:
        owners = [payload["owner"]] if payload.get("owner") else ()
        papers = [payload["paper"] | {"id": act.subject}]
    for said in owners:
        person = open_person(vault, acts.as_row(t.owners, {"sealed": said["sealed"]})["sealed"])
        if person is not None:
            found[said["id"]] = text.tokens((person.name,), vault.blind)
    for said in papers:
        facts = open_paper(vault, acts.as_row(t.papers, {"sealed": said["sealed"]})["sealed"])
        if facts is not None:
            found[said["id"]] = text.tokens(facts.searched(), vault.blind)
    return found
