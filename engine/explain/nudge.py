"""Is it true what back-propagation says of one weight? Move it a little to both sides, and look how the loss changes."""

from dataclasses import dataclass

import numpy as np

from engine.explain.one_step import OneStep
from engine.network import Network
from engine.training.factory import make_layers, make_loss

VERDICTS = ((1e-2, "wrong"), (1e-4, "doubtful"), (1e-7, "good"), (0.0, "fine"))
"""What an error of more than so much means, for float64 and a loss without corners there."""


@dataclass(frozen=True)
class Nudge:
    """A slope that was measured, beside the one that back-propagation computed, both in float64."""

    h: float
    above: float
    below: float
    measured: float
    computed: float
    error: float
    verdict: str


def nudge(step: OneStep, k: int, h: float = 6e-6) -> Nudge:
    """Measure ∂L/∂w of the k-th parameter, (L(w + h) − L(w − h)) / 2h, on the step's own batch with dropout's own mask.

    L is the loss alone, without a penalty. The error is relative, |measured − computed| / the larger of the two; 0 where both
    are below 1e-9, which is the difference's own rounding. Raises ValueError where there is no k-th parameter.
    """
    step.cell(k)
    training = step.training
    configuration = training.configuration
    network = Network(make_layers(configuration.network), training.task.input_shape, configuration.seed, np.float64)
    network.theta = step.theta_before
    loss, size = make_loss(configuration.loss), configuration.batch_size
    parts = [slice(start, start + size) for start in range(0, len(step.x), size)]  # one, unless a step averages several
    if configuration.batches_per_step == 1:
        parts = [slice(None)]

    def measure(change: float, back: bool = False) -> float:
        """Compute L with the weight moved; or ∂L/∂w."""
        for i, layer in enumerate(network.walk()):
            if layer.rng is not None:
                layer.rng.bit_generator.state = step.streams[str(i)]
        network.theta[k] = float(step.theta_before[k]) + change
        result = 0.0
        for part in parts:
            share = len(step.x[part]) / len(step.x)
            value = loss.forward(network.forward(step.x[part], training=True), step.target[part])
            if back:
                network.backward(loss.backward())
            result += share * float(network.gradient[k] if back else value)
        return result

    with np.errstate(over="ignore", invalid="ignore"):
        above, below, computed = measure(h), measure(-h), measure(0, back=True)
    measured = (above - below) / (2 * h)
    larger = max(abs(measured), abs(computed))
    error = abs(measured - computed) / larger if larger > 1e-9 else 0.0
    verdict = next(word for limit, word in VERDICTS if error > limit or limit == 0)
    return Nudge(h, above, below, measured, computed, error, verdict)
