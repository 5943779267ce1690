"""Copy, reverse, sort: rows of tokens that a small transformer rearranges."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from engine.arrays import Array, Shape
from engine.data import sequences
from engine.hyperparameter import choice
from engine.losses import IGNORE
from engine.network import Network
from engine.pictures import Attention, PositionAccuracy, observe_attention, observe_position_accuracy
from engine.tasks.families.followed import Followed
from engine.tasks.families.goal import Goal, answers_right
from engine.tasks.families.labelled import Labelled
from engine.tasks.task_picture import picture

WORDS = "0123456789ABCDEF"
TESTS = 300


def recurrent(layer: str, **fields: Any) -> list[dict[str, Any]]:
    """Describe a recurrent layer that answers at every place."""
    reader = {"layer": layer, "return_sequences": True, **fields}
    return [{"layer": "Embedding", "vocabulary": 10, "width": 32}, reader, {"layer": "Dense"}]


@dataclass(eq=False)
class Rearrange(Labelled, Followed):
    """Rows of random tokens, to be given back in another order; every place is judged."""

    group: ClassVar[str] = "sequences"
    defaults: ClassVar[Mapping[str, Any]] = {
        "network": [
            {"layer": "Embedding", "vocabulary": 10, "width": 32},
            {"layer": "PositionalEncoding"},
            {"layer": "TransformerBlock", "heads": 2, "expansion": 2},
            {"layer": "Dense"},
        ],
        "optimizer": {"name": "Adam", "learning_rate": 0.003},
        "loss": {"name": "CrossEntropy"},
        "batch_size": 64,
        "steps": 3000,
        "evaluate_every": 20,
    }
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "No positional encoding": {
            "network": [
                {"layer": "Embedding", "vocabulary": 10, "width": 32},
                {"layer": "TransformerBlock", "heads": 2, "expansion": 2},
                {"layer": "Dense"},
            ]
        },
        "No attention": {
            "network": [
                {"layer": "Embedding", "vocabulary": 10, "width": 32},
                {"layer": "PositionalEncoding"},
                {"layer": "Dense", "units": 64},
                {"layer": "GELU"},
                {"layer": "Dense"},
            ]
        },
        "A block by hand, with RMSNorm and SiLU": {
            "network": [
                {"layer": "Embedding", "vocabulary": 10, "width": 32},
                {"layer": "PositionalEncoding"},
                {"layer": "Residual", "layers": [{"layer": "RMSNorm"}, {"layer": "MultiHeadAttention", "heads": 2}]},
                {
                    "layer": "Residual",
                    "layers": [
                        {"layer": "RMSNorm"},
                        {"layer": "Dense", "units": 64, "initializer": "he"},
                        {"layer": "SiLU"},
                        {"layer": "Dense", "units": 32},
                    ],
                },
                {"layer": "Dense"},
            ]
        },
        "Rows of 3 to 8 tokens: padding is left out": {
            "network": [
                {"layer": "Masking", "value": 10},
                {"layer": "Embedding", "vocabulary": 11, "width": 32},
                {"layer": "PositionalEncoding"},
                {"layer": "TransformerBlock", "heads": 2, "expansion": 2},
                {"layer": "TransformerBlock", "heads": 2, "expansion": 2},
                {"layer": "Dense"},
            ],
            "optimizer": {"name": "Adam", "learning_rate": 0.002},
            "data": {"shortest": 3},
        },
    }

    length: int = choice("tokens in a row, the longest where they differ", default=8, minimum=2, maximum=24, unit="tokens")
    shortest: int = choice(
        "tokens in the shortest row; below `length` rows differ, and one more token fills their ends up",
        default=24,
        minimum=1,
        maximum=24,
        unit="tokens",
    )
    vocabulary: int = choice("how many different tokens there are", default=10, minimum=2, maximum=16)
    train_examples: int = choice("how many rows to train on", default=5000, minimum=100, maximum=50_000, scale="log")

    @property
    def input_shape(self) -> Shape:
        return (self.length,)

    @property
    def outputs(self) -> int:
        return self.vocabulary

    @property
    def output_shape(self) -> Shape:
        return (self.length, self.vocabulary)

    @property
    def tokens(self) -> int:
        return self.vocabulary + self.differ  # the last one fills rows up

    @property
    def differ(self) -> bool:
        """Tell whether rows differ in length."""
        return self.shortest < self.length

    @property
    def words(self) -> str:
        """Give the tokens as pictures show them."""
        return WORDS[: self.vocabulary] + "·" * self.differ

    @property
    def examples(self) -> int:
        return self.train_examples

    def rearrange(self, tokens: Array, lengths: Array) -> Array:
        """Give what the network should say for rows of tokens (N, T), each filled up behind its length (N,)."""
        raise NotImplementedError

    def draw(self, n: int, rng: np.random.Generator) -> tuple[Array, Array]:
        """Draw n rows, and what the network should say; where rows are filled up, nothing is asked."""
        x = sequences.tokens(n, self.length, self.vocabulary, rng)
        lengths = rng.integers(self.shortest, self.length + 1, n) if self.differ else np.full(n, self.length)
        padding = np.arange(self.length) >= lengths[:, None]
        x[padding] = self.vocabulary
        return x, np.where(padding, IGNORE, self.rearrange(x, lengths))

    def load(self, rng: np.random.Generator) -> None:
        self.x, self.target = self.draw(self.train_examples, rng)
        self.x_test, self.target_test = self.draw(TESTS, rng)

    @picture("attention")
    def attention(self, network: Network, example: int) -> Attention | None:
        """Look at every head while the network reads one row."""
        i = example % TESTS
        return observe_attention(network, self.x_test[i : i + 1], self.words, self.target_test[i], i, TESTS)

    @picture("accuracy at every place")
    def accuracy_at_every_place(self, network: Network) -> PositionAccuracy:
        """Count right answers at every place."""
        return observe_position_accuracy(network, self.x_test, self.target_test)


@dataclass(eq=False)
class Copy(Rearrange):
    """The same tokens again. The defaults reach 100 % of the test tokens after about 20 steps, 0.1 s on one core."""

    name: ClassVar[str] = "copy"
    title: ClassVar[str] = "Copy"
    summary: ClassVar[str] = "The easiest: no place needs another. The straight way past the attention is enough."
    goal: ClassVar[Goal] = answers_right("Every token finds its place: {value} of those in rows {unseen} are right.", 1.0)

    def rearrange(self, tokens: Array, lengths: Array) -> Array:
        return tokens.copy()


@dataclass(eq=False)
class Reverse(Rearrange):
    """The tokens from last to first. The defaults reach 100 % of the test tokens after about 200 steps, 0.4 s on one core."""

    name: ClassVar[str] = "reverse"
    title: ClassVar[str] = "Reverse"
    summary: ClassVar[str] = "Every place must look at its mirror: watch the other diagonal appear in a head."
    goal: ClassVar[Goal] = answers_right("Every token finds its place: {value} of those in rows {unseen} are right.", 1.0)
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        **Rearrange.presets,
        "LSTM: no place knows the future": {"network": recurrent("LSTM", units=64)},
        "LSTM both ways": {"network": recurrent("Bidirectional", units=32)},
    }

    def rearrange(self, tokens: Array, lengths: Array) -> Array:
        mirror = (lengths[:, None] - 1 - np.arange(self.length)) % self.length
        return np.take_along_axis(tokens, mirror, axis=1)


@dataclass(eq=False)
class Sort(Rearrange):
    """The tokens in ascending order. The defaults reach 99 % of the test tokens after about 400 steps, 0.7 s on one core."""

    name: ClassVar[str] = "sort"
    title: ClassVar[str] = "Sort"
    summary: ClassVar[str] = "Nobody tells it how: heads learn to look at the tokens that belong at their place."
    goal: ClassVar[Goal] = answers_right("Every token finds its place: {value} of those in rows {unseen} are right.", 0.99)

    def rearrange(self, tokens: Array, lengths: Array) -> Array:
        return np.sort(tokens, axis=1)  # what fills rows up is larger than all others
