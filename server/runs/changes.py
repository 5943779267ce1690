"""What may change about a run that is there already; asked for in the run's own thread, so it happens between two steps."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import engine as nn
from engine import ConfigurationError, Training
from engine.training.checkpoint import merged
from engine.training.weights import load_arrays
from server.runs.rate_limiter import RateLimiter
from server.runs.run import ConflictError, Run
from server.runs.status import ENDED, REOPENABLE, Status


def tune(run: Run, changes: dict[str, Any]) -> None:
    """Change optimizer fields, data, steps, speed, name or note: all of it, or nothing."""
    chosen = {name: changes[name] for name in ("optimizer", "data", "steps") if changes.get(name)}
    steps = changes.get("steps", run.configuration.steps)
    wanted = nn.configure(merged(run.configuration.as_dict(), chosen))
    if wanted.optimizer["name"] != run.configuration.optimizer["name"]:
        raise ConfigurationError("optimizer.name", "another optimizer needs a new run")
    if steps < run.step:
        raise ConfigurationError("steps", f"steps must be at least {run.step:,}, which are done already; got {steps:,}")
    if {"optimizer", "data"} & set(chosen) and run.status in ENDED and "steps" not in changes:
        raise ConflictError(f"the run is {run.status}: nothing changes it any more; more steps would reopen it")
    if chosen:
        tune_training(run, chosen, steps)
    run.speed = changes.get("speed", run.speed)
    run.name, run.note = changes.get("name", run.name), changes.get("note", run.note)
    run.rate_limiter = RateLimiter()
    run.revision += 1
    run.save()
    run.notifier.notify()


def tune_training(run: Run, chosen: dict[str, Any], steps: int) -> None:
    """Let the training go on with other hyperparameters or data."""
    training, optimizer = run.trained(), chosen.get("optimizer", {})
    run.log.cut_after(run.step)
    if "data" in chosen:
        change_data(run, training, chosen["data"])
    for name, value in optimizer.items():
        if name != "name":
            setattr(training, name, value) if name == "learning_rate" else setattr(training.optimizer, name, value)
    named = {**run.configuration.optimizer, **optimizer}
    if optimizer:
        run.trainer.note_change(named)
    run.configuration.optimizer, run.configuration.steps = named, steps
    if run.status in REOPENABLE and steps > run.step:
        run.change(Status.PAUSED)
    run.keep(again=True)


def change_data(run: Run, training: Training, data: dict[str, Any]) -> None:
    """Let the training go on with other data; before its first step it is as if they had always been there."""
    training.change_data(data)
    run.trainer.restart()
    if run.step:
        run.trainer.state = replace(run.state, forked=True)
    else:
        run.log.cut_after(-1)
        run.reached.take(run.trainer.next())
    run.sampler.forget()


def load_weights(run: Run, read: Callable[[Training], dict[str, Any]]) -> None:
    """Begin with other weights than the seed gives. Raises ValueError, and the run is as it was."""
    if run.step or run.status is not Status.PAUSED:
        raise ConflictError(f"only a run that waits before its first step takes weights; this one is {run.status}")
    training = run.trained()
    load_arrays(training.network, read(training))
    run.log.cut_after(-1)
    run.trainer.restart()
    run.trainer.state = replace(run.state, weights_loaded=True)
    run.reached.take(run.trainer.next())
    run.revision += 1
    run.keep(again=True)
    run.sampler.forget()
    run.save()
