"""Writes the trained recogniser as the two files that reading needs: `reader.onnx` and `reader.json`.

The graph takes any number of crops of any width and answers chances (softmax), not logits. Fixed-point layers are
written as ONNX has them (QuantizeLinear, DequantizeLinear), with 8-bit weights; other weights are stored as 16-bit
floats and cast to 32 bits when the graph is loaded. Before anything is kept, the graph's answers are compared with
PyTorch's, on ONNX Runtime and on OpenVINO.
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
from models.training.fixed_point import STEPS, fixed_point_layers
from models.training.network import HEIGHT, STRIDE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from models.training.fixed_point import FixedPointConvolution

OPSET = 17
LARGEST_DIFFERENCE = 0.1
"""Between chances of PyTorch and of the exported graph; about 1e-5 without the rounding of weights to 16 bits."""
FEWEST_EQUAL = 0.998
"""Share of steps whose best class must stay the same."""
ROUNDED_DIFFERENCE, ROUNDED_EQUAL = 0.75, 0.985
"""The same for fixed point, where a sum in another order can tip a value over to the next step, and so on upwards: at
the steps where one letter ends and the next begins, both are then about as likely."""


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

    layers = fixed_point_layers(network)
    for layer in layers.values():
        layer.observing = (
            True  # computes in floats, so that the graph holds plain convolutions until they are rewritten
        )
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        # PyTorch's newer exporter needs a package more and gives the same graph; this one says it is the old one
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Answering(network).eval(), (torch.zeros(1, 3, HEIGHT, 40 * STRIDE),), buffer, dynamo=False,
            input_names=["x"], output_names=["chances"], opset_version=OPSET, do_constant_folding=True,
            dynamic_axes={"x": {0: "batch", 3: "width"}, "chances": {0: "batch", 1: "steps"}},
        )  # fmt: skip
    for layer in layers.values():
        layer.observing = False
    model = onnx.load_from_string(buffer.getvalue())
    without_pads(model)
    for name, layer in layers.items():
        block, _, last = name.rpartition(".")
        fix_point(model, "/".join(["/network", *[part for part in (block, last, "Conv") if part]]), layer)
    halve(model)
    model.producer_name, model.producer_version, model.doc_string = "hoso", "", ""
    for node in model.graph.node:
        node.doc_string = ""
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString(deterministic=True))


def without_pads(model: Any) -> None:
    """Gives what follows a padding that padding as its own, which costs nothing.

    The network's only paddings are a row of zeros below and a column at the right; zero is also the least that the
    maximum sees there, so that padding it with nothing gives the same.
    """
    from onnx import helper

    graph = model.graph
    pads = {node.output[0]: node for node in graph.node if node.op_type == "Pad"}
    for node in graph.node:
        if node.op_type in {"Conv", "MaxPool"} and node.input[0] in pads:
            for attribute in [a for a in node.attribute if a.name in {"pads", "auto_pad"}]:
                node.attribute.remove(attribute)
            node.attribute.append(helper.make_attribute("pads", [0, 0, 1, 1]))
            node.input[0] = pads[node.input[0]].input[0]
    wanted = {output.name for output in graph.output}
    for node in reversed(list(graph.node)):
        if wanted.isdisjoint(node.output):
            graph.node.remove(node)
        else:
            wanted.update(node.input)


def fix_point(model: Any, name: str, layer: FixedPointConvolution) -> None:
    """Rewrites the convolution of that name: rounded inputs, 8-bit weights."""
    from onnx import helper, numpy_helper

    graph = model.graph
    at, node = next((i, n) for i, n in enumerate(graph.node) if n.name == name)
    scales = layer.weight_scales().numpy().astype(np.float32)
    weights = layer.weight.detach().numpy()
    steps = np.clip(np.round(weights / scales.reshape(-1, 1, 1, 1)), -STEPS, STEPS).astype(np.int8)
    kind = np.int8 if bool(layer.signed) else np.uint8
    new = {
        "weights": steps,
        "weight_scales": scales,
        "weight_zeros": np.zeros(len(scales), np.int8),
        "scale": np.float32(layer.input_scale()),
        "zero": np.zeros((), kind),
    }
    graph.initializer.extend(numpy_helper.from_array(np.asarray(value), f"{name}.{key}") for key, value in new.items())
    rounding = [f"{name}.scale", f"{name}.zero"]
    made = [
        helper.make_node(
            "DequantizeLinear",
            [f"{name}.weights", f"{name}.weight_scales", f"{name}.weight_zeros"],
            [f"{name}.w"],
            axis=0,
        ),
        helper.make_node("QuantizeLinear", [node.input[0], *rounding], [f"{name}.q"]),
        helper.make_node("DequantizeLinear", [f"{name}.q", *rounding], [f"{name}.x"]),
    ]
    old = next(c for c in graph.initializer if c.name == node.input[1])
    graph.initializer.remove(old)
    node.input[0], node.input[1] = f"{name}.x", f"{name}.w"
    for number, new_node in enumerate(made):
        graph.node.insert(at + number, new_node)


def halve(model: Any) -> None:
    """Stores every 32-bit weight of an ONNX model as 16 bits, followed by a cast back."""
    from onnx import TensorProto, helper, numpy_helper

    casts = []
    for tensor in model.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or tensor.name.endswith("scales") or int(np.prod(tensor.dims)) < 64:
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
    rounded = network.shape.fixed_point
    farthest, fewest = (ROUNDED_DIFFERENCE, ROUNDED_EQUAL) if rounded else (LARGEST_DIFFERENCE, FEWEST_EQUAL)
    if any(far > farthest or equal < fewest for far, equal in found.values()):
        raise ValueError(f"the exported graph answers differently: {found}")
    out.mkdir(parents=True, exist_ok=True)
    (out / "reader.onnx").write_bytes(graph)
    text = json.dumps(describe(graph, name, extra), ensure_ascii=False, indent=1)
    (out / "reader.json").write_text(text + "\n", encoding="utf-8")
    return found
