"""Training on one's own arrays:  for event in nn.fit(network, x, target, loss, optimizer, steps=1000): …"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine.arrays import Array
from engine.hyperparameter import check
from engine.losses import CrossEntropy, Loss
from engine.network import Network
from engine.optimizers import Optimizer
from engine.regularizers import Regularizer
from engine.schedules import Constant, Schedule
from engine.tasks import Task
from engine.training.configuration import Configuration
from engine.training.events import Event
from engine.training.training import BATCH_STREAM, Training


@dataclass(eq=False)
class Arrays(Task):
    """Arrays that somebody has at hand."""

    @property
    def examples(self) -> int:
        return len(self.x)


class FitTraining(Training):
    """A training of a network, a loss and an optimizer that are there already."""

    def __init__(
        self,
        network: Network,
        data: tuple[Array, Array],
        test_data: tuple[Array, Array] | None,
        loss: Loss,
        optimizer: Optimizer,
        schedule: Schedule,
        regularizer: Regularizer | None,
        configuration: Configuration,
    ) -> None:
        """Take what is there; the optimizer starts anew."""
        self.configuration, self.network, self.optimizer = configuration, network, optimizer
        self.schedule, self.regularizer, self.loss, self.test_loss = schedule, regularizer, loss, copy.deepcopy(loss)
        self.task = Arrays()
        self.task.kind = "classes" if isinstance(loss, CrossEntropy) else "numbers"  # type: ignore[misc]  # of this object
        self.task.x, self.task.target = data
        self.task.x_test, self.task.target_test = test_data or (data[0][:0], data[1][:0])
        self.rng = np.random.default_rng((configuration.seed, BATCH_STREAM))
        self.learning_rate = optimizer.learning_rate
        self.begin()

    def events(self) -> Iterator[Event]:
        """Train as any training does, and leave the weights that count in the network."""
        yield from super().events()
        self.kept.adopt()


class Fit(Iterator[Event]):
    """The events of a training on one's own arrays; `training` is that training, as `nn.Doctor` wants it."""

    def __init__(self, training: Training) -> None:
        self.training, self._events = training, training.events()

    def __next__(self) -> Event:
        return next(self._events)


def fit(
    network: Network,
    x: Array,
    target: Array,
    loss: Loss,
    optimizer: Optimizer,
    *,
    steps: int = 1000,
    batch_size: int = 32,
    test_data: tuple[Array, Array] | None = None,
    schedule: Schedule | None = None,
    regularizer: Regularizer | None = None,
    clip_norm: float | None = None,
    seed: int = 0,
    evaluate_every: int = 20,
    batches_per_step: int = 1,
    averaging: float = 0.0,
    patience: int | None = None,
) -> Fit:
    """Train a network on x (N, …) and target (N, …), and yield what a task's training yields: Metrics and Stepped.

    It does one step each time it is asked for the next event. `seed` fixes the order of the examples; `test_data` are another
    x and target, which are only measured. The others are what a run can choose (Configuration): with `averaging` the network
    has the average of its weights in the end, with `patience` the best ones. `nn.Doctor(events.training)` says what goes wrong.
    Raises ValueError where the arrays do not fit, DivergedError where the loss is not finite any more.
    """
    data = np.asarray(x), np.asarray(target)
    test = (np.asarray(test_data[0]), np.asarray(test_data[1])) if test_data else None
    for inputs, targets in (data, test or data):
        if len(inputs) != len(targets) or not len(inputs):
            raise ValueError(f"fit wants a target for each of at least one example, got {len(inputs)} and {len(targets)}")
    configuration = Configuration(
        "arrays",
        [],
        {},
        {},
        {},
        None,
        {},
        batch_size=batch_size,
        batches_per_step=batches_per_step,
        steps=steps,
        clip_norm=clip_norm,
        seed=seed,
        evaluate_every=evaluate_every,
        averaging=averaging,
        patience=patience,
    )
    check(configuration)
    return Fit(FitTraining(network, data, test, loss, optimizer, schedule or Constant(), regularizer, configuration))
