"""A table as a person brings it."""

import random


def flowers(rows: int = 300, seed: int = 1, separator: str = ",") -> str:
    """Make a table of three kinds that four columns tell apart, with a few holes, a number of the row and a remark."""
    rng = random.Random(seed)
    middles = {"setosa": (5.0, 3.4, 1.5, 0.2), "versicolor": (5.9, 2.8, 4.3, 1.3), "virginica": (6.6, 3.0, 5.5, 2.0)}
    lines = [separator.join(["sepal length", "sepal width", "petal length", "petal width", "id", "species", "remark"])]
    for k in range(rows):
        kind = list(middles)[k % 3]
        cells = [f"{m + rng.gauss(0, 0.3):.1f}" if rng.random() > 0.01 else "" for m in middles[kind]]
        lines.append(separator.join([*cells, str(k), kind, f"remark {k}"]))
    return "\n".join(lines)
