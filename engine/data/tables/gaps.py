"""Which cells of a table are missing together: what it takes to say how many rows a choice of columns leaves."""

from typing import Any

import numpy as np

from engine.arrays import Array

MOST_PATTERNS = 2_000
"""Different sets of missing columns that are told apart; rows with a rarer one count as if all that miss a cell missed it."""


def patterns(cells: Array) -> list[dict[str, Any]]:
    """Count the rows by the columns that they miss: [{"rows": 12, "columns": [0, 3]}, …], without the whole rows."""
    missing = np.isnan(cells)
    holed = np.flatnonzero(missing.any(axis=0))
    rows = missing[:, holed]
    rows = rows[rows.any(axis=1)]
    if not len(rows):
        return []
    found, counts = np.unique(np.packbits(rows, axis=1), axis=0, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    sets = np.unpackbits(found[order], axis=1, count=len(holed)).astype(bool)
    told = [
        {"rows": int(n), "columns": holed[row].tolist()} for row, n in zip(sets[:MOST_PATTERNS], counts[order], strict=False)
    ]
    if rest := int(counts[order][MOST_PATTERNS:].sum()):
        told.append({"rows": rest, "columns": holed.tolist()})
    return told
