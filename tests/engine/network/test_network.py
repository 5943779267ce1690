"""The network: one vector of parameters, views, seeds, shapes, summary."""

import numpy as np
import pytest

import engine as nn
from engine.arrays import Array
from engine.network import PREDICT_EXAMPLES


def small(seed: int = 0, dtype: type = np.float32) -> nn.Network:
    return nn.Network([nn.Dense(5), nn.Tanh(), nn.Dense(3)], (2,), seed, dtype)


def test_theta_is_one_vector_that_the_layers_share() -> None:
    network = small()
    assert network.theta.shape == (2 * 5 + 5 + 5 * 3 + 3,)
    assert network.theta.dtype == network.gradient.dtype == np.float32
    network.theta[:] = 2
    assert (network.layers[0].W == 2).all()
    assert network.layers[0].parameters["W"] is network.layers[0].W
    network.layers[2].b[...] = 7
    assert (network.theta[-3:] == 7).all()
    network.forward(np.ones((4, 2), np.float32))
    network.backward(np.ones((4, 3), np.float32))
    assert (network.gradient[-3:] == 4).all()


def test_the_same_seed_gives_the_same_weights_and_a_later_layer_changes_no_earlier_one() -> None:
    assert (small(3).theta == small(3).theta).all()
    assert (small(3).theta != small(4).theta).any()
    longer = nn.Network([nn.Dense(5), nn.Tanh(), nn.Dense(4), nn.Dense(3)], (2,), 3)
    assert (longer.layers[0].W == small(3).layers[0].W).all()


def test_predict_goes_in_batches_and_gives_what_forward_gives() -> None:
    network = nn.Network([nn.Conv2D(8, 5), nn.ReLU(), nn.Flatten(), nn.Dense(3)], (20, 20, 1))
    x = np.random.default_rng(0).normal(size=(300, 20, 20, 1)).astype(np.float32)
    np.testing.assert_allclose(network.predict(x), network.forward(x), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("examples", [1, PREDICT_EXAMPLES, PREDICT_EXAMPLES + 1, 2 * PREDICT_EXAMPLES + 7])
def test_predict_takes_so_many_examples_at_a_time_and_gives_what_one_pass_gives(
    examples: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What all its examples have in common, as batch norm's mean, is none of a batch's in predict either."""
    layers = [nn.Dense(5), nn.BatchNorm(), nn.Tanh(), nn.Dropout(0.5), nn.Dense(3)]
    network = nn.Network(layers, (2,), seed=1, dtype=np.float64)
    rng = np.random.default_rng(0)
    network.forward(rng.normal(3, 2, (50, 2)), training=True)
    x = rng.normal(size=(examples, 2))
    once = network.forward(x)
    taken: list[int] = []
    forward = nn.Dense.forward

    def counted(self: nn.Dense, x: Array, training: bool = False) -> Array:
        taken.append(len(x))
        return forward(self, x, training)

    monkeypatch.setattr(nn.Dense, "forward", counted)
    np.testing.assert_allclose(network.predict(x), once, rtol=1e-12, atol=1e-14)
    assert taken[::2] == [PREDICT_EXAMPLES] * (examples // PREDICT_EXAMPLES) + [examples % PREDICT_EXAMPLES] * (
        examples % PREDICT_EXAMPLES > 0
    )


def test_float64_all_the_way() -> None:
    network = small(dtype=np.float64)
    y = network.forward(np.ones((4, 2), np.float32))
    assert y.dtype == np.float64
    assert network.backward(np.ones_like(y)).dtype == np.float64


def test_regularizers_see_weights_and_not_biases() -> None:
    network = small()
    assert sum(W.size for W, _ in network.weights()) == 2 * 5 + 5 * 3


def test_a_wrong_input_and_a_wrong_stack_are_named() -> None:
    with pytest.raises(ValueError, match=r"the network wants inputs of shape \(N, 2\), got \(4, 3\)"):
        small().forward(np.ones((4, 3)))
    with pytest.raises(ValueError, match="layer 2: Dense wants a row of features"):
        nn.Network([nn.Conv2D(2, 3), nn.Dense(3)], (5, 5, 1))


def test_summary_lists_layers_shapes_and_counts() -> None:
    network = nn.Network([nn.Conv2D(32, 7), nn.ReLU(), nn.MaxPool2D(4), nn.Flatten(), nn.Dense(10)], (28, 28, 1))
    lines = network.summary().splitlines()
    assert lines[1].split() == ["input", "28", "×", "28", "×", "1"]
    assert lines[2].split() == ["Conv2D", "28", "×", "28", "×", "32", "1,600"]
    assert lines[-1].split() == ["total", f"{network.theta.size:,}"]


def test_losses_are_stable_and_leave_their_arguments_alone() -> None:
    loss = nn.CrossEntropy()
    logits, target = np.array([[1000.0, -1000.0], [-1000.0, 1000.0]]), np.array([0, 0])
    kept = logits.copy()
    assert loss.forward(logits, target) == pytest.approx(1000)
    np.testing.assert_allclose(loss.backward(), [[0, 0], [-0.5, 0.5]])
    assert (logits == kept).all()
    assert nn.CrossEntropy().forward(np.zeros((4, 3)), np.zeros(4, int)) == pytest.approx(np.log(3))
    assert nn.MSE().forward(np.array([[1.0], [3.0]]), np.array([[0.0], [0.0]])) == 5


@pytest.mark.parametrize(
    ("loss", "prediction", "target", "words"),
    [
        (nn.CrossEntropy(), np.zeros((4, 3)), np.zeros(4), "integer classes"),
        (nn.CrossEntropy(), np.zeros((4, 3)), np.array([0, 1, 2, 3]), "classes from 0 to 2 .*, got 0 to 3"),
        (nn.MSE(), np.zeros((4, 1)), np.zeros(4), "prediction's shape"),
    ],
)
def test_a_target_that_does_not_fit_is_refused(loss: nn.Loss, prediction, target, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        loss.forward(prediction, target)
