"""Networks that read: what they remember, whom they look at, how far their gradients reach, what they say at every step."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from engine.arrays import Array
from engine.functions import softmax
from engine.layers import LSTM, MultiHeadAttention, Recurrent
from engine.layers.recurrent import blocks
from engine.losses import IGNORE
from engine.network import Network
from engine.pictures.parameters import drawn_parts
from engine.pictures.picture import Picture, signed_bytes
from engine.pictures.reading import windows

LIKELY = 8
SHOWN_UNITS = 32


def first_recurrent(network: Network) -> Recurrent | None:
    """Find the first recurrent layer."""
    return next((layer for layer in network.walk() if isinstance(layer, Recurrent)), None)


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
    layer: int = -1
    """The position of the layer that is at work, or that it is inside of."""
    parts: list[int] = field(default_factory=list)
    """Of each name which part of that layer's parameters makes it: a gate's own, else the first gate's."""


def observe_states(
    network: Network, x: Array, inputs: list[str], says: Callable[[Array], str], example: int, examples: int
) -> States | None:
    """Watch the first recurrent layer read one example x (1, T, …)."""
    looking = network.twin()  # whose layers keep what they saw, while the training's keep theirs
    layer = first_recurrent(looking)
    if layer is None:
        return None
    answer = says(looking.forward(x)[0])
    names, values = ["hidden state"], [layer.h[1:, 0]]
    gate = getattr(layer, "gate", None)
    if gate is not None:
        names += [f"{name} gate" for name in layer.gates]
        values += [block[:, 0] for block in blocks(gate, len(layer.gates))]
    if isinstance(layer, LSTM):
        names.append("cell")
        values.append(layer.c[1:, 0])
    if layer.padded_by is not None:  # a step that is left out leaves everything as it was
        read = layer.padded_by.real[0].cumsum()
        values = [np.concatenate([np.zeros_like(v[:1]), v])[read] for v in values]
    maps, scale = signed_bytes(np.stack([v[:, :SHOWN_UNITS].T for v in values]))
    drawn = drawn_parts(looking, Recurrent)[: len(layer.gates)]
    gates = [part for _, part in drawn] if gate is not None else []
    parts = [drawn[0][1], *gates, *[drawn[0][1]] * (len(names) - 1 - len(gates))]
    title = f"{type(layer).__name__} {layer.units}"
    return States(title, names, maps, scale, inputs, answer, example, examples, drawn[0][0], parts)


@dataclass
class GradientNorm(Picture):
    """How far the gradient reaches back through time: norm (steps,) = ‖∂L/∂h_t‖ of the last training batch, over the batch.

    It is empty before the first step.
    """

    view: ClassVar[str] = "gradient-norm"
    title: str
    norm: Array


def observe_gradient_norm(network: Network) -> GradientNorm | None:
    """Measure the last batch's gradient at every step of the first recurrent layer."""
    layer = first_recurrent(network)
    if layer is None:
        return None
    title, dh = f"{type(layer).__name__} {layer.units}", getattr(layer, "dh", None)
    if dh is None:
        return GradientNorm(title, np.zeros(0))
    dh = dh.astype(np.float64, order="C")  # so that it is summed in one order, wherever it lies in memory
    return GradientNorm(title, np.sqrt((dh**2).sum(axis=(1, 2))))


@dataclass
class Rows(Picture):
    """Digits read row by row: images (N, 28, 28), labels (N,), and the probabilities × 255 after every row (N, 28, 10)."""

    view: ClassVar[str] = "rows"
    images: Array
    labels: Array
    probabilities: Array


def observe_rows(network: Network, images: Array, x: Array, labels: Array) -> Rows:
    """Let the network guess after every row: its output is (N, rows, classes)."""
    return Rows(images, labels.astype(np.uint8), (255 * np.nan_to_num(softmax(network.predict(x)))).astype(np.uint8))


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
    layers: list[int] = field(default_factory=list)
    """Of each head the position of the layer that it is in."""
    parts: list[int] = field(default_factory=list)
    """Of each head which part of that layer's parameters it is."""


def observe_attention(
    network: Network, x: Array, words: Sequence[str], target: Array, example: int, examples: int
) -> Attention | None:
    """Look at every head while the network reads one row of tokens x (1, T)."""
    looking = network.twin()
    logits = looking.forward(x)[0]
    found = [layer for layer in looking.walk() if isinstance(layer, MultiHeadAttention)]
    if not found:
        return None
    titles = [f"layer {k + 1}, head {h + 1}" for k, layer in enumerate(found) for h in range(layer.heads)]
    maps = (255 * np.nan_to_num(np.concatenate([layer.attention[0] for layer in found]))).round().astype(np.uint8)
    said = [words[k] for k in logits.argmax(axis=-1)]
    right = [words[k] if k != IGNORE else "" for k in target]
    drawn = drawn_parts(looking, MultiHeadAttention)
    where = [position for position, _ in drawn], [part for _, part in drawn]
    return Attention(titles, maps, [words[k] for k in x[0]], said, right, example, examples, *where)


@dataclass
class PositionAccuracy(Picture):
    """The share of right answers at every place of the sequence, over `examples` test examples: accuracy (T,).

    Only answers that are asked for count; a place where none is has an accuracy of 0.
    """

    view: ClassVar[str] = "position-accuracy"
    accuracy: Array
    examples: int


def observe_position_accuracy(network: Network, x: Array, target: Array) -> PositionAccuracy:
    """Count right answers at every place."""
    right = (network.predict(x).argmax(axis=-1) == target).sum(axis=0)
    return PositionAccuracy((right / np.maximum((target != IGNORE).sum(axis=0), 1)).astype(np.float32), len(x))


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


def observe_text(network: Network, excerpt: Array, starts: Array, length: int, characters: str) -> Text:
    """Let the network go on from some starts (N, T), each a row of characters, and read an excerpt (characters,).

    The characters are drawn by its probabilities from a stream of the picture's own, the same one every time.
    """
    steps, rng, said = starts.shape[1], np.random.default_rng(0), starts
    growing = windows(network, steps, length)
    for _ in range(length):
        p = softmax(growing.read(said).astype(np.float64))
        if not np.isfinite(p).all():  # a network that diverged: any character is as likely
            p = np.nan_to_num(p, nan=1 / len(characters))
        chosen = (p.cumsum(axis=1) > rng.random((len(p), 1)) * p.sum(axis=1, keepdims=True)).argmax(axis=1)
        said = np.concatenate([said, chosen[:, None]], axis=1)
    unseen = np.lib.stride_tricks.sliding_window_view(excerpt, steps)
    probabilities = np.nan_to_num(softmax(network.predict(unseen)[:, -1]))
    given = probabilities[np.arange(len(unseen) - 1), excerpt[steps:]]
    likely = probabilities[-1].argsort()[::-1][:LIKELY]
    return Text(
        ["".join(characters[k] for k in row) for row in said],
        "".join(characters[k] for k in excerpt[steps:]),
        "".join(characters[k] for k in probabilities[:-1].argmax(axis=1)),
        (255 * given).astype(np.uint8),
        [characters[k] for k in likely],
        (255 * probabilities[-1][likely]).astype(np.uint8),
    )
