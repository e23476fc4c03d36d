"""How long each filed dossier is kept, what protects it on the medium, and what stands against destroying it.

Computed when a dossier is filed, from the rules of that day; what an older version filed, or a catalogue made anew, is
computed when somebody asks. The medium's retention is set where the store proved that it keeps it, and never shortened.
Nothing is destroyed here: see `pipeline.keeping.destruction`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from pipeline.clock import local
from pipeline.keeping.errors import KeepingUnknownError
from pipeline.keeping.owned import owners_of, records_of, users_of
from pipeline.keeping.records import Ground, Kept
from pipeline.keeping.rules import load_rules
from pipeline.keys import original_key
from pipeline.store.errors import NotFoundError, RetainedError
from pipeline.store.protocol import RetentionMode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.access.principal import Principal
    from pipeline.keeping.rules import Rule
    from pipeline.record import Dossier
    from pipeline.tools import Tools

_MODES = {"governance": RetentionMode.GOVERNANCE, "compliance": RetentionMode.COMPLIANCE}


def keep(tools: Tools, dossier: Dossier, keys: Iterable[str]) -> Kept:
    """Computes how long a dossier is kept and protects its objects: what was filed under `keys`, and its originals.

    Called again it computes anew from the day of the first filing. Raises store and catalogue errors, and
    `KeepingRulesError`.
    """
    filings = tools.catalogue.filings_of(dossier.id)
    ended = local(filings[0].filed_at).date() if filings else tools.clock().date()
    rule = _rule(tools, dossier)
    last = rule.last_day(ended) if rule else None
    every = [*keys, *(original_key(original.sha256) for original in dossier.originals)]
    medium, until = _protect(tools, every, rule, ended)
    kept = Kept(
        dossier=dossier.id,
        agency=dossier.agency or tools.settings.agency_code,
        rule=rule.id if rule else None,
        source=rule.source if rule else "",
        permanent=rule.permanent if rule else False,
        counted_from=ended,
        keep_until=last,
        certainty=rule.certainty if rule else "",
        computed_at=tools.clock(),
        medium=medium,
        medium_until=until,
    )
    row = kept.model_dump(exclude={"dossier", "destroyed_at", "destroyed_by"})
    row |= {"dossier_id": dossier.id, "counted_from": ended.isoformat(), "keep_until": last and last.isoformat()}
    tools.catalogue.keeping().put_kept(row)
    return kept


def keep_object(tools: Tools, key: str) -> None:
    """Keeps what belongs to no dossier, such as a sealed piece of the ledger, as long as what is kept for ever."""
    mode = _MODES.get(tools.settings.store.retain)
    if mode is not None and tools.store.capabilities().retention:
        last = date(tools.clock().year + tools.settings.keeping.permanent_years, 12, 31)
        _retain(tools, [key], last, mode)


def kept(tools: Tools, dossier_id: str) -> Kept | None:
    """How long a dossier is kept; computed now where nobody has yet; None for one that is not filed."""
    row = tools.catalogue.keeping().kept(dossier_id)
    if row is not None:
        return _record(row)
    if not tools.catalogue.filings_of(dossier_id):
        return None
    dossier = tools.catalogue.load(dossier_id)
    if dossier is None:
        return None
    return keep(tools, dossier, (filing.object_key for filing in tools.catalogue.filings_of(dossier_id)))


def seen(tools: Tools, who: Principal, dossier_id: str) -> Kept:
    """As `kept`, for somebody. Raises `KeepingUnknownError` for another agency's and for one that is not filed."""
    found = kept(tools, dossier_id)
    if found is None or not who.may_see(found.agency):
        raise KeepingUnknownError(dossier_id)
    return found


def complete(tools: Tools) -> int:
    """Computes what is missing; returns how many. Dossiers whose key was destroyed have nothing to compute from."""
    from pipeline.vault.errors import KeyDestroyedError

    done = 0
    for dossier_id in tools.catalogue.keeping().missing():
        try:
            done += kept(tools, dossier_id) is not None
        except KeyDestroyedError:
            continue
    return done


def all_kept(tools: Tools, who: Principal, *, limit: int = 1000) -> list[Kept]:
    """What an agency keeps, the first to end first."""
    return [_record(row) for row in tools.catalogue.keeping().kept_of_agency(who.agency, limit=limit)]


def due(tools: Tools, who: Principal) -> list[Kept]:
    """What may be destroyed: its time is over and nothing holds it. A list for a person, who decides."""
    today = tools.clock().date()
    over = tools.catalogue.keeping().kept_of_agency(who.agency, over=today)
    return [one for one in map(_record, over) if one.over(today) and not grounds(tools, one.dossier)]


def grounds(tools: Tools, dossier_id: str) -> list[Ground]:
    """Everything that stands against destroying a dossier: holds on it or its owners, and retention."""
    found = [
        Ground(
            kind="hold",
            subject=row["subject"],
            rule=row["id"],
            source=f"lệnh phong tỏa ngày {local(row['set_at']):%d/%m/%Y}, {row['set_by']}",
        )
        for row in tools.catalogue.keeping().holds_on([dossier_id, *owners_of(tools, dossier_id)])
    ]
    door = tools.catalogue.keeping()
    for user in users_of(tools, dossier_id):
        other = door.kept(user)
        if other is None or other["destroyed_at"] is None:
            found.append(Ground(kind="reused", subject=dossier_id, rule=user, source=""))
    row = kept(tools, dossier_id)
    if row is None or row.destroyed_at is not None or row.over(tools.clock().date()):
        return found
    if row.rule is None:
        return [*found, Ground(kind="undecided", subject=dossier_id, rule="", source="")]
    return [
        *found,
        Ground(kind="retention", subject=dossier_id, rule=row.rule, source=row.source, until=row.keep_until),
    ]


def forbids(tools: Tools, name: str) -> str | None:
    """For the vault, before it destroys the key of a dossier or owner: why it may not, or None."""
    if name.startswith("hs-"):
        found = grounds(tools, name)
        return found[0].line() if found else None
    holds = tools.catalogue.keeping().holds_on(records_of(tools, name))
    return f"{name}: đang phong tỏa ({holds[0]['set_by']})" if holds else None


def _rule(tools: Tools, dossier: Dossier) -> Rule | None:
    from pipeline.procedures.book import UnknownProcedureError

    domain = ""
    if dossier.procedure is not None:
        try:
            domain = tools.procedures().get(dossier.procedure, dossier.received_at.date()).domain
        except UnknownProcedureError:
            domain = ""
    rules = load_rules(tools.settings.keeping.rules)
    return rules.of(dossier.procedure, domain, (document.type for document in dossier.documents))


def _protect(tools: Tools, keys: Iterable[str], rule: Rule | None, ended: date) -> tuple[str, datetime | None]:
    """What keeps the objects from deletion, and until when."""
    mode = _MODES.get(tools.settings.store.retain)
    if rule is None or mode is None or not tools.store.capabilities().retention:
        return "none", None
    last = rule.last_day(ended) or date(ended.year + tools.settings.keeping.permanent_years, 12, 31)
    return mode.value, _retain(tools, keys, last, mode)


def _retain(tools: Tools, keys: Iterable[str], last: date, mode: RetentionMode) -> datetime:
    until = datetime.combine(last + timedelta(days=1), time(), tzinfo=UTC)
    for key in dict.fromkeys(keys):
        try:
            tools.store.retain(key, until, mode)
        except (RetainedError, NotFoundError):
            # Kept in another mode already, by an earlier setting; or not there, which is fixity's to tell.
            continue
    return until


def _record(row: dict[str, object]) -> Kept:
    values = {name: value for name, value in row.items() if name in Kept.model_fields}
    return Kept.model_validate(values | {"dossier": row["dossier_id"]})
