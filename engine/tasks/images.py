"""Images in classes, and yours among them: what the filters look for, what they see, what the network says."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from engine.data import datasets
from engine.data.shapes import NAMES, shapes
from engine.hyperparameter import choice
from engine.network import Network
from engine.pictures import Digits
from engine.tasks.families.goal import Goal, answers_right
from engine.tasks.families.labelled import Emptied
from engine.tasks.families.recognizer import Recognizer
from engine.tasks.task_picture import picture

DATASET = "which of your images, by their id; the page chooses it (empty: made-up shapes)"


@dataclass(eq=False)
class Images(Emptied, Recognizer):
    """Your own images, a folder for each class; until then made-up shapes.

    The defaults reach 98 % of 120 test images after about 100 steps, 1 s on one core.
    """

    name: ClassVar[str] = "images"
    title: ClassVar[str] = "Images"
    summary: ClassVar[str] = "Your own images: a folder for each class, brought to 28 × 28 grey pixels as MNIST's."
    goal: ClassVar[Goal] = answers_right("{value} of the images {unseen} are put into their right class.", 0.98)

    dataset: str = choice(DATASET, default="", pattern=datasets.PATTERN)
    test_share: float = choice("images that are kept for testing, as a share of all", default=0.2, minimum=0.0, maximum=0.9)

    def __post_init__(self) -> None:
        super().__post_init__()
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
    def tests(self) -> int:
        """Count the images that are kept for testing."""
        return round(self.test_share * int(self._about["rows"]))

    @property
    def examples(self) -> int:
        return int(self._about["rows"]) - self.tests

    def load(self, rng: np.random.Generator) -> None:
        if self.dataset:
            held = datasets.load(self.folders.datasets, self.dataset)
            images, labels = held["images"], held["labels"].astype(np.int64)
        else:
            images, labels = shapes(int(self._about["rows"]), np.random.default_rng(0))
        order = rng.permutation(len(images))
        test, train = order[: self.tests], order[self.tests :]
        self.x, self.target = images[train], labels[train]
        self.x_test, self.target_test = images[test], labels[test]

    @picture("images")
    def guesses(self, network: Network) -> Digits:
        return super().guesses(network)
