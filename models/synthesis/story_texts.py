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

TOPICS: dict[str, tuple[str, ...]] = {
    "nguyen_nhan": ("Già yếu", "Bệnh tim mạch", "Tai nạn giao thông", "Suy hô hấp", "Ung thư phổi"),
    "tinh_trang_hon_nhan": (
        "Hiện tại chưa đăng ký kết hôn với ai",
        "Hiện tại có vợ",
        "Đã ly hôn, chưa đăng ký kết hôn với ai",
    ),
    "tinh_trang_con": ("Khỏe mạnh", "Bình thường"),
    "muc_dich": ("Để đăng ký kết hôn", "Để vay vốn ngân hàng", "Để mua bán nhà đất", "Để bổ sung hồ sơ xin việc"),
    "y_kien": ("Đồng ý", "Đồng ý cho đăng ký thường trú", "Tôi đồng ý", "Đồng ý cho đăng ký tạm trú"),
    "ket_luan": ("Có quan hệ huyết thống cha con", "Có quan hệ huyết thống mẹ con"),
    "nganh_nghe": ("Bán lẻ lương thực, thực phẩm", "Sửa chữa xe máy", "Dịch vụ ăn uống", "Cắt tóc, gội đầu"),
    "ten_ho": ("Hộ kinh doanh Minh Phát", "Hộ kinh doanh Thu Hà", "Tạp hóa Bình An"),
    "loai_giay_to": ("Giấy khai sinh", "Trích lục khai sinh", "Giấy chứng nhận kết hôn"),
    "ten_giay_to": ("Bằng tốt nghiệp trung học phổ thông", "Giấy khai sinh", "Sổ hộ khẩu"),
    "noi_dung_de_nghi": (
        "Đăng ký thường trú",
        "Đăng ký tạm trú",
        "Gia hạn tạm trú",
        "Tách hộ",
        "Xác nhận thông tin về cư trú",
    ),
    "loai_viec": ("Cải chính", "Thay đổi", "Bổ sung thông tin hộ tịch"),
}
"""What stands in free places whose key has a part of this name."""

RELATIONS: tuple[str, ...] = ("Mẹ", "Cha", "Con", "Vợ", "Chồng", "Anh", "Chị", "Em ruột", "Ông", "Bà nội", "Cháu")

OATHS: tuple[str, ...] = (
    (
        "Tôi cam đoan những nội dung khai trên đây là đúng sự thật và chịu hoàn toàn trách nhiệm trước pháp luật về "
        "cam đoan của mình."
    ),
    "Tôi xin cam đoan lời khai trên là đúng, nếu sai tôi xin chịu trách nhiệm theo quy định của pháp luật.",
)
"""Used where a plan brings no oath of its own; the second kind is kept for held-out templates by the drawer."""
