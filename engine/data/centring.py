"""Drawings of digits, brought into the form of MNIST's."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.arrays import Array

PENS = (2.2, 3.0, 4.0)
"""How wide the line of a pen is, in MNIST's pixels: thin, as in the middle of its digits, and bold."""
EDGE = 1.5
"""Over how many pixels the ink of MNIST's digits fades at the edge of a line."""
LEAST = 0.06
"""How much of the sheet a drawing measures at least: what is smaller is a dot, and no digit to be made larger."""
STRIDE = 0.25
"""How far, in pixels, two places of a line are apart at least, so that it is drawn soon however slowly the pen went."""


@dataclass(frozen=True, eq=False)
class Strokes:
    """What a pen drew: lines (N, 2) over a sheet, x to the right and y down, each from 0 to 1; one place is a dot."""

    lines: Sequence[Array]
    pen: float = PENS[1]


def inked(strokes: Strokes) -> Array:
    """Draw strokes in the form of MNIST's digits: bytes (28, 28), ink 255 on 0; no strokes leave it empty.

    The lines are brought to their size before they are drawn, so that the pen is as wide in a small drawing as in a large one:

    ink = clip((pen / 2 − distance to the line) / edge + 1/2, 0, 1)
    """
    lines = [np.asarray(line, np.float64).reshape(-1, 2) for line in strokes.lines if len(line)]
    if not lines:
        return np.zeros((28, 28), np.uint8)
    places = np.concatenate(lines)
    low, high = places.min(axis=0), places.max(axis=0)
    scale = (20 - strokes.pen - EDGE + 1) / max(LEAST, float((high - low).max()))
    far = np.min([_distance(13.5 + scale * (line - (low + high) / 2)) for line in lines], axis=0)
    ink = np.clip((strokes.pen / 2 - far) / EDGE + 0.5, 0, 1)
    return _centred(ink[ink.any(axis=1)][:, ink.any(axis=0)])


def _distance(line: Array) -> Array:
    """Measure how far every pixel (28, 28) is from a line through places (N, 2) in pixels."""
    kept = [line[0]]
    for place in line[1:]:
        if np.abs(place - kept[-1]).max() >= STRIDE:
            kept.append(place)
    places = np.array([*kept, line[-1]])
    a, way = places[:-1], np.diff(places, axis=0)
    pixels = np.stack(np.meshgrid(np.arange(28.0), np.arange(28.0)), axis=-1)[:, :, np.newaxis]
    along = pixels - a  # (28, 28, parts, 2)
    t = np.clip((along * way).sum(axis=-1) / np.maximum((way * way).sum(axis=-1), 1e-12), 0, 1)
    distance: Array = np.linalg.norm(along - t[..., np.newaxis] * way, axis=-1).min(axis=-1)  # to the nearest a + t (b − a)
    return distance


def are_lines(images: Array) -> bool:
    """Tell whether images (N, side, side) are line drawings, which one drawn with a pen can be like; none in colour are.

    Of a line drawing a third is ink at the most, and nearly all of that is at a line's edge: lines are thinner than 7 pixels
    of 28.
    """
    if np.ndim(images) != 3:
        return False
    side = images.shape[1]
    wide = side // 4
    ink = np.pad(np.asarray(images) > 127, ((0, 0), (wide // 2, wide // 2), (wide // 2, wide // 2)))
    area = ink.sum(axis=(1, 2))
    inner = np.lib.stride_tricks.sliding_window_view(ink, (wide, wide), axis=(1, 2)).all(axis=(-2, -1)).sum(axis=(1, 2))
    return bool(np.median(area) <= side**2 / 3 and np.median(inner / np.maximum(area, 1)) < 0.05)


def centred(image: Array) -> Array:
    """Bring a drawing (H, W) of any size into the form of MNIST's digits: bytes (28, 28), ink 255 on 0.

    As their makers did: the ink is scaled to fit into 20 × 20, its shape kept, each new pixel the mean of what it covers,
    and its centre of mass is put onto pixel (14, 14). MNIST's own digits come out unchanged. An empty sheet stays empty.
    LeCun, Bottou, Bengio & Haffner (1998), Gradient-based learning applied to document recognition.
    """
    ink = np.asarray(image, np.float64)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        return np.zeros((28, 28), np.uint8)
    cut = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = 20 / max(cut.shape)
    height, width = (max(1, round(n * scale)) for n in cut.shape)
    return _centred(_coverage(height, cut.shape[0]) @ cut @ _coverage(width, cut.shape[1]).T)


def resized(image: Array, side: int) -> Array:
    """Bring a drawing (H, W) of bytes to side × side pixels, each the mean of what it covers."""
    height, width = image.shape
    return (_coverage(side, height) @ image @ _coverage(side, width).T).round().astype(np.uint8)


def _centred(ink: Array) -> Array:
    """Put the ink (height, width) with its centre of mass onto pixel (14, 14): bytes (28, 28), the brightest 255."""
    small, (height, width) = ink * (255 / ink.max()), ink.shape
    sheet = np.zeros((28, 28), np.uint8)
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
