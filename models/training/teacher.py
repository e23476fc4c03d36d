"""Trained networks that a smaller one learns from: what they hold possible, besides what is printed.

Hinton, Vinyals, Dean, "Distilling the Knowledge in a Neural Network" (arXiv 1503.02531), step by step of the line: the
networks have the same stride, and a slim one that starts from a whole one keeps its alignment. Several teachers are
averaged. They run as exported graphs, which takes a third of the time that PyTorch would take.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from models.runtime import open_network

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

LEAST = 1e-7
"""Chance below which a teacher's opinion does not count."""


class Teacher:
    """The mean of some exported recognisers. Safe for as many threads as it was opened with."""

    def __init__(self, graphs: Sequence[Path], threads: int) -> None:
        self._networks = [
            open_network(path.read_bytes(), threads=threads, streams=threads, precision="f32") for path in graphs
        ]

    def divergence(self, scores: Any, crops: Any) -> Any:
        """Kullback-Leibler divergence, summed over all steps, of `scores` (n, steps, classes; log chances).

        `crops` are the inputs (n, 3, HEIGHT, width) that they were computed from.
        """
        inputs = {"x": np.ascontiguousarray(crops.numpy())}
        chances = np.mean([network.run(inputs)[0] for network in self._networks], axis=0)
        wanted = torch.from_numpy(np.where(chances < LEAST, np.float32(0), chances))
        return torch.nn.functional.kl_div(scores, wanted, reduction="sum")
