"""The line recogniser's network in PyTorch, and how it starts from PP-OCRv6-small's published weights.

PP-LCNetV4 backbone (48 pixels high in, 1/8 of the width out), one convolution and two attention blocks (SVTR),
a linear layer over the alphabet. Batch normalisation is folded into the convolutions, as in the published file,
so training and reading compute the same and a line's result does not depend on its batch. A `Shape` says which of the
published blocks a network has: the whole one is trained first, the slim one goes on from it and is what reads.
Input: float32 (batch, 3, 48, width), RGB, (value / 255 - 0.5) / 0.5. Output: logits (batch, width // 8, classes).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from models.training.alphabet import ALPHABET, BLANK, look_alikes
from models.training.fixed_point import FixedPointConvolution

if TYPE_CHECKING:
    from numpy.typing import NDArray

HEIGHT = 48
"""Rows of an input crop."""
STRIDE = 8
"""Columns of an input crop per step of the output."""

Block = tuple[int, int, tuple[int, int], bool]
"""Kept width, output width, (vertical, horizontal) stride, with squeeze and excitation."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What distinguishes one network from another; everything else is the same in all."""

    blocks: tuple[Block, ...]
    pool: tuple[int, int]
    """Rows and columns averaged after the last block."""
    rectified: bool
    """ReLU between the pointwise convolutions; GELU where not."""
    fixed_point: bool = False
    """The convolutions that cost the time compute on 8-bit values (`models.training.fixed_point`)."""


_SAME, _HALF = (1, 1), (2, 1)
WHOLE = Shape(
    (
        (96, 96, _SAME, True), (96, 96, _SAME, False), (96, 96, _SAME, False),
        (96, 192, _HALF, False),
        (192, 192, _SAME, True), (192, 192, _SAME, False), (192, 192, _SAME, True), (192, 192, _SAME, False),
        (192, 192, _SAME, True), (192, 192, _SAME, False),
        (192, 384, _HALF, False),
        (384, 384, _SAME, True), (384, 384, _SAME, False),
    ),
    pool=(3, 2),
    rectified=False,
)  # fmt: skip
"""As published."""
KEPT = (0, 1, 3, 4, 7, 8, 9, 10, 11, 12)
"""Blocks of `WHOLE` that the slim network keeps: without the others a trained network loses least."""
NARROWED = 10
"""The block of `WHOLE` that halves the columns in the slim network, where the whole one does it after the last."""


def slim_shape(*, fixed_point: bool) -> Shape:
    """The network that reads: three blocks fewer, and half the columns in the last and widest."""
    blocks = []
    for number in KEPT:
        inner, outer, stride, squeeze = WHOLE.blocks[number]
        blocks.append((inner, outer, (2, 2) if number == NARROWED else stride, squeeze))
    return Shape(tuple(blocks), pool=(3, 1), rectified=True, fixed_point=fixed_point)


HIDDEN = 120
HEADS = 8


def convolution(shape: Shape, inner: int, outer: int, *kernel: int) -> Any:
    """A convolution that computes as the shape says; `kernel` is size, stride and padding."""
    return (FixedPointConvolution if shape.fixed_point else nn.Conv2d)(inner, outer, *kernel)


class Mixer(nn.Module):  # type: ignore[misc]  # torch is not installed where types are checked
    """Depthwise convolution, optional squeeze and excitation, then two pointwise convolutions."""

    def __init__(self, block: Block, shape: Shape) -> None:
        super().__init__()
        inner, outer, stride, squeeze = block
        self.token = nn.Conv2d(inner, inner, 3, stride, 1, groups=inner)
        self.squeeze = nn.ModuleList([nn.Conv2d(inner, inner // 4, 1), nn.Conv2d(inner // 4, inner, 1)])
        if not squeeze:
            self.squeeze = nn.ModuleList()
        self.widen = convolution(shape, inner, inner * 2, 1)
        self.narrow = convolution(shape, inner * 2, outer, 1)
        self.residual = inner == outer and stride == _SAME
        self._between = functional.relu if shape.rectified else functional.gelu

    def forward(self, x: Any) -> Any:
        """(batch, inner, rows, columns) to (batch, outer, rows // stride[0], columns // stride[1])."""
        x = self.token(x)
        if len(self.squeeze):
            gate = functional.relu(self.squeeze[0](x.mean((2, 3), keepdim=True)))
            x = x * functional.hardsigmoid(self.squeeze[1](gate))
        y = self.narrow(self._between(self.widen(x)))
        return x + y if self.residual else y


class Attention(nn.Module):  # type: ignore[misc]  # as above
    """A pre-norm transformer block without positions: order comes from the convolutions before it."""

    def __init__(self) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(HIDDEN, eps=1e-5)
        self.qkv = nn.Linear(HIDDEN, 3 * HIDDEN)
        self.out = nn.Linear(HIDDEN, HIDDEN)
        self.norm2 = nn.LayerNorm(HIDDEN, eps=1e-5)
        self.up = nn.Linear(HIDDEN, 2 * HIDDEN)
        self.down = nn.Linear(2 * HIDDEN, HIDDEN)

    def forward(self, x: Any) -> Any:
        """(batch, steps, HIDDEN) to the same shape."""
        batch, steps, _ = x.shape
        q, k, v = self.qkv(self.norm1(x)).reshape(batch, steps, 3, HEADS, HIDDEN // HEADS).permute(2, 0, 3, 1, 4)
        weights = torch.softmax((q * (HIDDEN // HEADS) ** -0.5) @ k.transpose(2, 3), dim=3)
        x = x + self.out((weights @ v).transpose(1, 2).reshape(batch, steps, HIDDEN))
        return x + self.down(functional.silu(self.up(self.norm2(x))))


class LineNetwork(nn.Module):  # type: ignore[misc]  # as above
    """A recogniser of a given shape; `classes` is the size of its alphabet, blank included."""

    def __init__(self, shape: Shape, classes: int = len(ALPHABET)) -> None:
        super().__init__()
        self.shape = shape
        self.stem1 = nn.Conv2d(3, 48, 3, 2, 1)
        self.stem2a = convolution(shape, 48, 24, 2)
        self.stem2b = convolution(shape, 24, 48, 2)
        self.stem3 = convolution(shape, 96, 48, 3, 2, 1)
        self.stem4 = convolution(shape, 48, 96, 1)
        self.blocks = nn.ModuleList([Mixer(block, shape) for block in shape.blocks])
        self.skip = convolution(shape, 384, HIDDEN, 1)
        self.reduce = convolution(shape, 384, HIDDEN, 1)
        self.local = nn.Conv2d(HIDDEN, HIDDEN, (1, 7), padding=(0, 3), groups=HIDDEN)
        self.attention = nn.ModuleList([Attention(), Attention()])
        self.norm = nn.LayerNorm(HIDDEN, eps=1e-6)
        self.head = nn.Linear(HIDDEN, classes)

    def forward(self, x: Any) -> Any:
        """Logits (batch, steps, classes) of crops (batch, 3, HEIGHT, width)."""
        x = functional.relu(self.stem1(x))
        y = functional.relu(self.stem2a(functional.pad(x, (0, 1, 0, 1))))
        y = functional.relu(self.stem2b(functional.pad(y, (0, 1, 0, 1))))
        # values are not negative here, so zeros at the edge do not change the maximum
        x = torch.cat([functional.max_pool2d(functional.pad(x, (0, 1, 0, 1)), 2, 1), y], dim=1)
        x = functional.relu(self.stem4(functional.relu(self.stem3(x))))
        for block in self.blocks:
            x = block(x)
        x = functional.avg_pool2d(x, self.shape.pool)
        skip, x = functional.silu(self.skip(x)), functional.silu(self.reduce(x))
        x = (x + functional.silu(self.local(x))).flatten(2).transpose(1, 2)
        for block in self.attention:
            x = block(x)
        return self.head(self.norm(x) + skip.flatten(2).transpose(1, 2))


def published(graph: bytes) -> tuple[list[NDArray[np.float32]], list[str]]:
    """Weights of the published ONNX file in the order of its graph, and its characters (blank first, space last)."""
    import onnx
    from onnx import numpy_helper

    model = onnx.load_from_string(graph)
    constants = {c.name: numpy_helper.to_array(c) for c in model.graph.initializer}
    alias: dict[str, str] = {}
    weights: list[NDArray[np.float32]] = []
    for node in model.graph.node:
        names = [alias.get(name, name) for name in node.input]
        if node.op_type == "Identity":
            alias[node.output[0]] = names[0]
        elif node.op_type in {"Conv", "Add", "Mul", "MatMul", "BatchNormalization"}:
            weights += [constants[name] for name in names if name in constants and constants[name].size > 5]
    characters = next(p.value for p in model.metadata_props if p.key == "character").split("\n")
    return weights, [BLANK, *characters, " "]


def start_network(graph: bytes, alphabet: tuple[str, ...] | None = ALPHABET) -> LineNetwork:
    """A network with the published weights; `alphabet` None keeps the published output layer."""
    weights, characters = published(graph)
    network = LineNetwork(WHOLE, len(characters) if alphabet is None else len(alphabet))
    queue = iter(weights)
    state = {}

    def take(name: str, shape: tuple[int, ...], *, transpose: bool = False) -> None:
        array = next(queue)
        state[name] = torch.from_numpy((array.T if transpose else array).reshape(shape).copy())

    def convolved(name: str, module: Any) -> None:
        take(f"{name}.weight", tuple(module.weight.shape))
        take(f"{name}.bias", tuple(module.bias.shape))

    def normalised(name: str, module: Any) -> None:
        kernel, scale, shift, mean, variance = (next(queue) for _ in range(5))
        gain = scale / np.sqrt(variance + 1e-5)
        state[f"{name}.weight"] = torch.from_numpy((kernel * gain[:, None, None, None]).reshape(module.weight.shape))
        state[f"{name}.bias"] = torch.from_numpy(shift - mean * gain)

    def linear(name: str, module: Any) -> None:
        take(f"{name}.weight", tuple(module.weight.shape), transpose=True)
        take(f"{name}.bias", tuple(module.bias.shape))

    def norm(name: str) -> None:
        take(f"{name}.weight", (HIDDEN,))
        take(f"{name}.bias", (HIDDEN,))

    for name in ("stem1", "stem2a", "stem2b", "stem3", "stem4"):
        convolved(name, getattr(network, name))
    for number, block in enumerate(network.blocks):
        convolved(f"blocks.{number}.token", block.token)
        for part, layer in enumerate(block.squeeze):
            convolved(f"blocks.{number}.squeeze.{part}", layer)
        convolved(f"blocks.{number}.widen", block.widen)
        convolved(f"blocks.{number}.narrow", block.narrow)
    for name in ("skip", "reduce", "local"):
        normalised(name, getattr(network, name))
    for number, block in enumerate(network.attention):
        norm(f"attention.{number}.norm1")
        linear(f"attention.{number}.qkv", block.qkv)
        linear(f"attention.{number}.out", block.out)
        norm(f"attention.{number}.norm2")
        linear(f"attention.{number}.up", block.up)
        linear(f"attention.{number}.down", block.down)
    norm("norm")
    state["stem1.weight"] = state["stem1.weight"].flip(1)  # the published network takes BGR, this one RGB
    rows, bias = next(queue).T, next(queue)
    if alphabet is not None:
        order = [start_row(character, characters) for character in alphabet]
        rows, bias = rows[order], bias[order]
    state["head.weight"], state["head.bias"] = torch.from_numpy(rows.copy()), torch.from_numpy(bias.copy())
    network.load_state_dict(state)
    return network


def start_row(character: str, characters: list[str]) -> int:
    """The row of the published output layer that a character starts from."""
    for candidate in look_alikes(character):
        if candidate in characters:
            return characters.index(candidate)
    return characters.index(".")


def slimmed(whole: LineNetwork, shape: Shape) -> LineNetwork:
    """A slim network with the weights of a whole one, block by block; it must be trained before it reads."""
    slim = LineNetwork(shape, whole.head.out_features)
    state = slim.state_dict()
    for name, value in whole.state_dict().items():
        parts = name.split(".")
        if parts[0] == "blocks":
            if int(parts[1]) not in KEPT:
                continue
            parts[1] = str(KEPT.index(int(parts[1])))
        state[".".join(parts)] = value.clone()
    slim.load_state_dict(state)
    return slim
