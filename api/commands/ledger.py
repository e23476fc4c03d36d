"""`hoso ledger seal | export | check | prove`: the audit ledger for those who keep it and those who audit it.

`check` needs nothing but the exported file: no home, no settings, no network.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Literal

from api.commands.common import open_house, print_facts, print_json
from pipeline.audit.export import LedgerCheck
from pipeline.errors import Exit, InputRefusedError
from pipeline.record import Model

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.audit.export import Seal


class LedgerFileError(InputRefusedError):
    """The file cannot be read as a ledger."""

    code = "ledger_file_unreadable"
    message_vi = "Không đọc được tệp nhật ký này."
    remedy_vi = "Hãy xuất lại bằng `hoso ledger export`."


class NothingSealedError(InputRefusedError):
    """There is no seal yet that covers the dossier."""

    code = "ledger_not_sealed"
    message_vi = "Nhật ký chưa được niêm phong sau khi có hồ sơ này."
    remedy_vi = "Hãy chạy `hoso ledger seal` rồi thử lại."


def seal(*, as_json: bool) -> int:
    """Seals what is new."""
    from pipeline.audit.sealing import seal as run

    with open_house() as house:
        report = run(house.tools)
    if as_json:
        print_json(report)
    else:
        said = f"{report.new} mục mới được niêm phong" if report.new else "Không có mục mới"
        sys.stdout.write(f"{said}; tất cả {report.size} mục, gốc {report.root}\n")
    return Exit.FILED


def export(out: Path) -> int:
    """Writes entries and seals into a file for an auditor."""
    from pipeline.audit.export import export_lines

    with open_house() as house, out.open("wb") as stream:
        ledger = house.catalogue.ledger()
        for line in export_lines(ledger.lines(), ledger.seals()):
            stream.write(line + b"\n")
    return Exit.FILED


class SealVerdict(Model):
    """What a seal's timestamp says."""

    size: int
    root: str
    state: Literal["intact", "no_timestamp", "altered"]
    at: str | None
    """When the authority says it saw the root."""
    authority: str | None


class CheckReport(Model):
    """The answer of `hoso ledger check --json`."""

    outcome: Literal["valid", "invalid", "indeterminate"]
    ledger: LedgerCheck
    seals: tuple[SealVerdict, ...]


def check(file: Path, *, as_json: bool) -> int:
    """Checks an exported ledger; 0 whole and sealed, 2 harmed, 3 whole but nothing of it sealed."""
    from pipeline.audit.export import check_lines

    try:
        with file.open("rb") as stream:
            found, good = check_lines(line.rstrip(b"\n") for line in stream)
    except OSError as error:
        raise LedgerFileError(file.name, type(error).__name__) from error
    verdicts = tuple(_judged(sealed) for sealed in good)
    harmed = bool(found.faults) or any(verdict.state == "altered" for verdict in verdicts)
    proved = any(verdict.state == "intact" for verdict in verdicts)
    outcome: Literal["valid", "invalid", "indeterminate"] = (
        "invalid" if harmed else "valid" if proved else "indeterminate"
    )
    report = CheckReport(outcome=outcome, ledger=found, seals=verdicts)
    if as_json:
        print_json(report)
    else:
        _show(report)
    return {"valid": Exit.FILED, "invalid": Exit.INVALID, "indeterminate": Exit.WAITS}[outcome]


def _judged(seal: Seal) -> SealVerdict:
    from pipeline.audit.export import sealed_bytes
    from signing.tokens import read_token

    if seal.token is None:
        return SealVerdict(size=seal.size, root=seal.root, state="no_timestamp", at=None, authority=None)
    facts = read_token(seal.token, sealed_bytes(seal.size, seal.root))
    if facts is None:
        return SealVerdict(size=seal.size, root=seal.root, state="altered", at=None, authority=None)
    return SealVerdict(
        size=seal.size,
        root=seal.root,
        state="intact",
        at=facts.at.isoformat(),
        authority=facts.certificate.subject.human_friendly,
    )


class Proof(Model):
    """One entry with its way to a sealed root."""

    entry: str
    """The entry's line, as it was hashed."""
    index: int
    size: int
    root: str
    path: tuple[str, ...]


def prove(dossier: str) -> int:
    """Prints the dossier's entries with inclusion proofs against the newest seal, one JSON object a line."""
    with open_house() as house:
        ledger = house.catalogue.ledger()
        newest = max(ledger.seals(), key=lambda sealed: sealed.size, default=None)
        proofs = ledger.proofs(dossier, newest.size) if newest is not None else []
    if newest is None or not proofs:
        raise NothingSealedError(dossier)
    for proved in proofs:
        print_json(
            Proof(
                entry=proved.entry.line().decode(),
                index=proved.entry.seq - 1,
                size=proved.size,
                root=newest.root,
                path=proved.path,
            )
        )
    return Exit.FILED


_FAULTS = {
    "not_a_ledger": "không phải tệp nhật ký",
    "unreadable": "dòng không đọc được",
    "altered": "dòng đã bị sửa",
    "gap": "thiếu hoặc thừa mục",
    "chain_broken": "không nối với mục trước",
    "root_differs": "niêm phong không khớp các mục trước nó",
    "seal_of_nothing": "niêm phong nhiều mục hơn tệp có",
}
_OUTCOMES = {"valid": "HỢP LỆ", "invalid": "KHÔNG HỢP LỆ", "indeterminate": "CHƯA RÕ"}


def _show(report: CheckReport) -> None:
    seals = []
    for verdict in report.seals[-3:]:
        said = {"intact": f"{verdict.at}, {verdict.authority}", "no_timestamp": "không có dấu thời gian"}
        seals.append((f"Niêm phong {verdict.size}", said.get(verdict.state, "dấu thời gian đã bị sửa")))
    print_facts(
        ("Nhật ký", _OUTCOMES[report.outcome]),
        ("Số mục", f"{report.ledger.entries}, đã niêm phong {report.ledger.sealed}"),
        *seals,
        *((f"Dòng {fault.line}", _FAULTS[fault.code]) for fault in report.ledger.faults[:20]),
    )
