"""Sharing by consent, and what the store offers instead of a new scan: with the reason where it cannot be used."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from owners_samples import AT, HERE, THERE, Clock, card, dossier, file_record, officer, paper
from pydantic import ValidationError

from pipeline.composition import House, build_house
from pipeline.decisions import Decision
from pipeline.kho import shares
from pipeline.kho.holds import NotUsableError, Why, holds, reuse
from pipeline.kho.people import OwnerUnknownError, PaperUnknownError
from pipeline.kho.search import Query, papers
from pipeline.record import Status
from pipeline.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kho_samples import Kho

    from extractors.fields import FieldValue

CARD = "000.00.00.G15-KQ004946"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def house(tmp_path: Path, clock: Clock) -> Iterator[House]:
    with build_house(Settings(home=tmp_path / "home", cores=1, agency_code=HERE), clock) as built:
        yield built


def request(**changes: object) -> shares.ShareRequest:
    said = {"recipient": THERE, "purpose": "1.000894", "until": AT + timedelta(days=30), "consent": "in_person"}
    return shares.ShareRequest.model_validate(said | {"evidence": "sổ đồng ý số 12"} | changes)


def owner_of(house: House, dossier_id: str) -> tuple[str, str]:
    (row,) = house.catalogue.owners().papers_of_dossier(dossier_id)
    return row["owner_id"], row["id"]


def test_nothing_is_shared_without_consent_and_a_revoked_share_ends_at_once(house: House, clock: Clock) -> None:
    owner, paper_id = owner_of(house, file_record(house, dossier(1, card())))
    tools, there, on = house.tools, officer(THERE), date(2026, 11, 20)

    def seen() -> int:
        return len(papers(tools, there, Query(text="nguyễn văn an")).papers)

    def why() -> Why | None:
        (held,) = holds(tools, there, owner, on, component=CARD, types=("cccd",), verify=False)
        assert held.title == "" or held.usable
        return held.why

    assert (seen(), why()) == (0, Why.NO_CONSENT)
    given = shares.share(tools, officer(), owner, request())
    assert (seen(), why()) == (1, None)
    shares.revoke(tools, officer(), given["id"])
    assert (seen(), why()) == (0, Why.SHARE_REVOKED)
    shares.share(tools, officer(), owner, request(paper=paper_id, until=AT + timedelta(hours=1)))
    assert (seen(), why()) == (1, None)
    clock.now += timedelta(hours=2)
    assert (seen(), why()) == (0, Why.SHARE_ENDED)
    types = [event["type"] for event in house.catalogue.outbox().events()]
    assert types[2:] == ["share.granted", "share.revoked", "share.granted"]


def test_consent_is_never_assumed_and_nobody_shares_what_is_not_theirs(house: House) -> None:
    owner, paper_id = owner_of(house, file_record(house, dossier(1, card())))
    other, other_paper = owner_of(house, file_record(house, dossier(2, card(so_dinh_danh="001090009999"))))
    with pytest.raises(ValidationError):
        shares.ShareRequest.model_validate({"recipient": THERE, "purpose": "x y z", "until": AT, "evidence": "sổ 1"})
    with pytest.raises(shares.ShareRefusedError):
        shares.share(house.tools, officer(), owner, request(until=AT))
    with pytest.raises(shares.ShareRefusedError):
        shares.share(house.tools, officer(), owner, request(recipient=HERE))
    with pytest.raises(shares.ShareRefusedError):
        shares.share(house.tools, officer(), owner, request(evidence="giấy của 001090004567"))
    with pytest.raises(OwnerUnknownError):
        shares.share(house.tools, officer(THERE), owner, request(recipient="H01"))
    with pytest.raises(PaperUnknownError):
        shares.share(house.tools, officer(), owner, request(paper=other_paper))
    given = shares.share(house.tools, officer(), other, request())
    with pytest.raises(shares.ShareUnknownError):
        shares.revoke(house.tools, officer(THERE), given["id"])
    assert paper_id != other_paper


@pytest.mark.parametrize(
    ("values", "kind", "why"),
    [
        ({"ngay_het_han": "2026-11-19"}, "cccd", Why.EXPIRED),
        ({"ngay_het_han": "2026-11-20"}, "cccd", None),
        ({"ngay_cap": "2026-11-21"}, "cccd", Why.NOT_YET),
        ({}, "ct01", Why.DECLARATION),
    ],
)
def test_a_paper_that_cannot_be_used_says_why(
    house: House, values: dict[str, FieldValue], kind: str, why: Why | None
) -> None:
    said = {key: field.value for key, field in card().fields.items()}
    document = paper(kind, said | values)
    owner, _ = owner_of(house, file_record(house, dossier(1, document)))
    (held,) = holds(house.tools, officer(), owner, date(2026, 11, 20), types=(kind,), verify=False)
    assert (held.why, held.usable) == (why, why is None)


def test_signatures_are_judged_anew_and_a_held_card_stands_in_for_a_scan(kho: Kho) -> None:
    """The store holds the citizen's card in a really signed PDF; a dossier that waits for its papers takes it."""
    house = kho.house
    who = officer(house.settings.agency_code)
    pdf = house.store.get(house.catalogue.filings_of(kho.filed)[0].object_key)
    good = file_record(house, dossier(7, card(), agency=who.agency), pdf)
    spoilt = file_record(house, dossier(8, card(so_dinh_danh="001090007777"), agency=who.agency), b"%PDF-1.7 no")
    owner, paper_id = owner_of(house, good)
    bad_owner, bad_paper = owner_of(house, spoilt)
    (held,) = holds(house.tools, who, owner, date(2026, 11, 20), component=CARD)
    assert (held.usable, held.why, held.level, held.dossier) == (True, None, "B-LTA", good)
    (bad,) = holds(house.tools, who, bad_owner, date(2026, 11, 20), component=CARD)
    assert bad.why in {Why.SIGNATURE_INDETERMINATE, Why.SIGNATURE_INVALID}

    request = paper("to_khai_khai_sinh", {"nyc_ho_ten": "Nguyễn Văn An"}, component="000.00.00.G15-KQ003204")
    asking = dossier(9, request, agency=who.agency).model_copy(update={"status": Status.PROCESSING})
    house.catalogue.create_dossier(asking)
    waits = house.conductor.run(asking.id, start="validate").id
    with pytest.raises(NotUsableError):
        reuse(house.tools, house.conductor, who, waits, component=CARD, paper_id=bad_paper)
    with pytest.raises(NotUsableError):
        reuse(house.tools, house.conductor, who, waits, component="000.00.00.G15-KQ003204", paper_id=paper_id)
    used = reuse(house.tools, house.conductor, who, waits, component=CARD, paper_id=paper_id)
    assert used.paper == paper_id
    dossier_after = house.conductor.run(waits, start="validate")
    (item,) = [item for item in dossier_after.checklist if item.component == CARD]
    assert item.state.value == "substituted"
    assert item.reference is not None
    assert (item.reference.paper, item.reference.version, item.reference.sha256) == (paper_id, 1, held.sha256)
    (row,) = house.catalogue.owners().reuses_of(waits)
    assert (row["component"], row["paper_id"], row["who"]) == (CARD, paper_id, who.id)
    house.conductor.decide(waits, [Decision(kind="substitute", key=CARD, value=None)], who.name)
    taken_back = house.conductor.run(waits, start="validate")
    (item,) = [item for item in taken_back.checklist if item.component == CARD]
    assert item.reference is None
