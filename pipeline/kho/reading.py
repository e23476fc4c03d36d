"""Citizens' data stores as somebody reads them: nothing is shown that is not the reader's to see, or not on record.

Every look is an entry of the ledger before anything is handed out: at a search, an owner, a paper (through which share,
where it is another agency's), at what is held. What is not there and what is not the reader's answer alike.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from pipeline.kho import holds, search
from pipeline.kho.claims import claims, load_rules
from pipeline.kho.people import OwnerUnknownError, PaperUnknownError
from pipeline.kho.shares import in_force
from pipeline.record import ComponentState, Model

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from pipeline.access.principal import Principal, Purpose
    from pipeline.catalogue.owners_door import Row
    from pipeline.record import Dossier
    from pipeline.tools import Tools


class VersionView(Model):
    """A version of a paper."""

    number: int
    dossier: str
    sha256: str
    pages: tuple[int, ...]
    origin: str
    level: str | None
    signature: str
    filed_at: datetime


class ShareView(Model):
    """A share, in force or ended."""

    share: str
    paper: str | None
    recipient: str
    purpose: str
    consent: str
    evidence: str
    agency: str
    granted_by: str
    granted_at: datetime
    until: datetime
    revoked_at: datetime | None
    in_force: bool

    @classmethod
    def of(cls, row: Row, now: datetime) -> ShareView:
        """From the catalogue."""
        said = {name: row[name] for name in cls.model_fields if name in row}
        return cls.model_validate(said | {"share": row["id"], "paper": row["paper_id"], "in_force": in_force(row, now)})


class LookView(Model):
    """Who did or saw what, from the ledger."""

    at: datetime
    who: str
    kind: str
    what: str
    purpose: str
    agency: str


class PaperView(Model):
    """A paper with its versions."""

    paper: search.FoundPaper
    versions: tuple[VersionView, ...]


class OwnerView(Model):
    """An owner's store, as far as the reader may see it."""

    owner: search.FoundOwner
    papers: tuple[PaperView, ...]
    shares: tuple[ShareView, ...]
    """Only those that the reader's agency recorded or receives."""
    history: tuple[LookView, ...]


class Offer(Model):
    """What is held for a component of a dossier."""

    component: str
    name: str
    owner: str
    owner_name: str
    held: tuple[holds.HeldPaper, ...]


class Reading:
    """What one person or machine reads, for one purpose."""

    def __init__(self, tools: Tools, who: Principal, purpose: Purpose) -> None:
        self._tools, self._who, self._purpose = tools, who, purpose

    def papers(self, query: search.Query, limit: int = 20, token: str | None = None) -> search.Page:
        """One page of papers. Raises `SearchRefusedError`."""
        self._look("kho", "search")
        return search.papers(self._tools, self._who, query, limit=limit, token=token)

    def owners(self, said: str, limit: int = 20) -> list[search.FoundOwner]:
        """Owners by number or name. Raises `SearchRefusedError`."""
        self._look("kho", "search")
        return search.owners(self._tools, self._who, said, limit=limit)

    def owner(self, owner_id: str) -> OwnerView:
        """An owner's store. Raises `OwnerUnknownError`."""
        found = search.describe(self._tools, self._who, owner_id)
        if found is None:
            raise OwnerUnknownError(owner_id)
        self._look(found.owner, "owner")
        door = self._tools.catalogue.owners()
        rows = door.papers_of(found.owner)
        papers = [view for row in rows if (view := self._paper(row["id"])) is not None]
        mine = [
            row
            for row in door.shares_of(found.owner)
            if self._who.may_see(row["agency"]) or row["recipient"] == self._who.agency
        ]
        subjects = [found.owner, *(view.paper.paper for view in papers), *(row["id"] for row in mine)]
        return OwnerView(
            owner=found,
            papers=tuple(papers),
            shares=tuple(ShareView.of(row, self._tools.clock()) for row in mine),
            history=self._history(subjects),
        )

    def paper(self, paper_id: str) -> PaperView:
        """A paper. Raises `PaperUnknownError`."""
        view = self._paper(paper_id)
        if view is None:
            raise PaperUnknownError(paper_id)
        return view

    def holds(
        self, owner_id: str, on: date, *, component: str | None, types: Sequence[str], verify: bool = True
    ) -> list[holds.HeldPaper]:
        """What an owner's store holds. Raises `OwnerUnknownError`."""
        held = holds.holds(self._tools, self._who, owner_id, on, component=component, types=types, verify=verify)
        self._look(owner_id, "holds")
        return held

    def offers(self, dossier: Dossier, owner_id: str | None = None) -> list[Offer]:
        """What stands ready for the papers that a dossier lacks: of the owners whom its papers surely name.

        Only components that the procedure lets a reused paper stand in for. `owner_id` asks for one more owner.
        """
        owners = dict.fromkeys([*([owner_id] if owner_id else []), *self._named(dossier)])
        lacking = {
            ComponentState.MISSING,
            ComponentState.CANNOT_TELL,
            ComponentState.EXPIRED,
            ComponentState.UNREADABLE,
        }
        lacking |= {ComponentState.NOT_REQUIRED}
        offers = []
        for item in dossier.checklist:
            if item.state not in lacking:
                continue
            try:
                types = holds.types_of(self._tools, dossier, item.component)
            except holds.NotUsableError:
                continue
            for owner in owners:
                held = self.holds(owner, dossier.received_at.date(), component=item.component, types=types)
                name = search.describe(self._tools, self._who, owner)
                if held:
                    offers.append(
                        Offer(
                            component=item.component,
                            name=item.name,
                            owner=owner,
                            owner_name=name.name if name else "",
                            held=tuple(held),
                        )
                    )
        return offers

    def _named(self, dossier: Dossier) -> list[str]:
        from pipeline.kho import sealed

        vault = self._tools.vault
        found = []
        with self._tools.catalogue.owners().looking() as desk:
            for one in claims(dossier, load_rules(self._tools.settings.kho.owners_file)):
                claim = one.claim
                if claim is None or claim.number is None or not claim.sure:
                    continue
                name = sealed.name_index(vault, claim.name)
                rows = desk.owners_with(number_index=sealed.number_index(vault, claim.number))
                found += [desk.root(row["id"]) for row in rows if row["name_index"] == name]
        return found

    def _paper(self, paper_id: str) -> PaperView | None:
        found = search.found(self._tools, self._who, paper_id)
        if found is None:
            return None
        door = self._tools.catalogue.owners()
        self._look(paper_id, self._how(found))
        versions = (
            VersionView(
                number=row["number"],
                dossier=row["dossier_id"],
                sha256=row["sha256"],
                pages=tuple(row["pages"]),
                origin=row["origin"],
                level=row["level"],
                signature=row["signature"],
                filed_at=row["filed_at"],
            )
            for row in door.versions_of(paper_id)
        )
        return PaperView(paper=found, versions=tuple(versions))

    def _how(self, found: search.FoundPaper) -> str:
        if self._who.may_see(found.agency) or found.owner is None:
            return "paper"
        now = self._tools.clock()
        for row in self._tools.catalogue.owners().shares_of(found.owner):
            if row["recipient"] == self._who.agency and in_force(row, now) and row["paper_id"] in {None, found.paper}:
                return f"share {row['id']}"
        return "paper"

    def _history(self, subjects: Sequence[str]) -> tuple[LookView, ...]:
        entries = self._tools.catalogue.owners().history(subjects)
        return tuple(
            LookView(
                at=entry.at,
                who=entry.who,
                kind=entry.kind,
                what=str(entry.what.get("what") or entry.what.get("act") or ""),
                purpose=str(entry.what.get("purpose") or ""),
                agency=str(entry.what.get("agency") or ""),
            )
            for entry in entries
        )

    def _look(self, subject: str, what: str) -> None:
        self._tools.catalogue.ledger().read(self._who, self._purpose, subject, what)
