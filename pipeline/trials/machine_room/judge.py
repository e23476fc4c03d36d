"""What became of the papers: the kho held to the list of what was acknowledged, through the product's own doors.

Every question has a number of faults and the first few of them by name; a sound machine room leaves all at zero.
Objects in the store that no filing names are counted and are no fault: a signature that was cut off leaves some.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from pipeline.composition import House
    from pipeline.settings import Settings
    from pipeline.trials.machine_room.desk import Acknowledged

_NAMED: Final = 10


class Installation(Protocol):
    """A running system of any shape."""

    @property
    def settings(self) -> Settings:
        """For a house of the judge's own."""
        ...

    def run(self, *arguments: str, timeout: float = 600) -> subprocess.CompletedProcess[str]:
        """A command of `hoso` over it."""
        ...


@dataclass(slots=True)
class Question:
    """One thing that must be so."""

    asked: int = 0
    faults: int = 0
    named: list[str] = field(default_factory=list)

    def found(self, ok: bool, what: str) -> None:  # noqa: FBT001 - a verdict is what this is about
        """One look, with what to say where it is not so."""
        self.asked += 1
        if not ok:
            self.faults += 1
            if len(self.named) < _NAMED:
                self.named.append(what)


@dataclass(slots=True)
class Verdict:
    """Answers to all questions."""

    filed_once: Question = field(default_factory=Question)
    """Each acknowledged dossier is filed, by one archive PDF; no two dossiers hold the same files."""
    uploads_whole: Question = field(default_factory=Question)
    """Each acknowledged file is in the store, bit for bit, and in the record under its SHA-256."""
    answers_kept: Question = field(default_factory=Question)
    """Each acknowledged answer of a person is among the dossier's decisions."""
    ledger_proofs: Question = field(default_factory=Question)
    """The chain is whole and sealed; each dossier's entries prove their place under the newest seal."""
    nothing_stuck: Question = field(default_factory=Question)
    """No dossier stands anywhere but where it ends."""
    kho_sound: Question = field(default_factory=Question)
    """`hoso kho check` finds nothing."""
    orphans: int = 0
    """Objects that nobody speaks of: no fault."""

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return all(question.faults == 0 and question.asked > 0 for question in self.questions().values())

    def questions(self) -> dict[str, Question]:
        """All of them by name; answers are only asked for where there were any."""
        names = ("filed_once", "uploads_whole", "answers_kept", "ledger_proofs", "nothing_stuck", "kho_sound")
        found = {name: getattr(self, name) for name in names}
        if not self.answers_kept.asked:
            del found["answers_kept"]
        return found

    def facts(self) -> dict[str, Any]:
        """As JSON values."""
        return {"ok": self.ok, **{k: asdict(v) for k, v in self.questions().items()}, "orphans": self.orphans}


def judge(stack: Installation, taken: Sequence[Acknowledged], answered: Mapping[str, int], out: Path) -> Verdict:
    """Looks at everything; the stack runs and has nothing to do. The exported ledger stays in `out`.

    `answered` is how many answers were acknowledged, by dossier. Raises a `HosoError` where the kho does not answer.
    """
    from pipeline.composition import build_house

    verdict = Verdict()
    with build_house(stack.settings) as house:
        _filings(house, taken, verdict)
        _uploads(house, taken, verdict)
        for dossier_id, count in answered.items():
            kept = len(house.catalogue.decisions_of(dossier_id))
            verdict.answers_kept.found(kept >= count, f"{dossier_id}: {kept} of {count}")
        _ledger(stack, house, taken, verdict, out)
    _check(stack, verdict)
    return verdict


def _filings(house: House, taken: Sequence[Acknowledged], verdict: Verdict) -> None:
    from pipeline.record import Status

    held: dict[tuple[str, ...], str] = {}
    for one in taken:
        dossier = house.catalogue.load(one.dossier)
        status = dossier.status.value if dossier is not None else "unknown"
        filings = [f for f in house.catalogue.filings_of(one.dossier) if f.kind == "archive_pdf"] if dossier else []
        once = dossier is not None and dossier.status is Status.FILED and len(filings) == 1
        verdict.filed_once.found(once, f"{one.dossier}: {status}, {len(filings)} filings")
    known = {one.dossier for one in taken}
    for summary in _all(house):
        ends = summary.status in {Status.FILED, Status.REFUSED}
        verdict.nothing_stuck.found(ends, f"{summary.id}: {summary.status.value}")
        dossier = house.catalogue.load(summary.id)
        files = tuple(sorted(original.sha256 for original in dossier.originals)) if dossier else ()
        twice = held.setdefault(files, summary.id) != summary.id
        stranger = summary.id not in known
        verdict.filed_once.found(not twice, f"{summary.id}: the same files as {held[files]}")
        if stranger:
            # Started, and the answer lost for good: it is the server's all the same, and must not be stuck.
            verdict.filed_once.found(ends, f"{summary.id}: not acknowledged, {summary.status.value}")


def _all(house: House) -> list[Any]:
    found: list[Any] = []
    while page := house.catalogue.list_dossiers(limit=500, offset=len(found)):
        found += page
    return found


def _uploads(house: House, taken: Sequence[Acknowledged], verdict: Verdict) -> None:
    from pipeline.errors import HosoError
    from pipeline.keys import original_key

    for one in taken:
        dossier = house.catalogue.load(one.dossier)
        recorded = {original.sha256 for original in dossier.originals} if dossier else set()
        for name, sha256 in one.sums.items():
            try:
                data = house.store.get(original_key(sha256))
                whole = hashlib.sha256(data).hexdigest() == sha256
                said = "altered"
            except HosoError as error:
                whole, said = False, error.code
            verdict.uploads_whole.found(whole and sha256 in recorded, f"{one.dossier}/{name}: {said}")


def _ledger(stack: Installation, house: House, taken: Sequence[Acknowledged], verdict: Verdict, out: Path) -> None:
    from pipeline.audit.merkle import leaf_hash, root_of_proof

    asked = verdict.ledger_proofs
    asked.found(stack.run("ledger", "seal").returncode == 0, "could not be sealed")
    exported = out / "ledger.jsonl"
    asked.found(stack.run("ledger", "export", str(exported)).returncode == 0, "could not be exported")
    checked = stack.run("ledger", "check", str(exported), "--json")
    asked.found(checked.returncode == 0, f"check: {checked.stdout[:300]}")
    ledger = house.catalogue.ledger()
    seal = max(ledger.seals(), key=lambda one: one.size, default=None)
    if seal is None:
        asked.found(False, "no seal")
        return
    for one in taken:
        proofs = ledger.proofs(one.dossier, seal.size)
        asked.found(bool(proofs), f"{one.dossier}: no entries")
        for proved in proofs:
            path = [bytes.fromhex(node) for node in proved.path]
            found = root_of_proof(leaf_hash(proved.entry.line()), proved.entry.seq - 1, proved.size, path)
            right = found is not None and found.hex() == seal.root
            asked.found(right, f"{one.dossier}: entry {proved.entry.seq}")


def _check(stack: Installation, verdict: Verdict) -> None:
    checked = stack.run("kho", "check", "--json", timeout=1800)
    try:
        report = json.loads(checked.stdout)
    except ValueError:
        report = {}
    verdict.kho_sound.found(checked.returncode == 0, f"{checked.returncode}: {checked.stdout[:500]}")
    verdict.orphans = int(report.get("unclaimed") or 0)
