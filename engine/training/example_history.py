"""Stories: what became of single examples while a network learned, as its film remembers it.

Swayamdipta et al. (2020), Dataset cartography: how sure a network is of the right class, averaged over the training, tells the
easy examples from the hard. Toneva et al. (2019), An empirical study of example forgetting: examples that are learned and
forgotten again are hard or wrong. Here both are measured at the moments of the film.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.arrays import Array
from engine.events import Stories
from engine.functions import softmax
from engine.network import Network

THUMBNAILS = 24
"""How many images of the hardest examples are told along."""


@dataclass(frozen=True)
class Witnesses:
    """Examples whose stories can be told, in the order of the picture that shows them.

    x as the network takes it (N, …);  target (N,) classes, or (N, 1) numbers, told as middle + scale · target;  is_test (N,);
    images (N, 28, 28) where they are images.
    """

    x: Array
    target: Array
    is_test: Array
    names: Sequence[str] = ()
    images: Array = field(default_factory=lambda: np.zeros((0, 28, 28), np.uint8))
    middle: float = 0.0
    scale: float = 1.0

    @property
    def are_classes(self) -> bool:
        """Tell whether classes are learned, not numbers."""
        return self.target.ndim == 1

    @property
    def truth(self) -> Array:
        """Give what is right: classes, or numbers in their own units."""
        return self.target if self.are_classes else self.middle + self.scale * self.target[:, 0]


def ask(network: Network, witnesses: Witnesses) -> Array:
    """Ask for what stories are made of at this moment, (N, 2): for classes how sure it is of the right one and whether that is
    the likeliest; for numbers the error, and 0.
    """
    prediction = network.predict(witnesses.x)
    if not witnesses.are_classes:
        error = witnesses.scale * (prediction - witnesses.target)[:, 0]
        return np.stack([error, np.zeros(len(error))], axis=1).astype(np.float32)
    sure = softmax(prediction)[np.arange(len(prediction)), witnesses.target]
    return np.stack([np.nan_to_num(sure), prediction.argmax(axis=1) == witnesses.target], axis=1).astype(np.float32)


def tell(witnesses: Witnesses, steps: Sequence[int], answers: Sequence[Array]) -> Stories:
    """Tell the stories from what was answered at each of the steps."""
    said = np.stack(answers)  # moments, examples, 2
    value, right = said[..., 0], said[..., 1] > 0
    sure, error = (
        ((255 * value).round().astype(np.uint8), value[:0]) if witnesses.are_classes else (value[:0].astype(np.uint8), value)
    )
    if witnesses.are_classes:
        order = value.mean(axis=0).argsort(kind="stable")
        learned, forgotten = turning_points(np.array(steps), right)
    else:
        order = (-np.abs(np.nan_to_num(value[-1], nan=np.inf))).argsort(kind="stable")
        learned, forgotten = np.full(len(order), -1), np.zeros(len(order))
    return Stories(
        np.array(steps, np.float32),
        sure,
        right.astype(np.uint8),
        error,
        learned.astype(np.float32),
        forgotten.astype(np.float32),
        order.astype(np.float32),
        witnesses.truth.astype(np.float32),
        witnesses.is_test.astype(np.uint8),
        witnesses.images[order[:THUMBNAILS]] if len(witnesses.images) else witnesses.images,
        list(witnesses.names),
        name="stories",
        step=steps[-1],
    )


def turning_points(steps: Array, right: Array) -> tuple[Array, Array]:
    """Say of right (moments, examples) since which step each is right (−1: it is not), and how often that was lost."""
    lost = (right[:-1] & ~right[1:]).sum(axis=0)
    moments = len(steps)
    last_wrong = np.where(right, -1, np.arange(moments)[:, np.newaxis]).max(axis=0)
    learned = np.where(last_wrong < moments - 1, steps[np.minimum(last_wrong + 1, moments - 1)], -1)
    return learned, lost
