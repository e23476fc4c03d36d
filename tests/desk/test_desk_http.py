"""The desk over HTTP: what is sent twice counts once, a phone comes in once, a screen shows one dossier, agencies."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from starlette.testclient import TestClient

from api.problems import Problem
from extractors.fields import FieldStatus, Source
from pipeline.access.roles import Role
from pipeline.composition import House
from pipeline.desk.questions import ATTENDED
from pipeline.record import DocumentRecord, Dossier, Event, FieldRecord, Status
from pipeline.stages import STAGES

DESK = "/api/v1/desk"
CARD = "020303421099||Nguyễn Thị Nhung|11032003|Nữ|Lạng Sơn|12012022"


def begun(client: TestClient, key: str = "visit-0001") -> str:
    answer = client.put(f"{DESK}/visits/{key}", json={"procedure": "1.001193"})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def photo(colour: str = "white") -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (60, 80), colour).save(stream, "PNG")
    return stream.getvalue()


def put(client: TestClient, dossier: str, content: bytes, name: str = "t%E1%BB%9D%20khai.png") -> dict[str, object]:
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    answer = client.put(f"{DESK}/dossiers/{dossier}/files", content=content, headers=headers)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def waiting_dossier(house: House, **changes: object) -> Dossier:
    field = FieldRecord(
        value="Nguyễn Thị Nhung",
        raw="Nguyễn Thị Nhung",
        probability=0.7,
        source=Source.LABEL,
        page=1,
        box=(1, 1, 9, 9),
        status=FieldStatus.DOUBTFUL,
        label="Họ tên người yêu cầu",
    )
    number = field.model_copy(update={"value": "020303421098", "label": "Số định danh"})
    paper = DocumentRecord(
        id="d1",
        type="to_khai_khai_sinh",
        title="Tờ khai đăng ký khai sinh",
        component="000.00.00.G15-KQ003204",
        pages=(1,),
        probability=0.99,
        fields={"nyc_ho_ten": field, "nyc_so_dinh_danh": number},
    )
    now = house.tools.clock()
    dossier = Dossier(
        id="hs-261122-00000001",
        procedure="1.001193",
        procedure_name="Đăng ký khai sinh",
        status=Status.WAITS,
        received_at=now,
        documents=(paper,),
        agency=house.settings.agency_code,
        events=tuple(Event(stage=stage, at=now, seconds=0.1) for stage in STAGES[:5]),
    ).model_copy(update=changes)
    house.catalogue.create_dossier(dossier)
    return dossier


def test_a_visit_sent_twice_is_one_and_a_file_sent_twice_is_one(officer: TestClient) -> None:
    dossier = begun(officer)
    assert begun(officer) == dossier
    assert begun(officer, "visit-0002") != dossier
    first = put(officer, dossier, photo())
    assert put(officer, dossier, photo()) == first
    put(officer, dossier, photo("red"), "hai.png")
    view = officer.get(f"{DESK}/dossiers/{dossier}").json()
    assert [file["name"] for file in view["files"]] == ["tờ khai.png", "hai.png"]
    assert view["draft"]
    assert {item["state"] for item in view["checklist"]} == {"awaited"}
    assert officer.delete(f"{DESK}/dossiers/{dossier}/files/{first['sha256']}").status_code == 204
    started = officer.post(f"{DESK}/dossiers/{dossier}/start").json()["id"]
    assert officer.post(f"{DESK}/dossiers/{dossier}/start").json()["id"] == started
    assert officer.get(f"{DESK}/dossiers").json()["unfinished"][0]["id"] == started
    late = officer.put(f"{DESK}/dossiers/{dossier}/files", content=photo("blue"))
    assert late.status_code == 409
    Problem.model_validate(late.json())


def test_two_browsers_may_make_up_the_same_key(client_of: Callable[..., TestClient]) -> None:
    assert begun(client_of(Role.DESK_OFFICER)) != begun(client_of(Role.DESK_OFFICER))


def test_another_agency_and_other_roles_see_nothing(client_of: Callable[..., TestClient], officer: TestClient) -> None:
    dossier = begun(officer)
    stranger = client_of(Role.DESK_OFFICER, agency="H99.99")
    for verb, path in [
        ("GET", ""),
        ("GET", "/card"),
        ("POST", "/start"),
        ("POST", "/phone"),
        ("GET", "/live?tab=abcdefgh"),
    ]:
        assert stranger.request(verb, f"{DESK}/dossiers/{dossier}{path}").status_code == 404, path
    assert client_of(Role.AUDITOR).get(f"{DESK}/dossiers/{dossier}").status_code == 403
    assert client_of().get(f"{DESK}/dossiers/{dossier}").status_code == 401
    assert client_of(Role.AUDITOR).get("/quay").status_code == 403


def test_a_phone_comes_in_once_sends_photos_and_is_shown_at_the_desk(
    client_of: Callable[..., TestClient], officer: TestClient
) -> None:
    dossier = begun(officer)
    code = officer.post(f"{DESK}/dossiers/{dossier}/phone").json()
    address, secret = code["address"].split("#")
    assert dossier not in code["address"]
    assert not code["reachable"], "a phone cannot reach 127.0.0.1"
    phone, other = client_of(), client_of()
    assert phone.get(address.removeprefix("http://127.0.0.1:8000")).status_code == 200
    joined = phone.post("/api/v1/phone/open", json={"secret": secret})
    assert joined.json()["nickname"] == code["nickname"]
    assert dossier not in joined.text
    assert other.post("/api/v1/phone/open", json={"secret": secret}).status_code == 404
    assert other.put("/api/v1/phone/files", content=photo()).status_code == 404
    headers = {"Content-Disposition": "attachment; filename=anh.png"}
    assert phone.put("/api/v1/phone/files", content=photo(), headers=headers).json()["photos"] == 1
    assert phone.put("/api/v1/phone/files", content=photo(), headers=headers).json()["photos"] == 1
    view = officer.get(f"{DESK}/dossiers/{dossier}").json()
    assert (view["phone"]["state"], view["phone"]["photos"], len(view["files"])) == ("taken", 1, 1)
    assert phone.post("/api/v1/phone/done").status_code == 204
    assert phone.put("/api/v1/phone/files", content=photo("red")).status_code == 404


def test_the_code_can_be_read_by_a_phone(officer: TestClient) -> None:
    zxingcpp = pytest.importorskip("zxingcpp")
    import numpy as np

    code = officer.post(f"{DESK}/dossiers/{begun(officer)}/phone").json()
    side = code["side"]
    picture = np.full((side * 8, side * 8), 255, np.uint8)
    for square in code["path"].split("z"):
        if square:
            x, y = map(int, square.removeprefix("M").split("h")[0].split())
            picture[y * 8 : y * 8 + 8, x * 8 : x * 8 + 8] = 0
    assert [found.text for found in zxingcpp.read_barcodes(picture)] == [code["address"]]


def test_a_card_is_compared_kept_sealed_and_never_told_in_an_error(house: House, officer: TestClient) -> None:
    dossier = waiting_dossier(house)
    said = officer.post(f"{DESK}/dossiers/{dossier.id}/card", json={"typed": CARD}).json()
    assert said["card"]["name"] == "Nguyễn Thị Nhung"
    assert [(one["key"], one["same"]) for one in said["comparisons"]] == [
        ("nyc_so_dinh_danh", False),
        ("nyc_ho_ten", True),
    ]
    assert officer.get(f"{DESK}/dossiers/{dossier.id}/card").json() == said
    sealed = house.catalogue.desk().card(dossier.id)
    assert sealed is not None
    assert b"020303421099" not in sealed
    wrong = officer.post(f"{DESK}/dossiers/{dossier.id}/card", json={"typed": CARD.replace("099|", "O99|")})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "card_garbled")
    assert "0203034" not in wrong.text


def test_a_card_that_was_read_before_the_papers_stays_with_the_dossier(officer: TestClient) -> None:
    draft = begun(officer)
    officer.post(f"{DESK}/dossiers/{draft}/card", json={"typed": CARD})
    put(officer, draft, photo())
    started = officer.post(f"{DESK}/dossiers/{draft}/start").json()["id"]
    assert officer.get(f"{DESK}/dossiers/{started}/card").json()["card"]["number"] == "020303421099"


def test_the_citizen_sees_one_request_and_answers_reach_the_desk(
    house: House, client_of: Callable[..., TestClient], officer: TestClient
) -> None:
    dossier = waiting_dossier(house)
    assert officer.put(f"{DESK}/screen", json={"dossier": dossier.id}).status_code == 404
    assert officer.post(f"{DESK}/screen").status_code == 204
    screen = client_of()
    screen.cookies.set("hoso_man_hinh", officer.cookies["hoso_man_hinh"], path="/man-hinh")
    assert client_of().get("/man-hinh").status_code == 404
    page = screen.get("/man-hinh")
    assert page.status_code == 200
    assert 'href="/quay"' not in page.text, "no way off the screen"
    assert officer.put(f"{DESK}/screen", json={"dossier": dossier.id}).status_code == 204
    from pipeline.catalogue.desk_door import hashed

    told = {"document": "d1", "key": "nyc_ho_ten", "shown": hashed("Nguyễn Thị Nhung"), "answer": "wrong"}
    foreign = told | {"document": "d9"}
    assert screen.post("/man-hinh/answers", json={"answers": [told, foreign]}).status_code == 204
    citizen = officer.get(f"{DESK}/dossiers/{dossier.id}").json()["citizen"]
    assert (citizen["screen"], citizen["shown"], citizen["asked"]) == (True, True, 2)
    assert [place["key"] for place in citizen["wrong"]] == ["nyc_ho_ten"]
    assert client_of().post("/man-hinh/answers", json={"answers": [told]}).status_code == 404


def test_answers_count_once_and_the_slip_is_the_officers(house: House, officer: TestClient) -> None:
    dossier = waiting_dossier(house)
    house.catalogue.desk().act("attend", ATTENDED, dossier.id)
    decisions = [{"kind": "confirm", "document": "d1", "key": "nyc_ho_ten"}]
    for _ in range(3):
        body = {"key": "answer-0001", "decisions": decisions}
        assert officer.post(f"{DESK}/dossiers/{dossier.id}/decisions", json=body).status_code == 204
    assert len(house.catalogue.decisions_of(dossier.id)) == 1
    assert house.catalogue.decisions_of(dossier.id)[0].who == "Trần Thị Thu"
    view = officer.get(f"{DESK}/dossiers/{dossier.id}").json()
    assert view["slip"] == "supplement"
    assert any("Giấy chứng sinh" in text for text in view["lacking"])
    slip = officer.get(f"{DESK}/dossiers/{dossier.id}/slip")
    assert slip.headers["content-type"] == "application/pdf"
    assert "frame-ancestors 'self'" in slip.headers["content-security-policy"]
    bad = {"key": "answer-0002", "decisions": [{"kind": "confirm", "document": "d7", "key": "x"}]}
    assert officer.post(f"{DESK}/dossiers/{dossier.id}/decisions", json=bad).status_code == 409


def test_a_dossier_of_the_desk_waits_for_its_receipt_and_goes_on_with_it(house: House, officer: TestClient) -> None:
    dossier = waiting_dossier(house, procedure=None, procedure_name="")
    house.catalogue.desk().act("attend", ATTENDED, dossier.id)
    answers = [{"kind": "confirm", "document": "d1", "key": key} for key in dossier.documents[0].fields]
    body = {"key": "answer-0001", "decisions": answers}
    assert officer.post(f"{DESK}/dossiers/{dossier.id}/decisions", json=body).status_code == 204
    view = officer.get(f"{DESK}/dossiers/{dossier.id}").json()
    assert (view["status"], view["handed_out"], view["questions"]) == ("waits_for_person", False, [])
    assert officer.post(f"{DESK}/dossiers/{dossier.id}/hand-out", json={"key": "hand-out-1"}).status_code == 204
    saved = house.conductor.dossier(dossier.id)
    assert [finding.confirmed_by for finding in saved.findings if finding.rule == "at_desk"] == ["Trần Thị Thu"]


def test_what_the_scanner_brought_is_there_until_somebody_takes_it(house: House, officer: TestClient) -> None:
    dossier = waiting_dossier(house)
    house.catalogue.append_event(dossier.id, "watch", "done")
    assert [one["id"] for one in officer.get(f"{DESK}/dossiers").json()["arrivals"]] == [dossier.id]
    assert officer.post(f"{DESK}/dossiers/{dossier.id}/take").status_code == 204
    waiting = officer.get(f"{DESK}/dossiers").json()
    assert (waiting["arrivals"], [one["id"] for one in waiting["unfinished"]]) == ([], [dossier.id])


def test_looks_are_on_record(house: House, officer: TestClient) -> None:
    dossier = waiting_dossier(house)
    officer.get(f"{DESK}/dossiers/{dossier.id}")
    lines = [line for line in house.catalogue.ledger().lines() if b'"read"' in line and dossier.id.encode() in line]
    assert any(b'"receive"' in line for line in lines)


def test_the_page_brings_its_procedures_and_a_policy_of_its_own(officer: TestClient) -> None:
    page = officer.get("/quay")
    assert "1.001193" in page.text
    policy = page.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert officer.get("/quay/hs-261122-zzzzzzzz").status_code == 404


def test_the_desk_draws_no_word_that_is_not_in_the_catalogue() -> None:
    import re

    import yaml

    root = Path(__file__).parents[2] / "api"
    known = set(yaml.safe_load((root / "texts" / "desk.yaml").read_text(encoding="utf-8")))
    known |= set(yaml.safe_load((root / "texts" / "common.yaml").read_text(encoding="utf-8")))
    for script in sorted((root / "static").glob("desk*.js")):
        text = script.read_text(encoding="utf-8")
        for key in re.findall(r'\bt\("([^"$]+)"', text):
            assert key in known, f"{script.name}: {key}"
        marked = re.compile(r"\"[^\"/]*[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ][^\"/]{2,}\"")
        assert not marked.findall(text), script.name
