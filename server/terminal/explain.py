"""nn-basics explain: one step of a training with all its numbers, as text."""

import argparse
from collections.abc import Iterator
from typing import Any

import numpy as np

from engine import Training
from engine.arrays import Array, in_words
from engine.explain.one_step import OneStep
from engine.expression import Expression, Formulas, Quantities, number
from engine.layers import Layer
from engine.training.checkpoint import pack
from server.storage.folders import data_folders, default_home
from server.terminal.train import add_choices, checked_request


def add_command(commands: Any) -> None:
    """Describe the command `explain`."""
    command = commands.add_parser(
        "explain",
        help="print the numbers of one example's way through a step, forward, back and update, each with its formula",
    )
    add_choices(command)
    command.add_argument("--step", type=int, default=0, help="how many steps are done before (default: 0)")
    command.add_argument("--example", type=int, default=0, help="which example of this step's batch, from 0 (default: 0)")
    command.add_argument("--cells", type=int, default=48, help="how many numbers of an array are printed (default: 48)")
    command.set_defaults(run=run_explanation)


def run_explanation(options: argparse.Namespace) -> int:
    """Train up to the step, do it again from a snapshot, and print it."""
    folders = data_folders(default_home())
    configuration = checked_request(options, folders)
    if not 0 <= options.step < configuration.steps:
        raise ValueError(f"--step must be a number from 0 to {configuration.steps - 1}, got {options.step}")
    if options.cells < 1:
        raise ValueError(f"--cells must be a number of at least 1, got {options.cells}")
    training = Training(configuration, folders)
    events = training.events()
    while training.step < options.step:
        next(events)
    step = OneStep(pack(training), folders)
    if not 0 <= options.example < len(step.prediction):
        raise ValueError(f"--example must be a number from 0 to {len(step.prediction) - 1}, got {options.example}")
    for line in lines_of(step, options.example, options.cells):
        print(line)
    return 0


def lines_of(step: OneStep, example: int, most: int) -> Iterator[str]:
    """Go through the stops of a step: forward and back for one example of its batch, then the update."""
    configuration = step.training.configuration
    examples = len(step.prediction)
    yield f"{configuration.task}, step {step.step} → {step.step + 1}, example {example} of the {examples} of its batch"
    yield from cells(step.network.layers[0].quantities(), {}, "x", example, examples, most)
    for stop in step.stops():
        yield ""
        if stop["stop"] == "update":
            yield from update(step)
            return
        position = stop["layer"]
        if position is None:
            yield f"loss: {headline(step.loss)}"
            q = step.loss.quantities()
            formulas = step.loss.formulas(q)
            for symbol in (*(name for name in formulas if name not in ("loss", "dy")), "loss", "dy"):
                yield from cells(q, formulas, symbol, example, examples, most)
            continue
        layer = step.network.layers[position]
        yield f"{stop['stop']}, layer {position + 1}, {headline(layer)}"
        yield from of_layer(layer, stop["stop"] == "backward", example, examples, most)


def headline(thing: object) -> str:
    """Name a layer or a loss, with its first sentence."""
    return f"{type(thing).__name__}: {(type(thing).__doc__ or '').strip().splitlines()[0]}"


def of_layer(layer: Layer, back: bool, example: int, examples: int, most: int) -> Iterator[str]:
    """Print what a layer computes on the way there, or on the way back."""
    q = layer.quantities()
    formulas = layer.formulas(q)
    derivatives = {name for name in q if name.startswith("d") and name != "d" and name[1:] in q}
    learned = {*layer.parameters, *(f"d{name}" for name in layer.parameters)}
    for symbol in q:
        if symbol in formulas and (symbol in derivatives) == back:
            yield from cells(q, formulas, symbol, example, 0 if symbol in learned else examples, most)


def cells(q: Quantities, formulas: Formulas, symbol: str, example: int, examples: int, most: int) -> Iterator[str]:
    """Print the numbers of one array, of this example where it has one row for each; each with its formula."""
    array: Array = q[symbol]
    chosen = array[example : example + 1] if array.ndim and len(array) == examples else array
    first = example if chosen is not array else 0
    for count, at in enumerate(np.ndindex(chosen.shape)):
        if count == most:
            yield f"  … {chosen.size - most:,} more of {symbol}, {in_words(chosen.shape)} (--cells prints more)"
            return
        place = (at[0] + first, *at[1:]) if at else ()
        e = formulas[symbol](*place) if symbol in formulas else q(symbol, *place)
        made = str(e) if symbol in formulas else ""
        name, value = q(symbol, *place).symbols(), number(float(array[place]))
        yield f"  {name} = {made} = {value}" if made and made != value else f"  {name} = {value}"


def update(step: OneStep) -> Iterator[str]:
    """Print, of each array of parameters, the one that moved furthest."""
    yield f"update: {headline(step.optimizer)}"
    yield f"  learning rate = {step.explain_rate()}"
    q, moved = step.quantities(), np.abs(step.theta_after - step.theta_before)
    for position, _, name, start, shape in step.parameters():
        k = start + int(np.argmax(moved[start : start + int(np.prod(shape))]))
        _, _, at = step.cell(k)
        yield f"  layer {position + 1}, {name}{list(at)}, which moved furthest:"
        for symbol in ("dtheta", "g"):
            yield equation(q(symbol, k).symbols(), step.explain(symbol, k), q[symbol][k])
        of_optimizer = step.optimizer.quantities()
        for symbol in step.optimizer.formulas(of_optimizer):
            if symbol != "theta" and of_optimizer[symbol].ndim:
                value = of_optimizer[symbol][k]
                yield equation(of_optimizer(symbol, k).symbols(), step.optimizer.explain(k, symbol), value)
        yield equation(of_optimizer("theta", k).symbols(), step.explain("theta_after", k), step.theta_after[k])


def equation(name: str, e: Expression, value: float) -> str:
    """Write what a number is made of, with symbols and with numbers."""
    written = number(float(value))
    made = "" if str(e) == written else f" = {e}"
    return f"    {name} = {e.symbols()}{made} = {written}"
