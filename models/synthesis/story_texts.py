"""Short phrases that stand in free places of forms: reasons, purposes, conditions. Invented, and meant of nobody."""

from __future__ import annotations

TEXTS: tuple[str, ...] = (
    "Bổ sung hồ sơ xin việc làm",
    "Làm thủ tục nhập học cho con",
    "Đề nghị giải quyết theo quy định",
    "Thất lạc giấy tờ do chuyển nhà",
    "Già yếu, bệnh lâu ngày",
    "Để làm thủ tục vay vốn ngân hàng",
    "Chuyển đến sinh sống cùng gia đình",
    "Đi học xa nhà có thời hạn",
    "Hoàn thiện hồ sơ bảo hiểm xã hội",
    "Sổ gốc ghi sai chữ đệm",
    "Nhà ở thuộc sở hữu của gia đình",
    "Thuê nhà có hợp đồng",
)

RELATIONS: tuple[str, ...] = ("Mẹ", "Cha", "Con", "Vợ", "Chồng", "Anh", "Chị", "Em ruột", "Ông", "Bà nội", "Cháu")

OATHS: tuple[str, ...] = (
    (
        "Tôi cam đoan những nội dung khai trên đây là đúng sự thật và chịu hoàn toàn trách nhiệm trước pháp luật về "
        "cam đoan của mình."
    ),
    "Tôi xin cam đoan lời khai trên là đúng, nếu sai tôi xin chịu trách nhiệm theo quy định của pháp luật.",
)
"""Used where a plan brings no oath of its own; the second kind is kept for held-out templates by the drawer."""
