"""The network: same answers as the published weights, resumable training, an export that every runtime reads alike."""

from __future__ import annotations

import json
from dataclasses import replace

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


def test_a_slim_network_has_the_whole_ones_weights(graph):
    from models.training.network import KEPT, slim_shape, slimmed, start_network

    whole = start_network(graph)
    slim = slimmed(whole, slim_shape(fixed_point=False))
    for number, kept in enumerate(KEPT):
        assert torch.equal(slim.blocks[number].widen.weight, whole.blocks[kept].widen.weight)
    assert torch.equal(slim.head.weight, whole.head.weight)
    with torch.no_grad():
        assert slim(torch.zeros(1, 3, 48, 160)).shape == whole(torch.zeros(1, 3, 48, 160)).shape


@pytest.fixture
def fixed(graph):
    from models.training.fixed_point import observe
    from models.training.network import LineNetwork, slim_shape, slimmed, start_network

    slim = slimmed(start_network(graph), slim_shape(fixed_point=False))
    network = LineNetwork(slim_shape(fixed_point=True))
    network.load_state_dict(slim.state_dict(), strict=False)
    observe(network, [torch.randn(1, 3, 48, 240, generator=torch.Generator().manual_seed(1))])
    return network.eval()


def test_fixed_point_layers_round_weights_and_inputs(fixed):
    from models.training.fixed_point import fixed_point_layers

    layers = fixed_point_layers(fixed)
    assert {"stem4", "blocks.0.widen", "blocks.9.narrow", "skip"} <= set(layers)
    assert "blocks.0.token" not in layers
    layer = layers["blocks.0.narrow"]
    assert not bool(layer.signed)
    assert bool(layers["blocks.0.widen"].signed)
    x = torch.full((1, layer.in_channels, 1, 1), float(layer.limit) * 2)
    scale = layer.input_scale()
    steps = layer.weight.detach() / layer.weight_scales().reshape(-1, 1, 1, 1)
    wanted = (steps.round() * layer.weight_scales().reshape(-1, 1, 1, 1)).sum(1) * 255 * scale
    with torch.no_grad():
        found = layer(x)[0, :, 0] - layer.bias[:, None]
    assert torch.allclose(found[:, 0], wanted[:, 0, 0], rtol=1e-3, atol=1e-3)


def test_a_fixed_point_export_answers_like_the_network(graph):
    import onnx

    from models.training.export import as_onnx, differences
    from models.training.fixed_point import observe
    from models.training.network import WHOLE, LineNetwork, start_network

    pytest.importorskip("openvino", reason="the export is compared on both runtimes")
    crops = np.random.default_rng(0).normal(0, 1, (1, 3, 48, 240)).astype(np.float32)
    fixed = LineNetwork(replace(WHOLE, fixed_point=True)).eval()
    fixed.load_state_dict(start_network(graph).state_dict(), strict=False)
    observe(fixed, [torch.from_numpy(crops)])
    graph = as_onnx(fixed)
    kinds = [node.op_type for node in onnx.load_from_string(graph).graph.node]
    assert kinds.count("QuantizeLinear") == 32
    assert "Pad" not in kinds
    for far, equal in differences(graph, fixed, crops).values():
        assert far < 0.35
        assert equal > 0.9


def test_fixed_point_training_keeps_its_limits(fixed, sampler, tmp_path):
    from models.training.train import Recipe, Trainer, averaged

    trainer = Trainer(fixed, Recipe(steps=2, small_batches=1, columns=192, threads=1))
    trainer.run(sampler, tmp_path / "fixed.pt")
    found = averaged(tmp_path / "fixed.pt", fixed.shape)
    assert float(found.stem4.limit) == pytest.approx(float(fixed.stem4.limit))
    assert float(found.stem4.limit) > 0


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
