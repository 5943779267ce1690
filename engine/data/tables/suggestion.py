"""What of a table is learned, and from what, unless a person says otherwise."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from engine.arrays import Array
from engine.data.tables.column import MOST_CLASSES, TOGETHER, Column, TableError

CLASSES = [
    "target",
    "label",
    "classlabel",
    "y",
    "outcome",
    "survived",
    "survival",
    "churn",
    "churned",
    "attrition",
    "exited",
    "diagnosis",
    "class",
    "default",
    "defaulted",
    "fraud",
    "isfraud",
    "loanstatus",
    "approved",
    "cancelled",
    "canceled",
    "converted",
    "clicked",
    "purchased",
    "subscribed",
    "deposit",
    "disease",
    "illness",
    "quality",
    "income",
    "species",
    "variety",
    "cultivar",
    "verdict",
    "sentiment",
    "spam",
    "outcomes",
    "targets",
    "labels",
    "classes",
    "klasse",
    "ziel",
    "zielwert",
    "clase",
    "classe",
    "cible",
    "objetivo",
    "especie",
    "espèce",
    "etiqueta",
    "класс",
    "цель",
    "類別",
    "分類",
]
"""Names of what is learned, those before others that are likelier."""
KINDS = "category kind type response result grade art sorte категория вид 종류 种类 種類".split()  # noqa: SIM905
"""Names of what may be learned, and as well be one thing of many that is known."""
ALONE = {"y", "class", "klasse", "clase", "classe", "classes", "survival", "deposit", "illness", "income", "cultivar"}
"""Those of CLASSES that tell only where they are the whole name: "median_income" and "class size" are known beforehand. Others
tell at the beginning or at the end of a longer one too, as in "Attrition Flag" and "heart_disease".
"""
PRICES = "saleprice sellingprice medv medianhousevalue houseprice mpg charges".split()  # noqa: SIM905
"""Names of numbers that are learned, wherever they stand."""
NUMBERS = "price salary wage sales revenue cost amount demand consumption value preis precio prix цена 가격".split()  # noqa: SIM905
"""Names of numbers that are learned where the last column is no word."""
NAMED = 300
"""A rank below which a column's name says that it is learned, wherever it stands."""
FEW, MANY = 10, 30
"""Different values that are classes as a matter of course: whole numbers, and those of a column whose name says a class or
which holds words. More of them are where a person says so, or where words have ROWS_OF_MANY rows each.
"""
ROWS_OF_MANY = 5
"""Rows that each of many classes has in the mean."""
FEWEST_ROWS = 20
"""Rows in all of which a column tells the class, from which on that is no chance."""
LOOKED_AT = 1_000
"""Rows that are looked at before all of them are."""
MOST_LOST = 0.02
"""The share of the rows that may be left out for their gaps; more of them are filled."""


def words_of(name: str) -> list[str]:
    """Cut a name into its words: "loan_status", "SalePrice", "Attrition Flag"."""
    return re.findall(r"[^\W\d_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower())


def rank(name: str, last: bool, numbers: bool, no_number: bool) -> float:
    """Say how likely a column is to be learned by its name: 0 is the likeliest, infinity where it tells nothing.

    numbers: whether one may be learned that is called a price or the like, as no word stands last.
    """
    words = words_of(name)
    joined = "".join(words)
    if joined in CLASSES:
        return CLASSES.index(joined)
    if joined in PRICES and not no_number:
        return 100
    ends = [CLASSES.index(word) for word in (words[-1:] + words[:1]) if word in CLASSES and word not in ALONE]
    if ends:
        return 200 + min(ends)
    if numbers and not no_number and joined in NUMBERS:
        return 300 + NUMBERS.index(joined)
    if joined in KINDS:
        return 299 if last else 500 + KINDS.index(joined)
    return float("inf")


def suggest(columns: Sequence[Column], rows: int = 0) -> dict[str, Any]:
    """Propose what to learn and from what: a column that is named for it, else the last one that can be learned."""
    able = [k for k, c in enumerate(columns) if not (c.no_class and c.no_number)]
    able = [k for k in able if is_usual(columns[k], rows)] or able
    usual = [k for k in able if not columns[k].part and (not columns[k].left_out or columns[k].missing)] or able
    if not usual:
        raise TableError(
            "no column can be learned: a class needs 2 to "
            f"{MOST_CLASSES} different values, a number more than one; "
            + "; ".join(f"{c.name}: {c.no_class or c.no_number}" for c in columns[:6])
        )
    last = usual[-1]
    lower = [c.name.lower() for c in columns]
    numbers = columns[last].kind != "word"
    scores = {
        k: rank(columns[k].name, k == last, numbers, bool(columns[k].no_number))
        for k in usual
        if lower[k] != "y" or k == last or "x" not in lower
    }
    target = min(scores, key=lambda k: (scores[k], -k), default=last)  # the last one where no name tells
    column = columns[target]
    features = [k for k, c in enumerate(columns) if k != target and c.usual]
    features = features or [k for k, c in enumerate(columns) if k != target and not c.no_feature]
    if not features:
        raise TableError(
            "no column is left to read: "
            + "; ".join(
                f"{c.name}: {c.no_class if c.distinct == 1 else c.no_feature}" for k, c in enumerate(columns[:6]) if k != target
            )
        )
    lost = sum({columns[k].source if columns[k].part else -1 - k: columns[k].missing for k in features}.values())
    cells = "most frequent" if lost > max(2.0, MOST_LOST * rows) else "leave out"
    return {
        "task": "table" if is_class(column, rows) else "numbers",
        "target": target,
        "features": features,
        "missing_cells": cells,
    }


def told_of_copies(columns: Sequence[Column], cells: Array, suggested: Mapping[str, Any]) -> list[str]:
    """Say which columns that are read are the class in other words, as a code beside its name is."""
    target, features = columns[suggested["target"]], suggested["features"]
    if suggested["task"] != "table" or len(features) < 2:
        return []
    found = []
    for k in features:
        if columns[k].distinct != target.distinct or columns[k].part:
            continue
        both = cells[:, [k, suggested["target"]]]
        both = both[np.isfinite(both).all(axis=1)]
        if len(np.unique(both[:LOOKED_AT], axis=0)) > target.distinct:
            continue  # as in nearly all columns, and all rows take long
        if len(both) >= FEWEST_ROWS and len(np.unique(both, axis=0)) == target.distinct:
            found.append(
                f"{columns[k].name} tells {target.name} in every row, as a copy of it in other words does. "
                "Where it is not known beforehand, leave it out."
            )
    return found


LONG = 5
"""Columns in a row that are written as a range."""


def written_places(places: Sequence[int]) -> str:
    """Write which columns are read: "0.2.5-90" for 0, 2, and 5 to 90."""
    found: list[list[int]] = []
    for k in places:
        if found and k == found[-1][-1] + 1:
            found[-1].append(k)
        else:
            found.append([k])
    return ".".join(f"{run[0]}-{run[-1]}" if len(run) >= LONG else ".".join(map(str, run)) for run in found)


def places_in(text: str) -> list[int]:
    """Read what `written_places` writes, or a person: 7-3 is 3-7."""
    ends = [[int(end) for end in part.split("-")] for part in text.split(".") if part]
    return [k for pair in ends for k in range(min(pair), max(pair) + 1)]


NAMES_OF_0_3_0 = ("class", "label", "target", "species", "category", "outcome")


def suggest_as_0_3_0(columns: Sequence[Column]) -> tuple[str, int]:
    """Give the task and the column to learn that version 0.3.0 proposed, for the runs that left them to it."""
    places = range(len(columns))
    whole = [k for k in places if not columns[k].no_class and (columns[k].kind == "word" or columns[k].distinct <= FEW)]
    named = [
        k for k in places if not (columns[k].no_class and columns[k].no_number) and columns[k].name.lower() in NAMES_OF_0_3_0
    ]
    numeric = [k for k in places if not columns[k].no_number]
    last = len(columns) - 1
    words = [k for k in whole if columns[k].kind == "word"]
    order = [*named, *([last] if last in whole else []), *reversed(words), *([last] if last in numeric else []), *whole]
    order += reversed(numeric)
    if not order:
        raise TableError("no column can be learned; choose another table")
    target = order[0]
    return ("table" if target in whole or (target in named and not columns[target].no_class) else "numbers"), target


def is_usual(column: Column, rows: int) -> bool:
    """Tell whether a column is learned without being asked for: no words of which each stands in a few rows only."""
    return column.kind == "number" or column.distinct <= MANY or not rows or column.distinct * ROWS_OF_MANY <= rows


def is_class(column: Column, rows: int) -> bool:
    """Tell whether what is learned is a class: words, or a few whole numbers, each of them more than once."""
    if column.no_class or column.no_number:
        return not column.no_class
    if not all(re.fullmatch(r"-?\d+", value) for value in column.values):
        return False
    few = column.distinct <= FEW or (column.distinct <= MANY and rank(column.name, True, False, True) < float("inf"))
    return few and (not rows or column.distinct * TOGETHER <= rows)
