"""Forms drawn from plans: every layout keeps its words apart and its fields true; held-out templates stay held out."""

from __future__ import annotations

from datetime import date
from itertools import islice
from typing import TYPE_CHECKING

import pytest

from models.synthesis.annotated import annotated_pages
from models.synthesis.cast import Cast
from models.synthesis.errors import FontMissingError
from models.synthesis.forms.drawn_form import draw_form
from models.synthesis.forms.filling import Hand, draw_hand, fill
from models.synthesis.forms.inventory import make_plan
from models.synthesis.forms.layouts import LAYOUTS, Layout, layouts, wordings
from models.synthesis.forms.plan import Ask, FormPlan, Row, Section, Signer, Table
from models.synthesis.people import seeded
from models.synthesis.story import Story, parts_of
from models.synthesis.typefaces import TYPEFACES, Typeface, books

if TYPE_CHECKING:
    from models.synthesis.fonts import FontBook
    from models.synthesis.forms.paper import Paper
    from models.synthesis.forms.plan import Filled

DAY = date(2026, 11, 12)


def story(seed: int) -> Story:
    rng = seeded(seed)
    return Story(Cast(rng, DAY, {"nyc": "me"}), rng)


def row(key: str, kind: str, *labels: str, choices: tuple[str, ...] = ()) -> Row:
    return Row(labels, (Ask(key, kind, choices),))


PLAN = FormPlan(
    "to_khai_thu",
    ("Tờ khai thử",),
    (
        Section(
            (row("nyc_ho_ten", "name", "Họ và tên", "Họ, chữ đệm, tên"), row("nyc_ngay_sinh", "date", "Ngày sinh"))
        ),
        Section(
            (
                row("me_ho_ten", "name", "Họ và tên"),
                row("me_so_dinh_danh", "id_number", "Số định danh cá nhân"),
                row("me_gioi_tinh", "sex", "Giới tính"),
                row("me_noi_cu_tru", "place", "Nơi cư trú"),
                row("ly_do", "text", "Lý do"),
                row("cap_ban_sao", "flag", "Cấp bản sao", choices=("Có", "Không")),
                Table(
                    "thanh_vien",
                    ("Thành viên",),
                    (
                        row("stt", "ordinal", "TT"),
                        row("ho_ten", "name", "Họ tên"),
                        row("so_dinh_danh", "id_number", "Số"),
                    ),
                ),
            ),
            ("Thông tin về mẹ",),
        ),
    ),
    addressed=row("kinh_gui", "text", "Kính gửi"),
    dated=(Ask("noi_lap", "place"), Ask("ngay_lap", "date")),
    signers=(Signer(("Người khai",), signature="has_signature"), Signer(("Chủ tịch",), name="nguoi_ky", sealed=True)),
    notes=("Ghi rõ.", "Đánh dấu X."),
)


def drawn(book: FontBook, layout: Layout, seed: int, plan: FormPlan = PLAN) -> tuple[Filled, Paper]:
    rng = seeded(seed)
    hand = draw_hand(rng)
    filled = fill(plan, story(seed), hand, rng)
    return filled, draw_form(book, filled, layout, hand, rng)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_a_layout_keeps_its_lines_on_the_sheet_and_apart(book: FontBook, layout: Layout) -> None:
    for seed in range(3):
        _, paper = drawn(book, layout, seed)
        for sheet in paper.sheets:
            boxes = [line.box for line in sheet.lines]
            for number, one in enumerate(boxes):
                assert one.x0 > 5
                assert one.y0 > 5
                assert one.x1 < sheet.width - 5
                assert one.y1 < sheet.height - 5
                for other in boxes[number + 1 :]:
                    wide = min(one.x1, other.x1) - max(one.x0, other.x0)
                    tall = min(one.y1, other.y1) - max(one.y0, other.y0)
                    assert wide <= 0 or tall <= 0.6, (sheet.lines[number].text, other)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_every_value_is_printed_where_its_words_say(book: FontBook, layout: Layout) -> None:
    _, paper = drawn(book, layout, 5)
    said: dict[str, list[str]] = {}
    for sheet in paper.sheets:
        for line in sheet.lines:
            for word in line.words:
                if word.field is not None:
                    assert word.part == "value"
                    said.setdefault(word.field, []).append(word.text)
    for key, truth in paper.fields.items():
        if truth.raw and "☑" not in said[key]:
            assert "".join(said[key]).strip(",") == truth.raw.replace(" ", ""), key
    assert paper.fields["has_signature"].value is True
    assert paper.fields["thanh_vien.1.ho_ten"].raw


def test_labels_and_headings_name_their_fields(book: FontBook) -> None:
    _, paper = drawn(book, LAYOUTS[0], 1)
    words = [word for sheet in paper.sheets for line in sheet.lines for word in line.words]
    assert {word.text for word in words if word.of == ("me_noi_cu_tru",)} >= {"Nơi", "cư", "trú:"}
    assert any(word.part == "heading" for word in words)


def test_a_dossier_tells_one_story(book: FontBook) -> None:
    told = story(8)
    rng = seeded(8)
    other = FormPlan(
        "giay_khac", ("Giấy",), (Section((row("ho_ten_me", "name", "Mẹ"), row("me_ngay_sinh", "date", "Sinh"))),)
    )
    first = fill(PLAN, told, Hand(), rng)
    second = fill(other, told, Hand(dates="long"), rng)
    assert first.entries["nyc_ho_ten"].value == first.entries["me_ho_ten"].value == second.entries["ho_ten_me"].value
    assert first.entries["nyc_ngay_sinh"].value == second.entries["me_ngay_sinh"].value
    assert first.entries["nyc_ngay_sinh"].raw != second.entries["me_ngay_sinh"].raw
    assert draw_form(book, second, LAYOUTS[3], Hand(), rng).fields["me_ngay_sinh"].value == told.known["me.ngay_sinh"]


def test_people_of_a_cast_may_be_each_other_s_family() -> None:
    for seed in range(60):
        cast = story(seed).cast
        child, mother, father, dead = (cast.who(role).person for role in ("nks", "me", "cha", "nkt"))
        assert child.name.split()[0] == father.name.split()[0]
        assert child.ethnicity == father.ethnicity
        assert (DAY - mother.born).days > 23 * 365
        assert dead.born.year < 1962
        for person in (child, mother, father, dead):
            assert person.number[4:6] == f"{person.born.year % 100:02d}"
        assert cast.who("nyc") is cast.who("me")


@pytest.mark.parametrize(
    ("key", "parts"),
    [("me_ho_ten", ("me", "ho_ten")), ("ho_ten_chu_ho", ("chu_ho", "ho_ten")), ("so_dinh_danh", ("", "so_dinh_danh")),
     ("nks_ngay_sinh_bang_chu", ("nks", "ngay_sinh_bang_chu")), ("ly_do", ("", ""))],
)  # fmt: skip
def test_keys_name_a_role_and_an_attribute(key: str, parts: tuple[str, str]) -> None:
    assert parts_of(key) == parts


def test_held_out_templates_never_come_out_in_training(book: FontBook) -> None:
    kept = {layout.name for layout in layouts(held_out=True)}
    assert kept
    assert not kept & {layout.name for layout in layouts(held_out=False)}
    assert {layout.arrangement for layout in layouts(held_out=True)} <= {
        layout.arrangement for layout in layouts(held_out=False)
    }
    for held_out in (False, True):
        pages = islice(annotated_pages(4, held_out=held_out, known={"face": book}), 40)
        assert all((page.layout in kept) is held_out for page in pages)
    for seed in range(30):
        plan = make_plan(seeded(seed))
        for labels in [labelled.labels for labelled in plan.rows()] + [section.headings for section in plan.sections]:
            training, measuring = (set(wordings(labels, held_out=side)) for side in (False, True))
            assert bool(training) is bool(labels)
            assert training == measuring or not training & measuring


def test_held_out_typefaces_are_other_files(book: FontBook) -> None:
    files: dict[bool, set[str]] = {side: {str(f) for face in TYPEFACES if face.held_out is side for f in face.files}
                                   for side in (False, True)}  # fmt: skip
    assert not files[False] & files[True]
    assert book.faces
    if any(face.installed and face.held_out for face in TYPEFACES):
        assert set(books(held_out=True)) <= {face.name for face in TYPEFACES if face.held_out}


def test_no_typeface_names_the_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Typeface, "installed", property(lambda _self: False))
    with pytest.raises(FontMissingError, match="fonts-texgyre"):
        books(held_out=True)


def test_annotated_pages_repeat_themselves_and_link_labels_to_values(book: FontBook) -> None:
    one = list(islice(annotated_pages(11, known={"face": book}), 12))
    again = list(islice(annotated_pages(11, known={"face": book}), 12))
    assert one == again
    linked = 0
    for page in one:
        for word in page.words:
            assert 0 <= word.box.x0 < word.box.x1 <= page.width
            assert 0 <= word.box.y0 < word.box.y1 <= page.height
        for labels, values in page.links:
            keys = {page.words[index].field for index in values}
            assert len(keys) == 1
            assert all(page.words[index].part == "label" for index in labels)
            linked += 1
    assert linked > 12 * 5
