"""Rules on ages, consents and requests: kept, broken, undecided, and read with doubt."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.record import Severity
from pipeline.rules.context import KnownFacts
from pipeline.rules.requests import fingerprint

BLOCK, ASK, TELL = Severity.BLOCK, Severity.CONFIRM, Severity.INFO

MARRIAGE = {"type": "f", "man": "nam", "woman": "nu"}
COUPLE = {
    "nam_ngay_sinh": "2006-11-12", "nam_gioi_tinh": "Nam", "nam_so_dinh_danh": "001206000001",
    "nu_ngay_sinh": "2008-11-12", "nu_gioi_tinh": "Nữ", "nu_so_dinh_danh": "001308000001",
}  # fmt: skip
DEATH = {"type": "f", "born": "nkt_ngay_sinh", "died": "ngay_chet"}
DIED = {"nkt_ngay_sinh": "1940", "ngay_chet": "2026-11-10"}
OWNER = {"who": "chủ sở hữu", "signature": "ky", "name": "ten", "agrees": "dong_y"}
CONSENT = {"type": "f", "consents": [OWNER]}
SIGNED = {"ky": True, "ten": "LÊ VĂN AN", "dong_y": "Đồng ý"}
POWER = {"type": "f", "certified": ["so_chung_thuc", "dau"], "relationship": ["f", "quan_he"]}
FOREIGN = {
    "types": ["f"],
    "country": "nuoc",
    "legalised": ["hop_phap_hoa"],
    "translated": ["ban_dich"],
    "exempt": ["Lào"],
}
AGE = {"type": "f", "date": "ngay_cap", "months": 6}
DEAD = {"type": "f", "parents": ["me", "cha"]}

TABLE: list[tuple[str, dict[str, Any], dict[str, Any], list[tuple[Severity, str]]]] = [
    ("marriage_ages", MARRIAGE, COUPLE, []),  # both come of age on the very day
    ("marriage_ages", MARRIAGE, COUPLE | {"nam_ngay_sinh": "2006-11-13"}, [(BLOCK, "chưa đủ 20 tuổi")]),
    ("marriage_ages", MARRIAGE, COUPLE | {"nu_ngay_sinh": "2008-11-13"}, [(BLOCK, "mới 17 tuổi, chưa đủ 18 tuổi")]),
    ("marriage_ages", MARRIAGE, COUPLE | {"nam_ngay_sinh": "2006"}, [(ASK, "chưa rõ")]),
    ("marriage_ages", MARRIAGE, COUPLE | {"nam_ngay_sinh": "2005"}, []),
    ("marriage_ages", MARRIAGE, COUPLE | {"nu_gioi_tinh": "Nam"}, [(BLOCK, "Giới tính bên nữ")]),
    (
        "marriage_ages",
        MARRIAGE,
        COUPLE | {"nu_gioi_tinh": None, "nu_so_dinh_danh": "001208000001"},
        [(ASK, "số định danh bên nữ")],
    ),
    ("marriage_ages", MARRIAGE, COUPLE | {"nu_so_dinh_danh": "001206000001"}, [(BLOCK, "cùng một số định danh")]),
    (
        "marriage_ages",
        MARRIAGE | {"registered": "ngay"},
        COUPLE | {"ngay": "2026-11-11"},
        [(BLOCK, "bên nam"), (BLOCK, "bên nữ")],
    ),
    ("marriage_ages", MARRIAGE, COUPLE | {"nam_ngay_sinh": "ngày lạ"}, []),  # dates_not_future tells it
    ("death_dates", DEATH, DIED, []),
    ("death_dates", DEATH, DIED | {"nkt_ngay_sinh": "2026-11-11"}, [(BLOCK, "trước ngày sinh")]),
    ("death_dates", DEATH, DIED | {"nkt_ngay_sinh": "2026"}, []),
    ("death_dates", DEATH, DIED | {"ngay_chet": "2026-11-13"}, [(BLOCK, "sau ngày tiếp nhận 12/11/2026")]),
    ("death_dates", DEATH, DIED | {"ngay_chet": "2026-10-28"}, []),
    ("death_dates", DEATH, DIED | {"ngay_chet": "2026-10-27"}, [(ASK, "đã 16 ngày")]),
    ("death_dates", DEATH, DIED | {"ngay_chet": "2026-11-12T05:30"}, []),
    ("death_dates", DEATH, DIED | {"ngay_chet": "2026-10"}, [(ASK, "có thể đã quá hạn")]),
    ("death_dates", DEATH, DIED | {"ngay_chet": "1987"}, [(ASK, "quá hạn")]),
    (
        "death_dates",
        DEATH | {"registered": "ngay"},
        DIED | {"ngay": "2026-11-09"},
        [(BLOCK, "sau ngày đăng ký 09/11/2026")],
    ),
    ("deceased_parent", DEAD, {"me_noi_cu_tru": "Đã chết", "me_ngay_sinh": "1960"}, [(TELL, "“1960” là đủ")]),
    ("deceased_parent", DEAD, {"cha_noi_cu_tru": "ĐÃ MẤT (2019)"}, [(TELL, "đã chết")]),
    ("deceased_parent", DEAD, {"cha_noi_cu_tru": "xã Mất Sơn, tỉnh X"}, []),
    ("deceased_parent", DEAD, {"me_noi_cu_tru": None}, []),
    ("consent_present", CONSENT, SIGNED, []),
    (
        "consent_present",
        CONSENT,
        {"ky": False, "ten": None, "dong_y": None},
        [(BLOCK, "chưa có ý kiến và chữ ký của chủ sở hữu")],
    ),
    ("consent_present", CONSENT, SIGNED | {"ky": False}, [(ASK, "chưa thấy chữ ký")]),
    ("consent_present", CONSENT, SIGNED | {"ky": None}, [(ASK, "tận mắt")]),
    ("consent_present", CONSENT, SIGNED | {"dong_y": "Không đồng ý"}, [(BLOCK, "không đồng ý")]),
    ("consent_present", CONSENT, SIGNED | {"dong_y": False}, [(BLOCK, "không đồng ý")]),
    ("authorization_certified", POWER, {"so_chung_thuc": "12/2026"}, []),
    ("authorization_certified", POWER, {"so_chung_thuc": None, "dau": True}, []),
    (
        "authorization_certified",
        POWER,
        {"so_chung_thuc": None, "dau": False},
        [(ASK, "chưa thấy chứng thực; chưa rõ quan hệ")],
    ),
    ("authorization_certified", POWER, {"so_chung_thuc": None, "quan_he": "Bà nội"}, []),
    ("authorization_certified", POWER, {"so_chung_thuc": None, "quan_he": "Em họ"}, [(ASK, "“Em họ”")]),
    ("authorization_certified", POWER, {"quan_he": "Bạn"}, [(ASK, "chưa xác định được")]),
    ("foreign_paper_legalised", FOREIGN, {"nuoc": "Việt Nam"}, []),
    ("foreign_paper_legalised", FOREIGN, {"nuoc": "Pháp", "hop_phap_hoa": "123", "ban_dich": True}, []),
    ("foreign_paper_legalised", FOREIGN, {"nuoc": "Pháp"}, [(ASK, "hợp pháp hóa"), (ASK, "bản dịch")]),
    ("foreign_paper_legalised", FOREIGN, {"nuoc": "Lào", "ban_dich": True}, [(TELL, "được miễn")]),
    ("foreign_paper_legalised", {"types": ["f"], "legalised": ["hop_phap_hoa"]}, {}, [(ASK, "hợp pháp hóa")]),
    ("paper_age", AGE, {"ngay_cap": "2026-05-12"}, []),
    ("paper_age", AGE, {"ngay_cap": "2026-05-11"}, [(ASK, "đã quá 6 tháng (đến 11/11/2026)")]),
    ("paper_age", AGE, {"ngay_cap": "2026-05"}, [(ASK, "có thể đã quá")]),
    ("paper_age", AGE, {"ngay_cap": "2026-12-01"}, []),  # dates_not_future tells it
    ("paper_age", AGE | {"months": 3}, {"ngay_cap": "2026-08-31"}, []),
]


@pytest.mark.parametrize("row", TABLE)
def test_a_rule_on_one_paper(ask: Any, paper: Any, row: tuple[str, Any, Any, list[tuple[Severity, str]]]) -> None:
    rule, params, values, found = row
    said = ask(rule, params, paper("f", values))
    assert [one[0] for one in said] == [one[0] for one in found], said
    assert all(part in message for (_, message), (_, part) in zip(said, found, strict=True)), said


@pytest.mark.parametrize(
    "row",
    [
        ("marriage_ages", MARRIAGE, COUPLE | {"nam_ngay_sinh": "2016-11-13"}, "nam_ngay_sinh"),
        ("death_dates", DEATH, DIED | {"ngay_chet": "2026-11-13"}, "ngay_chet"),
        ("consent_present", CONSENT, SIGNED | {"dong_y": "Không"}, "dong_y"),
        ("consent_present", CONSENT, {"ky": False, "ten": None, "dong_y": None}, "ky"),
    ],
)
def test_a_doubtful_reading_never_blocks(ask: Any, paper: Any, row: tuple[str, Any, Any, str]) -> None:
    rule, params, values, key = row
    ((severity, message),) = ask(rule, params, paper("f", values, doubtful=(key,)))
    assert severity is ASK
    assert "đọc chưa chắc" in message


def test_a_reading_on_a_paper_of_doubtful_type_never_blocks(ask: Any, paper: Any) -> None:
    form = paper("f", DIED | {"ngay_chet": "2026-11-13"}).model_copy(update={"probability": 0.4})
    assert [severity for severity, _ in ask("death_dates", DEATH, form)] == [ASK]


def test_a_consent_is_asked_for_where_it_is_needed(ask: Any, paper: Any) -> None:
    nobody = {"ky": False, "ten": None, "dong_y": None}
    minor = {"type": "f", "consents": [OWNER | {"who": "cha, mẹ", "if_minor": "ngay_sinh"}]}
    assert ask("consent_present", minor, paper("f", nobody | {"ngay_sinh": "2008-11-12"})) == []
    assert ask("consent_present", minor, paper("f", nobody | {"ngay_sinh": "2008-11-13"}))[0][0] is BLOCK
    assert ask("consent_present", minor, paper("f", nobody | {"ngay_sinh": "2008"}))[0][0] is ASK
    assert ask("consent_present", minor, paper("f", nobody))[0][0] is ASK
    own = {"type": "f", "consents": [OWNER | {"unless_same": ["ho_ten", "ho_ten_chu_ho"]}]}
    alone = nobody | {"ho_ten": "Lê Thị Hoà", "ho_ten_chu_ho": "LÊ THỊ HÒA"}
    assert ask("consent_present", own, paper("f", alone)) == []
    assert ask("consent_present", own, paper("f", alone | {"ho_ten_chu_ho": "LÊ VĂN AN"}))[0][0] is BLOCK
    lease = {"type": "f", "consents": [OWNER | {"if_paper": ["hop_dong_thue"]}]}
    assert ask("consent_present", lease, paper("f", nobody)) == []
    assert ask("consent_present", lease, paper("f", nobody), paper("hop_dong_thue", {}, page=2))[0][0] is BLOCK


ASKED = {"type": "f", "keys": ["nks_ho_ten", "nks_ngay_sinh", "me_so_dinh_danh"]}
CHILD = {"nks_ho_ten": "Lê Thị Hoà", "nks_ngay_sinh": "2026-11-01", "me_so_dinh_danh": "001190000001"}


def test_the_same_request_twice(ask: Any, paper: Any) -> None:
    first, again = paper("f", CHILD), paper("f", CHILD | {"nks_ho_ten": "LÊ THỊ HÒA"}, page=2)
    twin = paper("f", CHILD | {"nks_ho_ten": "LÊ THỊ HẠNH"}, page=3)
    unread = paper("f", CHILD | {"me_so_dinh_danh": None}, page=4)
    ((severity, message),) = ask("duplicate_request", ASKED, first, again, twin, unread)
    assert severity is BLOCK
    assert "trang 1 và trang 2" in message
    assert "001190000001" not in message


def test_another_dossier_made_the_same_request(ask: Any, paper: Any) -> None:
    mark = fingerprint("f", CHILD.values())
    ((severity, message),) = ask("duplicate_request", ASKED, paper("f", CHILD), known=KnownFacts({mark: ("H1", "H9")}))
    assert severity is BLOCK
    assert "Hồ sơ H9" in message
    assert ask("duplicate_request", ASKED, paper("f", CHILD), known=KnownFacts({mark: ("H1",)})) == []  # itself
    other = KnownFacts({fingerprint("g", CHILD.values()): ("H9",)})
    assert ask("duplicate_request", ASKED, paper("f", CHILD), known=other) == []
    assert "001190000001" not in mark


PAIRS = [
    {"result": "ten", "source": ["f", "nks_ho_ten"], "label": "Họ tên"},
    {"result": "so", "source": ["f", "me_so_dinh_danh"], "label": "Số định danh mẹ"},
    {"result": "sinh", "source": ["cs", "luc_sinh"], "label": "Ngày sinh"},
]
RESULT = {"result": "kq", "pairs": PAIRS}


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, []),
        ({"ten": "Lê Thị Hồa"}, [(BLOCK, "về họ tên: Giấy kq (trang 3) ghi “Lê Thị Hồa”; Giấy f (trang 1) ghi")]),
        ({"ten": None}, [(ASK, "không có hoặc không đọc được họ tên")]),
        ({"so": "001190000002"}, [(BLOCK, "“…002”")]),
        ({"sinh": "2026-11-02"}, [(BLOCK, "02/11/2026")]),
    ],
)
def test_the_result_says_what_was_approved(ask: Any, paper: Any, change: Any, found: Any) -> None:
    result = {"ten": "LÊ THỊ HÒA", "so": "001190000001", "sinh": "2026-11-01"} | change
    papers = (paper("f", CHILD), paper("cs", {"luc_sinh": "2026-11-01T07:41"}, page=2), paper("kq", result, page=3))
    said = ask("result_equals_dossier", RESULT, *papers)
    assert [one[0] for one in said] == [one[0] for one in found]
    assert all(part in message for (_, message), (_, part) in zip(said, found, strict=True)), said


PLACES = {
    "left": "f",
    "right": "g",
    "pairs": [{"left": "noi", "right": "noi", "label": "nơi ở", "severity": "confirm"}],
}


@pytest.mark.parametrize(
    ("left", "right", "differ"),
    [
        ("tổ 21, phường Kỳ Lừa, tỉnh Lạng Sơn", "Tổ 21, Hoàng Văn Thụ, Lạng Sơn, Lạng Sơn", False),  # its old name
        ("tổ 21, phường Kỳ Lừa, tỉnh Lạng Sơn", "Tổ 3, Hoàng Văn Thụ, Lạng Sơn, Lạng Sơn", True),
        ("phường Kỳ Lừa, tỉnh Lạng Sơn", "Bệnh viện Sản Nhi, phường Kỳ Lừa, tỉnh Lạng Sơn", False),
        ("phường Sài Gòn, TP.HCM", "P. Đa Kao, Q.1, TP.HCM", True),  # divided: an officer says
        ("phường Kỳ Lừa, tỉnh Lạng Sơn", "phường Tam Thanh, tỉnh Lạng Sơn", True),
    ],
)
def test_a_place_under_its_old_and_its_new_name(ask: Any, paper: Any, left: str, right: str, differ: object) -> None:
    found = ask(
        "papers_agree", PLACES, paper("f", {"noi": left}), paper("g", {"noi": right}, page=2), kinds={"noi": "place"}
    )
    assert bool(found) is differ, found


def test_a_lunar_date_is_asked_about_and_never_called_wrong(ask: Any, paper: Any) -> None:
    ((severity, message),) = ask(
        "dates_not_future", {}, paper("f", {"sinh": "10/3/1950 (âm lịch)"}), kinds={"sinh": "date"}
    )
    assert severity is ASK
    assert "âm lịch" in message
    assert "hợp lệ" not in message


def test_a_date_may_lie_ahead_only_where_that_is_said(ask: Any, paper: Any) -> None:
    until = paper("f", {"den_ngay": "2027-01-01", "ngay_het_han": "2030-01-01"})
    kinds = {"den_ngay": "date", "ngay_het_han": "date"}
    assert [severity for severity, _ in ask("dates_not_future", {}, until, kinds=kinds)] == [BLOCK]
    assert ask("dates_not_future", {"ahead": ["den_ngay", "ngay_het_han"]}, until, kinds=kinds) == []
