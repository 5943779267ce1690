"""Refuse what would not fit this server, before anything is allocated."""

from collections.abc import Sequence
from math import prod

from engine import Configuration, ConfigurationError
from engine.data.folders import DataFolders
from engine.layers.windows import AT_A_TIME
from engine.network import Plan
from engine.optimizers import OPTIMIZERS
from engine.training.check import plan_network
from engine.training.factory import make_layers, make_task
from server.settings import Settings

BYTES = 4
"""Training is in float32."""


def check_size(configuration: Configuration, settings: Settings, folders: DataFolders) -> None:
    """Raise a ConfigurationError that names the limit which the run would exceed."""
    task = make_task(configuration, folders)
    plans = plan_network(make_layers(configuration.network), task)
    parameters = sum(p.parameters for p in plans)
    if parameters > settings.max_parameters:
        largest = max(range(len(plans)), key=lambda i: plans[i].parameters)
        raise ConfigurationError(
            f"network.{largest}",
            f"the network would have {parameters:,} parameters, {plans[largest].parameters:,} of them "
            f"in layer {largest + 1}; this server allows {settings.max_parameters:,}",
        )
    points = configuration.data.get("points", 0)
    if points > settings.max_points:
        raise ConfigurationError(
            "data.points", f"points must be at most {settings.max_points:,} on this server, got {points:,}"
        )
    if configuration.steps > settings.max_steps:
        raise ConfigurationError(
            "steps", f"steps must be at most {settings.max_steps:,} on this server, got {configuration.steps:,}"
        )
    batch, examples = configuration.batch_size, configuration.examples_per_step
    if not configuration.data.get("fresh"):
        batch, examples = min(batch, task.examples), min(examples, task.examples)
    needed = memory_of_step(plans, batch, vectors_of_step(configuration))
    if examples > batch:  # all are drawn, and what was predicted for each is kept
        needed += BYTES * examples * (2 * prod(task.input_shape) + 3 * prod(task.output_shape))
    if needed > settings.max_memory:
        raise ConfigurationError(
            "batch_size",
            f"a step would need about {needed / 2**20:,.0f} MiB, this server allows "
            f"{settings.max_memory / 2**20:,.0f}; choose a smaller batch_size or a smaller network",
        )


def vectors_of_step(configuration: Configuration) -> int:
    """Count the vectors as long as theta that a step needs: theta before and after it, the gradient, those of the optimizer,
    and where they are wanted the gradient of several batches, and weights that are averaged or the best so far.
    """
    wanted = configuration.batches_per_step > 1, configuration.averaging, configuration.patience is not None
    return 3 + OPTIMIZERS[configuration.optimizer["name"]].vectors + 2 * sum(map(bool, wanted))


def memory_of_step(plans: Sequence[Plan], batch: int, vectors: int = 8) -> int:
    """Estimate the bytes that a step needs: what is measured is never more than 1.5 times that."""
    # what all layers keep of a batch from forward to backward, and what passes while the largest of them works
    activations = sum(p.kept for p in plans) + max(p.passing for p in plans)
    piece = AT_A_TIME if any(len(p.output_shape) == 3 for p in plans) else 0  # of a batch, on which layers of images work
    return BYTES * (batch * activations + vectors * sum(p.parameters for p in plans) + piece)
