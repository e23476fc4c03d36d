"""A citizen's copy of everything that is held of them: one zip file, made for a request and handed to nobody else.

Each dossier of the agency comes as people open it (`pipeline.export`) and, where it is filed, as the package that any
archive can check (`pipeline.package`). Beside them: who the owner is and which papers there are, shares and requests,
corrections, and who looked at their data, when and why. `index.json` lists every file with its SHA-256.
What other agencies keep is named by agency and number only: it is theirs to hand out.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.access.principal import Purpose
from pipeline.keeping.owned import dossiers_of, records_of
from pipeline.keeping.records import RequestKind
from pipeline.keeping.requests import answer, corrections, open_one, requests
from pipeline.record import Model
from pipeline.vault.errors import KeyDestroyedError

if TYPE_CHECKING:
    from pydantic import JsonValue

    from pipeline.access.principal import Principal
    from pipeline.keeping.records import Request
    from pipeline.tools import Tools

_BLOCK = 1 << 20


class Copy(Model):
    """What was made."""

    file: str
    sha256: str
    size: int
    dossiers: tuple[str, ...]
    elsewhere: dict[str, int]
    """Dossiers that other agencies keep, by agency."""


def export(tools: Tools, who: Principal, request_id: str, out: Path) -> Copy:
    """Writes `du-lieu-REQUEST.zip` into the folder and answers the request.

    Raises `RequestStateError`, `KeepingUnknownError`, `ExportError`, store errors.
    """
    found = open_one(tools, who, request_id, RequestKind.EXPORT)
    held = dossiers_of(tools, found.owner)
    mine = [dossier_id for dossier_id, agency in held.items() if who.may_see(agency)]
    elsewhere: dict[str, int] = {}
    for agency in held.values():
        if not who.may_see(agency):
            elsewhere[agency] = elsewhere.get(agency, 0) + 1
    out.mkdir(parents=True, exist_ok=True)
    target = out / f"du-lieu-{found.id}.zip"
    with tempfile.TemporaryDirectory(dir=out, prefix=".hoso-") as scratch:
        folder = Path(scratch) / "files"
        folder.mkdir(mode=0o700)
        given = [dossier_id for dossier_id in mine if _dossier(tools, who, dossier_id, folder)]
        _write(folder / "owner.json", _owner(tools, who, found.owner))
        _write(folder / "history.json", _history(tools, who, found, given))
        _write(folder / "elsewhere.json", elsewhere)
        packed = Path(scratch) / "copy.zip"
        _zip(folder, packed)
        digest = _digest(packed)
        packed.chmod(0o600)
        packed.replace(target)
    made = Copy(file=str(target), sha256=digest, size=target.stat().st_size, dossiers=tuple(given), elsewhere=elsewhere)
    said: dict[str, JsonValue] = {"sha256": digest, "size": made.size, "dossiers": list(given)}
    answer(tools, who, found, "done", said | {"elsewhere": dict(elsewhere)})
    return made


def _dossier(tools: Tools, who: Principal, dossier_id: str, folder: Path) -> bool:
    """A dossier's files; False where its key was destroyed."""
    from pipeline import export as files
    from pipeline.package.make import make_package

    try:
        dossier = tools.catalogue.load(dossier_id)
        if dossier is None:
            return False
        tools.catalogue.ledger().read(who, Purpose.CITIZEN_REQUEST, dossier_id, "copy_for_citizen")
        files.export(tools, dossier, folder / dossier_id)
        if dossier.files.get("archive_pdf"):
            make_package(tools, dossier, folder / "packages", zipped=True)
    except KeyDestroyedError:
        return False
    _write(folder / dossier_id / "corrections.json", [one.model_dump() for one in corrections(tools, who, dossier_id)])
    return True


def _owner(tools: Tools, who: Principal, owner_id: str) -> dict[str, Any]:
    from pipeline.kho import sealed

    door = tools.catalogue.owners()
    person = None
    with door.looking() as view:
        from pipeline.catalogue import tables_owners as t

        row = view.one(t.owners, owner_id)
    if row is not None:
        person = sealed.open_person(tools.vault, row["sealed"])
    papers = []
    for paper in door.papers_of(owner_id):
        if not who.may_see(paper["agency"]):
            continue
        facts = sealed.open_paper(tools.vault, paper["sealed"])
        plain = {name: paper[name] for name in ("id", "type", "dossier_id", "issued_on", "valid_until", "filed_at")}
        papers.append(plain | {"facts": facts.model_dump() if facts else None})
    shares = [
        {
            name: share[name]
            for name in ("paper_id", "recipient", "purpose", "consent", "granted_at", "until", "revoked_at")
        }
        for share in door.shares_of(owner_id)
    ]
    return {"person": person.model_dump() if person else None, "papers": papers, "shares": shares}


def _history(tools: Tools, who: Principal, found: Request, dossiers: list[str]) -> dict[str, Any]:
    """Requests of this owner, and the ledger's entries on them and their dossiers: who looked, when, and why."""
    records = set(records_of(tools, found.owner))
    asked = [one.model_dump() for one in requests(tools, who, answered=True) if one.owner in records]
    door = tools.catalogue.keeping()
    entries = [entry.model_dump() for subject in (*sorted(records), *dossiers) for entry in door.entries(subject)]
    return {"requests": asked, "ledger": entries}


def _write(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8")


def _zip(folder: Path, target: Path) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    index = {path.relative_to(folder).as_posix(): _digest(path) for path in files}
    _write(folder / "index.json", index)
    with zipfile.ZipFile(target, "x", zipfile.ZIP_DEFLATED) as made:
        for path in (*files, folder / "index.json"):
            made.write(path, path.relative_to(folder).as_posix())


def _digest(path: Path) -> str:
    state = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(_BLOCK):
            state.update(piece)
    return state.hexdigest()
