"""All extractors, and which of them look at which type of paper. A new extractor is one line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from extractors.cccd_qr import CardCodeExtractor
from extractors.fields import Source
from extractors.health_card_qr import HealthCardExtractor
from extractors.labelled import LabelledExtractor
from extractors.letter_types import letter_types
from extractors.letterhead import LetterheadExtractor
from extractors.mrz import ZoneExtractor
from extractors.tagged import TaggedExtractor

if TYPE_CHECKING:
    from collections.abc import Callable

    from extractors.fields import FieldExtractor
    from extractors.tagged import Tagger


def build_extractors(tagger: Callable[[], Tagger] | None = None) -> tuple[FieldExtractor, ...]:
    """Every extractor, strongest witness first; the learned one where a tagger is given, made when first needed."""
    learned = (TaggedExtractor(tagger),) if tagger is not None else ()
    codes = (CardCodeExtractor(), HealthCardExtractor(), ZoneExtractor())
    return (*codes, LetterheadExtractor(), LabelledExtractor(), *learned)


def applies(extractor: FieldExtractor, doc_type: str) -> bool:
    """Whether an extractor looks at papers of a type; one of another source looks at everything.

    Codes and zones are for the cards that they name (`papers`), the letterhead for letters, labels for everything that
    is not a letter.
    """
    own: frozenset[str] | None = getattr(extractor, "papers", None)
    if own is not None:
        return doc_type in own
    letter = doc_type in {kind.type for kind in letter_types()}
    if extractor.source is Source.LETTERHEAD:
        return letter
    if extractor.source in {Source.LABEL, Source.TAGGER}:
        return not letter
    return True
