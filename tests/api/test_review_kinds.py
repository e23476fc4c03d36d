"""Fields of every kind and findings at the workbench, and what a machine finds wrong with its pages (axe)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from chromium import needs_chromium
from live import shot

from extractors.fields import FieldStatus, FieldValue, Source
from pipeline.access.roles import Role
from pipeline.decisions import Decision
from pipeline.record import DocumentRecord, Dossier, FieldRecord, FieldRef, Finding, Severity
from pipeline.trials.review_items import drawn, stored

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from pipeline.composition import House

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default"), needs_chromium]
FIELDS: dict[str, tuple[FieldValue, str, FieldStatus]] = {
    "ngay_cap": ("2019-05-13", "Ngày cấp", FieldStatus.DOUBTFUL),
    "co_chu_ky": (True, "Có chữ ký", FieldStatus.DOUBTFUL),
    "co_quan": (["UBND phường Trảng Bàng", "Công an tỉnh"], "Cơ quan", FieldStatus.DOUBTFUL),
    "so_con": (2, "Số con", FieldStatus.DOUBTFUL),
    "noi_sinh": (None, "Nơi sinh", FieldStatus.UNREADABLE),
}


def field(value: FieldValue, label: str, status: FieldStatus, row: int, page: int = 1) -> FieldRecord:
    box = (620, 250 + 150 * row, 1200, 310 + 150 * row)
    return FieldRecord(
        value=value, raw=str(value), probability=0.6, source=Source.LABEL, page=page, box=box, status=status,
        reason="handwriting", label=label,
    )  # fmt: skip


def every_kind(house: House, *, known: bool = False) -> Dossier:
    """A dossier of doubtful (or known) fields of several kinds, held by a finding that two papers disagree."""
    made = drawn(1, house.tools.clock(), fields=5, wrong=0.0)
    fields = {
        key: field(value, label, FieldStatus.READ if known else status, row)
        for row, (key, (value, label, status)) in enumerate(FIELDS.items())
    }
    papers = [
        DocumentRecord(id="d1", type="a", title="Tờ khai", component=None, pages=(1,), probability=0.9, fields=fields),
        *(
            DocumentRecord(
                id=name, type="b", title=title, component=None, pages=(1,), probability=0.9,
                fields={"ho_ten": field(said, "Họ và tên", FieldStatus.READ, row)},
            )
            for name, title, said, row in (
                ("d2", "Giấy chứng sinh", "Nguyễn Thị Hoà", 1),
                ("d3", "Thẻ căn cước", "Nguyễn Thị Hoa", 3),
            )
        ),
    ]  # fmt: skip
    refs = (FieldRef(document="d2", key="ho_ten"), FieldRef(document="d3", key="ho_ten"))
    message = "Họ tên khác nhau: “Nguyễn Thị Hoà” trên giấy chứng sinh, “Nguyễn Thị Hoa” trên thẻ căn cước."
    finding = Finding(id="f1", rule="same_person", severity=Severity.CONFIRM, message=message, fields=refs)
    changed = {"documents": tuple(papers), "findings": (finding,)}
    record = made.dossier.model_copy(update=changed)
    stored(house.tools, type(made)(record, made.image, made.words, ()))
    return record


def settle(page: Page, *keys: str, text: str = "") -> None:
    before = page.get_attribute("#item", "data-item")
    if text:
        page.keyboard.press("Control+a")
        page.keyboard.type(text)
    for key in keys:
        page.keyboard.press(key)
    end = time.monotonic() + 10
    while page.get_attribute("#item", "data-item") == before and page.is_visible("#item") and time.monotonic() < end:
        time.sleep(0.02)


def test_every_kind_by_keyboard(house: House, signed_in_page: Callable[..., Page]) -> None:
    dossier = every_kind(house)
    page = signed_in_page(Role.VERIFIER)
    page.goto("/kiem-du-lieu")
    page.locator("#item").wait_for()
    assert page.input_value("#value") == "13/05/2019"
    page.keyboard.press("Control+a")
    page.keyboard.type("31/02/2019x")
    page.keyboard.press("Enter")
    assert "05/03/1990" in page.inner_text("#say")
    settle(page, "Enter", text="15052019")
    assert page.input_value("#value") == "Có"
    settle(page, "ArrowDown", "Enter")
    assert page.input_value("#value") == "UBND phường Trảng Bàng\nCông an tỉnh"
    shot(page, "review-list")
    page.keyboard.press("Control+End")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("Toaf ans")
    settle(page, "Enter")
    settle(page, "Enter", text="3")
    assert page.input_value("#value") == ""
    page.keyboard.press("Enter")
    assert "F2" in page.inner_text("#say")
    shot(page, "review-unreadable")
    settle(page, "F2", "1")
    rows = decided(house, dossier.id, 5)
    values = {row.key: (row.kind, row.value) for row in rows}
    assert values == {
        "ngay_cap": ("value", "2019-05-15"),
        "co_chu_ky": ("value", False),
        "co_quan": ("value", ["UBND phường Trảng Bàng", "Công an tỉnh", "Tòa án"]),
        "so_con": ("value", 3),
        "noi_sinh": ("unreadable", "faded"),
    }


def decided(house: House, dossier: str, count: int) -> list[Decision]:
    end = time.monotonic() + 60
    while len(rows := house.catalogue.decisions_of(dossier)) < count and time.monotonic() < end:
        time.sleep(0.1)
    return [Decision.from_row(row) for row in rows]


def test_a_finding_shows_both_papers_and_is_corrected_or_confirmed(
    house: House, signed_in_page: Callable[..., Page]
) -> None:
    made = every_kind(house, known=True)
    page = signed_in_page(Role.VERIFIER)
    page.goto("/kiem-du-lieu")
    page.locator("#message").wait_for()
    assert page.locator(".strip").count() == 2
    assert page.input_value("#value") == "Nguyễn Thị Hoà"
    assert "Hoà" in page.locator("#reading mark").all_inner_texts(), "what the papers say differently is lit"
    shot(page, "review-finding")
    page.keyboard.press("Tab")
    assert page.input_value("#value") == "Nguyễn Thị Hoa"
    page.keyboard.press("ArrowDown")
    assert page.input_value("#value") == "Nguyễn Thị Hoà", "the other paper's reading comes first"
    settle(page, "Enter")
    rows = decided(house, made.id, 1)
    assert [(row.document, row.key, row.value) for row in rows] == [("d3", "ho_ten", "Nguyễn Thị Hoà")]


def violations(page: Page) -> list[Any]:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page)
    return [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found.response["violations"]]


@pytest.mark.parametrize("size", ["desk", "phone"])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_axe_finds_nothing(house: House, signed_in_page: Callable[..., Page], size: str, language: str) -> None:
    page = signed_in_page(Role.VERIFIER, Role.LEADER, size=size, language=language)
    page.goto("/kiem-du-lieu")
    page.locator("#nothing").wait_for(timeout=15_000)
    assert violations(page) == []
    every_kind(house)
    page.reload()
    page.locator("#item").wait_for()
    assert violations(page) == []
    for key in ("F1", "F2", "F4"):
        page.keyboard.press(key)
        page.locator("dialog[open]").wait_for()
        assert violations(page) == []
        shot(page, f"review-dialog-{key}-{size}-{language}")
        page.keyboard.press("Escape")
    page.keyboard.press("F9")
    page.keyboard.press("F9")
    page.locator(".whole img").wait_for()
    assert violations(page) == []
    shot(page, f"review-page-{size}-{language}")
    text = page.inner_text("main")
    assert "review." not in text, "every word is translated"
