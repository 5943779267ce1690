"""The engine's own lines that did what a stop of the glass box shows, and which of them make which quantity."""

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from engine.layers import Layer
from engine.optimizers import clip_by_norm

MOST_FUNCTIONS = 6
"""How many functions that a method calls are shown beside it."""
DERIVATIVE = re.compile(r"∂L/∂([^\W\d_]\w*)")
LEFT = re.compile(r"(?<![∂/\w])([^\W\d_]\w*)\s*[=←]")
SUBSCRIPTS = "ₜ₀₁₂₋ᵀ"
GREEK = {"γ": "gamma", "β": "beta", "μ": "mean", "θ": "theta"}


@dataclass(frozen=True)
class OwnLines:
    """A method or a function as it stands in its file, with the lines in which each quantity is made."""

    name: str
    file: str
    first: int
    lines: tuple[str, ...]
    made: dict[str, list[int]]


def lines_of(way: str, owner: Any) -> list[OwnLines]:
    """Give what ran at a stop: the method of the owner's class, and after it what it calls in the same file."""
    if way == "clipping":
        return [read(clip_by_norm, "", way)]
    return list(lines_of_kind(way, type(owner)))  # type: ignore[arg-type]  # mypy finds no hash of a bare type


@lru_cache(maxsize=512)
def lines_of_kind(way: str, kind: type) -> tuple[OwnLines, ...]:
    """Give what ran at a stop of a layer, a loss, a regularizer or an optimizer of this class."""
    names = {"forward": ["forward"], "backward": ["backward"], "loss": ["forward", "backward"]}.get(way, ["move"])
    if way == "penalty":
        names = ["add_gradient"]
    results = {"forward": "y", "backward": "dx" if issubclass(kind, Layer) else "dy"}
    found = dict[str, OwnLines]()
    for name in names:
        for function, alone in called(kind, getattr(kind, name)):
            result = results.get(function.__name__, "") if way != "loss" or name == "backward" else "loss"
            found.setdefault(function.__qualname__, read(function, result if alone else "", way))
    return tuple(found.values())[: MOST_FUNCTIONS + 1]


def called(kind: type, function: Callable[..., Any]) -> Iterator[tuple[Callable[..., Any], bool]]:
    """Go through a method and what it calls in its own file, those first that it calls itself."""
    function = inspect.unwrap(function)
    waiting, met = [(function, True)], set[str]()
    while waiting and len(met) <= MOST_FUNCTIONS:
        now, alone = waiting.pop(0)
        if now.__qualname__ in met or not inspect.isfunction(now):
            continue
        met.add(now.__qualname__)
        yield now, alone
        for call in ast.walk(tree_of(now)[0]):
            found = target(kind, now, call.func) if isinstance(call, ast.Call) else None
            if found is not None and (in_file_of(function, found) or is_of(kind, found)):
                waiting.append((found, alone and found.__name__ in ("forward", "backward")))


def in_file_of(function: Callable[..., Any], other: Callable[..., Any]) -> bool:
    """Tell whether two functions stand in the same file."""
    return inspect.getsourcefile(function) == inspect.getsourcefile(other)


def is_of(kind: type, function: Callable[..., Any]) -> bool:
    """Tell whether a method is one of the owner's class or of one above it, but of no layer's in general."""
    owner = function.__qualname__.rpartition(".")[0]
    return any(owner == base.__name__ for base in kind.__mro__ if base is not Layer)


def target(kind: type, function: Callable[..., Any], called: ast.expr) -> Callable[..., Any] | None:
    """Find what a call names: a method by self or by its class, or a function of the same file."""
    found: Any = None
    if isinstance(called, ast.Name):
        found = getattr(inspect.getmodule(function), called.id, None)
    elif isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
        owner = kind if called.value.id == "self" else getattr(inspect.getmodule(function), called.value.id, None)
        found = getattr(owner, called.attr, None) if isinstance(owner, type) else None
    elif isinstance(called, ast.Attribute) and isinstance(called.value, ast.Call):  # super().forward(x)
        base = next((b for b in kind.__mro__ if b.__name__ == function.__qualname__.partition(".")[0]), kind)
        found = getattr(super(base, base), called.attr, None) if getattr(called.value.func, "id", "") == "super" else None
    return inspect.unwrap(found) if inspect.isfunction(found) else None


@lru_cache(maxsize=512)
def tree_of(function: Callable[..., Any]) -> tuple[ast.AST, tuple[str, ...], int]:
    """Read a function's lines."""
    lines, first = inspect.getsourcelines(function)
    return ast.parse(inspect.cleandoc("\n" + "".join(lines))), tuple(line.rstrip("\n") for line in lines), first


@lru_cache(maxsize=512)
def read(function: Callable[..., Any], result: str, way: str) -> OwnLines:
    """Find in which lines of a function which quantity is made; what it returns is the `result`."""
    tree, lines, first = tree_of(function)
    made: dict[str, set[int]] = {}
    for node in ast.walk(tree):
        for name in results_of(node, result):
            made.setdefault(name, set()).update(range(node.lineno, (node.end_lineno or node.lineno) + 1))  # type: ignore[attr-defined]
    for number, line in enumerate(lines, 1):
        if "#" in line:
            comment = line.rpartition("#")[2]
            for symbol in (*(f"d{name}" for name in DERIVATIVE.findall(comment.partition("=")[0])), *LEFT.findall(comment)):
                name = symbol.rstrip(SUBSCRIPTS)
                made.setdefault(GREEK.get(name, name), set()).add(number)
    file = Path(inspect.getfile(function)).relative_to(Path(__file__).parents[2]).as_posix()
    numbered = {name: sorted(first + number - 1 for number in numbers) for name, numbers in made.items()}
    return OwnLines(function.__qualname__, file, first, lines, numbered)


def results_of(node: ast.AST, result: str) -> Iterator[str]:
    """Name what a statement makes: what it assigns to, what it writes into with out=, or what it returns."""
    if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for one in targets:
            yield from (made_name(part) for part in (one.elts if isinstance(one, ast.Tuple) else [one]) if made_name(part))
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield from filter(None, (made_name(word.value) for word in node.value.keywords if word.arg == "out"))
    elif isinstance(node, ast.Return) and node.value is not None and result:
        yield result


def made_name(node: ast.expr) -> str:
    """Name a variable, an attribute or a part of one."""
    while isinstance(node, ast.Subscript | ast.Starred):
        node = node.value
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
