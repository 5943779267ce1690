"""Where the rows of a table come from."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from engine.data.tables.layout import Row
from engine.data.tables.text import Text


@dataclass
class Source:
    """Where rows come from: how to go through them from the beginning, about how many there are, and what parts their cells."""

    rows: Callable[[], Iterator[Row]]
    expected: int
    separator: str
    encoding: str = ""
    skip: int = 0
    notes: list[str] = field(default_factory=list)
    names: list[str] | None = None
    said: dict[str, Any] = field(default_factory=dict)
    offers: list[dict[str, Any]] = field(default_factory=list)
    """Other readings that may be meant: in what words they are offered, and what is chosen of a Reading by name."""
    text: Text | None = None
    """The text whose lines are the rows, unless a quotation mark says otherwise."""
