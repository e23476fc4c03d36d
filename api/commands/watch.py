"""`hoso watch FOLDER`: takes in what scanners write there; a worker (`hoso up`) does the rest."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from api.commands.common import open_house
from pipeline.errors import Exit, InputRefusedError

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.watch import Taken

_PLACES = {"_da-nhan": "đã nhận", "_trung-lap": "đã có từ trước", "_khong-nhan": "không nhận được"}


class FolderMissingError(InputRefusedError):
    """There is no such folder to watch."""

    code = "watch_folder_missing"
    message_vi = "Không có thư mục này để theo dõi."
    remedy_vi = "Hãy tạo thư mục, hoặc kiểm tra ổ đĩa mạng đã được nối."


def run(folder: Path, quiet: float, *, once: bool) -> int:
    """Until Ctrl-C; with `once` until everything that was there has come to rest and is taken in."""
    from flows.child import die_with_parent
    from flows.supervisor import stop_on_signals
    from pipeline.watch import Watch

    if not folder.is_dir():
        raise FolderMissingError(str(folder))
    die_with_parent()
    with stop_on_signals() as stop, open_house() as house:
        watch = Watch(house, folder.absolute(), quiet, time.monotonic)
        pause = max(0.2, min(2.0, quiet / 2))
        while not stop.is_set():
            for taken in watch.look() if folder.is_dir() else ():
                _say(taken)
            if once and not watch.waiting:
                break
            stop.wait(pause)
    return Exit.FILED


def _say(taken: Taken) -> None:
    words = [taken.name, _PLACES[taken.place], *([taken.dossier] if taken.dossier else [])]
    sys.stdout.write("\t".join(words) + "\n")
    sys.stdout.flush()
