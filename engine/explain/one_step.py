"""One step of a run, done again from what the run kept: the real batch, dropout's real mask, every number to be asked."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from engine.arrays import Array, Shape
from engine.data.folders import DataFolders
from engine.expression import ALL, Expression, Quantities, dot, root
from engine.layers import Layer
from engine.training.checkpoint import is_at, random_states, unpack
from engine.training.training import Training


class OneStep:
    """Step t → t + 1 of a run, from its snapshot after step t: equal to what the run did, bit for bit.

    The network stands as it was in the step: its layers explain forward and backward with the weights from before the move, and
    the gradient of the loss alone. The optimizer has moved already, and explains that; theta_after is where it went.

    gradient of the loss → + ∂R/∂theta of the penalty → clipped → the optimizer's g → theta_after.

    Where a step averages several batches, the layers, their gradients and the loss are those of the last one.
    """

    def __init__(self, snapshot: bytes, folders: DataFolders | None = None, beside: Training | None = None) -> None:
        """Do the step, where there is a training beside with the data that it has loaded already.

        Raises ValueError where the bytes are no checkpoint, a DivergedError where the run ended in this step.
        """
        training = self.training = unpack(snapshot, folders, beside)
        training.explaining(True)
        self.network, self.loss, self.optimizer = training.network, training.loss, training.optimizer
        self.step = training.step
        self.x, self.target = next(training.batches())
        self.streams = random_states(training)
        """Where the layers' random numbers stood before the step."""
        self.theta_before = self.network.theta.copy()
        with np.errstate(over="ignore", invalid="ignore"):
            several = training.configuration.batches_per_step > 1
            go_back = training.go_back_by_parts if several else training.go_back
            self.prediction, self.value = go_back(self.x, self.target)
            self.loss_gradient = self.network.gradient.copy()
            self.batch_gradient = self.loss_gradient if training.last_gradient is None else training.last_gradient
            training.move()
        self.gradient, self.theta_after = self.network.gradient.copy(), self.network.theta.copy()
        self.network.theta, self.network.gradient = self.theta_before, self.loss_gradient
        self._quantities = self._passed_through()
        self.network.gradient = self.batch_gradient

    def equals(self, snapshot: bytes) -> bool:
        """Tell whether it came to the very bits that the run kept after this step: theta, and the optimizer's memory."""
        return is_at(snapshot, self.step + 1, self.theta_after, self.optimizer.state_dict())

    def parameters(self) -> Iterator[tuple[int, Layer, str, int, Shape]]:
        """Go through the parameters: position of the layer, the layer, name, place of its first number in theta, shape."""
        start = 0
        for position, layer in enumerate(self.network.layers):
            for name, value in layer.parameters.items():
                yield position, layer, name, start, value.shape
                start += value.size

    def place(self, position: int, name: str, index: tuple[int, ...]) -> int:
        """Say which number of theta a parameter's cell is:  step.place(0, "W", (2, 5))."""
        return self.network.place(position, name, index)

    def cell(self, k: int) -> tuple[int, str, tuple[int, ...]]:
        """Say which layer's cell the k-th number of theta is: position of the layer, name of the parameter, index."""
        for position, _, name, start, shape in self.parameters():
            if start <= k < start + int(np.prod(shape)):
                return position, name, tuple(int(i) for i in np.unravel_index(k - start, shape))
        raise ValueError(f"theta has numbers 0 to {self.network.theta.size - 1}, got {k}")

    def quantities(self) -> Quantities:
        """Give what the way from the loss's gradient to the optimizer's g passes through, in the order of theta.

        dL, of the loss; theta before; lambda, the penalty's strength; dR, what it adds; dtheta, both; norm and limit, where the
        gradient is clipped; g; theta_before and theta_after.
        """
        return Quantities(self._quantities)

    def _passed_through(self) -> Quantities:
        """Work them out, once: the step is done."""
        regularizer, limit = self.training.regularizer, self.training.configuration.clip_norm
        q = Quantities({"dL": self.loss_gradient, "theta_before": self.theta_before, "theta_after": self.theta_after})
        q["penalized"], both = self._penalized(), self.loss_gradient
        if regularizer:
            with np.errstate(over="ignore", invalid="ignore"):
                regularizer.add_gradients(self.network)
            both = self.network.gradient.copy()
            self.network.gradient = self.loss_gradient
            q["lambda"] = np.asarray(regularizer.strength)
        q |= {"dtheta": both, "g": self.gradient}
        if limit is not None:
            q |= {"limit": np.asarray(limit), "norm": np.asarray(float(np.linalg.norm(both)))}
        return q

    def _penalized(self) -> Array:
        """Mark the numbers of theta that the regularizer penalizes, where the network's gradient is that of the loss."""
        regularizer, gradient = self.training.regularizer, self.network.gradient
        if not regularizer:
            return np.zeros(gradient.shape, bool)
        gradient[...] = 0
        for _, dW in self.network.weights(regularizer.biases):
            dW[...] = 1
        marked: Array = gradient != 0
        self.network.gradient = self.loss_gradient
        return marked

    def explain(self, symbol: str, k: int) -> Expression:
        """Open one number between the loss's gradient and the new theta: "dtheta", "g", "norm" (any k) or "theta_after"."""
        if symbol == "theta_after":
            return self.explain_parameter(k)
        q = self.quantities()
        regularizer, norm = self.training.regularizer, q.get("norm")
        if symbol == "dtheta" and regularizer and q["penalized"][k]:
            inside = Quantities(q | {"W": self.theta_before})
            inside.named = lambda name: "theta_before" if name == "W" else name
            return q("dL", k) + regularizer.formulas(inside)["dR"](k)
        if symbol == "dtheta":
            return q("dL", k)
        if symbol == "norm" and norm is not None:
            return root(dot(q, ("dtheta", [ALL]), ("dtheta", [ALL])))
        if symbol == "g":
            return q("dtheta", k) * q("limit") / q("norm") if norm is not None and norm > q["limit"] else q("dtheta", k)
        if symbol in q:
            return q(symbol, *([k] if q[symbol].ndim else []))
        raise ValueError(f"a step has no quantity {symbol!r}; it has {', '.join(q)}")

    def explain_parameter(self, k: int) -> Expression:
        """Open the k-th parameter after the step: the optimizer's step, learning_rate_scale times as far."""
        moved, q = self.optimizer.explain(k), self.optimizer.quantities()
        scale = self.scale(k)
        return moved if scale == 1 else q("theta_before", k) + scale * (moved - q("theta_before", k))

    def scale(self, k: int) -> float:
        """Say how far the k-th parameter goes beside the others."""
        return next((scale for part, scale in self.network.scaled_parts() if part.start <= k < part.stop), 1.0)

    def explain_rate(self) -> Expression:
        """Open the learning rate of this step: the one that was chosen, times the schedule's factor."""
        chosen = Quantities({"learning_rate": np.asarray(self.training.learning_rate)})
        factor = self.training.schedule.explain(self.step, self.training.configuration.steps)
        return chosen("learning_rate") * factor

    def stops(self) -> list[dict[str, Any]]:
        """List the walk through the step: layers forward, the loss, layers backward, the update; each by what stands there."""
        layers = [{"layer": i, "name": type(layer).__name__} for i, layer in enumerate(self.network.layers)]
        loss = {"layer": None, "name": type(self.loss).__name__}
        there = [{"stop": "forward", **layer} for layer in layers] + [{"stop": "loss", **loss}]
        update = {"stop": "update", "layer": None, "name": type(self.optimizer).__name__}
        return [*there, *({"stop": "backward", **layer} for layer in reversed(layers)), update]
