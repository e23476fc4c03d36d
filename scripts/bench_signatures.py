"""What can be told of the signatures of a folder of real PDFs: `scripts/bench_signatures.py FOLDER [--roots FOLDER]`.

Every signed PDF is judged as `hoso verify` judges it, offline; the table says what is known of each (intact, changed
later, algorithm, chain, time) and nothing of who signed. Exit status 1 where a file is called invalid: real files are
honest until looked at, so each such verdict wants a person's eye.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from signing.verdict import PdfVerdict, SignatureVerdict


def main() -> int:
    """Judge and print."""
    from signing.trust import Trust
    from signing.verify import list_signatures, verify_pdf

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--roots", type=Path, help="trusted certificates and revocation lists")
    arguments = parser.parse_args()
    trust = Trust(roots=arguments.roots)
    rows: list[tuple[Path, PdfVerdict, float]] = []
    for path in sorted(arguments.folder.rglob("*.pdf")):
        if list_signatures(path):
            started = time.perf_counter()
            verdict = verify_pdf(path, trust)
            rows.append((path, verdict, time.perf_counter() - started))
    _print(rows)
    return 1 if any(verdict.outcome == "invalid" for _, verdict, _ in rows) else 0


def _print(rows: list[tuple[Path, PdfVerdict, float]]) -> None:
    print("| file | signatures | algorithm | intact | later changes | chain | verdict |\n|---|--:|---|---|---|---|---|")
    for path, verdict, _ in rows:
        some = [s for s in verdict.signatures if s.kind == "signature"]
        algorithms = ", ".join(sorted({s.algorithm for s in some if s.algorithm})) or "-"
        codes = [{r.code for r in s.reasons} for s in some]
        intact = sum("intact" in c for c in codes)
        changed = Counter(code for c in codes for code in c if "changed" in code or code == "coverage_unclear")
        chain = ", ".join(sorted({code for c in codes for code in c if code.startswith("chain_")})) or "-"
        later = ", ".join(f"{code} {n}" for code, n in changed.items()) or "none"
        file_codes = ", ".join(r.code for r in verdict.reasons)
        outcome = verdict.outcome + (f" ({file_codes})" if file_codes else "")
        name = path.stem if len(path.stem) < 42 else path.stem[:39] + "…"
        print(f"| {name} | {len(some)} | {algorithms} | {intact} of {len(some)} | {later} | {chain} | {outcome} |")
    everything: list[SignatureVerdict] = [s for _, verdict, _ in rows for s in verdict.signatures]
    print(f"\n{len(rows)} signed files, {len(everything)} signatures and timestamps.")
    print("Files:", dict(Counter(str(verdict.outcome) for _, verdict, _ in rows)))
    print("Algorithms:", dict(Counter(s.algorithm or "unread" for s in everything)))
    print("Levels:", dict(Counter(s.level or "none" for s in everything if s.kind == "signature")))
    print("Reasons:", dict(Counter(reason.code for s in everything for reason in s.reasons).most_common()))
    seconds = sorted(spent for _, _, spent in rows)
    if seconds:
        print(f"Seconds: median {seconds[len(seconds) // 2]:.1f}, most {seconds[-1]:.1f}")


if __name__ == "__main__":
    sys.exit(main())
