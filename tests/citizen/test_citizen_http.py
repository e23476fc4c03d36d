"""The citizen's page over HTTP: slips open it, codes alone do not, and what comes and goes is on record."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from citizen_samples import ADDRESS, dossier, printed

from api.citizen_pages import COOKIE
from pipeline.access.roles import Role
from pipeline.catalogue import tables_citizens as c
from pipeline.citizen import giving, tickets
from pipeline.citizen.errors import SlipUnknownError
from pipeline.desk.questions import ATTENDED
from pipeline.keys import original_key
from pipeline.kho.moves import Portal, move
from pipeline.record import Status
from pipeline.replayers import replayers

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.composition import House

SAME = "Hai mã không khớp"


def enter(browser: Any, code: str, secret: str) -> Any:
    return browser.post("/tra-cuu", data={"code": code, "secret": secret})


def entries(house: House, kind: str) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in house.catalogue.ledger().lines()]
    return [entry for entry in found if entry["kind"] == kind]


def test_a_slip_opens_the_page_and_is_read_by_its_own_code(house: House, citizen: Any) -> None:
    made = dossier(house)
    secret, link = printed(house, made)
    assert link == f"{ADDRESS}/tra-cuu#{made.id}.{secret}", "what says who may look stands behind the `#`"
    answer = enter(citizen, f" {made.id.upper()} ", secret.lower().replace("-", " "))
    assert answer.status_code == 200, answer.text
    assert answer.url.path == "/tra-cuu/ho-so"
    assert "Đăng ký khai sinh" in answer.text
    assert "Đã nhận tại quầy" in answer.text
    for header, value in (
        ("cache-control", "no-store"),
        ("x-robots-tag", "noindex"),
        ("referrer-policy", "same-origin"),
    ):
        assert value in answer.headers[header]
    assert [(e["dossier"], e["who"], e["what"]["what"]) for e in entries(house, "read")] == [
        (made.id, "slip-1", "standing")
    ]
    assert [(e["who"], e["what"]) for e in entries(house, "citizen")] == [("u-1", {"act": "printed", "serial": 1})]


def test_whoever_has_only_a_code_learns_nothing(house: House, citizen: Any) -> None:
    made = dossier(house)
    printed(house, made)
    known, unknown = (enter(citizen, code, "0000-0000-0000") for code in (made.id, "hs-261121-zzzzzzzz"))
    assert known.status_code == unknown.status_code == 404
    assert known.text.replace(made.id, "") == unknown.text.replace("hs-261121-zzzzzzzz", "")
    assert SAME in known.text
    assert COOKIE not in citizen.cookies
    assert citizen.get("/tra-cuu/ho-so").status_code == 404


def test_a_reprint_ends_the_slip_before_it_and_its_visits(house: House, client_of: Callable[..., Any]) -> None:
    made = dossier(house)
    first, second = client_of(), client_of()
    secret, _ = printed(house, made)
    assert enter(first, made.id, secret).status_code == 200
    again, _ = printed(house, made, "u-2")
    assert again != secret
    assert first.get("/tra-cuu/ho-so").status_code == 404
    assert enter(second, made.id, secret).status_code == 404
    assert enter(second, made.id, again).status_code == 200
    assert [entry["what"]["serial"] for entry in entries(house, "citizen")] == [1, 2]


def test_attempts_are_limited_by_dossier(house: House, citizen: Any) -> None:
    made = dossier(house)
    secret, _ = printed(house, made)
    for _ in range(10):
        assert enter(citizen, made.id, "1111-1111-1111").status_code == 404
    refused = enter(citizen, made.id, secret)
    assert refused.status_code == 429, "even the right one has to wait"
    assert "quá nhiều lần" in refused.text


def test_a_slip_runs_out(house: House) -> None:
    made = dossier(house)
    secret, _ = printed(house, made)
    later = house.tools.clock() + timedelta(days=house.settings.citizen.days, seconds=5)
    assert tickets.open_visit(house.tools, made.id, secret)
    with pytest.raises(SlipUnknownError):
        tickets.open_visit(replace(house.tools, clock=lambda: later), made.id, secret)


def test_the_secret_is_nowhere_but_on_paper(house: House, citizen: Any, caplog: pytest.LogCaptureFixture) -> None:
    made = dossier(house)
    with caplog.at_level(logging.DEBUG):
        secret, _ = printed(house, made)
        enter(citizen, made.id, secret)
    plain = secret.replace("-", "")
    assert plain not in caplog.text.replace("-", "")
    dump = "\n".join(house.catalogue.dump())
    acts = b"".join(house.store.get(key) for key in house.store.keys("acts/"))
    for kept in (dump, acts.decode()):
        assert secret not in kept
        assert plain not in kept
    assert citizen.cookies[COOKIE] not in dump


def test_a_missing_paper_is_sent_and_reaches_the_desk(
    house: House, citizen: Any, client_of: Callable[..., Any]
) -> None:
    made = dossier(house, lacks=True)
    secret, _ = printed(house, made)
    page = enter(citizen, made.id, secret)
    assert "Giấy chứng sinh" in page.text
    assert "chưa có" in page.text
    files = [("files", ("giấy chứng sinh.txt", b"not a picture", "image/png"))]
    sent = citizen.post("/tra-cuu/bo-sung", files=files)
    assert "Đã nhận được giấy tờ" in sent.text
    (one,) = house.catalogue.citizens().supplements(made.id)
    assert house.store.get(original_key(one.sha256)) == b"not a picture"
    read_as = house.catalogue.load(one.supplement)
    assert read_as is not None
    assert read_as.originals[0].sha256 == one.sha256
    assert house.catalogue.desk().done(ATTENDED, [read_as.id]) == {read_as.id}
    assert "gửi trước đó" in citizen.post("/tra-cuu/bo-sung", files=files).text
    officer, other = client_of(Role.DESK_OFFICER), client_of(Role.DESK_OFFICER, agency="H99.01")
    assert made.id in officer.get("/bo-sung").text
    assert made.id not in other.get("/bo-sung").text
    other.post(f"/bo-sung/{made.id}/{one.sha256}")
    assert house.catalogue.citizens().supplements(made.id)[0].taken_by is None, "another agency's"
    officer.post(f"/bo-sung/{made.id}/{one.sha256}")
    assert made.id not in officer.get("/bo-sung").text
    assert "cán bộ đã xem" in citizen.get("/tra-cuu/ho-so").text


def test_nothing_is_taken_where_nothing_lacks(house: House, citizen: Any) -> None:
    made = dossier(house)
    secret, _ = printed(house, made)
    assert 'id="files"' not in enter(citizen, made.id, secret).text
    answer = citizen.post("/tra-cuu/bo-sung", files=[("files", ("a.png", b"x", "image/png"))])
    assert answer.status_code == 409
    assert house.catalogue.citizens().supplements(made.id) == []


def test_the_result_is_fetched_once_it_was_returned(house: House, citizen: Any, monkeypatch: Any) -> None:
    made = dossier(house)
    secret, _ = printed(house, made)
    stat = house.store.put_new(f"results/{made.id}.pdf", b"%PDF result", "application/pdf")
    house.catalogue.record_filing(made.id, "result_pdf", f"results/{made.id}.pdf", stat.sha256, stat.size, level="B-LT")
    enter(citizen, made.id, secret)
    # Whether the signature holds is the move's own test (tests/kho).
    monkeypatch.setattr("pipeline.kho.moves.check_results", lambda *_: None)
    for to in (Portal.REGISTERED, Portal.ACCEPTED, Portal.IN_PROGRESS, Portal.DONE):
        move(house.tools, made.id, to, who="u-1")
        assert citizen.get("/tra-cuu/ket-qua/1").status_code == 409, "hidden until it was returned"
    move(house.tools, made.id, Portal.RETURNED, who="u-1")
    assert "Tải kết quả 1" in citizen.get("/tra-cuu/ho-so").text
    pdf = citizen.get("/tra-cuu/ket-qua/1")
    assert pdf.content == b"%PDF result"
    assert pdf.headers["cache-control"] == "no-store"
    assert citizen.get("/tra-cuu/ket-qua/2").status_code == 409
    assert ("slip-1", "result_pdf") in {(e["who"], e["what"]["what"]) for e in entries(house, "read")}


def test_a_rating_counts_once_and_is_nobodys(house: House, citizen: Any) -> None:
    made = dossier(house, status=Status.FILED)
    secret, _ = printed(house, made)
    enter(citizen, made.id, secret)
    assert "Hãy chọn một mức" in citizen.post("/tra-cuu/danh-gia", data={"score": "9"}).text
    words = "Cán bộ rất chu đáo"
    assert "Cảm ơn" in citizen.post("/tra-cuu/danh-gia", data={"score": "5", "words": words}).text
    citizen.post("/tra-cuu/danh-gia", data={"score": "1"})
    month = f"{house.tools.clock():%Y-%m}"
    (scores,) = house.catalogue.citizens().scores([house.settings.agency_code], month, month)
    assert scores.counts == (0, 0, 0, 0, 1)
    (sealed,) = house.catalogue.citizens().words([house.settings.agency_code], month, month)
    assert giving.words_of(house.tools, sealed) == words
    # Neither the row nor the act names the dossier, the slip or the hour.
    assert {column.name for column in c.ratings.columns} == {"id", "agency", "procedure", "month", "score", "sealed"}
    (key,) = [key for key in house.store.keys("acts/") if giving.RATED in key]
    assert made.id not in key + house.store.get(key).decode()
    # Whose month has not begun before the first day of it, as clocks in Vietnam show it.
    assert "/170000.000000-" in key
    assert words not in house.store.get(key).decode()


def test_what_citizens_hold_and_gave_outlives_the_catalogue(house: House) -> None:
    made = dossier(house, lacks=True)
    printed(house, made)
    from pipeline.journal import act_keys, read_act

    (act,) = [read_act(house.store, key) for key in act_keys(house.store) if tickets.PRINTED in key]
    before = house.catalogue.citizens().ticket(made.id)
    with house.catalogue._database.writing() as connection:
        connection.execute(c.tickets.delete())
    assert replayers()[act.kind](house.tools, act)
    assert house.catalogue.citizens().ticket(made.id) == before
    assert not replayers()[act.kind](house.tools, act)


def test_no_address_no_secret(house: House, monkeypatch: Any) -> None:
    monkeypatch.setattr(house.settings.citizen, "address", "")
    made = dossier(house)
    secret, code = printed(house, made)
    assert (secret, code) == ("", made.id)
