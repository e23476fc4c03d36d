"""Places for invented people: communes as they are called since July 2025 and as older cards call them.

Each row holds one place under both divisions of the country: the commune of today with its province, the commune,
district and province before 1 July 2025, and the three-digit code that births registered there were numbered with.
Only well-known places are listed, one or two a province: the list is for plausibility, it is not a gazetteer.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """One commune in both divisions."""

    code: str
    """Prefix of personal numbers registered here before July 2025."""
    commune: str
    """Kind and name today: `phường Bãi Cháy`."""
    province: str
    """Kind and name today: `tỉnh Quảng Ninh`, `thành phố Hà Nội`."""
    old_commune: str
    old_district: str
    old_province: str
    """Names without their kind, as an identity card prints them."""
    quarters: tuple[str, ...]
    """Names of quarters or hamlets within the commune, as an address begins."""

    @property
    def now(self) -> str:
        """`phường Bãi Cháy, tỉnh Quảng Ninh`."""
        return f"{self.commune}, {self.province}"

    @property
    def before(self) -> str:
        """`Bãi Cháy, Hạ Long, Quảng Ninh`."""
        return f"{self.old_commune}, {self.old_district}, {self.old_province}"


_URBAN = ("tổ 5, khu 3", "tổ 12, khu 7", "tổ 8, khu 2", "tổ 3, khu 9")
_STREET = ("số 18 ngõ 45 tổ 6", "số 27 tổ 14", "số 102 tổ 9", "số 5 ngách 12 tổ 21")
_RURAL = ("thôn Đông", "thôn Trung", "xóm 4", "thôn 7", "thôn Đoài")


def _row(line: str, quarters: tuple[str, ...]) -> Place:
    code, commune, province, old_commune, old_district, old_province = (part.strip() for part in line.split("|"))
    return Place(code, commune, province, old_commune, old_district, old_province, quarters)


PLACES: tuple[Place, ...] = (
    _row("001|phường Ba Đình|thành phố Hà Nội|Trúc Bạch|Ba Đình|Hà Nội", _STREET),
    _row("001|phường Cầu Giấy|thành phố Hà Nội|Dịch Vọng|Cầu Giấy|Hà Nội", _STREET),
    _row("001|xã Thạch Thất|thành phố Hà Nội|Kim Quan|Thạch Thất|Hà Nội", _RURAL),
    _row("022|phường Bãi Cháy|tỉnh Quảng Ninh|Bãi Cháy|Hạ Long|Quảng Ninh", _URBAN),
    _row("022|phường Hồng Gai|tỉnh Quảng Ninh|Hồng Gai|Hạ Long|Quảng Ninh", _URBAN),
    _row("022|phường Uông Bí|tỉnh Quảng Ninh|Quang Trung|Uông Bí|Quảng Ninh", _URBAN),
    _row("022|xã Tiên Yên|tỉnh Quảng Ninh|Tiên Lãng|Tiên Yên|Quảng Ninh", _RURAL),
    _row("020|phường Kỳ Lừa|tỉnh Lạng Sơn|Hoàng Văn Thụ|Lạng Sơn|Lạng Sơn", _STREET),
    _row("004|phường Thục Phán|tỉnh Cao Bằng|Sông Bằng|Cao Bằng|Cao Bằng", _STREET),
    _row("024|phường Bắc Giang|tỉnh Bắc Ninh|Ngô Quyền|Bắc Giang|Bắc Giang", _STREET),
    _row("027|phường Kinh Bắc|tỉnh Bắc Ninh|Kinh Bắc|Bắc Ninh|Bắc Ninh", _STREET),
    _row("025|phường Việt Trì|tỉnh Phú Thọ|Tiên Cát|Việt Trì|Phú Thọ", _STREET),
    _row("030|phường Hải Dương|thành phố Hải Phòng|Quang Trung|Hải Dương|Hải Dương", _STREET),
    _row("031|phường Lê Chân|thành phố Hải Phòng|An Biên|Lê Chân|Hải Phòng", _STREET),
    _row("033|phường Phố Hiến|tỉnh Hưng Yên|Hiến Nam|Hưng Yên|Hưng Yên", _STREET),
    _row("036|phường Nam Định|tỉnh Ninh Bình|Vị Xuyên|Nam Định|Nam Định", _STREET),
    _row("038|phường Hạc Thành|tỉnh Thanh Hóa|Điện Biên|Thanh Hóa|Thanh Hóa", _STREET),
    _row("040|phường Thành Vinh|tỉnh Nghệ An|Hưng Bình|Vinh|Nghệ An", _STREET),
    _row("040|xã Đô Lương|tỉnh Nghệ An|Đông Sơn|Đô Lương|Nghệ An", _RURAL),
    _row("042|phường Thành Sen|tỉnh Hà Tĩnh|Bắc Hà|Hà Tĩnh|Hà Tĩnh", _STREET),
    _row("046|phường Thuận Hóa|thành phố Huế|Vĩnh Ninh|Huế|Thừa Thiên Huế", _STREET),
    _row("048|phường Hải Châu|thành phố Đà Nẵng|Thạch Thang|Hải Châu|Đà Nẵng", _STREET),
    _row("056|phường Nha Trang|tỉnh Khánh Hòa|Lộc Thọ|Nha Trang|Khánh Hòa", _STREET),
    _row("066|phường Buôn Ma Thuột|tỉnh Đắk Lắk|Tân Lợi|Buôn Ma Thuột|Đắk Lắk", _STREET),
    _row("075|phường Trấn Biên|tỉnh Đồng Nai|Quang Vinh|Biên Hòa|Đồng Nai", _URBAN),
    _row("079|phường Sài Gòn|thành phố Hồ Chí Minh|Bến Nghé|Quận 1|Hồ Chí Minh", _STREET),
    _row("092|phường Ninh Kiều|thành phố Cần Thơ|Tân An|Ninh Kiều|Cần Thơ", _URBAN),
    _row("096|phường An Xuyên|tỉnh Cà Mau|Phường 9|Cà Mau|Cà Mau", _URBAN),
)


@dataclass(frozen=True, slots=True)
class Hospital:
    """A place where children are born. The department of health above it heads its letters."""

    name: str
    address: str
    department: str
    short: str
    """Abbreviation in document numbers."""


def hospital_near(place: Place) -> Hospital:
    """A plausible maternity hospital for the province that a place lies in today."""
    kind, _, name = place.province.partition(" ")
    if kind == "thành":
        name = name.removeprefix("phố ")
    seat = next(other for other in PLACES if other.province == place.province)
    department = f"SỞ Y TẾ {'TP. ' if kind == 'thành' else 'TỈNH '}{name.upper()}"
    return Hospital(f"Bệnh viện Sản Nhi {name}", seat.now, department, "BVSN")
