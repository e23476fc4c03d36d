"""One chain for every log line of a process, ours and all libraries': structlog renders what stdlib logging hands it.

A line says when, how grave, which logger and process, and what it was about (dossier, stage, worker, request), bound
once by whoever knows it (`bound`) and carried by context variables into threads and tasks. Values of papers are never
logged; whatever looks like an identity number is masked in the finished line all the same, tracebacks included.
"""

from __future__ import annotations

import logging
import logging.handlers
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from pipeline.telemetry.settings import TelemetrySettings

_NUMBERS = re.compile(r"(?<!\d)\d{9}(?:\d{3})?(?!\d)")


def masked(text: str) -> str:
    """The text with identity numbers (9 or 12 digits) made unreadable: for logs and error details."""
    return _NUMBERS.sub(lambda match: match[0][:3] + "x" * (len(match[0]) - 3), text)


def bound(**about: str | int) -> AbstractContextManager[None]:
    """While it lasts, every line of this thread or task, and of those it starts with a copied context, says this."""
    from structlog.contextvars import bound_contextvars

    return bound_contextvars(**about)


def log_to_file(home: Path, name: str, settings: TelemetrySettings) -> Path:
    """Sends all logging of this process to HOME/logs/NAME.log and nowhere else; returns the path.

    Several processes may append; a file that is moved away (logrotate) is made anew at the next line.
    """
    path = home / "logs" / f"{name}.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.handlers.WatchedFileHandler(path, encoding="utf-8", delay=True)
    handler.setFormatter(_formatter(settings.log_format))
    root = logging.getLogger()
    for older in root.handlers:
        # A log of an earlier command in this process; whatever else listens belongs to others.
        if isinstance(older, logging.handlers.WatchedFileHandler):
            older.close()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("hoso").setLevel(settings.log_level)
    logging.captureWarnings(capture=True)
    return path


def _formatter(form: str) -> logging.Formatter:
    import structlog

    # Tracebacks as text: structured ones would bring local variables along, and those hold what was read.
    rendered: list[Any] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
        if form == "json"
        else [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]
    )

    class Masked(structlog.stdlib.ProcessorFormatter):
        """Masks every finished line."""

        def format(self, record: logging.LogRecord) -> str:
            return masked(super().format(record))

    return Masked(
        foreign_pre_chain=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.CallsiteParameterAdder({structlog.processors.CallsiteParameter.PROCESS}),
            structlog.processors.StackInfoRenderer(),
        ],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendered],
    )
