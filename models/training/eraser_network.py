"""The eraser's network, its training and its export to ONNX.

A small encoder and decoder: ink is taken in squares of two by two pixels, looked at once more at a quarter of its size
with convolutions that reach far along the row (whether a dot belongs to a leader is told by its neighbours), and
answered with a log-odds for every pixel that its ink is a leader's. Trained with the difference between the row that is
left and the row without leaders; AdamW with a warm-up and a cosine, a moving average of the weights.
"""

from __future__ import annotations

import io
import logging
import math
import time
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from models.runtime import open_network
from models.training.eraser_samples import COLUMNS, ROWS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.runtime import Backend

log = logging.getLogger(__name__)

OPSET = 17
LARGEST_DIFFERENCE = 0.02
"""Between answers of PyTorch and of the exported graph."""
_RATE, _LATER_RATE, _LAST_RATE = 4e-3, 2.5e-3, 2e-5
_MEMORY = 0.995
_INKED = 0.2
"""Ink from which on a pixel is either a leader's or not."""
_TOUCHING = 2.0
"""How much more the text's ink counts where a leader's ink is near."""


def _convolution(inner: int, outer: int, stride: int = 1, along: int = 1) -> Any:
    return nn.Sequential(
        nn.Conv2d(inner, outer, 3, stride, padding=(1, along), dilation=(1, along), bias=False),
        nn.BatchNorm2d(outer),
        nn.ReLU(inplace=True),
    )


class EraserNetwork(nn.Module):  # type: ignore[misc]  # torch is not installed where types are checked
    """Ink (batch, 1, rows, columns), sides multiples of 4, to log-odds of the same shape."""

    def __init__(self, half: int = 16, quarter: int = 32, reaches: tuple[int, ...] = (1, 2, 4, 8)) -> None:
        super().__init__()
        self.first = nn.Sequential(_convolution(4, half), _convolution(half, half))
        self.down = _convolution(half, quarter, 2)
        self.far = nn.ModuleList(_convolution(quarter, quarter, along=reach) for reach in reaches)
        self.up = nn.Conv2d(quarter, half, 1)
        self.last = _convolution(2 * half, half)
        self.head = nn.Conv2d(half, 4, 3, padding=1)
        nn.init.constant_(self.head.bias, -2.0)  # most ink is no leader's

    def forward(self, x: Any) -> Any:
        """Log-odds that a pixel's ink is a leader's."""
        near = self.first(functional.pixel_unshuffle(x, 2))
        far = self.down(near)
        for layer in self.far:
            far = far + layer(far)
        up = functional.interpolate(self.up(far), scale_factor=2.0, mode="nearest")
        return functional.pixel_shuffle(self.head(self.last(torch.cat([near, up], 1))), 2)


def train(
    pairs: NDArray[np.uint8],
    *,
    steps: int,
    minutes: float = math.inf,
    batch: int = 32,
    seed: int = 7,
    threads: int = 1,
    start: EraserNetwork | None = None,
) -> EraserNetwork:
    """Trains on pairs of shape (count, 2, ROWS, COLUMNS): ink 0..255 with leaders and without; goes on from `start`."""
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    network: EraserNetwork = (start or EraserNetwork()).to(memory_format=torch.channels_last)
    average = {name: value.clone() for name, value in network.state_dict().items()}
    optimiser = torch.optim.AdamW(network.parameters(), lr=_RATE, weight_decay=1e-3)
    rate = _RATE if start is None else _LATER_RATE
    began, step = time.monotonic(), 0
    while (done := max(step / steps, (time.monotonic() - began) / (60 * minutes))) < 1:
        for group in optimiser.param_groups:
            group["lr"] = _LAST_RATE + rate * min(1.0, (step + 1) / 50) * (0.5 + 0.5 * math.cos(math.pi * done))
        drawn = pairs[rng.integers(0, len(pairs), batch)].astype(np.float32) / 255
        drawn = drawn ** rng.uniform(0.8, 1.25, (batch, 1, 1, 1)).astype(np.float32)
        seen, wanted = (torch.from_numpy(drawn[:, k : k + 1]) for k in (0, 1))
        network.train()
        loss = _loss(network(seen.contiguous(memory_format=torch.channels_last)), seen, wanted)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 2.0)
        optimiser.step()
        with torch.no_grad():
            memory = min(_MEMORY, step / (step + 10))
            for name, value in network.state_dict().items():
                if value.dtype.is_floating_point:
                    average[name].lerp_(value, 1 - memory)
        if step % 50 == 0:
            log.info("step %d, loss %.5f", step, float(loss.detach()))
        step += 1
    network.load_state_dict(average)
    network.to(memory_format=torch.contiguous_format)
    network.eval()
    return network


def _loss(odds: Any, seen: Any, wanted: Any) -> Any:
    inked = (seen > _INKED).float()
    left = seen * torch.sigmoid(-odds)
    # Marks of the text that touch leaders are few, and all that matters.
    leaders = functional.max_pool2d(((seen - wanted) > _INKED).float(), 5, 1, 2)
    weight = inked * (1 + _TOUCHING * leaders * (wanted > _INKED).float())
    off = (left - wanted).abs() * (1 + 3 * weight)
    share = (1 - wanted / seen.clamp(min=_INKED)).clamp(0, 1)
    each = functional.binary_cross_entropy_with_logits(odds, share, reduction="none")
    return off.sum() / inked.sum() + 0.3 * (each * weight).sum() / weight.sum()


def as_onnx(network: Any, ink: NDArray[np.float32]) -> bytes:
    """The graph, input `x`, output `y`. Raises `ValueError` where a runtime answers otherwise on `ink`."""
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        # PyTorch's newer exporter needs a package more and gives the same graph; this one says it is the old one
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network, (torch.zeros(1, 1, ROWS, COLUMNS),), buffer, dynamo=False, input_names=["x"], output_names=["y"],
            opset_version=OPSET, do_constant_folding=True, dynamic_axes={"x": {3: "columns"}, "y": {3: "columns"}},
        )  # fmt: skip
    graph = buffer.getvalue()
    with torch.no_grad():
        wanted = network(torch.from_numpy(ink)).numpy()
    backends: tuple[Backend, ...] = ("openvino", "onnxruntime")
    for backend in backends:
        (found,) = open_network(graph, backend=backend, precision="f32").run({"x": ink})
        far = float(np.abs(found - wanted).max())
        log.info("largest difference on %s: %.5f", backend, far)
        if far > LARGEST_DIFFERENCE:
            raise ValueError(f"the exported graph answers differently on {backend}: {far}")
    return graph
