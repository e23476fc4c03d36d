"""A name for a dossier that says nothing of it: two words and a number, the same on the desk and on the phone.

Who photographs papers sees that the phone is joined to the right desk, and who looks over a shoulder learns nothing.
Made of the dossier's code, so it needs no place to be kept.
"""

from __future__ import annotations

import hashlib
from typing import Final

_FLOWERS: Final = (
    "Hoa Sen", "Hoa Mai", "Hoa Đào", "Hoa Cúc", "Hoa Lan", "Hoa Hồng", "Hoa Sứ", "Hoa Ban", "Hoa Quỳnh", "Hoa Nhài",
    "Hoa Súng", "Hoa Giấy", "Hoa Phượng", "Hoa Cau", "Hoa Bưởi", "Hoa Gạo",
)  # fmt: skip


def nickname(dossier_id: str) -> str:
    """Such as `Hoa Sen 27`."""
    digest = hashlib.sha256(f"nickname:{dossier_id}".encode()).digest()
    return f"{_FLOWERS[digest[0] % len(_FLOWERS)]} {10 + digest[1] % 90}"
