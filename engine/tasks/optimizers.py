"""Optimizers: no data and no neurons, only a place on a surface and the ways down."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from engine.arrays import Array, Shape
from engine.data.surfaces import SURFACES, Landscape, heights, slopes
from engine.expression import Expression, Formulas, Quantities, expression, total
from engine.hyperparameter import choice
from engine.losses import Loss
from engine.network import Network
from engine.optimizers import SGD, AdaGrad, Adam, AdamW, Optimizer, RMSProp
from engine.pictures import Standings, Surface, observe_standings, observe_surface
from engine.tasks.families.goal import Goal
from engine.tasks.task import Task
from engine.tasks.task_picture import picture

LONGEST_TRAIL = 2000


@dataclass(eq=False)
class Height(Loss):
    """How high a place lies on a surface:  L = mean f(prediction).   prediction (N, 2);  target (N,): which of the SURFACES."""

    kinds: ClassVar[tuple[str, ...]] = ("places",)

    def forward(self, prediction: Array, target: Array) -> float:
        if prediction.shape[1:] != (2,) or target.shape != prediction.shape[:1]:
            raise ValueError(f"Height wants places (N, 2) and surfaces (N,), got {prediction.shape} and {target.shape}")
        self.places, self.names = prediction.copy(), [list(SURFACES)[int(k)] for k in target]
        return float(np.mean([heights(name, place[None])[0] for name, place in zip(self.names, prediction, strict=True)]))

    def backward(self) -> Array:
        d_places = [slopes(name, place[None])[0] for name, place in zip(self.names, self.places, strict=True)]
        return np.stack(d_places).astype(self.places.dtype) / len(self.places)

    def on_the_way(self, q: Quantities) -> dict[str, Array]:
        return {"N": np.asarray(len(q["y"]))}

    def formulas(self, q: Quantities) -> Formulas:
        def place(n: int) -> tuple[Landscape, Any, Any]:
            return SURFACES[self.names[n]], q("y", n, 0), q("y", n, 1)

        def height(n: int) -> Expression:
            surface, x, y = place(n)
            return written(surface.f(x, y))

        def slope(n: int, axis: int) -> Expression:
            surface, x, y = place(n)
            return written(surface.gradient(x, y)[axis])

        return {
            "loss": lambda: total(height(n) for n in range(len(self.names))) / q("N"),
            "dy": lambda n, axis: slope(n, axis) / q("N"),
        }


def written(formula: Any) -> Expression:
    """Take a surface's formula, worked out with cells in the place of numbers, out of the array that it may come in."""
    return expression(formula.item() if isinstance(formula, np.ndarray) else formula)


class Trail:
    """The places that an optimizer went through; when they become too many, every second one is forgotten."""

    def __init__(self) -> None:
        self.places: list[tuple[float, float]] = []
        self.every, self.seen = 1, 0

    def add(self, place: Array) -> None:
        """Remember a place (2,)."""
        if self.seen % self.every == 0:
            self.places.append((float(place[0]), float(place[1])))
        self.seen += 1
        if len(self.places) > LONGEST_TRAIL:
            self.places, self.every = self.places[::2], 2 * self.every

    def state(self) -> Array:
        """Give it as numbers: how many were seen, every how many is remembered, the places."""
        return np.array([self.seen, self.every, *(number for place in self.places for number in place)], np.float64)

    def load_state(self, state: Array) -> None:
        """Take back what `state` gave."""
        self.seen, self.every = int(state[0]), int(state[1])
        self.places = [(float(x), float(y)) for x, y in state[2:].reshape(-1, 2)]

    def array(self, now: Array) -> Array:
        """Give all places, and where it is now: (N, 2)."""
        return np.array([*self.places, now], np.float32)


class Rival:
    """Another optimizer on the same surface, from the same start."""

    def __init__(self, name: str, optimizer: Optimizer, start: tuple[float, float]) -> None:
        self.name, self.optimizer, self.theta, self.trail = name, optimizer, np.array(start), Trail()
        optimizer.start(self.theta)

    def step(self, surface: str) -> None:
        """Take one step, unless it has left for infinity."""
        self.trail.add(self.theta)
        before = self.theta.copy()
        with np.errstate(over="ignore", invalid="ignore"):
            self.optimizer.step(self.theta, slopes(surface, self.theta[None])[0])
        if not (np.abs(self.theta) < 1e6).all():
            self.theta = before


def rivals(surface: str) -> list[Rival]:
    """Make the usual optimizers, each with a learning rate that suits the surface."""
    gentle = {"rosenbrock": 5e-4, "beale": 5e-3, "saddle": 0.02, "ravine": 0.05}[surface]
    made: list[tuple[str, Optimizer]] = [
        ("SGD", SGD(gentle)),
        ("SGD + momentum", SGD(gentle / 2, momentum=0.9)),
        ("AdaGrad", AdaGrad(0.3)),
        ("RMSProp", RMSProp(0.01)),
        ("Adam", Adam(0.05)),
        ("AdamW", AdamW(0.05, weight_decay=0.05)),
    ]
    return [Rival(name, optimizer, SURFACES[surface].start) for name, optimizer in made]


@dataclass(eq=False)
class Optimizers(Task):
    """Two parameters, a place on the surface; the loss is the height there, and the optimizer walks down.

    The network is one embedding of width 2, whose only row is the place. It begins in Rosenbrock's valley.
    The defaults reach a height of 0.01 after about 600 steps, 0.2 s on one core. The page walks more slowly.
    """

    name: ClassVar[str] = "optimizers"
    seeded: ClassVar[bool] = False
    title: ClassVar[str] = "Optimizers"
    group: ClassVar[str] = "surfaces"
    kind: ClassVar[str] = "places"
    summary: ClassVar[str] = "One slope, and each takes another way down: who overshoots, who creeps, who gets stuck?"
    goal: ClassVar[Goal] = Goal("loss", 0.01, "It has come down to a height of {value}; compare the ways of the others.")
    losses: ClassVar[tuple[type[Loss], ...]] = (Height,)
    fixed_network: ClassVar[bool] = True
    defaults: ClassVar[Mapping[str, Any]] = {
        "network": [{"layer": "Embedding", "vocabulary": 1, "width": 2}, {"layer": "Flatten"}],
        "optimizer": {"name": "Adam", "learning_rate": 0.1},
        "loss": {"name": "Height"},
        "batch_size": 1,
        "steps": 2000,
        "evaluate_every": 5,
    }
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Ravine, SGD too fast": {"data": {"surface": "ravine"}, "optimizer": {"name": "SGD", "learning_rate": 0.19}},
        "Ravine, with momentum": {
            "data": {"surface": "ravine"},
            "optimizer": {"name": "SGD", "learning_rate": 0.02, "momentum": 0.9},
        },
        "Saddle": {"data": {"surface": "saddle"}},
        "Beale": {"data": {"surface": "beale"}},
    }
    watching_speed: ClassVar[int | None] = 60

    surface: str = choice("what to walk down", default="rosenbrock", among=tuple(SURFACES))
    beside: bool = choice("show the other optimizers on the same surface", default=True)

    @property
    def input_shape(self) -> Shape:
        return (1,)

    @property
    def outputs(self) -> int:
        return 2

    @property
    def tokens(self) -> int:
        return 1

    @property
    def examples(self) -> int:
        return 1

    def load(self, rng: np.random.Generator) -> None:
        self.x = np.zeros((1, 1), np.int64)
        self.target = np.array([list(SURFACES).index(self.surface)])
        self.x_test, self.target_test = self.x[:0], self.target[:0]
        self.rivals, self.trail = rivals(self.surface) if self.beside else [], Trail()

    def begin(self, network: Network) -> None:
        network.theta[:] = SURFACES[self.surface].start
        self.theta = network.theta

    def batches(self, batch_size: int, rng: np.random.Generator) -> Iterator[tuple[Array, Array]]:
        while True:
            self.trail.add(self.theta)
            for rival in self.rivals:
                rival.step(self.surface)
            yield self.x, self.target

    def state_dict(self) -> dict[str, Array]:
        state = {"trail": self.trail.state()}
        for i, rival in enumerate(self.rivals):
            state |= {f"{i}.theta": rival.theta, f"{i}.trail": rival.trail.state()}
            state |= {f"{i}.optimizer.{name}": value for name, value in rival.optimizer.state_dict().items()}
        return state

    def load_state_dict(self, state: Mapping[str, Array]) -> None:
        self.trail.load_state(state["trail"])
        for i, rival in enumerate(self.rivals):
            rival.theta = state[f"{i}.theta"].copy()
            rival.trail.load_state(state[f"{i}.trail"])
            start = f"{i}.optimizer."
            rival.optimizer.load_state_dict({name.removeprefix(start): state[name] for name in state if name.startswith(start)})

    @picture("surface")
    def surface_with_paths(self, network: Network) -> Surface:
        """Lay the ways of this run and of the others over the surface."""
        trails = [("this run", self.trail, network.theta), *((r.name, r.trail, r.theta) for r in self.rivals)]
        return observe_surface(self.surface, [(name, trail.array(now)) for name, trail, now in trails])

    @picture("optimizers")
    def standings(self, network: Network) -> Standings:
        """Compare how low this run and the others have come."""
        places = [("this run", network.theta), *((rival.name, rival.theta) for rival in self.rivals)]
        return observe_standings(self.surface, places)
