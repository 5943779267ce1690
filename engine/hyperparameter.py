"""What a person may choose: the limits and the sentence of help that a dataclass field carries.

The form in the browser, the validation of a request and the engine's own errors all read the same metadata, so
nothing is listed twice.
"""

import dataclasses
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import numpy as np


@dataclass(frozen=True)
class Choice:
    """The limits of one hyperparameter, and one sentence on what it does."""

    help: str
    minimum: float | None = None
    maximum: float | None = None
    among: tuple[str, ...] = ()
    scale: str = "linear"
    unit: str = ""
    suggestion: Any = None
    pattern: str = ""
    section: str = ""

    def allowed(self) -> str:
        """Say in words which values may be chosen."""
        words = [" or ".join(self.among)] if self.among else []
        if self.pattern:
            words.append(f"a text of the form {self.pattern}")
        if self.minimum is not None and self.maximum is not None:
            words.append(f"a number from {self.minimum:g} to {self.maximum:g}")
        elif self.minimum is not None:
            words.append(f"a number of at least {self.minimum:g}")
        return ", or ".join(words)


def choice(
    help: str,
    *,
    default: Any = dataclasses.MISSING,
    minimum: float | None = None,
    maximum: float | None = None,
    among: Iterable[str] = (),
    scale: str = "linear",
    unit: str = "",
    suggestion: Any = None,
    pattern: str = "",
    section: str = "",
) -> Any:
    """Make a dataclass field that a person may choose:  units: int = choice("how many outputs", minimum=1).

    A number lies from `minimum` to `maximum`, each of them where a tuple is chosen; a text is one of those `among`, a tuple of
    texts some of them, or a text has the form `pattern`. Without a `default` a value is required; `suggestion` is what a form
    begins with there. `scale` ("linear" or "log") says how a slider divides the range, and `unit` what is counted;
    fields of the same `section` stand together under it.

    A class whose base has defaults declares a required field by @dataclass(kw_only=True), as every dataclass must.
    """
    limits = Choice(help, minimum, maximum, tuple(among), scale, unit, suggestion, pattern, section)
    return dataclasses.field(default=default, metadata={"choice": limits})


@dataclass(frozen=True)
class Field:
    """A hyperparameter as the catalog shows it: its name, types, default and limits."""

    name: str
    types: tuple[Any, ...]
    """What it may hold: (int,), or for  int | None  (int, NoneType)."""
    default: Any
    choice: Choice

    @property
    def holds_layers(self) -> bool:
        """Tell whether the value is a list of layers."""
        return any(get_origin(t) is list for t in self.types)

    @property
    def holds_names(self) -> bool:
        """Tell whether the value is some of the names `among`."""
        return tuple[str, ...] in self.types

    @property
    def element(self) -> type:
        """Give the type of what it may hold several of: names, numbers; whole ones where it may not."""
        if self.holds_names:
            return str
        return float if any(get_origin(t) is tuple and float in get_args(t) for t in self.types) else int

    @property
    def required(self) -> bool:
        """Tell whether a person has to choose a value, because there is no default."""
        return self.default is dataclasses.MISSING


def fields_of(owner: Any) -> list[Field]:
    """List the hyperparameters of a dataclass, or of one of its objects, in the order in which __init__ takes them."""
    return list(declared(owner if isinstance(owner, type) else type(owner)))


@cache
def declared(owner: type) -> tuple[Field, ...]:
    """List the hyperparameters of a dataclass once: its types are read as text, which costs more than a small layer."""
    hints = get_type_hints(owner)
    chosen = sorted((f for f in dataclasses.fields(owner) if "choice" in f.metadata), key=lambda f: bool(f.kw_only))
    return tuple(Field(field.name, types_of(hints[field.name]), field.default, field.metadata["choice"]) for field in chosen)


def types_of(hint: Any) -> tuple[Any, ...]:
    """Take a type like  int | None  apart."""
    return get_args(hint) if isinstance(hint, UnionType) else (hint,)


def check(owner: Any) -> None:
    """Raise a ValueError that names the first field whose value is not allowed, what came, and what is allowed.

    The fields then hold plain numbers: what NumPy calls a number is one here too, and 2.0 a whole one.
    """
    for field in fields_of(owner):
        value = plain(field, getattr(owner, field.name))
        reason = refusal(field, value)
        if reason:
            raise ValueError(f"{type(owner).__name__}: {field.name} must be {reason}, got {value!r}")
        setattr(owner, field.name, value)


def plain(field: Field, value: Any) -> Any:
    """Turn a number of NumPy's, a whole float or a list of numbers into what the field's type says, where it can be."""
    if isinstance(value, np.generic) or (isinstance(value, np.ndarray) and value.ndim == 0):
        value = value.item()
    if isinstance(value, (list, np.ndarray)) and any(get_origin(t) is tuple for t in field.types):
        value = tuple(value)
    if isinstance(value, tuple):
        return tuple(plain(replace(field, types=(field.element,)), v) for v in value)
    whole = isinstance(value, float) and value.is_integer() and int in field.types and float not in field.types
    return int(value) if whole else value


def refusal(field: Field, value: Any) -> str:
    """Say what the value should have been; the empty string where it is allowed."""
    limits = field.choice
    if type(None) in field.types and value is None:
        return ""
    if bool in field.types:
        return "" if isinstance(value, bool) else "true or false"
    if field.holds_layers:
        return "" if isinstance(value, (list, tuple)) and value else "a list of at least one layer"
    if isinstance(value, str) and limits.pattern:
        return "" if re.fullmatch(limits.pattern, value, re.ASCII) else limits.allowed()
    if isinstance(value, str) and str in field.types:
        return "" if not limits.among or value in limits.among else limits.allowed()
    if field.holds_names:
        known = isinstance(value, tuple) and all(isinstance(name, str) and name in limits.among for name in value)
        return "" if known and 0 < len(value) == len(set(value)) else f"one or more of {', '.join(limits.among)}, each once"
    kinds = [get_args(t) for t in field.types if get_origin(t) is tuple]
    some = "numbers" if field.element is float else "whole numbers"
    if isinstance(value, tuple) and kinds:
        if not any(... in kind or len(kind) == len(value) for kind in kinds):
            return f"{' or '.join(str(len(kind)) for kind in kinds)} {some}, each {replace(limits, among=()).allowed()}"
        fit = [type(v) in (int, field.element) and not refusal(replace(field, types=(field.element,)), v) for v in value]
        return "" if fit and all(fit) else f"{some}, each {replace(limits, among=()).allowed()}"
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not {int, float} & set(field.types):
        return f"{some}, each {limits.allowed()}" if field.element is float else limits.allowed() or "a value of another type"
    if float not in field.types and isinstance(value, float) and not value.is_integer():
        return f"a whole number: {limits.allowed()}"
    low = -math.inf if limits.minimum is None else limits.minimum
    high = math.inf if limits.maximum is None else limits.maximum
    return "" if -math.inf < value < math.inf and low <= value <= high else limits.allowed()
