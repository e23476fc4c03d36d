"""The quick line detector's network, its training and its export to ONNX.

A small feature pyramid with a quarter of a million weights: three by three convolutions at a half to a thirty-second of
the input's size, and back up to a quarter of it, where it answers six numbers for every cell. Trained with
cross-entropy and overlap on cores and with distances as shares of the line's height; AdamW with a warm-up and a
cosine, a moving average of the weights. Before the graph is kept, its answers are compared with PyTorch's.
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

from models.quick_lines import UNIT
from models.runtime import open_network
from models.training.line_samples import draw

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from models.reading import Image
    from models.runtime import Backend

log = logging.getLogger(__name__)

OPSET = 17
LARGEST_DIFFERENCE = 0.02
"""Between answers of PyTorch and of the exported graph."""
_RATE, _LAST_RATE = 3e-3, 2e-5
_MEMORY = 0.995


def _convolution(inner: int, outer: int, stride: int = 1, dilation: int = 1) -> Any:
    return nn.Sequential(
        nn.Conv2d(inner, outer, 3, stride, padding=dilation, dilation=dilation, bias=False),
        nn.BatchNorm2d(outer),
        nn.ReLU(inplace=True),
    )


class _Residual(nn.Module):  # type: ignore[misc]  # torch is not installed where types are checked
    def __init__(self, channels: int, dilation: int = 1) -> None:
        super().__init__()
        self.a = _convolution(channels, channels, dilation=dilation)
        self.b = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels)
        )  # fmt: skip

    def forward(self, x: Any) -> Any:
        return functional.relu(x + self.b(self.a(x)))


class QuickNetwork(nn.Module):  # type: ignore[misc]  # torch is not installed where types are checked
    """Ink (batch, 1, height, width), sides multiples of 32, to (batch, 6, height / 4, width / 4)."""

    def __init__(self, widths: tuple[int, int, int, int] = (16, 32, 48, 64), last: int = 24) -> None:
        super().__init__()
        c4, c8, c16, c32 = widths
        self.stem = nn.Sequential(_convolution(1, 8, 2), _convolution(8, c4, 2))
        self.s8 = nn.Sequential(_convolution(c4, c8, 2), _convolution(c8, c8))
        self.s16 = nn.Sequential(_convolution(c8, c16, 2), _Residual(c16))
        self.s32 = nn.Sequential(_convolution(c16, c32, 2), _Residual(c32), _Residual(c32, 2))
        self.l32, self.l16, self.t16 = (
            nn.Conv2d(c32, c16, 1),
            nn.Sequential(_convolution(c16, c16)),
            nn.Conv2d(c16, c8, 1),
        )
        self.l8, self.t8, self.t4 = _convolution(c8, c8), nn.Conv2d(c8, last, 1), nn.Conv2d(c4, last, 1)
        self.l4, self.head = _convolution(last, last), nn.Conv2d(last, 6, 1)
        nn.init.constant_(self.head.bias[:4], -2.5)  # most of a page is no core

    def forward(self, x: Any) -> Any:
        """Log-odds of four quarters, and the distances to the line's top and bottom in `UNIT`s."""
        quarter = self.stem(x)
        eighth = self.s8(quarter)
        sixteenth = self.s16(eighth)
        deep = self.s32(sixteenth)
        sixteenth = self.l16(sixteenth + _twice(self.l32(deep)))
        eighth = self.l8(eighth + _twice(self.t16(sixteenth)))
        return self.head(self.l4(functional.relu(self.t4(quarter) + _twice(self.t8(eighth)))))


def _twice(x: Any) -> Any:
    return functional.interpolate(x, scale_factor=2.0, mode="nearest")


def train(
    pages: Sequence[tuple[Image, list[NDArray[np.float32]]]],
    *,
    steps: int,
    minutes: float = math.inf,
    batch: int = 6,
    seed: int = 7,
    threads: int = 1,
) -> QuickNetwork:
    """Trains on pages with the corners of their lines, for `steps` steps or `minutes`, whichever ends first."""
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    network: QuickNetwork = QuickNetwork().to(memory_format=torch.channels_last)
    average = {name: value.clone() for name, value in network.state_dict().items()}
    optimiser = torch.optim.AdamW(network.parameters(), lr=_RATE, weight_decay=1e-3)
    began, step = time.monotonic(), 0
    while (done := max(step / steps, (time.monotonic() - began) / (60 * minutes))) < 1:
        for group in optimiser.param_groups:
            group["lr"] = _LAST_RATE + _RATE * min(1.0, (step + 1) / 50) * (0.5 + 0.5 * math.cos(math.pi * done))
        drawn = [draw(pages, rng) for _ in range(batch)]
        ink = torch.from_numpy(np.stack([square for square, _ in drawn]).astype(np.float32))[:, None]
        targets = [
            torch.from_numpy(np.stack([getattr(target, part) for _, target in drawn]))
            for part in ("core", "up", "down", "known")
        ]
        network.train()
        loss = _loss(network(ink.contiguous(memory_format=torch.channels_last)), *targets)
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
            log.info("step %d, loss %.4f", step, float(loss))
        step += 1
    network.load_state_dict(average)
    network.to(memory_format=torch.contiguous_format)
    network.eval()
    return network


def _loss(answer: Any, core: Any, up: Any, down: Any, known: Any) -> Any:
    odds = functional.pixel_shuffle(answer[:, :4], 2)[:, 0]
    each = functional.binary_cross_entropy_with_logits(odds, core, reduction="none")
    chance = torch.sigmoid(odds)
    apart = 1 - (2 * (chance * core).sum() + 1) / ((chance + core).sum() + 1)
    height = (up + down).clamp(min=6)
    shares = torch.stack([answer[:, 4] * UNIT / height, answer[:, 5] * UNIT / height], 1)
    wanted = torch.stack([up / height, down / height], 1)
    off = functional.smooth_l1_loss(shares, wanted, beta=0.03, reduction="none")
    return 2 * (each * (1 + core)).mean() + apart + 4 * (off * known[:, None]).sum() / (2 * known.sum() + 1)


def as_onnx(network: Any, ink: NDArray[np.float32]) -> bytes:
    """The graph, input `x`, output `y`. Raises `ValueError` where a runtime answers otherwise on `ink`."""
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        # PyTorch's newer exporter needs a package more and gives the same graph; this one says it is the old one
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network, (torch.zeros(1, 1, 256, 256),), buffer, dynamo=False, input_names=["x"], output_names=["y"],
            opset_version=OPSET, do_constant_folding=True,
            dynamic_axes={"x": {2: "height", 3: "width"}, "y": {2: "rows", 3: "columns"}},
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
