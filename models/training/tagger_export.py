"""The field tagger's network as an ONNX graph, with any number of words, the same bytes for the same weights."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING

import onnx
import torch

if TYPE_CHECKING:
    from models.training.tagger_network import TaggerNetwork

OPSET = 17
_EXAMPLE = 40


def exported(network: TaggerNetwork) -> bytes:
    """Inputs `ids`, `looks`, `mask` (batch, words) and `boxes` (batch, words, 4), int64; outputs `tags`, `links`."""
    ids = torch.full((1, _EXAMPLE), 5)
    boxes = torch.arange(4).repeat(1, _EXAMPLE, 1) * 10
    inputs = (ids, torch.zeros_like(ids), boxes, torch.ones_like(ids))
    buffer = io.BytesIO()
    axes = {0: "batch", 1: "words"}
    with warnings.catch_warnings():
        # PyTorch's newer exporter needs a package more and gives the same graph; this one says it is the old one
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network.eval(), inputs, buffer, dynamo=False, opset_version=OPSET, do_constant_folding=True,
            input_names=["ids", "looks", "boxes", "mask"], output_names=["tags", "links"],
            dynamic_axes={"ids": axes, "looks": axes, "boxes": axes, "mask": axes, "tags": axes,
                          "links": {0: "batch", 1: "words", 2: "labels"}},
        )  # fmt: skip
    model = onnx.load_from_string(buffer.getvalue())
    model.producer_name, model.producer_version, model.doc_string = "hoso", "", ""
    for node in model.graph.node:
        node.doc_string = ""
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString(deterministic=True))
