"""The calls about a run's film: its moments, how it looked then, and a new run that goes on from there."""

import asyncio
import json
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import TypeAdapter, ValidationError

from engine import Configuration
from engine.data.datasets import NotHereError
from engine.training import checkpoint
from engine.training.checkpoint import merged
from server.api.errors import NotFoundError
from server.api.schemas import Fork, RunRequest
from server.history.example_history import Stories
from server.history.replay import replay_html
from server.history.snapshots import SnapshotRenderer
from server.messages import finite
from server.runs.description import describe
from server.runs.limits import check_size
from server.runs.registry import Runs
from server.runs.run import ConflictError, Run
from server.runs.state import Change, Parent, RunState
from server.settings import Settings

Names = Annotated[list[str], Query(max_length=16, description='pictures, as in "feature maps/7"')]
Step = Annotated[int, Path(ge=0, le=10_000_000)]
BINARY: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {}}, "description": "for each picture its length in 4 bytes, and its frame"}
}
FRAME: dict[int | str, dict[str, Any]] = {200: {"content": {"application/octet-stream": {}}, "description": "a packed picture"}}
PAGE: dict[int | str, dict[str, Any]] = {200: {"content": {"text/html": {}}, "description": "a page that needs no server"}}
REQUEST: TypeAdapter[Any] = TypeAdapter(RunRequest)


class FilmCalls:
    """What can be asked about the past of the runs."""

    def __init__(self, runs: Runs, settings: Settings, find: Callable[[str], Run]) -> None:
        self._runs, self._settings, self._find = runs, settings, find
        self._renderer, self._stories, self._one_replay = SnapshotRenderer(), Stories(), asyncio.Semaphore()

    def add_to(self, router: APIRouter) -> None:
        """Give each call its path."""
        router.add_api_route("/{id}/film", self.film, methods=["GET"])
        router.add_api_route("/{id}/film/{step}", self.moment, methods=["GET"], response_class=Response, responses=BINARY)
        router.add_api_route("/{id}/export/replay.html", self.replay, methods=["GET"], response_class=Response, responses=PAGE)
        router.add_api_route("/{id}/stories", self.stories, methods=["GET"], response_class=Response, responses=FRAME)
        router.add_api_route("/{id}/fork", self.fork, methods=["POST"], status_code=201)

    async def film(self, id: str) -> dict[str, Any]:
        """Give the steps of the film's moments, in order."""
        run = self._find(id)
        steps = await asyncio.to_thread(run.checkpoints.steps)
        return {"steps": steps, "changes": run.state.as_dict()["changes"]}

    async def moment(self, id: str, step: Step, names: Names) -> Response:
        """Give pictures of the moment nearest to a step; each says of which."""
        run = self._find(id)
        try:
            frames = await asyncio.to_thread(self._renderer.pictures, run, step, names)
        except (KeyError, FileNotFoundError):
            raise no_moment(step) from None
        except (ValueError, NotHereError) as error:
            raise ConflictError(f"the moment of step {step:,} cannot be read: {error}") from error
        packed = b"".join(len(frame).to_bytes(4, "little") + frame for frame in frames)
        return Response(packed, media_type="application/octet-stream")

    async def replay(self, id: str, example: Annotated[int, Query(ge=0, le=100_000)] = 0) -> Response:
        """Give the film as one page that needs no server; where pictures show an example, this one."""
        run = self._find(id)
        async with self._one_replay:  # it takes seconds, and others want to be answered meanwhile
            try:
                content = await asyncio.to_thread(replay_html, run, example)
            except (ValueError, KeyError, FileNotFoundError, NotHereError) as error:
                raise ConflictError(f"the film cannot be read: {error}") from error
        filename = f"{run.configuration.task}-{run.id}-replay.html"
        return Response(
            content,
            media_type="text/html",
            headers={"content-disposition": f'attachment; filename="{filename}"', "content-security-policy": "sandbox"},
        )

    async def stories(self, id: str) -> Response:
        """Tell what became of each example over the film: a packed picture, as on the stream."""
        run = self._find(id)
        try:
            frame = await asyncio.to_thread(self._stories.frame, run)
        except (ValueError, NotHereError) as error:
            raise ConflictError(f"the film cannot be read: {error}") from error
        return Response(frame, media_type="application/octet-stream")

    async def fork(self, id: str, body: Fork) -> JSONResponse:
        """Make a run that goes on from a moment of this one, with other choices where they are given."""
        parent = self._find(id)
        run = await asyncio.to_thread(self._forked, parent, body)
        await asyncio.wrap_future(run.ask(lambda: None))
        if run.saved is not None:
            await asyncio.wrap_future(run.saved)
        return JSONResponse(finite(describe(run)), 201)

    def _forked(self, parent: Run, body: Fork) -> Run:
        if body.step not in parent.checkpoints.steps():
            raise no_moment(body.step)
        try:
            data = parent.checkpoints.read(body.step)
            before = checkpoint.configuration_of(data)
        except (KeyError, ValueError) as error:
            raise ConflictError(f"the moment of step {body.step:,} cannot be read: {error}") from error
        chosen = merged(before.as_dict(), body.changes)
        try:
            checked = REQUEST.validate_python(json.loads(json.dumps(chosen))).model_dump(exclude_unset=True)
        except ValidationError as error:
            raise RequestValidationError(error.errors()) from error
        training = checkpoint.fork(data, checked)
        check_size(training.configuration, self._settings)
        state = heritage(parent, before, training.configuration, body.step)
        return self._runs.fork(parent, training.configuration, checkpoint.pack(training), state, body)


def heritage(parent: Run, before: Configuration, after: Configuration, step: int) -> RunState:
    """Say what the new run owes to changes: those of its parent until then, and its own first one."""
    changes = [change for change in parent.state.changes if change.step <= step]
    if after.optimizer != before.optimizer:
        changes = [*(changes or [Change(0, before.optimizer)]), Change(step, after.optimizer)]
    told = {name for name, value in after.as_dict().items() if value != before.as_dict()[name]} - {"optimizer"}
    if after.schedule["name"] == "Constant":
        told.discard("steps")
    forked = parent.state.forked or bool(told) or after.optimizer["name"] != before.optimizer["name"]
    return RunState(changes=changes, weights_loaded=parent.state.weights_loaded, parent=Parent(parent.id, step), forked=forked)


def no_moment(step: int) -> NotFoundError:
    """Say that the film was never at this step, or is not any more."""
    return NotFoundError(f"the film has no moment of step {step:,}; GET film lists those it has")
