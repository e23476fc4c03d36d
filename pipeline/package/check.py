"""The verdict on a package: bag, METS, PREMIS, PDF, data, signatures and originals, in this order, each by itself.

A check goes on after a finding wherever that is safe, so that one report names all that is wrong; names and links are
the exception: what is hostile is not looked into. Memory stays bounded: files are hashed in blocks, XML and records
have limits, the PDF is judged in a child process. Root certificates are all that is needed besides the package.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pipeline.package import layout
from pipeline.package.check_bag import check_bag, second_judge
from pipeline.package.check_mets import check_mets, read_xml
from pipeline.package.check_premis import check_events, check_premis
from pipeline.package.check_record import RecordCheck
from pipeline.package.errors import PackageMissingError
from pipeline.package.report import Findings, PackageReport
from pipeline.package.unpack import Limits, open_package

if TYPE_CHECKING:
    from pipeline.package.unpack import Tree
    from pipeline.tools import Tools

_STOP = frozenset({"unsafe_path", "link_inside", "not_a_bag", "duplicate_name"})


def check_package(tools: Tools, source: Path, limits: Limits | None = None, *, quick: bool = False) -> PackageReport:
    """Judges a folder or zip file. A bad package is a verdict; only a missing one raises `PackageMissingError`.

    `quick` leaves signatures out, so that many packages can be looked over; the outcome is then open at best.
    """
    if not source.exists():
        raise PackageMissingError(source.name)
    findings = Findings()
    tools.settings.work.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=tools.settings.work, prefix="package-") as scratch:
        try:
            tree = open_package(source, Path(scratch), findings, limits or Limits())
        except OSError as error:
            raise PackageMissingError(source.name, str(error)) from error
        form: Literal["folder", "zip", "unknown"] = tree.form if tree is not None else "unknown"
        if tree is None or set(findings.codes) & _STOP:
            return _report(source, form, findings, tree)
        try:
            return _checked(tools, source, tree, findings, quick=quick)
        except Exception as error:  # a package from outside must get an answer, whatever is in it
            findings.add("check_failed", detail=type(error).__name__)
            return _report(source, form, findings, tree)


def _checked(tools: Tools, source: Path, tree: Tree, findings: Findings, *, quick: bool) -> PackageReport:
    sums = check_bag(tree, findings)
    if set(findings.codes) & _STOP:
        return _report(source, tree.form, findings, tree)
    judge = second_judge(tree.root)
    if judge != "valid" and not findings.reasons:
        findings.add("bag_malformed", detail=judge)
    mets = check_mets(tree, sums, findings)
    if mets is None:
        return _report(source, tree.form, findings, tree, judge=judge)
    if mets.ead:
        read_xml(tree, mets.ead, "hoso-ead.xsd", findings)
    premis = check_premis(tree, mets.premis, sums, findings)
    record = RecordCheck(tools, tree, sums, findings)
    record.run(quick=quick)
    identity = record.record.get("id")
    if premis is not None and record.record:
        check_events(premis, record.record, record.pdf, findings)
    if isinstance(identity, str) and not _named_alike(tree, mets.object_id, identity):
        findings.add("record_not_described", layout.ROOT_METS, mets.object_id)
    report = _report(source, tree.form, findings, tree, judge=judge)
    return report.model_copy(
        update={
            "dossier": identity if isinstance(identity, str) else None,
            "object_id": mets.object_id,
            "pdf": record.pdf,
            "data": record.data,
        }
    )


def _named_alike(tree: Tree, object_id: str, dossier_id: str) -> bool:
    """OBJID is derived from the dossier's id; bag-info, where there is one, names the id itself."""
    fonds = object_id.partition(":uuid:")[0].removeprefix("urn:")
    if layout.object_id(fonds, dossier_id) != object_id:
        return False
    info = tree.root / "bag-info.txt"
    if "bag-info.txt" not in tree.files or tree.files["bag-info.txt"] > 1 << 20:
        return True
    named = [
        line for line in info.read_text("utf-8", "replace").splitlines() if line.startswith("External-Identifier:")
    ]
    return not named or named == [f"External-Identifier: {dossier_id}"]


def _report(
    source: Path, form: Literal["folder", "zip", "unknown"], findings: Findings, tree: Tree | None, judge: str = ""
) -> PackageReport:
    return PackageReport(
        package=source.name,
        form=form,
        outcome=findings.outcome,
        reasons=tuple(findings.reasons),
        more=findings.more,
        files=len(tree.files) if tree is not None else 0,
        size=sum(tree.files.values()) if tree is not None else 0,
        second_judge=judge,
    )
