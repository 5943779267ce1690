"""Networks that several tasks begin with."""

from typing import Any


def dense_network(*units: int, activation: str = "Tanh") -> list[dict[str, Any]]:
    """Describe hidden dense layers, and an output layer that takes its width from the task."""
    hidden: list[dict[str, Any]] = []
    for n in units:
        hidden += [{"layer": "Dense", "units": n}, {"layer": activation}]
    return [*hidden, {"layer": "Dense"}]
