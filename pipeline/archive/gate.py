"""The last check before anyone may sign, and a lighter one after: both fail closed.

Before: an allow-list validator reads the file as written and must know every construct in it (PDF/A-3b rules),
the claim must be 3U, every inked or invisible letter must map to Unicode, pages and attachments must be there.
After: the validator knows no signatures, so only claim, pages and attachments are compared; the rules of
signing keep the rest, and nothing of the file before the signature can have changed unnoticed.
"""

from __future__ import annotations

import hashlib
from io import BytesIO
from typing import TYPE_CHECKING

import pikepdf

from pipeline.archive.errors import ArchiveRefusedError, ArchiveUnreadableError
from pipeline.archive.inspect import claim_of, opened_archive

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    Expected = Mapping[str, bytes | str]
    """Attachments by name: their bytes, or their SHA-256 in hexadecimal."""

CLAIM = "3U"
_CLAIM_RULE = "ISO_19005_3:6.6.4-3"
"""The validator judges level B and takes any other claimed level for a mistake; we compare the claim ourselves."""
_SHOWN = 10
"""Reasons that an error names; the rest is counted."""


def check_archive(pdf: bytes | Path, expected_pages: int, *, expected_attachments: Expected | None = None) -> None:
    """Lets an unsigned archive file pass, or raises `ArchiveRefusedError` with all reasons."""
    from pikepdf.pdfa import validate_written

    problems = _content_problems(pdf, expected_pages, expected_attachments)
    report = validate_written(BytesIO(pdf) if isinstance(pdf, bytes) else pdf, "3b")
    findings = [one for one in report.findings if one.rule != _CLAIM_RULE]
    problems += [f"{one.rule} at {one.where}: {one.message}" for one in findings]
    if report.verdict != "pass" and not report.findings:
        problems.append(f"validator says {report.verdict}")
    if not problems:
        problems += _unicode_problems(pdf)
    _refuse(problems)


def check_signed_archive(
    pdf: bytes | Path, expected_pages: int, *, expected_attachments: Expected | None = None
) -> None:
    """The lighter check of a signed file: claim, pages, attachments. Raises `ArchiveRefusedError`."""
    _refuse(_content_problems(pdf, expected_pages, expected_attachments))


def _refuse(problems: list[str]) -> None:
    if problems:
        more = f" (and {len(problems) - _SHOWN} more)" if len(problems) > _SHOWN else ""
        raise ArchiveRefusedError(detail="; ".join(problems[:_SHOWN]) + more)


def _content_problems(pdf: bytes | Path, expected_pages: int, expected: Expected | None) -> list[str]:
    try:
        with opened_archive(pdf) as opened:
            return _problems_of(opened, expected_pages, expected or {})
    except ArchiveUnreadableError as error:
        return [error.detail]


def _problems_of(opened: pikepdf.Pdf, expected_pages: int, expected: Expected) -> list[str]:
    problems = []
    pages, claim = len(opened.pages), claim_of(opened)
    if pages != expected_pages:
        problems.append(f"{pages} pages instead of {expected_pages}")
    if claim != CLAIM:
        problems.append(f"claims {claim} instead of {CLAIM}")
    for name, data in expected.items():
        if name not in opened.attachments:
            problems.append(f"attachment {name} is missing")
            continue
        held = hashlib.sha256(opened.attachments[name].get_file().read_bytes()).hexdigest()
        if held != (data if isinstance(data, str) else hashlib.sha256(data).hexdigest()):
            problems.append(f"attachment {name} differs: {held}")
    return problems


def _unicode_problems(pdf: bytes | Path) -> list[str]:
    """What level U adds to level B: every font says which characters its codes mean (ISO 19005-3, 6.2.11.7.2)."""
    with opened_archive(pdf) as opened:
        fonts = [
            font
            for page in opened.pages
            for font in page.obj.get("/Resources", pikepdf.Dictionary()).get("/Font", pikepdf.Dictionary()).values()
        ]
        return ["a font without a ToUnicode map" for font in fonts if "/ToUnicode" not in font][:1]
