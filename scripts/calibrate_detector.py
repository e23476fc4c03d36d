#!/usr/bin/env python3
"""Fits `models/detector_limits.json`: how large the inputs of the detector's widest convolutions get.

Runs the detector in 32 bits over sampled pages of PDFs, drawn at 100 to 300 dots per inch, and keeps for each layer the
value below which nearly all of its inputs lie. Files that measured pages come from stay out (`--exclude`, a table whose
second column names them). Layers after the last upsampling keep 32 bits: they draw the edges of the boxes.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import openvino
import pypdfium2
from openvino import opset13

from models.detector import prepare
from models.eight_bits import convolutions
from models.weights import PPOCR_DETECTOR

TABLE = Path(__file__).resolve().parent.parent / "models" / "detector_limits.json"
LAST = 65
"""Number of the last convolution that is rounded; the head of the network follows."""
LEAST_CHANNELS, FEWEST_PRODUCTS = 12, 144
"""Input channels, and input times output channels, below which a convolution costs nothing."""
TAIL = 0.9999


def main() -> None:
    """Writes the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pdfs", type=Path, required=True)
    parser.add_argument("--exclude", type=Path, required=True)
    parser.add_argument("--pages", type=int, default=2, help="of each PDF")
    chosen = parser.parse_args()
    named = {Path(row.split("\t")[1]).name for row in chosen.exclude.read_text().splitlines() if "\t" in row}
    graph = PPOCR_DETECTOR.load()
    core = openvino.Core()
    model = core.read_model(graph, b"")
    layers = {name: node for name, node in convolutions(model).items() if _wide(name, node)}
    outputs = openvino.Model([opset13.result(n.input_value(0)) for n in layers.values()], model.get_parameters())
    compiled = core.compile_model(outputs, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    limits = dict.fromkeys(layers, (0.0, False))
    rng = np.random.default_rng(1)
    for pdf in sorted(path for path in chosen.pdfs.glob("*.pdf") if path.name not in named):
        document = pypdfium2.PdfDocument(pdf)
        for number in rng.permutation(len(document))[: chosen.pages].tolist():
            scale = float(rng.uniform(100, 300)) / 72
            page = np.ascontiguousarray(document[number].render(scale=scale, rev_byteorder=True).to_numpy()[:, :, :3])
            found = compiled(prepare(page, 1280)[0])
            for place, name in enumerate(layers):
                values = np.abs(found[place].ravel())
                least = float(np.partition(values, at := int(len(values) * TAIL))[at])
                before, signed = limits[name]
                limits[name] = (max(before, least), signed or bool(found[place].min() < 0))
        document.close()
    rows = {name: [round(largest, 4), signed] for name, (largest, signed) in limits.items()}
    text = json.dumps({"sha256": PPOCR_DETECTOR.sha256, "layers": rows}, indent=0)
    TABLE.write_text(text + "\n", encoding="ascii")
    sys.stdout.write(f"{len(rows)} layers\n")


def _wide(name: str, node: openvino.Node) -> bool:
    outer, inner = list(node.input_value(1).get_node().get_output_shape(0))[:2]
    return (
        inner >= LEAST_CHANNELS
        and inner * outer >= FEWEST_PRODUCTS
        and int(name.rpartition(".")[2]) <= LAST
        and not _squeezed(node)
    )


def _squeezed(node: openvino.Node) -> bool:
    """Whether it belongs to a squeeze and excitation, which has one value a channel: nothing to save there."""
    before = node.input_value(0).get_node()
    while before.get_type_name() in {"Relu", "Add", "Identity", "Convolution"}:
        before = before.input_value(0).get_node()
    return bool(before.get_type_name() == "ReduceMean")


if __name__ == "__main__":
    main()
