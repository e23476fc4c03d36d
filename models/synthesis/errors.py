"""What can go wrong while making samples. Stable codes; messages say in Vietnamese what a developer does next."""

from __future__ import annotations


class SynthesisError(Exception):
    """Base of the generator's errors."""

    code = "synthesis_failed"
    message_vi = "Không tạo được hồ sơ mẫu."
    remedy_vi = "Hãy xem chi tiết và chạy lại với hạt giống khác."

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.message_vi)
        self.detail = detail


class FontMissingError(SynthesisError):
    """A font file is not on this machine; `detail` names the package that brings it."""

    code = "font_missing"
    message_vi = "Thiếu phông chữ để tạo hồ sơ mẫu."
    remedy_vi = "Hãy cài gói phông chữ nêu trong chi tiết (apt-get install) rồi chạy lại."


class FontIncompleteError(SynthesisError):
    """A font lacks letters that it would have to draw; it is never used, not even for the letters it has."""

    code = "font_incomplete"
    message_vi = "Phông chữ thiếu chữ tiếng Việt nên không được dùng."
    remedy_vi = "Hãy cài phông chữ đủ chữ tiếng Việt nêu trong chi tiết."


class TextOverflowError(SynthesisError):
    """A text does not fit in the place that the form gives it."""

    code = "text_overflow"
    message_vi = "Nội dung dài hơn chỗ trống của biểu mẫu."
    remedy_vi = "Hãy rút gọn nội dung hoặc mở rộng chỗ trống trong biểu mẫu."
