"""Networks that divide the plane into classes, or a plane through the space of their inputs: what they say everywhere."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from engine.arrays import Array
from engine.data.points import spread_evenly
from engine.functions import softmax
from engine.network import Network
from engine.pictures.layers import Diagram, observe_neuron, observe_neurons
from engine.pictures.picture import Picture
from engine.pictures.principal_components import principal_axes

Extent = tuple[float, float, float, float]
"""Left, right, bottom and top of what is shown."""


def grid(extent: Extent, resolution: int) -> Array:
    """Lay resolution² points over the extent, row by row from the bottom: (resolution², 2), at the cells' middles."""
    left, right, bottom, top = extent
    middles = (np.arange(resolution) + 0.5) / resolution
    x1, x2 = np.meshgrid(left + (right - left) * middles, bottom + (top - bottom) * middles)
    return np.stack([x1.ravel(), x2.ravel()], axis=1).astype(np.float32)


@dataclass
class Field(Picture):
    """The decision at every place of the plane, and the points it was learned from.

    winner (rows, columns): the likeliest class, row 0 at the bottom; confidence: its probability × 255.
    points (N, 2), labels (N,), is_test (N,);  extent = (left, right, bottom, top).
    Of a plane that is cut through more inputs: what the axes are, what else they could be, and in words what is not seen.
    """

    view: ClassVar[str] = "field"
    winner: Array
    confidence: Array
    points: Array
    labels: Array
    is_test: Array
    classes: int
    extent: Extent
    axes: list[str] = field(default_factory=lambda: ["x₁", "x₂"])
    names: list[str] = field(default_factory=list)
    choices: list[str] = field(default_factory=list)
    words: str = ""


def observe_field(
    network: Network,
    extent: Extent,
    points: Array,
    labels: Array,
    is_test: Array,
    inputs: Callable[[Array], Array] = lambda places: places,
    resolution: int = 100,
) -> Field:
    """Ask the network for the class of every place of the plane, of which it is given `inputs`."""
    return _field(network, inputs(grid(extent, resolution)), extent, points, labels, is_test)


def _field(network: Network, x: Array, extent: Extent, points: Array, labels: Array, is_test: Array) -> Field:
    """Ask for the class of inputs x that lie in a square over the extent, row by row from the bottom."""
    probabilities = np.ascontiguousarray(softmax(network.predict(x)).T)  # class by class, in long runs
    largest = probabilities.max(axis=0)
    winner = np.zeros(len(x), np.uint8)
    for k in range(len(probabilities) - 1, -1, -1):  # of equal ones the first wins, as with argmax, which takes longer
        winner[probabilities[k] == largest] = k
    confidence, resolution = np.nan_to_num(largest), round(len(x) ** 0.5)
    return Field(
        winner.reshape(resolution, resolution),
        (255 * confidence).round().astype(np.uint8).reshape(resolution, resolution),
        points.astype(np.float32),
        labels.astype(np.uint8),
        is_test.astype(np.uint8),
        len(probabilities),
        extent,
    )


@dataclass
class Heights(Picture):
    """The number that the network predicts at every place of the plane, and the points that it was learned from.

    heights (rows, columns), row 0 at the bottom;  points (N, 2);  target, guess (N,): what is right there, and what the network
    says;  is_test (N,);  extent = (left, right, bottom, top);  limit: the largest absolute height that has a colour of its own,
    that of the training points, so that a colour means the same all the time.
    """

    view: ClassVar[str] = "heights"
    heights: Array
    points: Array
    target: Array
    guess: Array
    is_test: Array
    limit: float
    extent: Extent


def observe_heights(
    network: Network,
    extent: Extent,
    points: Array,
    target: Array,
    is_test: Array,
    inputs: Callable[[Array], Array] = lambda places: places,
    resolution: int = 64,
) -> Heights:
    """Ask for the number at every place of the plane, and at the points; target (N, 1)."""
    known = np.abs(target[~is_test])
    return Heights(
        network.predict(inputs(grid(extent, resolution))).astype(np.float32).reshape(resolution, resolution),
        points.astype(np.float32),
        target[:, 0].astype(np.float32),
        network.predict(inputs(points))[:, 0].astype(np.float32),
        is_test.astype(np.uint8),
        float(known.max(initial=0)) or 1.0,
        extent,
    )


@dataclass(frozen=True)
class Cut:
    """A plane through the space of standardized inputs, and what its axes are called.

    A place g of the picture is the input  x = (g − origin) / unit · axes,  with orthonormal axes (2, inputs).
    """

    axes: Array
    origin: Array
    unit: Array
    labels: list[str]
    words: str

    def inputs(self, places: Array) -> Array:
        """Give the input at each place (N, 2)."""
        x: Array = ((places - self.origin) / self.unit @ self.axes).astype(np.float32)
        return x

    def places(self, x: Array) -> Array:
        """Give the place of each input (N, inputs), projected onto the plane; on a line they are spread up and down."""
        found: Array = x.astype(np.float64) @ self.axes.T * self.unit + self.origin
        if not self.axes[1].any():
            found[:, 1] = 1.6 * spread_evenly(len(x)) - 0.8
        return found


def usual_cut(x: Array, names: Sequence[str], mean: Array, std: Array) -> Cut:
    """Cut where most can be seen of inputs x (N, inputs): through both of two, else through the principal components."""
    inputs = len(names)
    if inputs == 1:
        return Cut(
            np.array([[1.0], [0.0]]),
            np.array([mean[0], 0.0]),
            np.array([std[0], 1.0]),
            [names[0], ""],
            "only one column is read: up and down mean nothing",
        )
    if inputs == 2:
        return feature_cut(0, 1, names, mean, std)
    axes, share = principal_axes(x.astype(np.float64))
    return Cut(
        axes,
        np.zeros(2),
        np.ones(2),
        ["component 1", "component 2"],
        f"all points projected onto the first two principal components, which hold {100 * share:.0f} % of the variance",
    )


def feature_cut(i: int, j: int, names: Sequence[str], mean: Array, std: Array) -> Cut:
    """Cut through inputs i (across) and j (up), in their own units, with all others at their mean."""
    axes = np.zeros((2, len(names)))
    axes[0, i] = axes[1, j] = 1
    words = "" if len(names) == 2 else "all other columns at their mean; points are projected"
    return Cut(axes, np.array([mean[i], mean[j]]), np.array([std[i], std[j]]), [names[i], names[j]], words)


def observe_field_over_cut(
    network: Network,
    cut: Cut,
    x: Array,
    labels: Array,
    is_test: Array,
    names: Sequence[str],
    classes: Sequence[str],
    resolution: int = 100,
) -> Field:
    """Ask for the class at every place of a plane, and project the inputs x onto it."""
    points = cut.places(x)
    low, high = points.min(axis=0), points.max(axis=0)
    room = np.where(high > low, 0.06 * (high - low), 1.0)
    extent = (float(low[0] - room[0]), float(high[0] + room[0]), float(low[1] - room[1]), float(high[1] + room[1]))
    picture = _field(network, cut.inputs(grid(extent, resolution).astype(np.float64)), extent, points, labels, is_test)
    picture.axes, picture.names, picture.words = cut.labels, list(classes), cut.words
    picture.choices = list(names) if len(names) > 2 else []
    return picture


def inputs_over_cut(cut: Cut, resolution: int, reach: float = 2.5) -> Array:
    """Lay resolution² inputs over a plane, so many standard deviations far in every direction."""
    inputs: Array = (grid((-reach, reach, -reach, reach), resolution) @ cut.axes).astype(np.float32)
    return inputs


def observe_neuron_over_cut(network: Network, cut: Cut, neuron: int, resolution: int = 100) -> Diagram | None:
    """Draw one neuron by its answers over a plane, finely."""
    return observe_neuron(network, inputs_over_cut(cut, resolution), (resolution, resolution), neuron)


def observe_neurons_over_cut(network: Network, cut: Cut) -> Diagram:
    """Draw every neuron by its answers over a plane."""
    picture = observe_neurons(network, inputs_over_cut(cut, 32), (32, 32))
    picture.words = f"each square: a neuron over {' × '.join(filter(None, cut.labels))}"
    return picture
