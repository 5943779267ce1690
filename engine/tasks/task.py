"""The contract that every task keeps."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from engine.arrays import Array, Shape
from engine.data.centring import Strokes
from engine.data.folders import DataFolders
from engine.hyperparameter import check
from engine.losses import IGNORE, Loss
from engine.network import Network
from engine.pictures import LayerStatistics, Picture, TrackedExamples, observe_layer_statistics
from engine.tasks.families.goal import Goal
from engine.tasks.task_picture import TaskPicture, find, picture, pictures_of

STATISTICS_EXAMPLES = 128
"""How many examples the statistics of the layers follow through the network."""


@dataclass(eq=False)
class Task:
    """One thing to learn: its data, its default network, its metrics and its pictures.

    The fields of a subclass are the hyperparameters of its data; `load` draws the data. Each of its pictures is a method,
    decorated with `picture`.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    group: ClassVar[str]
    summary: ClassVar[str]
    """What to notice while it learns: one sentence of at most 90 characters."""
    goal: ClassVar[Goal]
    """When it counts as learned, and what is said then."""
    kind: ClassVar[str] = "classes"
    """What there is to learn: "classes", "numbers", or "shares" (numbers from 0 to 1); it says which losses fit."""
    defaults: ClassVar[Mapping[str, Any]]
    """The configuration that learns well at once: network, optimizer, batch_size, steps …"""
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    """Other configurations worth a try, by title; what they do not say is as in the defaults."""
    pictures: ClassVar[Mapping[str, TaskPicture]]
    """What can be seen, by name, the main picture first; it follows from the decorated methods."""
    looks: ClassVar[Mapping[str, TaskPicture]]
    """The same, with what is seen only by who asks for it."""
    losses: ClassVar[tuple[type[Loss], ...]] = ()
    """Losses that only this task has a use for."""
    seeded: ClassVar[bool] = True
    """Whether a seed decides which examples there are, or which of them test; not where they are always the same."""
    fixed_network: ClassVar[bool] = False
    """Whether the network is part of the task, and nobody's choice."""
    watching_speed: ClassVar[int | None] = None
    """Steps per second at which a person can follow; None for as fast as possible."""

    folders: DataFolders = field(default_factory=DataFolders.from_environment, kw_only=True, repr=False)
    """Where data lie on this machine."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.looks = pictures_of(cls)
        cls.pictures = {name: one for name, one in cls.looks.items() if not one.by_hand}

    def __post_init__(self) -> None:
        check(self)
        self.x: Array = np.zeros(0)
        self.target: Array = np.zeros(0)
        self.x_test: Array = np.zeros(0)
        self.target_test: Array = np.zeros(0)
        self.theta_before: Array = np.zeros(0)
        """The network's parameters before its last step, for the statistics of the layers; the training writes them."""

    @property
    def input_shape(self) -> Shape:
        """Give the shape of one input."""
        raise NotImplementedError

    @property
    def outputs(self) -> int:
        """Count the classes, or the numbers to predict; a last Dense takes it as its units."""
        raise NotImplementedError

    @property
    def output_shape(self) -> Shape:
        """Give the shape of what the network's last layer must give, for one example."""
        return (self.outputs,)

    @property
    def input_names(self) -> list[str]:
        """Name the numbers that the network reads; none where they have no names of their own, as pixels."""
        return []

    @property
    def class_names(self) -> list[str]:
        """Name the classes; none where they have no names of their own."""
        return []

    @property
    def tokens(self) -> int | None:
        """Count the different tokens of the inputs; None where inputs are numbers."""
        return None

    @property
    def examples(self) -> int:
        """Count the training examples, before anything is loaded."""
        raise NotImplementedError

    def missing(self) -> tuple[str, str] | None:
        """Say which field of the data asks for something that is not on this machine, and why; None where all is here."""
        return None

    def load(self, rng: np.random.Generator) -> None:
        """Draw or read the training and test data."""
        raise NotImplementedError

    def prepare(self, rng: np.random.Generator) -> None:
        """Draw or read the data, and do with them what is switched on beside."""
        self.load(rng)

    def begin(self, network: Network) -> None:
        """Do what has to be done with the new network before the first step; for most tasks nothing."""

    def state_dict(self) -> dict[str, Array]:
        """Give what the task itself has gathered since step 0, for a checkpoint; most tasks gather nothing."""
        return {}

    def load_state_dict(self, state: Mapping[str, Array]) -> None:
        """Take back what `state_dict` gave."""

    def look(self, network: Network, name: str) -> Picture | None:
        """Look at the network: `name` is one of the pictures, where wanted with a number, as in "feature maps/7".

        None where there is nothing to see. Raises KeyError where the task has no such picture.
        """
        declared, number = find(self.looks, name)
        method = getattr(self, declared.method)
        seen: Picture | None = method(network, number) if declared.takes else method(network)
        return seen

    @classmethod
    def known(cls, names: Iterable[str]) -> list[str]:
        """Give those names that are pictures of this task, the main one first."""
        order, found = list(cls.looks), []
        for name in names:
            try:
                found.append((order.index(find(cls.looks, name)[0].name), name))
            except KeyError:
                continue
        return [name for _, name in sorted(found)]

    @picture("layer statistics")
    def layer_statistics(self, network: Network) -> LayerStatistics:
        """Measure every layer: its outputs, its gradient, its last step, its weights."""
        examples = self.x_test if len(self.x_test) else self.x
        return observe_layer_statistics(network, self.to_input(examples[:STATISTICS_EXAMPLES]), self.theta_before)

    def tracked_examples(self) -> TrackedExamples | None:
        """Give the examples whose history can be told, in the order of the picture that shows them; None where none are."""
        return None

    def follow(self, network: Network, drawing: Array | Strokes) -> Picture | None:
        """Follow an image (H, W) or strokes that somebody drew through the network; None where it is not about images."""
        return None

    @property
    def asked_shape(self) -> Shape:
        """Give the shape of what a person can ask about: an input, where the task makes no other inputs of it."""
        return self.input_shape

    def asked(self, x: Array) -> Array:
        """Turn what a person asks about (N, *asked_shape) into what the network takes."""
        return x

    def to_input(self, x: Array) -> Array:
        """Turn stored examples into what the network takes."""
        return x

    def to_target(self, target: Array) -> Array:
        """Turn stored targets into what the loss compares with."""
        return target

    def batches(self, batch_size: int, rng: np.random.Generator) -> Iterator[tuple[Array, Array]]:
        """Go through the training data for ever, each epoch in a new order; one batch of all keeps its order."""
        n = len(self.x)
        while True:
            order = rng.permutation(n) if batch_size < n else None
            for start in range(0, n, batch_size):
                chosen = slice(None) if order is None else order[start : start + batch_size]
                yield self.to_input(self.x[chosen]), self.to_target(self.target[chosen])

    def steps_per_epoch(self, batch_size: int) -> int:
        """Count the steps of one pass over the training data."""
        return -(-self.examples // batch_size)

    def accuracy(self, prediction: Array, target: Array) -> float | None:
        """Give the share of right answers; None where a task knows only near and far."""
        if self.kind != "classes":
            return None
        right = np.count_nonzero(prediction.argmax(axis=-1) == target)  # none where the target is ignored
        counted = np.count_nonzero(target != IGNORE)
        return right / counted if counted else 0.0
