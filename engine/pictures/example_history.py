"""Training dynamics: what became of single examples while a network learned, measured at the snapshots of its history.

Swayamdipta et al. (2020), Dataset cartography: the confidence in the right class, averaged over the training, tells the easy
examples from the hard. Toneva et al. (2019), An empirical study of example forgetting: examples that are learned and forgotten
again are hard or wrong.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Self

import numpy as np

from engine.arrays import Array
from engine.functions import softmax
from engine.network import Network
from engine.pictures.picture import Picture

THUMBNAILS = 24
"""How many images of the hardest examples go along."""


@dataclass(frozen=True)
class TrackedExamples:
    """Examples that are followed through a history, in the order of the picture that shows them.

    x as the network takes it (N, …);  target (N,) classes, or (N, 1) numbers, which mean middle + scale · target;
    is_test (N,);  images (N, side, side) or (N, side, side, 3) where they are images.
    """

    x: Array
    target: Array
    is_test: Array
    names: Sequence[str] = ()
    images: Array = field(default_factory=lambda: np.zeros((0, 28, 28), np.uint8))
    middle: float = 0.0
    scale: float = 1.0

    @classmethod
    def of(cls, train: tuple[Array, Array], test: tuple[Array, Array], most: int | None = None) -> Self:
        """Track examples (x, target) for training and after them those for testing, of each kind `most` at the most."""
        x, target = (np.concatenate([a[:most], b[:most]]) for a, b in zip(train, test, strict=True))
        return cls(x, target, np.arange(len(x)) >= len(train[0][:most]))

    @property
    def are_classes(self) -> bool:
        """Tell whether classes are learned, not numbers."""
        return self.target.ndim == 1

    @property
    def truth(self) -> Array:
        """Give what is right: classes, or numbers in their own units."""
        return self.target if self.are_classes else self.middle + self.scale * self.target[:, 0]


@dataclass
class ExampleHistory(Picture):
    """What became of each example over the snapshots of a history: M snapshots, N examples.

    steps (M,);  for classes  confidence (M, N): the probability of the right class × 255,  right (M, N): whether it was the
    likeliest;  for numbers  error (M, N) = guess − truth.  learned (N,): the step since which it is right, −1 where it is
    not;  forgotten (N,): how often it was right and then wrong;  order (N,): the hardest first.
    labels (N,), or truth (N,);  is_test (N,);  images: those of the first in order, where they are images.
    """

    view: ClassVar[str] = "example-history"
    steps: Array
    confidence: Array
    right: Array
    error: Array
    learned: Array
    forgotten: Array
    order: Array
    labels: Array
    is_test: Array
    images: Array
    names: list[str]


def responses_of(network: Network, tracked: TrackedExamples) -> Array:
    """Measure the network on the tracked examples, (N, 2): for classes the confidence in the right one, and whether that is the
    likeliest; for numbers the error, and 0.
    """
    prediction = network.predict(tracked.x)
    if not tracked.are_classes:
        error = tracked.scale * (prediction - tracked.target)[:, 0]
        return np.stack([error, np.zeros(len(error))], axis=1).astype(np.float32)
    confidence = softmax(prediction)[np.arange(len(prediction)), tracked.target]
    return np.stack([np.nan_to_num(confidence), prediction.argmax(axis=1) == tracked.target], axis=1).astype(np.float32)


def observe_example_history(tracked: TrackedExamples, steps: Sequence[int], responses: Sequence[Array]) -> ExampleHistory:
    """Put the responses at each of the steps together, and find when each example was learned and forgotten."""
    stacked = np.stack(responses)  # snapshots, examples, 2
    value, right = stacked[..., 0], stacked[..., 1] > 0
    if tracked.are_classes:
        confidence, error = (255 * value).round().astype(np.uint8), value[:0]
        order = value.mean(axis=0).argsort(kind="stable")
        learned, forgotten = turning_points(np.array(steps), right)
    else:
        confidence, error = value[:0].astype(np.uint8), value
        order = (-np.abs(np.nan_to_num(value[-1], nan=np.inf))).argsort(kind="stable")
        learned, forgotten = np.full(len(order), -1), np.zeros(len(order))
    return ExampleHistory(
        np.array(steps, np.float32),
        confidence,
        right.astype(np.uint8),
        error,
        learned.astype(np.float32),
        forgotten.astype(np.float32),
        order.astype(np.float32),
        tracked.truth.astype(np.float32),
        tracked.is_test.astype(np.uint8),
        tracked.images[order[:THUMBNAILS]] if len(tracked.images) else tracked.images,
        list(tracked.names),
        name="example history",
        step=steps[-1],
    )


def turning_points(steps: Array, right: Array) -> tuple[Array, Array]:
    """Say of right (snapshots, examples) since which step each is right (−1: it is not), and how often that was lost."""
    lost = (right[:-1] & ~right[1:]).sum(axis=0)
    snapshots = len(steps)
    last_wrong = np.where(right, -1, np.arange(snapshots)[:, np.newaxis]).max(axis=0)
    learned = np.where(last_wrong < snapshots - 1, steps[np.minimum(last_wrong + 1, snapshots - 1)], -1)
    return learned, lost
