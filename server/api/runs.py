"""The calls about runs, each a few lines: they ask the run's own thread, and compute nothing."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Body, Query, Request, WebSocket
from fastapi.responses import JSONResponse, Response

from engine import ConfigurationError, Training, configure
from engine.training.checkpoint import merged
from engine.training.configuration import fitting
from engine.training.weights import from_npz, from_safetensors, held_arrays
from server.api.errors import NotFoundError, refusal
from server.api.history import FRAME, FilmCalls
from server.api.schemas import Drawn, Inputs, RunChanges, RunRequest
from server.api.stream import Stream, read_rows
from server.history.exports import EXPORTS
from server.messages import columns, finite, picture_frame
from server.runs.actor import Answer
from server.runs.changes import load_weights, tune
from server.runs.description import describe
from server.runs.limits import check_size
from server.runs.registry import Runs, TooManyError
from server.runs.run import Run
from server.settings import Settings
from server.storage.database import StorageError

FILE = {
    "requestBody": {
        "required": True,
        "content": {
            "application/octet-stream": {"schema": {"type": "string", "format": "binary", "description": "safetensors or npz"}}
        },
    }
}
MOST_ROWS = 100_000
"""Rows of one answer at the most; a client asks for the next with `since`."""


class RunCalls:
    """What can be asked of the runs over HTTP, and their stream."""

    def __init__(self, runs: Runs, stream: Stream, settings: Settings) -> None:
        self._runs, self._stream, self._settings = runs, stream, settings

    def routes(self) -> APIRouter:
        """Give each call its path."""
        router = APIRouter(prefix="/runs")
        router.add_api_route("", self.create, methods=["POST"], status_code=201)
        router.add_api_route("", self.list, methods=["GET"])
        router.add_api_route("/{id}", self.get, methods=["GET"])
        router.add_api_route("/{id}", self.change, methods=["PATCH"])
        router.add_api_route("/{id}", self.delete, methods=["DELETE"], status_code=204, response_class=Response)
        for name, order in (("pause", Run.pause), ("resume", Run.resume), ("step", Run.advance_once), ("stop", Run.stop)):
            router.add_api_route(f"/{{id}}/{name}", self.command(order), methods=["POST"], name=name)
        router.add_api_route("/{id}/restore", self.restore, methods=["POST"])
        FilmCalls(self._runs, self._settings, self._find).add_to(router)
        router.add_api_route("/{id}/metrics", self.metrics, methods=["GET"])
        router.add_api_route("/{id}/export/{name}", self.export, methods=["GET"], response_class=Response)
        router.add_api_route("/{id}/weights", self.load_weights, methods=["POST"], openapi_extra=FILE)
        router.add_api_route("/{id}/fits", self.fits, methods=["GET"])
        router.add_api_route("/{id}/predict", self.predict, methods=["POST"])
        router.add_api_route("/{id}/follow", self.follow, methods=["POST"], response_class=Response, responses=FRAME)
        router.add_api_websocket_route("/{id}/stream", self.watch)
        return router

    async def create(self, request: Annotated[RunRequest, Body()]) -> JSONResponse:
        """Make a run and start it, unless `start` is false."""
        said = request.model_dump(exclude_unset=True)
        own = {name: said.pop(name) for name in ("name", "note", "speed", "start") if name in said}
        configuration = configure(said)
        check_size(configuration, self._settings)
        name, note, start = own.get("name", ""), own.get("note", ""), own.get("start", True)
        run = await asyncio.to_thread(self._runs.create, configuration, name, note, own.get("speed"), start)
        await asked(run, lambda: None)
        await saved(run)
        return JSONResponse(finite(describe(run)), 201)

    async def list(self) -> JSONResponse:
        """Give all runs, oldest first."""
        return JSONResponse(finite([describe(run) for run in self._runs.all()]))

    async def get(self, id: str) -> JSONResponse:
        """Give one run."""
        return JSONResponse(finite(describe(self._find(id))))

    async def change(self, id: str, changes: RunChanges) -> JSONResponse:
        """Change what may change while it runs."""
        said = changes.model_dump(exclude_unset=True)
        most = self._settings.max_steps
        if said.get("steps", 0) > most:
            raise ConfigurationError("steps", f"steps must be at most {most:,} on this server, got {said['steps']:,}")
        if said.get("data"):
            before = self._find(id).configuration.as_dict()
            check_size(configure(merged(before, {"data": said["data"]})), self._settings)
        return await self._order(id, lambda run: tune(run, said))

    async def delete(self, id: str) -> None:
        """Stop a run and forget it."""
        self._runs.delete(self._find(id))

    async def restore(self, id: str) -> JSONResponse:
        """Bring back a run that was deleted just now."""
        try:
            run = self._runs.restore(id)
        except KeyError:
            raise NotFoundError(f"there is no run {id!r} that was deleted just now") from None
        await asked(run, lambda: None)
        await saved(run)
        return JSONResponse(finite(describe(run)))

    def command(self, order: Callable[[Run], None]) -> Callable[..., Any]:
        """Make the call that gives one order to a run; 409 where its status does not allow it."""

        async def call(id: str) -> JSONResponse:
            return await self._order(id, order)

        return call

    async def metrics(self, id: str, since: Annotated[int, Query(ge=0)] = 0) -> JSONResponse:
        """Give the rows of the log from number `since` on, as columns."""
        run = self._find(id)
        with suppress(StorageError):  # then what is on the disk is given all the same
            await saved(run)
        rows, end = await read_rows(run, since, MOST_ROWS)
        return JSONResponse({"since": since, "next": end, "columns": columns(rows)})

    async def export(self, id: str, name: str) -> Response:
        """Give a run's rows or weights as a file, as they are between two steps."""
        run = self._find(id)
        if name not in EXPORTS:
            raise NotFoundError(f"there is no export {name[:60]!r}; choose {', '.join(EXPORTS)}")
        make, kind = EXPORTS[name]
        content = await asked(run, lambda: make(run))
        filename = f"{run.configuration.task}-{run.id}-{name}"
        return Response(content, media_type=kind, headers={"content-disposition": f'attachment; filename="{filename}"'})

    async def load_weights(self, id: str, request: Request) -> JSONResponse:
        """Let a run that waits before its first step begin with the weights of a file: safetensors, or npz."""
        self._find(id)
        data = await request.body()
        try:
            return await self._order(id, lambda run: load_weights(run, lambda training: read_weights(data, training)))
        except ValueError as error:
            raise ConfigurationError("file", str(error)) from error

    async def fits(self, id: str, before: Annotated[int, Query(ge=0, le=64)]) -> JSONResponse:
        """Say which layers could be added to the run's network before this position, and why others could not."""
        return JSONResponse(fitting(self._find(id).configuration, before))

    async def predict(self, id: str, body: Inputs) -> JSONResponse:
        """Say what the network says now."""
        run = self._find(id)
        shape = (await asked(run, run.trained)).network.input_shape
        x = read_inputs(body.inputs, shape, self._settings.max_inputs)
        try:
            return JSONResponse(finite(await asked(run, lambda: answer(run, x))))
        except ValueError as error:  # tokens that are none
            raise ConfigurationError("inputs", str(error)) from error

    async def follow(self, id: str, body: Drawn) -> Response:
        """Follow an image that somebody drew through the network as it is now: a packed picture, as on the stream."""
        run, image = self._find(id), np.array(body.image, np.uint8)
        picture = await asked(run, lambda: run.trained().follow(image))
        if picture is None:
            raise ConfigurationError("image", f"{run.configuration.task} is not about images; draw digits for mnist")
        return Response(picture_frame(picture, run.id, 0), media_type="application/octet-stream")

    async def watch(self, socket: WebSocket) -> None:
        """Stream a run's rows and pictures to one page, from row `since` on, until it leaves."""
        since = socket.query_params.get("since", "0")
        try:
            run = self._find(socket.path_params["id"])
            if self._stream.clients >= self._settings.max_pages:
                raise TooManyError(f"{self._settings.max_pages} pages are watching already")
            if not since.isdecimal() or len(since) > 12:
                raise ConfigurationError("since", f"since must be the number of a row, got {since[:60]!r}")
        except (NotFoundError, TooManyError, ConfigurationError) as error:
            status = {NotFoundError: 404, TooManyError: 429, ConfigurationError: 422}[type(error)]
            await socket.send_denial_response(refusal(status, str(error)))
            return
        await self._stream.arrive()
        await socket.accept()
        await self._stream.serve(socket, run, int(since))

    def _find(self, id: str) -> Run:
        try:
            return self._runs.get(id)
        except KeyError:
            raise NotFoundError(f"there is no run {id!r}") from None

    async def _order(self, id: str, order: Callable[[Run], None]) -> JSONResponse:
        run = self._find(id)
        await asked(run, lambda: order(run))
        await saved(run)
        return JSONResponse(finite(describe(run)))


async def asked(run: Run, question: Callable[[], Answer]) -> Answer:
    """Have the run's own thread answer, without making the event loop wait."""
    return await asyncio.wrap_future(run.ask(question))


async def saved(run: Run) -> None:
    """Wait until what was done last is on the disk. Raises StorageError."""
    if run.saved is not None:
        await asyncio.wrap_future(run.saved)


def read_weights(data: bytes, training: Training) -> dict[str, Any]:
    """Unpack a file with weights for this training's network. Raises ValueError."""
    if data[:2] == b"PK":
        return from_npz(data, {name: array.shape for name, array in held_arrays(training.network).items()})
    return from_safetensors(data)[0]


def answer(run: Run, x: np.ndarray[Any, Any]) -> dict[str, Any]:
    """Say what the network gives for these inputs now."""
    return {"step": run.step, **{name: values.tolist() for name, values in run.trained().answer(x).items()}}


def read_inputs(inputs: list[Any], shape: tuple[int, ...], most: int) -> np.ndarray[Any, Any]:
    """Check examples from a request: their number, their shape, and that they are finite numbers."""
    wanted = f"inputs must be 1 to {most:,} examples of shape {' × '.join(map(str, shape))}"
    try:
        x = np.array(inputs, dtype=np.float32) if len(inputs) <= most else None
    except (ValueError, TypeError, OverflowError):
        x = None
    if x is None or x.shape[1:] != shape:
        raise ConfigurationError("inputs", f"{wanted}, got {len(inputs):,} of {'another shape' if x is None else x.shape[1:]}")
    if not np.isfinite(x).all():
        raise ConfigurationError("inputs", f"{wanted}, all finite numbers")
    return x
