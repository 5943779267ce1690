"""What a person does to a network by hand between two steps changes just that: the rest goes on bit for bit."""

from typing import Any

import numpy as np
import pytest

import engine as nn
from engine.gradient_check import numerical_gradient, relative_error
from engine.training import checkpoint
from engine.training.configuration import ConfigurationError
from engine.training.edits import edited

LAYERS: list[dict[str, Any]] = [
    {"layer": "Dense", "units": 6},
    {"layer": "BatchNorm"},
    {"layer": "Tanh"},
    {"layer": "Residual", "layers": [{"layer": "Dense", "units": 6}, {"layer": "Dropout", "rate": 0.2}]},
    {"layer": "Dense"},
]


def trained(steps: int, **choices: Any) -> nn.Training:
    training = nn.Training(nn.configure({"task": "xor", "network": LAYERS, "batch_size": 50, "steps": 60, **choices}))
    until(training, steps)
    return training


def until(training: nn.Training, steps: int) -> None:
    for event in training.events():
        if event.step == steps:
            break


def test_a_weight_that_is_set_is_the_only_difference_and_the_way_on_is_that_of_a_hand_made_loop() -> None:
    parent = trained(25)
    packed = checkpoint.pack(parent)
    edit = {"do": "set", "layer": 4, "parameter": "W", "index": [3, 1], "value": 1.5}
    fork, plain, own = checkpoint.fork(packed, {}, edits=[edit]), checkpoint.unpack(packed), checkpoint.unpack(packed)
    assert fork.network.layers[4].W[3, 1] == 1.5
    differs = np.flatnonzero(fork.network.theta != plain.network.theta)
    assert len(differs) == 1
    assert fork.configuration == plain.configuration
    own.network.layers[4].W[3, 1] = 1.5  # the same without any call
    for training in (fork, own):
        until(training, 60)
    assert fork.network.theta.tobytes() == own.network.theta.tobytes()
    assert checkpoint.fork(packed, {}).network.theta.tobytes() == plain.network.theta.tobytes()


def test_what_counts_is_set_too_where_weights_are_averaged() -> None:
    training = trained(25, averaging=0.9)
    training.edit({"do": "set", "layer": 0, "parameter": "b", "index": [2], "value": -3})
    with training.shown() as network:
        assert network.layers[0].b[2] == -3
    assert training.network.layers[0].b[2] == -3


def test_a_silenced_neuron_says_nothing_and_learns_nothing() -> None:
    training = trained(10)
    training.edit({"do": "silence", "layer": 2, "unit": 4})
    training.edit({"do": "silence", "layer": 2, "unit": 0})
    training.edit({"do": "silence", "layer": 2, "unit": 0, "on": False})
    assert training.configuration.network[2] == {"layer": "Tanh", "silenced": [4]}
    out = training.network.activations(training.task.x)[2]
    assert not out[:, 4].any() and out[:, 0].any()
    before = training.network.layers[0].W.copy()
    packed = checkpoint.pack(training)
    until(training, 40)
    assert np.array_equal(training.network.layers[0].W[:, 4], before[:, 4]) is False, "Adam goes on by its memory"
    assert not training.network.layers[0].dW[:, 4].any(), "but no gradient reaches it"
    again = checkpoint.unpack(packed)
    until(again, 40)
    assert again.network.theta.tobytes() == training.network.theta.tobytes()
    anew = nn.Training(nn.configure(training.configuration.as_dict()))
    assert anew.network.layers[2].silenced == (4,)


def test_gradients_with_silenced_neurons_are_those_of_finite_differences() -> None:
    network = nn.Network(
        [
            nn.Conv2D(3, 3, silenced=(1,)),
            nn.Tanh(),
            nn.Flatten(),
            nn.Dense(5),
            nn.Sigmoid(silenced=(0, 3)),
            nn.Residual([nn.Dense(5, silenced=(2,)), nn.Tanh()]),
            nn.Dense(2, silenced=(1,)),
        ],
        (4, 4, 1),
        seed=3,
        dtype=np.float64,
    )
    rng = np.random.default_rng(5)
    x, R = rng.normal(size=(3, 4, 4, 1)), rng.normal(size=(3, 2))

    def value() -> float:
        return float(np.sum(R * network.forward(x)))

    y = network.forward(x)
    assert not y[:, 1].any()
    network.backward(R)
    analytic = network.gradient.copy()
    network.backward(R, dx=False)
    assert np.array_equal(network.gradient, analytic)
    assert relative_error(analytic, numerical_gradient(value, network.theta)) < 1e-7
    assert np.array_equal(network.predict(x), y)


def test_a_frozen_layer_stays_and_the_others_move_as_in_a_loop_that_puts_it_back() -> None:
    parent = trained(20)
    packed = checkpoint.pack(parent)
    frozen = checkpoint.fork(packed, {}, edits=[{"do": "freeze", "layer": 3}, {"do": "freeze", "layer": 0}])
    assert frozen.configuration.network[0]["learning_rate_scale"] == 0
    assert frozen.configuration.network[3]["layers"][0]["learning_rate_scale"] == 0
    own = checkpoint.unpack(packed)
    parts = [own.network.parts()[i] for i in (0, 3)]
    kept = [own.network.theta[part].copy() for part in parts]
    for event in own.events():
        for part, value in zip(parts, kept, strict=True):
            own.network.theta[part] = value
        if event.step == 50:
            break
    until(frozen, 50)
    assert frozen.network.theta.tobytes() == own.network.theta.tobytes()
    frozen.edit({"do": "freeze", "layer": 0, "on": False})
    until(frozen, 60)
    assert not np.array_equal(frozen.network.theta[parts[0]], kept[0])
    assert np.array_equal(frozen.network.theta[parts[1]], kept[1])


def test_every_layer_with_parameters_can_be_frozen_whatever_it_is_made_of() -> None:
    block = {"layer": "TransformerBlock", "heads": 2, "expansion": 1}
    network = [
        {"layer": "Embedding", "vocabulary": 16, "width": 8},
        {"layer": "PositionalEncoding", "learned": True},
        {"layer": "PositionalEncoding"},
        {"layer": "Residual", "layers": [{**block, "learning_rate_scale": 0.5}, {"layer": "RMSNorm"}]},
        block,
        {"layer": "Bidirectional", "units": 3, "return_sequences": True},
        {"layer": "PReLU"},
        {"layer": "Dense"},
    ]
    training = nn.Training(nn.configure({"task": "reverse", "network": network, "batch_size": 8, "steps": 20}))
    learned = {i for i, layer in enumerate(training.network.layers) if layer.parameters}
    for frozen in (0, 1, 3, 4, 5, 6):
        training.edit({"do": "freeze", "layer": frozen})
        before, parts = training.network.theta.copy(), training.network.parts()
        until(training, training.step + 1)
        moved = {i for i in learned if (training.network.theta[parts[i]] != before[parts[i]]).any()}
        assert moved == learned - {frozen}
        training.edit({"do": "freeze", "layer": frozen, "on": False})
    with pytest.raises(ConfigurationError, match="PositionalEncoding, layer 3, cannot be frozen"):
        training.edit({"do": "freeze", "layer": 2})


def test_a_layer_made_of_layers_scales_the_rates_of_those_inside() -> None:
    inside = nn.Residual([nn.TransformerBlock(2, learning_rate_scale=0.5), nn.LayerNorm(learning_rate_scale=3)])
    network = nn.Network([nn.Dense(4), inside, nn.Bidirectional(2, learning_rate_scale=0.25)], (5, 3))
    scales = np.ones(len(network.theta))
    for part, scale in network.scaled_parts():
        scales[part] = scale
    first, block = network.parts()[0].stop, sum(p.size for p in inside.inside[0].parameters.values())
    assert set(scales[:first]) == {1}
    assert set(scales[first : first + block]) == {0.5}
    assert set(scales[first + block : network.parts()[1].stop]) == {3}
    assert set(scales[network.parts()[2]]) == {0.25}


@pytest.mark.parametrize("optimizer", ["Adam", "SGD", "Muon", "AdaGrad"])
def test_a_layer_anew_has_its_first_weights_and_an_empty_memory(optimizer: str) -> None:
    training = trained(25, optimizer={"name": optimizer, "learning_rate": 0.01})
    first, before = nn.Training(training.configuration), training.network.theta.copy()
    memory = training.optimizer.state_dict()
    held = {name: value.copy() for name, value in memory.items() if value.shape == before.shape}
    training.edit({"do": "renew", "layer": 1})
    training.edit({"do": "renew", "layer": 3})
    parts = training.network.parts()
    fresh = np.zeros(len(before), bool)
    fresh[parts[1]] = fresh[parts[3]] = True
    assert np.array_equal(training.network.theta[fresh], first.network.theta[fresh])
    assert np.array_equal(training.network.theta[~fresh], before[~fresh])
    assert training.network.layers[1].state
    for name, value in first.network.layers[1].state.items():
        assert np.array_equal(training.network.layers[1].state[name], value)
    now = training.optimizer.state_dict()
    for name, value in held.items():
        assert np.array_equal(now[name][fresh], first.optimizer.state_dict()[name][fresh])
        assert np.array_equal(now[name][~fresh], value[~fresh])
    until(training, 30)


@pytest.mark.parametrize(
    ("edit", "field", "words"),
    [
        ({"do": "set", "layer": 9, "parameter": "W", "index": [0, 0], "value": 1}, "layer", "from 0 to 4, got 9"),
        ({"do": "set", "layer": True, "parameter": "W", "index": [0, 0], "value": 1}, "layer", "got True"),
        ({"do": "set", "layer": 2, "parameter": "W", "index": [0, 0], "value": 1}, "layer", "Tanh, layer 3, has no weights"),
        ({"do": "set", "layer": 0, "parameter": "gamma", "index": [0], "value": 1}, "parameter", "has W, b, got 'gamma'"),
        ({"do": "set", "layer": 0, "parameter": "W", "index": [2, 0], "value": 1}, "index", "0 to 1 × 0 to 5, got [2, 0]"),
        ({"do": "set", "layer": 0, "parameter": "W", "index": [0], "value": 1}, "index", "got [0]"),
        ({"do": "set", "layer": 0, "parameter": "W", "index": [0, 0], "value": float("nan")}, "value", "got nan"),
        ({"do": "set", "layer": 0, "parameter": "W", "index": [0, 0], "value": float("inf")}, "value", "got inf"),
        ({"do": "set", "layer": 0, "parameter": "W", "index": [0, 0], "value": 1e39}, "value", "got 1e+39"),
        ({"do": "silence", "layer": 2, "unit": 6}, "unit", "has 6 neurons: unit must be a number from 0 to 5, got 6"),
        ({"do": "silence", "layer": 2, "unit": -1}, "unit", "got -1"),
        ({"do": "freeze", "layer": 2}, "layer", "Tanh, layer 3, cannot be frozen"),
        ({"do": "renew", "layer": 2}, "layer", "has no weights that could be drawn anew"),
        ({"do": "dance", "layer": 2}, "do", "got 'dance'"),
    ],
)
def test_what_cannot_be_done_is_said_and_all_is_as_it_was(edit: dict[str, Any], field: str, words: str) -> None:
    training = trained(3)
    packed = checkpoint.pack(training)
    with pytest.raises(ConfigurationError) as refused:
        training.edit(edit)
    assert refused.value.field == f"edits.{field}"
    assert words in str(refused.value)
    assert checkpoint.pack(training) == packed


def test_a_network_names_a_neuron_that_it_cannot_silence() -> None:
    with pytest.raises(ConfigurationError, match="Tanh has 6 neurons, counted from 0; silenced names 6") as refused:
        nn.configure({"task": "xor", "network": edited(LAYERS, [{"do": "silence", "layer": 2, "unit": 6}])})
    assert refused.value.field == "network.2"
    with pytest.raises(ConfigurationError, match="layer 1 inside: Dense has 6 neurons"):
        nn.configure(
            {
                "task": "xor",
                "network": [*LAYERS[:3], {"layer": "Residual", "layers": [{**LAYERS[0], "silenced": [7]}]}, LAYERS[4]],
            }
        )
