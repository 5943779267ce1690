"""One column of a table: what it holds, and what it can and cannot be."""

import re
from dataclasses import dataclass
from types import NoneType
from typing import Any

import numpy as np

from engine.arrays import Array

MOST_CLASSES, MOST_WORDS = 200, 20
"""Different values that a class to learn may have, and a column of words that is read."""
MOST_CLASSES_OF_0_3_0 = 30
"""What version 0.3.0 took as a class at the most."""
TOGETHER = 2
"""Rows that each class has in the mean, where there are many."""
MOST_LISTED = MOST_CLASSES
"""Different words of a column that are kept; a column with more of them can be neither."""
MOSTLY_MISSING = 0.5
"""The share of a column's cells from which on it is left out at first."""


class TableError(ValueError):
    """A file that is no table; the message says what to do."""


@dataclass
class Column:
    """One column: a "number" for each row, or a "word" out of `values`; cells that are missing are NaN.

    `no_feature`, `no_class`, `no_number` say why it cannot be read, be the class, or the number to learn; empty where it can.
    `left_out` says why it is not read unless a person asks for it. A date is several columns of the same `source`, its place in
    the file: each is a `part` of it (trend, time of year, weekday, hour).
    """

    name: str
    kind: str
    missing: int
    distinct: int
    values: list[str]
    mean: float | None
    std: float | None
    no_feature: str = ""
    no_class: str = ""
    no_number: str = ""
    left_out: str = ""
    source: int | None = None
    part: str = ""

    @property
    def usual(self) -> bool:
        """Tell whether it is read unless a person says otherwise."""
        return not self.no_feature and not self.left_out


LATER = ("left_out", "source", "part")
"""What version 0.3.0 did not know of a column."""


def check_column(column: Column) -> None:
    """Raise a TypeError where a column that was read back is not as it was written."""
    number = (float, int, NoneType)
    kinds: dict[str, Any] = {"missing": int, "distinct": int, "values": list, "mean": number, "std": number}
    kinds["source"] = (int, NoneType)
    for name, value in vars(column).items():
        if not isinstance(value, kinds.get(name, str)):
            raise TypeError(name)
    if column.kind not in ("number", "word") or not all(isinstance(value, str) for value in column.values):
        raise TypeError(column.name)


def plural(n: int, word: str) -> str:
    """Count things in words."""
    return f"{n:,} {word}{'' if n == 1 else 's'}"


def written(value: float) -> str:
    """Write a number as briefly as it can be told from others: whole ones with all their digits."""
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(float(value))


ID = re.compile(r"(?:.*[\W_])?(?:id|key|index|uuid|guid|nr|no|number)|.*[a-z]I[dD]", re.IGNORECASE)


def judge(column: Column, values: Array, order: Array) -> None:
    """Say what a column cannot be, and what to do about it; `order` is where in the file each row stands."""
    rows = len(values)
    if column.distinct == 0:
        column.no_feature = column.no_class = column.no_number = "all its cells are missing"
        return
    if column.distinct == 1:
        column.no_feature = column.no_number = "it is the same in every row"
        column.no_class = f"it has one class only, {''.join(column.values)!r}; a network needs two to tell apart"
        return
    if column.missing > MOSTLY_MISSING * rows:
        column.left_out = f"{column.missing:,} of {rows:,} cells are missing"
    if column.kind == "word":
        column.no_number = "its cells are words"
        if column.distinct > MOST_WORDS:
            column.no_feature = f"it has {column.distinct:,} different words, at most {MOST_WORDS} can be read"
        elif column.distinct == rows > 4:
            column.left_out = "every row has another word"
    if column.distinct > MOST_CLASSES:
        column.no_class = too_many_classes(column.distinct, MOST_CLASSES)
    elif column.distinct > MOST_CLASSES_OF_0_3_0 and rows < TOGETHER * column.distinct:
        column.no_class = (
            f"it has {column.distinct:,} different values in {rows:,} rows; more than {MOST_CLASSES_OF_0_3_0} are classes "
            f"where each is in {TOGETHER} rows in the mean"
        )
    if column.kind == "number" and not column.part and rows > 3:
        if counts_evenly(values, order):
            first = ", ".join(written(v) for v in values[:3].tolist())
            plain = np.array_equal(np.diff(values), np.ones(rows - 1))
            column.left_out = "it only numbers the rows" if plain else f"it counts evenly ({first} …)"
        elif column.distinct == rows and ID.fullmatch(column.name) and whole(values):
            column.left_out = "it is called an id, and differs in every row"


def too_many_classes(distinct: int, most: int) -> str:
    """Say that a column has too many different values to be learned as a class, and how many it may have."""
    return f"it has {distinct:,} different values, at most {most} can be classes"


def whole(values: Array) -> bool:
    """Tell whether all numbers that are there are whole."""
    known = values[np.isfinite(values)]
    return bool((known == np.round(known)).all())


def counts_evenly(values: Array, order: Array) -> bool:
    """Tell whether whole numbers go up or down by the same from row to row, those of the file that were not drawn too."""
    if not whole(values) or not np.isfinite(values).all():
        return False
    steps = np.diff(values) / np.diff(order)
    return bool(steps[0] != 0 and (steps == steps[0]).all())
