"""Pictures of networks that read sequences."""

from dataclasses import dataclass
from typing import ClassVar

from engine.arrays import Array
from engine.events.event import Picture


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
