"""The calls about a run's network as it is now: what it says, what would fit into it, and its first weights."""

from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from engine import ConfigurationError
from engine.training.fitting import fitting
from server.api.dependencies import AllUploads, Limits, OneRun, asked
from server.api.errors import REFUSALS
from server.api.models.bodies import JSONRoute
from server.api.models.fields import MOST_LAYERS
from server.api.models.requests import Drawn, Inputs, body_of
from server.api.models.responses import PICTURE, Fit, Prediction, RunDescription
from server.api.runs import ordered
from server.messages import finite, picture_frame
from server.runs.run import Run

router = APIRouter(route_class=JSONRoute, prefix="/api/runs/{id}", responses=REFUSALS, tags=["network"])


@router.post("/predict", response_model=Prediction)
async def predict(run: OneRun, body: Inputs, settings: Limits) -> JSONResponse:
    """Say what the network says now."""
    shape = (await asked(run, run.trained)).network.input_shape
    x = read_inputs(body.inputs, shape, settings.max_inputs)
    try:
        return JSONResponse(finite(await asked(run, lambda: answer(run, x))))
    except ValueError as error:  # tokens that are none
        raise ConfigurationError("inputs", str(error)) from error


@router.post("/follow", response_class=Response, responses=PICTURE)
async def follow(run: OneRun, body: Drawn) -> Response:
    """Follow an image that somebody drew through the network as it is now: a packed picture, as on the stream."""
    image = np.array(body.image, np.uint8)
    picture = await asked(run, lambda: run.trained().follow(image))
    if picture is None:
        raise ConfigurationError("image", f"{run.configuration.task} is not about images; draw digits for mnist")
    return Response(picture_frame(picture, run.id, 0), media_type="application/octet-stream")


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
