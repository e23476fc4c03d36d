"""What can be wrong on the citizen's page. None of these says whether a dossier exists."""

from __future__ import annotations

from pipeline.errors import Exit, HosoError


class SlipUnknownError(HosoError):
    """No such dossier, another secret, a slip that was printed anew, or one that has run out: one answer for all."""

    code = "slip_unknown"
    exit_code = Exit.REFUSED
    message_vi = "Mã hồ sơ hoặc mã tra cứu không đúng, hoặc phiếu đã được in lại hay hết hạn."
    remedy_vi = "Hãy xem lại hai mã trên phiếu mới nhất; nếu vẫn không được, hãy hỏi nơi nhận hồ sơ."


class VisitOverError(HosoError):
    """The visit has ended, or never was."""

    code = "visit_over"
    exit_code = Exit.REFUSED
    message_vi = "Lượt tra cứu đã hết."
    remedy_vi = "Hãy nhập lại mã hồ sơ và mã tra cứu trên phiếu."


class NotNowError(HosoError):
    """Nothing is asked for, it was given already, or it is not there yet."""

    code = "citizen_not_now"
    exit_code = Exit.REFUSED
    message_vi = "Hồ sơ hiện không nhận việc này."
    remedy_vi = "Hãy tải lại trang để xem hồ sơ đang ở bước nào."
