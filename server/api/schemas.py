"""What a request may say: pydantic models built from the catalog's fields, so that nothing is listed twice."""

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, Literal, Union

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, FiniteFloat, create_model, model_validator
from pydantic_core import PydanticCustomError

from engine import Configuration
from engine.hyperparameter import Field as Choosable
from engine.hyperparameter import fields_of, refusal
from engine.layers import LAYERS
from engine.losses import LOSSES
from engine.optimizers import OPTIMIZERS
from engine.regularizers import REGULARIZERS
from engine.schedules import SCHEDULES
from engine.tasks import TASKS

Name = Annotated[str, Field(max_length=80)]
Note = Annotated[str, Field(max_length=2000)]
Speed = Annotated[
    Annotated[float, Field(ge=1, le=1_000_000, allow_inf_nan=False)] | None,
    Field(description="steps per second; null for as fast as possible"),
]


class Strict(BaseModel):
    """Refuses names it does not know, and values of another type."""

    model_config = ConfigDict(extra="forbid", strict=True)


def limited(field: Choosable) -> Any:
    """Give a field's type with its limits, and the engine's own words for a value that is not allowed."""
    limits = field.choice
    if field.holds_layers:  # the engine checks what is inside
        inside = Annotated[list[dict[str, Any]], Field(min_length=1, max_length=64)]
        return Annotated[inside, BeforeValidator(allowed(field)), Field(description=limits.help)]
    number = Field(ge=limits.minimum, le=limits.maximum)
    options: dict[type, Any] = {
        bool: bool,
        int: Annotated[int, number],
        float: Annotated[FiniteFloat, number],
        type(None): None,
        str: Literal[limits.among] if limits.among else str,
    }
    parts = [options.get(t, Annotated[list[Annotated[int, number]], Field(min_length=1, max_length=4)]) for t in field.types]
    return Annotated[Union[tuple(parts)], BeforeValidator(allowed(field)), Field(description=limits.help)]  # noqa: UP007


def allowed(field: Choosable) -> Callable[[Any], Any]:
    """Make the check that names the field, what is allowed and what came."""

    def check(value: Any) -> Any:
        wanted = refusal(field, tuple(value) if isinstance(value, list) else value)
        if wanted:
            raise PydanticCustomError(
                "not_allowed",
                "{field} must be {wanted}, got {got}",
                {"field": field.name, "wanted": wanted, "got": repr(value)[:60]},
            )
        return value

    return check


def model(title: str, fields: Iterable[Choosable], **fixed: Any) -> type[Strict]:
    """Build the model of one class's hyperparameters."""
    described: dict[str, Any] = dict(fixed)
    for field in fields:
        default = ... if field.required else field.default
        described[field.name] = (limited(field), default)
    built: type[Strict] = create_model(title, __base__=Strict, **described)
    return built


def named(table: Mapping[str, Any], key: str = "name") -> Any:
    """Build the union of all classes of a table, told apart by their name."""
    models = tuple(model(name, fields_of(owner), **{key: (Literal[name], ...)}) for name, owner in table.items())
    return Annotated[Union[models], Field(discriminator=key)]  # noqa: UP007


def layers() -> Any:
    """Build the union of all layers; a last Dense may leave its units to the task."""
    models = []
    for name, owner in LAYERS.items():
        fields = [
            Choosable(f.name, (*f.types, type(None)), None, f.choice) if (name, f.name) == ("Dense", "units") else f
            for f in fields_of(owner)
        ]
        models.append(model(name, fields, layer=(Literal[name], ...)))
    return Annotated[Union[tuple(models)], Field(discriminator="layer")]  # noqa: UP007


Layers: Any = layers()


def run_request() -> Any:
    """Build the body of POST /api/runs: one model for each task, because each has data of its own."""
    scalars = {f.name: (limited(f), f.default) for f in fields_of(Configuration)}
    common: dict[str, Any] = {
        "network": (Annotated[list[Layers], Field(min_length=1, max_length=64)], None),
        "optimizer": (named(OPTIMIZERS), None),
        "schedule": (named(SCHEDULES), None),
        "loss": (named(LOSSES), None),
        "regularizer": (named(REGULARIZERS) | None, None),
        **scalars,
        "speed": (Speed, None),
        "name": (Name, ""),
        "note": (Note, ""),
        "start": (Annotated[bool, Field(description="false: wait, paused, before the first step")], True),
    }
    models = tuple(
        model(f"Run_{name}", (), task=(Literal[name], ...), data=(model(f"Data_{name}", fields_of(task)), None), **common)
        for name, task in TASKS.items()
    )
    return Annotated[Union[models], Field(discriminator="task")]  # noqa: UP007


RunRequest = run_request()


class RunChanges(Strict):
    """What may change while a run trains."""

    optimizer: Annotated[dict[str, Any], Field(description="fields of the run's own optimizer", max_length=20)] = {}
    data: Annotated[dict[str, Any], Field(description="fields of the task's data, of the same shape", max_length=20)] = {}
    steps: Annotated[
        int,
        Field(
            ge=1,
            le=10_000_000,
            strict=True,
            description="when training is finished; more of them reopen a finished or stopped run",
        ),
    ] = 1
    speed: Speed = None
    name: Name = ""
    note: Note = ""


class Fork(Strict):
    """Where a run goes on from another one's film, and with what."""

    step: Annotated[int, Field(ge=0, le=10_000_000, strict=True, description="a moment of the film")]
    changes: Annotated[dict[str, Any], Field(description="other choices, as in a new run", max_length=20)] = {}
    name: Name = ""
    note: Note = ""
    speed: Speed = None
    start: bool = True


class Drawn(Strict):
    """An image that somebody drew: rows of bytes, ink 255 on 0."""

    image: Annotated[
        list[Annotated[list[Annotated[int, Field(ge=0, le=255)]], Field(min_length=1, max_length=256)]],
        Field(min_length=1, max_length=256),
    ]

    @model_validator(mode="after")
    def check_rows(self) -> "Drawn":
        """Let all rows be equally long."""
        if len({len(row) for row in self.image}) > 1:
            raise PydanticCustomError("not_allowed", "image must have rows of the same length")
        return self


class Axis(Strict):
    """A choice that differs between runs."""

    path: Annotated[
        str,
        Field(
            min_length=1,
            max_length=80,
            description='"batch_size", "optimizer.learning_rate", "network.0.units"; "activation" for all activations',
        ),
    ]
    values: Annotated[list[Any], Field(min_length=1, max_length=64)]


class GroupRequest(Strict):
    """A race: in the k-th run every axis has its k-th value. A sweep: a run for every combination of the axes' values."""

    kind: Literal["race", "sweep"]
    base: Annotated[dict[str, Any], Field(description="the request of a run", max_length=30)]
    axes: Annotated[list[Axis], Field(min_length=1, max_length=8)]
    speed: Speed = None
    start: bool = True

    @model_validator(mode="after")
    def check_axes(self) -> "GroupRequest":
        """Let a sweep have two axes at the most, and no path stand twice."""
        paths = [axis.path for axis in self.axes]
        if len(set(paths)) < len(paths) or (self.kind == "sweep" and len(paths) > 2):
            raise PydanticCustomError("not_allowed", "a sweep has one or two axes, and every path stands only once")
        return self


class Inputs(Strict):
    """Examples for predict, in the shape that the network takes."""

    inputs: Annotated[list[Any], Field(min_length=1)]


_TAGS = {*TASKS, *LAYERS, *OPTIMIZERS, *SCHEDULES, *LOSSES, *REGULARIZERS}


def field_path(location: tuple[int | str, ...]) -> str:
    """Turn pydantic's location into a path as a person writes it: network.2.units."""
    parts = [str(part) for part in location if part != "body"]
    if parts and parts[0] in TASKS:
        parts = parts[1:]
    kept = [part for i, part in enumerate(parts) if not (i and part in _TAGS and (parts[i - 1].isdecimal() or i == 1))]
    return ".".join(part for part in kept if "[" not in part and part not in ("none", "int", "float", "str"))
