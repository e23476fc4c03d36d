"""Seals that are faint or copied, places to sign that are empty, and seals that are no signature."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from extractors.fields import FieldSpec, FieldStatus, PageView
from extractors.labelled import LabelledExtractor
from extractors.seals import find_seals
from extractors.signatures import signature

if TYPE_CHECKING:
    from collections.abc import Callable

    from extractors.fields import Field

HINT = "(Ký, ghi rõ họ tên)"
SPEC = FieldSpec("ky", ("Ký, ghi rõ họ tên",), "signature")
RED, BLUE = (200, 30, 40), (30, 50, 180)


def drawn(
    view: PageView,
    *,
    seals: tuple[tuple[int, int], ...] = (),
    pens: tuple[tuple[int, int], ...] = (),
    grey: bool = False,
) -> PageView:
    """The page with seals round these middles and pens from these places on."""
    image = view.image.copy()
    image[:, :, 2] -= 18  # paper is never quite white
    for middle in seals:
        cv2.circle(image, middle, 130, RED, 6)
        cv2.putText(image, "UBND XA", (middle[0] - 70, middle[1] + 10), cv2.FONT_HERSHEY_SIMPLEX, 1.0, RED, 4)
    for x, y in pens:
        points = np.array([[x, y + 60], [x + 60, y], [x + 90, y + 90], [x + 160, y + 5], [x + 230, y + 80]])
        cv2.polylines(image, [points], isClosed=False, color=BLUE, thickness=5)
    if grey:
        image = np.repeat(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[:, :, None], 3, axis=2)
    return PageView.of(1, np.asarray(image, dtype=np.uint8), view.read)


def told(page: PageView, spec: FieldSpec = SPEC) -> Field:
    return {field.key: field for field in LabelledExtractor().extract([page], [spec])}[spec.key]


@pytest.mark.parametrize("grey", [False, True])
def test_a_pen_is_a_signature_and_an_empty_place_is_none(page_of: Callable[..., PageView], *, grey: bool) -> None:
    view = page_of([(900, 500, "Người khai"), (880, 540, HINT)])
    assert told(drawn(view, pens=((900, 590),), grey=grey)).value is True
    assert told(drawn(view, grey=grey)).value is False


def test_a_seal_alone_is_no_signature(page_of: Callable[..., PageView]) -> None:
    view = page_of([(900, 500, "CHỦ TỊCH"), (880, 540, HINT)])
    assert told(drawn(view, seals=((930, 650),))).value is False
    assert told(drawn(view, seals=((930, 650),), pens=((930, 600),))).value is True


def test_under_a_seal_in_grey_nobody_can_tell(page_of: Callable[..., PageView]) -> None:
    view = page_of([(900, 500, "CHỦ TỊCH"), (880, 540, HINT)])
    assert told(drawn(view, seals=((980, 650),), grey=True)).status is FieldStatus.DOUBTFUL


def test_of_two_places_with_one_hint_the_empty_one_counts(page_of: Callable[..., PageView]) -> None:
    view = page_of([(200, 500, "Bên A"), (900, 500, "Bên B"), (150, 540, HINT), (880, 540, HINT)])
    assert told(drawn(view, pens=((900, 590),))).value is False
    assert told(drawn(view, pens=((180, 590), (900, 590)))).value is True


def test_little_ink_is_put_to_a_person(page_of: Callable[..., PageView]) -> None:
    view = page_of([(880, 540, HINT)])
    image = view.image.copy()
    cv2.line(image, (960, 600), (975, 640), (0, 0, 0), 4)
    words = [word for line in view.read.lines for word in line.words]
    field = signature(SPEC, PageView.of(1, image, view.read), words, 30.0)
    assert field is not None
    assert (field.status, field.reason) == (FieldStatus.DOUBTFUL, "faint_ink")


def test_a_red_seal_is_sure_and_one_that_shines_through_is_not(page_of: Callable[..., PageView]) -> None:
    seal = find_seals(drawn(page_of([]), seals=((600, 700),)).image)
    assert [one.sure for one in seal] == [True]
    image = drawn(page_of([]), seals=((600, 700),)).image.copy()
    image[:, 600:][image[:, 600:, 1] < 150] = 235  # the right half of the ring did not come through
    assert [one.sure for one in find_seals(image)] in ([], [False])


def test_a_black_ring_beside_colours_is_asked_about(page_of: Callable[..., PageView]) -> None:
    view = page_of([(900, 500, "CHỦ TỊCH")])
    image = drawn(view, pens=((400, 900),)).image.copy()
    cv2.circle(image, (950, 700), 130, (40, 40, 40), 6)
    spec = FieldSpec("dau", ("CHỦ TỊCH",), "seal")
    field = told(PageView.of(1, image, view.read), spec)
    assert (field.value, field.status, field.reason) == (True, FieldStatus.DOUBTFUL, "seal_not_red")
