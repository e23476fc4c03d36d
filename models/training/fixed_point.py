"""Convolutions that learn to compute on 8-bit values, as the reading side will run them.

Weights are rounded to 255 steps per output channel; inputs to 256 steps, from 0 after a ReLU and symmetric elsewhere.
Rounding passes gradients through unchanged (straight-through: Bengio et al., arXiv 1308.3432; Jacob et al.,
"Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference", CVPR 2018). How large
inputs get is observed for a while and then fixed, so that training and reading round alike, whatever the batch.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional

STEPS = 127
"""Of a symmetric 8-bit value, on either side of zero."""
POSITIVE_STEPS = 255
TAIL = 0.9999
"""Share of the inputs of an observed batch that its limit covers; what is larger is cut off."""


class FixedPointConvolution(nn.Conv2d):  # type: ignore[misc]  # torch is not installed where types are checked
    """A convolution whose weights and inputs are rounded to what 8 bits hold."""

    def __init__(self, inner: int, outer: int, *kernel: int) -> None:
        super().__init__(inner, outer, *kernel)
        self.register_buffer("limit", torch.zeros(()))
        self.register_buffer("signed", torch.zeros(()))
        self.observing = False

    def forward(self, x: Any) -> Any:
        """As the exported graph computes it, but for the order of its sums."""
        if self.observing:
            with torch.no_grad():
                self._observe(x)
            return self._conv_forward(x, self.weight, self.bias)
        scale = self.input_scale()
        low, high = (-STEPS, STEPS) if bool(self.signed) else (0, POSITIVE_STEPS)
        x = torch.fake_quantize_per_tensor_affine(x, scale, 0, low, high)
        rounded = torch.fake_quantize_per_channel_affine(
            self.weight, self.weight_scales(), torch.zeros(len(self.weight), dtype=torch.int32), 0, -STEPS, STEPS
        )
        return functional.conv2d(x, rounded, self.bias, self.stride, self.padding)

    def input_scale(self) -> float:
        """What one step of an input is worth."""
        return max(float(self.limit), 1e-6) / (STEPS if bool(self.signed) else POSITIVE_STEPS)

    def weight_scales(self) -> Any:
        """What one step of a weight is worth, by output channel."""
        return self.weight.detach().abs().flatten(1).amax(1).clamp_min(1e-8) / STEPS

    def _observe(self, x: Any) -> None:
        flat = x.abs().flatten()
        reached = flat.kthvalue(max(1, int(TAIL * flat.numel()))).values
        self.limit.copy_(torch.maximum(self.limit, reached))
        self.signed.copy_(torch.maximum(self.signed, (x.min() < 0).float()))


def fixed_point_layers(network: Any) -> dict[str, FixedPointConvolution]:
    """The layers that compute on 8-bit values, by their names."""
    return {name: layer for name, layer in network.named_modules() if isinstance(layer, FixedPointConvolution)}


def observe(network: Any, batches: Any) -> None:
    """Runs batches of inputs through the network to learn how large the inputs of its layers get."""
    layers = fixed_point_layers(network).values()
    for layer in layers:
        layer.observing = True
    with torch.no_grad():
        for batch in batches:
            network(batch)
    for layer in layers:
        layer.observing = False
