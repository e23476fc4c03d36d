"""Words that papers of the state are full of, for typeset training lines: names, places, issuers, labels, headings.

The words are data (`wording.yaml`): common parts in invented combinations, never real persons. Onsets and rhymes of
Vietnamese syllables give words that no corpus holds, so that letters are learned and not only words.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml


@dataclass(frozen=True, slots=True)
class Wording:
    """Lists of parts of texts, NFC."""

    families: tuple[str, ...]
    middles: tuple[str, ...]
    given: tuple[str, ...]
    places: tuple[str, ...]
    localities: tuple[str, ...]
    issuers: tuple[str, ...]
    kinds: tuple[str, ...]
    labels: tuple[str, ...]
    headings: tuple[str, ...]
    onsets: tuple[str, ...]
    rhymes: tuple[str, ...]


def load_wording() -> Wording:
    """Reads the lists that lie beside this module. Raises `TypeError` where one is missing or unknown."""
    lists = yaml.safe_load(Path(__file__).with_name("wording.yaml").read_text(encoding="utf-8"))
    return Wording(
        **{name: tuple(filter(None, (part.strip() for part in text.split("|")))) for name, text in lists.items()}
    )
