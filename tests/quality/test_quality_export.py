"""Corrections as training data: lines and crops, the two grounds, rights, and the entry on record."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

import pytest
from quality_people import Hands, Truth, accepted_dossier

from api.quality_watch import QualityWatch
from pipeline.access.errors import NotAllowedError
from pipeline.access.principal import Principal
from pipeline.access.roles import RIGHTS, Role
from pipeline.quality.errors import ReasonMissingError
from pipeline.quality.export import export
from pipeline.quality.values import spoiled

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from starlette.testclient import TestClient

    from pipeline.composition import House

LEAD = Principal("acc-9", "Bình", "H00.00", RIGHTS[Role.LEADER])
CLERK = Principal("acc-8", "Hoa", "H00.00", RIGHTS[Role.VERIFIER])


def test_corrections_and_their_crops(house: House, client_of: Callable[..., TestClient], tmp_path: Path) -> None:
    truth = Truth({})
    for seed in (1, 2):
        accepted_dossier(house, truth, seed, change=lambda key, value: spoiled(value, key) or value)
    QualityWatch(house).step()
    Hands(client_of(Role.VERIFIER, name="Hoa"), truth).work()
    before = house.catalogue.ledger().size()
    done = export(house.tools, LEAD, tmp_path / "all", basis="consent", reason="Huấn luyện; đồng ý lưu tại sổ 12")
    assert done.lines == 10
    lines = [json.loads(line) for line in (tmp_path / "all" / "corrections.jsonl").read_text().splitlines()]
    for line in lines:
        assert line["right"] != line["value"]
        image = tmp_path / "all" / line["image"]
        assert image.read_bytes().startswith(b"\x89PNG")
        assert stat.S_IMODE(image.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "all").stat().st_mode) == 0o700
    assert {line["dossier"] for line in lines} == {key[0] for key in truth.texts}
    entries = [line for line in house.catalogue.ledger().lines(before) if b"training_consent" in line]
    assert len(entries) == 2, "one look on record for each dossier"
    hidden = export(house.tools, LEAD, tmp_path / "some", basis="anonymised", reason="Huấn luyện")
    assert (hidden.lines, hidden.left_out) == (0, 10), "names, places and days of birth stay"
    with pytest.raises(NotAllowedError):
        export(house.tools, CLERK, tmp_path / "no", basis="consent", reason="x")
    with pytest.raises(ReasonMissingError):
        export(house.tools, LEAD, tmp_path / "no", basis="consent", reason=" ")
    with pytest.raises(FileExistsError):
        export(house.tools, LEAD, tmp_path / "all", basis="consent", reason="x")
