"""ONNX's own node tests: what each gives to an operator, and what it wants back."""

import functools
import warnings
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
from onnx import helper
from onnx.backend.test.case.node import collect_testcases

import engine as nn

RTOL, ATOL = 1e-3, 1e-7
"""ONNX's own tolerances."""


class InexpressibleError(Exception):
    """Why our engine has nothing that does what a case asks for."""


@dataclass(frozen=True)
class Case:
    name: str
    operator: str
    attributes: dict[str, Any]
    inputs: list[Any]
    """By position; None where the case leaves one out."""
    outputs: dict[int, Any]
    """By position: those that the case wants."""

    def input(self, position: int) -> Any:
        return self.inputs[position] if position < len(self.inputs) else None

    def get(self, attribute: str, default: Any = None) -> Any:
        value = self.attributes.get(attribute, default)
        return value.decode() if isinstance(value, bytes) else value


@functools.cache
def cases() -> dict[str, list[Case]]:
    """All cases by operator. Those called _expanded hold the same numbers for the operator in pieces, and are left out."""
    found: dict[str, list[Case]] = defaultdict(list)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they divide by zero on purpose
        tests = collect_testcases(None)
    for test in tests:
        if "_expanded" in test.name:
            continue
        (node,) = test.model.graph.node
        arrays, answers = (iter(arrays) for arrays in test.data_sets[0])
        given = [next(arrays) if name else None for name in node.input]
        wanted = {i: next(answers) for i, name in enumerate(node.output) if name}
        attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        found[node.op_type].append(Case(test.name, node.op_type, attributes, given, wanted))
    return found


def through(
    x: np.ndarray,
    layers: list[nn.Layer],
    parameters: dict[nn.Layer, dict[str, Any]] | None = None,
    training: bool = False,
    dtype: Any = None,
) -> np.ndarray:
    """Send x (N, …) through a network of these layers, with these parameters."""
    network = nn.Network(layers, x.shape[1:], dtype=dtype or x.dtype)
    for layer, values in (parameters or {}).items():
        for name, value in values.items():
            setattr(layer, name, value)
    return network.forward(x, training)
