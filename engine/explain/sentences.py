"""What is said of a stop or of a cell in words, for those who read or hear it, with the numbers of this step."""

from typing import Any

import numpy as np

from engine.arrays import in_words
from engine.explain.walk import Stop, Walk
from engine.expression import Expression, letter, number
from engine.hyperparameter import fields_of
from engine.layers import Layer
from engine.training.catalog import explain as said_of

AXES = {
    "W": {1: ("neuron",), 2: ("input", "neuron"), 3: ("row", "column", "channel"), 4: ("row", "column", "channel", "filter")},
    "x": {1: ("token",), 2: ("step", "feature"), 3: ("row", "column", "channel")},
}
"""How the axes of weights are called, and those of what goes through, behind the example; by their number."""
ATTENTION = {"Q": "place", "K": "place", "V": "place", "head": "place", "S": "asking place", "A": "asking place"}
LAST = {"S": "asked place", "A": "asked place"}
NAMES = {
    "x": "input", "y": "output", "dy": "the gradient that comes to output", "dx": "the gradient of input", "loss": "the loss",
    "g": "the gradient that the optimizer uses for parameter", "dL": "the gradient of the loss for parameter",
    "theta_before": "parameter", "theta_after": "the new parameter", "dtheta": "the gradient with the penalty for parameter",
    "m": "the mean gradient of parameter", "v": "the mean squared gradient of parameter", "norm": "the length of the gradient",
    "dR": "the pull of the penalty on parameter", "p": "the probability of class", "target": "the target",
    "eta": "the learning rate",
}  # fmt: skip
"""What the commonest symbols mean; the others are called by their letters."""


def axes_of(stop: Stop, symbol: str, dimensions: int, by_example: bool) -> list[str]:
    """Name the axes of a quantity."""
    base = symbol.rpartition(".")[2].removesuffix("_before")
    rest, kind = dimensions - by_example, type(stop.owner).__name__
    learned = base if isinstance(stop.owner, Layer) else ""
    learned = learned.removeprefix("d") if learned.removeprefix("d")[:1] in ("W", "U", "P", "b", "g") else learned
    names: tuple[str, ...] = ()
    if stop.layer is None and stop.way != "loss":
        names = ("parameter",) * rest
    elif not by_example and learned[:1] in ("W", "U") and rest in AXES["W"]:
        names = AXES["W"][rest] if learned[:1] == "W" else ("unit", "neuron")
        names = ("token", "feature") if kind == "Embedding" else names
    elif rest == 1:
        names = ("class",) if stop.way == "loss" else ("feature" if base in ("x", "dx") else "neuron",)
    elif rest == 3 and (base.removeprefix("d") in ATTENTION or kind == "MultiHeadAttention"):
        base = base.removeprefix("d")
        names = ("head", ATTENTION.get(base, "place"), LAST.get(base, "feature"))
    elif rest:
        names = AXES["x"].get(rest, tuple(f"axis {i + 1}" for i in range(rest)))
        if base in ("y", "dy") or (kind in ("RNN", "LSTM", "GRU", "Bidirectional") and base not in ("x", "dx")):
            names = (
                *names[:-1],
                {"feature": "unit", "channel": "filter" if kind.startswith("Conv") else "channel"}.get(names[-1], names[-1]),
            )
    return (["example"] if by_example else []) + list(names)


def title_of(stop: Stop) -> str:
    """Name a stop: Layer 1, Dense(12)."""
    if stop.layer is None:
        return {"loss": "Loss, ", "update": "Update, ", "penalty": "Penalty, ", "clipping": "Clipping"}[stop.way] + (
            type(stop.owner).__name__ if stop.owner is not None else ""
        )
    chosen = [getattr(stop.owner, field.name) for field in fields_of(stop.owner) if field.required and not field.holds_layers]
    inside = ", ".join(in_words(value) if isinstance(value, tuple) else str(value) for value in chosen)
    return f"Layer {stop.layer + 1}, {type(stop.owner).__name__}{f'({inside})' if inside else ''}"


def subject(walk: Walk, stop: Stop, symbol: str, index: tuple[int, ...]) -> str:
    """Name a cell as a person does: neuron 3 of layer 2."""
    by_example = walk.has_examples(stop, symbol)
    axes = axes_of(stop, symbol, walk.quantities(stop)[symbol].ndim, by_example)
    places = [f"{axis} {i}" for axis, i in zip(axes[by_example:], index[by_example:], strict=True)]
    if stop.layer is None and stop.way != "loss" and index:
        position, name, at = walk.step.cell(index[0])
        where = f"{letter(name)}{list(at)}".replace(" ", "") + f" of layer {position + 1}"
        said = NAMES.get(symbol, f"{letter(symbol)} of parameter")
        return f"{said} {where}"
    where = f" of layer {stop.layer + 1}" if stop.layer is not None else ""
    if symbol == "y" and places and stop.layer is not None:
        return f"{', '.join(reversed(places))}{where}"
    if symbol in NAMES:
        there = [place.rpartition(" ")[2] for place in places] if len(places) == 1 else places
        return " ".join([NAMES[symbol], ", ".join(there)]).rstrip() + where
    there = [f"at {', '.join(places)}"] if places else []
    return " ".join([letter(symbol), *there]) + where


def of_cell(walk: Walk, stop: Stop, symbol: str, index: tuple[int, ...], e: Expression) -> str:
    """Say a cell in one sentence:  Neuron 3 of layer 2: 0.31 · 0.52 − 1.1 · 0.20 = 0.84."""
    value, name = number(walk.value(stop, symbol, index)), subject(walk, stop, symbol, index)
    made = str(e)
    name = name if name.startswith(letter(symbol)) else name[:1].upper() + name[1:]
    said = f"{name} is {value}." if made == value or symbol not in walk.formulas(stop) else f"{name}: {made} = {value}."
    silenced = stop.owner.silenced if stop.layer is not None else None
    if silenced and symbol in ("y", "dy") and index[-1] in silenced:
        return f"{said} It is silenced: {'0 goes on' if symbol == 'y' else 'nothing comes back through it'}."
    return said


def of_stop(walk: Walk, stop: Stop, example: int) -> str:
    """Say what happens at a stop, with the numbers of this example."""
    own = OWN.get(type(stop.owner).__name__ if stop.owner is not None else "clipping")
    said = own(walk, stop, example) if own else ""
    if said:
        return said
    if stop.way == "penalty":
        strength = number(float(walk.quantities(stop)["lambda"]))
        return f"The penalty pulls every weight towards 0, with strength {strength}, and is added to the gradient of the loss."
    general = said_of(type(stop.owner))["help"] if stop.owner is not None else ""
    if stop.way == "backward":
        learned = ", ".join(letter(f"d{name}") for name in stop.owner.parameters)
        told = f", and tells its parameters where to go ({learned})" if learned else ""
        general = f"What comes back to the output of {type(stop.owner).__name__} goes on back from its input (dx){told}."
    symbol = walk.main(stop)
    array = walk.quantities(stop).get(symbol)
    if array is None or not array.size or stop.way == "update":
        return of_update(walk, stop, general) if stop.way == "update" else general
    return f"{general} {says_cell(walk, stop, example)}"


def of_update(walk: Walk, stop: Stop, general: str) -> str:
    """Say which parameter moved furthest."""
    q = walk.quantities(stop)
    if not q["theta_after"].size:
        return general
    (k,) = walk.largest(stop, "theta_after", 0)
    position, name, at = walk.step.cell(k)
    before, after = (number(float(q[symbol][k])) for symbol in ("theta_before", "theta_after"))
    where = f"{letter(name)}{list(at)}".replace(" ", "")
    return f"{general} Furthest went {where} of layer {position + 1}, from {before} to {after}."


def of_relu(walk: Walk, stop: Stop, example: int) -> str:
    """Count what a ReLU lets through."""
    through = walk.quantities(stop)["positive"][example]
    passed = f"{int(through.sum()):,} of {through.size:,}"
    if stop.way == "forward":
        return f"Of this example's {through.size:,} numbers, {int(through.sum()):,} are above 0 and go on; the others become 0."
    return f"The gradient comes back through {passed}, where the input was above 0; the others get 0."


def of_dropout(walk: Walk, stop: Stop, example: int) -> str:
    """Count what is dropped."""
    mask = walk.quantities(stop).get("mask")
    if mask is None:
        return ""
    dropped = int((mask[example] == 0).sum())
    scale = number(float(mask.max()))
    way = "the others are multiplied by" if stop.way == "forward" else "gets no gradient; that of the others is multiplied by"
    return f"This step's mask drops {dropped:,} of {mask[example].size:,} numbers; {way} {scale}."


def of_cross_entropy(walk: Walk, stop: Stop, example: int) -> str:
    """Say how surprised the network was."""
    q = walk.quantities(stop)
    target, p = q["target"][example], q["p"][example]
    if p.ndim != 1 or target < 0:
        return ""
    right = float(p[int(target)])
    surprise = number(float(-q["log_p"][example][int(target)]))
    name = dict(enumerate(walk.step.training.task.class_names)).get(int(target), str(int(target)))
    named = f"{int(target)}, {name}," if name != str(int(target)) else f"{int(target)},"
    return (
        f"The right class is {named} to which the network gave the probability {number(right)}: "
        f"−log {number(right)} = {surprise}. The mean over the batch is {number(float(q['loss']))}."
    )


def of_clipping(walk: Walk, stop: Stop, example: int) -> str:
    """Say whether the gradient is shortened."""
    norm, limit = (float(walk.quantities(stop)[name]) for name in ("norm", "limit"))
    if norm > limit:
        share = number(limit / norm)
        return f"The gradient is {number(norm)} long, more than {number(limit)}, so all of it is multiplied by {share}."
    return f"The gradient is {number(norm)} long, not more than {number(limit)}, so it stays as it is."


def of_lookup(walk: Walk, stop: Stop, example: int) -> str:
    """Say which rows were looked up."""
    tokens = walk.quantities(stop)["x"][example].reshape(-1)
    rows = ", ".join(str(int(token)) for token in tokens[:8]) + (" …" if len(tokens) > 8 else "")
    if stop.way == "forward":
        return f"This example looks up the rows {rows} of the table W."
    return f"Only the rows that the batch looked up get a gradient; this example's are {rows}."


def of_attention(walk: Walk, stop: Stop, example: int) -> str:
    """Say who looks at whom."""
    if stop.way != "forward":
        return ""
    A = walk.quantities(stop)["A"][example]
    head, asks, asked = (int(i) for i in np.unravel_index(int(np.argmax(A)), A.shape))
    share = number(float(A[head, asks, asked]))
    return f"In head {head} place {asks} looks most at place {asked}: {share} of what it reads comes from there."


def of_batch_norm(walk: Walk, stop: Stop, example: int) -> str:
    """Say by what a feature is measured."""
    q = walk.quantities(stop)
    if stop.way != "forward" or not q["mean"].size:
        return ""
    f = walk.start(stop, example)[-1]
    mean, variance = (number(float(q[name][f])) for name in ("mean", "variance"))
    gamma, beta = (number(float(q[name][f])) for name in ("gamma", "beta"))
    return (
        f"Over the batch's {int(q['m']):,} numbers feature {f} has the mean {mean} and the variance {variance}; "
        f"each is measured by them, then multiplied by γ = {gamma}, and β = {beta} is added."
    )


def of_lstm(walk: Walk, stop: Stop, example: int) -> str:
    """Say how much of a cell's past is left at the end."""
    f = walk.quantities(stop)["f"][example]
    if stop.way != "forward" or not f.size:
        return ""
    left = f.prod(axis=0)
    j = int(np.argmax(left))
    kept = number(float(left[j]))
    return f"Cell {j} forgets least: after all {len(f)} steps {kept} of what it held is left, the product of its forget gates."


def of_max_pool(walk: Walk, stop: Stop, example: int) -> str:
    """Say what passes."""
    rows, columns = (axis.size for axis in stop.owner.windows(walk.quantities(stop)["x"].shape[1:]))
    if stop.way == "forward":
        return f"Of each window of {rows} × {columns} pixels the largest goes on: {says_cell(walk, stop, example)}"
    return f"The gradient of each place goes back to the winner of its window alone: {says_cell(walk, stop, example)}"


def says_cell(walk: Walk, stop: Stop, example: int) -> str:
    """Say the cell that is opened first."""
    symbol, at = walk.main(stop), walk.start(stop, example)
    return of_cell(walk, stop, symbol, at, walk.open(stop, symbol, at))


OWN: dict[str, Any] = {
    "MultiHeadAttention": of_attention,
    "BatchNorm": of_batch_norm,
    "LSTM": of_lstm,
    "MaxPool2D": of_max_pool,
    "ReLU": of_relu,
    "Dropout": of_dropout,
    "CrossEntropy": of_cross_entropy,
    "clipping": of_clipping,
    "Embedding": of_lookup,
}
"""What is said in words of their own; all others say what their docstring and one of their cells say."""


def formula_of(walk: Walk, stop: Stop, backward: list[str]) -> list[str]:
    """Give the formula of a stop, line by line, as the docstring has it; on the way back what stands beside the lines.

    Where neither says one, it is that of a cell.
    """
    if stop.owner is None:
        return ["‖g‖ > limit:  g ← g · limit / ‖g‖"]
    lines = backward if stop.way == "backward" else said_of(type(stop.owner))["formula"].splitlines()
    q, main = walk.quantities(stop), walk.main(stop)
    if lines or main not in walk.formulas(stop) or not q[main].size:
        return lines
    at = tuple(min(1, length - 1) for length in q[main].shape)
    return [f"{q(main, *at).symbols()} = {walk.open(stop, main, at).symbols()}"]


def shapes_of(walk: Walk, stop: Stop) -> str:
    """Write the shapes of what goes in and comes out:  x (32, 2) · W (2, 12) + b (12,) → y (32, 12)."""
    q, main = walk.quantities(stop), walk.main(stop)
    into = [name for name in walk.sources(stop, main) if name in q and q[name].ndim]
    ends = (
        [main]
        if stop.way != "backward"
        else [name for name in walk.symbols(stop) if name == "dx" or name[1:] in stop.owner.parameters]
    )
    into = (
        list(dict.fromkeys(source for end in ends for source in walk.sources(stop, end) if source in q and q[source].ndim))
        or into
    )
    said = (
        [f"{letter(name)} {q[name].shape}" for name in into],
        [f"{letter(name)} {q[name].shape}" for name in ends if name in q],
    )
    return f"{', '.join(said[0])} → {', '.join(said[1])}"
