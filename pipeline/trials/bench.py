"""`hoso bench fields` without data of its own: invented dossiers in, figures out, and what to look at next.

Dossiers are numbered from a seed: number n is always the same one, whatever procedures are measured beside it, so a
run can be cut short, gone on with, or split over machines. Every second one is clean; the others carry one fault,
each kind in turn. Every dossier is run in every scan quality. Templates are the held-out ones unless asked otherwise.
A file of results, where one is given, is read first: what it has is not run again, if it was made the same way.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from models.synthesis.people import seeded
from models.synthesis.typefaces import books
from pipeline.trials.course import QUALITIES, Course, TrialMode
from pipeline.trials.dossiers import Maker, TrialDossier, finish, make_dossier
from pipeline.trials.faults import DRAFT_FAULTS, FAULTS, swap_pages, watched
from pipeline.trials.score import Tally, rows
from pipeline.trust import earn, upper_bound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from models.reading import PageReader
    from models.synthesis.fonts import FontBook
    from pipeline.composition import House
    from pipeline.procedures.schema import Procedure
    from pipeline.trials.dossiers import Planted

MAKE = 4
"""Version of how dossiers are made; results of another version are not gone on with."""


_TRIES = 4
"""How often each procedure is tried for a fault: not every dossier of it has a place for it."""


@dataclass(frozen=True, slots=True)
class Trials:
    """What to measure."""

    mode: TrialMode = "typed-words"
    dossiers: int = 10
    seed: int = 1
    qualities: tuple[str, ...] = ("office",)
    procedures: tuple[str, ...] = ()
    """Codes; all that have papers with fields where none is named."""
    held_out: bool = True
    clean_only: bool = False
    faults: tuple[str, ...] = ()
    """Kinds of faults: each dossier bears the next of them, whatever procedure has a place for it."""


def measured(house: House, trials: Trials, day: date) -> list[Procedure]:
    """The procedures that can be measured on a day: those with a code and a paper with fields."""
    known = [procedure for procedure in house.procedures().list() if procedure.in_force(day)]
    if trials.procedures:
        known = [house.procedures().get(code, day) for code in trials.procedures]
    return [
        procedure
        for procedure in known
        if any(document.fields for document in procedure.documents) and any(c.types for c in procedure.components)
    ]


def make(trials: Trials, number: int, makers: Sequence[Maker], day: date) -> TrialDossier | None:
    """Dossier `number`, with its fault where it carries one; None where no procedure has a place for that fault."""
    seed = trials.seed * 100_003 + number
    if not trials.faults:
        turn = number // len(makers)
        clean = trials.clean_only or turn % 2 == 0
        kind = None if clean else FAULTS[(turn // 2 + number % len(makers)) % len(FAULTS)]
        return _made(makers[number % len(makers)], seed, kind, day, must=False)
    turn, place = divmod(number, len(trials.faults))
    for step in range(_TRIES * len(makers)):
        again, at = divmod(step, len(makers))
        maker = makers[(turn + 5 * place + at) % len(makers)]
        trial = _made(maker, seed + again * 70_001, trials.faults[place], day, must=True)
        if trial is not None:
            return trial
    return None


def _made(maker: Maker, seed: int, kind: str | None, day: date, *, must: bool) -> TrialDossier | None:
    """A dossier of one procedure; where it has no place for the fault it is clean, or not made if it `must` have it."""
    dossier, drafts, story, hand, rng = make_dossier(maker, seed, day)
    planted: Planted | None = None
    if kind in DRAFT_FAULTS:
        planted = DRAFT_FAULTS[kind](drafts, story, hand, rng)
        if must and (planted is None or not watched(planted, maker.procedure)):
            return None
    dossier = finish(dossier, drafts, maker, hand, rng)
    if kind == "swapped_pages":
        planted = swap_pages(dossier.stack, rng)
    elif kind == "two_dossiers" and _asks(dossier, maker.procedure):
        planted = _second(dossier, maker, seed + 50_021, day)
    dossier.planted = planted
    return None if must and planted is None else dossier


def _asks(dossier: TrialDossier, procedure: Procedure) -> bool:
    """Whether a dossier has the paper that asks; without one, two dossiers are one with more papers."""
    return any(paper.type in procedure.telling_types for paper in dossier.papers)


def _second(dossier: TrialDossier, maker: Maker, seed: int, day: date) -> Planted | None:
    """Another dossier lies on top of this one; None where it does not ask for anything itself."""
    from pipeline.trials.dossiers import Planted

    other, drafts, _, hand, rng = make_dossier(maker, seed, day)
    other = finish(other, drafts, maker, hand, rng)
    if not _asks(other, maker.procedure):
        return None
    offset = len(dossier.papers)
    dossier.papers += other.papers
    dossier.stack += [(paper + offset, page) for paper, page in other.stack]
    return Planted("two_dossiers", ("two_requests",))


def run_trials(
    house: House,
    trials: Trials,
    day: date,
    *,
    reader: PageReader | None = None,
    kept: Path | None = None,
    on_done: Callable[[int], None] | None = None,
) -> dict[str, Any]:
    """Runs all dossiers; the report as plain data. `kept` is a file of results to go on with."""
    makers = _makers(measured(house, trials, day), books(held_out=trials.held_out), held_out=trials.held_out)
    procedures = {maker.procedure.code: maker.procedure for maker in makers}
    course = Course(house, trials.mode, reader)
    engine = course.tools.reader().name
    way = {"make": MAKE, "mode": trials.mode, "seed": trials.seed, "engine": engine, "held_out": trials.held_out,
           "clean_only": trials.clean_only, "faults": list(trials.faults),
           "procedures": [maker.procedure.code for maker in makers]}  # fmt: skip
    tallies, done = _kept(kept, way)
    for number in range(trials.dossiers):
        todo = [quality for quality in trials.qualities if [number, quality] not in done]
        if todo:
            trial = make(trials, number, makers, day)
            for quality in todo:
                done.append([number, quality])
                if trial is None:
                    continue
                outcome = course.run(trial, quality, seeded(trial.seed * 7 + len(quality)))
                tally = tallies.setdefault(quality, Tally())
                tally.judge(trial, outcome.dossier, procedures[trial.procedure])
                tally.seconds["pages"] += len(trial.stack)
                tally.seconds["reading_ms"] += round(outcome.reading * 1000)
                tally.seconds["after_ms"] += round(outcome.after * 1000)
            if kept is not None:
                _keep(kept, way, tallies, done)
        if on_done is not None:
            on_done(number)
    return report(way, tallies)


def _makers(procedures: Sequence[Procedure], faces: Mapping[str, FontBook], *, held_out: bool) -> list[Maker]:
    return [Maker(procedure, faces, held_out) for procedure in procedures]


def _keep(path: Path, way: dict[str, Any], tallies: Mapping[str, Tally], done: list[list[Any]]) -> None:
    state = {"way": way, "done": done, "tallies": {name: tally.told() for name, tally in tallies.items()}}
    partial = path.with_name(f"{path.name}.part")
    partial.write_text(json.dumps(state, ensure_ascii=False), encoding="utf-8")
    partial.replace(path)


def _kept(path: Path | None, way: dict[str, Any]) -> tuple[dict[str, Tally], list[list[Any]]]:
    if path is None or not path.exists():
        return {}, []
    state = json.loads(path.read_text(encoding="utf-8"))
    if state["way"] != way:
        return {}, []
    tallies = {}
    for name, told in state["tallies"].items():
        tallies[name] = Tally.from_told(told)
    return tallies, state["done"]


def report(way: dict[str, Any], tallies: Mapping[str, Tally]) -> dict[str, Any]:
    """Figures by scan quality."""
    return {"way": way, "qualities": {name: _figures(tally) for name, tally in _in_order(tallies)}}


def _in_order(tallies: Mapping[str, Tally]) -> Iterator[tuple[str, Tally]]:
    for name in QUALITIES:
        if name in tallies:
            yield name, tallies[name]


def _figures(tally: Tally) -> dict[str, Any]:
    papers, clean, seconds = tally.papers, tally.clean, tally.seconds
    count = max(1, papers["papers"])
    dossiers = max(1, clean["dossiers"])
    reading = seconds["reading_ms"]
    return {
        "pages": seconds["pages"],
        "fields": rows(tally.fields),
        "papers": {"papers": papers["papers"], **{key: papers[key] / count for key in
                   ("type_right", "border_right", "order_right")}},
        "faults": {kind: {**counts, "share": counts["found"] / counts["planted"],
                          "lower_95": 1.0 - upper_bound(counts["planted"] - counts["found"], counts["planted"])}
                   for kind, counts in sorted(tally.faults.items())},
        "clean": {"dossiers": clean["dossiers"], "false_blocks_per_100": 100 * clean["blocked"] / dossiers,
                  "asked_per_100": 100 * clean["asked"] / dossiers, "untouched": clean["untouched"] / dossiers},
        "asked": dict(tally.asked.most_common(30)),
        "seconds_after_a_page": seconds["after_ms"] / 1000 / max(1, seconds["pages"]),
        "seconds_reading_a_page": reading / 1000 / max(1, seconds["pages"]) if reading else None,
        "after_share_of_reading": seconds["after_ms"] / reading if reading else None,
        "earned": [asdict(one) for one in earn(tally.measured())],
        "look_at": tally.wrong[:400],
    }  # fmt: skip
