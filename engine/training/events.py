"""What training yields: that a step is done, or a row of metrics."""

from dataclasses import dataclass, replace
from typing import Annotated, get_type_hints


@dataclass(frozen=True)
class Stepped:
    """One step is done, and there is nothing else to say."""

    step: int


@dataclass(frozen=True)
class Column:
    """A column of the log: what it is called, the chart that it belongs to, of the test data or not, a share of 1 or not."""

    title: str
    chart: str | None = None
    test: bool = False
    share: bool = False
    name: str = ""
    """The field of Metrics that declares it."""


@dataclass(frozen=True)
class Metrics:
    """A row of the log; a field that says its Column is kept there.

    loss and accuracy are means over the training batches since the row before (for step 0: of the untouched network
    on the first training examples); test_loss and test_accuracy are the network's after this very step. The loss is
    without the regularizer's penalty, which stands beside it: after this very step, 0 without a regularizer, and what is
    minimized is loss + penalty. What a task does not have is None. tested counts the test examples that were measured where
    a row had no time for all of them; None where it was all. learning_rate and gradient_norm are the last step's: the rate
    after its schedule, and  ‖∂L/∂θ‖ = √Σ (∂L/∂θ)²  as the optimizer was given it; None before the first step.
    """

    step: Annotated[int, Column("step")]
    epoch: float
    loss: Annotated[float, Column("loss", chart="loss")]
    test_loss: Annotated[float | None, Column("test loss", chart="loss", test=True)]
    accuracy: Annotated[float | None, Column("accuracy", chart="accuracy", share=True)]
    test_accuracy: Annotated[float | None, Column("test accuracy", chart="accuracy", test=True, share=True)]
    penalty: Annotated[float, Column("penalty", chart="loss")]
    tested: Annotated[int | None, Column("test examples measured, where not all")] = None
    learning_rate: Annotated[float | None, Column("learning rate", chart="learning rate")] = None
    gradient_norm: Annotated[float | None, Column("gradient norm", chart="gradient norm")] = None


COLUMNS: tuple[Column, ...] = tuple(
    replace(column, name=name)
    for name, hint in get_type_hints(Metrics, include_extras=True).items()
    for column in getattr(hint, "__metadata__", ())
)
"""The columns of the log, in the order in which they go over the wire."""

Event = Stepped | Metrics
