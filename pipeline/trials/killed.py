"""Kills a process that signs, with SIGKILL, at a chosen state, and looks at what became of the document.

A child process takes a prepared dossier through `archive`, `sign` and `file` and ends itself just before or just after
the record of a state is kept. Then this process goes on with what the child left, as a worker would, and counts: is
the dossier filed and valid, how often was a key asked, and for how many different hashes, what lies in the store. The
dossiers are pages without a word, so that no models are needed; everything else is the product's own.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pipeline.record import Dossier, OriginalRecord, PageRecord, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.composition import House

STATES: Final = ("prepared", "hash_sent", "signed", "timestamped", "lt", "lta", "verified", "stored")
STAGES: Final = ("archive", "sign", "file")
_PLAN: Final = """\
default:
  - {role: officer}
  - {role: agency, appearance: digitised_paper}
"""
_SIDE: Final = (620, 877)


@dataclass(slots=True)
class Tally:
    """What a number of killed dossiers came to. A sound signer leaves every count but the first two at 0."""

    killed: int = 0
    filed: int = 0
    lost: int = 0
    """Not filed, or not valid, after it was taken up again."""
    signed_twice: int = 0
    """A key was asked for two different hashes of one signature, or a signature that was kept is not in the file."""
    half_filed: int = 0
    """More than one filing, or files in the store that no filing names."""
    notes: list[str] = field(default_factory=list)


def settings_of(home: Path) -> Any:
    """An installation with two signers, made in `home`."""
    from pipeline.settings import Settings, SigningSettings

    home.mkdir(parents=True, exist_ok=True)
    plan = home / "plan.yaml"
    plan.write_text(_PLAN, encoding="utf-8")
    return Settings(home=home, cores=1, signing=SigningSettings(plan_file=plan))


def receive_blank(house: House, dossier_id: str) -> None:
    """A dossier of one blank page, as the stages before `archive` would leave it."""
    from PIL import Image

    from pipeline.keys import original_key, page_key

    picture = BytesIO()
    Image.new("L", _SIDE, 255).save(picture, "PNG", dpi=(75, 75))
    data = picture.getvalue()
    sha256 = hashlib.sha256(data).hexdigest()
    house.store.put_new(original_key(sha256), data, "image/png")
    house.store.put_new(page_key(sha256, "image/png"), data, "image/png")
    page = PageRecord(
        number=1,
        file="trang.png",
        file_page=1,
        width=_SIDE[0],
        height=_SIDE[1],
        dpi=75,
        image_sha256=sha256,
        blank=True,
    )
    original = OriginalRecord(name="trang.png", sha256=sha256, size=len(data), media_type="image/png", pages=1)
    house.catalogue.create_dossier(
        Dossier(
            id=dossier_id,
            procedure=None,
            status=Status.PROCESSING,
            received_at=house.tools.clock(),
            originals=(original,),
            pages=(page,),
        )
    )


def go_on(house: House, dossier_id: str) -> None:
    """The stages from `archive` on, as a worker runs them."""
    for stage in STAGES:
        house.conductor.run_stage(dossier_id, stage)


def kill_once(home: Path, dossier_id: str, point: str, occurrence: int, *, after: bool) -> int:
    """A child that ends itself at the state `point`, the n-th time (from 0) that it is kept; its return code."""
    order = {"home": str(home), "dossier": dossier_id, "point": point, "occurrence": occurrence, "after": after}
    command = [sys.executable, "-m", "pipeline.trials.killed", json.dumps(order)]
    root = str(Path(__file__).parents[2])
    environment = {**os.environ, "PYTHONPATH": root}
    return subprocess.run(command, check=False, env=environment, capture_output=True).returncode


def judge(house: House, dossier_id: str, before: dict[str, bytes], tally: Tally) -> None:
    """Adds what became of a dossier to `tally`; `before`: the records that the killed process left."""
    dossier = house.conductor.dossier(dossier_id)
    pdf = house.conductor.archive_pdf(dossier_id) if dossier.status is Status.FILED else None
    if pdf is None or not _sound(house, pdf):
        tally.lost += 1
        tally.notes.append(f"{dossier_id}: {dossier.status}")
        return
    tally.filed += 1
    records = kept_records(house, dossier_id)
    asked = _asked(house.settings.home, dossier_id)
    if any(records[step] != record for step, record in before.items()) or any(len(v) > 1 for v in asked.values()):
        tally.signed_twice += 1
        tally.notes.append(f"{dossier_id}: another signature")
    filings = [f for f in house.catalogue.filings_of(dossier_id) if f.kind == "archive_pdf"]
    folder = house.settings.home / "store"
    lying = {path.parent.name for path in folder.rglob("archive.pdf") if f"/{dossier_id}/" in str(path)}
    if len(filings) != 1 or len(lying) != 1 or filings[0].sha256 != hashlib.sha256(pdf).hexdigest():
        tally.half_filed += 1
        tally.notes.append(f"{dossier_id}: {len(filings)} filings, {len(lying)} signed files")


def kept_records(house: House, dossier_id: str) -> dict[str, bytes]:
    """The states of a dossier's prepared file that are in the ledger."""
    from pipeline.stages import archive, sign

    prepared = house.catalogue.step_output(
        archive.record_hash(house.conductor.dossier(dossier_id)), archive.STEP, archive.VERSION
    )
    if prepared is None:
        return {}
    journal = sign.LedgerJournal(house.catalogue, json.loads(prepared)["sha256"])
    steps = ("plan", "signed:0", "signed:1", "timestamped:0", "timestamped:1", "lta")
    return {step: record for step in steps if (record := journal.get(step)) is not None}


def _sound(house: House, pdf: bytes) -> bool:
    """Two signatures of level B-LTA and one document timestamp, all valid."""
    from signing.validation import validate
    from signing.verdict import Outcome

    now = house.tools.clock()
    verdict = validate(pdf, house.tools.signer().material(now), now)
    kinds = [s.kind for s in verdict.signatures]
    levels = {s.level for s in verdict.signatures if s.kind == "signature"}
    return verdict.outcome is Outcome.VALID and kinds == ["signature", "signature", "timestamp"] and levels == {"B-LTA"}


def _asked(home: Path, dossier_id: str) -> dict[str, set[str]]:
    """For which hashes the key of each signer was asked, by every process."""
    found: dict[str, set[str]] = {}
    log = home / "asked" / dossier_id
    for line in log.read_text(encoding="ascii").splitlines() if log.exists() else []:
        signer, digest = line.split()
        found.setdefault(signer, set()).add(digest)
    return found


def watch_keys(home: Path, current: Callable[[], str]) -> None:
    """From now on this process notes what its keys are asked for."""
    from signing import containers

    asked = containers.signed_container
    (home / "asked").mkdir(exist_ok=True)

    async def noted(key: Any, attributes: bytes) -> bytes:
        line = f"{key.certificate.serial_number:x} {hashlib.sha256(attributes).hexdigest()}\n"
        with (home / "asked" / current()).open("a", encoding="ascii") as log:
            log.write(line)
        return await asked(key, attributes)

    containers.signed_container = noted


def _child(order: dict[str, Any]) -> None:
    from pipeline.composition import build_house

    home = Path(order["home"])
    watch_keys(home, lambda: order["dossier"])
    with build_house(settings_of(home)) as house:
        _arm(house, order)
        go_on(house, order["dossier"])


def _arm(house: House, order: dict[str, Any]) -> None:
    """Makes the ledger end this process at the chosen record."""
    catalogue = house.catalogue
    keep = catalogue.remember_step
    left = [int(order["occurrence"])]

    def remember(content_hash: str, step: str, version: str, output: bytes, seconds: float) -> bytes:
        here = _state_of(step) == order["point"]
        if here and left[0] > 0:
            left[0] -= 1
            here = False
        if here and not order["after"]:
            os.kill(os.getpid(), signal.SIGKILL)
        made = keep(content_hash, step, version, output, seconds)
        if here:
            os.kill(os.getpid(), signal.SIGKILL)
        return made

    catalogue.remember_step = remember  # type: ignore[method-assign] # the point where a real kill would hit


def _state_of(step: str) -> str:
    if step == "archive":
        return "prepared"
    return "stored" if step == "sign" else step.removeprefix("sign:").partition(":")[0]


if __name__ == "__main__":
    _child(json.loads(sys.argv[1]))
