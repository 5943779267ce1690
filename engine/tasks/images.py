"""Images in classes, and yours among them: what the filters look for, what they see, what the network says."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from engine.arrays import Array, Shape, in_words
from engine.data import datasets
from engine.data.centring import Strokes, centred
from engine.data.shapes import NAMES, shapes
from engine.hyperparameter import choice
from engine.network import Network
from engine.pictures import Digits, FeatureMaps
from engine.tasks.families.goal import Goal, answers_right
from engine.tasks.families.labelled import Emptied
from engine.tasks.families.recognizer import Recognizer
from engine.tasks.task_picture import picture

SIDE = 28
"""Pixels of a side, of images that do not say so: the made-up ones, and those that an older version kept."""
DATASET = "which of your images, by their id; the page chooses it (empty: made-up shapes)"


@dataclass(eq=False)
class Images(Emptied, Recognizer):
    """Your own images, a folder for each class; until then made-up shapes.

    The defaults reach 98 % of 120 test images after about 100 steps, 1 s on one core.
    """

    name: ClassVar[str] = "images"
    title: ClassVar[str] = "Images"
    summary: ClassVar[str] = "Your own images: a folder for each class, brought to small squares, in grey or in colour."
    goal: ClassVar[Goal] = answers_right("{value} of the images {unseen} are put into their right class.", 0.98)

    dataset: str = choice(DATASET, default="", pattern=datasets.PATTERN)
    test_share: float = choice("images that are kept for testing, as a share of all", default=0.2, minimum=0.0, maximum=0.9)
    given_split: bool = choice(
        "test on the images in folders for testing or validation, where there are such, in place of a share", default=True
    )

    as_digits: bool = choice(
        "bring line drawings into the form of MNIST's digits, which one on the pad has: as large, and in the middle",
        default=False,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.as_digits and not self.missing() and self.input_shape != (SIDE, SIDE, 1):
            raise ValueError(f"as_digits wants grey images of {SIDE} × {SIDE} pixels; these are {in_words(self.input_shape)}")
        if not self.missing() and self.dataset and datasets.about(self.folders.datasets, self.dataset)["kind"] != "images":
            raise ValueError(f"dataset {self.dataset} holds a table, not images")

    def missing(self) -> tuple[str, str] | None:
        return datasets.missing(self.folders.datasets, self.dataset)

    @cached_property
    def _about(self) -> dict[str, Any]:
        return datasets.about(self.folders.datasets, self.dataset) if self.dataset else {"classes": list(NAMES), "rows": 600}

    @property
    def names(self) -> list[str]:
        return list(self._about["classes"])

    @property
    def input_shape(self) -> Shape:
        side = int(self._about.get("side", SIDE))
        return (side, side, 3 if self._about.get("colour") else 1)

    @property
    def tests(self) -> int:
        """Count the images that are kept for testing."""
        if self.given_split and self._about.get("tests") is not None:
            return int(self._about["tests"])
        return round(self.test_share * int(self._about["rows"]))

    @property
    def examples(self) -> int:
        return int(self._about["rows"]) - self.tests

    def load(self, rng: np.random.Generator) -> None:
        if self.dataset:
            held = datasets.load(self.folders.datasets, self.dataset)
            images, labels, is_test = held["images"], held["labels"].astype(np.int64), held.get("is_test")
        else:
            (images, labels), is_test = shapes(int(self._about["rows"]), np.random.default_rng(0)), None
        if self.as_digits:
            images = np.stack([centred(image) for image in images])
        order = rng.permutation(len(images))
        if is_test is not None and self.given_split:
            order = np.concatenate([order[is_test[order]], order[~is_test[order]]])
        test, train = order[: self.tests], order[self.tests :]
        self.x, self.target = images[train], labels[train]
        self.x_test, self.target_test = images[test], labels[test]

    def follow(self, network: Network, drawing: Array | Strokes) -> FeatureMaps:
        followed = super().follow(network, drawing)
        if not followed.words and self.dataset and not self.as_digits and self.input_shape == (SIDE, SIDE, 1):
            followed.words = "switch on As digits under Data, and these drawings are as large and in the middle as yours"
        return followed

    @picture("images")
    def guesses(self, network: Network) -> Digits:
        return super().guesses(network)
