"""What can go wrong when quality is measured."""

from __future__ import annotations

from pipeline.errors import Exit, HosoError


class NotSwitchedError(HosoError):
    """The kind is not under full review."""

    code = "quality_not_switched"
    exit_code = Exit.REFUSED
    message_vi = "Loại trường này không ở chế độ kiểm tra toàn bộ."
    remedy_vi = "Hãy tải lại trang chất lượng."


class ReasonMissingError(HosoError):
    """No reason was given."""

    code = "quality_reason_missing"
    exit_code = Exit.REFUSED
    message_vi = "Chưa ghi lý do."
    remedy_vi = "Hãy ghi lý do rồi làm lại."


class EvidenceNeededError(HosoError):
    """What people found does not speak for going back."""

    code = "quality_evidence_needed"
    exit_code = Exit.REFUSED
    message_vi = "Chưa đủ bằng chứng để thôi kiểm tra toàn bộ loại trường này."
    remedy_vi = "Hãy kiểm tra thêm hồ sơ; trang chất lượng cho biết còn thiếu bao nhiêu."


class UnknownBatchError(HosoError):
    """No such batch in this agency, or it is settled."""

    code = "quality_batch_unknown"
    exit_code = Exit.REFUSED
    message_vi = "Không có lô này."
    remedy_vi = "Hãy tải lại danh sách lô."


class UnknownOutlierError(HosoError):
    """No such odd reading in this agency, or it is settled."""

    code = "quality_outlier_unknown"
    exit_code = Exit.REFUSED
    message_vi = "Cách đọc này không còn trong danh sách."
    remedy_vi = "Hãy tải lại trang."
