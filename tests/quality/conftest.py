"""A house that measures quality with the app over it, and people who have signed in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.composition import House, build_house
from pipeline.quality.settings import QualitySettings
from pipeline.review.settings import ReviewSettings
from pipeline.settings import Settings

# A test with room between promise and alarm needs few samples: what is tried here is the way, not the numbers.
MEASURE = QualitySettings(
    promise=0.02, detect=0.2, rate=1.0, most=1.0, planted=0.5, look_seconds=3600, individual_days=0
)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    review = ReviewSettings(undo_seconds=0, look_seconds=3600)
    with build_house(Settings(home=tmp_path / "home", cores=2, review=review, quality=MEASURE)) as built:
        yield built
