"""Data that a person brought: folders on this machine, each under the hash of what it holds.

The same file has the same id everywhere, so an address that names it works wherever that file was brought too.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from engine.arrays import Array
from engine.data import tables

PATTERN = "(?:[0-9a-f]{12})?"
"""How an id looks; none means the made-up example that comes along."""
ABOUT, ARRAYS = "about.json", "arrays.npz"
"""The files of a dataset's folder: what is said of it, and its arrays."""


class NotHereError(LookupError):
    """The data are not on this machine, or not any more."""


def place(folder: Path | None, id: str) -> Path:
    """Give the folder of a dataset, whether it is there or not. Raises NotHereError where that is no id."""
    if folder is None or not id or not re.fullmatch(PATTERN, id, re.ASCII):  # it becomes a part of a path
        raise NotHereError(f"there are no data {id[:60]!r}")
    return folder / id


def about(folder: Path | None, id: str) -> dict[str, Any]:
    """Give the description. Raises NotHereError."""
    try:
        described: dict[str, Any] = json.loads((place(folder, id) / ABOUT).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise NotHereError(f"the data {id} are not on this machine; bring the file again") from error
    for column in described.get("columns", []):
        if "spread" in column:  # as version 0.3.0 wrote it
            column["std"] = column.pop("spread")
    return described


def load(folder: Path | None, id: str) -> dict[str, Array]:
    """Give the arrays. Raises NotHereError."""
    try:
        with np.load(place(folder, id) / ARRAYS, allow_pickle=False) as archive:
            return dict(archive)
    except (OSError, ValueError) as error:
        raise NotHereError(f"the data {id} are not on this machine; bring the file again") from error


def missing(folder: Path | None, id: str) -> tuple[str, str] | None:
    """Say that a task's field `dataset` asks for data that are not here, and what to do; None where all is well."""
    try:
        if id:
            about(folder, id)
    except NotHereError as error:
        return "dataset", str(error)
    return None


def suggestion(described: Mapping[str, Any]) -> dict[str, Any]:
    """Say what could be learned of a dataset that is described so: a task, and of a table the columns."""
    if described["kind"] == "images":
        return {"task": "images"}
    return tables.suggest([tables.Column(**column) for column in described["columns"]])
