"""Writes the trained recogniser as the two files that reading needs: `reader.onnx` and `reader.json`.

The graph takes any number of crops of any width and answers chances (softmax), not logits. Its weights are stored
as 16-bit floats and cast to 32 bits when the graph is loaded, which halves the file; the runtimes compute in 32 bits.
Before anything is kept, the graph's answers are compared with PyTorch's, on ONNX Runtime and on OpenVINO.
"""

from __future__ import annotations

import hashlib
import io
import json
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from models.training.alphabet import ALPHABET
from models.training.network import HEIGHT, STRIDE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

OPSET = 17
LARGEST_DIFFERENCE = 0.1
"""Between chances of PyTorch and of the exported graph; about 1e-5 without the rounding of weights to 16 bits."""
FEWEST_EQUAL = 0.998
"""Share of steps whose best class must stay the same."""


class Answering(torch.nn.Module):  # type: ignore[misc]  # torch is not installed where types are checked
    """The network with chances instead of logits at its end."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Any) -> Any:
        """Chances (batch, width // 8, classes)."""
        return torch.softmax(self.network(x), dim=2)


def as_onnx(network: Any) -> bytes:
    """The network as an ONNX graph with one input `x` and one output `chances`, weights stored in 16 bits."""
    import onnx

    buffer = io.BytesIO()
    with warnings.catch_warnings():
        # PyTorch's newer exporter needs a package more and gives the same graph; this one says it is the old one
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Answering(network).eval(), (torch.zeros(1, 3, HEIGHT, 40 * STRIDE),), buffer, dynamo=False,
            input_names=["x"], output_names=["chances"], opset_version=OPSET, do_constant_folding=True,
            dynamic_axes={"x": {0: "batch", 3: "width"}, "chances": {0: "batch", 1: "steps"}},
        )  # fmt: skip
    model = onnx.load_from_string(buffer.getvalue())
    halve(model)
    model.producer_name, model.producer_version, model.doc_string = "hoso", "", ""
    for node in model.graph.node:
        node.doc_string = ""
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString(deterministic=True))


def halve(model: Any) -> None:
    """Stores every 32-bit weight of an ONNX model as 16 bits, followed by a cast back."""
    from onnx import TensorProto, helper, numpy_helper

    casts = []
    for tensor in model.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or int(np.prod(tensor.dims)) < 64:
            continue
        name = tensor.name
        half = numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float16), f"{name}.half")
        tensor.CopyFrom(half)
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT))
    for cast in reversed(casts):
        model.graph.node.insert(0, cast)


def differences(graph: bytes, network: Any, crops: NDArray[np.float32]) -> dict[str, tuple[float, float]]:
    """By runtime: the largest difference of chances from PyTorch's, and the share of steps with the same best class.

    `crops` is (n, 3, HEIGHT, width), normalised.
    """
    import onnxruntime
    import openvino

    with torch.no_grad():
        wanted = torch.softmax(network(torch.from_numpy(crops)), dim=2).numpy()
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    compiled = openvino.Core().compile_model(
        openvino.Core().read_model(graph, b""), "CPU", {"INFERENCE_PRECISION_HINT": "f32"}
    )
    found = {"onnxruntime": session.run(None, {"x": crops})[0], "openvino": compiled(crops)[0]}
    return {
        name: (float(np.abs(chances - wanted).max()), float((chances.argmax(2) == wanted.argmax(2)).mean()))
        for name, chances in found.items()
    }


def describe(graph: bytes, name: str, extra: Mapping[str, Any]) -> dict[str, Any]:
    """What the reading side must know about the graph.

    A crop is scaled to `height` rows at its own proportions, `channels` of `colour_order`; a value v of 0..255 enters
    as (v / 255 - mean) / scale; the graph answers one step for every `stride` columns. Class k is `alphabet[k]`.
    """
    return {
        "name": name,
        "height": HEIGHT,
        "channels": 3,
        "colour_order": "RGB",
        "mean": 0.5,
        "scale": 0.5,
        "stride": STRIDE,
        "input": "x",
        "output": "chances",
        "sha256": hashlib.sha256(graph).hexdigest(),
        **extra,
        "alphabet": list(ALPHABET),
    }


def export(
    network: Any, out: Path, name: str, extra: Mapping[str, Any], crops: NDArray[np.float32]
) -> dict[str, tuple[float, float]]:
    """Writes both files under `out`; gives `differences`. Raises `ValueError` where they are too large."""
    graph = as_onnx(network)
    found = differences(graph, network, crops)
    if any(far > LARGEST_DIFFERENCE or equal < FEWEST_EQUAL for far, equal in found.values()):
        raise ValueError(f"the exported graph answers differently: {found}")
    out.mkdir(parents=True, exist_ok=True)
    (out / "reader.onnx").write_bytes(graph)
    text = json.dumps(describe(graph, name, extra), ensure_ascii=False, indent=1)
    (out / "reader.json").write_text(text + "\n", encoding="utf-8")
    return found
