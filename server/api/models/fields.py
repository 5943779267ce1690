"""Pydantic models made of the catalog's fields, so that nothing is listed twice."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Annotated, Any, Literal, Union

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    FiniteFloat,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    TypeAdapter,
    create_model,
)
from pydantic_core import CoreSchema, PydanticCustomError, PydanticKnownError
from pydantic_core.core_schema import no_info_plain_validator_function

from engine.hyperparameter import Field as Choosable
from engine.hyperparameter import fields_of, refusal
from engine.layers import LAYERS
from engine.training.check import MOST_LAYERS

MOST_NUMBERS = 1000
"""Numbers of a list at the most, where they need not be whole: one for each class."""


class Strict(BaseModel):
    """Refuses names it does not know, and values of another type."""

    model_config = ConfigDict(extra="forbid", strict=True)


def limited(field: Choosable) -> Any:
    """Give a field's type with its limits, and the engine's own words for a value that is not allowed."""
    limits = field.choice
    if field.holds_layers:  # the engine checks what is inside
        inside = Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MOST_LAYERS)]
        return Annotated[inside, BeforeValidator(allowed(field)), Field(description=limits.help)]
    number = Field(ge=limits.minimum, le=limits.maximum)
    options: dict[type, Any] = {
        bool: bool,
        int: Annotated[int, number],
        float: Annotated[FiniteFloat, number],
        type(None): None,
        str: Literal[limits.among] if limits.among else str,
    }
    most = {int: 4, float: MOST_NUMBERS, str: len(limits.among)}[field.element]
    if field.element is int and type(None) in field.types:  # no shape: neurons of a layer
        most = MOST_NUMBERS
    several = Field(min_length=1, max_length=most)
    element = options[field.element]
    parts = [options.get(t, Annotated[list[element], several]) for t in field.types]  # type: ignore[valid-type]
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


def model(title: str, fields: Iterable[Choosable], base: type[Strict] = Strict, **fixed: Any) -> type[Strict]:
    """Build the model of one class's hyperparameters."""
    described: dict[str, Any] = dict(fixed)
    for field in fields:
        default = ... if field.required else field.default
        described[field.name] = (limited(field), default)
    built: type[Strict] = create_model(title, __base__=base, **described)
    return built


class OneOf:
    """One of many models, told apart by a name in them, as a union would be; each is built when it is first asked for.

    All of them together take as long to build as all else of the API; a run needs a handful. For the schema all are built.
    """

    def __init__(self, key: str, build: Mapping[str, Callable[[], type[Strict]]]) -> None:
        self._key, self._build = key, build
        self._built: dict[str, type[Strict]] = {}

    def _model(self, name: str) -> type[Strict]:
        if name not in self._built:
            self._built[name] = self._build[name]()
        return self._built[name]

    def _validate(self, said: Any) -> Strict:
        if not isinstance(said, dict):
            raise PydanticKnownError("model_attributes_type")
        if self._key not in said:
            raise PydanticKnownError("union_tag_not_found", {"discriminator": f"'{self._key}'"})
        name = said[self._key]
        if not isinstance(name, str) or name not in self._build:
            tags = ", ".join(map(repr, self._build))
            context = {"discriminator": f"'{self._key}'", "tag": str(name)[:60], "expected_tags": tags}
            raise PydanticKnownError("union_tag_invalid", context)
        return self._model(name).model_validate(said)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Tell pydantic how to check a value."""
        return no_info_plain_validator_function(self._validate)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Tell pydantic how to describe it: as the union that it is."""
        union: Any = Union[tuple(map(self._model, self._build))]  # noqa: UP007
        adapter: TypeAdapter[Any] = TypeAdapter(Annotated[union, Field(discriminator=self._key)])
        return handler(adapter.core_schema)


def named(table: Mapping[str, Any], key: str = "name") -> Any:
    """Give what stands for any class of a table, told apart by their name."""

    def build(name: str, owner: Any) -> type[Strict]:
        return model(name, fields_of(owner), **{key: (Literal[name], ...)})  # type: ignore[arg-type]

    return Annotated[Any, OneOf(key, {name: partial(build, name, owner) for name, owner in table.items()})]


def layers() -> Any:
    """Give what stands for any layer; a last Dense may leave its units to the task."""

    def build(name: str) -> type[Strict]:
        fields = [
            Choosable(f.name, (*f.types, type(None)), None, f.choice) if (name, f.name) == ("Dense", "units") else f
            for f in fields_of(LAYERS[name])
        ]
        return model(name, fields, layer=(Literal[name], ...))

    return Annotated[Any, OneOf("layer", {name: partial(build, name) for name in LAYERS})]
