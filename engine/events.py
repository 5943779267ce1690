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
    Of a plane that is cut through more inputs: what the axes are, what else they could be, and in words what is not seen.
    """

    view: ClassVar[str] = "field"
    winner: Array
    confidence: Array
    points: Array
    labels: Array
    is_test: Array
    classes: int
    extent: tuple[float, float, float, float]
    axes: list[str] = field(default_factory=lambda: ["x₁", "x₂"])
    names: list[str] = field(default_factory=list)
    choices: list[str] = field(default_factory=list)
    words: str = ""


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
    axes: list[str] = field(default_factory=lambda: ["x", "y"])
    choices: list[str] = field(default_factory=list)
    words: str = ""


@dataclass
class Agreement(Picture):
    """What the network says against what is true, for some examples: truth, guess (N,), is_test (N,); both in `unit`."""

    view: ClassVar[str] = "agreement"
    truth: Array
    guess: Array
    is_test: Array
    unit: str


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
class Filters(Picture):
    """The weights of a convolution as images: filters (number, height, width) as bytes, 128 is zero."""

    view: ClassVar[str] = "filters"
    filters: Array
    scale: float
    units: int
    channels: int


@dataclass
class FeatureMaps(Picture):
    """One test digit on its way through the convolutions; label −1 for one that somebody drew.

    image (28, 28);  columns: each layer's maps;  probabilities (10,).
    """

    view: ClassVar[str] = "maps"
    image: Array
    columns: list[Column]
    probabilities: Array
    label: int
    example: int
    examples: int
    names: list[str] = field(default_factory=list)


@dataclass
class Digits(Picture):
    """Test digits with the network's guesses: images (N, 28, 28), labels, guesses (N,), confidence × 255 (N,)."""

    view: ClassVar[str] = "digits"
    images: Array
    labels: Array
    guesses: Array
    confidence: Array
    names: list[str] = field(default_factory=list)


@dataclass
class Confusion(Picture):
    """How often each class (row) was taken for each class (column): counts (K, K), over `examples` test examples."""

    view: ClassVar[str] = "confusion"
    counts: Array
    examples: int
    names: list[str] = field(default_factory=list)


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
class States(Picture):
    """A recurrent layer at work on one example: its numbers over time, from left to right.

    names: "hidden state", then the gates;  maps (names, units, steps): bytes, 128 is zero;  scale (names,).
    inputs: what is read at each step, as words;  answer: what the network says, and what is right.
    """

    view: ClassVar[str] = "states"
    title: str
    names: list[str]
    maps: Array
    scale: Array
    inputs: list[str]
    answer: str
    example: int
    examples: int


@dataclass
class Backflow(Picture):
    """How far the gradient reaches back through time: norm (steps,) = ‖∂L/∂h_t‖ of the last training batch, over the batch."""

    view: ClassVar[str] = "backflow"
    title: str
    norm: Array


@dataclass
class Rows(Picture):
    """Digits read row by row: images (N, 28, 28), labels (N,), and the probabilities × 255 after every row (N, 28, 10)."""

    view: ClassVar[str] = "rows"
    images: Array
    labels: Array
    probabilities: Array


@dataclass
class Text(Picture):
    """What a network of characters has learned: text it makes up, and how it reads text that it has not seen.

    excerpt: the unseen text;  probability (characters,): what it gave to each of its characters, × 255;
    expected: what it would have said there;  likely, likelihood (K,): the likeliest next characters after it, × 255.
    """

    view: ClassVar[str] = "text"
    samples: list[str]
    excerpt: str
    expected: str
    probability: Array
    likely: list[str]
    likelihood: Array


@dataclass
class Attention(Picture):
    """Who looks at whom: heads (heads, T, T) as bytes (probability × 255); row = who asks, column = who is asked.

    tokens: the sequence that is read;  answer, target: what the network says and should say at each place.
    """

    view: ClassVar[str] = "attention"
    titles: list[str]
    heads: Array
    tokens: list[str]
    answer: list[str]
    target: list[str]
    example: int
    examples: int


@dataclass
class Positions(Picture):
    """The share of right answers at every place of the sequence, over `examples` test examples: accuracy (T,)."""

    view: ClassVar[str] = "positions"
    accuracy: Array
    examples: int


@dataclass
class Reconstructions(Picture):
    """Test images, what the network was given of them, and what it makes of that: each (N, 28, 28) bytes."""

    view: ClassVar[str] = "reconstructions"
    images: Array
    given: Array
    output: Array


@dataclass
class Code(Picture):
    """Where test examples lie in the narrowest layer: points (N, 2), labels (N,).

    With more than two numbers they are the first two principal components, which hold this share of the variance.
    """

    view: ClassVar[str] = "code"
    points: Array
    labels: Array
    classes: int
    layer: str
    numbers: int
    share: float


@dataclass
class Path:
    """The places that an optimizer went through: points (N, 2), from the start to now."""

    points: Array


@dataclass
class Surface(Picture):
    """Optimizers on their way over a surface: height (rows, columns) as bytes of its logarithm, row 0 at the bottom.

    paths: for every optimizer (steps, 2), thinned;  extent = (left, right, bottom, top);  minimum (minima, 2).
    """

    view: ClassVar[str] = "surface"
    height: Array
    extent: tuple[float, float, float, float]
    minima: Array
    names: list[str]
    values: Array
    paths: list[Path]


Event = Stepped | Metrics


def signed_bytes(values: Array) -> tuple[Array, Array]:
    """Keep arrays (n, …) as bytes around 128, each on its own scale; return the bytes and the scales (n,)."""
    rows = values.reshape(len(values), -1)
    scale = np.abs(np.nan_to_num(rows)).max(axis=1, initial=0) + 1e-12
    unit = np.clip(np.nan_to_num(rows) / scale[:, None], -1, 1)
    return (128 + 127 * unit).round().astype(np.uint8).reshape(values.shape), scale.astype(np.float32)
