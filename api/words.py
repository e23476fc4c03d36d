"""Vietnamese words for the stable codes that the command line shows. Codes never change; words may.

One table per family, code to words, out of the pages' own catalogue (`api/texts/words.yaml`), so that both doors speak
the same way. Pages ask the catalogue itself, by `t("status.filed")`, which knows every language.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from api.i18n import FOLDER, LANGUAGES, entries

if TYPE_CHECKING:
    from collections.abc import Mapping

    from extractors.fields import FieldValue

_SAID: Final = entries(FOLDER / "words.yaml")


def _family(name: str) -> Mapping[str, str]:
    parted = (key.split(".", 1) for key in _SAID)
    return {code: _SAID[f"{name}.{code}"][LANGUAGES[0]] for family, code in parted if family == name}


STATUS: Final = _family("status")
NEXT_STEP: Final = _family("next_step")
HELD_CAUSE: Final = _family("held_cause")
STAGE: Final = _family("stage")
FILES: Final = _family("files")
SLIP: Final = _family("slip")
SEVERITY: Final = _family("severity")
COMPONENT: Final = _family("component")
FIELD: Final = _family("field")
SOURCE: Final = _family("source")
REASON: Final = _family("reason")
OUTCOME: Final = _family("outcome")
PART: Final = _family("part")
LEDGER: Final = _family("ledger")


def shown(value: FieldValue) -> str:
    """A field's value for people: ISO dates the Vietnamese way, lists on one line, nothing for nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "có" if value else "không"
    if isinstance(value, list):
        return " / ".join(value)
    text = str(value)
    if match := re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", text):
        return "/".join(reversed(match.groups()))
    return text
