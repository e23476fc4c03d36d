"""Vietnamese sentences for stable codes that come from below; the interface shows them, machines read the codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.errors import ReaderDiedError, ReadingError, TimeLimitError

if TYPE_CHECKING:
    from models.reading import Defect

DEFECTS = {
    "blank": "Trang trắng.",
    "blurred": "Ảnh bị mờ; hãy lau kính máy quét và quét lại.",
    "skewed": "Trang bị lệch {value:.1f} độ.",
    "too_small": "Độ phân giải quá thấp để đọc chắc chắn; hãy quét ở 300 dpi.",
    "turned": "Trang nằm ngang hoặc ngược; hệ thống đã xoay lại.",
    "cropped": "Chữ bị cắt ở mép trang; hãy đặt lại giấy và quét lại.",
    "faint": "Nét chữ quá nhạt; hãy tăng độ đậm khi quét.",
    "dark": "Trang quá tối; hãy quét lại với độ sáng cao hơn.",
}
UNREAD = frozenset({ReadingError.code, TimeLimitError.code, ReaderDiedError.code})
"""Codes of defects of pages that were given up while they were being read."""


def defect_message(defect: Defect) -> str:
    """What is wrong with a page and what to do, for a clerk."""
    return DEFECTS.get(defect.code, defect.code).format(value=defect.value, limit=defect.limit)
