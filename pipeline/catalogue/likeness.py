"""Which dossiers hold the same page images: a scan that came a second time, under whatever name and procedure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from pipeline.catalogue import tables as t
from pipeline.record import Status

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import Connection

_MOST = 50


@dataclass(frozen=True, slots=True)
class SamePages:
    """Another dossier that holds some of the pages."""

    dossier: str
    status: Status
    received_at: datetime
    common: int
    """Different page images that both hold."""
    pages: int
    """Different page images that it holds, blank ones left out."""


def same_pages(connection: Connection, dossier_id: str, images: Collection[str]) -> list[SamePages]:
    """Dossiers with any of these images (SHA-256), those with the most first."""
    common = func.count(t.pages.c.image_sha256.distinct()).label("common")
    shared = (
        select(t.pages.c.dossier_id, common)
        .where(t.pages.c.image_sha256.in_(sorted(images)) & (t.pages.c.dossier_id != dossier_id))
        .group_by(t.pages.c.dossier_id)
        .order_by(common.desc(), t.pages.c.dossier_id)
        .limit(_MOST)
        .subquery()
    )
    whole = (
        select(func.count(t.pages.c.image_sha256.distinct()))
        .where((t.pages.c.dossier_id == shared.c.dossier_id) & ~t.pages.c.blank & (t.pages.c.image_sha256 != ""))
        .scalar_subquery()
    )
    columns = (t.dossiers.c.id, t.dossiers.c.status, t.dossiers.c.received_at, shared.c.common, whole)
    statement = select(*columns).join(shared, shared.c.dossier_id == t.dossiers.c.id)
    rows = connection.execute(statement.order_by(shared.c.common.desc(), t.dossiers.c.id))
    return [SamePages(row[0], Status(row[1]), row[2], row[3], row[4]) for row in rows]
