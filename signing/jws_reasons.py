"""What a verdict on signed data can say beyond `signing.reasons`, in Vietnamese and English, with its weight.

The same rule as for PDFs: only proof of harm makes a verdict invalid. A JWS that breaks its format is such a proof
(EN 319 102-1, FORMAT_FAILURE): nothing that we or any honest signer filed looks like that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signing.policy import INVALID_CODES, OPEN_CODES
from signing.reasons import CODES, reason
from signing.verdict import Outcome, Reason

if TYPE_CHECKING:
    from collections.abc import Iterable

_TEXTS: Final[dict[str, tuple[str, str]]] = {
    "jws_malformed": (
        "Tệp chữ ký dữ liệu không đúng dạng JWS tách rời.",
        "The data's signature file is not a detached JWS.",
    ),
    "jws_header_incomplete": (
        "Phần đầu của chữ ký dữ liệu thiếu hoặc sai thông tin bắt buộc (chứng thư, thời điểm ký, hồ sơ).",
        "The header of the data's signature lacks required parts (certificate, signing time, dossier).",
    ),
    "jws_unsigned": (
        "Chữ ký dữ liệu tự khai là không ký (alg: none).",
        "The data's signature declares itself unsigned (alg: none).",
    ),
    "jws_algorithm_refused": (
        "Thuật toán của chữ ký dữ liệu không được chấp nhận hoặc không khớp với khóa trong chứng thư.",
        "The algorithm of the data's signature is refused, or does not fit the certificate's key.",
    ),
    "jws_crit_unknown": (
        "Chữ ký dữ liệu đòi hỏi một thuộc tính mà hệ thống không hiểu, nên theo chuẩn phải coi là không hợp lệ.",
        "The data's signature demands an extension that is not understood; by the standard it is invalid.",
    ),
    "jws_certificate_mismatch": (
        "Chứng thư trong chữ ký dữ liệu không khớp với dấu vân tay đã khai.",
        "The certificate in the data's signature does not match the thumbprint beside it.",
    ),
    "data_altered": (
        "Dữ liệu khác với dữ liệu đã ký.",
        "The data differ from the data that were signed.",
    ),
    "pdf_differs": (
        "Tệp PDF không phải tệp mà dữ liệu đã ký nêu.",
        "The PDF is not the one that the signed data name.",
    ),
    "pdf_renewed": (
        "PDF là bản đã nêu, sau đó chỉ được nối thêm (gia hạn dấu thời gian).",
        "The PDF is the one that is named, with later additions (renewed timestamps) at its end.",
    ),
    "dossier_differs": (
        "Dữ liệu đã ký thuộc hồ sơ khác.",
        "The signed data are of another dossier.",
    ),
    "data_intact": (
        "Dữ liệu đã ký còn nguyên vẹn.",
        "The signed data are intact.",
    ),
}

_INVALID: Final = INVALID_CODES | {
    "jws_malformed",
    "jws_header_incomplete",
    "jws_unsigned",
    "jws_algorithm_refused",
    "jws_crit_unknown",
    "jws_certificate_mismatch",
    "data_altered",
    "pdf_differs",
    "dossier_differs",
}

JWS_CODES: Final = frozenset(_TEXTS)


def jws_reason(code: str) -> Reason:
    """The reason of a code of ours or of `signing.reasons`; KeyError for any other."""
    if code in CODES:
        return reason(code)
    vietnamese, english = _TEXTS[code]
    return Reason(code, vietnamese, english)


def jws_outcome(codes: Iterable[str]) -> Outcome:
    """Valid needs a trusted chain and a proved time; harm that is proved outweighs everything."""
    said = set(codes)
    if said & _INVALID:
        return Outcome.INVALID
    if said & OPEN_CODES or not {"chain_trusted", "timestamped"} <= said:
        return Outcome.INDETERMINATE
    return Outcome.VALID
