"""Text: the next character, again and again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from engine import pictures
from engine.arrays import Array, Shape
from engine.data import prose, sequences
from engine.hyperparameter import choice
from engine.network import Network
from engine.tasks.families.followed import Followed
from engine.tasks.families.goal import Goal, answers_right
from engine.tasks.families.labelled import Labelled
from engine.tasks.task_picture import picture

STARTS, SAMPLE, EXCERPT = 4, 40, 90
V = len(prose.CHARACTERS)
WORDS = [character if character != " " else "␣" for character in prose.CHARACTERS]
"""The characters as pictures show them."""


def causal(dilation: int) -> dict[str, Any]:
    """Describe a block after van den Oord et al. (2016), WaveNet: each character and the one `dilation` before it."""
    convolution = {"layer": "Conv1D", "filters": 48, "kernel_size": 2, "padding": "causal", "dilation": dilation}
    return {"layer": "Residual", "layers": [convolution, {"layer": "GELU"}]}


@dataclass(eq=False)
class Text(Labelled, Followed):
    """The next character of a small text about learning, whose last tenth is kept for testing.

    The defaults reach 85 % of the text it reads after about 300 steps, 1 s on one core. The defaults reach 38 % of the unseen
    tenth at best in 500 steps, 2 s on one core. After that the test loss rises, and the text is learned by heart: overfitting
    as it is.
    """

    name: ClassVar[str] = "text"
    seeded: ClassVar[bool] = False
    title: ClassVar[str] = "Text"
    group: ClassVar[str] = "sequences"
    summary: ClassVar[str] = "First letters, then words, then all of it by heart: watch the test loss turn."
    goal: ClassVar[Goal] = answers_right("It finds the next character in {value} of the text {unseen}.", 0.36)
    defaults: ClassVar[Mapping[str, Any]] = {
        "network": [
            {"layer": "Embedding", "vocabulary": V, "width": 16},
            {"layer": "LSTM", "units": 64, "return_sequences": True},
            {"layer": "Dense"},
        ],
        "optimizer": {"name": "Adam", "learning_rate": 0.005},
        "loss": {"name": "CrossEntropy"},
        "batch_size": 32,
        "steps": 2000,
        "evaluate_every": 20,
        "clip_norm": 1.0,
    }
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Transformer": {
            "network": [
                {"layer": "Embedding", "vocabulary": V, "width": 48},
                {"layer": "PositionalEncoding", "learned": True},
                {"layer": "TransformerBlock", "heads": 3, "causal": True},
                {"layer": "Dense"},
            ],
            "optimizer": {"name": "AdamW", "learning_rate": 0.003},
        },
        "Causal convolutions, wider and wider": {
            "network": [
                {"layer": "Embedding", "vocabulary": V, "width": 48},
                *(causal(dilation) for dilation in (1, 2, 4, 8)),
                {"layer": "Dense"},
            ]
        },
        "Dropout against learning by heart": {
            "network": [
                {"layer": "Embedding", "vocabulary": V, "width": 16},
                {"layer": "LSTM", "units": 64, "return_sequences": True},
                {"layer": "Dropout", "rate": 0.5},
                {"layer": "Dense"},
            ]
        },
        "GRU": {
            "network": [
                {"layer": "Embedding", "vocabulary": V, "width": 16},
                {"layer": "GRU", "units": 64, "return_sequences": True},
                {"layer": "Dense"},
            ]
        },
    }

    length: int = choice("characters that are read before a guess", default=32, minimum=4, maximum=128, unit="characters")

    @property
    def input_shape(self) -> Shape:
        return (self.length,)

    @property
    def outputs(self) -> int:
        return V

    @property
    def output_shape(self) -> Shape:
        return (self.length, V)

    @property
    def tokens(self) -> int:
        return V

    @property
    def examples(self) -> int:
        return self._split() - self.length

    def _split(self) -> int:
        """Give the place in the story where the unseen part begins."""
        return len(prose.STORY) * 9 // 10

    def load(self, rng: np.random.Generator) -> None:
        story = sequences.encode(prose.STORY, prose.CHARACTERS)
        self.x, self.target = sequences.windows(story[: self._split()], self.length)
        self.unseen = story[self._split() :]
        x_test, target_test = sequences.windows(self.unseen, min(self.length, len(self.unseen) - 1))
        self.x_test, self.target_test = x_test[:: self.length // 4], target_test[:: self.length // 4]

    @picture("text")
    def written(self, network: Network) -> pictures.Text:
        """Let the network write, and read what it has not seen."""
        starts = self.x[:: len(self.x) // STARTS][:STARTS]
        return pictures.observe_text(network, self.unseen[: self.length + EXCERPT], starts, SAMPLE, prose.CHARACTERS)

    @picture("hidden state and gates")
    def states(self, network: Network, example: int) -> pictures.States | None:
        """Watch the recurrent layer read a piece of text."""
        i = example % len(self.x_test)

        def says(y: Array) -> str:
            return f"expects {WORDS[y[-1].argmax()]}, it is {WORDS[self.target_test[i, -1]]}"

        read = [WORDS[k] for k in self.x_test[i]]
        return pictures.observe_states(network, self.x_test[i : i + 1], read, says, i, len(self.x_test))

    @picture("attention")
    def attention(self, network: Network, example: int) -> pictures.Attention | None:
        """Look at every head while the network reads a piece of text."""
        i = example % len(self.x_test)
        return pictures.observe_attention(network, self.x_test[i : i + 1], WORDS, self.target_test[i], i, len(self.x_test))
