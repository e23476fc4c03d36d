"""`python -m models.training.tagger --out FOLDER`: trains the field tagger on generated forms; nothing real is needed.

Needs the extras `train` and `synthesis`. Draws pages (by several processes, into files that are kept), trains, checks
on layouts, typefaces and wordings that training never saw, and writes `tagger.onnx` and `tagger.json` under
FOLDER/weights. Started again, it goes on with the pages and the checkpoint that it has.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import logging
import math
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from models.synthesis.annotated import annotated_pages
from models.tagger import TAGS
from models.tagger_words import FIRST_WORD
from models.training.tagger_pages import UNKNOWN, batches, load, padded, save, tagged, vocabulary_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from models.training.tagger_network import TaggerNetwork
    from models.training.tagger_pages import TaggedPage

log = logging.getLogger(__name__)

NAME = "hoso-tagger-1"
SHARD = 250
"""Pages in a file."""
_WORDS_FROM = 1000
"""Pages that the vocabulary is counted on."""
_WARM_UP = 100
_LINKS = 0.5
"""Weight of the links' loss beside that of the tags."""


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m models.training.tagger", description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder for pages, checkpoint and weights")
    parser.add_argument("--pages", type=int, default=8000)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=11)
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> None:
    """Runs all of it. Raises whatever the parts raise."""
    chosen = arguments(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    words = draw(chosen.out, chosen.pages, chosen.seed, chosen.threads)
    pages = [page for path in sorted(chosen.out.glob("pages-*.npz")) for page in load(path)]
    apart = load(chosen.out / "apart.npz")
    log.info("%d pages, %d kept apart, %d words known", len(pages), len(apart), len(words))
    network = train(chosen, pages, apart, FIRST_WORD + len(words))
    figures = measure(network, apart)
    write(chosen.out / "weights", network, words, figures)
    log.info("%s", figures)


def draw(out: Path, count: int, seed: int, processes: int) -> list[str]:
    """Pages into files and the vocabulary beside them; what is there already is kept."""
    out.mkdir(parents=True, exist_ok=True)
    known = out / "words.json"
    if not known.exists():
        words = vocabulary_of(itertools.islice(annotated_pages(seed), _WORDS_FROM))
        known.write_text(json.dumps(words, ensure_ascii=False), encoding="utf-8")
    words = json.loads(known.read_text(encoding="utf-8"))
    jobs = [(out / f"pages-{n:04}.npz", seed * 1000 + n, False, words) for n in range(math.ceil(count / SHARD))]
    jobs.append((out / "apart.npz", seed * 1000 + 999_999, True, words))
    with ProcessPoolExecutor(processes) as pool:
        for path in pool.map(_shard, [job for job in jobs if not job[0].exists()]):
            log.info("drawn: %s", path.name)
    return [str(word) for word in words]


def _shard(job: tuple[Path, int, bool, list[str]]) -> Path:
    path, seed, held_out, words = job
    vocabulary = {word: number for number, word in enumerate(words, start=FIRST_WORD)}
    drawn = itertools.islice(annotated_pages(seed, held_out=held_out), SHARD)
    partial = path.with_suffix(".part.npz")
    save(partial, (tagged(page, vocabulary) for page in drawn))
    partial.rename(path)  # a file that is there is whole
    return path


def train(chosen: argparse.Namespace, pages: list[TaggedPage], apart: list[TaggedPage], words: int) -> TaggerNetwork:
    """AdamW with a cosine, weights averaged over the last steps; a checkpoint every hundred."""
    import torch
    from torch.nn import functional

    from models.training.tagger_network import TaggerNetwork

    torch.set_num_threads(chosen.threads)
    torch.manual_seed(chosen.seed)
    network = TaggerNetwork(words)
    mean = torch.optim.swa_utils.AveragedModel(network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.995))
    optimiser = torch.optim.AdamW(network.parameters(), lr=chosen.rate, weight_decay=0.01)
    kept, begin = chosen.out / "checkpoint.pt", 0
    if kept.exists():
        state = torch.load(kept)
        network.load_state_dict(state["network"])
        mean.load_state_dict(state["mean"])
        optimiser.load_state_dict(state["optimiser"])
        begin = int(state["step"])
    rng = np.random.default_rng([chosen.seed, begin])
    losses: list[float] = []
    network.train()
    for step, batch in enumerate(batches(pages, chosen.batch, rng), start=begin):
        if step >= chosen.steps:
            break
        for group in optimiser.param_groups:
            group["lr"] = chosen.rate * _schedule(step, chosen.steps)
        tensors = {name: torch.from_numpy(array) for name, array in batch.items()}
        tags, links = network(tensors["ids"], tensors["looks"], tensors["boxes"], tensors["mask"])
        loss = functional.cross_entropy(tags.flatten(0, 1), tensors["tags"].flatten(), ignore_index=UNKNOWN)
        if (tensors["links"] != UNKNOWN).any():
            linked = functional.cross_entropy(links.flatten(0, 1), tensors["links"].flatten(), ignore_index=UNKNOWN)
            loss = loss + _LINKS * linked
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        mean.update_parameters(network)
        losses.append(float(loss.detach()))
        if (step + 1) % 100 == 0:
            log.info("step %d: loss %.4f", step + 1, float(np.mean(losses[-100:])))
            state = {"network": network.state_dict(), "mean": mean.state_dict(),
                     "optimiser": optimiser.state_dict(), "step": step + 1}  # fmt: skip
            torch.save(state, kept)
        if (step + 1) % 500 == 0:
            log.info("kept apart: %s", measure(mean.module, apart[:60]))
            network.train()
    made: TaggerNetwork = mean.module
    made.eval()
    return made


def _schedule(step: int, steps: int) -> float:
    if step < _WARM_UP:
        return (step + 1) / _WARM_UP
    return 0.5 * (1 + math.cos(math.pi * (step - _WARM_UP) / max(1, steps - _WARM_UP))) * 0.98 + 0.02


def measure(network: TaggerNetwork, pages: Sequence[TaggedPage]) -> dict[str, float]:
    """Shares of words with the right tag, of spans found whole, and of values linked to the right label."""
    import torch

    network.eval()
    words = [0, 0]
    spans = [0, 0]
    linked = [0, 0]
    with torch.no_grad():
        for page in pages:
            batch = padded([page])
            tensors = {name: torch.from_numpy(array) for name, array in batch.items()}
            tags, links = network(tensors["ids"], tensors["looks"], tensors["boxes"], tensors["mask"])
            said, truth = tags[0].argmax(-1).numpy(), batch["tags"][0]
            words[0] += int((said == truth).sum())
            words[1] += len(truth)
            found, meant = _spans(said), _spans(truth)
            spans[0] += len(found & meant)
            spans[1] += len(meant)
            want = batch["links"][0]
            asked = want != UNKNOWN
            # A link can only go to a word that opens a label, as in reading.
            openers = np.flatnonzero(said == TAGS.index("B-label"))
            columns = np.concatenate([[0], openers + 1])
            best = columns[links[0].numpy()[:, columns].argmax(-1)]
            linked[0] += int((best[asked] == want[asked]).sum())
            linked[1] += int(asked.sum())
    parts = (("words", words), ("spans", spans), ("links", linked))
    return {name: round(right / max(1, total), 4) for name, (right, total) in parts}


def _spans(tags: Any) -> set[tuple[int, int, str]]:
    found = set()
    start, role = 0, ""
    for index, tag in enumerate([*tags.tolist(), 0]):
        name = TAGS[max(0, tag)]
        if role and (name[0] != "I" or name[2:] != role):
            found.add((start, index, role))
            role = ""
        if not role and name != "O":
            start, role = index, name[2:]
    return found


def write(folder: Path, network: TaggerNetwork, words: Sequence[str], figures: Mapping[str, float]) -> None:
    """`tagger.onnx`, and `tagger.json` with its checksum, the words it knows and what was measured."""
    from models.training.tagger_export import exported

    folder.mkdir(parents=True, exist_ok=True)
    graph = exported(network)
    (folder / "tagger.onnx").write_bytes(graph)
    meta = {
        "name": NAME,
        "sha256": hashlib.sha256(graph).hexdigest(),
        "first_word": FIRST_WORD,
        "tags": list(TAGS),
        "kept_apart": dict(figures),
        "words": list(words),
    }
    (folder / "tagger.json").write_text(json.dumps(meta, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
