"""Probes: they look at a network between two steps and make pictures. They use `predict` only and draw no numbers."""

import numpy as np

from engine.arrays import Array
from engine.events import Column, Confusion, Curve, Diagram, Digits, FeatureMaps, Field, Filters, signed_bytes
from engine.layers import Activation, Conv2D, Dense, Layer
from engine.losses import softmax
from engine.network import Network

SHOWN = 16
"""How many neurons of a layer the diagram shows."""

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


def stages(network: Network) -> list[tuple[int, int]]:
    """Pair every layer that has weights with the activation that follows it: the positions of both, or twice the same."""
    following = [*network.layers[1:], Layer()]
    return [
        (i, i + isinstance(after, Activation))
        for i, (layer, after) in enumerate(zip(network.layers, following, strict=True))
        if layer.parameters
    ]


def diagram(network: Network, x: Array, map_shape: tuple[int, int]) -> Diagram:
    """Draw every neuron of a network on vectors by its answers to all of x: (rows · columns, inputs)."""
    outputs = network.activations(x)
    inputs = np.ascontiguousarray(x.T).reshape(-1, *map_shape)
    maps, scale = signed_bytes(inputs)
    columns = [Column("input", len(inputs), maps, scale, np.zeros((0, 0), np.float32))]
    for first, last in stages(network):
        values = outputs[last].reshape(len(x), -1)[:, :SHOWN]
        maps, scale = signed_bytes(np.ascontiguousarray(values.T).reshape(-1, *map_shape))
        layer, before = network.layers[first], columns[-1]
        weights = layer.W[: len(before.maps), :SHOWN] if isinstance(layer, Dense) else np.zeros((0, 0), np.float32)
        columns.append(Column(title(network, first, last), outputs[last].shape[-1], maps, scale, weights.copy()))
    return Diagram(columns)


def title(network: Network, first: int, last: int) -> str:
    """Name a layer and the activation after it, as in "Dense 16 · Tanh"."""
    names = f"{type(network.layers[first]).__name__} {network.plans[first].output_shape[-1]}"
    return names if first == last else f"{names} · {type(network.layers[last]).__name__}"


def first_convolution(network: Network) -> Conv2D | None:
    """Find the layer whose filters look at the image itself."""
    return next((layer for layer in network.layers if isinstance(layer, Conv2D)), None)


def filters(network: Network) -> Filters | None:
    """Show what the first convolution looks for; a network without one has no such picture."""
    layer = first_convolution(network)
    if layer is None:
        return None
    W = layer.W.transpose(3, 2, 0, 1)                                   # filters, channels, height, width
    shown = W.reshape(-1, *W.shape[2:])[:64]
    scale = float(np.abs(np.nan_to_num(shown)).max()) + 1e-12
    unit = np.clip(np.nan_to_num(shown) / scale, -1, 1)
    return Filters((128 + 127 * unit).round().astype(np.uint8), scale, len(W), W.shape[1])


def feature_maps(network: Network, image: Array, x: Array, label: int, example: int, examples: int) -> FeatureMaps:
    """Follow one image (28, 28), as the network's input x (1, …), through every layer that makes maps or answers."""
    outputs = network.activations(x)
    columns = []
    for i, (layer, y) in enumerate(zip(network.layers, outputs, strict=True)):
        followed = i + 1 < len(network.layers) and isinstance(network.layers[i + 1], Activation)
        if y.ndim == 4 and not (followed and layer.parameters):
            maps, scale = signed_bytes(np.ascontiguousarray(y[0].transpose(2, 0, 1)[:32]))
            name = f"{type(layer).__name__} {y.shape[1]} × {y.shape[2]} × {y.shape[3]}"
            columns.append(Column(name, y.shape[3], maps, scale, np.zeros((0, 0), np.float32)))
    return FeatureMaps(image, columns, softmax(outputs[-1])[0], label, example, examples)


def digits(network: Network, images: Array, x: Array, labels: Array) -> Digits:
    """Let the network guess some test digits."""
    probabilities = softmax(network.predict(x))
    return Digits(images, labels, probabilities.argmax(axis=1).astype(np.uint8),
                  (255 * np.nan_to_num(probabilities.max(axis=1))).astype(np.uint8))


def confusion(network: Network, x: Array, labels: Array, classes: int) -> Confusion:
    """Count, over test examples, which class was taken for which."""
    guesses = network.predict(x).argmax(axis=1)
    counts = np.zeros((classes, classes), np.float32)
    np.add.at(counts, (labels, guesses), 1)
    return Confusion(counts, len(labels))
