"""Sequences: something to remember, and something to rearrange."""

import numpy as np

from engine.arrays import Array

DISTRACTORS = 2


def memory(n: int, symbols: int, delay: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """A symbol, then `delay` steps of distraction: x (n, delay + 1, symbols + 2) one-hot, target (n,) the symbol.

    The distractors are two more symbols, in random order. After Hochreiter & Schmidhuber (1997), experiment 2.
    """
    target = rng.integers(0, symbols, n)
    tokens = np.concatenate([target[:, None], rng.integers(symbols, symbols + DISTRACTORS, (n, delay))], axis=1)
    return np.eye(symbols + DISTRACTORS, dtype=np.float32)[tokens], target


def tokens(n: int, length: int, vocabulary: int, rng: np.random.Generator) -> Array:
    """Rows of random tokens: (n, length), from 0 to vocabulary − 1."""
    return rng.integers(0, vocabulary, (n, length))


def encode(text: str, characters: str) -> Array:
    """Turn text into tokens: the place of each character in `characters`."""
    places = {character: place for place, character in enumerate(characters)}
    return np.array([places[character] for character in text])


def windows(tokens: Array, length: int) -> tuple[Array, Array]:
    """All pieces of a text and, for every place, the token that comes next: both (pieces, length)."""
    views = np.lib.stride_tricks.sliding_window_view(tokens, length + 1)
    return views[:, :-1].copy(), views[:, 1:].copy()
