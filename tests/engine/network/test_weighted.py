"""How a layer's weights and biases start, how fast they learn beside other layers', and what a regularizer sees of them."""

import numpy as np
import pytest

import engine as nn
from engine.hyperparameter import fields_of
from engine.layers.layer import Parametric, Weighted
from engine.optimizers import OPTIMIZERS
from engine.training import checkpoint


def test_a_bias_is_drawn_as_the_weights_of_an_input_that_is_always_one() -> None:
    drawn = {"bias_initializer": "xavier"}
    layers = [nn.Conv2D(32, 7, **drawn), nn.Flatten(), nn.Dense(100, **drawn), nn.Dense(10, **drawn)]
    biases: list[list[float]] = [[], [], []]
    for seed in range(40):
        network = nn.Network([type(layer)(**chosen(layer)) for layer in layers], (8, 8, 1), seed)
        for found, layer in zip(biases, (layer for layer in network.layers if layer.parameters), strict=True):
            found.extend(layer.b)
    for found, bound in zip(biases, (0.426, 0.244, 0.739), strict=True):  # of the original project: sqrt(6 / (1 + units))
        assert bound * 0.97 < np.abs(found).max() <= bound + 5e-4
        assert np.std(found) == pytest.approx(bound / np.sqrt(3), rel=0.1)


def chosen(layer: nn.Layer) -> dict[str, object]:
    return {f.name: getattr(layer, f.name) for f in fields_of(layer)}


def test_a_drawn_bias_leaves_the_weights_as_they_are() -> None:
    plain, drawn = (nn.Network([nn.Dense(5, bias_initializer=how), nn.Dense(3)], (2,), seed=4) for how in ("zeros", "normal"))
    assert (plain.layers[0].W == drawn.layers[0].W).all()
    assert (plain.layers[1].W == drawn.layers[1].W).all()
    assert not plain.layers[0].b.any()
    assert drawn.layers[0].b.all()


def weighted(gain: float = 1.0, rate: float = 1.0) -> nn.Network:
    some = {"gain": gain, "learning_rate_scale": rate}
    inside: list[nn.Layer] = [nn.MultiHeadAttention(2, **some), nn.LayerNorm(), nn.Dense(4, **some)]
    return nn.Network([nn.Dense(4), nn.Residual(inside), nn.GRU(3, **some), nn.Dense(2)], (5, 3), seed=1, dtype=np.float64)


def test_gain_scales_the_first_weights_and_nothing_else() -> None:
    for one, three in zip(weighted().walk(), weighted(gain=3.0).walk(), strict=True):
        for name in {} if one.inside else one.parameters:
            factor = 3 if isinstance(one, Weighted) and three.gain == 3 and name in one.weights else 1
            np.testing.assert_array_equal(three.parameters[name], factor * one.parameters[name])
    assert not nn.Network([nn.Dense(3, gain=0)], (2,)).theta.any()


@pytest.mark.parametrize("rate", [0.0, 0.5, 32.0])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_goes_so_many_times_as_far(name: str, rate: float) -> None:
    plain, scaled = weighted(), weighted(rate=rate)
    before, gradient = plain.theta.copy(), np.random.default_rng(2).normal(size=plain.theta.size)
    for network in (plain, scaled):
        optimizer = OPTIMIZERS[name]()
        optimizer.start_on(network)
        optimizer.step(network.theta, gradient)
        network.scale_step(before)
    factor = np.full(before.size, np.nan)
    copy = weighted(rate=rate)
    copy.theta = factor
    for layer in copy.walk():
        for value in layer.parameters.values():
            if not layer.inside:
                value[...] = layer.learning_rate_scale if isinstance(layer, Parametric) else 1
    np.testing.assert_allclose(scaled.theta - before, copy.theta * (plain.theta - before), rtol=1e-9, atol=1e-15)
    assert set(copy.theta) == {1, rate}


def test_32_sums_over_a_batch_of_32_where_1_averages() -> None:
    rng = np.random.default_rng(3)
    x, target = rng.normal(size=(32, 3)), rng.integers(0, 2, 32)
    layers = [nn.Dense(4, learning_rate_scale=32), nn.Tanh(), nn.Dense(2)]
    network = nn.Network(layers, (3,), dtype=np.float64)
    by_hand = nn.Network([nn.Dense(4), nn.Tanh(), nn.Dense(2)], (3,), dtype=np.float64)
    for _ in nn.fit(network, x, target, nn.CrossEntropy(), nn.SGD(0.01), steps=20):
        pass
    loss = nn.CrossEntropy()
    for _ in range(20):
        loss.forward(by_hand.forward(x), target)
        by_hand.backward(loss.backward() * 32)  # ∂ Σ L / ∂ theta
        by_hand.gradient[by_hand.parts()[2]] /= 32
        by_hand.theta -= 0.01 * by_hand.gradient
    np.testing.assert_allclose(network.theta, by_hand.theta, rtol=1e-10)


def test_a_scaled_layer_trains_in_a_task_and_goes_on_bit_for_bit() -> None:
    network = [{"layer": "Dense", "units": 8, "learning_rate_scale": 0}, {"layer": "Tanh"}, {"layer": "Dense"}]
    network[2]["learning_rate_scale"] = 3
    whole = nn.Training(nn.configure({"task": "spiral", "network": network, "steps": 20, "optimizer": {"name": "AdamW"}}))
    first = whole.network.theta.copy()
    events = whole.events()
    while whole.step < 9:
        next(events)
    again = checkpoint.unpack(checkpoint.pack(whole))
    list(events), list(again.events())
    assert again.network.theta.tobytes() == whole.network.theta.tobytes()
    frozen, _, free = whole.network.parts()
    assert (whole.network.theta[frozen] == first[frozen]).all()
    assert (whole.network.theta[free] != first[free]).all()


def test_a_copied_network_scales_its_own_theta() -> None:
    network = nn.Network([nn.Dense(2, learning_rate_scale=5)], (2,))
    copied = network.__copy__()
    before = network.theta.copy()
    copied.theta = before + 1
    copied.scale_step(before)
    np.testing.assert_allclose(copied.theta, before + 5, rtol=1e-6)
    assert (network.theta == before).all()


def test_a_regularizer_sees_biases_where_it_is_asked_to() -> None:
    network = weighted()
    weights, all_of_them = ([W for W, _ in network.weights(biases)] for biases in (False, True))
    norms = sum(v.size for layer in network.walk() if isinstance(layer, nn.LayerNorm) for v in layer.parameters.values())
    assert sum(W.size for W in all_of_them) == network.theta.size - norms
    assert len(all_of_them) - len(weights) == 1 + 4 + 1 + 2 + 1
    network.theta[:] = 2
    for l2 in (nn.L2(0.1), nn.L2(0.1, biases=True)):
        seen = sum(W.size for W in (all_of_them if l2.biases else weights))
        network.gradient[:] = 1
        l2.add_gradients(network)
        assert l2.total(network) == pytest.approx(0.05 * 4 * seen)
        assert network.gradient.sum() == pytest.approx(network.theta.size + 0.1 * 2 * seen)


@pytest.mark.parametrize("shape", [(100_000,), (3, 70_000), (300, 301), (7, 7, 40, 50), (1,)])
def test_l2_reaches_every_weight_of_a_large_array(shape: tuple[int, ...]) -> None:
    W, dW = np.random.default_rng(0).normal(size=(2, *shape))
    wanted = dW + 0.3 * W
    nn.L2(0.3).add_gradient(W.T, dW.T)
    np.testing.assert_array_equal(dW, wanted)
