"""Networks of any kind: their layers from left to right, and what the layers' numbers say."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Self

import numpy as np

from engine.arrays import Array
from engine.layers import Activation, Dense, Layer, MultiHeadAttention, ReLU
from engine.layers.layer import Weighted
from engine.network import Network
from engine.pictures.picture import Picture, largest, signed_bytes, unit_values

SHOWN = 16
"""How many neurons of a layer the diagram shows."""
MOST_UNITS = 4096
"""How many neurons a layer has at the most: neuron u of layer l is asked for by the number  l · MOST_UNITS + u."""

BINS = 24
NO_WEIGHTS, NO_BIAS = np.zeros((0, 0), np.float32), np.zeros(0, np.float32)


@dataclass
class Column:
    """One layer of the diagram: its first neurons, each with its own map, and the weights that lead to them.

    maps (shown, rows, columns): bytes, 128 is zero;  scale (shown,): the largest absolute value of each map.
    weights (shown before, shown), empty where the layer is not dense or not all of it is on screen.
    low, high (shown,): the smallest and the largest answer of each map.  gradients, biases, bias_gradients: ∂L/∂W (as weights),
    b and ∂L/∂b (shown,) as they are after the last step, where the layer has them.
    """

    title: str
    units: int
    maps: Array
    scale: Array
    weights: Array
    detail: str = ""
    """What else there is to say of the layer: the activation after it, or its heads."""
    layer: int = -1
    """The position of the layer whose weights lead here; −1 for the input."""
    last: int = -1
    """The position of the layer whose answers are drawn: the activation after it, where one follows."""
    low: Array = field(default_factory=lambda: NO_BIAS)
    high: Array = field(default_factory=lambda: NO_BIAS)
    gradients: Array = field(default_factory=lambda: NO_WEIGHTS)
    biases: Array = field(default_factory=lambda: NO_BIAS)
    bias_gradients: Array = field(default_factory=lambda: NO_BIAS)
    names: list[str] = field(default_factory=list)
    """What its neurons are called, where they have names: those of the input."""

    def with_numbers(self, network: Network, first: int, last: int) -> Self:
        """Add what the layer's own numbers say: where it stands, its biases, and the gradients of the last step."""
        layer, shown = network.layers[first], len(self.maps)
        self.layer, self.last = first, last
        if self.weights.size:
            self.gradients = layer.gradients["W"][: len(self.weights), :shown].copy()
        if isinstance(layer, Weighted) and layer.parameters.get("b", NO_BIAS).shape == (self.units,):
            self.biases, self.bias_gradients = layer.parameters["b"][:shown].copy(), layer.gradients["b"][:shown].copy()
        return self


@dataclass
class Diagram(Picture):
    """The network from left to right: every neuron's answers to all inputs ("neurons"), or one example's way ("example")."""

    view: ClassVar[str] = "diagram"
    columns: list[Column]
    shows: str
    words: str = ""


def stages(network: Network) -> list[tuple[int, int]]:
    """Pair every layer that has weights with the activation that follows it: the positions of both, or twice the same."""
    following = [*network.layers[1:], Layer()]
    return [
        (i, i + isinstance(after, Activation))
        for i, (layer, after) in enumerate(zip(network.layers, following, strict=True))
        if layer.parameters
    ]


def names_of(network: Network, first: int, last: int) -> tuple[str, str]:
    """Name a layer and the activation after it, as in "Dense 16" and "Tanh"; the empty string where none follows."""
    name = f"{type(network.layers[first]).__name__} {network.plans[first].output_shape[-1]}"
    return name, "" if first == last else type(network.layers[last]).__name__


def joined(*words: str) -> str:
    """Put those words beside each other that say anything."""
    return " · ".join(filter(None, words))


def observe_neurons(network: Network, x: Array, map_shape: tuple[int, int], names: Sequence[str] = ()) -> Diagram:
    """Draw every neuron of a network on vectors by its answers to all of x: (rows · columns, inputs), which may have names."""
    outputs = network.activations(x)
    columns = [neuron_column("input", x, map_shape, NO_WEIGHTS)]
    columns[0].names = list(names[:SHOWN])
    for first, last in stages(network):
        layer, before = network.layers[first], columns[-1]
        weights = layer.W[: len(before.maps), :SHOWN] if isinstance(layer, Dense) else NO_WEIGHTS
        name, detail = names_of(network, first, last)
        column = neuron_column(name, outputs[last].reshape(len(x), -1), map_shape, weights.copy(), detail)
        columns.append(column.with_numbers(network, first, last))
    return Diagram(columns, "neurons")


def observe_neuron(network: Network, x: Array, map_shape: tuple[int, int], neuron: int) -> Diagram | None:
    """Draw one neuron alone, by its answers to all of x: as finely as one likes. None where the network has no such neuron.

    neuron: the position of the layer whose answers are wanted, times MOST_UNITS, and the neuron's number in it.
    """
    layer, unit = divmod(neuron, MOST_UNITS)
    if layer >= len(network.layers):
        return None
    outputs = network.activations(x, layer)[-1].reshape(len(x), -1)
    if unit >= outputs.shape[1]:
        return None
    column = neuron_column(type(network.layers[layer]).__name__, outputs[:, unit : unit + 1], map_shape, NO_WEIGHTS)
    column.layer = column.last = layer
    return Diagram([column], "neurons")


def neuron_column(name: str, outputs: Array, map_shape: tuple[int, int], weights: Array, detail: str = "") -> Column:
    """Make a column of maps, one for each of the first neurons: outputs (rows · columns, neurons)."""
    values = np.ascontiguousarray(outputs[:, :SHOWN].T)
    maps, scale = signed_bytes(values.reshape(-1, *map_shape))
    return Column(name, outputs.shape[1], maps, scale, weights, detail, low=values.min(axis=1), high=values.max(axis=1))


def observe_example(network: Network, x: Array) -> Diagram:
    """Follow one example x (1, …) through a network of any kind: each layer's answer, drawn as its kind asks for.

    A vector is a square for each neuron, with the weights between dense layers; an image a map for each channel; a sequence
    is unrolled, time from left to right; attention a matrix for each head.
    """
    network = network.twin()  # whose layers keep the attention that is drawn
    outputs = network.outputs(x)
    columns = [example_column("input", np.asarray(x, np.float64)[0], NO_WEIGHTS)]
    for first, last in stages(network):
        layer, y, before = network.layers[first], outputs[last][0], columns[-1]
        name, detail = names_of(network, first, last)
        heads = next((inner for inner in layer.walk() if isinstance(inner, MultiHeadAttention)), None)
        if heads is not None:
            maps = (128 + 127 * heads.attention[0]).round().astype(np.uint8)
            scale = np.ones(len(maps[:SHOWN]), np.float32)
            low, high = (extreme(heads.attention[0][:SHOWN], axis=(1, 2)) for extreme in (np.min, np.max))
            said = joined(detail, f"{len(maps)} heads")
            columns.append(Column(name, len(maps), maps[:SHOWN], scale, NO_WEIGHTS, said, first, last, low, high))
            continue
        of_vectors = isinstance(layer, Dense) and y.ndim == 1 and before.maps.shape[1:] == (1, 1) and first > 0
        weights = layer.W[: len(before.maps), :SHOWN].copy() if of_vectors else NO_WEIGHTS
        columns.append(example_column(name, y, weights, detail=detail).with_numbers(network, first, last))
    return Diagram(columns, "example")


def example_column(name: str, y: Array, weights: Array, shown: int = SHOWN, detail: str = "") -> Column:
    """Draw one example's answer: (units,), (steps, units) or (height, width, channels)."""
    if y.ndim == 1:
        scale = largest(y)  # one for all neurons of a layer
        unit = unit_values(y[:shown], scale).reshape(-1, 1, 1)
        maps = (128 + 127 * unit).round().astype(np.uint8)
        own = y[:shown].astype(np.float32)
        return Column(name, len(y), maps, np.full(len(unit), scale, np.float32), weights, detail, low=own, high=own)
    values = np.ascontiguousarray(y.transpose(2, 0, 1)[:shown] if y.ndim == 3 else y.T[np.newaxis])
    (maps, scale), rows = signed_bytes(values), values.reshape(len(values), -1)
    return Column(name, y.shape[-1], maps, scale, weights, detail, low=rows.min(axis=1), high=rows.max(axis=1))


@dataclass
class LayerStatistics(Picture):
    """What the layers with parameters do, each with the activation after it; arrays are (layers, …).

    mean, std: of its outputs over some test examples;  dead: share of ReLUs that answer none of them (NaN for others);
    gradient: ‖∂L/∂θ‖ of the last step;  ratio: ‖Δθ‖ / ‖θ‖ of the last step;  low, high: its smallest and largest weight of
    those that are finite;  weights: a histogram between those, as bytes, 255 the largest bin.
    """

    view: ClassVar[str] = "statistics"
    layers: list[str]
    mean: Array
    std: Array
    dead: Array
    gradient: Array
    ratio: Array
    low: Array
    high: Array
    weights: Array


def observe_layer_statistics(network: Network, x: Array, theta_before: Array) -> LayerStatistics:
    """Measure, for every layer with parameters, its outputs on x, its gradient, its last step and its weights."""
    outputs, parts = network.activations(x), network.parts()
    rows, names = [], []
    weights = np.zeros((len(stages(network)), BINS), np.uint8)
    for k, (first, last) in enumerate(stages(network)):
        y, part = outputs[last], parts[first]
        theta, gradient = network.theta[part], network.gradient[part]
        mean = y.mean(dtype=np.float64)
        std = norm(y - y.dtype.type(mean)) / np.sqrt(y.size)  # √(Σ (y − mean)² / n), in the order in which y lies in memory
        most = y.max(axis=tuple(range(y.ndim - 1)))
        dead = np.mean(most <= 0) if isinstance(network.layers[last], ReLU) else np.nan
        low, high, weights[k] = histogram(theta)
        names.append(joined(*names_of(network, first, last)))
        rows.append((mean, std, dead, norm(gradient), norm(theta - theta_before[part]) / (norm(theta) + 1e-12), low, high))
    columns = np.array(rows, np.float32).reshape(-1, 7).T.copy()
    mean, std, dead_share, gradients, ratio, lows, highs = columns
    return LayerStatistics(names, mean, std, dead_share, gradients, ratio, lows, highs, weights)


def norm(values: Array) -> float:
    """Give  ‖v‖ = √Σ v²,  also where a square of float32 would overflow."""
    scale = np.abs(values).max(initial=0)
    if not np.isfinite(scale) or scale < 1e15:
        return float(np.linalg.norm(values))
    return float(scale) * float(np.linalg.norm(values / scale))


def histogram(values: Array) -> tuple[float, float, Array]:
    """Count the finite values in equal bins between the smallest and the largest; give both and the counts as bytes.

    255 is the largest bin. Values that are all the same stand in the middle bin; where none is finite, low and high are NaN.
    """
    finite = values[np.isfinite(values)].astype(np.float64)
    if not len(finite):
        return np.nan, np.nan, np.zeros(BINS, np.uint8)
    low, high = finite.min(), finite.max()
    place = (finite - low) / (high - low) if high > low else np.full(len(finite), 0.5)
    counts = np.bincount(np.minimum(BINS * place, BINS - 1).astype(np.intp), minlength=BINS)
    return low, high, (255 * counts / counts.max()).round().astype(np.uint8)
