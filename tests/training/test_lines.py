"""The store of training lines, and the batches drawn from it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from models.training.alphabet import ALPHABET
from models.training.lines import LineStore, LineWriter, PrintedLine, PrintedWord
from models.training.sampling import STRIDE, WIDTHS, Sampler, Source, choose_span

TEXTS = ["Kinh gui So Noi vu tinh", "ngay 12 thang 3", "So"]


def printed(text):
    words, x = [], 20
    image = np.full((100, 60 + 46 * len(text)), 255, np.uint8)
    for word in text.split():
        (width, _), _ = cv2.getTextSize(word, cv2.FONT_HERSHEY_SIMPLEX, 1.6, 3)
        cv2.putText(image, word, (x, 70), cv2.FONT_HERSHEY_SIMPLEX, 1.6, 0, 3)
        words.append(PrintedWord(word, x, x + width))
        x += width + 22
    return PrintedLine(np.ascontiguousarray(image[:, : x + 20]), tuple(words), 30, 80)


@pytest.fixture
def store(tmp_path):
    with LineWriter(tmp_path / "s") as writer:
        for text in TEXTS:
            writer.add(printed(text), "a.pdf#1")
    opened = LineStore(tmp_path / "s")
    yield opened
    opened.close()


def test_what_goes_in_comes_out(store):
    assert len(store) == 3
    for number, text in enumerate(TEXTS):
        line = store[number]
        assert line.text == store.text(number) == text
        assert np.array_equal(line.image, printed(text).image)
        assert (line.top, line.bottom) == (30, 80)
        assert store.source(number) == "a.pdf#1"
        assert store.aspect(number) == pytest.approx(line.image.shape[1] / 50)


def test_an_unfinished_store_cannot_be_read(tmp_path):
    def interrupted():
        with LineWriter(tmp_path / "s") as writer:
            writer.add(printed("So"), "a")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    with pytest.raises(FileNotFoundError):
        LineStore(tmp_path / "s")


def test_a_batch_depends_on_seed_and_number_alone(store):
    first, again = (Sampler([Source(store, 1.0)], height=48, seed=3) for _ in range(2))
    other = Sampler([Source(store, 1.0)], height=48, seed=4)
    first.batch(0, 960)
    assert np.array_equal(first.batch(5, 960).crops, again.batch(5, 960).crops)
    assert not np.array_equal(first.batch(5, 960).crops[0], other.batch(5, 960).crops[0])


def test_batches_have_one_known_width_and_labels_that_fit(store):
    sampler = Sampler([Source(store, 1.0)], height=48, seed=3)
    for number in range(25):
        batch = sampler.batch(number, 960)
        count, height, width, channels = batch.crops.shape
        assert (height, channels) == (48, 3)
        assert width in WIDTHS
        assert count == len(batch.classes) >= 1
        for classes in batch.classes:
            text = "".join(ALPHABET[c] for c in classes)
            assert any(text in whole for whole in TEXTS)
            assert len(classes) <= width // STRIDE


def test_a_span_is_whole_words_and_stops_short_of_its_neighbours():
    line = printed(TEXTS[0])
    for seed in range(60):
        span = choose_span(line, np.random.default_rng(seed), width=320, height=48)
        assert span.x0 <= line.words[span.first].x0
        assert span.x1 >= line.words[span.last].x1
        if span.first > 0:
            assert span.x0 > line.words[span.first - 1].x1
        if span.last + 1 < len(line.words):
            assert span.x1 < line.words[span.last + 1].x0
