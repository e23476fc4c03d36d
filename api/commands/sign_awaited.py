"""`hoso sign waiting`, `hand-in` and `confirm`: hashes that are out, and signatures that come back.

What is printed is what a signing service is given: the hash of the signed attributes where it answers with a raw
signature, the document's hash where it answers with a whole CMS object. A signature handed in is kept first; then the
dossier goes on in this process, unless a worker has it already.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from api.commands.common import open_house, print_screen
from pipeline.errors import HosoError, InputRefusedError

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.awaited import AwaitedSignature


class SignatureFileError(InputRefusedError):
    """The file with the signature cannot be read."""

    code = "signature_file_unreadable"
    message_vi = "Không đọc được tệp chữ ký."
    remedy_vi = "Hãy kiểm tra đường dẫn của tệp."


def waiting(*, as_json: bool) -> int:
    """Prints what is waited for; 0 in any case."""
    from pipeline.awaited import all_awaited
    from pipeline.errors import Exit

    with open_house() as house:
        found = list(all_awaited(house.tools))
    if as_json:
        rows = [each.model_dump(mode="json") for each in found]
        sys.stdout.write(json.dumps({"waiting": rows}, ensure_ascii=False) + "\n")
    else:
        _show(found)
    return Exit.FILED


def hand_in(dossier_id: str, file: Path, *, as_json: bool) -> int:
    """Keeps the signature in `file` ("-": standard input) and lets the dossier go on; its status is the exit code."""
    from api.commands.common import print_json
    from api.commands.digitize import EXITS
    from flows.runner import leased, worker_name
    from pipeline import awaited
    from pipeline.errors import Exit
    from pipeline.stages import sign

    value = _read(file)
    with open_house() as house:
        awaited.hand_in(house.tools, house.conductor.dossier(dossier_id), value)
        with leased(house, dossier_id, worker_name()) as lease:
            if lease is not None:
                house.conductor.run(dossier_id, start=sign.STEP)
        dossier = house.conductor.dossier(dossier_id)
    if as_json:
        print_json(dossier)
    else:
        from api.screens import dossier_screen

        print_screen(dossier_screen(dossier, {}, 0.0))
    return EXITS.get(dossier.status, Exit.FAULT if lease is not None else Exit.HELD)


def confirm(role: str, code: str | None) -> int:
    """Has all waiting dossiers of `role` signed at once and lets each go on; 0 where all are filed, else 5."""
    from flows.runner import leased, worker_name
    from pipeline import awaited
    from pipeline.errors import Exit
    from pipeline.record import Status
    from pipeline.stages import sign

    left = 0
    with open_house() as house:
        for dossier_id in awaited.confirm(house.tools, role, code):
            # a fault of one is in its status, and the others go on
            with suppress(HosoError), leased(house, dossier_id, worker_name()) as lease:
                if lease is not None:
                    house.conductor.run(dossier_id, start=sign.STEP)
            status = house.conductor.dossier(dossier_id).status
            left += status is not Status.FILED
            sys.stdout.write(f"{dossier_id}\t{status.value}\n")
    return Exit.HELD if left else Exit.FILED


def _read(file: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise SignatureFileError(file.name, error.strerror or "") from error


def _show(found: list[AwaitedSignature]) -> None:
    """One paragraph each; hashes stand alone on their lines, whole, to be copied."""
    if not found:
        sys.stdout.write("Không có hồ sơ nào chờ chữ ký.\n")
    for each in found:
        lines = (
            f"{each.dossier}: chữ ký {each.number} ({each.role}), {each.signer}",
            "  Giá trị băm cần ký (SHA-256), nhận về chữ ký thô:",
            f"  {each.digest}",
            "  Giá trị băm của tài liệu (SHA-256), nhận về CMS:",
            f"  {each.document_digest}",
        )
        sys.stdout.write("\n".join(lines) + "\n\n")
