"""PREMIS 3.0: which files, in which formats, what was done with them, by what and whom, and on what legal ground.

Events are the dossier's own: when files were received, pages made, read (by which reader), checked, decided on by
people, put into PDF/A, signed, timestamped and filed. Times and signers of signatures are taken from the PDF itself.
Names of events follow the Library of Congress's vocabulary of preservation events where it has one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from pipeline.clock import local
from pipeline.package import layout
from pipeline.package.markup import Writer, to_bytes

if TYPE_CHECKING:
    from datetime import datetime

    from pipeline.package.contents import Contents, PackageFile

_PREFIXES: Final[dict[str | None, str]] = {"premis": layout.NS_PREMIS, "xsi": layout.NS_XSI}
_VOCABULARY: Final = "http://id.loc.gov/vocabulary/preservation/eventType"
_STAGES: Final = {
    "intake": ("creation", "Mở tệp, dựng ảnh trang thẳng đứng"),
    "read": ("metadata extraction", "Đọc chữ trên ảnh trang"),
    "separate": ("metadata extraction", "Tách các giấy tờ trong tập quét"),
    "extract": ("metadata extraction", "Rút trường dữ liệu"),
    "validate": ("validation", "Kiểm tra theo thủ tục"),
    "archive": ("normalization", "Tạo PDF/A-3u kèm dữ liệu"),
}
"""PREMIS event and its words by stage; signing and filing have events of their own below."""
PACKED: Final = "information package creation"
RIGHTS: Final = "rights-1"


@dataclass(frozen=True, slots=True)
class _Event:
    """`id` is the part after the dossier's."""

    id: str
    kind: str
    at: datetime
    words: str
    agents: tuple[str, ...]
    objects: tuple[str, ...]
    outcome: str = "success"
    note: str = ""


@dataclass(slots=True)
class _Agents:
    """Agents by id, in the order in which they are first named."""

    known: dict[str, tuple[str, str, str]] = field(default_factory=dict)

    def add(self, kind: str, name: str, version: str = "") -> str:
        """The id of an agent of this kind and name."""
        name = name or "không rõ"
        for known, (its_kind, its_name, its_version) in self.known.items():
            if (its_kind, its_name, its_version) == (kind, name, version):
                return known
        made = f"agent-{len(self.known) + 1}"
        self.known[made] = (kind, name, version)
        return made


def premis_document(contents: Contents) -> bytes:
    """metadata/preservation/PREMIS.xml."""
    w = Writer(layout.NS_PREMIS, _PREFIXES)
    agents = _Agents()
    events = _events(contents, agents)
    root = w("premis", {"version": "3.0"})
    root.append(_entity(w, contents))
    for name in contents.representations:
        root.append(_representation(w, contents, name))
    for file in contents.files:
        root.append(_file(w, contents, file, events))
    for event in events:
        root.append(_event(w, contents, event))
    for identity, (kind, name, version) in agents.known.items():
        root.append(
            w(
                "agent",
                None,
                _identifier(w, "agent", identity),
                w("agentName", None, name),
                w("agentType", None, kind),
                w("agentVersion", None, version) if version else None,
            )
        )
    root.append(_rights(w, contents))
    return to_bytes(root)


def _events(contents: Contents, agents: _Agents) -> tuple[_Event, ...]:
    dossier = contents.dossier
    agency = agents.add("organization", contents.agency)
    software = agents.add("software", "Hồ Sơ Số", contents.software)
    originals = tuple(file.path for file in contents.of(layout.ORIGINALS))
    pdf = contents.one("archive_pdf")
    data = contents.one("data_json")
    made = tuple(file.path for file in (pdf, data) if file is not None)
    found = [_Event("received", "transfer", dossier.received_at, "Tiếp nhận tệp, lưu nguyên vẹn theo SHA-256",
                    (agency, software), originals)]  # fmt: skip
    for event in dossier.events:
        if event.stage in _STAGES:
            kind, words = _STAGES[event.stage]
            doers = (software, agents.add("software", dossier.engine)) if event.stage == "read" else (software,)
            objects = {"archive": made, "intake": originals}.get(event.stage, made[1:])
            found.append(_Event(event.stage, kind, event.at, words, doers, objects, note=f"{event.seconds} s"))
    by_person: dict[tuple[str, datetime], int] = {}
    for decision in contents.decisions:
        moment = (decision.who, decision.at)
        by_person[moment] = by_person.get(moment, 0) + 1
    for number, ((who, at), count) in enumerate(by_person.items(), start=1):
        words = f"Cán bộ đối chiếu và quyết định {count} mục"
        person = agents.add("person", who)
        found.append(_Event(f"decided-{number}", "quality review", at, words, (person, software), made[1:]))
    found += _signature_events(contents, agents, software)
    found.append(
        _Event("filed", "ingestion", contents.filed_at, "Đọc lại từ kho, kiểm tra lần cuối, ghi sổ lưu",
               (agency, software), tuple(file.path for file in contents.of(layout.ARCHIVE)),
               note=f"level {contents.level}")
    )  # fmt: skip
    everything = tuple(file.path for file in contents.files)
    found.append(_Event("packed", PACKED, contents.packed_at, "Đóng gói BagIt, METS, PREMIS", (software,), everything))
    return tuple(sorted(found, key=lambda event: event.at))


def _signature_events(contents: Contents, agents: _Agents, software: str) -> list[_Event]:
    pdf = contents.one("archive_pdf")
    found: list[_Event] = []
    for signature in contents.signatures:
        moment = signature.signed_at or signature.timestamp_at or contents.filed_at
        signer = agents.add("person" if signature.kind == "signature" else "organization", signature.signer)
        kind = "digital signature generation" if signature.kind == "signature" else "timestamping"
        words = "Ký số PDF" if signature.kind == "signature" else "Đóng dấu thời gian lưu trữ cho PDF"
        note = f"{signature.field}; {signature.algorithm}; {signature.level}".rstrip("; ")
        objects = (pdf.path,) if pdf else ()
        found.append(_Event(f"pdf-{signature.field}", kind, moment, words, (signer, software), objects, note=note))
        if signature.kind == "signature" and signature.timestamp_at is not None:
            words = "Dấu thời gian của chữ ký"
            name = f"pdf-{signature.field}-timestamp"
            found.append(_Event(name, "timestamping", signature.timestamp_at, words, (software,), objects))
    said = contents.data_signature
    if said is not None:
        parts = (contents.one("data_json"), contents.one("data_jws"))
        signed = tuple(file.path for file in parts if file)
        signer = agents.add("person", said.signer)
        words = "Ký số dữ liệu (JWS tách rời, kèm SHA-256 của PDF)"
        at = said.signed_at or contents.filed_at
        found.append(_Event("data-signed", "digital signature generation", at, words, (signer, software), signed,
                            note=said.algorithm))  # fmt: skip
    token = contents.one("data_jws_tst")
    if token is not None and contents.data_stamped_at is not None:
        words = "Dấu thời gian của chữ ký dữ liệu"
        at = contents.data_stamped_at
        found.append(_Event("data-timestamped", "timestamping", at, words, (software,), (token.path,)))
    return found


def _identifier(w: Writer, what: str, value: str) -> Any:
    kind = w(f"{what}IdentifierType", None, "local")
    return w(f"{what}Identifier", None, kind, w(f"{what}IdentifierValue", None, value))


def _linking(w: Writer, what: str, value: str) -> Any:
    name = f"linking{what}Identifier"
    return w(name, None, w(f"{name}Type", None, "local"), w(f"{name}Value", None, value))


def _object(w: Writer, kind: str, identity: str) -> Any:
    made = w("object", None, _identifier(w, "object", identity))
    made.set(f"{{{layout.NS_XSI}}}type", f"premis:{kind}")
    return made


def _related(w: Writer, kind: str, subtype: str, identity: str) -> Any:
    related = w(
        "relatedObjectIdentifier",
        None,
        w("relatedObjectIdentifierType", None, "local"),
        w("relatedObjectIdentifierValue", None, identity),
    )
    return w("relationship", None, w("relationshipType", None, kind), w("relationshipSubType", None, subtype), related)


def _entity(w: Writer, contents: Contents) -> Any:
    made = _object(w, "intellectualEntity", contents.object_id)
    made.append(w("originalName", None, contents.dossier.id))
    for name in contents.representations:
        made.append(_related(w, "structural", "is represented by", layout.representation(name)))
    return made


def _representation(w: Writer, contents: Contents, name: str) -> Any:
    made = _object(w, "representation", layout.representation(name))
    made.append(w("originalName", None, layout.TITLES[name]))
    made.append(_related(w, "structural", "represents", contents.object_id))
    for file in contents.of(name):
        made.append(_related(w, "structural", "has part", file.path))
    return made


def _file(w: Writer, contents: Contents, file: PackageFile, events: tuple[_Event, ...]) -> Any:
    made = _object(w, "file", file.path)
    known = file.format
    designation = w("formatDesignation", None, w("formatName", None, known.name),
                    w("formatVersion", None, known.version) if known.version else None)  # fmt: skip
    registry = None
    if known.pronom:
        registry = w("formatRegistry", None, w("formatRegistryName", None, "PRONOM"),
                     w("formatRegistryKey", None, known.pronom))  # fmt: skip
    made.append(
        w(
            "objectCharacteristics",
            None,
            w("compositionLevel", None, "0"),
            w("fixity", None, w("messageDigestAlgorithm", None, "SHA-256"), w("messageDigest", None, file.sha256)),
            w("size", None, str(file.size)),
            w("format", None, designation, registry),
        )
    )
    if file.original_name:
        made.append(w("originalName", None, file.original_name))
    if file.role in {"archive_pdf", "data_json", "page_image"}:
        for source in contents.of(layout.ORIGINALS):
            if file.role != "page_image" or source.original_name == file.source_name:
                made.append(_related(w, "derivation", "has source", source.path))
    for event in events:
        if file.path in event.objects:
            made.append(_linking(w, "Event", _event_id(contents, event)))
    made.append(_linking(w, "RightsStatement", RIGHTS))
    return made


def _event_id(contents: Contents, event: _Event) -> str:
    return f"{contents.dossier.id}/{event.id}"


def _event(w: Writer, contents: Contents, event: _Event) -> Any:
    attributes = {} if event.kind == "timestamping" else {"authority": "eventType", "authorityURI": _VOCABULARY}
    detail = event.words + (f" ({event.note})" if event.note else "")
    made = w(
        "event",
        None,
        _identifier(w, "event", _event_id(contents, event)),
        w("eventType", attributes, event.kind),
        w("eventDateTime", None, stamp(event.at)),
        w("eventDetailInformation", None, w("eventDetail", None, detail)),
        w("eventOutcomeInformation", None, w("eventOutcome", None, event.outcome)),
    )
    for agent in event.agents:
        made.append(_linking(w, "Agent", agent))
    for path in event.objects:
        made.append(_linking(w, "Object", path))
    return made


def _rights(w: Writer, contents: Contents) -> Any:
    statute = w(
        "statuteInformation",
        None,
        w("statuteJurisdiction", None, "vn"),
        w("statuteCitation", None, "Luật Lưu trữ số 33/2024/QH15; Thông tư số 05/2025/TT-BNV"),
    )
    limits = "Có dữ liệu cá nhân: chỉ tiếp cận theo Luật Bảo vệ dữ liệu cá nhân số 91/2025/QH15"
    granted = w("rightsGranted", None, w("act", None, "preserve"), w("restriction", None, limits))
    statement = w(
        "rightsStatement",
        None,
        w(
            "rightsStatementIdentifier",
            None,
            w("rightsStatementIdentifierType", None, "local"),
            w("rightsStatementIdentifierValue", None, RIGHTS),
        ),
        w("rightsBasis", None, "statute"),
        statute,
        granted,
        _linking(w, "Object", contents.object_id),
    )
    return w("rights", None, statement)


def stamp(moment: datetime) -> str:
    """ISO 8601 with +07:00, to the second."""
    return local(moment).isoformat(timespec="seconds")
