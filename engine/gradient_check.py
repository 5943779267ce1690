"""Finite differences against backward: the proof that a formula was differentiated correctly.

For a random R the scalar  s = Σ R · y  has  ∂s/∂y = R,  so backward(R) must give  (s(p + h) − s(p − h)) / 2h  for every
single number p, in float64, up to an error of order h².
"""

from collections.abc import Callable

import numpy as np

from engine.arrays import Array
from engine.layers import Layer
from engine.losses import Loss

ROUNDING = 1e-7
"""Below this a central difference with h = 1e-6 is noise: 1e-16 / 1e-6 for each of some hundred sums."""


def numerical_gradient(f: Callable[[], float], p: Array, h: float = 1e-6) -> Array:
    """Measure ∂f/∂p with central differences, changing one number of p at a time and putting it back."""
    gradient = np.zeros_like(p)
    for i in np.ndindex(p.shape):
        kept = p[i]
        p[i] = kept + h
        above = f()
        p[i] = kept - h
        below = f()
        p[i] = kept
        gradient[i] = (above - below) / (2 * h)
    return gradient


def relative_error(a: Array, b: Array) -> float:
    """Compare two gradients:  ‖a − b‖ / (‖a‖ + ‖b‖),  0 where both are smaller than the rounding of a difference."""
    size = float(np.linalg.norm(a) + np.linalg.norm(b))
    return float(np.linalg.norm(a - b)) / size if size > ROUNDING else 0.0


def check_layer(layer: Layer, x: Array, seed: int = 0, training: bool = False) -> dict[str, float]:
    """Compare backward with finite differences; return the relative error of x and of every parameter.

    x (N, …) in float64, or tokens, which have no gradient. All parameters are drawn anew, so that biases that start at zero
    are tested as well; layers that draw random numbers draw the same ones every time.
    """
    rng = np.random.default_rng(seed)
    x = np.array(x) if x.dtype.kind in "iu" else np.array(x, np.float64)
    layer.build(x.shape[1:], rng, np.float64)
    for value in layer.parameters.values():
        value[...] = rng.normal(0, 0.5, value.shape)
    R = rng.normal(size=layer.forward(x, training).shape)
    streams = [(inner.rng, inner.rng.bit_generator.state) for inner in layer.walk() if inner.rng is not None]

    def s() -> float:
        for stream, state in streams:
            stream.bit_generator.state = state
        return float(np.sum(R * layer.forward(x, training)))

    s()
    dx = layer.backward(R)
    errors = {"x": dx} if x.dtype.kind == "f" else {}
    errors |= {name: gradient.copy() for name, gradient in layer.gradients.items()}
    inputs = {"x": x} | layer.parameters
    return {name: relative_error(analytic, numerical_gradient(s, inputs[name])) for name, analytic in errors.items()}


def check_loss(loss: Loss, prediction: Array, target: Array) -> float:
    """Compare a loss's backward with finite differences; return the relative error."""
    prediction = np.array(prediction, np.float64)
    loss.forward(prediction, target)
    analytic = loss.backward()
    return relative_error(analytic, numerical_gradient(lambda: loss.forward(prediction, target), prediction))
