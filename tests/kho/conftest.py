"""A kho with one filed dossier and one on its way, made once through the product's own stages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from kho_samples import Kho, file_letter

from pipeline.catalogue.lanes import Lane
from pipeline.composition import build_house
from pipeline.decisions import Decision
from pipeline.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def kho(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kho]:
    home = tmp_path_factory.mktemp("kho")
    note = home / "đơn.txt"
    note.write_text("không phải ảnh", encoding="utf-8")
    with build_house(Settings(home=home / "home", cores=2)) as house:
        filed = file_letter(house)
        waiting = house.conductor.receive([note], "1.001193", lane=Lane.BACKLOG, batch="kệ 3").dossier_id
        house.conductor.run(waiting)
        house.conductor.decide(waiting, [Decision(kind="procedure", value="1.000894")], "cán bộ")
        yield Kho(house, filed, waiting)
