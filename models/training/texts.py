"""Makes the texts of typeset training lines: what papers print that a few statutes do not.

Names, places, dates, amounts, identity numbers, codes of papers, addresses of the web, forms with leaders, boxes,
raised digits, machine-readable zones, and syllables put together at random, so that the reader learns letters and
not only the words of its corpus. A word is printed as one thing and labelled as another only for leaders.
"""

from __future__ import annotations

import string
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

from models.training.alphabet import TONES, VIETNAMESE_LETTERS
from models.training.figures import any_day, any_number, digits, pick
from models.training.wording import load_wording

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np


class Word(NamedTuple):
    """What is printed, and the label that it gets."""

    printed: str
    label: str


def _plain(text: str) -> list[Word]:
    return [Word(word, word) for word in text.split(" ") if word]


CODAS = ("", "", "n", "ng", "m", "i", "u", "p", "t", "c", "nh", "ch")
SIGNS = "…–—“”‘’½¼¾²³°№§©®☐☑☒•×±≥≤→/\\|@#%&*()[]{}<>+=~^_-:;,.!?\"'$€"


class TextMaker:
    """Draws lines of text; `corpus` holds labels of real lines to take words and phrases from."""

    def __init__(self, corpus: Sequence[str]) -> None:
        self._wording = load_wording()
        self._corpus = [text for text in corpus if len(text) > 20] or ["Độc lập - Tự do - Hạnh phúc"]
        words = sorted({word.lower() for text in self._corpus for word in text.split() if word.isalpha()})
        self._words_with = {
            letter: [word for word in words if letter in word] for letter in VIETNAMESE_LETTERS if letter.islower()
        }
        self._kinds = (
            (0.22, self._phrase),
            (0.09, self._person),
            (0.07, self._address),
            (0.07, self._date),
            (0.08, self._number),
            (0.09, self._code),
            (0.05, self._web),
            (0.12, self._form),
            (0.04, self._boxes),
            (0.04, self._raised),
            (0.04, self._heading),
            (0.015, self._zone),
            (0.05, self._syllables),
            (0.18, self._every_letter),
            (0.025, self._signs),
        )
        self._chances = [chance / sum(c for c, _ in self._kinds) for chance, _ in self._kinds]

    def line(self, rng: np.random.Generator) -> list[Word]:
        """The words of one line."""
        words: list[Word] = []
        for _ in range(1 if rng.random() < 0.7 else 2):
            words += self._kinds[int(rng.choice(len(self._kinds), p=self._chances))][1](rng)
        if rng.random() < 0.12:
            words = [Word(word.printed.upper(), word.label.upper()) for word in words]
        return words[:16]

    def _phrase(self, rng: np.random.Generator) -> list[Word]:
        words: list[str] = []
        for _ in range(int(rng.integers(1, 4))):
            source = pick(rng, self._corpus).split(" ")
            start = int(rng.integers(0, len(source)))
            words += source[start : start + int(rng.integers(2, 8))]
        return [Word(word, word) for word in words if "…" not in word]

    def name(self, rng: np.random.Generator) -> str:
        """A person's name."""
        middle = [pick(rng, self._wording.middles) for _ in range(int(rng.integers(0, 3)))]
        name = " ".join([pick(rng, self._wording.families), *middle, pick(rng, self._wording.given)])
        return name.upper() if rng.random() < 0.3 else name

    def _person(self, rng: np.random.Generator) -> list[Word]:
        before = pick(rng, ["", "", "Ông ", "Bà ", "Ông/Bà: ", "Họ và tên: ", "Người ký: ", "Kính gửi: ", "- "])
        return _plain(before + self.name(rng) + pick(rng, ["", "", ",", ";", "."]))

    def place(self, rng: np.random.Generator) -> str:
        """An address, from the smallest unit to the largest."""
        parts = []
        if rng.random() < 0.6:
            number = str(rng.integers(1, 900)) + pick(rng, ["", "", "A", "B", "/12", "/5/7", "Bis"])
            parts.append(
                f"{pick(rng, ['Số ', 'số nhà ', ''])}{number} {pick(rng, ['đường ', 'phố ', ''])}{self.name(rng)}"
            )
        kinds = ["phường ", "xã ", "P. ", "thị trấn ", "Phường ", "Xã ", "đặc khu "]
        parts.append(
            pick(rng, kinds) + (pick(rng, self._wording.localities) if rng.random() < 0.7 else str(rng.integers(1, 28)))
        )
        if rng.random() < 0.5:
            parts.append(pick(rng, ["quận ", "huyện ", "TP. ", "thị xã ", "Q. "]) + pick(rng, self._wording.localities))
        parts.append(pick(rng, ["tỉnh ", "", "", "thành phố "]) + pick(rng, self._wording.places))
        return pick(rng, [", ", ", ", " - "]).join(parts)

    def _address(self, rng: np.random.Generator) -> list[Word]:
        return _plain(pick(rng, ["", "Địa chỉ: ", "Nơi thường trú: ", "Tại ", "- "]) + self.place(rng))

    def _date(self, rng: np.random.Generator) -> list[Word]:
        return _plain(
            pick(rng, ["", f"{pick(rng, self._wording.places)}, ", "Sinh ngày: ", "Ngày cấp: ", "từ "]) + any_day(rng)
        )

    def _number(self, rng: np.random.Generator) -> list[Word]:
        return _plain(any_number(rng))

    def _code(self, rng: np.random.Generator) -> list[Word]:
        number = str(rng.integers(1, 9999)) if rng.random() < 0.7 else f"{rng.integers(1, 99):02d}"
        year = f"/{rng.integers(1995, 2031)}" if rng.random() < 0.3 else ""
        between = pick(rng, ["-", "-", "–", "/"])
        code = f"{number}{year}/{pick(rng, self._wording.kinds)}{between}{pick(rng, self._wording.issuers)}"
        if rng.random() < 0.3:
            code += pick(rng, ["-", "."]) + pick(rng, self._wording.issuers)
        before = [
            "Số: ",
            "Số ",
            "Căn cứ Quyết định số ",
            "Nghị định số ",
            "Thông tư ",
            "Công văn số ",
            "tại văn bản số ",
            "",
        ]
        after = f" {any_day(rng)}" if rng.random() < 0.4 else ""
        form = f"000.00.{rng.integers(1, 99):02d}.H{rng.integers(1, 63):02d}-{digits(rng, 6)}-{digits(rng, 4)}"
        return _plain(f"Mã hồ sơ: {form}" if rng.random() < 0.1 else pick(rng, before) + code + after)

    def _web(self, rng: np.random.Generator) -> list[Word]:
        def bare(text: str) -> str:
            text = text.lower().replace("đ", "d").replace(" ", "")
            return "".join(c for c in unicodedata.normalize("NFD", text) if c in string.ascii_lowercase + string.digits)

        host = bare(pick(rng, [*self._wording.places, *self._wording.issuers])) + pick(
            rng, [".gov.vn", ".edu.vn", ".vn", ".com", ".com.vn", ".org"]
        )
        path = "".join(
            "/" + bare(pick(rng, self._corpus))[: int(rng.integers(3, 14))] for _ in range(int(rng.integers(0, 3)))
        )
        spelled = [
            f"https://{host}{path}",
            f"http://www.{host}{path}",
            f"www.{host}",
            f"https://dichvucong.{host}{path}?id={digits(rng, 5)}",
            f"{bare(self.name(rng))}{digits(rng, int(rng.integers(0, 3)))}@{host}",
            f"{bare(pick(rng, self._wording.given))}.{bare(pick(rng, self._wording.families))}@{host}",
        ]
        return _plain(pick(rng, ["", "Website: ", "Email: ", "Thư điện tử: ", "tại địa chỉ "]) + pick(rng, spelled))

    def leader(self, rng: np.random.Generator) -> str:
        """A printed run of leaders."""
        count = int(rng.integers(5, 60)) if rng.random() < 0.8 else int(rng.integers(4, 8))
        unit = pick(rng, [".", ".", ".", ".", "…", "…", ". ", "_", "."])
        return (unit * (count // 3 + 2 if unit == "…" else count)).strip()

    def _form(self, rng: np.random.Generator) -> list[Word]:
        words: list[Word] = []
        for _ in range(int(rng.integers(1, 4))):
            run = self.leader(rng)
            texts = _plain(
                pick(rng, ["", "", "", "- ", f"{rng.integers(1, 20)}. ", "("]) + pick(rng, self._wording.labels)
            )
            if rng.random() < 0.25:
                texts = _plain(pick(rng, ["ngày", "tháng", "năm", "Số:", "tờ", "phường", "tại", "từ", "đến", "cấp"]))
            mark = pick(rng, [":", ":", ":", "", " (1):", "²:", ";"])
            *before, last = [*texts]
            last = Word(last.printed + mark.replace(" ", ""), last.label + mark.replace(" ", ""))
            end = pick(rng, ["", "", "", "", ";", ".", ",", "/"])
            end = "" if run[-1] in "._…" and end == "." else end
            if rng.random() < 0.5:
                words += [*before, Word(last.printed + run + end, last.label + "…" + end)]
            else:
                words += [*before, last, Word(run + end, "…" + end)]
        return words

    def _boxes(self, rng: np.random.Generator) -> list[Word]:
        words: list[Word] = []
        for _ in range(int(rng.integers(1, 4))):
            box = Word(*[pick(rng, ["☐", "☐", "☐", "☑", "☒"])] * 2)
            text = _plain(
                pick(
                    rng, ["Nam", "Nữ", "Có", "Không", "Cấp mới", "Cấp lại", "Khác", "Bản chính", *self._wording.labels]
                )
            )
            words += [box, *text] if rng.random() < 0.6 else [*text, box]
        return words

    def _raised(self, rng: np.random.Generator) -> list[Word]:
        labelled = pick(rng, self._wording.labels)
        amount = f"{rng.integers(1, 5000)}" + (f",{rng.integers(1, 9)}" if rng.random() < 0.5 else "")
        spelled = [
            f"{amount} m²",
            f"{amount}m²",
            f"{amount} m³",
            f"{amount} km²",
            "10³ đồng",
            f"{amount} cm²",
            f"{rng.integers(1, 90)}°C",
            f"{rng.integers(8, 110)}°{rng.integers(0, 60)}'",
            f"{rng.integers(1, 30)}½",
            "¾ diện tích",
            labelled + "¹",
            labelled + "²:",
            labelled + "³",
        ]
        return _plain(pick(rng, ["", "Diện tích: ", "diện tích sàn ", "khối lượng "]) + pick(rng, spelled))

    def _heading(self, rng: np.random.Generator) -> list[Word]:
        text = pick(rng, self._wording.headings)
        if rng.random() < 0.4:
            kind = pick(rng, ["TỈNH", "THÀNH PHỐ", "HUYỆN", "XÃ", "PHƯỜNG"])
            text += f" {kind} {pick(rng, self._wording.places).upper()}"
        return _plain(text)

    def _zone(self, rng: np.random.Generator) -> list[Word]:
        def bare(text: str) -> str:
            text = unicodedata.normalize("NFD", text.replace("Đ", "D").replace("đ", "d"))
            return "".join(c for c in text if not unicodedata.combining(c)).upper().replace(" ", "<")

        rows = [
            f"IDVNM{digits(rng, 10)}{digits(rng, 12)}<<{rng.integers(0, 9)}",
            f"{digits(rng, 7)}{pick(rng, 'MF')}{digits(rng, 7)}VNM<<<<<<<<<<<{rng.integers(0, 9)}",
            (
                bare(pick(rng, self._wording.families))
                + "<<"
                + bare(f"{pick(rng, self._wording.middles)} {pick(rng, self._wording.given)}")
            ).ljust(30, "<"),
        ]
        return _plain(pick(rng, rows))

    def _syllables(self, rng: np.random.Generator) -> list[Word]:
        words = []
        for _ in range(int(rng.integers(2, 9))):
            rhyme = unicodedata.normalize("NFD", pick(rng, self._wording.rhymes))
            at = max(i for i, c in enumerate(rhyme) if c in "aeiouy")
            while at + 1 < len(rhyme) and unicodedata.combining(rhyme[at + 1]):
                at += 1
            tone = pick(rng, ["", *TONES])
            word = pick(rng, [*self._wording.onsets, ""]) + unicodedata.normalize(
                "NFC", rhyme[: at + 1] + tone + rhyme[at + 1 :]
            )
            words.append(
                pick(rng, [word, word, word.capitalize(), word.upper()]) + pick(rng, ["", "", "", "", ",", ".", ";"])
            )
        return _plain(" ".join(words))

    def _every_letter(self, rng: np.random.Generator) -> list[Word]:
        """Words in which every accented letter, capitals too, is as frequent as any other."""
        words = []
        for _ in range(int(rng.integers(2, 9))):
            letter = pick(rng, VIETNAMESE_LETTERS)
            known = self._words_with[letter.lower()]
            word = pick(rng, self._wording.onsets) + letter.lower() + pick(rng, CODAS)
            if known and rng.random() < 0.6:
                word = pick(rng, known)
            words.append(word.upper() if letter.isupper() else pick(rng, [word, word, word.capitalize()]))
        return _plain(" ".join(words))

    def _signs(self, rng: np.random.Generator) -> list[Word]:
        letters = string.ascii_letters + string.digits + VIETNAMESE_LETTERS + SIGNS
        words = [
            "".join(pick(rng, letters) for _ in range(int(rng.integers(1, 9)))) for _ in range(int(rng.integers(1, 6)))
        ]
        return [Word(word, word) for word in words if ".." not in word and "_" not in word]
