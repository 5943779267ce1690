"""Networks that read: what they remember, whom they look at, how far their gradients reach, what they say at every step."""

from collections.abc import Callable, Sequence

import numpy as np

from engine.arrays import Array
from engine.events import Attention, Backflow, Positions, Rows, States, Text, signed_bytes
from engine.functions import softmax
from engine.layers import LSTM, MultiHeadAttention, Recurrent
from engine.losses import IGNORE
from engine.network import Network

LIKELY = 8
SHOWN_UNITS = 32


def recurrent(network: Network) -> Recurrent | None:
    """Find the first recurrent layer."""
    return next((layer for layer in network.walk() if isinstance(layer, Recurrent)), None)


def states(
    network: Network, x: Array, inputs: list[str], says: Callable[[Array], str], example: int, examples: int
) -> States | None:
    """Watch the first recurrent layer read one example x (1, T, …)."""
    layer = recurrent(network)
    if layer is None:
        return None
    answer = says(network.predict(x)[0])
    names, values = ["hidden state"], [layer.h[1:, 0]]
    gate = getattr(layer, "gate", None)
    if gate is not None:
        names += [f"{name} gate" for name in layer.gates]
        values += [gate[:, 0, k * layer.units : (k + 1) * layer.units] for k in range(len(layer.gates))]
    if isinstance(layer, LSTM):
        names.append("cell")
        values.append(layer.c[1:, 0])
    maps, scale = signed_bytes(np.stack([v[:, :SHOWN_UNITS].T for v in values]))
    return States(f"{type(layer).__name__} {layer.units}", names, maps, scale, inputs, answer, example, examples)


def backflow(network: Network) -> Backflow | None:
    """Measure the last batch's gradient at every step of the first recurrent layer."""
    layer = recurrent(network)
    dh = getattr(layer, "dh", None)
    if layer is None or dh is None:
        return None
    return Backflow(f"{type(layer).__name__} {layer.units}", np.sqrt((dh.astype(np.float64) ** 2).sum(axis=(1, 2))))


def rows(network: Network, images: Array, x: Array, labels: Array) -> Rows:
    """Let the network guess after every row: its output is (N, rows, classes)."""
    return Rows(images, labels.astype(np.uint8), (255 * np.nan_to_num(softmax(network.predict(x)))).astype(np.uint8))


def attention(network: Network, x: Array, words: Sequence[str], target: Array, example: int, examples: int) -> Attention | None:
    """Look at every head while the network reads one row of tokens x (1, T)."""
    logits = network.predict(x)[0]
    found = [layer for layer in network.walk() if isinstance(layer, MultiHeadAttention)]
    if not found:
        return None
    titles = [f"layer {k + 1}, head {h + 1}" for k, layer in enumerate(found) for h in range(layer.heads)]
    maps = (255 * np.nan_to_num(np.concatenate([layer.attention[0] for layer in found]))).round().astype(np.uint8)
    said = [words[k] for k in logits.argmax(axis=-1)]
    right = [words[k] if k != IGNORE else "" for k in target]
    return Attention(titles, maps, [words[k] for k in x[0]], said, right, example, examples)


def positions(network: Network, x: Array, target: Array) -> Positions:
    """Count right answers at every place."""
    return Positions((network.predict(x).argmax(axis=-1) == target).mean(axis=0).astype(np.float32), len(x))


def text(network: Network, excerpt: Array, starts: Array, length: int, characters: str) -> Text:
    """Let the network go on from some starts (N, T), each a row of characters, and read an excerpt (characters,).

    The characters are drawn by its probabilities from a stream of the picture's own, the same one every time.
    """
    steps, rng = starts.shape[1], np.random.default_rng(0)
    window, said = starts.copy(), starts
    for _ in range(length):
        p = softmax(network.predict(window)[:, -1].astype(np.float64))
        p = np.nan_to_num(p, nan=1 / len(characters))
        chosen = (p.cumsum(axis=1) > rng.random((len(p), 1)) * p.sum(axis=1, keepdims=True)).argmax(axis=1)
        said = np.concatenate([said, chosen[:, None]], axis=1)
        window = said[:, -steps:]
    windows = np.lib.stride_tricks.sliding_window_view(excerpt, steps)
    probabilities = np.nan_to_num(softmax(network.predict(windows)[:, -1]))
    given = probabilities[np.arange(len(windows) - 1), excerpt[steps:]]
    likely = probabilities[-1].argsort()[::-1][:LIKELY]
    return Text(
        ["".join(characters[k] for k in row) for row in said],
        "".join(characters[k] for k in excerpt[steps:]),
        "".join(characters[k] for k in probabilities[:-1].argmax(axis=1)),
        (255 * given).astype(np.uint8),
        [characters[k] for k in likely],
        (255 * probabilities[-1][likely]).astype(np.uint8),
    )
