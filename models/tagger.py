"""Tells labels, values and headings on a form apart, and which value belongs to which label, by words and places.

A small layout transformer (its card: `models/weights_tagger/MODEL_CARD.md`) gives every word a tag, and every word that
opens a value a link to the word that opens its label, or to none. Here its answers become spans and pairs with their
chances. It knows nothing of procedures: what a label means is for whoever asks. Windows of a page are judged alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from models.errors import WeightsError
from models.tagger_words import encode, windows
from models.weights import load_checked, load_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from models.reading import ReadPage, Word
    from models.runtime import Network

WEIGHTS = Path(__file__).with_name("weights_tagger")
TAGS = ("O", "B-label", "I-label", "B-value", "I-value", "B-heading", "I-heading")
LABEL, VALUE, HEADING = "label", "value", "heading"


@dataclass(frozen=True, slots=True)
class Span:
    """Words that belong together in one role."""

    role: str
    words: tuple[Word, ...]
    probability: float
    """Chance that its least sure word has this role."""

    @property
    def text(self) -> str:
        """Its words, joined by spaces."""
        return " ".join(word.text for word in self.words)


@dataclass(frozen=True, slots=True)
class Pair:
    """A label with a value, or without one where the place is empty."""

    label: Span
    value: Span | None
    heading: Span | None
    """The last heading before the label, in reading order."""
    probability: float
    """Chance that label, value and the link between them are right."""


@dataclass(frozen=True, slots=True)
class TaggerModel:
    """A graph's bytes and the words that it knows."""

    graph: bytes
    name: str
    vocabulary: Mapping[str, int]


def load_tagger_model(folder: Path = WEIGHTS) -> TaggerModel:
    """`tagger.onnx` and `tagger.json` of a folder. Raises `WeightsError` naming the file."""
    path = folder / "tagger.json"
    try:
        meta = load_json(path.read_bytes(), path.name)
        words, sha256, name = meta["words"], str(meta["sha256"]), str(meta["name"])
        vocabulary = {str(word): number for number, word in enumerate(words, start=int(meta["first_word"]))}
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise WeightsError(f"{path.name}: {error}") from error
    return TaggerModel(load_checked(folder / "tagger.onnx", sha256), f"{name}:{sha256[:8]}", vocabulary)


def open_tagger(folder: Path = WEIGHTS) -> FieldTagger:
    """The tagger of a folder, on one thread. Raises `WeightsError`.

    ONNX Runtime: a form is a few hundred words, and where fields are made no other network runs.
    """
    from models.runtime import open_network

    model = load_tagger_model(folder)
    return FieldTagger(model, open_network(model.graph, backend="onnxruntime", precision="f32"))


class FieldTagger:
    """Pairs of labels and values on a page. Safe for threads where its network is."""

    def __init__(self, model: TaggerModel, network: Network) -> None:
        self.name = model.name
        self._vocabulary = model.vocabulary
        self._network = network

    def pairs(self, read: ReadPage) -> list[Pair]:
        """Labels in reading order, each with its values or with none; a label with two values is in two pairs."""
        found: list[Pair] = []
        heading: Span | None = None
        for words in windows(read):
            seen = encode([w.text for w in words], [w.box for w in words], (read.width, read.height), self._vocabulary)
            tags, links = self._ask(seen.ids, seen.looks, seen.boxes)
            spans = list(spans_of(words, tags))
            starts = dict(spans)
            values = _values_by_label(spans, starts, links)
            for start, span in spans:
                if span.role == HEADING:
                    heading = span
                elif span.role == LABEL:
                    told = values.get(start, [])
                    found += [Pair(span, value, heading, min(span.probability, chance)) for value, chance in told]
                    if not told:
                        found.append(Pair(span, None, heading, span.probability))
        return found

    def _ask(
        self, ids: NDArray[np.int64], looks: NDArray[np.int64], boxes: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        mask = np.ones((1, len(ids)), np.int64)
        inputs = {"ids": ids[None], "looks": looks[None], "boxes": boxes[None], "mask": mask}
        tags, links = self._network.run(inputs)
        return softmax(tags[0]), softmax(links[0])


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Chances along the last axis."""
    raised = np.exp(logits - logits.max(-1, keepdims=True))
    chances: NDArray[np.float32] = raised / raised.sum(-1, keepdims=True)
    return chances


def spans_of(words: Sequence[Word], tags: NDArray[np.float32]) -> Iterator[tuple[int, Span]]:
    """Spans with the index of their first word; `tags` (words, tags) are chances. A span that starts amiss still is."""
    role, start, least = "", 0, 1.0
    best = tags.argmax(-1)
    for index in range(len(words) + 1):
        name = TAGS[best[index]] if index < len(words) else "O"
        begins, kind = name[0] == "B", name[2:]
        if role and (begins or kind != role):
            yield start, Span(role, tuple(words[start:index]), round(least, 4))
            role = ""
        if not kind:
            continue
        chance = float(tags[index, best[index]] + _twin(tags[index], int(best[index])))
        if not role:
            role, start, least = kind, index, 1.0
        least = min(least, chance)


def _twin(chances: NDArray[np.float32], tag: int) -> float:
    """Chance of the other tag of the same role: where a span begins is not the question here."""
    return float(chances[_twins()[tag]]) if tag else 0.0


@lru_cache(maxsize=1)
def _twins() -> tuple[int, ...]:
    return (0, *(index + 1 if name[0] == "B" else index - 1 for index, name in enumerate(TAGS) if index))


def _values_by_label(
    spans: Sequence[tuple[int, Span]], starts: Mapping[int, Span], links: NDArray[np.float32]
) -> dict[int, list[tuple[Span, float]]]:
    """Values under the index of their label's first word. Only words that open a label can be linked to."""
    labels = [start for start, span in starts.items() if span.role == LABEL]
    values: dict[int, list[tuple[Span, float]]] = {}
    if not labels:
        return values
    columns = [0, *(start + 1 for start in labels)]
    for start, span in spans:
        if span.role != VALUE:
            continue
        chances = links[start, columns]
        best = int(chances.argmax())
        if best == 0:
            continue
        chance = float(chances[best] / max(float(chances.sum()), 1e-6)) * span.probability
        values.setdefault(labels[best - 1], []).append((span, round(chance, 4)))
    return values
