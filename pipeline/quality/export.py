"""Corrections as training data: what the machine read, what a person keyed, and the crop, one line and one PNG each.

They lie sealed under their dossier's key like everything that was keyed, and are written out only for a person with
REVIEW_LEAD who says why, with a look on record for each dossier. Training is another purpose than the procedure: it
needs the consent of the persons (`consent`, with where it is kept) or anonymised data (`anonymised`: kinds that name or
locate a person are left out, and nothing says which dossier a line came from). A destroyed dossier exports nothing.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pipeline.access.errors import NotAllowedError
from pipeline.access.principal import Purpose
from pipeline.access.roles import Right
from pipeline.quality.errors import ReasonMissingError
from pipeline.review.sealing import unseal
from pipeline.review.strips import Strips, strip_of
from pipeline.vault.errors import VaultError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pipeline.access.principal import Principal
    from pipeline.record import Dossier, FieldRecord, PageRecord
    from pipeline.tools import Tools

CONSENT, ANONYMISED = "consent", "anonymised"
_DAYS = {"date", "partial_date", "datetime", "date_words"}
_CHOICES = {"flag", "sex", "ethnicity", "choices", "relationship", "nationality", "seal", "signature"}
NAMELESS: Final = frozenset(_DAYS | _CHOICES | {"issuer", "money", "ordinal"})
"""Kinds of which one value alone names and locates nobody: what `anonymised` gives out, without dates of birth."""
_BORN = "sinh"
_PRIVATE_FILE, _PRIVATE_FOLDER = 0o600, 0o700


@dataclass(frozen=True, slots=True)
class Exported:
    """How much was written, and what was left out."""

    lines: int
    left_out: int


def export(tools: Tools, who: Principal, out: Path, *, basis: str, reason: str) -> Exported:
    """Writes `corrections.jsonl` and `N.png` into a new folder that only its owner may read.

    Raises `NotAllowedError`, `ReasonMissingError`, `FileExistsError`, `ValueError` for another basis.
    """
    if not who.may(Right.REVIEW_LEAD):
        raise NotAllowedError(None, Right.REVIEW_LEAD)
    if not reason.strip():
        raise ReasonMissingError(None)
    if basis not in {CONSENT, ANONYMISED}:
        raise ValueError(basis)
    out.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=False)
    strips = Strips(tools.store)
    lines, left_out = 0, 0
    with os.fdopen(_opened(out / "corrections.jsonl"), "w", encoding="utf-8") as file:
        for row in tools.catalogue.quality().corrections(who.agency):
            made = _line(tools, row, basis)
            if made is None:
                left_out += 1
                continue
            said, page, field = made
            tools.catalogue.ledger().read(who, Purpose.QUALITY, row["dossier_id"], f"training_{basis}")
            lines += 1
            said["image"] = f"{lines}.png"
            with os.fdopen(_opened(out / said["image"]), "wb") as image:
                image.write(strips.png(page, strip_of(page, field.box or (0, 0, 1, 1))))
            file.write(json.dumps(said, ensure_ascii=False) + "\n")
    return Exported(lines, left_out)


def _line(tools: Tools, row: Mapping[str, Any], basis: str) -> tuple[dict[str, Any], PageRecord, FieldRecord] | None:
    if basis == ANONYMISED and (row["kind"] not in NAMELESS or _BORN in row["key"]):
        return None
    try:
        content = unseal(tools.vault, row["sealed"])
        dossier = tools.catalogue.load(row["dossier_id"])
    except VaultError:
        return None
    found = None if dossier is None else _place(dossier, row)
    if found is None:
        return None
    page, field = found
    box = strip_of(page, field.box or (0, 0, 1, 1))
    x, y = box[0], box[1]
    machine = content.get("machine") or {}
    said: dict[str, Any] = {
        "kind": row["kind"],
        "key": row["key"],
        "read": machine.get("raw"),
        "value": machine.get("value"),
        "probability": machine.get("probability"),
        "right": content.get("given"),
        "box": [field.box[0] - x, field.box[1] - y, field.box[2] - x, field.box[3] - y] if field.box else None,
        "dpi": page.dpi,
        "basis": basis,
    }
    if basis == CONSENT:
        said["dossier"] = row["dossier_id"]
    return said, page, field


def _place(dossier: Dossier, row: Mapping[str, Any]) -> tuple[PageRecord, FieldRecord] | None:
    paper = next((one for one in dossier.documents if one.id == row["document_id"]), None)
    field = paper.fields.get(row["key"]) if paper else None
    if field is None or field.box is None:
        return None
    page = next((one for one in dossier.pages if one.number == field.page and one.image_sha256), None)
    return None if page is None else (page, field)


def _opened(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE_FILE)
