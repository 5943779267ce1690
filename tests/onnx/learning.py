"""How ONNX's losses and optimizers become ours."""

from collections.abc import Callable

import numpy as np

import engine as nn
from tests.onnx.cases import Case, InexpressibleError, through
from tests.onnx.layers import Outputs, first, last


def cross_entropy(case: Case) -> Outputs:
    x, target, weights = case.input(0), case.input(1), case.input(2)
    reduction = case.get("reduction", "mean")
    if reduction == "sum":
        raise InexpressibleError("our CrossEntropy is a mean over the batch, not a sum")
    if reduction == "none" and weights is not None:
        raise InexpressibleError("our CrossEntropy weighs examples against each other, so one alone counts as 1")
    loss = nn.CrossEntropy(class_weights=None if weights is None else tuple(map(float, weights)))
    logits, classes = last(x).reshape(-1, x.shape[1]), np.where(target == case.get("ignore_index"), -1, target).reshape(-1)
    if reduction == "mean":
        value = np.asarray(loss.forward(logits, classes), x.dtype)
    else:
        rows = zip(logits, classes, strict=True)
        value = np.array([loss.forward(z[None], k[None]) for z, k in rows], x.dtype).reshape(target.shape)
    return [value, first(through(last(x), [nn.LogSoftmax()])) if 1 in case.outputs else None]


def optimize(make: Callable[[Case, float], tuple[nn.Optimizer, list[str]]]) -> Callable[[Case], Outputs]:
    """One step; `make` gives our optimizer for a learning rate, and the names of the memories that theirs hands over."""

    def step(case: Case) -> Outputs:
        rate, t = float(case.inputs[0]), int(case.inputs[1])
        if t:
            raise InexpressibleError("our optimizers count their steps from the start")
        optimizer, memories = make(case, rate)
        parts = case.inputs[2:]
        count = len(parts) // (2 + len(memories))
        theta, gradient, *past = (np.concatenate(parts[i * count : (i + 1) * count]) for i in range(2 + len(memories)))
        nn.L2(case.get("norm_coefficient", 0.0)).add_gradient(theta, gradient)
        optimizer.start(theta)
        optimizer.load_state_dict(dict(zip(memories, past, strict=True)))
        optimizer.step(theta, gradient)
        ends = np.cumsum([len(part) for part in parts[:count]])[:-1]
        state = optimizer.state_dict()
        return [piece for vector in (theta, *(state[name] for name in memories)) for piece in np.split(vector, ends)]

    return step


def adagrad(case: Case, rate: float) -> tuple[nn.Optimizer, list[str]]:
    return nn.AdaGrad(rate, epsilon=case.get("epsilon", 0.0)), ["total"]


def adam(case: Case, rate: float) -> tuple[nn.Optimizer, list[str]]:
    """Theirs corrects no bias in the first step; with another η and ε ours undoes its correction."""
    beta1, beta2 = case.get("alpha"), case.get("beta")
    root = (1 - beta2) ** 0.5
    return nn.Adam(rate * (1 - beta1) / root, beta1, beta2, case.get("epsilon") / root), ["m", "v"]


def momentum(case: Case, rate: float) -> tuple[nn.Optimizer, list[str]]:
    return nn.SGD(rate, momentum=case.get("alpha"), nesterov=case.get("mode") == "nesterov"), ["velocity"]
