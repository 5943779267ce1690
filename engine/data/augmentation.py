"""Images that are moved a little: what they show stays the same, and a network has more to learn from."""

import numpy as np

from engine.arrays import Array


def moved(images: Array, shift: int, rotation: float, rng: np.random.Generator) -> Array:
    """Turn every image (N, H, W, C) about its middle and shift it, each by an amount of its own; what comes in is 0.

    Rows and columns move by whole pixels from −shift to shift, angles are from −rotation to rotation degrees, all alike likely.
    y[n, i, j] = x[n, u, v],  (u, v) = R (i − m_i, j − m_j) + m − (shift of n),  R the rotation by n's angle, m the middle;
    between pixels the four around (u, v) are mixed by how near they are (bilinear).
    Simard, Steinkraus & Platt (2003), Best practices for convolutional neural networks applied to visual document analysis.
    """
    n, height, width, channels = images.shape
    angle = np.deg2rad(rng.uniform(-rotation, rotation, (n, 1, 1))).astype(images.dtype)
    down, right = rng.integers(-shift, shift, (2, n, 1, 1), endpoint=True).astype(images.dtype)
    i = np.arange(height, dtype=images.dtype)[:, None] - (height - 1) / 2
    j = np.arange(width, dtype=images.dtype) - (width - 1) / 2
    u = np.cos(angle) * i - np.sin(angle) * j + ((height - 1) / 2 - down)
    v = np.sin(angle) * i + np.cos(angle) * j + ((width - 1) / 2 - right)
    # a frame of 0, in which whatever lies outside is looked up: one pixel before the image, two after it
    framed = np.zeros((n, height + 3, width + 3, channels), images.dtype)
    framed[:, 1:-2, 1:-2] = images
    u, v = np.clip(u + 1, 0, height + 1), np.clip(v + 1, 0, width + 1)
    top, left = np.floor(u).astype(np.intp), np.floor(v).astype(np.intp)
    row, pixels = width + 3, framed.reshape(-1, channels)
    at = (np.arange(n)[:, None, None] * (height + 3) + top) * row + left
    nearest: Array = pixels.take(at, axis=0)
    if not rotation:  # (u, v) are whole
        return nearest
    below, beside = (u - top)[..., None], (v - left)[..., None]
    upper = nearest * (1 - beside) + pixels.take(at + 1, axis=0) * beside
    lower = pixels.take(at + row, axis=0) * (1 - beside) + pixels.take(at + row + 1, axis=0) * beside
    y: Array = upper * (1 - below) + lower * below
    return y
