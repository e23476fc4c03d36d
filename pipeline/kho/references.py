"""A reused paper in the record: the checklist names the version that stands in for a scan, so it is signed, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.record import ComponentState, HeldReference

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.record import ChecklistItem
    from pipeline.tools import Tools


def with_references(
    tools: Tools, dossier_id: str, items: Sequence[ChecklistItem], substituted: Mapping[str, str]
) -> tuple[ChecklistItem, ...]:
    """The items; what an officer let a held paper stand in for says which, by id, version and SHA-256 of its PDF."""
    if "reused" not in substituted.values():
        return tuple(items)
    held = {row["component"]: row for row in tools.catalogue.owners().reuses_of(dossier_id)}

    def reference(item: ChecklistItem) -> HeldReference | None:
        row = held.get(item.component)
        if row is None or item.state is not ComponentState.SUBSTITUTED or substituted.get(item.component) != "reused":
            return None
        return HeldReference(paper=row["paper_id"], version=row["version"], sha256=row["sha256"])

    return tuple(item.model_copy(update={"reference": reference(item)}) for item in items)
