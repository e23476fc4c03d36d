"""The way of a dossier from receive to return by four people: signatures in order, numbers, statuses, refusals."""

from __future__ import annotations

import unicodedata
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from steps_samples import APPRAISER, DESK, KEEPER, LEADER, THERE, act, attached, dossier, person, result_pdf

from pipeline.access.errors import NotAllowedError
from pipeline.access.roles import Role
from pipeline.clock import local
from pipeline.conductor import UnknownDossierError
from pipeline.kho.moves import RESULT_PDF
from pipeline.record import Status
from pipeline.steps import errors
from pipeline.steps.doing import attach, do, standing
from pipeline.steps.preparing import Order
from pipeline.steps.showing import page
from pipeline.steps.table import State, Step, Verb
from signing.verdict import Outcome
from signing.verify import verify_pdf

if TYPE_CHECKING:
    from pipeline.composition import House


def statuses(house: House, dossier_id: str) -> list[int]:
    return [move.status for move in house.catalogue.moves().of(dossier_id)]


def test_five_steps_give_a_result_that_leader_and_agency_signed(house: House) -> None:
    one = dossier(house)
    place = act(house, DESK, one, Verb.ACCEPT)
    assert (place.step, statuses(house, one)) == (Step.APPRAISE, [1, 2, 4])
    assert place.due == "2026-11-20", "the procedure's own day"
    (slip,) = place.slips
    receipt = house.store.get(slip.key)
    assert verify_pdf(receipt, house.tools.trust()).outcome is Outcome.VALID
    attached(house, APPRAISER, one)
    act(house, APPRAISER, one, Verb.APPRAISE, "Đủ điều kiện")
    act(house, LEADER, one, Verb.APPROVE, "Đồng ý")
    place = act(house, KEEPER, one, Verb.SEAL)
    (result,) = place.results
    assert (place.step, result.number, result.year) == (Step.RETURN, 1, house.tools.clock().year)
    assert statuses(house, one) == [1, 2, 4, 9]
    place = act(house, DESK, one, Verb.RETURN)
    assert (place.state, statuses(house, one)[-1]) == (State.RETURNED, 10)
    pdf = house.store.get(result.last.key)
    verdict = verify_pdf(pdf, house.tools.trust())
    assert verdict.outcome is Outcome.VALID
    signers = [signature.signer for signature in verdict.signatures if "HSS-Signature" in signature.field]
    assert len(signers) == 2
    assert signers[0] != signers[1]
    assert pdf.startswith(result_pdf()[:64]), "appended, never rewritten"
    filings = {filing.kind: filing for filing in house.catalogue.filings_of(one)}
    assert filings[RESULT_PDF].sha256 == result.last.sha256
    assert filings["slip_receipt"].sha256 == slip.sha256
    kinds = [line for line in house.catalogue.ledger().lines() if b'"kind":"step"' in line]
    assert len(kinds) == 7, "accept, attach, appraise, approve, number, seal, return"
    assert "Đủ điều kiện".encode() not in b"".join(house.catalogue.ledger().lines())


def test_what_is_not_signed_is_not_returned_and_nothing_is_skipped(quick_house: House) -> None:
    house = quick_house
    one = dossier(house)
    with pytest.raises(errors.StepRefusedError):
        act(house, LEADER, one, Verb.STOP, "vội")
    with pytest.raises(NotAllowedError):
        act(house, LEADER, one, Verb.ACCEPT)
    act(house, DESK, one, Verb.ACCEPT)
    for who, verb in ((LEADER, Verb.APPROVE), (KEEPER, Verb.SEAL), (DESK, Verb.RETURN)):
        with pytest.raises((NotAllowedError, errors.StepRefusedError)):
            act(house, who, one, verb)
    act(house, APPRAISER, one, Verb.APPRAISE)
    with pytest.raises(errors.ResultMissingError):
        act(house, LEADER, one, Verb.APPROVE)
    act(house, LEADER, one, Verb.BACK, "Chưa có văn bản kết quả")
    attached(house, APPRAISER, one)
    act(house, APPRAISER, one, Verb.APPRAISE)
    act(house, LEADER, one, Verb.APPROVE)
    act(house, KEEPER, one, Verb.BACK, "Sai tên")
    assert standing(house.tools, one).results[0].last.step is None, "the leader's signature went with it"
    act(house, LEADER, one, Verb.APPROVE)
    place = act(house, KEEPER, one, Verb.SEAL)
    assert place.results[0].number == 1
    assert act(house, DESK, one, Verb.RETURN).state is State.RETURNED
    with pytest.raises(errors.StepRefusedError):
        act(house, LEADER, one, Verb.STOP, "muộn rồi")


def test_papers_are_asked_for_by_a_signed_form_and_a_refusal_says_why(quick_house: House) -> None:
    house = quick_house
    one, two = dossier(house), dossier(house, 2, Status.WAITS)
    with pytest.raises(errors.NotDigitisedError):
        act(house, DESK, two, Verb.ACCEPT)
    place = act(house, DESK, two, Verb.REFUSE, "Không thuộc thẩm quyền")
    assert (place.state, statuses(house, two)) == (State.REFUSED, [1, 3])
    assert verify_pdf(house.store.get(place.slips[0].key), house.tools.trust()).outcome is Outcome.VALID
    act(house, DESK, one, Verb.ACCEPT)
    with pytest.raises(errors.StepReasonError):
        act(house, APPRAISER, one, Verb.ASK)
    place = act(house, APPRAISER, one, Verb.ASK, "Thiếu giấy chứng sinh")
    assert (place.state, statuses(house, one)[-1], place.slips[-1].form) == (State.SUPPLEMENT, 5, "supplement")
    with pytest.raises(errors.StepRefusedError):
        act(house, APPRAISER, one, Verb.APPRAISE)
    act(house, DESK, one, Verb.SUPPLEMENTED)
    act(house, APPRAISER, one, Verb.CHARGE, "Lệ phí 8.000 đồng")
    act(house, DESK, one, Verb.PAID)
    act(house, DESK, one, Verb.WITHDRAW, "Người dân rút hồ sơ")
    place = act(house, LEADER, one, Verb.STOP, "Theo đề nghị của người dân")
    assert (place.state, place.slips[-1].form) == (State.STOPPED, "stop")
    assert statuses(house, one) == [1, 2, 4, 5, 4, 6, 4, 7, 8]
    why = {move.why for move in house.catalogue.moves().of(one)}
    assert "Thiếu giấy chứng sinh" not in why


def test_an_agency_s_dossier_is_unknown_elsewhere_and_an_assigned_one_is_that_person_s(quick_house: House) -> None:
    from steps_samples import put_account

    house = quick_house
    one = dossier(house)
    with pytest.raises(UnknownDossierError):
        act(house, person(Role.DESK_OFFICER, THERE), one, Verb.ACCEPT)
    act(house, DESK, one, Verb.ACCEPT)
    second = person(Role.APPRAISER, name="second")
    for who in (APPRAISER, second, LEADER, person(Role.APPRAISER, THERE, "foreign")):
        put_account(house, who)
    for wrong in ("u-nobody", LEADER.id, "u-foreign"):
        with pytest.raises(errors.AssigneeError):
            act(house, LEADER, one, Verb.ASSIGN, assignee=wrong)
    assert act(house, LEADER, one, Verb.ASSIGN, assignee=second.id).assignee == second.id
    with pytest.raises(errors.StepTakenError):
        act(house, APPRAISER, one, Verb.APPRAISE)
    assert act(house, second, one, Verb.APPRAISE).assignee is None


def test_whoever_saw_an_older_state_is_told_and_a_broken_result_is_not_taken(quick_house: House) -> None:
    house = quick_house
    one = dossier(house)
    act(house, DESK, one, Verb.ACCEPT)
    with pytest.raises(errors.StepChangedError):
        do(house.tools, APPRAISER, one, Order(verb=Verb.APPRAISE, seen=0))
    seen = standing(house.tools, one).seq
    for broken in (b"", b"MZ", b"%PDF-1.7 nothing else", result_pdf()[:200]):
        with pytest.raises(errors.ResultUnusableError):
            attach(house.tools, APPRAISER, one, Order(verb=Verb.ATTACH, seen=seen), title="x", pdf=broken)
    do(house.tools, LEADER, one, Order(verb=Verb.COMMENT, seen=0, note=unicodedata.normalize("NFD", "Làm sớm giúp")))
    said = page(house.tools, LEADER, one).history[-1]
    assert (said.note, said.who) == ("Làm sớm giúp", LEADER.name)
    with pytest.raises(errors.ExtensionDayError):
        act(house, LEADER, one, Verb.EXTEND, "Chờ xác minh", until="2026-11-19")
    later = (local(house.tools.clock()).date() + timedelta(days=40)).isoformat()
    place = act(house, LEADER, one, Verb.EXTEND, "Chờ xác minh", until=later)
    assert (place.due, place.slips[-1].form) == (later, "extension")


def test_nobody_approves_their_own_work(quick_house: House) -> None:
    from dataclasses import replace

    from pipeline.access.roles import RIGHTS

    house = quick_house
    one = dossier(house)
    both = replace(APPRAISER, rights=RIGHTS[Role.APPRAISER] | RIGHTS[Role.LEADER])
    act(house, DESK, one, Verb.ACCEPT)
    attached(house, both, one)
    act(house, both, one, Verb.APPRAISE)
    with pytest.raises(errors.OwnWorkError):
        act(house, both, one, Verb.APPROVE)
    assert act(house, LEADER, one, Verb.APPROVE).step is Step.SEAL
