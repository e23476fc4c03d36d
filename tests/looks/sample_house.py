"""Something for every page to show: dossiers in every status, a citizen's store, items for review, a desk's question.

What a route's path may name is in `Samples.fillings`: a new name there is all that a new kind of page needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from desk_browser import asked_dossier
from test_kho_http import filed

from pipeline.access.principal import Principal
from pipeline.access.roles import Role, rights_of
from pipeline.record import (
    ChecklistItem,
    ComponentState,
    Event,
    Finding,
    HeldReason,
    OriginalRecord,
    Severity,
    Status,
)
from pipeline.stages import STAGES
from pipeline.steps import copies
from pipeline.trials.review_items import several

if TYPE_CHECKING:
    from pipeline.composition import House


@dataclass(frozen=True)
class Samples:
    """What was put into the house."""

    fillings: dict[str, tuple[str, ...]]
    """Name of a path's parameter, values for it; each value is a page of its own."""


def furnished(house: House) -> Samples:
    """Puts everything in."""
    now = house.tools.clock()
    made = list(several(house.tools, 3, now))
    waiting = house.catalogue.load(made[0].dossier.id)
    assert waiting is not None
    finding = Finding(id="f1", rule="same_person", severity=Severity.CONFIRM, message="Họ tên hai giấy khác nhau.")
    lacking = tuple(
        ChecklistItem(component=f"g{number}", name=name, required=True, state=state, document=None)
        for number, (name, state) in enumerate(
            (("Tờ khai", ComponentState.PRESENT), ("Giấy chứng sinh", ComponentState.MISSING))
        )
    )
    full = waiting.model_copy(
        update={
            "procedure": "1.001193",
            "procedure_name": "Thủ tục đăng ký khai sinh",
            "findings": (finding,),
            "checklist": lacking,
        }
    )
    house.catalogue.save(full)
    refused = OriginalRecord(
        name="tep-hong.pdf",
        sha256="0" * 64,
        size=10,
        pages=0,
        media_type="application/pdf",
        error="file_damaged",
        message="Tệp bị hỏng.",
    )
    held = HeldReason(stage="file", cause="store", code="store_unreachable", message="Kho đầy.", remedy="Đợi.", at=now)
    changes = {
        Status.PROCESSING: {"events": tuple(Event(stage=one, at=now, seconds=0.4) for one in STAGES[:3])},
        Status.REFUSED: {"originals": (refused,)},
        Status.FAULT: {},
        Status.HELD: {"held": held},
    }
    ids = [full.id]
    for number, (status, change) in enumerate(changes.items()):
        record = full.model_copy(update={"id": f"hs-261121-zzzzzzz{number}", "status": status, **change})
        house.catalogue.create_dossier(record)
        ids.append(record.id)
    ids.append(filed(house))
    filed(house, "Nguyên Văn An", code="bbbbbbbb")
    ids.insert(0, asked_dossier(house, 9).id)
    (row,) = house.catalogue.owners().papers_of_dossier("hs-261120-abcdefgh")
    everybody = Principal("acc-1", "Nguyễn Thị Hoa", house.settings.agency_code, rights_of(Role), frozenset(Role))
    copy = copies.begin(house.tools, everybody, full.id, "d1")
    return Samples(
        {
            "dossier_id": tuple(ids),
            "owner_id": (row["owner_id"],),
            # Papers, results and slips by their place, kinds of field by their key.
            "number": ("1",),
            "item": ("1",),
            "code": ("ho_ten",),
            "document": ("d1",),
            "item_id": (copy.id,),
            "key": ("ho_ten",),
        }
    )
