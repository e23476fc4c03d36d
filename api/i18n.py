"""The words of the pages in every language, from one catalogue: `api/texts/*.yaml`, each key with all its languages.

A key that lacks a language, or stands in two files, stops the start: a page half in another language is a defect.
Values are put in by name (`{count}`), and both languages must name the same ones. Words for the stable codes of the
machine (statuses, stages, fields) are in `words.yaml`; `api/words.py` hands the Vietnamese ones to the command line.
"""

from __future__ import annotations

from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Final

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

LANGUAGES: Final = ("vi", "en")
COOKIE: Final = "hoso_language"
"""Where a browser keeps the choice; Vietnamese without it."""
FOLDER: Final = Path(__file__).parent / "texts"
# The catalogue is read at each start; where libyaml is there, ten times as fast.
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Texts:
    """All words; immutable."""

    def __init__(self, by_language: Mapping[str, Mapping[str, str]]) -> None:
        self._words = by_language

    def of(self, language: str) -> Mapping[str, str]:
        """Every key with its words in a language; Vietnamese for a language that we do not have."""
        return self._words.get(language, self._words[LANGUAGES[0]])

    def say(self, key: str, language: str, **values: object) -> str:
        """The words of a key with the values put in. Raises `KeyError` for an unknown key or a missing value."""
        return self.of(language)[key].format(**values) if values else self.of(language)[key]

    def has(self, key: str) -> bool:
        """Whether there are words for a key."""
        return key in self._words[LANGUAGES[0]]


def load_texts(folder: Path = FOLDER) -> Texts:
    """Reads the catalogue. Raises `ValueError`, naming the file and the key, where it is not whole."""
    found: dict[str, dict[str, str]] = {language: {} for language in LANGUAGES}
    for path in sorted(folder.glob("*.yaml")):
        for key, words in entries(path).items():
            if key in found[LANGUAGES[0]]:
                raise ValueError(f"{path.name}: {key} stands in another file, too")
            for language, said in words.items():
                found[language][key] = said
    return Texts(found)


def entries(path: Path) -> dict[str, dict[str, str]]:
    """One file: key, then its words by language. Raises `ValueError`, naming the key, where it is not whole."""
    found = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER) or {}  # noqa: S506 - a safe loader, see above
    for key, words in found.items():
        if not isinstance(words, dict) or set(words) != set(LANGUAGES):
            raise ValueError(f"{path.name}: {key} needs exactly {', '.join(LANGUAGES)}")
        if len({_names(str(said)) for said in words.values()}) != 1:
            raise ValueError(f"{path.name}: {key} does not name the same values in every language")
    return {key: {language: str(said) for language, said in words.items()} for key, words in found.items()}


def _names(said: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(said) if name is not None)
