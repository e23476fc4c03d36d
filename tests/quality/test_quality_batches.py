"""Batches of old records through the product, and switches that outlive the catalogue."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from quality_people import Hands, Truth, accepted_dossier

from api.quality_watch import QualityWatch
from pipeline import journal
from pipeline.access.roles import Role
from pipeline.catalogue.catalogue import Catalogue
from pipeline.quality.acts import REPLAYERS, SWITCHED, switch
from pipeline.quality.rows import FieldKind, Mode
from pipeline.quality.statistics import batch_sample

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from starlette.testclient import TestClient

    from pipeline.composition import House

HOME = "H00.00"


def old_record(house: House, truth: Truth, seed: int, *, wrong: bool = False) -> None:
    """A filed dossier whose certificate of birth has one key field, its number."""
    name = accepted_dossier(house, truth, seed, fields=1)
    dossier = house.conductor.dossier(name)
    (paper,) = dossier.documents
    (field,) = paper.fields.values()
    truth.texts[name, "so"] = f"{seed}/2019"
    read = {"value": f"{seed}/2018" if wrong else f"{seed}/2019", "label": "Số"}
    papers = (paper.model_copy(update={"type": "giay_khai_sinh", "fields": {"so": field.model_copy(update=read)}}),)
    house.catalogue.save(dossier.model_copy(update={"documents": papers, "procedure": "1.001193"}))


@pytest.mark.parametrize("wrong", [False, True])
def test_a_batch_is_accepted_or_refused(house: House, client_of: Callable[..., TestClient], *, wrong: bool) -> None:
    truth = Truth({})
    for seed in range(1, 9):
        old_record(house, truth, seed, wrong=wrong and seed == 5)
    lead = client_of(Role.LEADER)
    today = house.tools.clock().date()
    days = {"first": str(today - timedelta(days=1)), "last": str(today)}
    assert (
        lead.post("/chat-luong/lo", data={"name": "x", "first": "2001-01-01", "last": "2001-01-02"}).status_code == 422
    )
    page = lead.post("/chat-luong/lo", data={"name": "Sổ 2019", **days}).text
    assert "Đang kiểm" in page
    (batch,) = house.catalogue.quality().batches(HOME)
    assert (batch.dossiers, batch.sample) == (8, batch_sample(8))
    watch = QualityWatch(house)
    # Three, for who keyed a field once, be it a planted one, never gets it again.
    clerks = [Hands(client_of(Role.VERIFIER, name=name), truth) for name in ("Hoa", "An", "Minh")]
    for _ in range(3):
        for clerk in clerks:
            clerk.work()
        watch.step()
    (batch,) = house.catalogue.quality().batches(HOME)
    assert batch.state == ("refused" if wrong else "accepted")
    report = client_of(Role.AUDITOR).get(f"/chat-luong/lo/{batch.id}").text
    assert ("Không đạt" in report) is wrong
    assert re.search(rf"Sai</dt><dd>{int(wrong)}<", report)
    assert client_of(Role.LEADER, agency="H99.09").get(f"/chat-luong/lo/{batch.id}").status_code == 404
    assert house.catalogue.quality().switched(HOME) == (0, ()), "a batch is no sample of a cycle"


def test_a_switch_outlives_the_catalogue(house: House, tmp_path: Path) -> None:
    kind = FieldKind(HOME, "date", key_field=True)
    switch(house.tools, kind, Mode.FULL, (3, 90, 0.08), who="system", why="promise_broken")
    (key,) = journal.act_keys(house.store)
    act = journal.read_act(house.store, key)
    assert act.kind == SWITCHED
    assert REPLAYERS[SWITCHED](house.tools, act) is False, "done before"
    with Catalogue.in_file(tmp_path / "again" / "hoso.db", clock=house.tools.clock) as fresh:
        fresh.migrate()

        tools = replace(house.tools, catalogue=fresh)
        assert REPLAYERS[SWITCHED](tools, act) is True
        assert REPLAYERS[SWITCHED](tools, act) is False
        assert fresh.quality().switched(HOME) == (1, ("date!",))
