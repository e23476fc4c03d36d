"""The moment a file becomes ours: its bytes are stored under their SHA-256 before anything looks inside.

Bad files are stored too: the original is safe whatever comes after, and the record says why it is of no use.
The same files for the same procedure are the same dossier: giving them twice finds the first one again.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline import journal
from pipeline.catalogue.errors import DossierExistsError
from pipeline.catalogue.lanes import Lane
from pipeline.errors import HeldError, InputRefusedError
from pipeline.intake.collect import collect
from pipeline.intake.sniff import sniff
from pipeline.keys import new_dossier_id, original_key
from pipeline.pressure import admit
from pipeline.record import Dossier, OriginalRecord, Status
from pipeline.store.errors import StoreUnreachableError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from pipeline.intake.collect import Incoming
    from pipeline.tools import Tools

RECEIVE_STEP = "receive"
RECEIVE_VERSION = "1"


class DuplicateContentError(InputRefusedError):
    """Two files of one dossier have the same bytes; the second is not read again."""

    code = "duplicate_content"
    message_vi = "Tệp này trùng nội dung với một tệp khác trong cùng hồ sơ."
    remedy_vi = "Hãy bỏ tệp trùng, hoặc chọn đúng tệp cần nộp."

    def __init__(self, file: str, other: str) -> None:
        super().__init__(file, f"same content as {other}")
        self.message_vi = f"Tệp này trùng nội dung với tệp “{other}” trong cùng hồ sơ."


class NotReceivedError(HeldError):
    """The store is out of reach or full before the dossier exists: nothing of ours is kept yet."""

    code = "not_received"
    message_vi = "Chưa nhận được tệp: kho lưu trữ không kết nối được hoặc đã đầy."
    remedy_vi = "Tệp của bạn vẫn ở chỗ cũ; hãy kiểm tra kho và dung lượng đĩa rồi nộp lại."


@dataclass(frozen=True, slots=True)
class Received:
    """A dossier's id, and whether these very files had been received before."""

    dossier_id: str
    known: bool


def refusal(name: str, error: InputRefusedError, *, sha256: str = "", size: int = 0) -> OriginalRecord:
    """The record of a file that cannot be used."""
    message = f"{error.message_vi} {error.remedy_vi}"
    return OriginalRecord(
        name=name, sha256=sha256, size=size, media_type="", pages=0, error=error.code, message=message
    )


def receive(
    tools: Tools,
    paths: Sequence[Path],
    procedure: str | None,
    *,
    names: Mapping[Path, str] | None = None,
    agency: str = "",
    lane: Lane = Lane.DESK,
    batch: str | None = None,
) -> Received:
    """Stores the files and opens a dossier for them.

    `names` gives files another name for people (an upload's own); `agency` is whose dossier it is, the installation's
    own where it is empty: the same files at two agencies are two dossiers. A dossier that is known keeps its lane.
    Raises `InputRefusedError` where there is no file at all, `NoRoomError` and `BacklogFullError` where the lane takes
    nothing now; a single bad file among others is recorded in the dossier instead.
    """
    names = names or {}
    admit(tools.settings, tools.catalogue, lane)
    if procedure is not None:
        tools.procedures().get(procedure, tools.clock().date())
    refused: list[InputRefusedError] = []
    originals = [_store(tools, item, names.get(item.path, item.name)) for item in collect(paths, refused)]
    if not originals:
        raise refused[0]
    originals += [refusal(error.file or "", error) for error in refused]
    return _open_dossier(tools, originals, procedure, agency or tools.settings.agency_code, lane=lane, batch=batch)


def _store(tools: Tools, item: Incoming, name: str) -> OriginalRecord:
    if item.duplicate_of is not None:
        return refusal(name, DuplicateContentError(name, item.duplicate_of), sha256=item.sha256, size=item.size)
    try:
        tools.store.put_new(original_key(item.sha256), item.path)
    except StoreUnreachableError as error:
        raise NotReceivedError(name, error.detail) from error
    try:
        kind = sniff(item.path, name)
    except InputRefusedError as error:
        return refusal(name, error, sha256=item.sha256, size=item.size)
    return OriginalRecord(name=name, sha256=item.sha256, size=item.size, media_type=kind.value, pages=0)


def _open_dossier(
    tools: Tools,
    originals: list[OriginalRecord],
    procedure: str | None,
    agency: str,
    *,
    lane: Lane,
    batch: str | None,
) -> Received:
    own: list[str] = [] if agency == tools.settings.agency_code else [agency]
    identity = json.dumps([procedure, sorted((o.sha256, o.error or "") for o in originals), *own])
    content_hash = hashlib.sha256(identity.encode()).hexdigest()
    known = tools.catalogue.step_output(content_hash, RECEIVE_STEP, RECEIVE_VERSION)
    while known is not None and tools.vault.is_destroyed(known.decode()):
        # Erased on request; the same files may come again, as another dossier.
        content_hash = hashlib.sha256(content_hash.encode()).hexdigest()
        known = tools.catalogue.step_output(content_hash, RECEIVE_STEP, RECEIVE_VERSION)
    if known is not None and tools.catalogue.load(known.decode()) is not None:
        return Received(known.decode(), known=True)
    now = tools.clock()
    # The ledger decides which of two that come at once opens the dossier; only its id is ever written down.
    opened = tools.catalogue.remember_step(
        content_hash, RECEIVE_STEP, RECEIVE_VERSION, new_dossier_id(now).encode(), 0.0
    ).decode()
    dossier = Dossier(
        id=opened,
        procedure=procedure,
        agency=agency,
        status=Status.RECEIVED,
        received_at=now,
        originals=tuple(originals),
    )
    try:
        dossier = journal.received(tools.store, dossier, content_hash, lane=lane, batch=batch)
    except StoreUnreachableError as error:
        raise NotReceivedError(originals[0].name, error.detail) from error
    try:
        tools.catalogue.create_dossier(dossier, lane=lane, batch=batch)
    except DossierExistsError:
        return Received(opened, known=True)
    return Received(opened, known=False)
