"""What a desk scanner types, through every keyboard that we know of, and the card beside the papers."""

import pytest

from extractors.fields import FieldStatus, Source
from pipeline.clock import now
from pipeline.desk.card import Card, CardGarbledError, NotACardError, compare, read_card, standing
from pipeline.record import DocumentRecord, Dossier, FieldRecord, Status

CODE = "020303421099||Nguyễn Thị Nhung|11032003|Nữ|Số 5 ngách 12 tổ 21, Hoàng Văn Thụ, Lạng Sơn|12012022"
ROW = str.maketrans("1234567890", "ăâêô\u0300\u0309\u0303\u0301\u0323đ")


def through_layout(text: str) -> str:
    """As the Vietnamese layout of Windows makes it: every digit is a letter or a tone."""
    return text.translate(ROW)


@pytest.mark.parametrize(
    ("typed", "repaired"),
    [
        (CODE, False),
        (CODE + "\r\n", False),
        (CODE + "|||", False),
        (CODE.encode().decode("latin-1"), True),
        (CODE.replace("|", "\\"), True),
        (CODE.replace("|", "~"), True),
        (through_layout(CODE), True),
        (CODE.swapcase(), True),
    ],
    ids=["clean", "return", "newer card", "as Latin-1", "backslash", "tilde", "layout", "Caps Lock"],
)
def test_the_person_is_found_whatever_the_keyboard_did(typed: str, *, repaired: bool) -> None:
    card = read_card(typed)
    assert (card.number, card.born, card.sex, card.issued) == ("020303421099", "2003-03-11", "Nữ", "2022-01-12")
    assert card.name == "Nguyễn Thị Nhung"
    assert card.repaired is repaired


def test_a_name_that_lost_letters_is_left_out() -> None:
    card = read_card(CODE.replace("ễ", "?").replace("ị", "?"))
    assert card.name is None
    assert card.number == "020303421099"


def test_what_is_no_card_is_told_from_a_garbled_one_and_never_repeated() -> None:
    with pytest.raises(NotACardError):
        read_card("8934588012228")
    garbled = CODE.replace("020303421099", "02030E421Q99")
    with pytest.raises(CardGarbledError) as caught:
        read_card(garbled)
    assert "421" not in f"{caught.value} {caught.value.detail}"
    with pytest.raises(NotACardError):
        read_card("x" * 5000)


def field(value: str, label: str, status: FieldStatus = FieldStatus.READ) -> FieldRecord:
    return FieldRecord(
        value=value, raw=value, probability=0.9, source=Source.LABEL, page=1, box=None, status=status, label=label
    )


def dossier(**fields: FieldRecord) -> Dossier:
    paper = DocumentRecord(
        id="d1", type="to_khai_khai_sinh", title="Tờ khai", component=None, pages=(1,), probability=1.0, fields=fields
    )
    return Dossier(id="hs-1", procedure=None, status=Status.WAITS, received_at=now(), documents=(paper,))


def test_the_card_is_compared_with_the_requester_and_with_nobody_else() -> None:
    card = read_card(CODE)
    papers = dossier(
        nyc_ho_ten=field("NGUYỄN THỊ NHUNG", "Họ tên người yêu cầu"),
        nyc_so_dinh_danh=field("020303421098", "Số định danh", FieldStatus.DOUBTFUL),
        cha_ho_ten=field("VŨ VIỆT ĐẠT", "Họ tên cha"),
        cha_so_dinh_danh=field("020090867038", "Số định danh của cha"),
        me_ho_ten=field("Nguyễn Thị Nhung", "Họ tên mẹ"),
    )
    said = compare(card, papers)
    assert [(one.key, one.same, one.sure) for one in said] == [
        ("nyc_so_dinh_danh", False, False),
        ("nyc_ho_ten", True, True),
        ("me_ho_ten", True, True),
    ]
    assert standing(said) == "different"
    assert standing([]) == "unknown"


def test_a_card_without_a_name_compares_numbers() -> None:
    card = Card(number="020303421099", name=None, born="2003-03-11", sex="Nữ", address="")
    said = compare(card, dossier(nyc_so_dinh_danh=field("020303421099", "Số"), nyc_ho_ten=field("A", "Họ tên")))
    assert [(one.key, one.same) for one in said] == [("nyc_so_dinh_danh", True)]
