"""One run, as a generator of events."""

import math
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from itertools import count
from typing import Any

import numpy as np

from engine.arrays import Array
from engine.data.centring import Strokes
from engine.data.folders import DataFolders
from engine.functions import softmax
from engine.network import Network
from engine.notebook import curves, table
from engine.optimizers import clip_by_norm
from engine.pictures import Picture
from engine.pictures.layers import norm
from engine.tasks import Task
from engine.training.check import configure
from engine.training.configuration import Configuration, ConfigurationError, merged
from engine.training.edits import apply_edit
from engine.training.events import Event, Metrics, Stepped
from engine.training.factory import (
    make_layers,
    make_loss,
    make_optimizer,
    make_regularizer,
    make_schedule,
    make_task,
)
from engine.training.kept import KeptWeights

DATA_STREAM, BATCH_STREAM = 1_000_000, 1_000_001
"""The run's seed feeds independent streams of random numbers: one for each layer (0, 1, …), and these; that of the data may
have a seed of its own.
"""

FIRST_EXAMPLES = 1000
"""How many training examples the row of step 0 measures at the most."""

CHANGEABLE = (
    "optimizer",
    "schedule",
    "regularizer",
    "batch_size",
    "batches_per_step",
    "clip_norm",
    "evaluate_every",
    "steps",
)
"""The choices that can be changed between two steps; of the optimizer its fields, for another one has other moments."""

OF_LEARNING = ("layer statistics",)
"""The pictures of the last step, which show the weights that learn, whatever others count."""

FEWEST_TESTED = 500
"""How many test examples every row measures, where there are as many."""

FORWARDS = 3
"""What training on an example costs in forward passes: one forward, and two products going back, for ∂L/∂W and ∂L/∂x."""


class DivergedError(ArithmeticError):
    """The loss stopped being a finite number; theta is as it was after the last good step."""

    def __init__(self, step: int, loss: float) -> None:
        super().__init__(f"the loss became {loss} in step {step}; a smaller learning rate may help")
        self.step = step


class Training:
    """A task, a network and an optimizer, made from one configuration.

    `events()` trains: it does one step each time it is asked for the next event, so whoever stops asking stops the
    training. Between two events `picture` and `network.predict` may look; that changes nothing, and the same
    configuration gives the same theta, bit for bit.
    """

    row: Metrics | None = None
    """The newest row of its metrics; None before the first."""
    last_loss: float | None = None
    """The loss of the batch of the last step, from before its move; None before the first."""
    last_gradient: Array | None = None
    """The gradient of the last batch of a step that averages several, for those who look."""
    diverged: DivergedError | None = None
    """What ended the training early, where the loss became no number."""

    def __init__(self, configuration: Configuration, folders: DataFolders | None = None, task: Task | None = None) -> None:
        """Load the data and build the network; the data lie in `folders`, which are the environment's where none are given.

        Where a `task` of this configuration is given, its data are loaded already.
        """
        self.configuration, self.folders = configuration, folders or DataFolders.from_environment()
        seed = configuration.seed
        self.task = task or make_task(configuration, self.folders)
        if task is None:
            self.task.prepare(np.random.default_rng((configuration.seed_of_data, DATA_STREAM)))
        self.rng = np.random.default_rng((seed, BATCH_STREAM))
        self.network = Network(make_layers(configuration.network), self.task.input_shape, seed)
        self.task.begin(self.network)
        self.loss, self.test_loss = make_loss(configuration.loss), make_loss(configuration.loss)
        self.optimizer = make_optimizer(configuration.optimizer)
        self.learning_rate = self.optimizer.learning_rate
        self.schedule = make_schedule(configuration.schedule)
        self.regularizer = make_regularizer(configuration.regularizer)
        self.begin()

    def begin(self) -> None:
        """Stand before the first step."""
        self.optimizer.start_on(self.network)
        self.explaining(False)
        self.kept = KeptWeights(self.network, self.configuration)
        self.theta_before = self.task.theta_before = self.network.theta.copy()
        self.steps_per_epoch = self.task.steps_per_epoch(self.configuration.examples_per_step)
        self.step = 0
        self.counted_from, self.epochs_before = 0, 0.0
        self.epoch_rng: Mapping[str, Any] = self.rng.bit_generator.state
        self.losses: list[float] = []
        self.accuracies: list[float] = []

    def explaining(self, on: bool) -> None:
        """Let network, losses and optimizer remember the last step, so that they can explain it; while training they do not."""
        self.asked = self.network.explaining = on
        self.loss.explaining = self.test_loss.explaining = self.optimizer.explaining = on

    def _repr_html_(self) -> str:
        """Show in a notebook what is trained, how far it is, and the losses since the newest row."""
        said = {name: value for name, value in self.configuration.as_dict().items() if value not in (None, {}, [])}
        layers = ", ".join(type(layer).__name__ for layer in self.network.layers)
        chosen = said | {"network": layers, "optimizer": self.optimizer, "loss": type(self.loss).__name__}
        measured = {f"at step {self.row.step:,}": self.row} if self.row else {}
        rows = [(name, in_one_line(value)) for name, value in {"step": self.step, **chosen, **measured}.items()]
        losses = curves({"loss": np.array(self.losses)}, "loss of the newest steps") if len(self.losses) > 1 else ""
        return table(f"training of {self.configuration.task}", ("", "this run"), rows) + losses

    @property
    def finished(self) -> bool:
        """Tell whether all steps are done, or the last ones brought nothing better for as long as one was ready to wait."""
        return self.step >= self.configuration.steps or self.has_waited

    @property
    def has_waited(self) -> bool:
        """Tell whether training ended early, because nothing became better any more."""
        return self.kept.has_waited(self.step)

    def shown(self) -> AbstractContextManager[Network]:
        """Lend the network to look at, with the weights that count: `with training.shown() as network`.

        These are their average where the configuration wants one, and where it has patience the best ones when training is
        finished. The weights that learn come back in the end.
        """
        return self.kept.shown(best=self.finished)

    @property
    def epoch(self) -> float:
        """Count the passes over the training data; where the examples of a step changed, those from before stay counted."""
        return self.epochs_before + (self.step - self.counted_from) / self.steps_per_epoch

    @property
    def steps_of_epoch(self) -> int:
        """Count the steps of this epoch that are done."""
        return (self.step - self.counted_from) % self.steps_per_epoch

    def change(self, values: Mapping[str, Any]) -> None:
        """Go on with other choices (CHANGEABLE) from the next step on; of the optimizer only the fields that are named.

        Another number of examples in a step begins a new epoch, in a new order. A schedule of the same name goes on with what
        it has gathered. The same changes after the same steps give the same theta, bit for bit.
        Raises ConfigurationError, and all is as it was.
        """
        if fixed := [name for name in values if name not in CHANGEABLE]:
            raise ConfigurationError(fixed[0], f"{fixed[0]} cannot change while it trains; begin a new run")
        after, now = configure(merged(self.configuration.as_dict(), values), self.folders), self.configuration
        if after.optimizer["name"] != now.optimizer["name"]:
            raise ConfigurationError("optimizer.name", "another optimizer needs a new run")
        self.change_optimizer(values.get("optimizer", {}))
        if after.schedule != now.schedule:
            before, self.schedule = self.schedule, make_schedule(after.schedule)
            if type(before) is type(self.schedule):
                self.schedule.load_state_dict(before.state_dict())
        if after.regularizer != now.regularizer:
            self.regularizer = make_regularizer(after.regularizer)
        if after.examples_per_step != now.examples_per_step:
            self.go_to_place()
            self.epoch_rng = self.rng.bit_generator.state
            self.epochs_before, self.counted_from = self.epoch, self.step
            self.steps_per_epoch = self.task.steps_per_epoch(after.examples_per_step)
        for name in CHANGEABLE:
            setattr(now, name, getattr(after, name))

    def edit(self, edit: Mapping[str, Any]) -> None:
        """Do something to the network by hand, as engine/training/edits.py lists: set a weight, silence a neuron, freeze a
        layer or draw it anew. The same edits after the same steps give the same theta, bit for bit.

        Raises ConfigurationError, and all is as it was.
        """
        apply_edit(self, edit)

    def change_optimizer(self, values: Mapping[str, Any]) -> None:
        """Go on with other hyperparameters of the same optimizer from the next step on.

        The learning rate is the one that is kept here too: the schedule makes the optimizer's own from it in every step.
        """
        for name, value in values.items():
            if name != "name":
                setattr(self.optimizer, name, value)
        self.learning_rate = values.get("learning_rate", self.learning_rate)
        self.configuration.optimizer = {**self.configuration.optimizer, **values}

    def change_data(self, data: Mapping[str, Any]) -> None:
        """Go on with other data from the next step on; begin `events` anew. Raises ConfigurationError, and all is as it was."""
        changed = configure({**self.configuration.as_dict(), "data": {**self.configuration.data, **data}}, self.folders)
        task = make_task(changed, self.folders)
        if (task.input_shape, task.output_shape) != (self.task.input_shape, self.task.output_shape):
            raise ConfigurationError("data", "the network was made for data of another shape; begin a new run")
        task.prepare(np.random.default_rng((self.configuration.seed_of_data, DATA_STREAM)))
        task.load_state_dict(self.task.state_dict())
        task.theta_before = self.theta_before
        self.task, self.configuration.data = task, changed.data
        self.steps_per_epoch = task.steps_per_epoch(self.configuration.examples_per_step)
        self.kept.forget_best(self.step)

    def events(self) -> Iterator[Event]:
        """Train step by step, from where the training is: a Metrics at step 0, in each of the first steps, then every
        `evaluate_every` steps and at the end; a Stepped in between.

        `change` may be called between two steps. Raises DivergedError where the loss is not finite any more.
        """
        if self.step == 0:
            self.kept.begin(0)
            row = self.first_metrics()
            self.observe(row)
            yield row
        batches = self.batches()
        while not self.finished:
            x, target = next(batches)
            try:
                prediction, value = self.update(x, target)
            except DivergedError as error:
                self.diverged = error
                raise
            self.last_loss = value
            self.losses.append(value)
            self.step += 1
            accuracy = self.task.accuracy(prediction, target)
            if accuracy is not None:
                self.accuracies.append(accuracy)
            self.kept.follow(self.step)
            if self.step == self.configuration.next_row(self.step - 1) or self.finished:
                row = self.metrics(mean(self.losses) or 0.0, mean(self.accuracies))
                self.losses, self.accuracies = [], []
                self.observe(row)
                yield row
            else:
                yield Stepped(self.step)

    def batches(self) -> Iterator[tuple[Array, Array]]:
        """Go through the batches that are still to come, and note where the rng stood when their epoch began."""
        while True:
            batches, place = self.go_to_place(), self.counted_from
            for step in count(self.steps_of_epoch):
                if self.counted_from != place:  # a step has another number of examples now
                    break
                if step % self.steps_per_epoch == 0:
                    self.epoch_rng = self.rng.bit_generator.state
                yield next(batches)

    def go_to_place(self) -> Iterator[tuple[Array, Array]]:
        """Go through the batches of this epoch that are done, so that the rng stands where the next one is drawn."""
        self.rng.bit_generator.state = self.rng_of_epoch()
        batches = self.task.batches(self.configuration.examples_per_step, self.rng)
        for _ in range(self.steps_of_epoch):
            next(batches)
        return batches

    def rng_of_epoch(self) -> Mapping[str, Any]:
        """Say where the rng stood when the epoch of the next step began; `batches` finds its place from there."""
        return self.epoch_rng if self.steps_of_epoch else self.rng.bit_generator.state

    def update(self, x: Array, target: Array) -> tuple[Array, float]:
        """Do one step:  predict, compare, go back, move.  Returns the prediction and the loss from before the move."""
        with np.errstate(over="ignore", invalid="ignore"):
            go_back = self.go_back if self.configuration.batches_per_step == 1 else self.go_back_by_parts
            prediction, value = go_back(x, target)
            self.move()
        return prediction, value

    def go_back(self, x: Array, target: Array) -> tuple[Array, float]:
        """Predict, compare, and bring the gradient of this batch into the network."""
        prediction = self.network.forward(x, training=True)
        value = self.loss.forward(prediction, target)
        if not math.isfinite(value):
            if not np.isfinite(self.network.theta).all():  # the loss of the last step was a number, its gradient none
                self.network.theta = self.theta_before
                self.kept.take_back()
            raise DivergedError(self.step + 1, value)
        self.network.backward(self.loss.backward(), dx=self.asked)
        return prediction, value

    def go_back_by_parts(self, x: Array, target: Array) -> tuple[Array, float]:
        """Do so for the batches of one step, and average their gradients, each by its share of the examples.

        That is the gradient of one batch of all of them, unless a layer measures its batch, as BatchNorm does, or the loss
        counts some examples less than others, as CrossEntropy does with class_weights or a target of −1.
        """
        size, gradient, total, predictions = self.configuration.batch_size, np.zeros_like(self.network.gradient), 0.0, []
        for start in range(0, len(x), size):
            prediction, value = self.go_back(x[start : start + size], target[start : start + size])
            share = len(prediction) / len(x)
            gradient += share * self.network.gradient
            if self.asked:
                self.last_gradient = self.network.gradient.copy()
            total += share * value
            predictions.append(prediction)
        self.network.gradient = gradient
        return np.concatenate(predictions), total

    def move(self) -> None:
        """Add the penalty to the gradient, clip it, and let the optimizer move theta by the learning rate of this step."""
        if self.regularizer:
            self.regularizer.add_gradients(self.network)
        if self.configuration.clip_norm is not None:
            clip_by_norm(self.network.gradient, self.configuration.clip_norm)
        self.optimizer.learning_rate = self.learning_rate * self.schedule.factor(self.step, self.configuration.steps)
        np.copyto(self.theta_before, self.network.theta)
        self.optimizer.step(self.network.theta, self.network.gradient)
        self.network.scale_step(self.theta_before)

    def metrics(self, loss: float, accuracy: float | None) -> Metrics:
        """Measure the network on the test data, or as much of them as a row may, and make a row."""
        x, target = self.task.x_test, self.task.target_test
        if (some := self.some_tested(len(x))) is not None:
            x, target = x[some], target[some]
        with self.kept.shown():
            test_loss, test_accuracy = self._measure(x, target)
            penalty = self.penalty()
        tested = None if some is None else len(some)
        last = (self.optimizer.learning_rate, norm(self.network.gradient)) if self.step else (None, None)
        self.row = Metrics(self.step, self.epoch, loss, test_loss, accuracy, test_accuracy, penalty, tested, *last)
        return self.row

    def observe(self, row: Metrics) -> None:
        """Tell those who wait for a better loss; what was measured on a part of the test data does not count."""
        if row.tested is None:
            loss = row.loss if row.test_loss is None else row.test_loss
            self.schedule.observe(row.step, loss)
            self.kept.observe(row.step, loss)

    def some_tested(self, n: int) -> Array | None:
        """Choose which of n test examples this row measures, evenly over all; None where it is all of them.

        Measuring takes about half the time at the most: no more forward passes than the steps since the row before needed.
        The last row of an epoch, and that of the run, measures all.
        """
        most = max(FEWEST_TESTED, FORWARDS * self.configuration.examples_per_step * len(self.losses))
        ends = self.step and (self.steps_of_epoch == 0 or self.finished)
        return None if n <= most or ends else np.arange(most) * n // most

    def penalty(self) -> float:
        """Compute what the regularizer adds to the loss now; 0 without one."""
        if not self.regularizer:
            return 0.0
        with np.errstate(over="ignore", invalid="ignore"):
            return self.regularizer.total(self.network)

    def first_metrics(self) -> Metrics:
        """Measure the untouched network."""
        loss, accuracy = self.measure(self.task.x[:FIRST_EXAMPLES], self.task.target[:FIRST_EXAMPLES])
        return self.metrics(loss or 0.0, accuracy)

    def measure(self, x: Array, target: Array) -> tuple[float | None, float | None]:
        """Give loss and accuracy over these examples, by the weights that count; None where there are none."""
        with self.shown():
            return self._measure(x, target)

    def _measure(self, x: Array, target: Array) -> tuple[float | None, float | None]:
        if not len(x):
            return None, None
        with np.errstate(over="ignore", invalid="ignore"):
            prediction = self.network.predict(self.task.to_input(x))
            wanted = self.task.to_target(target)
            return self.test_loss.forward(prediction, wanted), self.task.accuracy(prediction, wanted)

    def picture(self, name: str) -> Picture | None:
        """Look at the network: `name` is one of the task's pictures, where wanted with the number of an example or of the
        axes, as in "feature maps/7".

        Raises KeyError where the task has no such picture.
        """
        lent = nullcontext(self.network) if name in OF_LEARNING else self.shown()
        with np.errstate(over="ignore", invalid="ignore"), lent as network:
            picture = self.task.look(network, name)
        if picture is not None:
            picture.name, picture.step = name, self.step
        return picture

    def follow(self, drawing: Array | Strokes) -> Picture | None:
        """Follow what somebody drew, an image (H, W) or strokes, through the network."""
        with np.errstate(over="ignore", invalid="ignore"), self.shown() as network:
            picture = self.task.follow(network, drawing)
        if picture is not None:
            picture.name, picture.step = "drawn", self.step
        return picture

    def answer(self, x: Array) -> dict[str, Array]:
        """Say what the network gives for anything one may ask about (N, *asked_shape), for most tasks inputs: its outputs, and
        for classes the probabilities and the likeliest class of each.
        """
        with np.errstate(over="ignore", invalid="ignore"), self.shown() as network:
            outputs = network.predict(self.task.asked(x))
            if self.task.kind != "classes":
                return {"outputs": outputs}
            return {"outputs": outputs, "probabilities": softmax(outputs), "classes": outputs.argmax(axis=-1)}


def in_one_line(value: object) -> str:
    """Write a choice as a person reads it: {"name": "L2", "strength": 0.01} as "L2, strength 0.01"; a row without None."""
    if isinstance(value, Mapping):
        named = [str(value["name"])] if "name" in value else []
        return ", ".join([*named, *(f"{name} {in_one_line(of)}" for name, of in value.items() if name != "name")])
    if isinstance(value, Metrics):
        return in_one_line({name: of for name, of in vars(value).items() if of is not None and name != "step"})
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def mean(values: list[float]) -> float | None:
    """Average numbers; None where there are none."""
    return sum(values) / len(values) if values else None
