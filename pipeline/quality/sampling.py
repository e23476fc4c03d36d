"""Which accepted values are looked at: a share of each kind, drawn from filed dossiers once, by a keyed hash.

Whether a value is drawn follows from its name under the vault's key and the rate of its kind: nobody can foretell it,
and the same dossier drawn again gives the same samples. Each kind's rate is chosen at the start of a cycle so that the
announced number of samples comes together in `cycle_days`. Kinds under full review are not sampled.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from pipeline.catalogue.lanes import Lane as DossierLane
from pipeline.catalogue.quality_rows import NewCase
from pipeline.quality.disguise import DOUBTED, seeming_chance
from pipeline.quality.rows import CaseKind, FieldKind, Mode
from pipeline.quality.statistics import announced
from pipeline.quality.switching import accepted, field_kind
from pipeline.quality.values import spoiled
from pipeline.review.rows import Lane
from pipeline.review.sealing import seal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from extractors.fields import FieldValue
    from pipeline.procedures.schema import Procedure
    from pipeline.quality.rows import Case, KindState
    from pipeline.quality.settings import QualitySettings
    from pipeline.record import DocumentRecord, Dossier, FieldRecord
    from pipeline.tools import Tools

_DRAW = "quality draw"
_LETTERS = 12


class Sampler:
    """Draws samples and plants answers."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._door = tools.catalogue.quality()
        self._settings: QualitySettings = tools.settings.quality

    def step(self, limit: int = 100) -> int:
        """Draws from dossiers filed since the last time; returns how many samples."""
        if not self._settings.on:
            return 0
        return sum(self.draw(name) for name in self._door.undrawn(limit))

    def draw(self, dossier_id: str) -> int:
        """Draws from one dossier, once; returns how many samples."""
        dossier = self._tools.catalogue.load(dossier_id)
        if dossier is None:
            return 0
        found = list(self.accepted_of(dossier))
        counted = Counter(kind for kind, *_ in found)
        states = self._door.meet(dict.fromkeys(counted, self._settings.rate))
        lane = self.lane_of(dossier_id)
        cases = []
        for position, (kind, paper, key, field) in enumerate(found):
            state = states[kind]
            place = f"{dossier_id}/{paper.id}/{key}"
            if state.mode is Mode.SAMPLED and field.box is not None and self._chance(place) < state.rate:
                cases.append(_case(kind, (dossier_id, paper.id, key), state.cycle, (lane, position)))
        return len(cases) if self._door.draw(dossier_id, counted, cases) else 0

    def accepted_of(self, dossier: Dossier) -> Iterator[tuple[FieldKind, DocumentRecord, str, FieldRecord]]:
        """The values that the machine gave without a person, with their kinds."""
        agency = dossier.agency or self._tools.settings.agency_code
        procedure = self._procedure(dossier)
        for paper in dossier.documents:
            for key, field in paper.fields.items():
                if accepted(field):
                    yield field_kind(agency, procedure, paper, key), paper, key, field

    def plant(self, case: Case, right: FieldValue) -> bool:
        """Plants a value whose right answer people gave, for one sample in so many; mostly shown with an error."""
        if self._chance(f"plant/{case.id}") >= self._settings.planted:
            return False
        shown = right
        if self._chance(f"spoil/{case.id}") < self._settings.planted_wrong:
            shown = spoiled(right, case.id)
        if shown is None:
            return False
        sealed = seal(self._tools.vault, case.dossier_id, {"shown": shown, "right": right, "wrong": shown != right})
        place = (case.dossier_id, case.document_id, case.key)
        made = _case(case.field, place, case.cycle, (self.lane_of(case.dossier_id), 0))
        return self._door.add(made.planted(sealed, case.id))

    def next_rate(self, state: KindState, samples: int) -> float:
        """The rate of a kind's next cycle, from what this one took in."""
        days = max((self._tools.clock() - state.since) / timedelta(days=1), 1 / 24)
        volume = max(state.accepted, samples) / days * self._settings.cycle_days
        wanted = announced(self._settings.test(key_field=state.kind.key_field)) / max(volume, 1.0)
        return min(max(wanted, self._settings.least), self._settings.most)

    def lane_of(self, dossier_id: str) -> int:
        """The lane in which a clerk meets what this dossier asks."""
        backlog = dossier_id in self._tools.catalogue.queue().backlog_among([dossier_id])
        lane = DossierLane.BACKLOG if backlog else DossierLane.DESK
        return int(Lane.BACKLOG if lane is DossierLane.BACKLOG else Lane.DESK)

    def _chance(self, name: str) -> float:
        number: int = int(self._tools.vault.blind(_DRAW, name)[:_LETTERS], 16)
        return number / float(1 << 4 * _LETTERS)

    def _procedure(self, dossier: Dossier) -> Procedure | None:
        if not dossier.procedure:
            return None
        return self._tools.procedures().get(dossier.procedure, dossier.received_at.date())


def _case(kind: FieldKind, place: tuple[str, str, str], cycle: int, queue: tuple[int, int]) -> NewCase:
    """A sample at a place (dossier, document, key), to be met in a lane at a position."""
    made = NewCase(kind, CaseKind.SAMPLE, *place, cycle, DOUBTED, None, *queue)
    return made.seeming(seeming_chance(made.id))
