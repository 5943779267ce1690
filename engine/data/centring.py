"""Drawings of digits, brought into the form of MNIST's."""

import numpy as np

from engine.arrays import Array


def centred(image: Array) -> Array:
    """Bring a drawing (H, W) of any size into the form of MNIST's digits: bytes (28, 28), ink 255 on 0.

    As their makers did: the ink is scaled to fit into 20 × 20, its shape kept, each new pixel the mean of what it covers,
    and its centre of mass is put onto pixel (14, 14). MNIST's own digits come out unchanged. An empty sheet stays empty.
    LeCun, Bottou, Bengio & Haffner (1998), Gradient-based learning applied to document recognition.
    """
    ink = np.asarray(image, np.float64)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    sheet = np.zeros((28, 28), np.uint8)
    if not len(rows):
        return sheet
    cut = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = 20 / max(cut.shape)
    height, width = (max(1, round(n * scale)) for n in cut.shape)
    small = _coverage(height, cut.shape[0]) @ cut @ _coverage(width, cut.shape[1]).T
    small *= 255 / small.max()
    top = round(14 - float(small.sum(axis=1) @ np.arange(height)) / float(small.sum()))
    left = round(14 - float(small.sum(axis=0) @ np.arange(width)) / float(small.sum()))
    top, left = min(max(top, 0), 28 - height), min(max(left, 0), 28 - width)
    sheet[top : top + height, left : left + width] = small.round()
    return sheet


def _coverage(n: int, m: int) -> Array:
    """Say what share of each of n equal parts each of m equal parts of the same length covers: (n, m), rows sum to 1."""
    ends = np.arange(1, m + 1) * n / m
    low = np.arange(n)[:, np.newaxis]
    shares: Array = np.clip(ends, low, low + 1) - np.clip(ends - n / m, low, low + 1)
    return shares
