"""A network of ours as a JAX function, compiled as a whole step by jit: forward, gradient and optimizer."""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np
from jax import lax
from jax import numpy as jnp

import engine as nn
from engine.losses import IGNORE

P = dict[str, jax.Array]


def convolve(layer: nn.Conv2D, x: jax.Array, p: P) -> jax.Array:
    axes = ("NHWC", "HWIO", "NHWC")
    stride = (layer.stride, layer.stride)
    return lax.conv_general_dilated(x, p["W"], stride, str(layer.padding).upper(), dimension_numbers=axes) + p["b"]


def pool(layer: nn.MaxPool2D, x: jax.Array, p: P) -> jax.Array:
    size, stride = layer.pool_size, layer.stride or layer.pool_size
    return lax.reduce_window(x, -jnp.inf, lax.max, (1, size, size, 1), (1, stride, stride, 1), str(layer.padding).upper())


def batch_norm(layer: nn.BatchNorm, x: jax.Array, p: P) -> jax.Array:
    axes = tuple(range(x.ndim - 1))
    return (x - x.mean(axes)) * lax.rsqrt(x.var(axes) + layer.epsilon) * p["gamma"] + p["beta"]


def layer_norm(x: jax.Array, gamma: jax.Array, beta: jax.Array) -> jax.Array:
    centred = x - x.mean(-1, keepdims=True)
    return centred * lax.rsqrt((centred * centred).mean(-1, keepdims=True) + 1e-5) * gamma + beta


def lstm(layer: nn.LSTM, x: jax.Array, p: P) -> jax.Array:
    def step(state: tuple[jax.Array, jax.Array], a: jax.Array) -> tuple[Any, jax.Array]:
        h, c = state
        i, f, g, o = jnp.split(a + h @ p["U"], 4, axis=-1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        h = jax.nn.sigmoid(o) * jnp.tanh(c)
        return (h, c), h

    zero = jnp.zeros((len(x), layer.units), x.dtype)
    (h, _), states = lax.scan(step, (zero, zero), (x @ p["W"] + p["b"]).swapaxes(0, 1))
    return states.swapaxes(0, 1) if layer.return_sequences else h


def gru(layer: nn.GRU, x: jax.Array, p: P) -> jax.Array:
    def step(h: jax.Array, a: jax.Array) -> tuple[jax.Array, jax.Array]:
        (a_r, a_z, a_n), (c_r, c_z, c_n) = jnp.split(a, 3, axis=-1), jnp.split(h @ p["U"] + p["d"], 3, axis=-1)
        n = jnp.tanh(a_n + jax.nn.sigmoid(a_r + c_r) * c_n)
        h = n + jax.nn.sigmoid(a_z + c_z) * (h - n)
        return h, h

    h, states = lax.scan(step, jnp.zeros((len(x), layer.units), x.dtype), (x @ p["W"] + p["b"]).swapaxes(0, 1))
    return states.swapaxes(0, 1) if layer.return_sequences else h


def transformer(layer: nn.TransformerBlock, x: jax.Array, p: P) -> jax.Array:
    def heads(name: str) -> jax.Array:
        y = normed @ p[f"0.1.W{name}"] + p[f"0.1.b{name}"]
        return y.reshape(*y.shape[:2], layer.heads, -1).swapaxes(1, 2)

    normed = layer_norm(x, p["0.0.gamma"], p["0.0.beta"])
    Q, K, V = heads("q"), heads("k"), heads("v")
    A = jax.nn.softmax(Q @ K.swapaxes(2, 3) / Q.shape[3] ** 0.5)
    x = x + (A @ V).swapaxes(1, 2).reshape(x.shape) @ p["0.1.Wo"] + p["0.1.bo"]
    inner = layer_norm(x, p["1.0.gamma"], p["1.0.beta"]) @ p["1.1.W"] + p["1.1.b"]
    return x + jax.nn.gelu(inner) @ p["1.3.W"] + p["1.3.b"]


def up(layer: nn.UpSample2D, x: jax.Array, p: P) -> jax.Array:
    return x.repeat(layer.size, axis=1).repeat(layer.size, axis=2)


FUNCTIONS: dict[str, Callable[..., jax.Array]] = {
    "Dense": lambda layer, x, p: x @ p["W"] + p["b"],
    "Conv2D": convolve,
    "MaxPool2D": pool,
    "UpSample2D": up,
    "BatchNorm": batch_norm,
    "Flatten": lambda layer, x, p: x.reshape(len(x), -1),
    "Reshape": lambda layer, x, p: x.reshape(len(x), *layer.shape),
    "ReLU": lambda layer, x, p: jax.nn.relu(x),
    "Tanh": lambda layer, x, p: jnp.tanh(x),
    "LSTM": lstm,
    "GRU": gru,
    "Embedding": lambda layer, x, p: p["W"][x],
    "PositionalEncoding": lambda layer, x, p: x + layer.forward(np.zeros((1, *x.shape[1:]), np.float32)),
    "TransformerBlock": transformer,
}


def measure(loss: nn.Loss, y: jax.Array, target: jax.Array) -> jax.Array:
    if isinstance(loss, nn.CrossEntropy):
        counts = target != IGNORE
        return -(counts * jnp.take_along_axis(jax.nn.log_softmax(y), target[..., None], -1)[..., 0]).sum() / counts.sum()
    if isinstance(loss, nn.BinaryCrossEntropy):
        return (jnp.maximum(y, 0) - y * target + jnp.log1p(jnp.exp(-jnp.abs(y)))).mean()
    return ((y - target) ** 2).mean()


def stepper(training: nn.Training, x: np.ndarray, target: np.ndarray) -> Callable[[], None]:
    """Give a function that does one step of training on this batch."""
    network, loss, optimizer = training.network, training.loss, training.optimizer
    decay = training.regularizer.strength if isinstance(training.regularizer, nn.L2) else 0.0

    def value(theta: list[P]) -> jax.Array:
        y = jnp.asarray(x)
        for layer, p in zip(network.layers, theta, strict=True):
            y = FUNCTIONS[type(layer).__name__](layer, y, p)
        penalty = 0.5 * decay * sum((w * w).sum() for w in jax.tree.leaves(theta)) if decay else 0.0
        return measure(loss, y, jnp.asarray(target)) + penalty

    def move(theta: Any, m: Any, v: Any, t: jax.Array) -> Any:
        g = jax.grad(value)(theta)
        if not isinstance(optimizer, nn.Adam):
            return jax.tree.map(lambda w, g: w - optimizer.learning_rate * g, theta, g), m, v, t
        m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, g)
        v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)

        def moved(w: jax.Array, m: jax.Array, v: jax.Array) -> jax.Array:
            return w - optimizer.learning_rate * (m / (1 - 0.9**t)) / (jnp.sqrt(v / (1 - 0.999**t)) + 1e-8)

        return jax.tree.map(moved, theta, m, v), m, v, t + 1

    theta: Any = [{name: jnp.asarray(value) for name, value in layer.parameters.items()} for layer in network.layers]
    zeros = jax.tree.map(jnp.zeros_like, theta)
    state = [(theta, zeros, zeros, jnp.ones(()))]
    compiled = jax.jit(move, donate_argnums=(0, 1, 2))

    def step() -> None:
        state[0] = compiled(*state[0])
        jax.block_until_ready(state[0])

    state[0] = (theta, zeros, jax.tree.map(jnp.zeros_like, theta), jnp.ones(()))
    return step
