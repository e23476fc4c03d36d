"""How the slim recogniser starts from the whole one: which parts it keeps, and how what it lacks is made up for.

Kept are the blocks without which a trained network loses most. Gates (squeeze and excitation) hardly differ from one
line to the next: their means become part of the convolutions before them, and a line's reading no longer depends on
how far it is padded. The stem of five convolutions becomes one of three, taught to answer as the five do. What comes
out of here reads badly until it is trained.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch.nn import functional

from models.training.network import WHOLE, LineNetwork, Shape

if TYPE_CHECKING:
    from collections.abc import Sequence

KEPT = (0, 3, 7, 8, 9, 10, 11)
"""Blocks of the whole network that the slim one keeps."""
ATTENTION = (1,)
"""Attention blocks that it keeps."""
NARROWED = 3
"""The block that halves the columns, which the whole network does after its last."""
STEM = (32, 48)
STEM_RATE = 4e-3


def slim_shape(*, fixed_point: bool) -> Shape:
    """The network that reads: half the blocks, no gates, and half the columns in all but the first two."""
    blocks = []
    for number in KEPT:
        inner, outer, stride, _ = WHOLE.blocks[number]
        blocks.append((inner, outer, (2, 2) if number == NARROWED else stride, False))
    return Shape(tuple(blocks), (3, 1), rectified=True, stem=STEM, attention=len(ATTENTION), fixed_point=fixed_point)


def slimmed(
    whole: LineNetwork, batches: Sequence[Any], kept: Sequence[int] = KEPT, attention: Sequence[int] = ATTENTION
) -> LineNetwork:
    """A slim network with the weights of a larger one, of which `kept` and `attention` are the parts that stay.

    `batches` are inputs (n, 3, HEIGHT, width) that show how large gates are, and from which the stem learns, each once.
    """
    slim = LineNetwork(slim_shape(fixed_point=False), whole.head.out_features)
    state = slim.state_dict()
    numbers = {"blocks": list(kept), "attention": list(attention)}
    for name, value in whole.state_dict().items():
        parts = name.split(".")
        if parts[0] in numbers:
            if int(parts[1]) not in numbers[parts[0]]:
                continue
            parts[1] = str(numbers[parts[0]].index(int(parts[1])))
        if (new := ".".join(parts)) in state and not new.startswith("stem"):
            state[new] = value.clone()
    for number, gate in mean_gates(whole, batches[: len(batches) // 4 + 1]).items():
        if number in kept:
            token = f"blocks.{kept.index(number)}.token"
            state[f"{token}.weight"] *= gate.view(-1, 1, 1, 1)
            state[f"{token}.bias"] *= gate
    state.update(strongest(whole, state["stem1.weight"].shape[0]))
    slim.load_state_dict(state)
    teach_stem(slim, whole, batches)
    return slim


def mean_gates(network: LineNetwork, batches: Sequence[Any]) -> dict[int, Any]:
    """By block with gates: the mean gate of each channel."""
    seen: dict[int, list[Any]] = {number: [] for number, block in enumerate(network.blocks) if len(block.squeeze)}
    hooks = [
        network.blocks[number]
        .squeeze[1]
        .register_forward_hook(
            lambda _module, _inputs, out, found=found: found.append(functional.hardsigmoid(out).mean((0, 2, 3)))
        )
        for number, found in seen.items()
    ]
    with torch.no_grad():
        for batch in batches:
            network(batch)
    for hook in hooks:
        hook.remove()
    return {number: torch.stack(found).mean(0) for number, found in seen.items()}


def strongest(whole: LineNetwork, width: int) -> dict[str, Any]:
    """A stem of three convolutions from one of five: the channels of the first that weigh most in the third."""
    first = whole.state_dict()
    used = first["stem3.weight"][:, : len(first["stem1.weight"])]
    weight = used.abs().sum((0, 2, 3)) * first["stem1.weight"].flatten(1).norm(dim=1)
    chosen = torch.sort(weight.topk(width).indices).values
    kept = {name: value for name, value in first.items() if name.startswith(("stem3.", "stem4."))}
    return kept | {
        "stem1.weight": first["stem1.weight"][chosen],
        "stem1.bias": first["stem1.bias"][chosen],
        "stem3.weight": used[:, chosen],
    }


def teach_stem(slim: LineNetwork, whole: LineNetwork, batches: Sequence[Any]) -> list[float]:
    """Trains the slim stem to answer as the whole one, a step for each batch; gives the share of variance missed."""
    weights = [value for name, value in slim.named_parameters() if name.startswith("stem")]
    optimiser = torch.optim.Adam(weights, lr=STEM_RATE)
    decay = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, max(1, len(batches)))
    missed = []
    for batch in batches:
        with torch.no_grad():
            wanted = whole.stem(batch)
        loss = functional.mse_loss(slim.stem(batch), wanted) / wanted.var()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        decay.step()
        missed.append(float(loss.detach()))
    return missed
