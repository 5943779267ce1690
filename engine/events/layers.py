"""Pictures of networks of any kind: their layers, and what became of single examples."""

from dataclasses import dataclass
from typing import ClassVar

from engine.arrays import Array
from engine.events.event import Picture


@dataclass
class Column:
    """One layer of the diagram: its first neurons, each with its own map, and the weights that lead to them.

    maps (shown, rows, columns): bytes, 128 is zero;  scale (shown,): the largest absolute value of each map.
    weights (shown before, shown), empty where the layer is not dense or not all of it is on screen.
    """

    title: str
    units: int
    maps: Array
    scale: Array
    weights: Array


@dataclass
class Diagram(Picture):
    """The network from left to right: every neuron's answers to all inputs ("neurons"), or one example's way ("example")."""

    view: ClassVar[str] = "diagram"
    columns: list[Column]
    shows: str
    words: str = ""


@dataclass
class LayerStatistics(Picture):
    """What the layers with parameters do, each with the activation after it; arrays are (layers, …).

    mean, spread: of its outputs over some test examples;  dead: share of ReLUs that answer none of them (NaN for others);
    gradient: ‖∂L/∂θ‖ of the last step;  ratio: ‖Δθ‖ / ‖θ‖ of the last step;  low, high: its smallest and largest weight;
    weights: a histogram between those, as bytes, 255 the largest bin.
    """

    view: ClassVar[str] = "statistics"
    layers: list[str]
    mean: Array
    spread: Array
    dead: Array
    gradient: Array
    ratio: Array
    low: Array
    high: Array
    weights: Array


@dataclass
class Stories(Picture):
    """What became of each example over the moments of a film: M moments, N examples.

    steps (M,); for classes sure (M, N): the probability of the right class × 255, and right (M, N): whether it was the
    likeliest; for numbers error (M, N) = guess − truth.  learned (N,): the step since which it is right, −1 where it is not;
    forgotten (N,): how often it was right and then wrong;  order (N,): the hardest first.
    labels (N,), or truth (N,);  is_test (N,);  images: those of the first in order, where they are images.
    """

    view: ClassVar[str] = "stories"
    steps: Array
    sure: Array
    right: Array
    error: Array
    learned: Array
    forgotten: Array
    order: Array
    labels: Array
    is_test: Array
    images: Array
    names: list[str]
