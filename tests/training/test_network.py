"""The network: same answers as the published weights, resumable training, an export that every runtime reads alike."""

from __future__ import annotations

import json

import numpy as np
import pytest

from models.training.start import START

torch = pytest.importorskip("torch", reason="PyTorch is only there with the train extra")
pytest.importorskip("onnx", reason="onnx is only there with the train extra")


@pytest.fixture(scope="module")
def graph():
    return START.load()


@pytest.fixture
def sampler(tmp_path):
    from models.training.lines import LineStore, LineWriter, PrintedLine, PrintedWord
    from models.training.sampling import Sampler, Source

    with LineWriter(tmp_path / "s") as writer:
        for number in range(4):
            image = np.full((70, 300), 255, np.uint8)
            image[20:50, 20 : 60 + 40 * number] = 0
            writer.add(PrintedLine(image, (PrintedWord("Số" * (number + 1), 20, 60 + 40 * number),), 20, 50), "x")
    return Sampler([Source(LineStore(tmp_path / "s"), 1.0)], height=48, seed=1)


def test_published_weights_answer_as_published(graph):
    import onnxruntime

    from models.training.network import start_network

    crops = np.random.default_rng(0).normal(0, 1, (2, 3, 48, 160)).astype(np.float32)
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    wanted = session.run(None, {"x": np.ascontiguousarray(crops[:, ::-1])})[0]
    with torch.no_grad():
        found = torch.softmax(start_network(graph, None)(torch.from_numpy(crops)), 2).numpy()
    assert np.abs(found - wanted).max() < 1e-4


def test_a_missing_letter_starts_from_its_base(graph):
    from models.training.alphabet import ALPHABET
    from models.training.network import published, start_network

    weights, characters = published(graph)
    network = start_network(graph)
    assert "ỗ" not in characters
    row = network.head.weight[ALPHABET.index("ỗ")].detach().numpy()
    assert np.array_equal(row, weights[-2].T[characters.index("ô")])


def test_training_goes_on_where_it_stopped(graph, sampler, tmp_path):
    from models.training.network import start_network
    from models.training.train import Recipe, Trainer

    recipe = Recipe(steps=4, small_batches=1, columns=192, threads=1)
    whole = Trainer(start_network(graph), recipe)
    whole.run(sampler, tmp_path / "whole.pt")
    Trainer(start_network(graph), recipe).run(sampler, tmp_path / "broken.pt", until=2)
    resumed = Trainer(start_network(graph), recipe)
    resumed.run(sampler, tmp_path / "broken.pt")
    assert resumed.step == whole.step == 4
    start = start_network(graph).state_dict()
    for name, value in whole.average.items():
        assert torch.equal(value, resumed.average[name])
    assert not torch.equal(whole.average["head.weight"], start["head.weight"])


def test_an_export_answers_like_the_network(graph, tmp_path):
    from models.training.alphabet import ALPHABET
    from models.training.export import export
    from models.training.network import start_network

    pytest.importorskip("openvino", reason="the export is compared on both runtimes")
    crops = np.random.default_rng(0).normal(0, 1, (1, 3, 48, 240)).astype(np.float32)
    found = export(start_network(graph).eval(), tmp_path, "test-reader", {"seed": 1}, crops)
    assert set(found) == {"onnxruntime", "openvino"}
    described = json.loads((tmp_path / "reader.json").read_text(encoding="utf-8"))
    assert tuple(described["alphabet"]) == ALPHABET
    assert described["height"] == 48
    assert (tmp_path / "reader.onnx").stat().st_size < 12_000_000


def test_learning_rate_warms_up_and_falls():
    from models.training.train import Recipe

    recipe = Recipe(steps=1000, warm_up=100)
    rates = [recipe.rate_at(step) for step in range(1000)]
    assert max(rates) == pytest.approx(recipe.rate)
    assert rates.index(max(rates)) in {99, 100}
    assert rates[-1] < 2 * recipe.last_rate


def test_edits_counts_insertions_deletions_and_substitutions():
    from models.training.train import edits

    assert edits("", "abc") == 3
    assert edits("kitten", "sitting") == 3
    assert edits("số", "só") == 1
