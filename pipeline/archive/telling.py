"""From the record to what the archive file says of itself and where its fields lie.

Only what may be shown to anybody who holds the file: the dossier's code, the procedure, the agency, the day, the
kinds of papers. Names of people and values of fields stay in the record and on the pages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.archive.metadata import About
from pipeline.archive.places import Chapter, Place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.record import DocumentRecord, Dossier

_DOSSIER = "Hồ sơ"


def about(dossier: Dossier, agency: str) -> About:
    """The file's metadata, all of it from the record but the agency, which the settings name."""
    procedure = dossier.procedure_name or _DOSSIER
    types = tuple(dict.fromkeys(document.title for document in dossier.documents if document.title))
    received = f"{dossier.received_at:%Y-%m-%d}"
    said = {"Mã hồ sơ": dossier.id, "Mã thủ tục": dossier.procedure or "", "Thủ tục": dossier.procedure_name}
    said |= {"Cơ quan": agency, "Ngày tiếp nhận": received, "Giấy tờ": ", ".join(types)}
    named = f" {dossier.procedure}" if dossier.procedure else ""
    return About(
        title=f"{procedure} – {dossier.id}",
        created=dossier.received_at,
        identifier=dossier.id,
        agency=agency,
        description=f"Bản số hóa hồ sơ{named}, tiếp nhận ngày {received}, {len(dossier.documents)} giấy tờ",
        types=types,
        subjects=tuple(one for one in (dossier.procedure, dossier.procedure_name) if one),
        keywords={name: value for name, value in said.items() if value},
    )


def chapters(dossier: Dossier, page_of: Mapping[int, int]) -> tuple[Chapter, ...]:
    """Papers with their fields' places. `page_of`: numbers of the record's pages to numbers of the file's pages."""
    made = []
    for document in dossier.documents:
        pages = [page_of[number] for number in document.pages if number in page_of]
        if pages:
            made.append(Chapter(document.id, document.title or document.type, pages[0], _places(document, page_of)))
    return tuple(made)


def _places(document: DocumentRecord, page_of: Mapping[int, int]) -> tuple[Place, ...]:
    return tuple(
        Place(key, field.label or key, page_of[field.page], field.box)
        for key, field in document.fields.items()
        if field.page in page_of
    )
