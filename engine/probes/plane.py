"""Networks on the plane and on curves: what they say everywhere."""

import numpy as np

from engine.arrays import Array
from engine.events import Curve, Field, Path, Surface
from engine.losses import softmax
from engine.network import Network
from engine.surfaces import SURFACES, heights

Extent = tuple[float, float, float, float]


def grid(extent: Extent, resolution: int) -> Array:
    """Lay resolution² points over the extent, row by row from the bottom: (resolution², 2), at the cells' middles."""
    left, right, bottom, top = extent
    middles = (np.arange(resolution) + 0.5) / resolution
    x1, x2 = np.meshgrid(left + (right - left) * middles, bottom + (top - bottom) * middles)
    return np.stack([x1.ravel(), x2.ravel()], axis=1).astype(np.float32)


def field(
    network: Network, extent: Extent, points: Array, labels: Array, is_test: Array, resolution: int = 100
) -> Field:
    """Ask the network for the class of every place of the plane."""
    probabilities = softmax(network.predict(grid(extent, resolution)))
    winner = probabilities.argmax(axis=1)
    confidence = np.nan_to_num(probabilities[np.arange(len(winner)), winner])
    return Field(
        winner.astype(np.uint8).reshape(resolution, resolution),
        (255 * confidence).round().astype(np.uint8).reshape(resolution, resolution),
        points.astype(np.float32), labels.astype(np.uint8), is_test.astype(np.uint8),
        probabilities.shape[1], extent,
    )


def curve(network: Network, x: Array, truth: Array, points: Array, is_test: Array) -> Curve:
    """Ask the network for its y along the curve and at the points."""
    fit = network.predict(x.astype(np.float32).reshape(-1, 1))[:, 0]
    at_points = network.predict(points[:, :1].astype(np.float32))[:, 0]
    return Curve(x, fit, truth, points.astype(np.float32), points[:, 1] - at_points, is_test.astype(np.uint8))


def surface(name: str, trails: list[tuple[str, Array]], resolution: int = 120) -> Surface:
    """Lay the optimizers' ways over the surface's heights, on a logarithmic scale above its lowest place."""
    landscape = SURFACES[name]
    height = heights(name, grid(landscape.extent, resolution).astype(np.float64))
    above = np.log(height - height.min() + 0.01 * height.std())
    scaled = 255 * (above - above.min()) / (above.max() - above.min())
    now = np.array([path[-1] for _, path in trails], np.float64)
    return Surface(
        scaled.round().astype(np.uint8).reshape(resolution, resolution), landscape.extent,
        np.array(landscape.minima, np.float32), [label for label, _ in trails], heights(name, now).astype(np.float32),
        [Path(path.astype(np.float32)) for _, path in trails],
    )
