"""Dossiers of invented people whose fields the machine accepted, some silently changed; scripted clerks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from extractors.fields import FieldStatus
from pipeline.record import Status
from pipeline.review.keyed import shown
from pipeline.trials.review_items import drawn, stored

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.testclient import TestClient

    from extractors.fields import FieldValue
    from pipeline.composition import House

BASE = "/api/v1/review"


@dataclass
class Truth:
    """What stands on the papers, by dossier and key, as a clerk types it."""

    texts: dict[tuple[str, str], str]

    def of(self, item: dict[str, Any]) -> str:
        return self.texts[item["dossier"], item["parts"][0]["key"]]


def accepted_dossier(
    house: House,
    truth: Truth,
    seed: int,
    *,
    status: Status = Status.FILED,
    agency: str = "",
    change: Callable[[str, FieldValue], FieldValue] = lambda _, value: value,
    fields: int = 5,
) -> str:
    """A dossier without a doubt; `change` may alter what the machine says of a key."""
    made = drawn(seed, house.tools.clock(), fields=fields, wrong=0.0, agency=agency or house.settings.agency_code)
    (paper,) = made.dossier.documents
    records = {}
    for key, field in paper.fields.items():
        truth.texts[made.dossier.id, key] = shown(field.value, "date" if key.startswith("ngay_") else "text")
        value = change(key, field.value)
        read = {"value": value, "raw": str(value), "status": FieldStatus.READ, "reason": None, "probability": 0.998}
        records[key] = field.model_copy(update=read)
    papers = (paper.model_copy(update={"fields": records}),)
    record = made.dossier.model_copy(update={"status": status, "documents": papers})
    stored(house.tools, type(made)(record, made.image, made.words, made.asked))
    return made.dossier.id


class Hands:
    """A clerk over HTTP who keys what stands on the paper."""

    def __init__(self, client: TestClient, truth: Truth, slip: Callable[[dict[str, Any]], bool] = lambda _: False):
        self.client = client
        self._truth = truth
        self._slip = slip
        self.seen: list[dict[str, Any]] = []

    def take(self, count: int = 10) -> list[dict[str, Any]]:
        answer = self.client.post(f"{BASE}/take", json={"count": count})
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    def work(self) -> int:
        """Answers what there is; returns how many items."""
        done = 0
        while items := self.take():
            acts = [self.act_on(item) for item in items]
            answer = self.client.post(f"{BASE}/acts", json={"acts": acts})
            assert answer.status_code == 200, answer.text
            outcomes = [one["result"] for one in answer.json()["outcomes"]]
            assert outcomes == ["taken_in"] * len(items), answer.json()
            done += len(items)
        return done

    def act_on(self, item: dict[str, Any]) -> dict[str, Any]:
        self.seen.append(item)
        right, said = self._truth.of(item), item["parts"][0]["text"]
        if self._slip(item):
            right = f"{right} X" if not right[0].isdigit() else "01/01/1901"
        act = {"item": item["id"], "revision": item["revision"], "ms": 1200, "keys": 1}
        return act | ({"verdict": "accept"} if said == right else {"verdict": "correct", "text": right})
