"""Do METS and the files agree? Every file that is listed is there with its size and SHA-256, and none is unlisted.

The root's METS and those of the representations are read with everything dangerous off and held against the profile's
schema. A package after another profile is not wrong: it is said that only its manifest could be checked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.package import layout
from pipeline.package.markup import MarkupError, read, schema_faults
from pipeline.package.unpack import safe_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.package.report import Findings
    from pipeline.package.unpack import Tree

_M = f"{{{layout.NS_METS}}}"
_HREF = f"{{{layout.NS_XLINK}}}href"


@dataclass(frozen=True, slots=True)
class MetsFacts:
    """What the root METS says."""

    object_id: str
    premis: str | None
    """Path of the PREMIS document in the information package."""
    ead: str | None


def check_mets(tree: Tree, sums: dict[str, str], findings: Findings) -> MetsFacts | None:
    """Judges every METS; `sums` are the payload files' SHA-256 as they lie there. None where there is no root METS."""
    if f"{layout.PAYLOAD}/{layout.ROOT_METS}" not in tree.files:
        findings.add("mets_missing", layout.ROOT_METS)
        return None
    root = read_xml(tree, layout.ROOT_METS, "hoso-mets.xsd", findings)
    if root is None:
        return None
    if not root.get("PROFILE", "").startswith("https://earkcsip.dilcis.eu/profile/"):
        findings.add("profile_unknown", layout.ROOT_METS, root.get("PROFILE", ""))
        return None
    listed = {layout.ROOT_METS} | _check_listed(tree, root, "", sums, findings)
    for pointer in root.iter(f"{_M}mptr"):
        path = pointer.get(_HREF, "")
        if path not in listed:
            findings.add("mets_file_missing", path or layout.ROOT_METS, "structMap")
        elif safe_name(path):
            inner = read_xml(tree, path, "hoso-mets.xsd", findings)
            if inner is not None:
                listed |= _check_listed(tree, inner, path.rpartition("/")[0] + "/", sums, findings)
    for name in sorted(tree.files):
        path = name.removeprefix(f"{layout.PAYLOAD}/")
        if path != name and path not in listed:
            findings.add("mets_unlisted", path)
    kinds = {reference.get("MDTYPE"): reference.get(_HREF) for reference in root.iter(f"{_M}mdRef")}
    return MetsFacts(root.get("OBJID", ""), kinds.get("PREMIS"), kinds.get("EAD"))


def read_xml(tree: Tree, path: str, schema: str, findings: Findings) -> Any:
    """The root of an XML file of the information package that is valid against a schema of ours, or None."""
    if f"{layout.PAYLOAD}/{path}" not in tree.files:
        return None
    try:
        root = read(tree.root / layout.PAYLOAD / path)
    except MarkupError as error:
        findings.add("xml_unreadable", path, str(error))
        return None
    faults = schema_faults(root, schema)
    for fault in faults[:3]:
        findings.add("xml_not_valid", path, fault)
    return None if faults else root


def _check_listed(tree: Tree, root: Any, base: str, sums: dict[str, str], findings: Findings) -> set[str]:
    """Compares what one METS lists with what lies there; returns the paths that it lists."""
    listed = set()
    for path, entry in _entries(root, base):
        name = f"{layout.PAYLOAD}/{path}"
        if not safe_name(path):
            findings.add("unsafe_path", path)
            continue
        listed.add(path)
        if name not in tree.files:
            findings.add("mets_file_missing", path)
        elif entry.get("SIZE") != str(tree.files[name]) or entry.get("CHECKSUM") != sums.get(name):
            findings.add("mets_differs", path)
    return listed


def _entries(root: Any, base: str) -> Iterator[tuple[str, Any]]:
    for reference in root.iter(f"{_M}mdRef"):
        yield base + reference.get(_HREF, ""), reference
    for file in root.iter(f"{_M}file"):
        for location in file.iter(f"{_M}FLocat"):
            yield base + location.get(_HREF, ""), file
