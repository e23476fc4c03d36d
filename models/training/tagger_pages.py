"""Pages for the field tagger: generated forms as arrays of words, tags and links, kept in files, mixed while training.

Pages come from `models.synthesis.annotated` (layouts, typefaces and wordings meant for training only) and are encoded
as reading encodes them. What a scan and a reader do to words is done while sampling: boxes move, words change, the page
is cut and shifted. A tag or link that a page does not know is -100 and counts nothing.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from models.tagger import TAGS
from models.tagger_words import BUCKETS, FIRST_BUCKET, LOOKS, PAD, WINDOW, encode, token_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from models.synthesis.annotated import AnnotatedPage

UNKNOWN = -100
_TAG = {tag: index for index, tag in enumerate(TAGS)}
_MISREAD = 0.03
"""Share of words that a reader takes for others."""


@dataclass(frozen=True, slots=True)
class TaggedPage:
    """One page: `ids`, `looks`, `tags` and `links` are (words,), `boxes` is (words, 4).

    `links` is 0 for a value without a label, 1 + the index of its label's first word otherwise, and -100 for words that
    open no value.
    """

    ids: NDArray[np.int64]
    looks: NDArray[np.int64]
    boxes: NDArray[np.int64]
    tags: NDArray[np.int64]
    links: NDArray[np.int64]


def tags_of(page: AnnotatedPage) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Tags and links of a page's words."""
    tags = np.zeros(len(page.words), np.int64)
    links = np.full(len(page.words), UNKNOWN, np.int64)
    before: tuple[str, object] = ("other", None)
    starts: list[int] = []
    for index, word in enumerate(page.words):
        about: object = word.field if word.part == "value" else word.of
        now = (word.part, about)
        if word.part != "other":
            opens = now != before
            tags[index] = _TAG[f"{'B' if opens else 'I'}-{word.part}"]
            if opens and word.part == "value":
                links[index] = 0
                starts.append(index)
        before = now
    for label, value in page.links:
        first = label[0]
        for start in starts:
            if start in value and tags[first] == _TAG["B-label"]:
                links[start] = first + 1
    return tags, links


def vocabulary_of(pages: Iterable[AnnotatedPage], most: int = 4000) -> list[str]:
    """The words that pages have more than twice, the most frequent first."""
    counts: dict[str, int] = {}
    for page in pages:
        for word in page.words:
            token = token_of(word.text)
            if token:
                counts[token] = counts.get(token, 0) + 1
    known = [token for token, count in counts.items() if count > 2]
    return sorted(known, key=lambda token: (-counts[token], token))[:most]


def tagged(page: AnnotatedPage, vocabulary: Mapping[str, int]) -> TaggedPage:
    """A page as arrays."""
    tags, links = tags_of(page)
    words = page.words
    seen = encode([w.text for w in words], [w.box for w in words], (page.width, page.height), vocabulary)
    return TaggedPage(seen.ids, seen.looks, seen.boxes, tags, links)


def save(path: Path, pages: Iterable[TaggedPage]) -> None:
    """Pages into one file, their words one after the other."""
    kept = list(pages)
    names = ("ids", "looks", "boxes", "tags", "links")
    arrays: dict[str, Any] = {name: np.concatenate([getattr(page, name) for page in kept]) for name in names}
    np.savez_compressed(path, ends=np.cumsum([len(page.ids) for page in kept]), **arrays)


def load(path: Path) -> list[TaggedPage]:
    """The pages of a file."""
    with np.load(path) as kept:
        arrays = {name: kept[name] for name in kept.files}
    begins = [0, *arrays["ends"].tolist()]
    names = ("ids", "looks", "boxes", "tags", "links")
    return [
        TaggedPage(*(arrays[name][start:end] for name in names))
        for start, end in itertools.pairwise(begins)
    ]  # fmt: skip


def worn(page: TaggedPage, rng: np.random.Generator) -> TaggedPage:
    """What scanning and reading make of a page: a cut of it, moved, with boxes astray and some words misread."""
    ids, looks, boxes, tags, links = page.ids, page.looks, page.boxes, page.tags, page.links
    count = len(ids)
    if count > WINDOW or (count > 60 and rng.random() < 0.2):
        size = min(WINDOW, int(rng.integers(min(60, count), count + 1)))
        start = int(rng.integers(0, count - size + 1))
        cut = slice(start, start + size)
        ids, looks, boxes, tags, links = ids[cut], looks[cut], boxes[cut], tags[cut], links[cut]
        inside = (links > start) & (links <= start + size)
        links = np.where(inside, links - start, np.where(links > 0, UNKNOWN, links))
    moved = boxes.astype(np.float64)
    stretch = rng.uniform(0.85, 1.1, 2)
    shift = rng.uniform(-40, 40, 2)
    moved[:, 0::2] = moved[:, 0::2] * stretch[0] + shift[0]
    moved[:, 1::2] = moved[:, 1::2] * stretch[1] + shift[1]
    lean = rng.normal(0, 0.004)
    moved[:, 1::2] += moved[:, :1] * lean
    moved += rng.normal(0, 1.2, moved.shape)
    boxes = np.clip(np.rint(moved), 0, 1000).astype(np.int64)
    boxes[:, 2:] = np.maximum(boxes[:, 2:], boxes[:, :2])
    misread = rng.random(len(ids)) < _MISREAD
    ids = np.where(misread, rng.integers(FIRST_BUCKET, FIRST_BUCKET + BUCKETS, len(ids)), ids)
    odd = rng.random(len(ids)) < _MISREAD
    looks = np.where(odd, rng.integers(0, LOOKS, len(ids)), looks)
    return TaggedPage(ids, looks, boxes, tags, links)


def batches(
    pages: list[TaggedPage], size: int, rng: np.random.Generator, *, wear: bool = True
) -> Iterator[dict[str, NDArray[np.int64]]]:
    """Batches without end, pages of like length together, padded to the longest; see `padded`."""
    pool = size * 8
    while True:
        order = rng.permutation(len(pages))
        for start in range(0, len(order), pool):
            chosen = [worn(pages[i], rng) if wear else pages[i] for i in order[start : start + pool]]
            chosen.sort(key=lambda page: len(page.ids))
            groups = [chosen[at : at + size] for at in range(0, len(chosen), size)]
            for group in rng.permutation(len(groups)):
                yield padded(groups[group])


def padded(pages: list[TaggedPage]) -> dict[str, NDArray[np.int64]]:
    """One batch: ids, looks, boxes, mask, tags, links."""
    longest = min(WINDOW, max(len(page.ids) for page in pages))
    shape = (len(pages), longest)
    batch = {
        "ids": np.full(shape, PAD, np.int64),
        "looks": np.zeros(shape, np.int64),
        "boxes": np.zeros((*shape, 4), np.int64),
        "mask": np.zeros(shape, np.int64),
        "tags": np.full(shape, UNKNOWN, np.int64),
        "links": np.full(shape, UNKNOWN, np.int64),
    }
    for row, page in enumerate(pages):
        count = min(longest, len(page.ids))
        batch["ids"][row, :count] = page.ids[:count]
        batch["looks"][row, :count] = page.looks[:count]
        batch["boxes"][row, :count] = page.boxes[:count]
        batch["mask"][row, :count] = 1
        batch["tags"][row, :count] = page.tags[:count]
        links = page.links[:count]
        batch["links"][row, :count] = np.where(links > count, UNKNOWN, links)
    return batch
