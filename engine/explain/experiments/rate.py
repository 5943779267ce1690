"""Find the rate: how far a step may go, before one trains."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from engine.data.folders import DataFolders
from engine.explain.experiments.outcome import Line, Outcome, Statement
from engine.explain.experiments.trial import SECONDS, Trial, chosen
from engine.explain.words import number
from engine.training.configuration import Configuration
from engine.training.events import Stepped
from engine.training.training import DivergedError, Training

NAME = "find the rate"
LOWEST, HIGHEST, STEPS = 1e-7, 10.0, 100
"""From which learning rate to which, in how many steps."""
SWEEP = 0.9
"""Which share of the time that may take."""
QUIET = 20
"""How many of the first steps are too short to change anything: what falls there is chance."""
WINDOW = 8
"""How many steps before and after a place count for how steep it is."""
MEMORY = 0.9
"""How much of the smoothed loss is from the steps before."""
EXPLODED = 4.0
"""How many times its smallest the smoothed loss must be so that it is over."""
BELOW_VALLEY = 10.0
"""How far below the valley the search for the suggestion begins."""
FACTOR = 10 ** (1 / 3)
"""How far the rates lie apart that are tried."""
STAGES = (60, 300, 1000)
"""How many steps every rate that is tried gets, first and later, as time allows."""
FEWEST = 15
"""How many it gets at least."""
LATE = 0.5
"""Which share of those steps, the last, counts for how good a rate is."""
EXPECTED = 5
"""How many rates are tried, usually."""
FELL = 0.02
"""By which share of the first loss a rate must have lowered it to be suggested."""
CLOSE = 3.0
"""Within which factor the chosen rate is as good as the suggested one."""


@dataclass(frozen=True)
class Tried:
    """A learning rate that was tried, for how many steps, and the mean loss of the last of them."""

    rate: float
    steps: int
    loss: float


def find_the_rate(
    of: Configuration | Training, folders: DataFolders | None = None, seconds: float = SECONDS
) -> Iterator[Stepped | Outcome]:
    """Train a copy with a learning rate that grows in each step, from 1e-7 to 10 in 100 steps, until its loss explodes:

    ηₜ = 1e-7 · (10 / 1e-7)^(t / 99).   The smoothed loss falls fastest at the steepest place, and is lowest in the valley,
    where steps are too long already. Smith (2017), Cyclical learning rates for training neural networks.
    The curve alone suggests a rate that is often far off, for what comes late had the steps before. So from a tenth of the
    valley on rates are tried, each for some steps from the very beginning and on the same batches, up and down until those on
    both sides are worse, then for more steps as time allows. The best that is not beside the edge is suggested.
    Yields a Stepped for every step of the copy, and in the end the Outcome, after so many seconds at the latest.
    """
    trial = Trial(of, folders)
    rates, losses, curve = list[float](), list[float](), list[float]()
    for rate, loss, smoothed in swept(trial, SWEEP * seconds):
        rates.append(rate)
        losses.append(loss)
        curve.append(smoothed)
        yield Stepped(trial.steps)
    if len(losses) <= QUIET:
        words = "Its loss is no number already at tiny learning rates: it is not the rate that is wrong."
        late = f"There was time for {len(losses)} steps only, too few to see anything."
        yield Outcome(
            NAME, [Statement("note", late) if trial.seconds > SWEEP * seconds else Statement("ill", words)], trial.steps
        )
        return
    exploded = len(losses) < STEPS and trial.seconds <= SWEEP * seconds
    valley = QUIET + int(np.argmin(curve[QUIET:]))
    steepest = place_of_steepest(curve, valley)
    tried = list[Tried]()
    for event in climbed(trial, rates[valley] / BELOW_VALLEY, seconds):
        if isinstance(event, Tried):
            tried.append(event)
        else:
            yield event
    last = [t for t in tried if t.steps == tried[-1].steps]
    best = safest(last, losses[0]) or Tried(float(f"{rates[valley] / BELOW_VALLEY:.2g}"), 0, curve[valley])
    suggestion = best.rate if best.loss < (1 - FELL) * losses[0] else None
    marks = {"steepest": rates[steepest], "valley": rates[valley]}
    rate = float(chosen(of).optimizer["learning_rate"])
    evidence = {**marks, "chosen": rate, "first loss": losses[0], "rates tried": float(len(last))}
    if suggestion is not None:
        marks["suggestion"] = evidence["suggestion"] = suggestion
    tries = sorted((t for t in last if math.isfinite(t.loss)), key=lambda t: t.rate)
    yield Outcome(
        NAME,
        [shape_of_curve(marks, rates[-1], exploded), suggested(suggestion, rate, best, len(last))],
        trial.steps,
        evidence,
        "learning rate",
        [
            Line("loss of each step", rates, losses),
            Line("smoothed", rates, curve),
            Line("each rate for itself", [t.rate for t in tries], [t.loss for t in tries]),
        ],
        marks,
        suggestion=suggestion,
    )


def swept(trial: Trial, until: float) -> Iterator[tuple[float, float, float]]:
    """Do a step at each rate, from the lowest to the highest; give the rate, the loss from before its step, and it smoothed:

    aₜ = β aₜ₋₁ + (1 − β) Lₜ,  divided by 1 − βᵗ, since it began at 0.
    """
    best, mean = math.inf, 0.0
    for t, batch in zip(range(STEPS), trial.begin(), strict=False):
        rate = trial.training.learning_rate = LOWEST * (HIGHEST / LOWEST) ** (t / (STEPS - 1))
        try:
            loss = trial.step(*batch)[1]
        except DivergedError:
            return
        mean = MEMORY * mean + (1 - MEMORY) * loss
        smoothed = mean / (1 - MEMORY ** (t + 1))
        yield rate, loss, smoothed
        best = min(best, smoothed)
        if smoothed > EXPLODED * best or trial.seconds > until:
            return


def climbed(trial: Trial, rate: float, until: float) -> Iterator[Stepped | Tried]:
    """Try a rate and two on either side, go to the best of them, and so on, until it has those around it.

    Then the same with more steps for each rate, from the best on, as long as there is time for it.
    """
    per_step, at = trial.seconds / max(trial.steps, 1), 0
    for stage in STAGES:
        fit = (until - trial.seconds) / per_step / EXPECTED
        if stage > STAGES[0] and not stage <= min(fit, trial.training.configuration.steps):
            return
        steps, found = int(min(stage, max(FEWEST, fit))), dict[int, float]()
        while True:
            for place in (at, at - 1, at + 1, at - 2, at + 2):
                one = float(f"{rate * FACTOR**place:.2g}")
                if place in found or not LOWEST <= one <= HIGHEST:
                    continue
                losses = list[float]()
                for loss in trial.losses(steps, one):
                    losses.append(loss)
                    yield Stepped(trial.steps)
                    if trial.seconds > until:
                        return
                found[place] = float(np.mean(losses[int((1 - LATE) * steps) :])) if len(losses) == steps else math.inf
                yield Tried(one, steps, found[place])
            best = min(found, key=lambda place: found[place], default=at)
            if best == at:
                break
            at = best


def safest(tried: Sequence[Tried], first: float) -> Tried | None:
    """Choose the rate whose loss is lowest among those from which the next larger one does not explode yet.

    Beside that edge chance decides whether a rate learns; the one below is nearly as good. None where none was tried.
    """
    order = sorted(tried, key=lambda t: t.rate)
    safe = [t for t, next_one in pairwise(order) if next_one.loss < first]
    return min(safe or order, key=lambda t: t.loss, default=None)


def place_of_steepest(curve: Sequence[float], valley: int) -> int:
    """Find where, on the way into the valley, a curve falls most from WINDOW places before to WINDOW places after."""
    last = len(curve) - 1
    places = range(QUIET, max(valley, QUIET + 1))
    return min(places, key=lambda i: curve[min(i + WINDOW, last)] - curve[i - WINDOW])


def shape_of_curve(marks: Mapping[str, float], last: float, explodes: bool) -> Statement:
    """Say what the curve shows."""
    steepest, valley = number(marks["steepest"]), number(marks["valley"])
    words = f"While the rate grows from 1e-7 on, the loss falls fastest at {steepest} and is lowest at {valley}"
    if explodes:
        return Statement("note", f"{words}; at {number(last)} it explodes.")
    if last < 0.99 * HIGHEST:
        return Statement("note", f"{words}; then the time was over, at {number(last)}.")
    return Statement("note", f"{words}, and up to {number(HIGHEST)} it does not explode.")


def suggested(suggestion: float | None, rate: float, best: Tried, tried: int) -> Statement:
    """Say which rate is suggested, and how far the chosen one is from it."""
    if suggestion is None:
        words = (
            f"No learning rate makes the loss fall within {best.steps or STEPS} steps: it takes longer, or it is not the rate."
        )
        return Statement("caution", words)
    how = "a tenth of where the curve is lowest"
    if best.steps:
        how = f"of {tried} rates, each for {best.steps} steps from the start, the best away from the edge"
        how += f" (loss {number(best.loss)})"
    words = f"Try {number(suggestion)}: {how}."
    if suggestion / CLOSE <= rate <= suggestion * CLOSE:
        return Statement("good", f"{words} The chosen rate, {number(rate)}, is near it.")
    times = number(float(f"{max(rate / suggestion, suggestion / rate):.2g}"))
    than = "larger" if rate > suggestion else "smaller"
    return Statement("note", f"{words} The chosen rate, {number(rate)}, is {times} times {than}.")
