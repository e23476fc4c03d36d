"""Do PREMIS and the rest agree? Objects with the files, links with what they point at, events with record and PDF.

Of the events those are held against the record that can be: when the files were received, which reader read them,
when the PDF was signed and timestamped. What stands in PREMIS alone (who decided what) is believed as far as the
package is.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from pipeline.package import layout
from pipeline.package.check_mets import read_xml

if TYPE_CHECKING:
    from pipeline.package.report import Findings
    from pipeline.package.unpack import Tree
    from pipeline.verification import VerifyReport

_P = f"{{{layout.NS_PREMIS}}}"
_TYPE = f"{{{layout.NS_XSI}}}type"


def check_premis(tree: Tree, path: str | None, sums: dict[str, str], findings: Findings) -> Any:
    """Judges objects and links; returns the document, for `check_events`, or None."""
    if not path or f"{layout.PAYLOAD}/{path}" not in tree.files:
        findings.add("premis_missing", path or layout.PREMIS)
        return None
    root = read_xml(tree, path, "hoso-premis.xsd", findings)
    if root is None:
        return None
    described: set[str] = set()
    for thing in root.iter(f"{_P}object"):
        if thing.get(_TYPE, "").rpartition(":")[2] == "file":
            name = _text(thing, "objectIdentifierValue")
            described.add(name)
            _check_object(tree, thing, name, sums, findings)
    for name in sorted(tree.files):
        inner = name.removeprefix(f"{layout.PAYLOAD}/")
        if inner.startswith("representations/") and "/data/" in inner and inner not in described:
            findings.add("premis_unlisted", inner)
    _check_links(root, findings)
    return root


def check_events(root: Any, record: dict[str, Any], pdf: VerifyReport | None, findings: Findings) -> None:
    """Holds events against the record and the PDF's signatures."""
    events = {_text(event, "eventIdentifierValue").rpartition("/")[2]: event for event in root.iter(f"{_P}event")}
    moments = {name: _moment(event) for name, event in events.items()}
    if moments.get("received") != _iso(record.get("received_at")):
        findings.add("premis_event_differs", layout.PREMIS, "received")
    engine = record.get("engine") or ""
    if engine and "read" in events and engine not in _agent_names(root, events["read"]):
        findings.add("premis_event_differs", layout.PREMIS, "read")
    wanted: dict[str, datetime | None] = {"filed": None}
    for signature in pdf.signatures if pdf is not None else ():
        wanted[f"pdf-{signature.field}"] = signature.signed_at or signature.timestamp_at
    for name, at in wanted.items():
        if name not in events or (at is not None and _apart(moments[name], at)):
            findings.add("premis_event_differs", layout.PREMIS, name)


def _check_object(tree: Tree, thing: Any, name: str, sums: dict[str, str], findings: Findings) -> None:
    inside = f"{layout.PAYLOAD}/{name}"
    if inside not in tree.files:
        findings.add("premis_unlisted", name)
    elif _text(thing, "messageDigest") != sums.get(inside) or _text(thing, "size") != str(tree.files[inside]):
        findings.add("premis_differs", name)


def _check_links(root: Any, findings: Findings) -> None:
    """Every identifier that is linked to exists."""
    for kind, own in (
        ("linkingEventIdentifier", "eventIdentifier"),
        ("linkingAgentIdentifier", "agentIdentifier"),
        ("linkingObjectIdentifier", "objectIdentifier"),
        ("relatedObjectIdentifier", "objectIdentifier"),
        ("linkingRightsStatementIdentifier", "rightsStatementIdentifier"),
    ):
        known = {value.text for value in root.iter(f"{_P}{own}Value")}
        for value in {value.text for value in root.iter(f"{_P}{kind}Value")} - known:
            findings.add("premis_link_broken", layout.PREMIS, str(value))


def _agent_names(root: Any, event: Any) -> set[str]:
    linked = {value.text for value in event.iter(f"{_P}linkingAgentIdentifierValue")}
    return {_text(a, "agentName") for a in root.iter(f"{_P}agent") if _text(a, "agentIdentifierValue") in linked}


def _text(element: Any, name: str) -> str:
    found = next(element.iter(f"{_P}{name}"), None)
    return "" if found is None or found.text is None else str(found.text)


def _moment(event: Any) -> datetime | None:
    return _iso(_text(event, "eventDateTime"))


def _iso(text: Any) -> datetime | None:
    """To the second: PREMIS is written so."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(microsecond=0) if moment.tzinfo is not None else None
    except (TypeError, ValueError):
        return None


def _apart(one: datetime | None, other: datetime) -> bool:
    return one is None or abs(one - other) > timedelta(seconds=1)
