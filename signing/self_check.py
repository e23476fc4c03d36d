"""The signer's judgement of its own output, before anybody else sees it; raises SelfCheckError.

A long-term file is judged whole, by the code that judges other people's files: chains, revocation data and times out
of the file alone. A file of level B-B or B-T cannot be more than open to such a judge, so there only harm is looked
for: every signature intact and of the wanted level, each over its whole revision, the last one over the whole file.
That the certificate is in force and not revoked was found out before it signed.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from signing.errors import SelfCheckError
from signing.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from signing.trust import TrustMaterial
    from signing.verdict import PdfVerdict

_BYTE_RANGE: Final = re.compile(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]")


def self_checked(  # noqa: PLR0917 - one caller; all six are needed
    pdf: bytes, data: bytes, names: Sequence[str], level: str, material: TrustMaterial, now: datetime
) -> PdfVerdict:
    """The verdict on `data`, which is `pdf` with signatures in the fields `names`."""
    from signing.validation import list_facts, validate

    whole = level in {"B-LT", "B-LTA"}
    # nothing is fetched: what is in the file and at hand has to be enough
    verdict = validate(data, replace(material, fetch=False), now) if whole else list_facts(data)
    found = {s.field: s for s in verdict.signatures}
    if not data.startswith(pdf) or any(name not in found for name in names):
        raise SelfCheckError("the signature that was made is not in the file")
    expected = {Outcome.VALID} if level == "B-LTA" else {Outcome.VALID, Outcome.INDETERMINATE}
    for mine in (found[name] for name in names):
        codes = {r.code for r in mine.reasons}
        if mine.outcome not in expected or mine.level != level or "intact" not in codes:
            raise SelfCheckError(
                f"wanted {level}, made {mine.level or 'no PAdES'}: {mine.outcome} ({', '.join(sorted(codes))})"
            )
    _check_coverage(data, len(pdf), len(names) + (level == "B-LTA"), to_the_end=level != "B-LT")
    return verdict


def _check_coverage(data: bytes, begin: int, count: int, *, to_the_end: bool) -> None:
    """What was appended behind `begin` holds `count` signatures and timestamps, each over all that was there then."""
    ranges = [tuple(map(int, match.groups())) for match in _BYTE_RANGE.finditer(data, begin)]
    ends = [start + length for _, _, start, length in ranges]
    gaps = [data[first + size : start] for first, size, start, _ in ranges]
    regular = all(first == 0 for first, *_ in ranges) and all(g[:1] == b"<" and g[-1:] == b">" for g in gaps)
    closed = all(data[:end].rstrip(b"\r\n").endswith(b"%%EOF") for end in ends)
    if len(ranges) != count or not regular or not closed or ends != sorted(ends):
        raise SelfCheckError("a signature does not cover its revision")
    if to_the_end and ends[-1] != len(data):
        raise SelfCheckError("the last signature does not cover the whole file")
