"""Certified copies: compared page by page by whoever certifies, numbered without gaps, signed, known when verified."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from steps_samples import DESK, HERE, KEEPER, LEADER, THERE, compared, person, scanned

from pipeline.access.errors import NotAllowedError
from pipeline.access.roles import Role
from pipeline.steps import copies, errors
from pipeline.steps.copy_rules import load_rules
from signing.verdict import Outcome
from signing.verify import verify_pdf

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.composition import House


def test_a_compared_scan_becomes_a_signed_numbered_copy(house: House, tmp_path: Path) -> None:
    tools = house.tools
    one = scanned(house)
    copy = copies.begin(tools, DESK, one, "d1", copies=2)
    assert (copy.fee, copy.next_page and copy.next_page.number) == (8000, 1)
    with pytest.raises(errors.CopyNotComparedError):
        copies.certify(tools, DESK, copy.id, seen=copy.seq)
    copy = copies.tick(tools, DESK, copy.id, seen=1, page=1, same=True)
    with pytest.raises(errors.StepChangedError):
        copies.tick(tools, DESK, copy.id, seen=1, page=2, same=True)
    copy = copies.tick(tools, KEEPER, copy.id, seen=2, page=2, same=True)
    with pytest.raises(errors.CopyNotComparedError):
        copies.certify(tools, DESK, copy.id, seen=3)
    copy = copies.tick(tools, DESK, copy.id, seen=3, page=2, same=True)
    done = copies.certify(tools, DESK, copy.id, seen=copy.seq)
    assert (done.state, done.number, done.book, done.level) == ("certified", 1, "SCT/BS", "B-LTA")
    assert done.key is not None
    pdf = house.store.get(done.key)
    verdict = verify_pdf(pdf, tools.trust())
    assert verdict.outcome is Outcome.VALID
    assert len([s for s in verdict.signatures if "HSS-Signature" in s.field]) == 2
    (tmp_path / "copy.pdf").write_bytes(pdf)
    report = house.conductor.verify(tmp_path / "copy.pdf")
    assert (report.ledger.dossier, report.ledger.kind) == (one, "certified_copy")
    assert report.ledger.number == f"1, 01/{done.year} SCT/BS"
    with pytest.raises(errors.StepRefusedError):
        copies.certify(tools, DESK, copy.id, seen=done.seq)


def test_who_may_not_and_what_differs(quick_house: House) -> None:
    tools = quick_house.tools
    one = scanned(quick_house)
    with pytest.raises(NotAllowedError):
        copies.begin(tools, LEADER, one, "d1")
    with pytest.raises(errors.CopyPagesError):
        copies.begin(tools, DESK, one, "d9")
    copy = copies.begin(tools, DESK, one, "d1")
    with pytest.raises(errors.CopyUnknownError):
        copies.one(tools, person(Role.DESK_OFFICER, THERE), copy.id)
    with pytest.raises(errors.StepReasonError):
        copies.tick(tools, DESK, copy.id, seen=1, page=1, same=False)
    copy = copies.tick(tools, DESK, copy.id, seen=1, page=1, same=False, remark="mất góc dưới")
    copy = copies.tick(tools, DESK, copy.id, seen=2, page=2, same=True)
    with pytest.raises(errors.CopyNotComparedError):
        copies.certify(tools, DESK, copy.id, seen=3)
    assert copies.drop(tools, DESK, copy.id, seen=3, remark="quét lại").state == "dropped"
    assert copies.listed(tools, DESK) == []


def test_numbers_have_no_gap_when_copies_are_certified_at_once(quick_house: House) -> None:
    house = quick_house
    ready = [compared(house, scanned(house, number, 1)) for number in (1, 2, 3)]
    house.tools.signer()
    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(lambda copy: copies.certify(house.tools, DESK, copy.id, seen=copy.seq), ready))
    assert sorted(copy.number or 0 for copy in done) == [1, 2, 3]
    year = house.tools.clock().year
    assert [line.number for line in house.catalogue.steps().numbered(HERE, year, "SCT/BS")] == [1, 2, 3]


@pytest.mark.parametrize(
    ("pages", "copies_asked", "fee"), [(1, 1, 2000), (2, 1, 4000), (3, 1, 5000), (10, 2, 24000), (400, 1, 200000)]
)
def test_the_fee_follows_its_tiers(pages: int, copies_asked: int, fee: int) -> None:
    assert load_rules().fee.amount(pages, copies_asked) == fee
