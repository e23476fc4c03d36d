"""Degradations: deterministic by seed, and they keep the print where it was."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from models.training import degrade as d


@pytest.fixture
def crop():
    image = np.full((90, 700), 255, np.uint8)
    cv2.putText(image, "Quyet dinh so 12", (20, 65), cv2.FONT_HERSHEY_TRIPLEX, 2, 0, 3)
    return image


def hit(crop, seed):
    return d.degrade(crop, np.random.default_rng(seed), width=480, height=48, ink=0.7)


def test_the_same_seed_gives_the_same_picture(crop):
    assert all(np.array_equal(hit(crop, seed), hit(crop, seed)) for seed in range(30))


def test_other_seeds_give_other_pictures(crop):
    pictures = [hit(crop, seed).tobytes() for seed in range(30)]
    assert len(set(pictures)) == 30


def test_pictures_have_the_shape_asked_for(crop):
    for seed in range(60):
        picture = hit(crop, seed)
        assert picture.shape == (48, 480, 3)
        assert picture.dtype == np.uint8


def test_print_stays_in_its_place(crop):
    clean = cv2.resize(crop, (480, 48), interpolation=cv2.INTER_AREA).astype(float)
    alike = [abs(np.corrcoef(clean.ravel(), hit(crop, seed).mean(2).ravel())[0, 1]) for seed in range(60)]
    assert np.mean(alike) > 0.8
    assert min(alike) > 0.25


def test_a_tilt_moves_the_ends_by_no_more_than_its_drift(crop):
    for seed in range(20):
        turned = d.tilt(crop, np.random.default_rng(seed), drift=6)
        rows = [np.flatnonzero((part < 128).any(axis=1)).mean() for part in (turned[:, :120], turned[:, -260:])]
        straight = [np.flatnonzero((part < 128).any(axis=1)).mean() for part in (crop[:, :120], crop[:, -260:])]
        assert abs((rows[0] - rows[1]) - (straight[0] - straight[1])) < 8


def test_two_levels_after_bilevel(crop):
    picture = d.bilevel(d.coloured(crop, np.random.default_rng(1)), np.random.default_rng(2))
    assert set(np.unique(picture)) == {0, 255}


def test_a_seal_is_red_and_never_lightens(crop):
    page = np.repeat(crop[..., None], 3, axis=2)
    stamped = [d.seal(page, np.random.default_rng(seed)).astype(int) for seed in range(8)]
    assert all((picture <= page.astype(int) + 1).all() for picture in stamped)
    assert any((picture[..., 0] - picture[..., 2] > 60).any() for picture in stamped)


def test_red_print_occurs_without_any_seal(crop):
    inks = [d.coloured(crop, np.random.default_rng(seed))[crop < 20].mean(0) for seed in range(200)]
    red = [ink for ink in inks if ink[0] > 140 and ink[1] < 90]
    blue = [ink for ink in inks if ink[2] > ink[0] + 40]
    assert 4 <= len(red) <= 30
    assert len(blue) >= 3
