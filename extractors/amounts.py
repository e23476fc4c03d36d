"""Whole numbers and sums of money, in digits, in words, or in both: `02 (hai) bản`, `1.000.000 đ`, `một triệu rưỡi`.

Digits in groups of three count as one number; a comma or point before other than three digits is a decimal, and no
decimal is ever made whole. Where digits and words stand side by side they must say the same. Words are parsed by
grammar on folded syllables (`dates.number_in_words` below a million), so a lost tone cannot change a number.
"""

from __future__ import annotations

import re

from extractors.dates import number_in_words
from extractors.text import fold, nfc

_SCALES = (("ty", 10**9), ("ti", 10**9), ("trieu", 10**6))
_DIGITS = re.compile(r"(?<![\d.,])(\d{1,3}(?:[.,\s]\d{3})+|\d+)(?![.,]?\d)")
_UNITS = r"(?:gam|gram|g|kg|bản|ban|tờ|trang|con|lần|lan|người|cái|chiếc|đồng|đ|vnđ|vnd|tháng|năm|ngày|m2|m²)"
_COUNT = {"nghin": 10**3, "ngan": 10**3, "trieu": 10**6, "ty": 10**9, "ti": 10**9}


def words_to_number(text: str) -> int | None:
    """The whole number that words spell: `một triệu hai trăm nghìn đồng` is 1200000; None for other texts."""
    words = [word for word in re.split(r"[^a-z]+", fold(nfc(text))) if word]
    while words and words[-1] in {"dong", "chan", "vnd", "ban", "con", "lan", "to", "trang", "nguoi", "viet", "nam"}:
        if words[-1] == "nam" and words[-2:-1] != ["viet"]:
            break  # `năm` is five, `đồng Việt Nam` is money
        words.pop()
    return _scaled(words)


def _scaled(words: list[str]) -> int | None:
    """Splits at the greatest scale word: what stands before multiplies it, what stands behind is added."""
    for scale, worth in _SCALES:
        if scale not in words:
            continue
        at = words.index(scale)
        head = _scaled(words[:at]) if scale != "trieu" else number_in_words(words[:at])
        if head is None:
            return None
        rest = words[at + 1 :]
        if rest == ["ruoi"]:
            return head * worth + worth // 2
        tail = _scaled(rest) if rest else 0
        return None if tail is None or tail >= worth else head * worth + tail
    for scale in ("nghin", "ngan"):
        if scale in words:
            at = words.index(scale)
            head, rest = number_in_words(words[:at]), words[at + 1 :]
            tail = 500 if rest == ["ruoi"] else number_in_words(rest) if rest else 0
            if head is None or tail is None or tail >= 1000 or head >= 1000 or (len(rest) == 1 and rest != ["ruoi"]):
                return None  # `hai nghìn hai` may be 2002 or 2200
            return head * 1000 + tail
    if words[-2:] == ["tram", "ruoi"]:
        base = number_in_words(words[:-1])
        return None if base is None else base + 50
    return number_in_words(words)


def whole_number(text: str) -> int | None:
    """A count such as `02 bản`, `hai bản`, `02 (hai) bản`, `3.200 gam`; None where it is none or says two things."""
    plain = nfc(text).strip(" .,:;")
    if re.fullmatch(r"\d(?:\s\d)+", plain):
        return int(re.sub(r"\s", "", plain))  # one figure in each box
    bare = re.sub(rf"(?:(?<=\d)|\s+){_UNITS}\s*$", "", plain, flags=re.IGNORECASE)
    in_words = re.sub(r"[\d()/:;.,]", " ", bare)
    spoken = [part for part in re.split(r"\s{2,}", in_words.strip()) if part]
    digits = _DIGITS.findall(bare)
    said = {int(re.sub(r"\D", "", found)) for found in digits}
    for part in spoken:
        words = re.sub(rf"(?:^|\s){_UNITS}$|^bằng chữ\s*|^viết bằng chữ\s*", "", part.strip(), flags=re.IGNORECASE)
        if not words:
            continue
        number = words_to_number(words)
        if number is None:
            return None
        said.add(number)
    if re.search(r"\d[.,]\d", bare) and not digits:
        return None  # a decimal
    return said.pop() if len(said) == 1 else None


def money(text: str) -> int | None:
    """A sum in whole dong: `1.000.000 đ`, `1,5 triệu đồng`, `500 nghìn`, `Một triệu đồng`; words must agree."""
    plain = nfc(text).strip(" .:;")
    scaled = re.match(r"(\d+)(?:[.,](\d{1,3}))?\s*(nghìn|ngàn|triệu|tỷ|tỉ)\b", plain, re.IGNORECASE)
    if scaled and not (scaled[2] and len(scaled[2]) == 3 and scaled[1] != "0"):
        worth = _COUNT[fold(scaled[3])]
        part = int((scaled[2] or "0").ljust(3, "0")) * worth // 1000
        first: int | None = int(scaled[1]) * worth + part
        rest = plain[scaled.end() :]
    else:
        found = _DIGITS.match(plain)
        first = int(re.sub(r"\D", "", found[1])) if found else None
        rest = plain[found.end() :] if found else plain
    if first is None:
        return words_to_number(plain) if re.search(r"đồng|vn[dđ]", plain, re.IGNORECASE) else None
    rest = re.sub(r"^\s*(?:đồng|đ|vnđ|vnd|₫)?(?:\s+việt\s+nam)?(?:\s*/\s*\w+)?\s*", "", rest, flags=re.IGNORECASE)
    words = re.sub(r"^\W*(?:viết\s+)?(?:bằng\s+chữ)?\s*[:.]?|[()]", " ", rest, flags=re.IGNORECASE).strip(" .;,")
    if not words:
        return first
    return first if words_to_number(words) == first else None
