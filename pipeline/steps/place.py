"""Where a dossier stands in its procedure, made out of what was done: its step, its results and their signatures.

History is all there is; nothing here is kept. A result is a PDF with versions: the draft that was attached, then one
version per step that signed it. Sent back, a step signs anew what came before it, so a result never bears a signature
that a later step took back.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pipeline.catalogue.session import nfc
from pipeline.record import Model
from pipeline.steps.table import ORDER, State, Step, Verb
from pipeline.vault.errors import KeyDestroyedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.catalogue.steps_door import Done
    from pipeline.vault.vault import Vault

_PURPOSE = "steps"


class Version(Model):
    """A file of a result."""

    step: Step | None
    """Which step signed it; None for the draft."""
    key: str
    sha256: str
    size: int
    level: str | None = None
    """Of its signatures, such as `B-LTA`."""


class Result(Model):
    """A paper that the procedure gives."""

    id: str
    title: str
    versions: tuple[Version, ...]
    number: int | None = None
    """In the agency's book of what goes out."""
    year: int | None = None

    def before(self, step: Step) -> Version:
        """What a step signs."""
        upto = [v for v in self.versions if v.step is None or ORDER.index(v.step) < ORDER.index(step)]
        return upto[-1]

    @property
    def last(self) -> Version:
        """As it is now."""
        return self.versions[-1]


class Slip(Model):
    """A signed form that the citizen got."""

    seq: int
    form: str
    key: str
    sha256: str
    at: datetime


class Place(Model):
    """Where a dossier stands."""

    seq: int = 0
    """Number of the last act."""
    step: Step = Step.RECEIVE
    state: State = State.OPEN
    accepted: bool = False
    assignee: str | None = None
    due: str | None = None
    appraised_by: str | None = None
    results: tuple[Result, ...] = ()
    slips: tuple[Slip, ...] = ()

    def result(self, result_id: str) -> Result | None:
        """By its id."""
        return next((result for result in self.results if result.id == result_id), None)


def seal(vault: Vault, dossier_id: str, said: dict[str, str]) -> str:
    """What people wrote, for a row and an act; empty where nothing was written."""
    kept = {key: nfc(value) for key, value in said.items() if value}
    return vault.seal_text(dossier_id, json.dumps(kept, ensure_ascii=False), _PURPOSE) if kept else ""


def opened(vault: Vault, sealed: str) -> dict[str, str]:
    """What was sealed; nothing once the key is destroyed."""
    if not sealed:
        return {}
    try:
        said: dict[str, str] = json.loads(vault.open_text(sealed, _PURPOSE))
    except KeyDestroyedError:
        return {}
    return said


def place_of(vault: Vault, history: Sequence[Done]) -> Place:
    """Where a dossier with this history stands."""
    values: dict[str, Any] = {}
    results: dict[str, Result] = {}
    slips: list[Slip] = []
    for one in history:
        data, verb = one.data, Verb(one.verb)
        if one.next_step != one.step:
            values["assignee"] = None
        values |= {"seq": one.seq, "step": Step(one.next_step), "state": State(one.next_state)}
        values |= {key: data[key] for key in ("assignee", "due") if key in data}
        if verb is Verb.ACCEPT:
            values["accepted"] = True
        elif verb is Verb.APPRAISE:
            values["appraised_by"] = one.who
        if "slip" in data:
            slips.append(Slip(seq=one.seq, at=one.at, **_told(data["slip"], "form", "key", "sha256")))
        _results(vault, one, results)
    return Place(**values, results=tuple(results.values()), slips=tuple(slips))


def _results(vault: Vault, one: Done, results: dict[str, Result]) -> None:
    data = one.data
    if "result" in data:
        said = data["result"]
        draft = Version(step=None, **_told(said, "key", "sha256", "size"))
        known = results.get(said["id"])
        title = opened(vault, one.sealed).get("title", "")
        if known is None:
            results[said["id"]] = Result(id=said["id"], title=title, versions=(draft,))
        else:
            results[said["id"]] = known.model_copy(update={"title": title or known.title, "versions": (draft,)})
    if "removed" in data:
        results.pop(data["removed"], None)
    for result_id, number in data.get("numbers", {}).items():
        results[result_id] = results[result_id].model_copy(update={"number": number, "year": data["year"]})
    for result_id, said in data.get("signed", {}).items():
        known = results[result_id]
        base = known.before(Step(one.step))
        kept = known.versions[: known.versions.index(base) + 1]
        made = Version(step=Step(one.step), **_told(said, "key", "sha256", "size", "level"))
        results[result_id] = known.model_copy(update={"versions": (*kept, made)})
    if one.verb == Verb.BACK:
        # What a step signed is taken back with it.
        for result_id, known in results.items():
            base = known.before(Step(one.next_step))
            kept = known.versions[: known.versions.index(base) + 1]
            results[result_id] = known.model_copy(update={"versions": kept})


def _told(said: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: said[name] for name in names}
