"""Pydantic models made of the catalog's fields, so that nothing is listed twice."""

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, Literal, Union

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, FiniteFloat, create_model
from pydantic_core import PydanticCustomError

from engine.hyperparameter import Field as Choosable
from engine.hyperparameter import fields_of, refusal
from engine.layers import LAYERS

MOST_LAYERS = 64
"""Layers of one list at the most, of the network or inside another layer."""
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
    several = Field(min_length=1, max_length=4 if field.element is int else MOST_NUMBERS)
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


def named(table: Mapping[str, Any], key: str = "name") -> Any:
    """Build the union of all classes of a table, told apart by their name."""
    models = tuple(model(name, fields_of(owner), **{key: (Literal[name], ...)}) for name, owner in table.items())  # type: ignore[arg-type]
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
