"""The handwriting judge's network, its training from a bank of strips, and its export to ONNX.

Strided convolutions bring 32 rows and eight columns down to one answer, two dilated layers along the line let it see
about four line heights; 47,000 weights in all. Trained with binary cross-entropy on the columns whose kind is known,
AdamW with a warm-up and a cosine, and a moving average of the weights. The graph answers log-odds; the reader
calibrates them. Before it is kept, its answers are compared with PyTorch's on the runtimes that will read.
"""

from __future__ import annotations

import io
import logging
import math
import warnings
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import torch
from torch import nn

from models.handwriting import CHANNELS, HEIGHT
from models.runtime import open_network

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.runtime import Backend

log = logging.getLogger(__name__)

OPSET = 17
LARGEST_DIFFERENCE = 0.05
"""Between log-odds of PyTorch and of the exported graph."""
_MEMORY = 0.995
"""Of the moving average of the weights, a step."""
_SMOOTH = 0.02
"""Targets stand this far from 0 and 1: some marks are a few columns off."""


def _separable(inner: int, outer: int, kernel: tuple[int, int], stride: tuple[int, int], dilation: int = 1) -> Any:
    padding = (0 if kernel[0] == 2 else kernel[0] // 2, dilation * (kernel[1] // 2))
    return nn.Sequential(
        nn.Conv2d(inner, inner, kernel, stride, padding, (1, dilation), groups=inner, bias=False),
        nn.BatchNorm2d(inner),
        nn.Conv2d(inner, outer, 1, bias=False),
        nn.BatchNorm2d(outer),
        nn.ReLU(),
    )


class JudgeNetwork(nn.Module):  # type: ignore[misc]  # torch is not installed where types are checked
    """(batch, 2, 32, width) to log-odds (batch, 1, 1, width / 8)."""

    def __init__(self) -> None:
        super().__init__()
        self.down = nn.Sequential(
            nn.Conv2d(CHANNELS, 16, 3, 2, 1, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            _separable(16, 32, (3, 3), (2, 2)),
            _separable(32, 32, (3, 3), (1, 1)),
            _separable(32, 64, (3, 3), (2, 2)),
            _separable(64, 64, (3, 3), (1, 1)),
            _separable(64, 96, (3, 3), (2, 1)),
        )
        self.flat = _separable(96, 96, (2, 3), (1, 1))
        self.along = nn.ModuleList([_separable(96, 96, (1, 5), (1, 1), dilation) for dilation in (1, 2)])
        self.answer = nn.Conv2d(96, 1, 1)

    def forward(self, x: Any) -> Any:
        """Log-odds of handwriting for every eight columns."""
        x = self.flat(self.down(x))
        for layer in self.along:
            x = x + layer(x)
        return self.answer(x)


def train(
    strips: NDArray[np.int8], targets: NDArray[np.int8], *, steps: int, batch: int = 32, seed: int = 7, threads: int = 1
) -> JudgeNetwork:
    """Trains on a bank: strips (n, 2, 32, columns) as hundredths, targets (n, columns / 8) of 0, 1 and -1 for open."""
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    rng = np.random.default_rng([seed, 2])
    # Pixels' channels beside each other: two thirds of the time on a processor.
    network: JudgeNetwork = JudgeNetwork().to(memory_format=torch.channels_last)
    network.train()
    average = {name: value.clone() for name, value in network.state_dict().items()}
    optimiser = torch.optim.AdamW(network.parameters(), lr=1.0, weight_decay=0.01)
    warm = max(1, steps // 20)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser,
        lambda step: 4e-3 * min(1.0, (step + 1) / warm) * (0.5 + 0.5 * math.cos(math.pi * min(1.0, step / steps))),
    )
    for step in range(steps):
        chosen = rng.integers(0, len(strips), batch)
        x, y = _varied(strips[chosen], rng), targets[chosen].astype(np.float32)
        odds = network(torch.from_numpy(x).to(memory_format=torch.channels_last)).reshape(batch, -1)
        known = torch.from_numpy((y >= 0).astype(np.float32))
        wanted = torch.from_numpy(np.clip(y, _SMOOTH, 1 - _SMOOTH))
        each = nn.functional.binary_cross_entropy_with_logits(odds, wanted, reduction="none")
        loss = (each * known).sum() / known.sum().clamp(min=1)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 2.0)
        optimiser.step()
        schedule.step()
        with torch.no_grad():
            memory = min(_MEMORY, (step + 1) / (step + 10))
            for name, value in network.state_dict().items():
                if value.dtype.is_floating_point:
                    average[name].lerp_(value, 1 - memory)
        if step % 100 == 99:
            log.info("step %d of %d, loss %.4f", step + 1, steps, float(loss))
    network.load_state_dict(average)
    network.to(memory_format=torch.contiguous_format)
    network.eval()
    return network


def _varied(strips: NDArray[np.int8], rng: np.random.Generator) -> NDArray[np.float32]:
    """The same strips with another contrast, height, sharpness and some noise: cheap and endless."""
    x = strips.astype(np.float32) / 100
    count = len(x)
    x[:, 0] *= rng.uniform(0.8, 1.15, (count, 1, 1)).astype(np.float32)
    x[:, 1] *= rng.choice([0.0, 0.6, 1.0, 1.3], (count, 1, 1)).astype(np.float32)
    for number, shift in enumerate(rng.integers(-1, 2, count)):
        if shift:
            x[number] = np.roll(x[number], shift, axis=1)
        if rng.random() < 0.3:  # as from a coarse scan or tiny print, enlarged
            share = rng.uniform(0.35, 0.8)
            for channel in x[number]:
                coarse = cv2.resize(channel, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
                channel[:] = cv2.resize(coarse, channel.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(x + rng.normal(0, rng.uniform(0, 0.03), x.shape), np.float32)


def as_onnx(network: Any, strips: NDArray[np.float32]) -> bytes:
    """The graph, input `x`, output `odds`. Raises `ValueError` where a runtime answers otherwise on `strips`."""
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        # PyTorch's newer exporter needs a package more and gives the same graph; this one says it is the old one
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network, (torch.zeros(1, CHANNELS, HEIGHT, 256),), buffer, dynamo=False, input_names=["x"],
            output_names=["odds"], opset_version=OPSET, do_constant_folding=True,
            dynamic_axes={"x": {0: "batch", 3: "width"}, "odds": {0: "batch", 3: "steps"}},
        )  # fmt: skip
    graph = buffer.getvalue()
    with torch.no_grad():
        wanted = network(torch.from_numpy(strips)).numpy()
    backends: tuple[Backend, ...] = ("openvino", "onnxruntime")
    for backend in backends:
        (found,) = open_network(graph, backend=backend, precision="f32").run({"x": strips})
        far = float(np.abs(found - wanted).max())
        log.info("largest difference on %s: %.5f", backend, far)
        if far > LARGEST_DIFFERENCE:
            raise ValueError(f"the exported graph answers differently on {backend}: {far}")
    return graph
