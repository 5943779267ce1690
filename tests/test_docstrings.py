"""Everything public says what it is, and what comes from a paper says from which."""

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import engine
import server
from engine.initializers import INITIALIZERS
from engine.layers import LAYERS
from engine.optimizers import OPTIMIZERS
from engine.regularizers import REGULARIZERS
from engine.schedules import SCHEDULES
from engine.training.factory import LOSSES


def modules(package: ModuleType) -> Iterator[ModuleType]:
    folder = Path(str(package.__file__)).parent
    for path in folder.rglob("*.py"):
        name = ".".join(path.relative_to(folder.parent).with_suffix("").parts).removesuffix(".__init__")
        __import__(name)
        yield sys.modules[name]


@pytest.mark.parametrize("package", [engine, server], ids=["engine", "server"])
def test_everything_public_has_a_docstring(package: ModuleType) -> None:
    missing = []
    for module in modules(package):
        assert module.__doc__, module.__name__
        for name, thing in vars(module).items():
            if name.startswith("_") or not name.isidentifier() or getattr(thing, "__module__", None) != module.__name__:
                continue
            if inspect.isfunction(thing) and not thing.__doc__:
                missing.append(f"{module.__name__}.{name}")
            if inspect.isclass(thing):
                own = "" if (thing.__doc__ or "").startswith(f"{name}(") else thing.__doc__
                methods = [
                    m
                    for m, f in vars(thing).items()
                    if not m.startswith("_") and inspect.isfunction(f) and not inspect.getdoc(getattr(thing, m))
                ]
                missing += [] if own else [f"{module.__name__}.{name}"]
                missing += [f"{module.__name__}.{name}.{m}" for m in methods]
    assert not missing


OFFERED = LAYERS | LOSSES | REGULARIZERS | INITIALIZERS | SCHEDULES | OPTIMIZERS
BOOKKEEPING = {
    "Flatten": "gives the same numbers another shape",
    "Reshape": "gives the same numbers another shape",
    "Constant": "leaves the learning rate as it is",
    "Height": "gives back the height that a surface says",
}
"""What comes from no paper, and what it does instead of computing."""


def test_layers_and_optimizers_name_their_source() -> None:
    unnamed = {name for name, thing in OFFERED.items() if not re.search(r"[A-Z]\w+.* \((18|19|20)\d\d\)", thing.__doc__ or "")}
    assert unnamed == BOOKKEEPING.keys() & OFFERED.keys()


def test_what_is_offered_has_its_name_in_the_engine() -> None:
    assert {name for name in OFFERED if not hasattr(engine, name)} == {"Height"}, "a task's own loss"
