"""What invented letters and decisions are about: office talk of a commune's people's committee.

Texts hold two places to fill: `{commune}` and `{due}`. Each is long enough to wrap over several printed lines and has
the abbreviations, numbers and references that such papers are full of.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Topic:
    """One subject."""

    abstract: str
    paragraphs: tuple[str, ...]
    grounds: tuple[str, ...] = ()

    @staticmethod
    def fill(texts: Sequence[str], commune: str, due: str) -> tuple[str, ...]:
        """The texts for one commune and one term."""
        return tuple(" ".join(text.split()).format(commune=commune, due=due) for text in texts)


LETTERS: tuple[Topic, ...] = (
    Topic(
        "thực hiện số hóa hồ sơ, kết quả giải quyết thủ tục hành chính",
        (
            """Thực hiện Nghị định số 118/2025/NĐ-CP của Chính phủ về thực hiện thủ tục hành chính theo cơ chế một cửa,
            một cửa liên thông tại Bộ phận Một cửa và Cổng Dịch vụ công quốc gia, Ủy ban nhân dân {commune} đề nghị các
            đơn vị phối hợp thực hiện một số nội dung sau:""",
            """1. Rà soát toàn bộ hồ sơ giấy còn lưu tại đơn vị, lập danh mục thành phần hồ sơ phải số hóa theo từng thủ
            tục hành chính, gửi về Trung tâm Phục vụ hành chính công trước ngày {due}.""",
            """2. Bố trí công chức ký số bản điện tử ngay sau khi quét; tuyệt đối không trả kết quả khi tệp chưa được ký
            số và chưa được kiểm tra.""",
            """3. Trong quá trình thực hiện, nếu có vướng mắc, đề nghị phản ánh về Văn phòng Hội đồng nhân dân và Ủy ban
            nhân dân để được hướng dẫn, tháo gỡ kịp thời./.""",
        ),
    ),
    Topic(
        "rà soát dữ liệu hộ tịch trên Hệ thống thông tin đăng ký, quản lý hộ tịch",
        (
            """Qua kiểm tra dữ liệu khai sinh, khai tử, kết hôn đã cập nhật, Ủy ban nhân dân {commune} nhận thấy còn một
            số trường hợp thiếu số định danh cá nhân, sai lệch ngày, tháng, năm sinh so với sổ gốc. Để bảo đảm dữ liệu
            đúng, đủ, sạch, sống, Ủy ban nhân dân {commune} đề nghị:""",
            """1. Công chức tư pháp - hộ tịch đối chiếu từng bản ghi với sổ hộ tịch, lập biên bản đối với trường hợp sai
            lệch và đề xuất hướng xử lý trước ngày {due}.""",
            """2. Công an {commune} phối hợp đối chiếu với Cơ sở dữ liệu quốc gia về dân cư đối với các trường hợp chưa
            xác định được số định danh.""",
            "Đề nghị các đơn vị nghiêm túc triển khai thực hiện./.",
        ),
    ),
)

DECISIONS: tuple[Topic, ...] = (
    Topic(
        "thành lập Tổ số hóa hồ sơ, giấy tờ hộ tịch",
        (
            """Điều 1. Thành lập Tổ số hóa hồ sơ, giấy tờ hộ tịch của {commune}, gồm Tổ trưởng là Phó Chủ tịch Ủy ban
            nhân dân và 05 thành viên theo danh sách kèm theo.""",
            """Điều 2. Tổ số hóa có nhiệm vụ quét, bóc tách, kiểm tra và ký số hồ sơ lưu; hoàn thành trước ngày {due};
            tự giải thể sau khi hoàn thành nhiệm vụ.""",
            """Điều 3. Chánh Văn phòng Hội đồng nhân dân và Ủy ban nhân dân, Giám đốc Trung tâm Phục vụ hành chính công
            và các ông, bà có tên tại Điều 1 chịu trách nhiệm thi hành Quyết định này./.""",
        ),
        (
            "Căn cứ Luật Tổ chức chính quyền địa phương ngày 16 tháng 6 năm 2025;",
            "Căn cứ Luật Hộ tịch ngày 20 tháng 11 năm 2014;",
            """Căn cứ Nghị định số 118/2025/NĐ-CP ngày 09 tháng 6 năm 2025 của Chính phủ về thực hiện thủ tục hành chính
            theo cơ chế một cửa, một cửa liên thông;""",
            "Theo đề nghị của Giám đốc Trung tâm Phục vụ hành chính công {commune}.",
        ),
    ),
)
