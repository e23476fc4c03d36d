"""Any exception as the three things a person needs: what happened, to which file, what to do; and a code.

The same object is printed by the command line, sent by the API as problem+json and shown by the page. Errors that are
not ours become a fault without detail: what is inside them may be personal data, and the log has it, masked.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from pipeline.errors import Exit, HosoError
from pipeline.telemetry.logging import masked


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong, ready to be shown."""

    code: str
    title: str
    file: str | None
    remedy: str
    detail: str
    exit_code: int

    def as_dict(self) -> dict[str, Any]:
        """JSON values, as printed by `--json`."""
        return {"error": asdict(self)}


def failure_of(error: BaseException) -> Failure:
    """The failure that an exception stands for."""
    code = getattr(error, "code", None)
    title = getattr(error, "message_vi", None)
    remedy = getattr(error, "remedy_vi", None)
    if isinstance(code, str) and isinstance(title, str) and isinstance(remedy, str):
        # Our rooms below the pipeline have error families of their own with the same three parts.
        return Failure(
            code=code,
            title=title,
            file=getattr(error, "file", None),
            remedy=remedy,
            detail=masked(str(getattr(error, "detail", "")))[:500],
            exit_code=int(getattr(error, "exit_code", Exit.FAULT)),
        )
    if type(error).__name__ == "ValidationError" and hasattr(error, "title") and error.title == "Settings":
        return Failure(
            code="settings_invalid",
            title="Cấu hình không đúng.",
            file=None,
            remedy="Hãy sửa các biến môi trường HOSO_... rồi chạy lại.",
            detail=_places(error),
            exit_code=Exit.FAULT,
        )
    return Failure(
        code=HosoError.code,
        title=HosoError.message_vi,
        file=None,
        remedy=HosoError.remedy_vi,
        detail=type(error).__name__,
        exit_code=Exit.FAULT,
    )


def _places(error: Any) -> str:
    items = error.errors(include_input=False, include_url=False)
    return "; ".join(f"HOSO_{'__'.join(map(str, i['loc'])).upper()}: {i['msg']}" for i in items)
