"""Check-up: what can be known of a network before it is trained."""

from collections.abc import Iterator

import numpy as np

from engine.arrays import Array
from engine.data.folders import DataFolders
from engine.explain.chance import unsure_loss
from engine.explain.experiments.outcome import Line, Outcome, Spread, Statement
from engine.explain.experiments.trial import SECONDS, Trial, chosen
from engine.explain.words import number, percent
from engine.network import PREDICT_NUMBERS
from engine.tasks import TASKS
from engine.training.configuration import Configuration
from engine.training.events import Stepped
from engine.training.training import Training

NAME = "check-up"
EXAMPLES = 256
"""How many training examples the untrained network answers."""
SURE, TOO_SURE = 1.5, 3.0
"""How many times the loss of one who knows nothing an untrained network may have, and from where on that is bad."""
FAR_OFF = 10.0
"""The same where it has numbers to give: there is no scale that first weights could know."""
FADED, GROWN = 1e-3, 1e3
"""Which share of the inputs' spread the last layers must keep, and how much they may make of it."""
STEPS, LAST = 100, 20
"""How long it learns with inputs and without, and how many of the last steps are compared."""
CLEARLY = 0.02
"""By which share of the first loss inputs must help to be seen."""


def check_up(
    of: Configuration | Training, folders: DataFolders | None = None, seconds: float = SECONDS
) -> Iterator[Stepped | Outcome]:
    """Ask three things of an untrained copy: is it unsure, does what it sees arrive at its end, do its inputs help it?

    Unsure, its loss is ln K for K classes, or what the mean answer would have. What arrives is the spread of each layer's
    outputs over the examples. Inputs help where some steps on them end with a lower loss than the same steps on zeros.
    Yields a Stepped for every step of the copy, and in the end the Outcome, after so many seconds at the latest.
    Karpathy (2019), A recipe for training neural networks.
    """
    if TASKS[chosen(of).task].kind == "places":
        words = "There is nothing to check: a place on a surface has no examples, no classes and no layers."
        yield Outcome(NAME, [Statement("note", words)])
        return
    trial = Trial(of, folders, regularizer=None)
    trial.drop_nothing()
    x, target = first_examples(trial)
    loss, floor, unsure = unsureness(trial, x, target)
    spreads = [*spread_of_layers(trial.training, x)]
    statements = [unsure, arriving(spreads)]
    seeing, blind = list[float](), list[float]()
    for gathered, until in (seeing, (trial.seconds + seconds) / 2), (blind, seconds):
        empty = gathered is blind
        for value in trial.losses(len(seeing) if empty else STEPS, empty=empty):
            gathered.append(value)
            yield Stepped(trial.steps)
            if trial.seconds > until:
                break
    rows = {"with its inputs": seeing, "with empty inputs": blind}
    yield Outcome(
        NAME,
        [*statements, helpful(seeing, blind, loss)],
        trial.steps,
        {"untrained loss": loss, "loss of one who knows nothing": floor},
        lines=[Line(name, [*map(float, range(1, len(y) + 1))], y) for name, y in rows.items()],
        layers=spreads,
    )


def first_examples(trial: Trial) -> tuple[Array, Array]:
    """Draw some training examples, as the first batch of a run is drawn: fewer where the layers hold much of each."""
    training = trial.training
    trial.begin()
    fits = PREDICT_NUMBERS // sum(plan.memory for plan in training.network.plans)
    return next(training.task.batches(max(2, min(EXAMPLES, fits)), training.rng))


def unsureness(trial: Trial, x: Array, target: Array) -> tuple[float, float, Statement]:
    """Compare the untrained loss with that of one who knows nothing: all classes alike, or always the mean."""
    task, loss = trial.training.task, trial.training.loss
    with np.errstate(over="ignore", invalid="ignore"):
        prediction = trial.training.network.predict(x)
        first = loss.forward(prediction, target)
    floor = unsure_loss(task, loss, target, prediction.shape[1:])
    if task.kind == "numbers":
        who = "always giving the mean would have {}"
    elif task.kind == "shares":
        who = "one half everywhere would have ln 2 = {}"
    else:
        who = f"all {task.outputs} classes alike would have ln {task.outputs} = {{}}"
    words = f"Untrained, its loss is {number(first)}; {who.format(number(floor))}"
    unsure, sure = (FAR_OFF, FAR_OFF) if task.kind == "numbers" else (SURE, TOO_SURE)
    if first <= unsure * floor:
        return first, floor, Statement("good", f"{words}: it is not sure of anything yet.")
    if first <= sure * floor:
        return first, floor, Statement("note", f"{words}: it begins with opinions, which it has to unlearn first.")
    return first, floor, Statement("ill", f"{words}: it is sure, and wrong. Its first weights are too large.")


def spread_of_layers(training: Training, x: Array) -> Iterator[Spread]:
    """Measure how far apart each layer's outputs are for different examples:  √ mean over units of the variance over them."""
    with np.errstate(over="ignore", invalid="ignore"):
        y = x.astype(training.network.dtype) if x.dtype.kind == "f" else x
        yield Spread(-1, "input", spread(y))
        for position, layer in enumerate(training.network.layers):
            y = layer.silence(layer.forward(y, training=True))  # so that a BatchNorm measures these examples
            yield Spread(position, type(layer).__name__, spread(y))


def spread(y: Array) -> float:
    """Compute  √ mean over units of the variance over examples."""
    return float(np.sqrt(y.var(axis=0, dtype=np.float64).mean()))


def arriving(spreads: list[Spread]) -> Statement:
    """Say whether different inputs still make a difference where the network ends."""
    first, last = spreads[0], spreads[-1]
    if not last.spread:
        zero = next(s for s in spreads[1:] if not s.spread)
        words = f"From layer {zero.layer + 1} ({zero.name}) on, all examples get the same answer: nothing of the input arrives."
        return Statement("ill", words)
    ratio = last.spread / (first.spread or 1.0)
    kept = f"Answers to different inputs lie {number(last.spread)} apart at the end, the inputs {number(first.spread)}"
    if ratio < FADED:
        return Statement("caution", f"{kept}: only {percent(ratio)} of the differences arrives, and as little comes back.")
    if not ratio < GROWN:
        return Statement("caution", f"{kept}: the layers make differences {number(ratio)} times as large.")
    return Statement("good", f"{kept}: what it sees arrives.")


def helpful(with_inputs: list[float], without: list[float], first: float) -> Statement:
    """Compare what was learned with inputs and without."""
    steps = min(len(with_inputs), len(without))
    if not steps:
        return Statement("ill", "At this learning rate the very first step ends in a loss that is no number.")
    last = slice(max(0, steps - LAST), steps)
    seeing, blind = float(np.mean(with_inputs[last])), float(np.mean(without[last]))
    said = f"After {steps} steps its loss is {number(seeing)}, with empty inputs {number(blind)}"
    if blind - seeing > CLEARLY * first:
        return Statement("good", f"{said}: it learns from what it sees.")
    if first - seeing < CLEARLY * first:
        return Statement("note", f"{said}: it has learned too little by then to tell whether its inputs help.")
    return Statement("caution", f"{said}: so far the inputs do not help. Do they belong to the answers?")
