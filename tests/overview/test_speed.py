"""A hundred thousand dossiers are counted while somebody waits: run with `-m slow -s` to see the times."""

from __future__ import annotations

import sys
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert

from pipeline.catalogue import tables as t
from pipeline.catalogue import tables_citizens as c
from pipeline.overview.figures import overview, span_of

if TYPE_CHECKING:
    from pipeline.composition import House

MANY = 100_000
MOST_SECONDS = 2.0


@pytest.mark.slow
def test_a_year_of_a_province(house: House) -> None:
    now, own = house.tools.clock(), house.settings.agency_code
    codes = [procedure.code for procedure in house.procedures().list()]
    for start in range(0, MANY, 10_000):
        dossiers, cases = [], []
        for n in range(start, start + 10_000):
            at = now - timedelta(hours=1 + n % 8700)
            status = "waits_for_person" if n % 50 == 0 else "filed"
            row = {"id": f"hs-{n:08d}", "procedure": codes[n % len(codes)], "agency": own if n % 2 else "H99.01"}
            dossiers.append(
                row
                | {"procedure_name": "", "status": status, "received_at": at, "created_at": at, "updated_at": at}
                | {"version": 1, "schema_version": 1, "page_count": 1, "document_count": 1, "open_findings": 0}
                | {"record": {}}
            )
            day = at.date()
            ended = None if n % 12 == 1 else day + timedelta(days=n % 5)
            cases.append(
                {"dossier_id": row["id"], "agency": row["agency"], "procedure": row["procedure"], "lane": "desk"}
                | {"status": status, "portal": 9, "received_on": day, "due_on": day + timedelta(days=3)}
                | {"certain": True, "waiting": False, "stood_still": 0, "asked": n % 3, "ended_on": ended}
                | {"filed_on": day, "straight": n % 2 == 0, "digitised": True, "reused": False, "seen_at": now}
            )
        with house.catalogue._database.writing() as connection:
            connection.execute(insert(t.dossiers), dossiers)
            connection.execute(insert(c.cases), cases)
    for days, agencies in ((30, [own]), (365, [own]), (365, [])):
        span = span_of(house.tools, f"{now.date() - timedelta(days=days)}")
        spent = []
        for _ in range(3):
            before = time.thread_time()
            view = overview(house.tools, agencies, span)
            spent.append(time.thread_time() - before)
        sys.stdout.write(f"{days} days, {len(agencies)} agencies: {min(spent) * 1000:.0f} ms of processor\n")
        assert view.left == 0
        assert min(spent) < MOST_SECONDS
    assert view.total.received == MANY
