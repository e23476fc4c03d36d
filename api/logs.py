"""One log file per home, for administrators: full tracebacks there, never on a clerk's screen.

Identity numbers are masked in everything that is written, tracebacks included. Several processes may append.
"""

from __future__ import annotations

import logging
import logging.handlers
from typing import TYPE_CHECKING

from api.words import masked

if TYPE_CHECKING:
    from pathlib import Path


class MaskingFormatter(logging.Formatter):
    """Formats as usual, then masks whatever looks like an identity number."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, masked."""
        return masked(super().format(record))


def log_to_file(home: Path, name: str = "hoso") -> Path:
    """Sends all logging of this process to HOME/logs/NAME.log and nowhere else; returns the path."""
    path = home / "logs" / f"{name}.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.handlers.WatchedFileHandler(path, encoding="utf-8", delay=True)
    handler.setFormatter(MaskingFormatter("%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    for older in root.handlers:
        # A log of an earlier command in this process; whatever else listens belongs to others.
        if isinstance(older, logging.handlers.WatchedFileHandler):
            older.close()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("hoso").setLevel(logging.INFO)
    logging.captureWarnings(capture=True)
    return path
