"""Networks that read images: what they look for, what they see, what they say, and what they make of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from engine.arrays import Array
from engine.functions import softmax
from engine.layers import Activation, Conv1D, Conv2D, DepthwiseConv2D, Layer
from engine.network import Network
from engine.pictures.layers import NO_BIAS, NO_WEIGHTS, Column, example_column
from engine.pictures.picture import Picture, largest, unit_values
from engine.pictures.principal_components import principal_components


@dataclass
class Filters(Picture):
    """The weights of a convolution as images: filters (number, height, width) as bytes, 128 is zero; biases (filters,).

    Those that look at red, green and blue are in colour, (number, height, width, 3).
    """

    view: ClassVar[str] = "filters"
    filters: Array
    scale: float
    units: int
    channels: int
    biases: Array = field(default_factory=lambda: NO_BIAS)
    layer: int = -1
    """The position of the convolution."""


def first_convolution(network: Network) -> int | None:
    """Give the position of the convolution that looks at the image itself; None where there is none."""
    first = next((i for i, layer in enumerate(network.layers) if isinstance(layer, (Conv2D, DepthwiseConv2D))), None)
    return None if first is None or isinstance(network.layers[first], Conv1D) else first


def observe_filters(network: Network) -> Filters | None:
    """Show what the first convolution looks for; a network without one has no such picture."""
    position = first_convolution(network)
    if position is None:
        return None
    layer = network.layers[position]
    filters = layer.W if layer.W.ndim == 4 else layer.W[:, :, None]  # a depthwise filter has one channel
    W = filters.transpose(3, 2, 0, 1)  # filters, channels, height, width
    sees_colour = layer.W.ndim == 4 and W.shape[1] == 3
    shown = (W.transpose(0, 2, 3, 1) if sees_colour else W.reshape(-1, *W.shape[2:]))[:64]
    scale = largest(shown)
    maps = (128 + 127 * unit_values(shown, scale)).round().astype(np.uint8)
    biases = layer.parameters.get("b", NO_BIAS).copy()
    return Filters(maps, float(scale), len(W), W.shape[1], biases, position)


@dataclass
class FeatureMaps(Picture):
    """One test digit on its way through the convolutions; label −1 for one that somebody drew.

    image (28, 28), or another square, and in colour (side, side, 3);  columns: each layer's maps;  probabilities (10,).
    """

    view: ClassVar[str] = "maps"
    image: Array
    columns: list[Column]
    probabilities: Array
    label: int
    example: int
    examples: int
    names: list[str] = field(default_factory=list)
    words: str = ""
    """What is to be known of a drawing here."""


def observe_feature_maps(
    network: Network, image: Array, x: Array, label: int, example: int, examples: int, names: Sequence[str] = ()
) -> FeatureMaps:
    """Follow one image (side, side), or (side, side, 3), as the network's input x (1, …), through every layer that makes maps
    or neurons' answers.
    """
    outputs = network.activations(x)
    columns = []
    before = Layer()
    for i, (layer, after, y) in enumerate(zip(network.layers[:-1], network.layers[1:], outputs[:-1], strict=True)):
        says_more = y.ndim == 4 or layer.parameters or isinstance(layer, Activation)
        if says_more and not (layer.parameters and isinstance(after, Activation)):
            name = f"{type(layer).__name__} {' × '.join(map(str, y.shape[1:]))}"
            column = example_column(name, y[0], NO_WEIGHTS, shown=32)
            column.last = i
            if layer.parameters or (isinstance(layer, Activation) and before.parameters):
                column.layer = i if layer.parameters else i - 1
            columns.append(column)
        before = layer
    return FeatureMaps(image, columns, softmax(outputs[-1])[0], label, example, examples, list(names))


@dataclass
class Digits(Picture):
    """Test images with the network's guesses: images (N, side, side), in colour (N, side, side, 3), labels, guesses (N,),
    confidence × 255 (N,).
    """

    view: ClassVar[str] = "digits"
    images: Array
    labels: Array
    guesses: Array
    confidence: Array
    names: list[str] = field(default_factory=list)


def observe_digits(network: Network, images: Array, x: Array, labels: Array, names: Sequence[str] = ()) -> Digits:
    """Let the network guess some test digits."""
    probabilities = softmax(network.predict(x))
    return Digits(
        images,
        labels,
        probabilities.argmax(axis=1).astype(np.uint8),
        (255 * np.nan_to_num(probabilities.max(axis=1))).astype(np.uint8),
        list(names),
    )


@dataclass
class Confusion(Picture):
    """How often each class (row) was taken for each class (column): counts (K, K), over `examples` test examples; `words` say
    what there is to know about the classes.
    """

    view: ClassVar[str] = "confusion"
    counts: Array
    examples: int
    names: list[str] = field(default_factory=list)
    words: str = ""


def observe_confusion(network: Network, x: Array, labels: Array, classes: int, names: Sequence[str] = ()) -> Confusion:
    """Count, over test examples, which class was taken for which."""
    guesses = network.predict(x).argmax(axis=1)
    counts = np.zeros((classes, classes), np.float32)
    np.add.at(counts, (labels, guesses), 1)
    return Confusion(counts, len(labels), list(names))


@dataclass
class Reconstructions(Picture):
    """Test images, what the network was given of them, and what it makes of that: each (N, 28, 28) bytes."""

    view: ClassVar[str] = "reconstructions"
    images: Array
    given: Array
    output: Array


def observe_reconstructions(images: Array, x: Array, output: Array) -> Reconstructions:
    """Put test images (N, 28, 28), what the network was given and what it made of them side by side; both from 0 to 1."""
    given, made = ((255 * np.clip(np.nan_to_num(a), 0, 1)).round().astype(np.uint8)[..., 0] for a in (x, output))
    return Reconstructions(images, given, made)


@dataclass
class LatentSpace(Picture):
    """Where test examples lie in the narrowest layer: points (N, 2), labels (N,).

    With more than two numbers they are the first two principal components, which hold this share of the variance.
    """

    view: ClassVar[str] = "latent-space"
    points: Array
    labels: Array
    classes: int
    layer: str
    numbers: int
    share: float


def narrowest(network: Network) -> int:
    """Find the layer that gives the fewest numbers: the last of those, activation included."""
    sizes = [int(np.prod(p.output_shape)) for p in network.plans]
    return len(sizes) - 1 - sizes[::-1].index(min(sizes))


def observe_latent_space(network: Network, x: Array, labels: Array, classes: int) -> LatentSpace:
    """Lay test examples out by what the narrowest layer says of them, in two dimensions."""
    position = narrowest(network)
    values = np.nan_to_num(network.activations(x, position)[-1].reshape(len(x), -1)).astype(np.float64)
    points, share = values, 1.0
    if values.shape[1] != 2:
        points, share = principal_components(values)
    name = type(network.layers[position]).__name__
    return LatentSpace(points.astype(np.float32), labels.astype(np.uint8), classes, name, values.shape[1], share)
