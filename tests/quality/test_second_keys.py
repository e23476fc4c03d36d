"""Second and third keys of key fields, and the values that two people keyed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from quality_people import BASE, Hands, Truth

from api.review_handing import Handing
from extractors.fields import FieldStatus
from pipeline.access.roles import Role
from pipeline.quality.rows import Verdict
from pipeline.quality.values import same_value, spoiled
from pipeline.record import Status
from pipeline.review.workbench import Workbench
from pipeline.trials.review_items import drawn, stored

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.testclient import TestClient

    from extractors.fields import FieldValue
    from pipeline.composition import House

HOME = "H00.00"


def certificate(house: House) -> str:
    """A dossier with a certificate of birth whose number, a key field, was hardly read."""
    made = drawn(1, house.tools.clock(), fields=1, wrong=0.0, agency=HOME)
    (paper,) = made.dossier.documents
    (field,) = paper.fields.values()
    doubt = {"value": "12/2024", "raw": "12/2024", "probability": 0.31, "status": FieldStatus.DOUBTFUL}
    fields = {"so": field.model_copy(update=doubt | {"label": "Số", "reason": "below_threshold"})}
    papers = (paper.model_copy(update={"type": "giay_khai_sinh", "fields": fields}),)
    record = made.dossier.model_copy(update={"documents": papers, "procedure": "1.001193", "status": Status.WAITS})
    stored(house.tools, type(made)(record, made.image, made.words, ()))
    return record.id


def keyed(hands: Hands, text: str) -> str:
    (item,) = [one for one in hands.take() if one["target"] == "field"]
    act = {"item": item["id"], "revision": item["revision"], "verdict": "correct", "text": text, "ms": 900, "keys": 9}
    answer = hands.client.post(f"{BASE}/acts", json={"acts": [act]})
    assert answer.json()["outcomes"][0]["result"] == "taken_in", answer.text
    return str(item["parts"][0]["text"])


@pytest.mark.parametrize("agree", [True, False])
def test_two_people_key_and_a_third_settles(house: House, client_of: Callable[..., TestClient], *, agree: bool) -> None:
    name = certificate(house)
    bench = Workbench(house.tools)
    handing = Handing(house, bench)
    handing.step()
    nothing = Truth({})
    hoa, an = (Hands(client_of(Role.VERIFIER, name=who), nothing) for who in ("Hoa", "An"))
    lead = Hands(client_of(Role.LEADER, name="Bình"), nothing)
    assert keyed(hoa, "42/2024") == "12/2024"
    handing.step()
    assert [one for one in hoa.take() if one["target"] == "field"] == []
    assert house.catalogue.decisions_of(name) == []
    assert keyed(an, "42/2024" if agree else "47/2024") == "", "without the machine's value or the first key"
    handing.step()
    if not agree:
        assert house.catalogue.decisions_of(name) == []
        assert [one for one in an.take() if one["target"] == "field"] == []
        assert keyed(lead, "47/2024") == ""
        handing.step()
    (row,) = [row for row in house.catalogue.decisions_of(name) if row.key == "so"]
    assert (row.value, row.who) == (("42/2024", "Hoa") if agree else ("47/2024", "Bình"))
    (case,) = house.catalogue.quality().cases(HOME)
    assert case.verdict is (Verdict.RIGHT if agree else Verdict.WRONG)
    assert case.slipped is not agree


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("Nguyễn Thị Hoà", "NGUYỄN  THỊ HÒA", True),
        ("Nguyễn Thị Hoà", "Nguyễn Thị Hoa", False),
        ("2019-05-13", "2019-05-18", False),
        (["UBND xã A", "Huyện B"], ["ubnd xã a", "huyện b"], True),
        (True, True, True),
        (True, None, False),
        (12, 12, True),
    ],
)
def test_same_values(left: FieldValue, right: FieldValue, *, same: bool) -> None:
    assert same_value(left, right) is same
    assert same_value(right, left) is same


@pytest.mark.parametrize("value", ["Nguyễn Thị Hoà", "2019-05-13", "079190012345", True, 7, ["Đà Nẵng", "An"], "Đỗ"])
def test_a_planted_error_is_one(value: FieldValue) -> None:
    wrong = spoiled(value, "seed")
    assert wrong is not None
    assert not same_value(wrong, value)
    assert spoiled(value, "seed") == wrong


def test_what_has_no_mark_and_no_digit_is_not_planted_wrong() -> None:
    assert spoiled("An", "seed") is None
    assert spoiled(None, "seed") is None
