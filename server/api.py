"""The calls of the API, each a few lines: they ask the runs, and compute nothing."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Body, FastAPI, Query, Request, WebSocket
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from engine import ConfigurationError, catalog, configure
from server.downloads import MNISTDownload
from server.limits import check_size
from server.messages import columns, finite
from server.requests import Inputs, RunChanges, RunRequest, field_path
from server.run import Answer, ConflictError, Run
from server.runs import Runs, TooManyError
from server.settings import Settings
from server.stream import Stream

MOST_ROWS = 100_000


class NotFoundError(LookupError):
    """There is no such thing; the message says what."""


def routes(runs: Runs, stream: Stream, settings: Settings, version: str, plotly: str) -> APIRouter:
    """Make the API over these runs."""
    api = APIRouter(prefix="/api")
    download = MNISTDownload()
    started = time.monotonic()
    everything = {**catalog(), "plotly": plotly, "version": version}

    def find(id: str) -> Run:
        try:
            return runs.get(id)
        except KeyError:
            raise NotFoundError(f"there is no run {id!r}") from None

    async def asked(run: Run, question: Callable[[], Answer]) -> Answer:
        """Have the run's own thread answer, without making the event loop wait."""
        return await asyncio.wrap_future(await asyncio.to_thread(run.ask, question))

    async def command(id: str, order: Callable[[Run], Any]) -> JSONResponse:
        run = find(id)
        await asked(run, lambda: order(run))
        return JSONResponse(finite(run.describe()))

    @api.get("/catalog")
    async def get_catalog() -> JSONResponse:
        return JSONResponse(finite(everything))

    @api.get("/health")
    async def get_health() -> dict[str, Any]:
        by_status = Counter(run.status for run in runs.all())
        return {"version": version, "uptime": time.monotonic() - started, "runs": by_status, "clients": stream.clients}

    @api.post("/runs", status_code=201)
    async def create_run(request: Annotated[RunRequest, Body()]) -> JSONResponse:
        said = request.model_dump(exclude_unset=True)
        own = {name: said.pop(name) for name in ("name", "note", "speed", "start") if name in said}
        configuration = configure(said)
        check_size(configuration, settings)
        run = await asyncio.to_thread(
            runs.create, configuration, own.get("name", ""), own.get("note", ""), own.get("speed"), own.get("start", True))
        await asked(run, lambda: None)
        return JSONResponse(finite(run.describe()), 201)

    @api.get("/runs")
    async def list_runs() -> JSONResponse:
        return JSONResponse(finite([run.describe() for run in runs.all()]))

    @api.get("/runs/{id}")
    async def get_run(id: str) -> JSONResponse:
        return JSONResponse(finite(find(id).describe()))

    @api.post("/runs/{id}/pause")
    async def pause_run(id: str) -> JSONResponse:
        return await command(id, Run.pause)

    @api.post("/runs/{id}/resume")
    async def resume_run(id: str) -> JSONResponse:
        return await command(id, Run.resume)

    @api.post("/runs/{id}/step")
    async def step_run(id: str) -> JSONResponse:
        return await command(id, Run.advance_once)

    @api.post("/runs/{id}/stop")
    async def stop_run(id: str) -> JSONResponse:
        return await command(id, Run.stop)

    @api.patch("/runs/{id}")
    async def change_run(id: str, changes: RunChanges) -> JSONResponse:
        said = changes.model_dump(exclude_unset=True)
        return await command(id, lambda run: run.tune(said))

    @api.delete("/runs/{id}", status_code=204)
    async def delete_run(id: str) -> None:
        await asyncio.to_thread(runs.delete, find(id))

    @api.get("/runs/{id}/metrics")
    async def get_metrics(id: str, since: Annotated[int, Query(ge=0)] = 0) -> JSONResponse:
        rows = find(id).log.rows(since, MOST_ROWS)
        return JSONResponse({"since": since, "columns": columns(rows)})

    @api.post("/runs/{id}/predict")
    async def predict(id: str, body: Inputs) -> JSONResponse:
        run = find(id)
        shape = tuple(run.describe()["input_shape"] or ())
        x = read_inputs(body.inputs, shape, settings.max_inputs)
        return JSONResponse(finite(await asked(run, lambda: {"step": run.step, **run.answer(x)})))

    @api.get("/data/mnist")
    async def get_mnist() -> dict[str, Any]:
        return download.describe()

    @api.post("/data/mnist", status_code=202)
    async def get_full_mnist() -> dict[str, Any]:
        download.start()
        return download.describe()

    @api.websocket("/runs/{id}/stream")
    async def watch_run(socket: WebSocket, id: str, since: Annotated[int, Query(ge=0)] = 0) -> None:
        try:
            run = find(id)
            if stream.clients >= settings.max_pages:
                raise TooManyError(f"{settings.max_pages} pages are watching already")
        except (NotFoundError, TooManyError) as error:
            status = 404 if isinstance(error, NotFoundError) else 429
            await socket.send_denial_response(refusal(status, str(error)))
            return
        await socket.accept()
        await stream.serve(socket, run, since)

    @api.api_route("/{path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False)
    async def unknown(path: str) -> None:
        raise NotFoundError(f"there is no /api/{path[:80]}")

    return api


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


def refusal(status: int, message: str, field: str | None = None) -> JSONResponse:
    """Make the answer that every refusal gets."""
    return JSONResponse({"error": {"message": message, "field": field}}, status)


def answer_errors(app: FastAPI) -> None:
    """Answer every refusal as {"error": {"message", "field"}}."""
    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        field = field_path(tuple(first["loc"]))
        words = first["msg"]
        if first["type"] == "union_tag_invalid":
            field = ".".join(part for part in (field, first["ctx"]["discriminator"].strip("'")) if part)
            words = f"there is no {first['ctx']['tag']!r}; choose {first['ctx']['expected_tags']}"
        elif first["type"] == "union_tag_not_found":
            field = ".".join(part for part in (field, first["ctx"]["discriminator"].strip("'")) if part)
            words = f"{field} is missing"
        elif first["type"] not in ("not_allowed", "json_invalid", "missing"):
            words = f"{field or 'the body'}: {words}, got {repr(first.get('input'))[:60]}"
        return refusal(422, words, field or None)

    handlers: dict[type[Exception], int] = {NotFoundError: 404, ConflictError: 409, TooManyError: 429}
    for kind, status in handlers.items():
        @app.exception_handler(kind)
        async def refuse(request: Request, error: Exception, status: int = status) -> JSONResponse:
            return refusal(status, str(error))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> JSONResponse:
        return refusal(error.status_code, error.detail)

    @app.exception_handler(ConfigurationError)
    async def misconfigured(request: Request, error: ConfigurationError) -> JSONResponse:
        return refusal(422, str(error), error.field)
