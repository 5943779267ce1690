"""What is measured of a network that trains, without touching it: one look, and all looks so far."""

import copy
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

from engine.arrays import Array
from engine.explain.chance import evenly
from engine.layers import Activation, Dense, Layer, Recurrent, Sigmoid, Tanh
from engine.layers.activations import ReLU
from engine.layers.variants import HardSigmoid, ThresholdedReLU
from engine.network import Network
from engine.pictures.layers import norm
from engine.tasks import Task
from engine.tasks.families.goal import Goal
from engine.training.events import Metrics
from engine.training.training import Training

MOST_LOOKS = 256
"""How many looks are kept; with more, every second one is forgotten, and the next come half as often."""
LOOKED_AT = 64
"""How many training examples a look follows through the network."""
WALKED = 8
"""How many of them a look follows back through time."""
NARROW, MANY = 4, 1_000_000
"""With so few units a hidden layer may be too small; how many there are where there is no hidden layer."""
BESIDE = 40
"""Beside how many earlier gradients one may leap out."""
TINY = 1e-12
"""Keeps divisions finite."""
SHORT, TIMES = 3e-4, (3, 10)
"""A third of a usual step, from which on it is tried whether more would be better; how many times as far."""
FLAT: dict[type[Layer], tuple[float, float]] = {Tanh: (-0.98, 0.98), Sigmoid: (0.02, 0.98), HardSigmoid: (1e-6, 1 - 1e-6)}
"""Beyond which answers an activation's slope is less than a twentieth of its steepest."""
SILENCING = (ReLU, ThresholdedReLU)
"""Activations that pass no gradient where they answer 0."""


@dataclass(frozen=True)
class Vitals:
    """What one look saw; arrays have a number for each of the network's layers, 0 where a layer has none such."""

    step: int
    loss: float
    """The mean of the batches' losses since the look before, without the penalty."""
    swing: float
    """Their standard deviation."""
    ratio: Array
    """‖Δθ‖ / ‖θ‖ of every layer's step, without what the decay takes: the median since the look before."""
    gradient: Array
    """‖∂L/∂θ‖ / √n of every layer with n parameters, as the optimizer was given it, in the last step."""
    size: Array
    """‖θ‖ of every layer before the last step."""
    moved: float
    """‖θ − θ₀‖ / ‖θ₀‖: how far all weights are from the first ones."""
    silent: Array
    """The share of the units of a ReLU that answer 0 to every example."""
    flat: Array
    """The share of the answers of a tanh or sigmoid that lie where its slope is nearly zero."""
    farther: tuple[float, float, int] | None
    """Where the steps are tiny: the loss of the examples looked at, that of so many times as far, and how many times."""
    through_time: float | None
    """‖∂L/∂x‖ of the first step of the rows over that of the last, at the first recurrent layer; None where nobody asked."""
    row: Metrics | None
    """The newest row of metrics."""


@dataclass
class Record:
    """What the doctor knows of a run: how it was set up, what its data allow, and what the looks saw."""

    training: Training
    baseline: float | None
    """The loss of the best answer that is always the same, whatever the input; None where nothing is like that."""
    test_baseline: float | None = None
    """What that same answer would have on the test data; None where there are none."""
    usual_size: Array = field(default_factory=lambda: np.zeros(0))
    """How long the weights of each layer usually are at first."""
    first: Metrics | None = None
    """The row before the first step; None where nobody looked then."""
    start: Vitals | None = None
    """The look before the first step."""
    gain: tuple[int, float] = (0, 0.0)
    """The layer whose first weights blow the signal up the most, and how much."""
    looks: list[Vitals] = field(default_factory=list)
    gradients: list[float] = field(default_factory=list)
    """‖∂L/∂θ‖ of the newest steps, of those that were measured."""
    early: list[float] = field(default_factory=list)
    """The first few of them."""
    leap: tuple[int, float, float] | None = None
    """The step whose gradient was the longest beside those before it, how long it was, and how long they usually were."""
    rows: list[Metrics] = field(default_factory=list)
    """The rows of metrics, of which every second one is forgotten where they are many."""
    lowest: Metrics | None = None
    """The row with the smallest test loss."""
    reached: bool = False
    """Whether the task's goal is reached, and not lost since."""
    straight: tuple[Task, float | None] | None = None
    """What the best straight line gets right of which data; None where nobody asked yet."""

    @property
    def step(self) -> int:
        """Say how far the run is."""
        return self.training.step

    @property
    def network(self) -> Network:
        """Give the network."""
        return self.training.network

    @property
    def goal(self) -> Goal | None:
        """Give what counts as learned in this task; None where it says nothing."""
        return getattr(self.training.task, "goal", None)

    @property
    def now(self) -> Vitals | None:
        """Give the newest look; None before the first."""
        return self.looks[-1] if self.looks else None

    @property
    def chance(self) -> float | None:
        """Give the loss of a network that has learned nothing: the baseline, or where there is none the first loss."""
        return self.baseline if self.baseline is not None else self.first.loss if self.first else None

    @property
    def level(self) -> float:
        """Give the newest loss as a share of that of a network that has learned nothing; 1 where it is not known."""
        if not self.looks or not self.chance:
            return 1.0
        return self.looks[-1].loss / self.chance

    @property
    def fading(self) -> float:
        """Say how many times smaller the gradient of the first layer is than the last one's: at first, or lately.

        Later the last layer's own gradient may be gone, too: it has learned what there is to learn without the others.
        """
        weighted = np.flatnonzero(self.usual_size)
        if len(weighted) < 3:
            return 1.0
        first, last = weighted[0], weighted[-1]

        def factor(looks: Iterable[Vitals], most: int) -> float:
            """Take the median over the first few of these that saw a gradient."""
            seen = islice((look.gradient for look in looks if look.gradient.any()), most)
            return median([float(g[last] / max(g[first], 1e-30)) for g in seen] or [1.0])

        return max(factor(self.looks, 2), factor(reversed(self.looks), 4))

    @property
    def narrow(self) -> bool:
        """Tell whether a hidden layer has so few units that the network may be too small."""
        return self.narrowest[1] <= NARROW

    @property
    def narrowest(self) -> tuple[int, int]:
        """Find the hidden layer with the fewest units, and count them; of the last layer the task says the units."""
        layers = [i for i, layer in enumerate(self.network.layers) if isinstance(layer, (Dense, Recurrent))][:-1]
        units = [(int(self.network.plans[i].output_shape[-1]), i) for i in layers]
        fewest, layer = min(units, default=(MANY, 0))
        return layer, fewest

    def heard(self, steps: int) -> None:
        """Look among the gradients of so many newest steps, each of which was measured, for one that leaps out."""
        new, past = self.gradients[-steps:], self.gradients[-steps - BESIDE : -steps]
        if len(new) < steps or len(past) < BESIDE // 2:
            return
        place, usual = int(np.argmax(new)), median(past)
        if usual > 0 and (self.leap is None or new[place] / usual > self.leap[1] / self.leap[2]):
            self.leap = self.step - steps + 1 + place, new[place], usual

    def before(self, step: int) -> Vitals | None:
        """Give the newest look that is no younger than this step was; None where there was none."""
        return next((look for look in reversed(self.looks) if look.step <= step), None)

    def lately(self, steps: int) -> list[Vitals]:
        """Give the looks of the newest steps."""
        return [look for look in self.looks if look.step > self.step - steps]

    def best(self) -> Vitals | None:
        """Give the look with the smallest loss."""
        return min(self.looks, key=lambda look: look.loss, default=None)

    def take(self, row: Metrics) -> None:
        """Keep a row of metrics, and see whether the goal is reached."""
        if row.step == 0:
            self.first = row
        if row.test_loss is not None and (self.lowest is None or row.test_loss < (self.lowest.test_loss or 0.0)):
            self.lowest = row
        self.rows.append(row)
        if len(self.rows) > 2 * MOST_LOOKS:
            self.rows = self.rows[:1] + self.rows[2::2]
        goal = self.goal
        if goal is None:
            return
        value = getattr(row, goal.column)
        value = value if value is not None else getattr(row, goal.column.removeprefix("test_"), None)
        if value is not None and row.step:
            needed = goal.lost if self.reached else goal.reached
            self.reached = value >= needed if goal.is_share else value <= needed


class Stethoscope:
    """Measures one training's network; it has arrays of its own, and leaves all others as they are."""

    def __init__(self, training: Training) -> None:
        """Choose the examples to look at."""
        self.training = training
        self.choose()
        self.parts = training.network.parts()
        self.weighted = [i for i, part in enumerate(self.parts) if part.stop > part.start]
        self.starts = np.array([self.parts[i].start for i in self.weighted], np.intp)
        self.recurrent = next((i for i, layer in enumerate(training.network.layers) if is_recurrent(layer)), None)
        self.copy: Network | None = None
        self.theta = training.network.theta.copy()
        self.seen = self.theta.copy()
        self.losses: list[float] = []
        self.ratios: list[Array] = []

    def choose(self) -> None:
        """Choose examples evenly over those for training."""
        self.task = task = self.training.task
        self.x, self.target = task.to_input(evenly(task.x, LOOKED_AT)), task.to_target(evenly(task.target, LOOKED_AT))

    @property
    def decay(self) -> float:
        """Give the share of the weights that the last step took without asking the data."""
        optimizer, regularizer = self.training.optimizer, self.training.regularizer
        strength = float(getattr(optimizer, "weight_decay", 0.0))
        if type(optimizer).__name__ == "SGD" and type(regularizer).__name__ == "L2":
            strength += float(getattr(regularizer, "strength", 0.0))
        return float(optimizer.learning_rate) * strength

    def norms(self, vector: Array) -> Array:
        """Compute the length of each layer's part of a vector as long as theta, for the layers that have parameters."""
        with np.errstate(over="ignore", invalid="ignore"):
            return np.sqrt(np.add.reduceat(vector * vector, self.starts))

    def feel(self) -> None:
        """Measure how far the last step went."""
        if not self.weighted:
            return
        theta, before = self.training.network.theta, self.training.theta_before
        with np.errstate(over="ignore", invalid="ignore"):
            moved = theta - before
            if self.decay:
                moved += self.decay * before
        self.ratios.append(self.norms(moved) / (self.norms(before) + TINY))

    def look(self, through_time: bool, farther: bool = False) -> Vitals:
        """Look at the network, where wanted back through time, and where tiny steps lead to."""
        training, network = self.training, self.training.network
        if self.training.task is not self.task:
            self.choose()
        layers = len(network.layers)
        ratio, gradient, size, silent, flat = (np.zeros(layers) for _ in range(5))
        if self.weighted:
            counts = np.array([self.parts[i].stop - self.parts[i].start for i in self.weighted])
            if self.ratios:
                ratio[self.weighted] = np.sort(np.array(self.ratios), axis=0)[len(self.ratios) // 2]
            gradient[self.weighted] = self.norms(network.gradient) / np.sqrt(counts)
            size[self.weighted] = self.norms(training.theta_before)
        with np.errstate(over="ignore", invalid="ignore"):
            for i, (layer, y) in enumerate(zip(network.layers, network.activations(self.x), strict=True)):
                if not isinstance(layer, (Activation, Recurrent)) or y.dtype.kind != "f":
                    continue
                if isinstance(layer, SILENCING):
                    silent[i] = np.mean(y.max(axis=tuple(range(y.ndim - 1))) <= 0)
                elif limits := FLAT.get(type(layer)):
                    flat[i] = np.mean((y < limits[0]) | (y > limits[1]))
            time = self.through_time() if through_time else None
            beyond = self.farther() if farther and 0 < ratio.max(initial=0.0) < SHORT else None
        np.copyto(self.seen, network.theta)
        losses = np.array(self.losses) if self.losses else np.array([np.nan])
        self.losses, self.ratios = [], []
        return Vitals(
            training.step,
            float(losses.mean()),
            float(losses.std()),
            ratio,
            gradient,
            size,
            norm(network.theta - self.theta) / max(norm(self.theta), TINY),
            silent,
            flat,
            beyond,
            time,
            training.row,
        )

    def copied(self) -> Network:
        """Give a copy of the network as it is now, with a loss of its own."""
        if self.copy is None:
            self.copy, self.loss = copy.deepcopy(self.training.network), copy.deepcopy(self.training.loss)
        self.copy.theta = self.training.network.theta
        for layer, original in zip(self.copy.walk(), self.training.network.walk(), strict=True):
            layer.state |= {name: value.copy() for name, value in original.state.items()}
        return self.copy

    def farther(self) -> tuple[float, float, int] | None:
        """Go on along the way since the look before, some times as far, and measure the loss there."""
        network, here = self.copied(), self.training.network.theta
        way, losses = here - self.seen, dict[int, float]()
        for times in (0, *TIMES):
            network.theta = here + times * way
            losses[times] = self.loss.forward(network.predict(self.x), self.target)
        best = min(TIMES, key=lambda times: losses[times])
        return losses[0], losses[best], best

    def through_time(self) -> float | None:
        """Go back through a copy of the network, and compare what reaches the first step of the rows with the last."""
        if self.recurrent is None:
            return None
        network = self.copied()
        prediction = network.forward(self.x[:WALKED])
        self.loss.forward(prediction, self.target[:WALKED])
        dy = self.loss.backward().astype(network.dtype)
        for layer in reversed(network.layers[self.recurrent :]):
            dy = layer.backward(layer.silence(dy))
        if dy.ndim != 3:
            return None
        first, last = norm(dy[:, 0]), norm(dy[:, -1])
        return first / last if last > 0 and math.isfinite(first) else None


def median(values: Sequence[float]) -> float:
    """Give the number in the middle, or the mean of the two there; no number where one of them is none.

    np.median says the same of arrays of any size, in twenty times as long.
    """
    ordered = sorted(values)
    middle = (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
    return math.nan if any(map(math.isnan, ordered)) else middle


def is_recurrent(layer: Layer) -> bool:
    """Tell whether a layer reads its rows step by step, itself or inside."""
    return any(isinstance(inner, Recurrent) for inner in layer.walk())


def fan_gains(network: Network) -> Iterator[tuple[int, float]]:
    """Give for every layer with weights how much larger its answers are than its inputs, at a guess:  rms(W) √fan_in.

    About 1 for xavier, 1.4 for he (Glorot & Bengio 2010; He et al. 2015).
    """
    for position, layer in enumerate(network.layers):
        for inner in layer.walk():
            for name in inner.weights:
                W = inner.parameters.get(name)
                if W is not None and not inner.inside and W.ndim > 1 and type(inner).__name__ != "Embedding":
                    yield position, float(np.sqrt(np.mean(W.astype(np.float64) ** 2)) * math.sqrt(math.prod(W.shape[:-1])))


def usual_sizes(network: Network) -> Array:
    """Give for every layer how long its weights would be where each had the variance 1 / fan_in:  ‖W‖ = √(numbers / fan_in)."""
    sizes = np.zeros(len(network.layers))
    for position, layer in enumerate(network.layers):
        for inner in layer.walk():
            for W in () if inner.inside else inner.parameters.values():
                sizes[position] += W.size / math.prod(W.shape[:-1]) if W.ndim > 1 else 0.0
    usual: Array = np.sqrt(sizes)
    return usual
