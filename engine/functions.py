"""Two functions that layers and losses share: scores become probabilities."""

import numpy as np

from engine.arrays import Array


def softmax(logits: Array) -> Array:
    """Turn scores into probabilities that sum to one:  p_k = e^{z_k} / Σⱼ e^{z_j}.

    Taking the largest score off first changes nothing, and no exponential can overflow.
    """
    e: Array = np.exp(logits - logits.max(axis=-1, keepdims=True))
    e /= e.sum(axis=-1, keepdims=True)
    return e


def sigmoid(z: Array) -> Array:
    """Turn a score into a probability:  σ(z) = 1 / (1 + e⁻ᶻ) = tanh(z / 2) / 2 + 1/2, where nothing can overflow."""
    p: Array = np.asarray(0.5 * z)
    np.tanh(p, out=p)  # in one array: recurrent layers call this in every step
    p *= 0.5
    p += 0.5
    return p
