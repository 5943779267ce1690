"""What layers keep or draw besides their parameters: running averages, masks, pools, attention, gates."""

import numpy as np
import pytest

import engine as nn


def build(layer: nn.Layer, shape: tuple[int, ...]) -> nn.Layer:
    layer.build(shape, np.random.default_rng(0), np.float64)
    return layer


def test_batch_norm_predicts_with_running_averages() -> None:
    rng, layer = np.random.default_rng(1), build(nn.BatchNorm(momentum=0.8), (3,))
    mean, variance = np.zeros(3), np.ones(3)
    for _ in range(5):
        x = rng.normal(2, 3, (7, 3))
        y = layer.forward(x, training=True)
        np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-12)
        np.testing.assert_allclose(y.std(axis=0), 1, atol=1e-5)
        mean, variance = 0.8 * mean + 0.2 * x.mean(axis=0), 0.8 * variance + 0.2 * x.var(axis=0, ddof=1)
    np.testing.assert_allclose(layer.forward(x), (x - mean) / np.sqrt(variance + 1e-5))
    np.testing.assert_allclose(layer.state["running_mean"], mean)


def test_predict_leaves_the_running_averages_alone() -> None:
    layer = build(nn.BatchNorm(), (3,))
    layer.forward(np.ones((4, 3)))
    assert (layer.state["running_mean"] == 0).all()


def test_dropout_keeps_the_mean_and_is_off_in_predict() -> None:
    layer = build(nn.Dropout(0.3), (100_000,))
    x = np.ones((1, 100_000))
    y = layer.forward(x, training=True)
    assert set(np.unique(y)) == {0, 1 / 0.7}
    assert y.mean() == pytest.approx(1, abs=0.01)
    assert (layer.backward(x) == y).all()
    assert (layer.forward(x) == x).all()
    assert (layer.backward(x) == x).all()


def test_looking_draws_no_mask() -> None:
    def train(look: bool) -> np.ndarray:
        network = nn.Network([nn.Dense(8), nn.Dropout(0.5), nn.BatchNorm(), nn.Dense(1)], (3,), seed=3)
        x = np.random.default_rng(0).normal(size=(16, 3)).astype(np.float32)
        adam = nn.Adam()
        adam.start(network.theta)
        for _ in range(5):
            network.backward(network.forward(x, training=True))
            adam.step(network.theta, network.gradient)
            if look:
                network.predict(x)
                network.activations(x)
        return network.theta

    assert (train(look=True) == train(look=False)).all()


def test_unpooling_puts_every_value_back() -> None:
    pool = build(nn.MaxPool2D(2), (4, 4, 1))
    x = np.random.default_rng(2).permutation(16).reshape(1, 4, 4, 1).astype(float)
    y = pool.forward(x)
    back = nn.MaxUnpool2D(pool).forward(y)
    kept = np.isin(x, y)
    np.testing.assert_array_equal(back, np.where(kept, x, 0))


def test_a_network_pairs_unpools_with_pools_as_brackets() -> None:
    first, second = nn.MaxPool2D(2), nn.MaxPool2D(3)
    inner, outer = nn.MaxUnpool2D(), nn.MaxUnpool2D()
    network = nn.Network([first, second, inner, outer], (12, 12, 1))
    assert (inner.pool, outer.pool) == (second, first)
    assert network.output_shape == (12, 12, 1)


@pytest.mark.parametrize(
    ("layers", "shape", "words"),
    [
        ([nn.MaxUnpool2D()], (4, 4, 1), "layer 1: MaxUnpool2D wants a MaxPool2D before it"),
        ([nn.MaxPool2D(2), nn.Conv2D(3, 1), nn.MaxUnpool2D()], (4, 4, 1), "wants what its MaxPool2D gives, 2 × 2 × 1, got"),
        ([nn.MultiHeadAttention(2, causal=True)], (8, 8, 1), "MultiHeadAttention wants a sequence"),
        ([nn.MultiHeadAttention(3)], (8, 8), "a width that 3 heads can share evenly, got an input of shape 8 × 8"),
        ([nn.PositionalEncoding(longest=5)], (6, 2), "a sequence of at most 5 steps"),
        ([nn.Embedding(5, 2)], (6, 2), "Embedding wants a row of tokens"),
        ([nn.LSTM(3)], (6,), "LSTM wants a sequence of steps × features"),
        ([nn.AveragePool2D(5)], (4, 4, 1), "AveragePool2D wants an image of at least 5 × 5 pixels, got"),
        ([nn.UpSample2D()], (4,), "UpSample2D wants an image"),
        ([nn.Conv2DTranspose(2, 3)], (4,), "Conv2DTranspose wants an image"),
        ([nn.GlobalAveragePool2D()], (4,), "GlobalAveragePool2D wants an image"),
        ([nn.Residual([nn.Dense(3)])], (4,), "layers inside that give the shape they take .they give 3., got"),
        ([nn.Residual([nn.Tanh(), nn.Conv2D(3, 3)])], (4,), "Residual, layer 2 inside: Conv2D wants an image"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(layers: list[nn.Layer], shape: tuple[int, ...], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        nn.Network(layers, shape)


def test_values_out_of_their_limits_are_refused() -> None:
    with pytest.raises(ValueError, match=r"Dropout: rate must be a number from 0 to 0.95, got 1"):
        nn.Dropout(1)
    layer = build(nn.Embedding(5, 2), (3,))
    for tokens in ([[0, 1, 5]], [[-1, 0, 0]], [[0.5, 0, 0]]):
        with pytest.raises(ValueError, match="whole numbers from 0 to 4, got"):
            layer.forward(np.array(tokens))


def test_a_state_that_is_not_the_layers_is_refused() -> None:
    x, h = np.zeros((2, 4, 3)), np.zeros((2, 5))
    for make, state, got in ((nn.LSTM, (h,), "2 × 5"), (nn.GRU, (h, h), "2 × 5, 2 × 5"), (nn.LSTM, (h, h[:1]), "2 × 5, 1 × 5")):
        layer = build(make(5), (4, 3))
        with pytest.raises(ValueError, match=f"{make.__name__} wants as initial_state h₀ .*of shape 2 × 5, got {got}$"):
            layer.forward(x, initial_state=state)


def test_causal_attention_cannot_see_the_future() -> None:
    rng, layer = np.random.default_rng(3), build(nn.MultiHeadAttention(2, causal=True), (5, 4))
    x = rng.normal(size=(1, 5, 4))
    y = layer.forward(x)
    assert (np.triu(layer.attention[0, 0], k=1) == 0).all()
    np.testing.assert_allclose(layer.attention.sum(axis=-1), 1)
    x[0, 3:] = 9
    np.testing.assert_array_equal(layer.forward(x)[0, :3], y[0, :3])


def test_a_new_lstm_remembers() -> None:
    layer = build(nn.LSTM(3, forget_bias=2.0), (4, 2))
    np.testing.assert_array_equal(layer.b, [0, 0, 0, 2, 2, 2, 0, 0, 0, 0, 0, 0])
    for k in range(4):
        block = layer.U[:, 3 * k : 3 * k + 3]
        np.testing.assert_allclose(block @ block.T, np.eye(3), atol=1e-12)


def test_a_composite_is_held_in_theta() -> None:
    network = nn.Network([nn.Residual([nn.Dense(3), nn.ReLU()]), nn.TransformerBlock(1)], (2, 3), seed=1)
    network.theta[:] = 0
    assert all((layer.parameters[name] == 0).all() for layer in network.walk() for name in layer.parameters)
    assert len(network.theta) == sum(plan.parameters for plan in network.plans)
    assert {type(layer).__name__ for layer in network.walk()} >= {"Residual", "TransformerBlock", "LayerNorm", "GELU"}
    assert len(list(network.weights())) == 1 + 4 + 2


def test_initializers_have_the_variance_they_promise() -> None:
    rng = np.random.default_rng(0)
    assert nn.lecun((400, 300), rng).var() == pytest.approx(1 / 400, rel=0.03)
    for shape in ((5, 8), (8, 5), (3, 3, 2, 4)):
        W = nn.orthogonal(shape, rng).reshape(-1, shape[-1])
        product = W @ W.T if len(W) < shape[-1] else W.T @ W
        np.testing.assert_allclose(product, np.eye(min(W.shape)), atol=1e-12)
