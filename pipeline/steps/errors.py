"""What can be wrong about a step. Each names the dossier and says in Vietnamese what to do next."""

from __future__ import annotations

from pipeline.errors import Exit, HosoError


class StepRefusedError(HosoError):
    """The act is not possible where the dossier stands."""

    code = "step_refused"
    exit_code = Exit.REFUSED
    message_vi = "Hồ sơ đang ở bước khác nên chưa làm được việc này."
    remedy_vi = "Hãy tải lại trang; các bước phải làm theo thứ tự, không bỏ bước nào."


class StepChangedError(HosoError):
    """Somebody else was faster."""

    code = "step_changed"
    exit_code = Exit.REFUSED
    message_vi = "Hồ sơ vừa được người khác xử lý; việc của bạn chưa được ghi."
    remedy_vi = "Hãy tải lại trang, xem người trước đã làm gì rồi làm tiếp."


class StepReasonError(HosoError):
    """No reason was given."""

    code = "step_reason_missing"
    exit_code = Exit.REFUSED
    message_vi = "Phải ghi nội dung hoặc lý do."
    remedy_vi = "Hãy ghi lý do rồi làm lại."


class StepTakenError(HosoError):
    """The dossier is assigned to somebody else."""

    code = "step_taken"
    exit_code = Exit.REFUSED
    message_vi = "Hồ sơ đang được giao cho người khác."
    remedy_vi = "Hãy nhận lại hồ sơ (phân công cho mình) trước khi xử lý."


class NotDigitisedError(HosoError):
    """The dossier's papers are not yet read, checked, signed and filed."""

    code = "step_not_digitised"
    exit_code = Exit.REFUSED
    message_vi = "Chưa tiếp nhận được: giấy tờ chưa số hóa xong và chưa được ký số."
    remedy_vi = "Hãy hoàn tất kiểm tra dữ liệu để hồ sơ được ký số và lưu kho, rồi tiếp nhận."


class ResultMissingError(HosoError):
    """There is no result to be approved."""

    code = "step_result_missing"
    exit_code = Exit.REFUSED
    message_vi = "Hồ sơ chưa có kết quả kèm theo."
    remedy_vi = "Hãy trả lại bước thẩm định để đính kèm văn bản kết quả (PDF)."


class ResultUnusableError(HosoError):
    """What was attached is no PDF that can be signed."""

    code = "step_result_unusable"
    exit_code = Exit.REFUSED
    message_vi = "Tệp kết quả không dùng được: phải là tệp PDF ký số được."
    remedy_vi = "Hãy xuất lại kết quả ra PDF (không đặt mật khẩu, không khóa) rồi đính kèm."


class ResultUnknownError(HosoError):
    """The dossier has no such result, or it may not be shown yet."""

    code = "step_result_unknown"
    exit_code = Exit.REFUSED
    message_vi = "Hồ sơ không có kết quả này."
    remedy_vi = "Hãy tải lại trang."


class OwnWorkError(HosoError):
    """Nobody approves what they appraised themselves."""

    code = "step_own_work"
    exit_code = Exit.REFUSED
    message_vi = "Người thẩm định không tự phê duyệt hồ sơ của mình."
    remedy_vi = "Hãy để lãnh đạo khác phê duyệt; thủ tục có thể khai báo khác ở `steps.four_eyes`."


class AssigneeError(HosoError):
    """Nobody of that name may do this step."""

    code = "step_assignee"
    exit_code = Exit.REFUSED
    message_vi = "Không giao được hồ sơ cho người này."
    remedy_vi = "Hãy chọn người của cơ quan có vai trò làm bước hiện tại."


class CopyUnknownError(HosoError):
    """There is no such copy, or it is another agency's."""

    code = "copy_unknown"
    exit_code = Exit.REFUSED
    message_vi = "Không có bản sao này."
    remedy_vi = "Hãy quay lại danh sách bản sao chứng thực."


class CopyPagesError(HosoError):
    """The paper has no pages that could be copied."""

    code = "copy_pages"
    exit_code = Exit.REFUSED
    message_vi = "Giấy tờ này không có trang quét để sao."
    remedy_vi = "Hãy quét bản chính vào hồ sơ rồi chọn lại giấy tờ."


class CopyNotComparedError(HosoError):
    """Not every page was compared by whoever certifies."""

    code = "copy_not_compared"
    exit_code = Exit.REFUSED
    message_vi = "Chưa chứng thực được: còn trang chưa được chính bạn đối chiếu, hoặc có trang không khớp bản chính."
    remedy_vi = "Hãy đối chiếu từng trang với bản chính; trang không khớp thì quét lại và lập bản sao mới."


class ExtensionDayError(HosoError):
    """The new day is none, or does not lie after the old one."""

    code = "step_extension_day"
    exit_code = Exit.REFUSED
    message_vi = "Ngày hẹn lại phải sau hôm nay và sau ngày hẹn cũ."
    remedy_vi = "Hãy chọn ngày khác rồi làm lại."
