"""The weights that count in place of those that learn: their average, and the best of all rows."""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np

from engine.arrays import Array
from engine.network import Network
from engine.training.configuration import Configuration


class KeptWeights:
    """Follows a network while it learns, and lends it other weights for as long as somebody looks.

    The average of theta after step t is  a ← a + max(1 − d, 1 / t) (θ − a):  the mean of all so far (Polyak & Juditsky 1992,
    Acceleration of stochastic approximation by averaging), which from step 1 / (1 − d) on forgets, with memory d. What layers
    keep beside theta (running averages) is taken as it is.

    The best weights are those of the row with the smallest loss so far: who waits `patience` steps in vain for a better one
    stops early (Prechelt 1998, Early stopping, but when?).
    """

    def __init__(self, network: Network, configuration: Configuration, step: int = 0) -> None:
        self.network, self.configuration = network, configuration
        self.begin(step)

    def begin(self, step: int) -> None:
        """Forget the past: nothing is averaged or measured before this step."""
        self.average: Array | None = self.network.theta.copy() if self.configuration.averaging else None
        self.average_before = self.average
        self.forget_best(step)

    def forget_best(self, step: int) -> None:
        """Wait anew for better weights from this step on."""
        self.best_loss, self.best_step = math.inf, step
        self.best: dict[str, Array] = {}

    def follow(self, step: int) -> None:
        """Let the average follow theta after this step."""
        if self.average is not None:
            average = self.network.theta - self.average
            average *= max(1 - self.configuration.averaging, 1 / step)
            average += self.average
            self.average_before, self.average = self.average, average

    def take_back(self) -> None:
        """Forget the last step that the average followed, where it went beyond all numbers."""
        self.average = self.average_before

    def observe(self, step: int, loss: float) -> None:
        """Keep the weights where a row says that they are the best so far."""
        if self.configuration.patience is not None and (step == 0 or loss < self.best_loss):
            self.best_loss, self.best_step = loss, step
            with self.shown():
                self.best = {name: array.copy() for name, array in held(self.network).items()}

    def has_waited(self, step: int) -> bool:
        """Tell whether nothing has become better for as long as one was ready to wait."""
        patience = self.configuration.patience
        return patience is not None and step - self.best_step >= patience

    def counting(self, best: bool) -> dict[str, Array]:
        """Give the arrays that count in place of the network's own; none where those do."""
        if best and self.best:
            return self.best
        return {} if self.average is None else {"theta": self.average}

    def adopt(self) -> None:
        """Leave the best weights, or their average, in the network for good."""
        put(held(self.network), self.counting(best=True))

    @contextmanager
    def shown(self, best: bool = False) -> Iterator[Network]:
        """Lend the network its average, where it has one, or its best weights; the ones that learn come back in the end."""
        shown, own = self.counting(best), held(self.network)
        learning = {name: own[name].copy() for name in shown}
        put(own, shown)
        try:
            yield self.network
        finally:
            put(own, learning)

    def state_dict(self) -> dict[str, Array]:
        """Give what is kept, for a checkpoint."""
        state = {} if self.average is None else {"average": self.average}
        if self.configuration.patience is not None:
            state |= {"best_loss": np.asarray(self.best_loss), "best_step": np.asarray(self.best_step)}
            state |= {f"best.{name}": array for name, array in self.best.items()}
        return state

    def load_state_dict(self, state: Mapping[str, Array], step: int) -> None:
        """Take back what `state_dict` gave; what it did not give begins with this step."""
        self.begin(step)
        if self.average is not None and "average" in state:
            np.copyto(self.average, state["average"])
        if self.configuration.patience is not None and "best_step" in state:
            self.best_loss, self.best_step = float(state["best_loss"]), int(state["best_step"])
            start = "best."
            self.best = {name.removeprefix(start): array for name, array in state.items() if name.startswith(start)}


def held(network: Network) -> dict[str, Array]:
    """Give theta, and what the layers keep beside it, by name: the arrays themselves."""
    states = ((f"state.{i}.{name}", value) for i, layer in enumerate(network.walk()) for name, value in layer.state.items())
    return {"theta": network.theta, **dict(states)}


def put(arrays: Mapping[str, Array], values: Mapping[str, Array]) -> None:
    """Copy the values into the arrays of the same name."""
    for name, value in values.items():
        np.copyto(arrays[name], value)
