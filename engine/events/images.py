"""Pictures of networks that read images."""

from dataclasses import dataclass, field
from typing import ClassVar

from engine.arrays import Array
from engine.events.event import Picture
from engine.events.layers import Column


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
