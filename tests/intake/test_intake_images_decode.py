"""Page images decoded: with colour where they have one, and a third of the bytes where they have none."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image as Pil

from pipeline.intake.images import decode, decode_plain


@pytest.mark.parametrize(
    ("mode", "coding"), [("1", "PNG"), ("L", "PNG"), ("L", "JPEG"), ("RGB", "PNG"), ("RGB", "JPEG")]
)
def test_plain_is_grey_where_there_is_no_colour_and_the_same_page(mode: str, coding: str) -> None:
    values = np.random.default_rng(5).integers(0, 256, (40, 30, 3)).astype(np.uint8)
    out = BytesIO()
    Pil.fromarray(values).convert(mode).save(out, coding)
    plain, whole = decode_plain(out.getvalue()), decode(out.getvalue())
    assert plain.shape == ((40, 30, 3) if mode == "RGB" else (40, 30))
    assert whole.shape == (40, 30, 3)
    assert np.array_equal(whole, np.asarray(Pil.open(BytesIO(out.getvalue())).convert("RGB")))
    assert np.array_equal(whole, plain if plain.ndim == 3 else np.dstack([plain] * 3))
