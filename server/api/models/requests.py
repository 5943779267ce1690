"""What the body of a request may say."""

from functools import cache, partial
from typing import Annotated, Any, Literal

from fastapi.exceptions import RequestValidationError
from pydantic import (
    ConfigDict,
    Field,
    FiniteFloat,
    RootModel,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    create_model,
    model_validator,
)
from pydantic_core import PydanticCustomError

from engine import Configuration
from engine.data.centring import PENS
from engine.hyperparameter import fields_of
from engine.optimizers import OPTIMIZERS
from engine.regularizers import REGULARIZERS
from engine.schedules import SCHEDULES
from engine.tasks import TASKS
from engine.training.causes import CAUSES
from engine.training.check import MOST_LAYERS
from engine.training.configuration import MOST_STEPS
from engine.training.factory import LOSSES
from server.api.models.fields import OneOf, Strict, layers, model, named

LONGEST_NAME = 80
Name = Annotated[str, Field(max_length=LONGEST_NAME)]
Note = Annotated[str, Field(max_length=2000)]
Tag = Annotated[str, StringConstraints(min_length=1, max_length=40, strip_whitespace=True)]
MOST_TAGS = 20
Tags = Annotated[list[Tag], Field(max_length=MOST_TAGS, description="words to find it by; each counts once")]
Speed = Annotated[
    Annotated[float, Field(ge=1, le=1_000_000, allow_inf_nan=False)] | None,
    Field(description="steps per second; null for as fast as possible"),
]


def shared(title: str, kind: Any) -> type[RootModel[Any]]:
    """Give a type a name of its own: it is built, and described in the API's schema, once for all models that use it."""
    built: type[RootModel[Any]] = create_model(title, __base__=RootModel[kind])
    return built


class AnyRun(Strict):
    """What the request of a run of any task may say; it is built only as a part of the union of all."""

    model_config = ConfigDict(defer_build=True)

    speed: Speed = None
    name: Name = ""
    note: Note = ""
    start: Annotated[bool, Field(description="false: wait, paused, before the first step")] = True


LAUNCH = ("name", "note", "speed", "start")
"""What a request says beside the configuration: how the run is called, and how it begins."""


def run_request() -> Any:
    """Build the body of POST /api/runs: one model for each task, because each has data of its own."""
    common = model(
        "Run",
        fields_of(Configuration),
        AnyRun,
        network=(shared("Network", Annotated[list[layers()], Field(min_length=1, max_length=MOST_LAYERS)]), None),  # type: ignore[misc]
        optimizer=(shared("Optimizer", named(OPTIMIZERS)), None),
        schedule=(shared("Schedule", named(SCHEDULES)), None),
        loss=(shared("Loss", named(LOSSES)), None),
        regularizer=(shared("Regularizer", named(REGULARIZERS)) | None, None),
    )

    def build(name: str) -> type[Strict]:
        data = model(f"Data_{name}", fields_of(TASKS[name]))
        return model(f"Run_{name}", (), common, task=(Literal[name], ...), data=(data, None))

    return Annotated[Any, OneOf("task", {name: partial(build, name) for name in TASKS})]


RunRequest = run_request()


@cache
def _adapter() -> TypeAdapter[Any]:
    return TypeAdapter(RunRequest)  # made when it is first needed, so that the server starts without it


def checked_request(said: Any) -> dict[str, Any]:
    """Check the request of a run that is a part of another body; give what it says. Raises RequestValidationError."""
    try:
        request: dict[str, Any] = _adapter().validate_python(said).model_dump(exclude_unset=True)
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error
    return request


class RunChanges(Strict):
    """What may change while a run trains."""

    optimizer: Annotated[dict[str, Any], Field(description="fields of the run's own optimizer", max_length=20)] = {}
    schedule: Annotated[dict[str, Any], Field(description="a schedule, as in a new run", max_length=20)] = {}
    regularizer: Annotated[dict[str, Any] | None, Field(description="null for none", max_length=20)] = None
    batch_size: Annotated[int, Field(strict=True, description="another one begins a new epoch")] = 1
    batches_per_step: Annotated[int, Field(strict=True, description="another number begins a new epoch")] = 1
    clip_norm: Annotated[FiniteFloat | None, Field(description="null for none")] = None
    evaluate_every: Annotated[int, Field(strict=True, description="steps from one row of metrics to the next")] = 1
    data: Annotated[dict[str, Any], Field(description="fields of the task's data, of the same shape", max_length=20)] = {}
    steps: Annotated[
        int,
        Field(
            ge=1,
            le=MOST_STEPS,
            strict=True,
            description="when training is finished; more of them reopen a finished or stopped run",
        ),
    ] = 1
    speed: Speed = None
    name: Name = ""
    note: Note = ""
    tags: Tags = []


Position = Annotated[int, Field(ge=0, lt=MOST_LAYERS, strict=True, description="the layer's position in the network")]


class SetWeight(Strict):
    """One number of a layer, a weight or a bias, is another."""

    do: Literal["set"]
    layer: Position
    parameter: Annotated[str, Field(max_length=LONGEST_NAME, description='as the layer names it: "W", "b", "gamma"')]
    index: Annotated[list[Annotated[int, Field(ge=0)]], Field(max_length=8, description="its place in that array")]
    value: FiniteFloat


class Silence(Strict):
    """A neuron's output is 0, forward and backward; with on false it speaks again."""

    do: Literal["silence"]
    layer: Position
    unit: Annotated[int, Field(ge=0, lt=1 << 20, description="the neuron's number in the layer, from 0 on")]
    on: bool = True


class Freeze(Strict):
    """A layer's weights stay as they are; with on false they learn as fast as the others."""

    do: Literal["freeze"]
    layer: Position
    on: bool = True


class Renew(Strict):
    """A layer begins anew with the first weights that the seed drew; the others stay."""

    do: Literal["renew"]
    layer: Position


Edit = Annotated[SetWeight | Silence | Freeze | Renew, Field(discriminator="do")]
MOST_EDITS = 100


class Fork(Strict):
    """Where a run goes on from another one's history, with what, and what was done to its network by hand."""

    step: Annotated[
        Annotated[int, Field(ge=0, le=MOST_STEPS, strict=True)] | None,
        Field(description="the step of a snapshot; null: where the run is now"),
    ] = None
    changes: Annotated[dict[str, Any], Field(description="other choices, as in a new run", max_length=20)] = {}
    edits: Annotated[
        list[Edit], Field(description="what is done to the network there, in this order", max_length=MOST_EDITS)
    ] = []
    name: Name = ""
    note: Note = ""
    speed: Speed = None
    start: bool = True


class Treatment(Strict):
    """Which remedy is to be tried, of something that was found."""

    finding: Annotated[Literal[tuple(CAUSES)], Field(description="the cause of what is found now")]  # type: ignore[valid-type]
    remedy: Annotated[int, Field(ge=0, le=9, strict=True, description="the place of its remedy, from 0 on")] = 0


AtStep = Annotated[
    Annotated[int, Field(ge=0, le=MOST_STEPS)] | None,
    Field(description="the step of a snapshot, whose network answers; null for the network as it is now"),
]
Row = Annotated[list[Annotated[int, Field(ge=0, le=255)]], Field(min_length=1, max_length=256)]
Place = Annotated[list[Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]], Field(min_length=2, max_length=2)]
MOST_PLACES = 5000


class Drawn(Strict):
    """What somebody drew, an image or strokes, and which network shall look at it."""

    image: Annotated[list[Row] | None, Field(description="rows of bytes, ink 255 on 0", min_length=1, max_length=256)] = None
    strokes: Annotated[
        list[Annotated[list[Place], Field(min_length=1, max_length=MOST_PLACES)]] | None,
        Field(description="lines of places over the sheet, x and y from 0 to 1, y down", min_length=1, max_length=500),
    ] = None
    pen: Annotated[float, Field(ge=1, le=6, description="how wide the strokes are, in pixels of 28", allow_inf_nan=False)] = (
        PENS[1]
    )
    step: AtStep = None

    @model_validator(mode="after")
    def check_drawing(self) -> "Drawn":
        """Let exactly one of the two be there, with ink, an image's rows equally long, and not too many places in all."""
        if (self.image is None) == (self.strokes is None):
            raise PydanticCustomError("not_allowed", "what is drawn is an image or strokes: one of the two")
        if self.image is not None and len({len(row) for row in self.image}) > 1:
            raise PydanticCustomError("not_allowed", "image must have rows of the same length")
        if self.image is not None and not any(map(any, self.image)):
            raise PydanticCustomError("not_allowed", "image is empty: there is nothing to look at; draw something")
        if self.strokes is not None and (n := sum(map(len, self.strokes))) > MOST_PLACES:
            raise PydanticCustomError("not_allowed", f"strokes must have {MOST_PLACES:,} places at the most, got {n:,}")
        return self


class Inputs(Strict):
    """Examples for predict, in the shape that the network takes."""

    inputs: Annotated[list[Any], Field(min_length=1)]
    step: AtStep = None


class ExperimentRequest(Strict):
    """What an experiment is made with: the request of a run, or a run that is there."""

    configuration: Annotated[dict[str, Any] | None, Field(description="the request of a run", max_length=30)] = None
    run: Annotated[str | None, Field(description="a run's id; its first weights and all that was chosen count")] = None

    @model_validator(mode="after")
    def check_one(self) -> "ExperimentRequest":
        """Let exactly one of the two be there."""
        if (self.configuration is None) == (self.run is None):
            raise PydanticCustomError("not_allowed", "an experiment wants a configuration, or a run: one of the two")
        return self


def body_of(description: str) -> dict[str, Any]:
    """Describe a body of bytes for the API's schema."""
    schema = {"type": "string", "format": "binary", "description": description}
    return {"requestBody": {"required": True, "content": {"application/octet-stream": {"schema": schema}}}}
