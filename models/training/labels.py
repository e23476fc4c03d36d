"""How a printed line is written down as a label, the same for every source of training lines.

NFC; single spaces; a run of dot or underscore leaders is one `…`, as in the measuring pages' ground truth.
Look-alike code points that typesetters confuse (Eth for Đ, the hard hyphen, ligatures) become the letter that is seen.
Text whose spelling no reader could see from the print (control and private-use code points) gives no label.
"""

from __future__ import annotations

import re
import unicodedata

LEADERS = re.compile(r"(?:[.…_·]\s?){3,}|…[.…]*\s?")

_SEEN_AS = str.maketrans({
    "\u00d0": "Đ", "\u0189": "Đ", "\u01a2": "Ư", "\u01a3": "ư", "\u00a0": " ", "\u2009": " ", "\u202f": " ",
    "\u200b": "",
    "\u00ad": "-", "\u2010": "-", "\u2011": "-", "\u2012": "–", "\u2015": "—", "\ufb01": "fi", "\ufb02": "fl",
    "\u2024": ".", "\u2026": "…", "\u2022": "•", "\u25cf": "•", "\u25cb": "○", "\u25a1": "☐", "\u2212": "–",
    "\u00ba": "°", "\u2032": "'", "\u2033": '"', "\u2236": ":", "\u02bc": "’", "\uff0c": ",", "\u00b4": "’",
})  # fmt: skip

_UNSEEN = {"Cc", "Cf", "Co", "Cn", "Cs"}


def label(text: str) -> str | None:
    """The text as a label, or None where it holds code points that no reader could see."""
    text = unicodedata.normalize("NFC", text.translate(_SEEN_AS))
    text = re.sub(r"\s+", " ", text).strip()
    if any(unicodedata.category(character) in _UNSEEN for character in text):
        return None
    return leaders_to_one(text)


def leaders_to_one(text: str) -> str:
    """Every run of leaders as one `…`; a space before and after it is kept only where it was printed."""

    def one(run: re.Match[str]) -> str:
        return "… " if run.group().endswith(" ") else "…"

    return LEADERS.sub(one, text).strip()
