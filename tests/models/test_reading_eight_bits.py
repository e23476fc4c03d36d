"""The detector in 8 bits: the same boxes within a fraction of a line's height, and limits that fit their graph."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from models import weights
from models.detector import DbnetDetector
from models.eight_bits import Limit, Limits, load_limits, round_layers
from models.errors import WeightsError
from models.factory import DETECTOR_LIMITS, ReaderOptions, build_detector
from models.runtime import open_network

if TYPE_CHECKING:
    from pathlib import Path


def test_boxes_are_those_of_32_bits() -> None:
    page = np.full((900, 700, 3), 255, np.uint8)
    for row in range(12):
        cv2.putText(page, "Cong hoa xa hoi chu nghia", (40, 80 + 65 * row), 0, 1.2, (20, 20, 20), 2, cv2.LINE_AA)
    plain = DbnetDetector(open_network(weights.PPOCR_DETECTOR.load()), "plain", side=900).detect(page)
    rounded = build_detector(ReaderOptions(detector_side=900)).detect(page)
    assert len(plain) == len(rounded) == 12
    order = [sorted((line.corners for line in lines), key=lambda c: c[0][1]) for lines in (plain, rounded)]
    far = np.abs(np.array(order[0]) - np.array(order[1])).max()
    assert far < 4


def test_limits_of_another_graph_are_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="another graph"):
        load_limits(DETECTOR_LIMITS, "0" * 64)
    broken = tmp_path / "limits.json"
    broken.write_text(json.dumps({"sha256": "0" * 64, "layers": {"Conv.1": 3}}))
    with pytest.raises(WeightsError, match=r"limits\.json"):
        load_limits(broken, "0" * 64)


def test_a_layer_that_is_not_there_is_named() -> None:
    openvino = pytest.importorskip("openvino", reason="only OpenVINO computes in 8 bits here")
    model = openvino.Core().read_model(weights.PPOCR_DETECTOR.load(), b"")
    with pytest.raises(WeightsError, match=r"Conv\.999"):
        round_layers(model, Limits({"Conv.999": Limit(1.0, signed=True)}))
