"""METS after E-ARK CSIP 2.2: one at the package's root, one in each representation; every file with its SHA-256.

The root points at the descriptive and preservation metadata and at the representations' own METS, which list their
files: so a representation can be taken out and still be whole. Ids are derived from paths, never random.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pipeline.package import formats, layout
from pipeline.package.markup import Writer, to_bytes
from pipeline.package.premis import stamp

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from pipeline.package.contents import Contents

_PREFIXES: Final[dict[str | None, str]] = {
    None: layout.NS_METS,
    "csip": layout.NS_CSIP,
    "xlink": layout.NS_XLINK,
    "xsi": layout.NS_XSI,
}
PACKAGE_TYPE: Final = "SIP"
"""What an agency hands to its archive (OAIS: submission information package)."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A file as METS lists it; `path` is relative to the METS file's folder."""

    path: str
    media_type: str
    sha256: str
    size: int
    created: datetime

    @classmethod
    def of_bytes(cls, path: str, data: bytes, media_type: str, created: datetime) -> Listed:
        """A file that is made for the package."""
        return cls(path, media_type, hashlib.sha256(data).hexdigest(), len(data), created)


def representation_mets(contents: Contents, name: str) -> bytes:
    """representations/NAME/METS.xml."""
    w = Writer(layout.NS_METS, _PREFIXES)
    files = [Listed(f"data/{f.name}", f.format.media_type, f.sha256, f.size, f.created) for f in contents.of(name)]
    root = _root(w, contents, f"{contents.object_id}:{name}", layout.TITLES[name], contents.filed_at)
    group = _group(w, "Data", f"grp-{name}-data", files, f"{name}-")
    root.append(w("fileSec", {"ID": f"fileSec-{name}"}, group))
    data = w("div", {"ID": f"div-{name}-data", "LABEL": "Data"})
    for file in files:
        data.append(w("fptr", {"FILEID": _id(f"{name}-", file.path)}))
    whole = w("div", {"ID": f"div-{name}", "LABEL": f"{contents.object_id}:{name}"}, data)
    root.append(w("structMap", {"ID": f"map-{name}", "TYPE": "PHYSICAL", "LABEL": "CSIP"}, whole))
    return to_bytes(root)


def root_mets(
    contents: Contents,
    *,
    descriptive: Listed,
    preservation: Listed,
    documentation: Sequence[Listed],
    schemas: Sequence[Listed],
    representations: Sequence[Listed],
) -> bytes:
    """METS.xml; `representations` are the METS files of `contents.representations`, in their order."""
    w = Writer(layout.NS_METS, _PREFIXES)
    title = contents.dossier.procedure_name or "Hồ sơ"
    root = _root(w, contents, contents.object_id, f"{title} – {contents.dossier.id}", contents.packed_at)
    created = stamp(descriptive.created)
    root.append(
        w("dmdSec", {"ID": "dmd-ead", "CREATED": created, "STATUS": "CURRENT"}, _reference(w, descriptive, "EAD"))
    )
    digiprov = w("digiprovMD", {"ID": "amd-premis", "CREATED": stamp(preservation.created), "STATUS": "CURRENT"},
                 _reference(w, preservation, "PREMIS"))  # fmt: skip
    root.append(w("amdSec", None, digiprov))
    groups = w("fileSec", {"ID": "fileSec-root"})
    groups.append(_group(w, "Documentation", "grp-documentation", documentation, ""))
    groups.append(_group(w, "Schemas", "grp-schemas", schemas, ""))
    whole = w("div", {"ID": "div-root", "LABEL": contents.object_id})
    whole.append(w("div", {"ID": "div-metadata", "LABEL": "Metadata", "DMDID": "dmd-ead", "ADMID": "amd-premis"}))
    whole.append(_pointed(w, "Documentation", "documentation"))
    whole.append(_pointed(w, "Schemas", "schemas"))
    for name, listed in zip(contents.representations, representations, strict=True):
        use = f"Representations/{name}"
        group = _group(w, use, f"grp-{name}", [listed], "")
        group.set(f"{{{layout.NS_CSIP}}}CONTENTINFORMATIONTYPE", "MIXED")
        groups.append(group)
        pointer = w("mptr", {"LOCTYPE": "URL"})
        _link(pointer, listed.path)
        pointer.set(f"{{{layout.NS_XLINK}}}title", f"grp-{name}")
        whole.append(w("div", {"ID": f"div-{name}", "LABEL": use}, pointer))
    root.append(groups)
    root.append(w("structMap", {"ID": "map-root", "TYPE": "PHYSICAL", "LABEL": "CSIP"}, whole))
    return to_bytes(root)


def _root(w: Writer, contents: Contents, identity: str, label: str, created: datetime) -> Any:
    root = w("mets", {"OBJID": identity, "LABEL": label, "TYPE": "Textual works – Digital", "PROFILE": layout.PROFILE})
    root.set(f"{{{layout.NS_CSIP}}}CONTENTINFORMATIONTYPE", "MIXED")
    moment = stamp(created)
    header = w("metsHdr", {"CREATEDATE": moment, "LASTMODDATE": moment, "RECORDSTATUS": "NEW"})
    header.set(f"{{{layout.NS_CSIP}}}OAISPACKAGETYPE", PACKAGE_TYPE)
    tool = {"ROLE": "CREATOR", "TYPE": "OTHER", "OTHERTYPE": "SOFTWARE"}
    header.append(_agent(w, tool, "Hồ Sơ Số", contents.software, "SOFTWARE VERSION"))
    for role in ({"ROLE": "ARCHIVIST"}, {"ROLE": "OTHER", "OTHERROLE": "SUBMITTER"}):
        who = {**role, "TYPE": "ORGANIZATION"}
        header.append(_agent(w, who, contents.agency, contents.agency_code, "IDENTIFICATIONCODE"))
    root.append(header)
    return root


def _agent(w: Writer, role: dict[str, str], name: str, note: str, kind: str) -> Any:
    said = w("note", None, note)
    said.set(f"{{{layout.NS_CSIP}}}NOTETYPE", kind)
    return w("agent", role, w("name", None, name), said)


def _group(w: Writer, use: str, identity: str, files: Sequence[Listed], prefix: str) -> Any:
    group = w("fileGrp", {"ID": identity, "USE": use})
    for file in files:
        attributes = {
            "ID": _id(prefix, file.path),
            "MIMETYPE": file.media_type,
            "SIZE": str(file.size),
            "CREATED": stamp(file.created),
            "CHECKSUM": file.sha256,
            "CHECKSUMTYPE": "SHA-256",
        }
        location = w("FLocat", {"LOCTYPE": "URL"})
        _link(location, file.path)
        group.append(w("file", attributes, location))
    return group


def _reference(w: Writer, file: Listed, kind: str) -> Any:
    made = w(
        "mdRef",
        {
            "ID": f"ref-{kind.lower()}",
            "LOCTYPE": "URL",
            "MDTYPE": kind,
            "MIMETYPE": formats.XML.media_type,
            "SIZE": str(file.size),
            "CREATED": stamp(file.created),
            "CHECKSUM": file.sha256,
            "CHECKSUMTYPE": "SHA-256",
        },
    )
    _link(made, file.path)
    return made


def _pointed(w: Writer, label: str, name: str) -> Any:
    return w("div", {"ID": f"div-{name}", "LABEL": label}, w("fptr", {"FILEID": f"grp-{name}"}))


def _link(element: Any, path: str) -> None:
    element.set(f"{{{layout.NS_XLINK}}}type", "simple")
    element.set(f"{{{layout.NS_XLINK}}}href", path)


def _id(prefix: str, path: str) -> str:
    """An XML id from a path, whose characters are letters, digits, `/`, `.`, `-` and `_`."""
    return "file-" + prefix + path.replace("/", "_")
