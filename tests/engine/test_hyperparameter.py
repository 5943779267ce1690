"""What a person may choose: which fields there are, and what is said where a value is not allowed."""

from dataclasses import dataclass
from typing import Any

import pytest

from engine.hyperparameter import check, choice, fields_of
from engine.training.configuration import ConfigurationError
from engine.training.factory import make


@dataclass
class Base:
    """It has a default already."""

    rate: float = choice("how fast", default=0.5, minimum=0, maximum=1)

    def __post_init__(self) -> None:
        check(self)


@dataclass(kw_only=True)
class Derived(Base):
    """It requires one field more, and may have another."""

    units: int = choice("how many", minimum=1, maximum=9, suggestion=3)
    size: int | None = choice("how large", default=None, minimum=1)
    hidden: int = 7


def test_a_required_field_may_follow_the_defaults_of_a_base_class() -> None:
    assert [(field.name, field.required) for field in fields_of(Derived)] == [("rate", False), ("units", True), ("size", False)]
    assert vars(make("layer", Derived, {"units": 4})) == {"rate": 0.5, "units": 4, "size": None, "hidden": 7}
    with pytest.raises(ConfigurationError, match="Derived needs units: a number from 1 to 9") as refused:
        make("layer", Derived, {"rate": 0.1})
    assert refused.value.field == "layer.units"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"units": 0}, "units must be a number from 1 to 9, got 0"),
        ({"units": 2.5}, "units must be a whole number: a number from 1 to 9, got 2.5"),
        ({"units": float("inf")}, "units must be a whole number"),
        ({"units": float("nan")}, "units must be a whole number"),
        ({"units": 10**400}, "units must be a number from 1 to 9"),
        ({"units": 1, "size": 10**400, "rate": float("inf")}, "rate must be a number from 0 to 1, got inf"),
        ({"units": 1, "rate": float("nan")}, "rate must be a number from 0 to 1, got nan"),
        ({"units": 1, "rate": 10**400}, "rate must be a number from 0 to 1"),
        ({"units": 1, "size": 0}, "size must be a number of at least 1, got 0"),
    ],
)
def test_what_is_not_allowed_is_refused_in_words(values: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match="must be") as refused:
        Derived(**values)
    assert words in str(refused.value)


def test_a_whole_number_may_be_written_as_a_float() -> None:
    assert Derived(units=4.0).units == 4
