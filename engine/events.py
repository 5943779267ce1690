"""What training can say: a row of metrics, that a step is done, and the kinds of picture.

A picture is one moment of a network as plain arrays. Bytes (uint8) and numbers (floating point) are all it holds, so
that any page can draw it; `view` names how. A value v in −scale … scale is kept as the byte 128 + 127 v / scale.
"""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from engine.arrays import Array


@dataclass(frozen=True)
class Stepped:
    """One step is done, and there is nothing else to say."""

    step: int


@dataclass(frozen=True)
class Metrics:
    """A row of the log.

    loss and accuracy are means over the training batches since the row before (for step 0: of the untouched network
    on the first training examples); test_loss and test_accuracy are the network's after this very step. The loss is
    without the regularizer's penalty. What a task does not have is None.
    """

    step: int
    epoch: float
    loss: float
    test_loss: float | None
    accuracy: float | None
    test_accuracy: float | None


@dataclass
class Picture:
    """What a probe saw at one step of a run."""

    view: ClassVar[str]
    name: str = field(kw_only=True, default="")
    step: int = field(kw_only=True, default=0)


@dataclass
class Field(Picture):
    """The decision at every place of the plane, and the points it was learned from.

    winner (rows, columns): the likeliest class, row 0 at the bottom; confidence: its probability × 255.
    points (N, 2), labels (N,), is_test (N,);  extent = (left, right, bottom, top).
    """

    view: ClassVar[str] = "field"
    winner: Array
    confidence: Array
    points: Array
    labels: Array
    is_test: Array
    classes: int
    extent: tuple[float, float, float, float]


@dataclass
class Curve(Picture):
    """A fitted curve over x, the truth it should bend onto, and the points it sees of it.

    x, fit, truth (M,);  points (N, 2) as (x, y);  residual (N,) = y − fit at the points;  is_test (N,).
    """

    view: ClassVar[str] = "curve"
    x: Array
    fit: Array
    truth: Array
    points: Array
    residual: Array
    is_test: Array


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
    """The network from left to right."""

    view: ClassVar[str] = "diagram"
    columns: list[Column]


@dataclass
class Filters(Picture):
    """The weights of a convolution as images: filters (number, height, width) as bytes, 128 is zero."""

    view: ClassVar[str] = "filters"
    filters: Array
    scale: float
    units: int
    channels: int


@dataclass
class FeatureMaps(Picture):
    """One test digit on its way through the convolutions.

    image (28, 28);  columns: each layer's maps;  probabilities (10,).
    """

    view: ClassVar[str] = "maps"
    image: Array
    columns: list[Column]
    probabilities: Array
    label: int
    example: int
    examples: int


@dataclass
class Digits(Picture):
    """Test digits with the network's guesses: images (N, 28, 28), labels, guesses (N,), confidence × 255 (N,)."""

    view: ClassVar[str] = "digits"
    images: Array
    labels: Array
    guesses: Array
    confidence: Array


@dataclass
class Confusion(Picture):
    """How often each class (row) was taken for each class (column): counts (K, K), over `examples` test examples."""

    view: ClassVar[str] = "confusion"
    counts: Array
    examples: int


Event = Stepped | Metrics


def signed_bytes(values: Array) -> tuple[Array, Array]:
    """Keep arrays (n, …) as bytes around 128, each on its own scale; return the bytes and the scales (n,)."""
    rows = values.reshape(len(values), -1)
    scale = np.abs(np.nan_to_num(rows)).max(axis=1, initial=0) + 1e-12
    unit = np.clip(np.nan_to_num(rows) / scale[:, None], -1, 1)
    return (128 + 127 * unit).round().astype(np.uint8).reshape(values.shape), scale.astype(np.float32)
