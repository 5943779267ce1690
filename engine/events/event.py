"""What every event is: a row of metrics, that a step is done, or a picture."""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from engine.arrays import Array


@dataclass(frozen=True)
class Stepped:
    """One step is done, and there is nothing else to say."""

    step: int


@dataclass(frozen=True)
class Metrics:
    """A row of the log.

    loss and accuracy are means over the training batches since the row before (for step 0: of the untouched network
    on the first training examples); test_loss and test_accuracy are the network's after this very step. The loss is
    without the regularizer's penalty. What a task does not have is None.
    """

    step: int
    epoch: float
    loss: float
    test_loss: float | None
    accuracy: float | None
    test_accuracy: float | None


@dataclass
class Picture:
    """What a probe saw at one step of a run."""

    view: ClassVar[str]
    name: str = field(kw_only=True, default="")
    step: int = field(kw_only=True, default=0)


def signed_bytes(values: Array) -> tuple[Array, Array]:
    """Keep arrays (n, …) as bytes around 128, each on its own scale; return the bytes and the scales (n,)."""
    rows = values.reshape(len(values), -1)
    scale = np.abs(np.nan_to_num(rows)).max(axis=1, initial=0) + 1e-12
    unit = np.clip(np.nan_to_num(rows) / scale[:, None], -1, 1)
    return (128 + 127 * unit).round().astype(np.uint8).reshape(values.shape), scale.astype(np.float32)
