"""Which syllables Vietnamese spelling allows: an onset, a rhyme and a tone that go together.

Every Vietnamese word of print is written as syllables between spaces, and a syllable is built strictly: the rhyme
decides which onset letters may stand before it (`k`, `gh`, `ngh` before front vowels), and a rhyme that ends in a stop
(`p`, `t`, `c`, `ch`) carries only the acute or the dot. The tables here are the rules of spelling as taught in school.
A tone is written on one of two letters of some rhymes (`hoà`, `hòa`): both are the same syllable here, so that nothing
that compares syllables can prefer one way of printing them.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

TONES = {"\u0300": "f", "\u0301": "s", "\u0309": "r", "\u0303": "x", "\u0323": "j"}
"""Combining marks of the five written tones, and the letter that stands for each (as typed in Telex)."""


def _listed(text: str) -> frozenset[str]:
    return frozenset(text.split())


_FRONT = "eêiy"
_ONSETS = ("ngh", "ch", "gh", "gi", "kh", "ng", "nh", "ph", "qu", "th", "tr", *"bcdđghklmnprstvx", "")
_RHYMES = _listed(
    """
    a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
    e ec em en eng eo ep et ê êch êm ên ênh êp êt êu
    i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu
    o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong ooc oong op
    ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
    u ua uc ui um un ung up ut uân uâng uât uây uê uêch uênh uêt uơ uôc uôi uôm uôn uông uôt uy uya uych uyên uyêt uynh
    uyt uyu ư ưa ưc ưi ưm ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu y yêm yên yêng yêt yêu
    """
)
_AFTER_QU = _listed(
    """
    a ac ach ai an ang anh ao at au ay ăc ăm ăn ăng ăp ăt ân âng ât ây âu e en eo et ê ên ênh êt êch
    i in inh it ích ơ y yên yêt ynh yt ych ô ôc
    """
)
_AFTER_GI = _listed("ê êc êm ên êng êp êt êu e eo i n ng m") | {r for r in _RHYMES if r[0] not in "iyêe"}
_STOPS = ("p", "t", "c", "ch")
_KEPT = 1 << 14
"""Answers remembered: more than there are syllables, and a bound for what noise may leave behind."""


@lru_cache(maxsize=_KEPT)
def syllable_key(word: str) -> str | None:
    """The letters of a word in lower case without its tone, then the tone's letter: `hoà` and `hòa` give `hoaf`.

    None for what is not a word of letters, and for a word with two tones.
    """
    if not word.isalpha():
        return None
    letters, tone = [], ""
    for mark in unicodedata.normalize("NFD", word.lower()):
        if mark in TONES:
            if tone:
                return None
            tone = TONES[mark]
        else:
            letters.append(mark)
    return unicodedata.normalize("NFC", "".join(letters)) + "'" + tone


@lru_cache(maxsize=_KEPT)
def is_syllable(key: str) -> bool:
    """Whether a key of `syllable_key` is a syllable that the rules of spelling allow."""
    letters, _, tone = key.partition("'")
    if letters.endswith(_STOPS) and tone not in ("s", "j"):
        return False
    return any(_fits(onset, letters[len(onset) :]) for onset in _ONSETS if letters.startswith(onset))


def _fits(onset: str, rhyme: str) -> bool:
    if not rhyme:
        return onset == "gi"
    if onset == "qu":
        return rhyme in _AFTER_QU
    if onset == "gi":
        return rhyme in _AFTER_GI
    if rhyme not in _RHYMES:
        return False
    front = rhyme[0] in _FRONT
    if onset in ("k", "gh", "ngh"):
        return front
    if onset in ("c", "g", "ng"):
        return not front or (onset == "g" and rhyme[0] == "i")
    if onset == "":
        return True
    return not (rhyme[0] == "y" and len(rhyme) > 1)
