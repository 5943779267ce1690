"""Every task reaches what its docstring promises, with margin; and its pictures show the engine's own numbers."""

from typing import Any

import numpy as np
import pytest

import engine as nn
from engine.data.prose import CHARACTERS, STORY
from engine.data.surfaces import SURFACES
from engine.functions import softmax
from engine.pictures import Attention, GradientNorm, LatentSpace, LayerStatistics, Rows, Standings, States, Surface, Text
from engine.pictures.reading import OpenWindows, windows
from engine.tasks import TASKS
from engine.training.fitting import fitting

BUNDLED = {"source": "bundled", "test_examples": 500}
GRU, RNN = ([{"layer": layer, "units": 24}, {"layer": "Dense"}] for layer in ("GRU", "RNN"))


def train(request: dict[str, Any], steps: int) -> nn.Training:
    training = nn.Training(nn.configure({"evaluate_every": steps, **request, "steps": steps}))
    for _ in training.events():
        pass
    return training


def reached(request: dict[str, Any], steps: int) -> float:
    """Give the best test accuracy of every 20 steps: a loss may leap for a moment, and when it does depends on the machine."""
    training = nn.Training(nn.configure({"evaluate_every": 20, **request, "steps": steps}))
    return max(event.test_accuracy or 0.0 for event in training.events() if isinstance(event, nn.Metrics))


def score(training: nn.Training) -> tuple[float, float]:
    loss, accuracy = training.measure(training.task.x_test, training.task.target_test)
    return loss or 0.0, accuracy or 0.0


@pytest.mark.parametrize(
    ("request_", "steps", "least"),
    [
        ({"task": "memory"}, 500, 0.99),
        ({"task": "memory", "seed": 1}, 500, 0.99),
        ({"task": "memory", "network": GRU}, 1100, 0.99),
        ({"task": "rows", "data": BUNDLED}, 800, 0.92),
        ({"task": "copy"}, 200, 0.999),
        ({"task": "reverse"}, 400, 0.99),
        ({"task": "sort"}, 600, 0.98),
    ],
)
def test_sequences_are_learned(request_: dict[str, Any], steps: int, least: float) -> None:
    assert reached(request_, steps) >= least


def test_made_up_tables_and_shapes_are_learned() -> None:
    assert score(train({"task": "table"}, 200))[1] >= 0.95
    assert score(train({"task": "numbers"}, 400))[0] <= 0.03
    assert score(train({"task": "images"}, 200))[1] >= 0.98


def test_an_rnn_with_small_weights_forgets() -> None:
    preset = TASKS["memory"].presets["RNN: it forgets"]
    training = train({"task": "memory", **preset}, 600)
    assert score(training)[1] < 0.35  # of four symbols
    norm = training.picture("gradient through time").norm
    assert norm[-1] > 0
    assert norm[0] < 1e-6 * norm[-1]


def test_a_text_is_learned_by_heart() -> None:
    training = train({"task": "text"}, 500)
    assert training.measure(training.task.x[:500], training.task.target[:500])[1] >= 0.8
    assert score(training)[1] >= 0.3


@pytest.mark.parametrize("preset", [{}, TASKS["autoencoder"].presets["Unpooling: the pools' places help"]])
def test_digits_are_put_together_again(preset: dict[str, Any]) -> None:
    training = train({"task": "autoencoder", **preset, "data": {**BUNDLED, "test_examples": 200}}, 400)
    assert score(training)[0] <= 0.18


@pytest.mark.parametrize("surface", SURFACES)
def test_optimizers_come_down(surface: str) -> None:
    training = train({"task": "optimizers", "data": {"surface": surface}}, 800)
    place = training.network.theta.reshape(2)
    assert min(np.linalg.norm(place - minimum) for minimum in SURFACES[surface].minima) < 0.1
    picture = training.picture("surface")
    assert isinstance(picture, Surface)
    assert picture.names[0] == "this run"
    np.testing.assert_array_equal(picture.paths[0].points[-1], place)
    np.testing.assert_allclose(picture.paths[1].points[0], SURFACES[surface].start, rtol=1e-6)
    standings = training.picture("optimizers")
    assert isinstance(standings, Standings)
    assert standings.names == picture.names
    np.testing.assert_allclose(standings.heights, picture.values, rtol=1e-3, atol=1e-12)
    assert standings.start == pytest.approx(SURFACES[surface].f(*np.float64(SURFACES[surface].start)))


def test_states_are_the_layers_own() -> None:
    training = train({"task": "memory"}, 20)
    picture = training.picture("hidden state and gates/3")
    assert isinstance(picture, States)
    assert picture.names == ["hidden state", "input gate", "forget gate", "cell gate", "output gate", "cell"]
    layer = training.network.layers[0]
    training.network.forward(training.task.x_test[3:4])
    np.testing.assert_allclose(
        (picture.maps[0] - 128.0) / 127 * picture.scale[0], layer.h[1:, 0].T, atol=picture.scale[0] / 127
    )


def test_before_the_first_step_there_is_no_gradient_norm_yet_and_without_recurrence_never() -> None:
    picture = nn.Training(nn.configure({"task": "memory"})).picture("gradient through time")
    assert isinstance(picture, GradientNorm) and picture.norm.shape == (0,)
    dense = [{"layer": "Flatten"}, {"layer": "Dense"}]
    assert train({"task": "memory", "network": dense}, 1).picture("gradient through time") is None


def test_the_gradient_norm_is_the_last_batchs() -> None:
    training = train({"task": "memory"}, 20)
    kept = np.sqrt((training.network.layers[0].dh.astype(float) ** 2).sum(axis=(1, 2)))
    training.picture("hidden state and gates")
    picture = training.picture("gradient through time")
    assert isinstance(picture, GradientNorm)
    np.testing.assert_allclose(picture.norm, kept)


def test_attention_rows_sum_to_one() -> None:
    picture = train({"task": "reverse"}, 300).picture("attention/5")
    assert isinstance(picture, Attention)
    assert picture.heads.shape == (2, 8, 8)
    np.testing.assert_allclose(picture.heads.sum(axis=2), 255, atol=8)
    assert picture.target == picture.tokens[::-1]


def test_attention_of_a_network_without_any_is_not_there() -> None:
    assert train({"task": "copy", **TASKS["copy"].presets["No attention"]}, 1).picture("attention") is None


def test_a_text_picture_reads_what_is_unseen() -> None:
    training = train({"task": "text"}, 30)
    first, again = training.picture("text"), training.picture("text")
    assert isinstance(first, Text)
    assert first.samples == again.samples
    assert len(first.probability) == len(first.excerpt) == len(first.expected)
    assert first.excerpt in STORY[len(STORY) * 9 // 10 :]


READERS = {
    **{kind: [{"layer": kind, "units": 12, "return_sequences": True}] for kind in ("LSTM", "GRU", "RNN")},
    "two": [
        {"layer": "LayerNorm"},
        {"layer": "GRU", "units": 9, "return_sequences": True, "silenced": [2]},
        {"layer": "Dropout", "rate": 0.5},
        {"layer": "LSTM", "units": 12, "return_sequences": True},
        {"layer": "Tanh"},
    ],
    "places": [{"layer": "PositionalEncoding"}, {"layer": "LSTM", "units": 12, "return_sequences": True}],
    "both ways": [{"layer": "Bidirectional", "units": 12, "return_sequences": True}],
    "none": [{"layer": "Dense", "units": 12}],
    "attention": TASKS["text"].presets["Transformer"]["network"][1:-1],
}


@pytest.mark.parametrize("kind", READERS)
def test_a_text_goes_on_as_it_does_when_each_window_is_read_by_fresh_layers(kind: str) -> None:
    embedding = {"layer": "Embedding", "vocabulary": len(CHARACTERS), "width": 48 if kind == "attention" else 8}
    network = [embedding, *READERS[kind], {"layer": "Dense"}]
    training = train({"task": "text", "network": network, "data": {"length": 8}}, 20)
    assert isinstance(windows(training.network, 8, 40), OpenWindows) == (kind in ("LSTM", "GRU", "RNN", "two"))
    samples = training.picture("text").samples
    said, rng = np.array([[CHARACTERS.index(one) for one in sample[:8]] for sample in samples]), np.random.default_rng(0)
    while said.shape[1] < len(samples[0]):
        p = softmax(training.network.predict(said[:, -8:])[:, -1].astype(np.float64))
        beyond = p.cumsum(axis=1) > rng.random((len(p), 1)) * p.sum(axis=1, keepdims=True)
        said = np.column_stack([said, beyond.argmax(axis=1)])
    assert samples == ["".join(CHARACTERS[k] for k in row) for row in said]
    assert len({sample[8:] for sample in samples}) > 1


def test_rows_and_codes_have_the_promised_shapes() -> None:
    rows = train({"task": "rows", "data": BUNDLED}, 2).picture("guesses row by row")
    assert isinstance(rows, Rows)
    assert rows.probabilities.shape == (6, 28, 10)
    code = train({"task": "autoencoder", "data": BUNDLED}, 2).picture("latent space")
    assert isinstance(code, LatentSpace)
    assert (code.numbers, code.points.shape) == (8, (200, 2))
    assert 0 < code.share <= 1


def test_layer_statistics_are_what_the_step_did() -> None:
    training = nn.Training(
        nn.configure(
            {
                "task": "circles",
                "network": [{"layer": "Dense", "units": 5}, {"layer": "ReLU"}, {"layer": "BatchNorm"}, {"layer": "Dense"}],
            }
        )
    )
    events = training.events()
    for _ in range(4):
        next(events)
    before = training.network.theta.copy()
    next(events)
    picture = training.picture("layer statistics")
    assert isinstance(picture, LayerStatistics)
    assert picture.layers == ["Dense 5 · ReLU", "BatchNorm 5", "Dense 2"]
    moved = np.linalg.norm((training.network.theta - before)[:15]) / np.linalg.norm(training.network.theta[:15])
    assert picture.ratio[0] == pytest.approx(moved, rel=1e-5)
    assert picture.gradient[2] == pytest.approx(np.linalg.norm(training.network.gradient[25:]), rel=1e-5)
    assert np.isnan(picture.dead[1])
    assert 0 <= picture.dead[0] <= 1


@pytest.mark.parametrize("task", ["circles", "sine", "memory", "copy"])
def test_every_layer_that_is_offered_trains_and_can_be_looked_at(task: str) -> None:
    """At every place of the default network; what is offered must work."""
    network = nn.configure({"task": task}).network
    for position in range(len(network)):
        for answer in fitting(nn.configure({"task": task}), position).values():
            if "layer" in answer:
                changed = [*network[:position], answer["layer"], *network[position:]]
                training = train({"task": task, "network": changed}, 2)
                for name in training.task.pictures:
                    training.picture(name)
                training.answer(training.task.x[:1])


def test_batch_norm_lets_the_gradient_through_eight_layers() -> None:
    """Two presets of the spiral: the same layers, without and with. A third needs none, since its activation is SELU."""
    plain, normalized, selu = (title for title in TASKS["spiral"].presets if not title.startswith("The original"))
    assert score(train({"task": "spiral", **TASKS["spiral"].presets[plain]}, 1500))[1] < 0.8
    assert score(train({"task": "spiral", **TASKS["spiral"].presets[normalized]}, 1500))[1] > 0.95
    assert score(train({"task": "spiral", **TASKS["spiral"].presets[selu]}, 500))[1] > 0.95


def test_the_first_half_of_a_reversed_row_lies_in_the_future() -> None:
    forth, both = (TASKS["reverse"].presets[title] for title in ("LSTM: no place knows the future", "LSTM both ways"))
    assert score(train({"task": "reverse", **forth}, 1000))[1] < 0.6
    assert score(train({"task": "reverse", **both}, 1000))[1] > 0.65


def test_rows_of_different_lengths_are_reversed_within_their_length() -> None:
    training = train({"task": "reverse", **TASKS["reverse"].presets["Rows of 3 to 8 tokens: padding is left out"]}, 800)
    x, target = training.task.x_test, training.task.target_test
    lengths = (x != 10).sum(axis=1)
    assert set(lengths) == {3, 4, 5, 6, 7, 8}
    for row, wanted, length in zip(x, target, lengths, strict=True):
        assert wanted.tolist() == [*row[:length][::-1], *[-1] * (8 - length)]
    assert score(training)[1] > 0.95
    shown = training.picture(f"attention/{np.argmin(lengths)}")
    assert shown.tokens[3:] == ["·"] * 5
    assert shown.target[3:] == [""] * 5
    assert not shown.heads[:, :, 3:].any()
    assert training.picture("accuracy at every place").accuracy.min() > 0.8


@pytest.mark.parametrize("task", ["copy", "sort"])
def test_rows_of_different_lengths_are_copied_and_sorted(task: str) -> None:
    ours = train({"task": task, **TASKS[task].presets["Rows of 3 to 8 tokens: padding is left out"]}, 1).task
    for row, wanted in zip(ours.x, ours.target, strict=True):
        real = row[row != 10].tolist()
        assert wanted.tolist() == [*(real if task == "copy" else sorted(real)), *[-1] * (8 - len(real))]


@pytest.mark.parametrize(
    ("task", "title"),
    [
        ("mnist", "MobileNet in small: depthwise, then 1 × 1"),
        ("text", "Causal convolutions, wider and wider"),
        ("sort", "A block by hand, with RMSNorm and SiLU"),
        ("reverse", "LSTM both ways"),
    ],
)
def test_presets_with_other_layers_train_and_can_be_looked_at(task: str, title: str) -> None:
    preset = TASKS[task].presets[title]
    training = train({"task": task, **preset, **({"data": BUNDLED} if task == "mnist" else {})}, 2)
    for name in training.task.pictures:
        training.picture(name)


def test_causal_convolutions_do_not_read_the_character_that_they_are_asked_for() -> None:
    network = train({"task": "text", **TASKS["text"].presets["Causal convolutions, wider and wider"]}, 1).network
    x = np.zeros((1, 32), int)
    y = network.predict(x)
    for changed, reached in ((20, [*range(20, 32)]), (3, [*range(3, 19)])):  # 1 + 2 + 4 + 8 characters back
        other = x.copy()
        other[0, changed] = 5
        assert np.flatnonzero((network.predict(other) != y).any(axis=(0, 2))).tolist() == reached


def test_the_filters_of_a_depthwise_convolution_are_shown() -> None:
    layers = [{"layer": "DepthwiseConv2D", "kernel_size": 5}, {"layer": "Conv2D", "filters": 3, "kernel_size": 1}]
    network = [*layers, {"layer": "Flatten"}, {"layer": "Dense"}]
    training = train({"task": "mnist", "network": network, "data": BUNDLED}, 1)
    shown = training.picture("filters")
    assert (shown.units, shown.channels, shown.filters.shape) == (1, 1, (1, 5, 5))
