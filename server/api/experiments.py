"""The calls that try something before one trains, on a copy: nobody's run is touched."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path, Request
from fastapi.responses import JSONResponse
from starlette.requests import ClientDisconnect

from engine import Configuration, Stepped, Training, configure
from engine.explain.experiments import EXPERIMENTS
from engine.explain.experiments.outcome import Outcome
from engine.training import checkpoint
from server.api.dependencies import AllRuns, Limits
from server.api.errors import REFUSALS
from server.api.models.bodies import JSONRoute
from server.api.models.requests import ExperimentRequest, checked_request
from server.api.models.responses import ExperimentOutcome
from server.api.opening.asking import find
from server.api.opening.refusals import NotFoundError
from server.runs.limits import check_size
from server.runs.registry import TooManyError
from server.runs.run import ConflictError, Run

WAITING = 8
"""Experiments that may wait for their turn."""
LOOK_EVERY = 0.1
"""Seconds between two looks whether whoever asked still waits for the outcome."""
LARGEST_BATCH = 20
"""How many examples an experiment takes at once, where the run takes fewer."""


class Experiments:
    """The queue of experiments: one goes on at a time, in a thread of its own, so that runs and pages hardly notice it."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore()
        self._here = 0

    async def carry_out(
        self, begin: Callable[[], Iterator[Stepped | Outcome]], is_gone: Callable[[], Awaitable[bool]]
    ) -> Outcome:
        """Do an experiment to its end. Raises TooManyError, and ClientDisconnect where whoever asked has left meanwhile."""
        if self._here > WAITING:
            raise TooManyError(f"{self._here} experiments wait already; come again in some seconds")
        self._here += 1
        going = Going(begin)
        try:
            async with self._turn:
                while not await is_gone():
                    if (outcome := await asyncio.to_thread(going.go_on)) is not None:
                        return outcome
                raise ClientDisconnect
        finally:
            self._here -= 1


class Going:
    """An experiment that goes on for a moment at a time."""

    def __init__(self, begin: Callable[[], Iterator[Stepped | Outcome]]) -> None:
        self._begin = begin
        self._events: Iterator[Stepped | Outcome] | None = None

    def go_on(self) -> Outcome | None:
        """Go on for a moment; give the outcome where it is the end."""
        self._events = self._events or self._begin()
        end = time.monotonic() + LOOK_EVERY
        for event in self._events:
            if isinstance(event, Outcome):
                return event
            if time.monotonic() > end:
                break
        return None


async def experiments(request: Request) -> Experiments:
    """Give the queue of experiments."""
    found: Experiments = request.app.state.experiments
    return found


router = APIRouter(route_class=JSONRoute, prefix="/api/experiments", responses=REFUSALS, tags=["experiments"])


@router.post("/{name}", response_model=ExperimentOutcome)
async def experiment(
    request: Request,
    name: Annotated[str, Path(description=", ".join(EXPERIMENTS))],
    body: Annotated[ExperimentRequest, Body()],
    queue: Annotated[Experiments, Depends(experiments)],
    runs: AllRuns,
    settings: Limits,
) -> JSONResponse:
    """Try something on an untrained copy of a run, or of what a configuration would make: it takes 3 seconds at the most.

    check-up: is it unsure, does what it sees arrive, do its inputs help? overfit-one-batch: can it learn 20 examples by heart?
    find-the-rate: how far may a step go? One experiment goes on at a time; whoever leaves ends theirs.
    """
    if name not in EXPERIMENTS:
        raise NotFoundError(f"there is no experiment {name[:60]!r}; choose {', '.join(EXPERIMENTS)}")
    run = find(runs, body.run) if body.run is not None else None
    configuration = run.configuration if run else configure(checked_request(body.configuration), runs.folders)
    largest = max(configuration.batch_size, LARGEST_BATCH)
    check_size(replace(configuration, batch_size=largest), settings, runs.folders)

    def begin() -> Iterator[Stepped | Outcome]:
        return EXPERIMENTS[name](begun(run) if run else configuration, runs.folders)

    return JSONResponse((await queue.carry_out(begin, request.is_disconnected)).as_dict())


def begun(run: Run) -> Training | Configuration:
    """Give what a run began as; it is a training where it began with the weights of a file."""
    configuration = Configuration.from_dict(run.configuration.as_dict())
    if not run.state.weights_loaded:
        return configuration
    first = Training(configuration, run.folders)
    try:
        checkpoint.show(first, run.checkpoints.read(0), with_data=False)
    except (KeyError, OSError, ValueError) as error:
        raise ConflictError(f"the weights that the run began with cannot be read: {error}") from error
    return first
