"""Invented dossiers of a procedure: which papers are in it, who plays which role, what they say, how they lie.

A dossier is drawn from a procedure's schema alone: components give papers, document schemas give blank forms, the
rules on persons and on papers that must agree say which fields tell the same fact. A fault may be planted before
papers are drawn; what it is, and which rules ought to find it, stands beside the truth.
The identity card is drawn as the card it is; every other paper as a form in one of the layouts of its side.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from models.synthesis.cast import Cast
from models.synthesis.forms.drawn_form import draw_form
from models.synthesis.forms.filling import draw_hand, fill
from models.synthesis.forms.identity_card import identity_card
from models.synthesis.forms.layouts import layouts
from models.synthesis.people import seeded
from models.synthesis.printers import Printer
from models.synthesis.story import Story, parts_of
from models.synthesis.typefaces import weight
from pipeline.trials.plans import plan_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from random import Random

    from models.synthesis.fonts import FontBook
    from models.synthesis.forms.filling import Hand
    from models.synthesis.forms.layouts import Layout
    from models.synthesis.forms.paper import FieldTruth, Paper
    from models.synthesis.forms.plan import Filled
    from models.synthesis.people import Person
    from pipeline.procedures.schema import DocumentSchema, Procedure
    from pipeline.procedures.terms import When

CARD = "cccd"
_PARENTS = ("me", "cha")


@dataclass(frozen=True, slots=True)
class Planted:
    """A fault in a dossier: its kind, the rules that ought to find it, the fields and the paper that it is in."""

    kind: str
    rules: tuple[str, ...]
    keys: tuple[str, ...] = ()
    paper: str = ""
    """Type of the paper that bears it; empty where several do."""
    component: str | None = None
    """Code of the component that a missing paper would fill."""


@dataclass(slots=True)
class Draft:
    """A paper that is filled in but not drawn yet: a form, or the card of a person."""

    type: str
    filled: Filled | None = None
    person: Person | None = None
    component: str | None = None
    required: bool = True
    free: tuple[str, ...] = ()
    """Keys of signatures that are not always needed."""


@dataclass(frozen=True, slots=True)
class DrawnPaper:
    """A paper of a dossier."""

    type: str
    paper: Paper
    template: str
    """Layout, typeface and printer."""
    book: FontBook
    printer: Printer = Printer.LASER

    @property
    def truth(self) -> Mapping[str, FieldTruth]:
        """What it says."""
        return self.paper.fields


@dataclass(slots=True)
class TrialDossier:
    """A dossier with its truth. `stack` are its sheets as they were scanned: paper and page, both from 0."""

    procedure: str
    seed: int
    day: date
    papers: list[DrawnPaper]
    stack: list[tuple[int, int]]
    planted: Planted | None = None


@dataclass(slots=True)
class Maker:
    """Makes dossiers of one procedure in one side's templates."""

    procedure: Procedure
    books: Mapping[str, FontBook]
    held_out: bool = True
    facts: dict[str, dict[str, str]] = field(init=False)
    """By document type: which fact a key tells, where another paper tells the same one."""
    owners: dict[str, str] = field(init=False)
    """By document type: the role that a paper without roles in its keys is about."""

    def __post_init__(self) -> None:
        self.owners = _owners(self.procedure)
        self.facts = {}

    def cast(self, rng: Random, day: date) -> Cast:
        """The people of a dossier: the requester is one of those that the papers are about, where that is usual."""
        roles = {parts_of(rule.key)[0] for document in self.procedure.documents for rule in document.fields}
        related = [role for role in ("me", "cha", "chong", "vo", "nam", "nu") if role in roles]
        same: dict[str, str] = {"nyc": rng.choice(related)} if related and "nyc" in roles else {}
        return Cast(rng, day, same)

    def drafts(self, story: Story, hand: Hand, rng: Random) -> list[Draft]:
        """The papers of one dossier, filled in."""
        facts = _facts(self.procedure, story, self.owners)
        drafts: list[Draft] = []
        for component in self.procedure.components:
            likely = {"always": 1.0, "presented": 0.85}.get(component.required, 0.3)
            asked = None if component.when is None else _asked(component.when, drafts)
            likely = likely if asked is None else float(asked)
            if component.instead_of is not None or rng.random() >= likely:
                continue
            known = [self.procedure.document(kind) for kind in component.types]
            schemas = [schema for schema in known if schema is not None]
            if not schemas:
                continue
            schema = schemas[0] if rng.random() < 0.7 else rng.choice(schemas)
            draft = self._draft(schema, story, hand, rng, facts)
            draft.component, draft.required = component.code, component.required == "always"
            drafts.append(draft)
        return drafts

    def _draft(
        self, schema: DocumentSchema, story: Story, hand: Hand, rng: Random, facts: Mapping[str, Mapping[str, str]]
    ) -> Draft:
        owner = self.owners.get(schema.type, "")
        if schema.type == CARD:
            return Draft(CARD, person=story.cast.who(owner or "nyc").person)
        needed = {rule.key for rule in schema.fields if rule.required or rule.key_field}
        blanks = [
            rule.key
            for rule in schema.fields
            if rule.key not in needed and rule.kind not in {"signature", "seal", "signer"} and rng.random() < 0.05
        ]
        # Signatures that are not always needed are given half of the time, but for those that a rule asks for by what
        # else the form says: whether they are needed is the rule's to know, and a clean dossier has them.
        ruled = {
            (use.params["type"], consent["signature"])
            for use in self.procedure.rules
            if use.rule == "consent_present"
            for consent in use.params["consents"]
        }
        free = [
            mark.key
            for mark in schema.marks
            if mark.key and mark.kind == "signature" and not mark.required and (schema.type, mark.key) not in ruled
        ]
        blanks += [key for key in free if rng.random() < 0.5]
        plan = plan_of(schema)
        filled = fill(
            plan, story, hand, rng, facts=facts.get(schema.type), owner=owner, blanks=blanks, rows=rng.randint(1, 3)
        )
        return Draft(schema.type, filled, free=tuple(free))

    def draw(self, draft: Draft, hand: Hand, rng: Random, layout: Layout | None = None) -> DrawnPaper:
        """A paper on sheets, in some template of this side."""
        names = sorted(self.books)
        typeface = rng.choices(names, [weight(name) for name in names])[0]
        book = self.books[typeface]
        if draft.person is not None:
            return DrawnPaper(draft.type, identity_card(book, draft.person), f"card/{typeface}", book)
        if draft.filled is None:
            raise ValueError(f"{draft.type}: nothing to draw")
        chosen = layout or rng.choice(layouts(held_out=self.held_out))
        paper = draw_form(book, draft.filled, chosen, hand, rng)
        printer = rng.choices(list(Printer), (7, 2, 1))[0]
        return DrawnPaper(draft.type, paper, f"{chosen.name}/{typeface}/{printer}", book, printer)


def make_dossier(maker: Maker, seed: int, day: date) -> tuple[TrialDossier, list[Draft], Story, Hand, Random]:
    """The drafts of one dossier before anything is planted or drawn."""
    rng = seeded(seed)
    applied = day - timedelta(days=rng.randrange(0, 5))
    story = Story(maker.cast(rng, applied), rng)
    hand = replace(draw_hand(rng), phrase=0)
    drafts = maker.drafts(story, hand, rng)
    return TrialDossier(maker.procedure.code, seed, day, [], []), drafts, story, hand, rng


def finish(dossier: TrialDossier, drafts: list[Draft], maker: Maker, hand: Hand, rng: Random) -> TrialDossier:
    """Draws the drafts and lays them on one another."""
    for draft in drafts:
        dossier.papers.append(maker.draw(draft, hand if rng.random() < 0.5 else draw_hand(rng), rng))
    dossier.stack = [
        (number, page) for number, drawn in enumerate(dossier.papers) for page in range(len(drawn.paper.sheets))
    ]
    return dossier


def _owners(procedure: Procedure) -> dict[str, str]:
    """Which role a paper is about whose keys name none: as the rules on persons say, else the requester."""
    owners: dict[str, str] = {}
    for use in procedure.rules:
        for person in use.params.get("persons", ()):
            papers = [paper for paper in person.get("papers", ()) if "name" in paper]
            roles = [parts_of(str(paper["name"]))[0] for paper in papers]
            role = next((name for name in roles if name), "")
            for paper, own in zip(papers, roles, strict=True):
                if not own and role:
                    owners.setdefault(str(paper["type"]), role)
    for document in procedure.documents:
        if any(rule.key in {"ho_ten", "so_dinh_danh"} for rule in document.fields):
            owners.setdefault(document.type, "nyc")
    return owners


def _asked(when: When, drafts: list[Draft]) -> bool | None:
    """Whether what the papers say so far asks for one more; None where that is not told by a field's value."""
    for draft in drafts:
        if draft.type == when.type and when.key is not None and draft.filled is not None:
            entry = draft.filled.entries.get(when.key)
            said = "" if entry is None else str(entry.value)
            if when.among:
                return said in when.among
            if when.not_among:
                return bool(said) and said not in when.not_among
            return (entry is not None) is when.filled
    return None


def _facts(procedure: Procedure, story: Story, owners: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Facts that several papers tell, by type and key: pairs that must agree, and groups of the same statement."""
    facts: dict[str, dict[str, str]] = {}

    def name(doc_type: str, key: str) -> str:
        known = facts.get(doc_type, {}).get(key)
        return known or story.name_of(key, owner=owners.get(doc_type, ""), paper=doc_type)

    def personal(told: str) -> bool:
        return bool(story.who(told))

    def join(members: list[tuple[str, str]]) -> None:
        names = [name(*member) for member in members]
        told = next((one for one in names if personal(one)), names[0])
        for (doc_type, key), own in zip(members, names, strict=True):
            if not personal(own):
                facts.setdefault(doc_type, {})[key] = told

    for use in procedure.rules:
        left, right = use.params.get("left"), use.params.get("right")
        for pair in use.params.get("pairs", ()) if left and right else ():
            one, other = (
                story.who(name(str(side), str(pair[key]))) for side, key in ((left, "left"), (right, "right"))
            )
            if one and other and one != other:
                story.cast.same[other] = one  # two papers call one person differently
            join([(str(left), str(pair["left"])), (str(right), str(pair["right"]))])
    for group in procedure.agreements:
        join(list(group))
    return facts
