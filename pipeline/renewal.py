"""Archive timestamps of the whole kho renewed in time: `hoso renew`, a dossier at a time.

Each version of a signed PDF stays; the renewed one is filed beside it and begins with it, byte for byte. The step
ledger leads from the hash of a version to that of the next (the first writer wins, so nothing is renewed twice), and
the newest filing is the one that counts. Killed anywhere, the same command goes on: a renewed file that the ledger
knows is filed, not made again. What no longer verifies is reported and left as it is.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal

from pipeline import journal
from pipeline.keeping import retention
from pipeline.keys import filed_key
from pipeline.kho import feed
from pipeline.record import Model, Status
from pipeline.store.errors import CorruptError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pipeline.catalogue.rows import Filing
    from pipeline.tools import Tools
    from signing.renewal import ProofEnd

STEP: Final = "renew"
END_STEP: Final = "proof_end"
VERSION: Final = "1"
MARGIN: Final = timedelta(days=180)
"""How long before its end a proof is renewed when nothing else is said: time to notice, and to mend, what fails."""
ARCHIVE_PDF: Final = "archive_pdf"
_PAGE: Final = 200

State = Literal["holds", "due", "renewed", "completed", "held", "refused", "damaged"]


class Renewal(Model):
    """What became of one dossier's signed PDF."""

    dossier: str
    state: State
    """`holds`: not due; `due`: only in a dry run; `completed`: an interrupted renewal was filed; `held`: try again;
    `refused`: does not verify or has no archive timestamp; `damaged`: the store has it no more, or not as filed."""
    sha256: str
    """Of the version that was found."""
    renewed_sha256: str | None = None
    proof_ends: datetime | None = None
    """Of the version that counts now."""
    cause: str | None = None
    """`certificate` or `algorithm`: what ends."""
    authority: str | None = None
    code: str = ""
    """Why it was held, refused or found damaged."""
    detail: str = ""


class RenewalReport(Model):
    """The answer of `hoso renew --json`."""

    at: datetime
    before: datetime
    """Proofs that end before this are due."""
    dry_run: bool
    counts: dict[State, int]
    renewals: tuple[Renewal, ...]
    """All but those that hold."""


def renew_all(
    tools: Tools,
    before: datetime | None = None,
    *,
    dry_run: bool = False,
    on_renewal: Callable[[Renewal], None] = lambda _: None,
) -> RenewalReport:
    """Goes through the kho. Raises `StoreUnreachableError` and catalogue errors; all else is in the report."""
    now = tools.clock()
    limit = before or now + MARGIN
    counts: dict[State, int] = {}
    found = []
    for dossier_id in filed_dossiers(tools):
        renewal = renew_dossier(tools, dossier_id, limit, dry_run=dry_run)
        counts[renewal.state] = counts.get(renewal.state, 0) + 1
        if renewal.state != "holds":
            found.append(renewal)
        on_renewal(renewal)
    return RenewalReport(at=now, before=limit, dry_run=dry_run, counts=counts, renewals=tuple(found))


def filed_dossiers(tools: Tools) -> Iterator[str]:
    """Ids of all dossiers that are filed now, each once."""
    ids: list[str] = []
    while page := tools.catalogue.list_dossiers(Status.FILED, limit=_PAGE, offset=len(ids)):
        ids += [summary.id for summary in page]
    yield from dict.fromkeys(ids)


def renew_dossier(tools: Tools, dossier_id: str, before: datetime, *, dry_run: bool = False) -> Renewal:
    """Renews the newest version of a dossier's signed PDF if its proof ends before `before` (aware)."""
    from signing.errors import KeyUnavailableError, SigningError
    from signing.renewal import renew

    filing = newest_filing(tools, dossier_id)
    if filing is None:
        return Renewal(dossier=dossier_id, state="damaged", sha256="", code="not_filed")
    try:
        made = tools.catalogue.step_output(filing.sha256, STEP, VERSION)
        if made is not None and not dry_run:
            return _filed(tools, filing, json.loads(made), "completed")
        if not dry_run:
            _settle(tools, filing)
        end = _known_end(tools, filing) or _end(tools, filing, dry_run=dry_run)
        if end is None:
            return Renewal(dossier=dossier_id, state="refused", sha256=filing.sha256, code="no_archive_timestamp")
        if end.at >= before:
            return _renewal(filing, "holds", end)
        if dry_run:
            return _renewal(filing, "due", end)
        pdf = _stored(tools, filing)
        try:
            renewed = renew(pdf, tools.signer(), tools.clock())
        except SigningError as error:
            waits = error.retryable or isinstance(error, KeyUnavailableError)  # the signer opens its key, needed or not
            state: State = "held" if waits else "refused"
            return _renewal(filing, state, end, code=error.code, detail=error.detail)
        key = filed_key(dossier_id, renewed.sha256, "archive.pdf")
        tools.store.put_new(key, renewed.data, "application/pdf")
        output = {"key": key, "sha256": renewed.sha256, "size": renewed.size, "level": renewed.level}
        output |= {"end": _as_json(renewed.end)}
        counts = tools.catalogue.remember_step(filing.sha256, STEP, VERSION, json.dumps(output).encode(), 0.0)
        return _filed(tools, filing, json.loads(counts), "renewed")
    except (CorruptError, NotFoundError) as error:
        return Renewal(dossier=dossier_id, state="damaged", sha256=filing.sha256, code=error.code)


def newest_filing(tools: Tools, dossier_id: str) -> Filing | None:
    """The version of the dossier's signed PDF that counts."""
    versions = [filing for filing in tools.catalogue.filings_of(dossier_id) if filing.kind == ARCHIVE_PDF]
    return max(versions, key=lambda filing: filing.filed_at, default=None)


def _filed(tools: Tools, old: Filing, made: dict[str, object], state: State) -> Renewal:
    """Enters the renewed version, which lies in the store, as filed."""
    key, sha256 = str(made["key"]), str(made["sha256"])
    if hashlib.sha256(tools.store.get(key)).hexdigest() != sha256:
        raise CorruptError(key, "hash")
    size, level = int(str(made["size"])), str(made["level"])
    filing = tools.catalogue.record_filing(old.dossier, ARCHIVE_PDF, key, sha256, size, level=level)
    tools.catalogue.remember_step(sha256, END_STEP, VERSION, json.dumps(made["end"]).encode(), 0.0)
    _settle(tools, filing, previous=old.sha256)
    return _renewal(old, state, _from_json(json.dumps(made["end"]).encode()), renewed_sha256=sha256)


def _settle(tools: Tools, filing: Filing, previous: str = "") -> None:
    """Makes the dossier name the version that counts, as the last of a renewal's steps or after an interruption."""
    loaded = tools.catalogue.load_with_version(filing.dossier)
    if loaded is None or loaded[0].files.get(ARCHIVE_PDF) == filing.object_key:
        return
    dossier, version = loaded
    files = dossier.files | {ARCHIVE_PDF: filing.object_key}
    journal.filed(tools.store, dossier.id, [filing], files, dossier.events)
    feed.renewed(tools, filing, dossier.agency or tools.settings.agency_code)
    retention.keep(tools, dossier, [filing.object_key])
    hashes = {"sha256": filing.sha256, "previous": previous}
    tools.catalogue.append_event(dossier.id, stage=STEP, state="done", data=hashes)
    tools.catalogue.save(dossier.model_copy(update={"files": files}), expected_version=version)


def _stored(tools: Tools, filing: Filing) -> bytes:
    pdf = tools.store.get(filing.object_key)
    if len(pdf) != filing.size or hashlib.sha256(pdf).hexdigest() != filing.sha256:
        raise CorruptError(filing.object_key, "not what was filed")
    return pdf


def _end(tools: Tools, filing: Filing, *, dry_run: bool) -> ProofEnd | None:
    from signing.renewal import proof_end

    end = proof_end(_stored(tools, filing))
    if end is not None and not dry_run:
        tools.catalogue.remember_step(filing.sha256, END_STEP, VERSION, json.dumps(_as_json(end)).encode(), 0.0)
    return end


def _known_end(tools: Tools, filing: Filing) -> ProofEnd | None:
    """What an earlier run found: without opening millions of files that are not due."""
    known = tools.catalogue.step_output(filing.sha256, END_STEP, VERSION)
    return None if known is None else _from_json(known)


def _as_json(end: ProofEnd) -> dict[str, str]:
    return {
        "at": end.at.isoformat(),
        "cause": end.cause,
        "authority": end.authority,
        "timestamp_at": end.timestamp_at.isoformat(),
    }


def _from_json(data: bytes) -> ProofEnd:
    from signing.renewal import ProofEnd

    found = json.loads(data)
    times = {key: datetime.fromisoformat(found[key]) for key in ("at", "timestamp_at")}
    return ProofEnd(cause=found["cause"], authority=found["authority"], **times)


def _renewal(filing: Filing, state: State, end: ProofEnd, **more: str) -> Renewal:
    return Renewal(
        dossier=filing.dossier,
        state=state,
        sha256=filing.sha256,
        proof_ends=end.at,
        cause=end.cause,
        authority=end.authority,
        renewed_sha256=more.get("renewed_sha256"),
        code=more.get("code", ""),
        detail=more.get("detail", ""),
    )
