"""`hoso vault status | rotate | destroy | restore-ring | sweep`: the pipeline's work, asked for and shown.

A destruction asks once more, because nothing brings back what it takes; with --yes it does not.
"""

from __future__ import annotations

import getpass
import gzip
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

from api.commands.common import open_house, open_settings, print_facts, print_json
from pipeline.errors import Exit, InputRefusedError
from pipeline.record import Model

if TYPE_CHECKING:
    from pathlib import Path

_STATES = {"current": "đang dùng", "former": "cũ", "removed": "đã xóa"}


class NotConfirmedError(InputRefusedError):
    """Nobody said yes."""

    code = "not_confirmed"
    message_vi = "Chưa hủy gì: chưa có xác nhận."
    remedy_vi = "Gõ đúng mã khi được hỏi, hoặc dùng --yes."


class CopyUnreadableError(InputRefusedError):
    """The copy of the ring cannot be read."""

    code = "ring_copy_missing"
    message_vi = "Không đọc được tệp bản sao vòng khóa."
    remedy_vi = "Hãy chọn tệp ring-*.jsonl.gz trong thư mục sao lưu."


class RotatedReport(Model):
    """The answer of `hoso vault rotate`."""

    master: str
    rewrapped: int
    continued: bool
    removed: tuple[str, ...]


class DestroyedReport(Model):
    """The answer of `hoso vault destroy`."""

    name: str
    keys: int
    dossiers: tuple[str, ...]
    """Whatever ended with it and is no content."""


class CountReport(Model):
    """The answer of `hoso vault restore-ring` and `sweep`."""

    keys: int
    destroyed: int


def status(*, quick: bool, as_json: bool) -> int:
    """5 where a master that is needed is not here."""
    from pipeline.vault.status import status as run

    with open_house() as house:
        found = run(house.tools, objects=not quick)
    if as_json:
        print_json(found)
    else:
        print_facts(
            *(
                (
                    f"Khóa chủ {master.id}",
                    f"{_STATES[master.state]}, bọc {master.keys} khóa"
                    + ("" if master.here or master.state == "removed" else ", KHÔNG có trên máy này"),
                )
                for master in found.masters
            ),
            ("Khóa đang dùng", str(found.keys)),
            ("Khóa đã hủy", str(found.destroyed)),
            ("Nội dung chưa hồ sơ nào nhận", str(found.unclaimed)),
            *([("Đối tượng đã mã hóa", str(found.sealed))] if found.sealed is not None else []),
            *([("Đối tượng chưa mã hóa (có từ trước)", str(found.unsealed))] if found.unsealed is not None else []),
        )
    return Exit.FILED if found.whole else Exit.HELD


def rotate(*, prepare_only: bool, remove_old: bool, as_json: bool) -> int:
    """A new master; the ledger says so."""
    from pipeline.vault.rotation import prepare
    from pipeline.vault.rotation import rotate as run

    with open_house() as house:
        vault = house.tools.vault
        if prepare_only:
            report = RotatedReport(master=prepare(vault), rewrapped=0, continued=False, removed=())
        else:
            done = run(vault, remove_old=remove_old)
            report = RotatedReport(
                master=done.master, rewrapped=done.rewrapped, continued=done.continued, removed=done.removed
            )
            house.catalogue.ledger().key(
                getpass.getuser(), "house", {"master": done.master, "removed": list(done.removed)}
            )
    if as_json:
        print_json(report)
    elif prepare_only:
        print_facts(
            ("Khóa chủ mới", report.master),
            ("Việc tiếp theo", "chép tệp khóa chủ sang mọi máy, rồi chạy hoso vault rotate."),
        )
    else:
        print_facts(
            ("Khóa chủ mới", report.master),
            ("Đã bọc lại", f"{report.rewrapped} khóa" + (" (làm tiếp lần bị ngắt)" if report.continued else "")),
            ("Khóa chủ đã xóa", ", ".join(report.removed) or "không"),
            ("Việc tiếp theo", "cất giữ tệp khóa chủ mới, rồi sao lưu (hoso kho backup)."),
        )
    return Exit.FILED


def destroy(name: str, reason: str, *, yes: bool, as_json: bool) -> int:
    """The end of a dossier's or an owner's key."""
    from pipeline.vault.destruction import destroy as run
    from pipeline.vault.vault import CONTENT

    with open_house() as house:
        names = house.tools.vault.may_destroy(name)
        people = [one for one in names if not one.startswith(CONTENT)]
        if names and not yes:
            import typer

            said = typer.prompt(f"Sẽ hủy {len(names)} khóa của {len(people)} mã, không khôi phục được. Gõ lại {name}")
            if said.strip() != name:
                raise NotConfirmedError(name)
        gone = run(house.tools, name, reason, getpass.getuser()) if names else []
    report = DestroyedReport(name=name, keys=len(gone), dossiers=tuple(n for n in gone if not n.startswith(CONTENT)))
    if as_json:
        print_json(report)
    else:
        print_facts(
            ("Đã hủy", f"{report.keys} khóa" if gone else "không còn gì để hủy"),
            ("Gồm", ", ".join(report.dossiers) or "không"),
            (
                "Lưu ý",
                "bản sao lưu cũ còn vòng khóa cũ: đổi khóa chủ (hoso vault rotate --remove-old) rồi sao lưu lại.",
            ),
        )
    return Exit.FILED


def restore_ring(copy: Path, *, as_json: bool) -> int:
    """Joins a copy to the ring, then ends again what the journal says has ended."""
    from pipeline.vault.copies import load_ring
    from pipeline.vault.destruction import bring_forward
    from pipeline.vault.ring import Ring
    from pipeline.vault.settings import ring_url

    settings = open_settings()
    try:
        with gzip.open(copy, "rt", encoding="utf-8") as stream:
            lines = stream.read().splitlines()
    except (OSError, UnicodeDecodeError, EOFError) as error:
        raise CopyUnreadableError(copy.name, type(error).__name__) from error
    with closing(Ring(ring_url(settings))) as ring:
        brought = load_ring(ring, lines)
    with open_house() as house:
        ended = bring_forward(house.tools)
    report = CountReport(keys=brought, destroyed=ended)
    if as_json:
        print_json(report)
    else:
        print_facts(("Khóa mang về", str(report.keys)), ("Hủy lại theo nhật ký", str(report.destroyed)))
    return Exit.FILED


def sweep(days: int, *, as_json: bool) -> int:
    """Ends the keys of contents that nobody claimed."""
    with open_house() as house:
        gone = house.tools.vault.sweep(house.tools.clock() - timedelta(days=days))
    report = CountReport(keys=0, destroyed=gone)
    if as_json:
        print_json(report)
    else:
        print_facts(("Đã hủy khóa của", f"{gone} nội dung không hồ sơ nào nhận"))
    return Exit.FILED
