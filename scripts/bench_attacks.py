"""Judges a folder of known attack files and good files: `scripts/bench_attacks.py FOLDER [--out FILE.json]`.

FOLDER holds the test PDFs of EU DSS (dss-pades*/src/test/resources, flat); `bench_attacks.tsv` says what each is.
Two passes, each file in a child process with limits: with no root known, as the product judges strangers' files; and
with each file's own topmost certificates trusted, just after its last time, for without roots nothing could come out
valid and the bar would say nothing. In the second pass a file is `clean` when nothing but trust and time is missing.
Bars: no attack and no defect valid, no attack clean, no good file invalid. Exit status 1 where one is broken.
"""

from __future__ import annotations

import argparse
import json
import logging
import resource
import subprocess
import sys
import time
import warnings
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

EXPECTED = Path(__file__).with_suffix(".tsv")
TRUST_AND_TIME = frozenset(
    {
        "chain_unknown",
        "chain_broken",
        "key_usage_wrong",
        "certificate_expired",
        "expired_without_archive",
        "revocation_unknown",
        "proof_of_time_missing",
        "archive_timestamp_unproved",
    }
)
"""Reasons that say nothing about the file itself: with other roots and lists they would go."""


def main() -> int:
    """Run both passes and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, help="all verdicts as JSON")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(_own_roots(arguments.folder)))
        return 0
    expected = _expected()
    files = [path for path in sorted(arguments.folder.glob("*.pdf")) if path.name in expected]
    rows = [_judged(path, expected[path.name]) for path in files]
    if arguments.out:
        arguments.out.write_text(json.dumps(rows, indent=1, ensure_ascii=False))
    return _report(rows, missing=len(expected) - len(files))


def _expected() -> dict[str, str]:
    lines = [line for line in EXPECTED.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    return {line.split("\t")[0]: line.split("\t")[1] for line in lines}


def _judged(path: Path, expectation: str) -> dict[str, Any]:
    from signing.trust import Trust
    from signing.verify import verify_pdf
    from signing.wire import to_dict

    started = time.perf_counter()
    stranger = to_dict(verify_pdf(path, Trust()))
    seconds = time.perf_counter() - started
    trusted = _in_child(path)
    return {
        "file": path.name,
        "expected": expectation,
        "seconds": round(seconds, 2),
        "unknown_roots": _short(stranger),
        "own_roots": _short(trusted),
        "clean": _clean(trusted),
    }


def _in_child(path: Path) -> dict[str, Any]:
    command = [sys.executable, __file__, "--one", str(path)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=60, check=False)
        answer: dict[str, Any] = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        return {"outcome": "indeterminate", "reasons": [{"code": "time_limit"}], "signatures": []}
    except ValueError:
        return {"outcome": "indeterminate", "reasons": [{"code": "verifier_failed"}], "signatures": []}
    return answer


def _own_roots(path: Path) -> dict[str, Any]:
    """The verdict with the file's own topmost certificates as roots; runs in the child."""
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    from signing.facts import open_pdf, read_facts
    from signing.trust import TrustMaterial
    from signing.validation import validate
    from signing.wire import to_dict

    data = path.read_bytes()
    try:
        reader = open_pdf(data)
        facts = [entry for entry in read_facts(reader) if entry.embedded is not None]
        certificates = _certificates(reader, facts)
    except Exception:  # hostile files: judged with nothing trusted then
        facts, certificates = [], []
    subjects = {c.subject.hashable for c in certificates}
    tops = [c for c in certificates if c.issuer.hashable not in subjects or c.issuer == c.subject]
    times = [t for f in facts for t in (f.claimed_at, f.token.at if f.token else None) if t is not None]
    now = max(times, default=datetime.now(UTC)) + timedelta(minutes=5)
    return to_dict(validate(data, TrustMaterial(tuple(tops), tuple(certificates), (), None, fetch=False), now))


def _certificates(reader: Any, facts: list[Any]) -> list[Any]:
    from pyhanko.sign.validation.dss import DocumentSecurityStore
    from pyhanko.sign.validation.generic_cms import extract_tst_data_iter

    found = [c for f in facts for c in (f.certificate, *f.embedded.other_embedded_certs)]
    for entry in facts:
        for token in extract_tst_data_iter(entry.embedded.signer_info, signed=False):
            found += [choice.chosen for choice in token["certificates"] or ()]
    try:
        found += list(DocumentSecurityStore.read_dss(reader).load_certs())
    except Exception:  # no store, or a broken one
        found += []
    return list({c.sha256: c for c in found}.values())


def _short(verdict: dict[str, Any]) -> dict[str, Any]:
    codes = [reason["code"] for reason in verdict["reasons"]]
    signatures = [[s["outcome"], *(reason["code"] for reason in s["reasons"])] for s in verdict["signatures"]]
    return {"outcome": verdict["outcome"], "codes": codes, "signatures": signatures}


def _clean(verdict: dict[str, Any]) -> bool:
    from signing.policy import INVALID_CODES, OPEN_CODES

    harm = (INVALID_CODES | OPEN_CODES) - TRUST_AND_TIME
    seen = {reason["code"] for s in verdict["signatures"] for reason in s["reasons"]}
    seen |= {reason["code"] for reason in verdict["reasons"]}
    return bool(verdict["signatures"]) and not seen & harm


def _report(rows: list[dict[str, Any]], missing: int) -> int:
    print("| files | number | pass | valid | invalid | indeterminate | clean |\n|---|--:|---|--:|--:|--:|--:|")
    for kind in ("attack", "defect", "good", "unsigned"):
        some = [row for row in rows if row["expected"] == kind]
        for name in ("unknown_roots", "own_roots"):
            counts = Counter(row[name]["outcome"] for row in some)
            clean = sum(row["clean"] for row in some) if name == "own_roots" else ""
            print(
                f"| {kind} | {len(some)} | {name.replace('_', ' ')} | {counts['valid']} | {counts['invalid']} |"
                f" {counts['indeterminate']} | {clean} |"
            )
    for name in ("unknown_roots", "own_roots"):
        causes = Counter(code for row in rows if row["expected"] == "good" for code in _causes(row[name]))
        print(f"\nGood files that cannot be told, {name.replace('_', ' ')}, by cause:")
        print(", ".join(f"{code} {count}" for code, count in causes.most_common()))
    broken = [row for row in rows if _breaks(row)]
    for row in broken:
        print("BROKEN:", json.dumps(row, ensure_ascii=False))
    slow = max(rows, key=lambda row: row["seconds"], default={"seconds": 0, "file": ""})
    seconds = sum(row["seconds"] for row in rows)
    print(f"\n{len(rows)} files in {seconds:.0f} s, slowest {slow['seconds']} s ({slow['file']}); {missing} not there")
    return 1 if broken else 0


def _causes(verdict: dict[str, Any]) -> set[str]:
    from signing.policy import OPEN_CODES

    if verdict["outcome"] != "indeterminate":
        return set()
    seen = {code for signature in verdict["signatures"] for code in signature[1:]} | set(verdict["codes"])
    return seen & (OPEN_CODES | {"time_limit", "memory_limit", "encrypted_pdf", "unreadable_pdf", "no_signature"})


def _breaks(row: dict[str, Any]) -> bool:
    outcomes = {row["unknown_roots"]["outcome"], row["own_roots"]["outcome"]}
    if row["expected"] in {"attack", "defect"}:
        return "valid" in outcomes or (row["expected"] == "attack" and row["clean"])
    return row["expected"] == "good" and "invalid" in outcomes


if __name__ == "__main__":
    sys.exit(main())
