"""Kills signing processes at each of the eight states, many times, and counts what became of the documents.

    python scripts/kill_signing.py [--rounds 20] [--home DIR]

Every round is one dossier with two signatures: a process of its own is ended with SIGKILL just before or just after
the state is kept (by turns), this process goes on with it and judges the result (`pipeline.trials.killed`). The table
goes to stdout; the exit status is 1 where a document was lost, signed twice or half filed.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from pipeline.composition import build_house
from pipeline.trials.killed import (
    STATES,
    Tally,
    go_on,
    judge,
    kept_records,
    kill_once,
    receive_blank,
    settings_of,
    watch_keys,
)

TWICE = {"hash_sent", "signed", "timestamped"}
"""States that each of the two signatures goes through."""


def rounds(home: Path, count: int) -> dict[str, Tally]:
    """`count` kills for each state."""
    current = [""]
    tallies = {state: Tally() for state in STATES}
    with build_house(settings_of(home)) as house:
        watch_keys(home, lambda: current[0])
        for state, tally in tallies.items():
            for number in range(count):
                dossier = current[0] = f"hs-kill-{state.replace('_', '-')}-{number}"
                receive_blank(house, dossier)
                occurrence = number // 2 % 2 if state in TWICE else 0
                status = kill_once(home, dossier, state, occurrence, after=bool(number % 2))
                if status != -signal.SIGKILL:
                    tally.notes.append(f"{dossier}: the child was not killed but ended with {status}")
                    continue
                tally.killed += 1
                before = kept_records(house, dossier)
                go_on(house, dossier)
                judge(house, dossier, before, tally)
    return tallies


def main() -> int:
    """Runs the rounds and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--home", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        tallies = rounds(options.home or Path(scratch), options.rounds)
    print("| killed at | killed | filed | lost | signed twice | half filed |\n|---|---|---|---|---|---|")
    for state, t in tallies.items():
        print(f"| {state} | {t.killed} | {t.filed} | {t.lost} | {t.signed_twice} | {t.half_filed} |")
        for note in t.notes:
            print(note, file=sys.stderr)
    sound = all(t.killed == t.filed == options.rounds and not t.signed_twice + t.half_filed for t in tallies.values())
    return 0 if sound else 1


if __name__ == "__main__":
    raise SystemExit(main())
