"""Networks on images: what they look for, what they see, what they say, and what they make of it."""

from collections.abc import Sequence

import numpy as np

from engine.arrays import Array
from engine.events import Code, Confusion, Digits, FeatureMaps, Filters, Reconstructions
from engine.functions import softmax
from engine.layers import Activation, Conv2D
from engine.network import Network
from engine.probes.layers import NO_WEIGHTS, column


def first_convolution(network: Network) -> Conv2D | None:
    """Find the layer whose filters look at the image itself."""
    return next((layer for layer in network.layers if isinstance(layer, Conv2D)), None)


def filters(network: Network) -> Filters | None:
    """Show what the first convolution looks for; a network without one has no such picture."""
    layer = first_convolution(network)
    if layer is None:
        return None
    W = layer.W.transpose(3, 2, 0, 1)  # filters, channels, height, width
    shown = W.reshape(-1, *W.shape[2:])[:64]
    scale = float(np.abs(np.nan_to_num(shown)).max()) + 1e-12
    unit = np.clip(np.nan_to_num(shown) / scale, -1, 1)
    return Filters((128 + 127 * unit).round().astype(np.uint8), scale, len(W), W.shape[1])


def feature_maps(
    network: Network, image: Array, x: Array, label: int, example: int, examples: int, names: Sequence[str] = ()
) -> FeatureMaps:
    """Follow one image (28, 28), as the network's input x (1, …), through every layer that makes maps or neurons' answers."""
    outputs = network.activations(x)
    columns = []
    for layer, after, y in zip(network.layers[:-1], network.layers[1:], outputs[:-1], strict=True):
        says_more = y.ndim == 4 or layer.parameters or isinstance(layer, Activation)
        if says_more and not (layer.parameters and isinstance(after, Activation)):
            name = f"{type(layer).__name__} {' × '.join(map(str, y.shape[1:]))}"
            columns.append(column(name, y[0], NO_WEIGHTS, shown=32))
    return FeatureMaps(image, columns, softmax(outputs[-1])[0], label, example, examples, list(names))


def digits(network: Network, images: Array, x: Array, labels: Array, names: Sequence[str] = ()) -> Digits:
    """Let the network guess some test digits."""
    probabilities = softmax(network.predict(x))
    return Digits(
        images,
        labels,
        probabilities.argmax(axis=1).astype(np.uint8),
        (255 * np.nan_to_num(probabilities.max(axis=1))).astype(np.uint8),
        list(names),
    )


def confusion(network: Network, x: Array, labels: Array, classes: int, names: Sequence[str] = ()) -> Confusion:
    """Count, over test examples, which class was taken for which."""
    guesses = network.predict(x).argmax(axis=1)
    counts = np.zeros((classes, classes), np.float32)
    np.add.at(counts, (labels, guesses), 1)
    return Confusion(counts, len(labels), list(names))


def reconstructions(images: Array, x: Array, output: Array) -> Reconstructions:
    """Put test images (N, 28, 28), what the network was given and what it made of them side by side; both from 0 to 1."""
    given, made = ((255 * np.clip(np.nan_to_num(a), 0, 1)).round().astype(np.uint8)[..., 0] for a in (x, output))
    return Reconstructions(images, given, made)


def narrowest(network: Network) -> int:
    """Find the layer that gives the fewest numbers: the last of those, activation included."""
    sizes = [int(np.prod(p.output_shape)) for p in network.plans]
    return len(sizes) - 1 - sizes[::-1].index(min(sizes))


def code(network: Network, x: Array, labels: Array, classes: int) -> Code:
    """Lay test examples out by what the narrowest layer says of them, in two dimensions."""
    position = narrowest(network)
    values = np.nan_to_num(network.activations(x)[position].reshape(len(x), -1)).astype(np.float64)
    points, share = values, 1.0
    if values.shape[1] != 2:
        points, share = principal_components(values)
    name = type(network.layers[position]).__name__
    return Code(points.astype(np.float32), labels.astype(np.uint8), classes, name, values.shape[1], share)


def principal_components(values: Array) -> tuple[Array, float]:
    """Turn (N, D) so that the first two axes hold the most variance; return (N, 2) and the share that they hold.

    Pearson (1901), On lines and planes of closest fit to systems of points in space.
    """
    centred = values - values.mean(axis=0)
    if centred.shape[1] < 2:
        return np.column_stack([centred, np.zeros(len(centred))]), 1.0
    axes, share = principal_axes(centred)
    return centred @ axes.T, share


def principal_axes(centred: Array) -> tuple[Array, float]:
    """Find the two directions (2, D) of the most variance of (N, D) with mean 0, and the share that they hold.

    They are right singular vectors, found as eigenvectors of the D × D covariance where there are many more examples.
    """
    spread, vectors = np.linalg.eigh(centred.T @ centred)  # ascending
    axes = vectors[:, :-3:-1].T
    signs = np.sign(axes[:, 0] + 1e-12)  # so that pictures do not flip from one moment to the next
    return axes * signs[:, None], float(spread[-2:].sum() / max(spread.sum(), 1e-12))
