"""Trains the line recogniser with connectionist temporal classification, on a processor, resumably.

A step sums the gradients of a few small batches of different widths. Threads with one core each take them from a
queue, so that a busy machine slows the training down in proportion and not more. AdamW, cosine decay after a short
warm-up, and an exponential moving average of the weights (what is exported). The network has no dropout and its
batch normalisation is folded, so it has no training mode. Everything that is drawn depends on the seed and the step.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.nn import functional

from models.training.alphabet import ALPHABET
from models.training.network import STRIDE, LineNetwork

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from models.training.network import Shape
    from models.training.sampling import Batch, Sampler

log = logging.getLogger(__name__)

COLUMNS = 1440
"""Pixels of crop width in one small batch."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How long and how fast to train."""

    steps: int = 3000
    warm_up: int = 100
    rate: float = 6e-4
    last_rate: float = 6e-6
    decay: float = 0.01
    largest_gradient: float = 3.0
    average: float = 0.998
    small_batches: int = 4
    columns: int = COLUMNS
    threads: int = 2
    checkpoint_every: int = 100

    def rate_at(self, step: int) -> float:
        """Learning rate of a step, counted from 0."""
        if step < self.warm_up:
            return self.rate * (step + 1) / self.warm_up
        done = min(1.0, (step - self.warm_up) / max(1, self.steps - self.warm_up))
        return self.last_rate + (self.rate - self.last_rate) * 0.5 * (1 + math.cos(math.pi * done))


def as_input(crops: NDArray[np.uint8]) -> Any:
    """Crops (n, HEIGHT, width, 3), uint8 RGB, as the network takes them."""
    return torch.from_numpy((crops.astype(np.float32) / 255 - 0.5) / 0.5).permute(0, 3, 1, 2)


def loss_of(network: Any, batch: Batch) -> Any:
    """Negative log likelihood of the labels, per character."""
    steps = batch.crops.shape[2] // STRIDE
    scores = network(as_input(batch.crops)).log_softmax(2).transpose(0, 1)
    lengths = [len(classes) for classes in batch.classes]
    flat = torch.tensor([c for classes in batch.classes for c in classes])
    total = functional.ctc_loss(
        scores, flat, torch.full((len(lengths),), steps), torch.tensor(lengths), reduction="sum", zero_infinity=True
    )
    return total / sum(lengths)


def greedy(scores: Any) -> list[str]:
    """The text of each crop from logits (batch, steps, classes): best class a step, repeats and blanks dropped."""
    texts = []
    for row in scores.argmax(2).tolist():
        kept = [c for at, c in enumerate(row) if c and (at == 0 or row[at - 1] != c)]
        texts.append("".join(ALPHABET[c] for c in kept))
    return texts


class Trainer:
    """A training under way: its network, the moving average, the optimiser and the number of the next step."""

    def __init__(self, network: Any, recipe: Recipe) -> None:
        torch.set_num_threads(1)
        self.recipe = recipe
        self.step = 0
        self.network = network.to(memory_format=torch.channels_last)
        self.average = {name: value.clone() for name, value in self.network.state_dict().items()}
        self._optimiser = torch.optim.AdamW(self.network.parameters(), lr=recipe.rate, weight_decay=recipe.decay)
        self._replicas = [self._replica() for _ in range(recipe.threads)]
        self._share_limits()
        self._free = list(self._replicas)
        self._lock = threading.Lock()

    def _replica(self) -> Any:
        """A network that shares the master's weights and has gradients of its own."""
        replica = LineNetwork(self.network.shape, self.network.head.out_features)
        for mine, master in zip(replica.parameters(), self.network.parameters(), strict=True):
            mine.data = master.data
        return replica

    def _share_limits(self) -> None:
        """What a replica does not learn: the limits of its fixed-point layers."""
        for replica in self._replicas:
            for mine, master in zip(replica.buffers(), self.network.buffers(), strict=True):
                mine.copy_(master)

    def _gradient(self, batch_of: Any, number: int) -> float:
        """One small batch, on whichever replica is free."""
        torch.set_num_threads(1)
        with self._lock:
            replica = self._free.pop()
        loss = loss_of(replica, batch_of(number)) / self.recipe.small_batches
        loss.backward()
        with self._lock:
            self._free.append(replica)
        return float(loss.detach())

    def run(self, sampler: Sampler, checkpoint: Path, *, until: int | None = None) -> None:
        """Trains to the last step of the recipe, or to step `until`; goes on from `checkpoint` if that exists."""
        if checkpoint.exists():
            self.load(checkpoint)
        recipe, began, first, recent = self.recipe, time.monotonic(), self.step, 0.0
        end = recipe.steps if until is None else min(until, recipe.steps)
        with ThreadPoolExecutor(recipe.threads) as pool:
            while self.step < end:
                numbers = range(self.step * recipe.small_batches, (self.step + 1) * recipe.small_batches)
                loss = sum(pool.map(lambda n: self._gradient(lambda k: sampler.batch(k, recipe.columns), n), numbers))
                self._update()
                recent = loss if self.step == first else 0.97 * recent + 0.03 * loss
                self.step += 1
                if self.step % 20 == 0:
                    pace = (time.monotonic() - began) / (self.step - first)
                    log.info("step %d of %d, loss %.4f, %.2f s a step", self.step, recipe.steps, recent, pace)
                if self.step % recipe.checkpoint_every == 0 or self.step == end:
                    self.save(checkpoint)

    def _update(self) -> None:
        for master, *mine in zip(
            self.network.parameters(), *[replica.parameters() for replica in self._replicas], strict=True
        ):
            parts = [part.grad for part in mine if part.grad is not None]
            master.grad = torch.stack(parts).sum(0) if len(parts) > 1 else parts[0].clone()
            for part in mine:
                part.grad = None
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.recipe.largest_gradient)
        for group in self._optimiser.param_groups:
            group["lr"] = self.recipe.rate_at(self.step)
        self._optimiser.step()
        keep = min(self.recipe.average, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for name, value in self.network.state_dict().items():
                self.average[name].lerp_(value, 1 - keep)

    def save(self, checkpoint: Path) -> None:
        """Writes everything that going on needs; the old checkpoint stays whole until the new one is."""
        state = {
            "step": self.step,
            "network": self.network.state_dict(),
            "average": self.average,
            "optimiser": self._optimiser.state_dict(),
            "recipe": asdict(self.recipe),
            "alphabet": list(ALPHABET),
        }
        part = checkpoint.with_suffix(".part")
        torch.save(state, part)
        part.replace(checkpoint)

    def load(self, checkpoint: Path) -> None:
        """Takes up a training where `save` left it. Raises `ValueError` where the alphabet has changed since."""
        state = torch.load(checkpoint, map_location="cpu", weights_only=True)
        if tuple(state["alphabet"]) != ALPHABET:
            raise ValueError(f"{checkpoint} was trained for another alphabet")
        with torch.no_grad():
            for name, value in self.network.state_dict().items():
                value.copy_(state["network"][name])
        self._share_limits()
        self.average = state["average"]
        self._optimiser.load_state_dict(state["optimiser"])
        self.step = int(state["step"])


def averaged(checkpoint: Path, shape: Shape) -> Any:
    """The network with the averaged weights of a checkpoint, ready to go on or to be exported."""
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    network = LineNetwork(shape, len(state["alphabet"]))
    network.load_state_dict(state["average"])
    return network.eval()


def error_rate(network: Any, sampler: Sampler, *, batches: int) -> float:
    """Edits over characters of the labels, on degraded crops that `sampler` draws."""
    wrong = total = 0
    for number in range(1, batches + 1):
        batch = sampler.batch(number, COLUMNS)
        with torch.no_grad():
            texts = greedy(network(as_input(batch.crops)))
        for text, classes in zip(texts, batch.classes, strict=True):
            wrong += edits(text, "".join(ALPHABET[c] for c in classes))
            total += len(classes)
    return wrong / max(1, total)


def edits(a: str, b: str) -> int:
    """Levenshtein distance."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (x != y))
    return row[-1]
