"""The web page: everything works without script, nothing is inline, nothing comes from elsewhere."""

import re

from starlette.testclient import TestClient

from api.pages import decisions_of, typed
from pipeline.composition import House
from pipeline.record import Dossier, Status


def test_the_first_page_offers_procedures_and_recent_dossiers(client: TestClient, waiting: Dossier) -> None:
    page = client.get("/ho-so")
    assert page.status_code == 200
    assert "Đăng ký khai sinh" in page.text
    assert f'href="/ho-so/{waiting.id}"' in page.text
    assert "Chờ người quyết định" in page.text


def test_nothing_is_inline_and_nothing_is_foreign(client: TestClient, waiting: Dossier) -> None:
    for address in ("/ho-so", f"/ho-so/{waiting.id}"):
        page = client.get(address)
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page.text)
        assert all(link.startswith("/") for link in re.findall(r'(?:src|href|action)="([^"#]+)"', page.text))
    for asset in ("hoso.css", "hoso.js", "icon.svg"):
        body = client.get(f"/static/{asset}")
        assert body.status_code == 200
        assert "http://" not in body.text.replace("http://www.w3.org/2000/svg", "")
        assert "https://" not in body.text


def test_an_upload_form_opens_a_dossier(client: TestClient, house: House) -> None:
    answer = client.post(
        "/ho-so", data={"procedure": ""}, files={"files": ("a.pdf", b"nothing")}, follow_redirects=False
    )
    assert answer.status_code == 303
    dossier_id = answer.headers["location"].rsplit("/", 1)[-1]
    assert house.conductor.dossier(dossier_id).status is Status.RECEIVED
    page = client.get(answer.headers["location"])
    assert "Đang xử lý" in page.text


def test_an_upload_without_files_says_what_to_do(client: TestClient) -> None:
    answer = client.post("/ho-so", data={"procedure": ""}, files={"files": ("", b"")})
    assert answer.status_code == 422
    assert "Cần làm" in answer.text


def test_a_dossier_shows_fields_boxes_and_choices(client: TestClient, waiting: Dossier) -> None:
    page = client.get(f"/ho-so/{waiting.id}").text
    assert "Nguyễn Văn An" in page
    assert 'x="10" y="20"' in page.replace("\n", " ")
    assert 'name="do:d1:ho_ten"' in page
    assert '<option value="confirm">' in page
    assert f"/api/v1/dossiers/{waiting.id}/pages/1/image" in page


def test_values_of_people_are_text_never_markup(client: TestClient, house: House, waiting: Dossier) -> None:
    field = waiting.documents[0].fields["ho_ten"].model_copy(update={"value": '"><script>alert(1)</script>'})
    paper = waiting.documents[0].model_copy(update={"fields": {"ho_ten": field}})
    house.catalogue.save(waiting.model_copy(update={"documents": (paper,)}))
    page = client.get(f"/ho-so/{waiting.id}").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_a_form_decides(client: TestClient, house: House, waiting: Dossier) -> None:
    form = {"who": "Hoa", "do:d1:ho_ten": "value", "value:d1:ho_ten": "Nguyễn Văn Ân"}
    answer = client.post(f"/ho-so/{waiting.id}/quyet-dinh", data=form, follow_redirects=False)
    assert answer.status_code == 303
    assert house.conductor.dossier(waiting.id).documents[0].fields["ho_ten"].value == "Nguyễn Văn Ân"


def test_nothing_chosen_decides_nothing(waiting: Dossier) -> None:
    assert decisions_of({"do:d1:ho_ten": "", "value:d1:ho_ten": "x"}, waiting) == []  # type: ignore[arg-type]


def test_typed_values_take_the_kind_of_the_field() -> None:
    assert typed("3/2/2026", "2026-01-01") == "2026-02-03"
    assert typed("12", 3) == 12
    assert typed("BỘ Y TẾ / CỤC A", ["BỘ Y TẾ"]) == ["BỘ Y TẾ", "CỤC A"]
    assert typed("Ho\u0300a", None) == "Hòa"


def test_the_page_offers_the_slip_that_fits_and_opens_it(client: TestClient, house: House, waiting: Dossier) -> None:
    known = waiting.model_copy(update={"id": "hs-261121-00000003", "procedure": "1.001193"})
    house.catalogue.create_dossier(known)
    page = client.get(f"/ho-so/{known.id}").text
    assert '<option value="receipt" selected>' in page
    form = {"form": "supplement", "officer": "Hoa", "reasons": "Giấy chứng sinh\n\nẢnh của trẻ"}
    assert client.post(f"/ho-so/{known.id}/phieu", data=form).content.startswith(b"%PDF-")
    refused = client.post(f"/ho-so/{known.id}/phieu", data={"form": "refusal"})
    assert refused.status_code == 422
    assert "ghi lý do từ chối" in refused.text
    assert "Phiếu cho người nộp" not in client.get(f"/ho-so/{waiting.id}").text


def test_a_stopped_dossier_can_be_tried_again_from_its_page(house: House, client: TestClient, waiting: Dossier) -> None:
    page = f"/ho-so/{waiting.id}"
    assert "Thử lại ngay" not in client.get(page).text
    house.catalogue.save(waiting.model_copy(update={"status": Status.FAULT}))
    assert "Thử lại ngay" in client.get(page).text
    again = client.post(f"{page}/thu-lai", follow_redirects=False)
    assert (again.status_code, again.headers["location"]) == (303, page)
    assert house.conductor.dossier(waiting.id).status is Status.PROCESSING
    assert client.post(f"{page}/thu-lai").status_code == 409
