"""`hoso bench kill`: dossiers go through a real machine room while something of it dies every ten seconds.

Clerks hand in over the HTTP API and answer what is asked; a doer kills and starves; a watcher notes when the next stage
ended after each harm. Then harm ends, an operator puts back what was set aside, and everything has a bounded time to
come to its end. What was acknowledged is then compared with what is there (`judge`). The whole run has a deadline.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from pipeline.trials.machine_room.desk import Desk, GaveUpError, RefusedError, Tally, sign_in
from pipeline.trials.machine_room.harm import Doer, bag, kinds
from pipeline.trials.machine_room.judge import judge
from pipeline.trials.machine_room.pages import invented
from pipeline.trials.machine_room.stack import Plan, Stack
from pipeline.trials.machine_room.watch import Watcher

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipeline.trials.machine_room.desk import Acknowledged
    from pipeline.trials.machine_room.judge import Verdict
    from pipeline.trials.machine_room.stack import Kind

EVERY_S: Final = 10.0
CLERKS: Final = 2
JUDGE_S: Final = 900.0
"""Time for starting, judging and ending, beside the run itself."""


@dataclass(frozen=True, slots=True)
class KillTest:
    """What to run."""

    dossiers: int = 200
    pages: int = 5
    minutes: float = 30.0
    kind: Kind = "full"
    seed: int = 1
    settle_minutes: float = 0.0
    """Time after the last harm; 0: as long as harm was done, ten minutes at least."""
    disk_mb: int = 20_000
    workers: int = 0
    """0: two, or one for the embedded stack."""

    @property
    def settle_s(self) -> float:
        """Seconds after the last harm."""
        return 60 * (self.settle_minutes or max(10.0, self.minutes))

    @property
    def deadline_s(self) -> float:
        """Seconds after which nothing of the run is left, whatever happened."""
        return 60 * self.minutes + self.settle_s + JUDGE_S


@dataclass(slots=True)
class Run:
    """A run under way: what its threads share."""

    test: KillTest
    stack: Stack
    pool: Path
    taken: list[Acknowledged] = field(default_factory=list)
    answered: Counter[str] = field(default_factory=Counter)
    put_back: Counter[str] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)
    over: threading.Event = field(default_factory=threading.Event)
    quiet: threading.Event = field(default_factory=threading.Event)
    """Harm has ended: operators may act."""

    def guarded(self, work: Callable[[], None]) -> None:
        """A thread's work: a defect of the harness ends the run, instead of leaving it to wait for nobody."""
        try:
            work()
        except Exception as error:
            self.broken.append(f"{type(error).__name__}: {error}")
            self.over.set()
            raise

    def desk(self) -> Desk:
        """A client of its own for a thread."""
        headers = sign_in(self.stack.credentials)
        return Desk(self.stack.url, headers, over=self.over.is_set, tally=self.tally)


def run(test: KillTest, out: Path, pool: Path, say: Callable[[str], None]) -> dict[str, Any]:
    """Runs the test; the report, in which `ok` is the verdict. `pool` keeps the invented dossiers."""
    out.mkdir(parents=True, exist_ok=True)
    for number in range(test.dossiers):
        invented(pool, test.seed, number, test.pages)
    plan = Plan(
        kind=test.kind,
        workers=test.workers or (2 if test.kind == "full" else 1),
        cores=1,
        disk_mb=test.disk_mb,
        environment=(("HOSO_LEDGER__SEAL_MINUTES", "1"),),
    )
    with Stack(plan, test.deadline_s, keep=out) as stack:
        say(f"{test.kind} stack at {stack.url}; disk of its own: {stack.no_disk or 'yes'}")
        going = Run(test, stack, pool)
        watcher = Watcher(stack)
        works: list[Callable[[], None]] = [partial(_hand_in, going, mine) for mine in range(CLERKS)]
        works += [partial(_answer, going), partial(watcher.run, going.over)]
        threads = [threading.Thread(target=going.guarded, args=(work,), daemon=True) for work in works]
        for thread in threads:
            thread.start()
        started = time.monotonic()
        try:
            harmed = _harm(going, watcher, say)
            going.quiet.set()
            settled = _settle(going, say)
        finally:
            going.over.set()
        for thread in threads:
            thread.join(60)
        whole = time.monotonic() - started
        if not settled:
            say("not everything came to its end in time")
        say("comparing what was acknowledged with what is there")
        stack.wait()
        verdict = judge(stack, going.taken, going.answered, out)
        report = _report(going, watcher, verdict, harmed, whole)
    say(f"{'PASSED' if report['ok'] else 'FAILED'} after {whole:.0f} s")
    return report


def _hand_in(going: Run, mine: int) -> None:
    """Every `CLERKS`-th dossier, spread over the first three quarters of the time of harm."""
    test = going.test
    pause = test.minutes * 60 * 0.75 / max(test.dossiers, 1)
    began = time.monotonic()
    desk = going.desk()
    for number in range(mine, test.dossiers, CLERKS):
        going.over.wait(max(0.0, began + number * pause - time.monotonic()))
        papers = invented(going.pool, test.seed, number, test.pages)
        try:
            going.taken.append(desk.hand_in(papers))
        except GaveUpError:
            break
        except RefusedError as error:
            going.refused.append(str(error))
    desk.close()


def _answer(going: Run) -> None:
    """The clerk who agrees with everything; after the harm, the operator who puts back what was set aside."""
    desk = going.desk()
    while not going.over.wait(1.0):
        try:
            for dossier_id in desk.standing("waits_for_person"):
                if count := desk.answer(dossier_id):
                    going.answered[dossier_id] += count
            for status in ("fault", "held") if going.quiet.is_set() else ():
                for dossier_id in desk.standing(status):
                    if desk.retry(dossier_id):
                        going.put_back[status] += 1
        except GaveUpError:
            break
        except RefusedError as error:
            going.refused.append(str(error))
    desk.close()


def _harm(going: Run, watcher: Watcher, say: Callable[[str], None]) -> list[dict[str, Any]]:
    doer = Doer(going.stack, going.test.seed)
    done: list[dict[str, Any]] = []
    began = time.monotonic()
    for turn, kind in zip(itertools.count(1), bag(kinds(going.stack), going.test.seed), strict=False):
        at = began + turn * EVERY_S
        if at > began + going.test.minutes * 60:
            return done
        if going.over.wait(max(0.0, at - time.monotonic())):
            return done
        begun = time.monotonic()
        harm = doer.do(kind, going.over)
        watcher.harmed(kind, begun, time.monotonic())
        done.append({"at": round(begun - began, 1), "kind": kind, "hit": harm.hit})
        say(f"{begun - began:6.0f} s  {kind:18} hit {harm.hit:<12} taken {len(going.taken)}, filed {watcher.filed}")
    return done


def _settle(going: Run, say: Callable[[str], None]) -> bool:
    """Whether all was handed in and nothing moves any more, in time."""
    until = time.monotonic() + going.test.settle_s
    desk = going.desk()
    last = 0.0
    while time.monotonic() < until and not going.over.wait(1.0):
        try:
            open_ = {
                status: len(desk.standing(status))
                for status in ("received", "processing", "waits_for_person", "held", "fault")
            }
        except (GaveUpError, RefusedError):
            continue
        missing = going.test.dossiers - len(going.taken) - len(going.refused)
        if time.monotonic() - last > 15:
            last = time.monotonic()
            say(
                f"settling: to hand in {missing}, {', '.join(f'{k} {v}' for k, v in open_.items() if v) or 'none open'}"
            )
        if missing <= 0 and not any(open_.values()):
            desk.close()
            return True
    desk.close()
    return False


def _report(
    going: Run, watcher: Watcher, verdict: Verdict, harmed: list[dict[str, Any]], whole: float
) -> dict[str, Any]:
    test = going.test
    complete = len(going.taken) == test.dossiers and not going.refused and not going.broken
    return {
        "ok": verdict.ok and complete,
        "stack": test.kind,
        "dossiers": test.dossiers,
        "pages_each": test.pages,
        "minutes": test.minutes,
        "seed": test.seed,
        "workers": going.stack.plan.workers,
        "seconds": round(whole, 1),
        "disk_of_its_own": not going.stack.no_disk,
        "no_disk": going.stack.no_disk,
        "acknowledged": len(going.taken),
        "refused": going.refused[:10],
        "broken": going.broken,
        "answers_of_people": sum(going.answered.values()),
        "put_back_by_operator": dict(going.put_back),
        "http": dict(going.tally.answers.most_common()),
        "hand_in_seconds": _spread([one.seconds for one in going.taken]),
        "harm": watcher.by_kind(),
        "harms": harmed,
        "quiet_seconds": watcher.quiet_seconds(),
        "verdict": verdict.facts(),
    }


def _spread(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    if not ordered:
        return {}
    return {
        "median": round(ordered[len(ordered) // 2], 2),
        "p95": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))], 2),
        "most": round(ordered[-1], 2),
    }
