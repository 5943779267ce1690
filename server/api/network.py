"""The calls about a run's network: what it says, now or at a snapshot, what would fit into it, and its first weights."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse, Response

from engine import ConfigurationError, Training
from engine.data.centring import Strokes
from engine.pictures.parameters import observe_parameters
from engine.training.check import MOST_LAYERS
from engine.training.fitting import fitting
from server.api.dependencies import AllUploads, Limits, OneRun, Renderer
from server.api.errors import REFUSALS
from server.api.models.bodies import JSONRoute
from server.api.models.requests import Drawn, Inputs, body_of
from server.api.models.responses import PICTURE, Fit, Parameters, Prediction, RunDescription
from server.api.opening.asking import asked
from server.api.opening.refusals import no_snapshot
from server.api.runs import ordered
from server.history.snapshots import SnapshotRenderer
from server.messages import finite, picture_frame
from server.runs.actor import Answer
from server.runs.run import Run

MOST_CELLS = 8
"""How many rows and columns of a table are shown at once."""

router = APIRouter(route_class=JSONRoute, prefix="/api/runs/{id}", responses=REFUSALS, tags=["network"])


@router.post("/predict", response_model=Prediction)
async def predict(run: OneRun, body: Inputs, settings: Limits, renderer: Renderer) -> JSONResponse:
    """Say what the network says, now or at a snapshot."""
    shape = (await asked(run, run.trained)).task.asked_shape
    x = read_inputs(body.inputs, shape, settings.max_inputs)
    try:
        return JSONResponse(finite(await looked(run, body.step, renderer, lambda training: answer(training, x))))
    except ValueError as error:  # tokens that are none
        raise ConfigurationError("inputs", str(error)) from error


@router.post("/follow", response_class=Response, responses=PICTURE)
async def follow(run: OneRun, body: Drawn, renderer: Renderer) -> Response:
    """Follow what somebody drew through the network, as it is now or at a snapshot: a packed picture, as on the stream."""
    drawing = np.array(body.image, np.uint8) if body.strokes is None else Strokes([np.array(s) for s in body.strokes], body.pen)
    picture = await looked(run, body.step, renderer, lambda training: training.follow(drawing))
    if picture is None:
        field = "image" if body.strokes is None else "strokes"
        raise ConfigurationError(field, f"{run.configuration.task} is not about images; draw digits for mnist")
    return Response(picture_frame(picture, run.id, 0), media_type="application/octet-stream")


@router.get("/parameters/{layer}", response_model=Parameters)
async def parameters(
    run: OneRun,
    renderer: Renderer,
    layer: Annotated[int, Path(ge=0, lt=MOST_LAYERS, description="the layer's position in the network")],
    part: Annotated[int, Query(ge=0, description="which neuron, filter, gate or head of it")] = 0,
    table: Annotated[int, Query(ge=0, description="which of the part's tables")] = 0,
    row: Annotated[int, Query(ge=0, description="the first row that is shown")] = 0,
    column: Annotated[int, Query(ge=0, description="the first column that is shown")] = 0,
    step: Annotated[int | None, Query(ge=0, description="of a snapshot; without it as they are now")] = None,
) -> JSONResponse:
    """Show a layer's parameters as a table, part by part as they are drawn, as they are now or at a snapshot."""

    def look(training: Training) -> dict[str, Any]:
        with training.shown() as network:
            seen = observe_parameters(network, layer, part, table, (row, column), MOST_CELLS, with_gradient=training.step > 0)
        return {"step": training.step, **seen}

    try:
        return JSONResponse(finite(await looked(run, step, renderer, look)))
    except ValueError as error:
        raise ConfigurationError("layer", str(error)) from error


@router.get("/fits", response_model=dict[str, Fit])
async def fits(
    run: OneRun, before: Annotated[int, Query(ge=0, le=MOST_LAYERS, description="the position in the network")]
) -> JSONResponse:
    """Say which layers could be added to the run's network before this position, and why others could not."""
    return JSONResponse(fitting(run.configuration, before, run.folders))


@router.post("/weights", response_model=RunDescription, openapi_extra=body_of("safetensors or npz"))
async def begin_with_weights(
    run: OneRun,
    request: Request,
    uploads: AllUploads,
    check: Annotated[
        bool, Query(description="only say whether they would fit, of a run in any status; nothing changes")
    ] = False,
) -> JSONResponse:
    """Let a run that waits before its first step begin with the weights of a file: safetensors, or npz."""
    async with uploads.received(request.body) as data:
        try:
            return await ordered(run, lambda run: run.check_weights(data) if check else run.load_weights(data))
        except ValueError as error:
            raise ConfigurationError("file", str(error)) from error


async def looked(run: Run, step: int | None, renderer: SnapshotRenderer, question: Callable[[Training], Answer]) -> Answer:
    """Ask the network as it is now, or that of a snapshot. Raises NotFoundError where there is none of that step."""
    if step is None:
        return await asked(run, lambda: question(run.trained()))
    try:
        return await asyncio.to_thread(renderer.ask, run, step, question)
    except (KeyError, FileNotFoundError):
        raise no_snapshot(step) from None


def answer(training: Training, x: np.ndarray[Any, Any]) -> dict[str, Any]:
    """Say what the network gives for these inputs."""
    return {"step": training.step, **{name: values.tolist() for name, values in training.answer(x).items()}}


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
