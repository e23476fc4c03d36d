"""Lets a published network compute on 8-bit values where its time goes: in its widest convolutions.

Nothing is trained and no weights are shipped: when the graph is loaded, the inputs of the listed convolutions are
rounded to 256 steps up to a limit that was observed once (`scripts/calibrate_detector.py`), and their weights to 255
steps by output channel. OpenVINO computes such convolutions in 8 bits. The limits belong to one file, whose SHA-256
they carry: other bytes are refused. What the rounding changes is measured in docs/benchmarks.md.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from models.errors import WeightsError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SYMMETRIC = 127
_NO_INPUT = 1e-6


@dataclass(frozen=True, slots=True)
class Limit:
    """How large the inputs of a convolution get, and whether they are negative too."""

    largest: float
    signed: bool


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one graph's convolutions, by their names in the graph."""

    layers: Mapping[str, Limit]


def load_limits(path: Path, sha256: str) -> Limits:
    """Reads the limits of the graph of that SHA-256 (hex). Raises `WeightsError` naming the file."""
    try:
        found = json.loads(path.read_bytes())
        layers = {str(name): Limit(float(largest), bool(signed)) for name, (largest, signed) in found["layers"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise WeightsError(f"{path.name}: {error}") from error
    if found.get("sha256") != sha256:
        raise WeightsError(f"{path.name}: belongs to another graph than {sha256[:8]}")
    return Limits(layers)


def convolutions(model: Any) -> dict[str, Any]:
    """The convolutions of an OpenVINO model by name, those with one weight kernel for all channels."""
    return {n.get_friendly_name(): n for n in model.get_ordered_ops() if n.get_type_name() == "Convolution"}


def round_layers(model: Any, limits: Limits) -> None:
    """Rewrites an OpenVINO model in place. Raises `WeightsError` where a layer is not there."""
    from openvino import opset13

    def pinned(value: float) -> Any:
        return np.full((1, 1, 1, 1), value, np.float32)

    found = convolutions(model)
    for name, limit in limits.layers.items():
        node = found.get(name)
        if node is None or node.input_value(1).get_node().get_type_name() != "Constant":
            raise WeightsError(f"the graph has no convolution {name}")
        weights = node.input_value(1)
        largest = np.abs(weights.get_node().get_data()).max(axis=(1, 2, 3), keepdims=True).astype(np.float32)
        largest = np.maximum(largest, _NO_INPUT)
        kernel = opset13.fake_quantize(weights, -largest, largest, -largest, largest, 2 * SYMMETRIC + 1)
        top = max(limit.largest, _NO_INPUT)
        low, high = pinned(-top * (SYMMETRIC + 1) / SYMMETRIC if limit.signed else 0.0), pinned(top)
        values = opset13.fake_quantize(node.input_value(0), low, high, low, high, 256)
        node.input(0).replace_source_output(values.output(0))
        node.input(1).replace_source_output(kernel.output(0))
    model.validate_nodes_and_infer_types()
