"""Planted errors through the real product: filed dossiers, samples keyed over HTTP, a switch, and what follows."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from quality_people import Hands, Truth, accepted_dossier

from api.quality_watch import QualityWatch
from api.review_handing import Handing
from extractors.fields import FieldStatus
from pipeline.access.roles import Role
from pipeline.quality.acts import REPLAYERS, SWITCHED, evidence_of
from pipeline.quality.rows import FieldKind, Mode
from pipeline.quality.statistics import announced
from pipeline.quality.values import spoiled
from pipeline.record import Status
from pipeline.review.workbench import Workbench

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.testclient import TestClient

    from extractors.fields import FieldValue
    from pipeline.composition import House

HOME = "H00.00"


def broken_dates(random: Random) -> Callable[[str, FieldValue], FieldValue]:
    def change(key: str, value: FieldValue) -> FieldValue:
        wrong = key.startswith("ngay_") and random.random() < 0.3
        changed: FieldValue = spoiled(value, key) if wrong else value
        return changed

    return change


def test_a_broken_kind_is_found_and_switched(house: House, client_of: Callable[..., TestClient]) -> None:
    truth = Truth({})
    change = broken_dates(Random(5))  # noqa: S311 - a draw, no secret
    watch, handing = QualityWatch(house), Handing(house, Workbench(house.tools))
    clerks = [Hands(client_of(Role.VERIFIER, name=name), truth) for name in ("Hoa", "An")]
    waits = accepted_dossier(house, truth, 9001, status=Status.WAITS)
    late = accepted_dossier(house, truth, 9002, status=Status.PROCESSING)
    door = house.catalogue.quality()
    dates, names = FieldKind(HOME, "date", key_field=False), FieldKind(HOME, "name", key_field=False)
    told = announced(house.settings.quality.test(key_field=False))
    filed: list[str] = []
    while door.switched(HOME)[0] == 0:
        assert len(filed) <= told, "not found within the announced number of samples"
        filed += [accepted_dossier(house, truth, len(filed) + n, change=change) for n in range(1, 9)]
        for _ in range(3):
            watch.step()
            for clerk in clerks:
                clerk.work()
        watch.step()
    (switch,) = door.switches(HOME)
    assert (switch.kind, switch.mode, switch.who) == (dates, Mode.FULL, "system")
    assert switch.samples <= told
    assert door.tally(names) == (0, door.tally(names)[1])
    assert door.tally(names)[1] > 0
    # What waits is asked about; what is on its way stops before its next stage; what is filed stays as it is.
    watch.step()
    handing.step()
    asked = house.conductor.dossier(waits)
    doubted = {key: field.status for key, field in asked.documents[0].fields.items()}
    assert {key for key, status in doubted.items() if status is FieldStatus.DOUBTFUL} == {"ngay_sinh_2"}
    assert asked.full_review is not None
    assert (asked.full_review.version, asked.full_review.kinds) == (1, ("date",))
    house.conductor.run_stage(late, "archive")
    stopped = house.conductor.dossier(late)
    assert stopped.status is Status.WAITS
    assert stopped.documents[0].fields["ngay_sinh_2"].reason == "full_review"
    assert house.conductor.next_stage(late) == "validate"
    assert house.conductor.dossier(filed[0]).full_review is None
    # The journal alone brings the switch back; the ledger knows of it.
    assert house.tools.catalogue.ledger().size() > 0
    kinds = [b'"kind":"quality"' in line for line in house.catalogue.ledger().lines()]
    assert sum(kinds) == 1
    assert set(REPLAYERS) == {SWITCHED}


def test_samples_look_like_doubts_and_slips_are_not_the_machines(
    house: House, client_of: Callable[..., TestClient]
) -> None:
    truth = Truth({})
    for seed in range(1, 5):
        accepted_dossier(house, truth, seed)
    watch = QualityWatch(house)

    def slips(item: dict[str, Any]) -> bool:
        return bool(item["parts"][0]["key"] == "ho_ten_0")

    hoa, an = (
        Hands(client_of(Role.VERIFIER, name="Hoa"), truth, slips),
        Hands(client_of(Role.VERIFIER, name="An"), truth),
    )
    watch.step()
    assert hoa.work() == 20
    for item in hoa.seen:
        part = item["parts"][0]
        assert (item["reason"], part["status"]) == ("below_threshold", "doubtful")
        assert 0.4 < part["probability"] < 0.9
        assert part["doubts"], "something is lit, as in a doubt"
        assert not {"purpose", "slot", "case"} & item.keys()
    watch.step()
    assert hoa.work() == 0, "nobody is their own second key"
    blind = an.take(30)
    second = [item for item in blind if item["parts"][0]["text"] == ""]
    assert {item["parts"][0]["key"] for item in second} == {"ho_ten_0"}
    assert all(not item["parts"][0]["candidates"] for item in second)
    planted = [item for item in blind if item not in second]
    assert planted, "known answers are among them"
    assert any(item["parts"][0]["text"] != truth.of(item) for item in planted)
    refused = an.client.post(
        "/api/v1/review/acts",
        json={"acts": [{"item": second[0]["id"], "revision": second[0]["revision"], "verdict": "accept"}]},
    )
    assert refused.json()["outcomes"][0]["result"] == "refused", "a blind key cannot be a nod"
    an.work()
    watch.step()
    door = house.catalogue.quality()
    kind = FieldKind(HOME, "name", key_field=False)
    wrong, samples = door.tally(kind)
    assert (wrong, samples) == (0, 12), "a clerk's slip is not the machine's error"
    cases = door.cases(HOME)
    assert sum(case.slipped for case in cases) == 4
    assert {case.verdict.value for case in cases if case.purpose.value == "planted"} <= {"caught", "kept", "open"}
    assert any(case.verdict.value == "caught" for case in cases)
    before = len(cases)
    watch.step()
    assert len(door.cases(HOME)) == before, "a dossier is drawn from once"


def test_a_kind_goes_back_with_evidence_only(house: House, client_of: Callable[..., TestClient]) -> None:
    from pipeline.quality.acts import switch

    truth = Truth({})
    kind = FieldKind(HOME, "date", key_field=False)
    switch(house.tools, kind, Mode.FULL, (9, 20, 0.6), who="system", why="promise_broken")
    names = [accepted_dossier(house, truth, seed, status=Status.WAITS) for seed in range(1, 25)]
    watch, handing = QualityWatch(house), Handing(house, Workbench(house.tools))
    watch.step()
    handing.step()
    found = evidence_of(house.tools, kind)
    assert found is not None
    assert not found.enough
    clerk = Hands(client_of(Role.VERIFIER, name="Hoa"), truth)
    assert clerk.work() == len(names)
    found = evidence_of(house.tools, kind)
    assert found is not None
    assert (found.wrong, found.samples) == (0, len(names))
    assert found.enough
