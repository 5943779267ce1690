"""Functions that layers and losses share: scores become probabilities."""

import math

import numpy as np

from engine.arrays import Array

ERF_ENDS, ERF_PLACES = 6, 256
ERF = np.array([math.erf(k / ERF_PLACES) for k in range(ERF_ENDS * ERF_PLACES + 1)])
"""erf at 0, 1/256, 2/256 … 6, from where on it is 1 to the last digit of float64."""


def softmax(logits: Array) -> Array:
    """Turn scores into probabilities that sum to one:  p_k = e^{z_k} / Σⱼ e^{z_j}.

    Taking the largest score off first changes nothing, and no exponential can overflow.
    """
    rows = logits.reshape(-1, logits.shape[-1])
    top = np.maximum.reduce(np.ascontiguousarray(rows.T), axis=0)  # in long runs, whatever the number of scores
    e: Array = np.exp(rows - top[:, None])
    e /= sums(e)
    return e.reshape(logits.shape)


def softmax_backward(dp: Array, p: Array) -> Array:
    """Turn ∂L/∂p into ∂L/∂z:  ∂L/∂z_k = p_k (∂L/∂p_k − Σⱼ pⱼ ∂L/∂pⱼ)."""
    rows = p.reshape(-1, p.shape[-1])
    dz: Array = dp.reshape(rows.shape)
    dz = dz - sums(dz * rows)
    dz *= rows
    return dz.reshape(p.shape)


def sums(rows: Array) -> Array:
    """Sum every row, (N, K) → (N, 1): a product with ones, which for short rows is many times as fast as a sum."""
    return (rows @ np.ones(rows.shape[1], rows.dtype))[:, None]


def sigmoid(z: Array) -> Array:
    """Turn a score into a probability:  σ(z) = 1 / (1 + e⁻ᶻ) = tanh(z / 2) / 2 + 1/2, where nothing can overflow."""
    p: Array = np.asarray(0.5 * z)
    np.tanh(p, out=p)
    p *= 0.5
    p += 0.5
    return p


def erf(x: Array) -> Array:
    """Compute the error function  erf x = 2/√π ∫₀ˣ e^{−t²} dt,  to within three units of the last digit.

    By Taylor's series around the nearest place a that the table has:  with h = |x| − a,
    erf(a + h) = erf a + 2/√π e^{−a²} (h − a h² + (2a² − 1) h³/3 − (2a³ − 3a) h⁴/6 + (4a⁴ − 12a² + 3) h⁵/30 − …)
    """
    size = np.minimum(np.abs(x), ERF_ENDS)
    place = np.rint(np.fmin(size, ERF_ENDS) * ERF_PLACES)  # NaN has a place too, and stays NaN by its h
    a = place / ERF_PLACES
    h, b = size - a, a * a
    series = h * (1 - h * (a + h * ((1 - 2 * b) / 3 + h * (a * (2 * b - 3) / 6 - h * ((4 * b - 12) * b + 3) / 30))))
    at_a = ERF.astype(x.dtype)[place.astype(np.intp)]
    y: Array = np.copysign(at_a + 2 / math.sqrt(math.pi) * np.exp(-b) * series, x)
    return y
