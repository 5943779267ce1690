"""What of a table is learned, and from what, unless a person says otherwise."""

import re
from collections.abc import Sequence
from typing import Any

from engine.data.tables.column import MOST_CLASSES, Column, TableError

CLASSES = [
    "target",
    "label",
    "class",
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
    "category",
    "kind",
    "type",
    "cultivar",
    "response",
    "result",
    "verdict",
    "sentiment",
    "spam",
    "grade",
    "outcomes",
    "targets",
    "labels",
    "classes",
    "klasse",
    "ziel",
    "zielwert",
    "art",
    "sorte",
    "clase",
    "classe",
    "cible",
    "objetivo",
    "especie",
    "espèce",
    "etiqueta",
    "категория",
    "класс",
    "вид",
    "цель",
    "종류",
    "种类",
    "類別",
    "分類",
]
"""Names of what is learned, those before others that are likelier."""
NUMBERS = [
    "price",
    "saleprice",
    "sellingprice",
    "medv",
    "salary",
    "wage",
    "sales",
    "revenue",
    "charges",
    "cost",
    "amount",
    "demand",
    "consumption",
    "mpg",
    "value",
    "preis",
    "precio",
    "prix",
    "цена",
    "가격",
]
"""Names of numbers that are learned where the last column is no class."""
FEW, TOGETHER = 10, 2
"""Different whole numbers that may be classes, and rows that each of them has in the mean."""
MOST_LOST = 0.02
"""The share of the rows that may be left out for their gaps; more of them are filled."""


def words_of(name: str) -> list[str]:
    """Cut a name into its words: "loan_status", "SalePrice", "Attrition Flag"."""
    return re.findall(r"[^\W\d_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower())


def rank(name: str, names: Sequence[str]) -> float:
    """Say how likely a column is to be learned by its name: 0 is the likeliest, infinity none."""
    words = words_of(name)
    joined = "".join(words)
    if joined in names:
        return names.index(joined)
    ends = [names.index(word) for word in (words[-1:] + words[:1]) if len(words) > 1 and len(word) > 3 and word in names]
    return 1000 + min(ends) if ends else float("inf")


def suggest(columns: Sequence[Column], rows: int = 0) -> dict[str, Any]:
    """Propose what to learn and from what: a column that is named for it, else the last one that can be learned."""
    able = [k for k, c in enumerate(columns) if not (c.no_class and c.no_number)]
    usual = [k for k in able if not columns[k].part and (not columns[k].left_out or columns[k].missing)] or able
    if not usual:
        raise TableError(
            "no column can be learned: a class needs 2 to "
            f"{MOST_CLASSES} different values, a number more than one; "
            + "; ".join(f"{c.name}: {c.no_class or c.no_number}" for c in columns[:6])
        )
    last = usual[-1]
    lower = [c.name.lower() for c in columns]
    scores = {k: rank(columns[k].name, CLASSES) for k in usual if lower[k] != "y" or k == last or "x" not in lower}
    target = min(scores, key=lambda k: (scores[k], -k)) if scores else last
    if scores.get(target, float("inf")) == float("inf"):
        target = last
        if columns[last].kind != "word":
            prices = {k: rank(columns[k].name, NUMBERS) for k in usual if not columns[k].no_number}
            best = min(prices, key=lambda k: (prices[k], -k), default=last)
            target = best if prices.get(best, float("inf")) < float("inf") else last
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


def is_class(column: Column, rows: int) -> bool:
    """Tell whether what is learned is a class: words, or a few whole numbers, each of them more than once."""
    if column.no_class or column.no_number:
        return not column.no_class
    if not all(re.fullmatch(r"-?\d+", value) for value in column.values):
        return False
    few = column.distinct <= FEW or rank(column.name, CLASSES) < float("inf")
    return few and (not rows or column.distinct * TOGETHER <= rows)
