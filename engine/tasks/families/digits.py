"""Handwritten digits, and where they come from."""

from dataclasses import dataclass

import numpy as np

from engine.data import mnist
from engine.hyperparameter import choice
from engine.tasks.families.pixels import Pixels


@dataclass(eq=False)
class Digits(Pixels):
    """Digits of MNIST: some of its 60,000, where they lie on this machine, else of the bundled 10,000."""

    source: str = choice(
        "which digits: the full MNIST, the bundled 10,000, or the best that is here", default="auto", among=mnist.SOURCES
    )
    train_examples: int = choice("how many digits to train on", default=8000, minimum=100, maximum=60_000, scale="log")
    test_examples: int = choice(
        "how many test digits each row of the metrics measures", default=500, minimum=100, maximum=10_000, scale="log"
    )

    @property
    def outputs(self) -> int:
        return 10

    @property
    def examples(self) -> int:
        if len(self.x):
            return len(self.x)
        largest = 60_000 if self.source != "bundled" and mnist.find(self.folders.mnist) else 10_000 - mnist.BUNDLED_TEST
        return min(self.train_examples, largest)

    def missing(self) -> tuple[str, str] | None:
        if self.source == "full" and not mnist.find(self.folders.mnist):
            return "source", mnist.NOT_HERE
        return None

    def load(self, rng: np.random.Generator) -> None:
        loaded = mnist.load(self.source, self.folders.mnist)
        n, m = self.train_examples, self.test_examples
        self.x, self.target = loaded.images[:n].copy(), loaded.labels[:n].astype(np.int64)
        self.x_test, self.target_test = loaded.test_images[:m].copy(), loaded.test_labels[:m].astype(np.int64)
