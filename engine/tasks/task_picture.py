"""How a task says what can be seen of it: one decorated method for each picture."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, get_args, get_type_hints

from engine.pictures import Picture

Look = TypeVar("Look", bound=Callable[..., Picture | None])
NUMBERS = ("example", "axes", "neuron")
"""What the number behind a picture's name may choose: an example, the columns that are the picture's axes, or a neuron."""


@dataclass(frozen=True)
class TaskPicture:
    """A picture of a task: its name, the kind that is seen, the number that it takes, the method that looks, older names,
    and whether it is there only for who asks for it by its name.
    """

    name: str
    kind: type[Picture]
    takes: str | None
    method: str
    formerly: tuple[str, ...] = ()
    by_hand: bool = False

    @property
    def view(self) -> str:
        """Name the view that draws it."""
        return self.kind.view


def picture(name: str, *, formerly: tuple[str, ...] = (), by_hand: bool = False) -> Callable[[Look], Look]:
    """Make a task's method one of its pictures.

    The method takes the network, and where the picture shows one example or a slice of the inputs their number, as a parameter
    called `example` or `axes` (0 where nobody chose), or that of a neuron. Its return annotation says what kind of picture it
    is, and so which view draws it; it may return None where there is nothing to see. `formerly` are names that the picture had
    before. One that is looked at `by_hand` has no card: it is made for who asks for it, as when a neuron is pointed at.
    """

    def declare(look: Look) -> Look:
        numbers = list(inspect.signature(look).parameters)[2:]
        kinds = [kind for kind in _alternatives(get_type_hints(look)["return"]) if kind is not type(None)]
        if not set(numbers) <= set(NUMBERS) or len(numbers) > 1:
            raise TypeError(f"the picture {name!r} takes the network, and one of {', '.join(NUMBERS)}; got {numbers}")
        if len(kinds) != 1 or not issubclass(kinds[0], Picture) or not hasattr(kinds[0], "view"):
            raise TypeError(f"the method of the picture {name!r} must say which kind of picture it returns, got {kinds}")
        look.__dict__["picture"] = TaskPicture(
            name, kinds[0], numbers[0] if numbers else None, look.__name__, formerly, by_hand
        )
        return look

    return declare


def _alternatives(hint: Any) -> tuple[Any, ...]:
    """Give the parts of  A | None,  or the type alone."""
    return get_args(hint) or (hint,)


def pictures_of(task: type) -> dict[str, TaskPicture]:
    """Collect the pictures that a class declares, in their order, and after them those of the classes it is derived from."""
    attributes = dict.fromkeys(attribute for owner in task.__mro__ for attribute in vars(owner))
    declared = [getattr(getattr(task, attribute, None), "picture", None) for attribute in attributes]
    pictures = [one for one in declared if isinstance(one, TaskPicture)]
    names = [name for one in pictures for name in (one.name, *one.formerly)]
    if len(set(names)) < len(names):
        raise TypeError(f"{task.__name__} has two pictures of one name: {', '.join(names)}")
    return {one.name: one for one in pictures}


def find(pictures: Mapping[str, TaskPicture], name: str) -> tuple[TaskPicture, int]:
    """Give the picture of this name, and the number behind the name, as in "feature maps/7". Raises KeyError."""
    plain, _, number = name.partition("/")
    found = pictures.get(plain) or next((one for one in pictures.values() if plain in one.formerly), None)
    if found is None:
        raise KeyError(plain)
    return found, int(number) if number.isdecimal() else 0
