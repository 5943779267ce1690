"""Data that a person brought: folders on this machine, each under the hash of what it holds.

The same file has the same id everywhere, so an address that names it works wherever that file was brought too.
"""

import json
import math
import re
import zipfile
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


class DamagedDataError(NotHereError):
    """The data are there, and cannot be read."""

    def __init__(self, id: str, why: str) -> None:
        super().__init__(f"the data {id} are damaged ({why}); delete them, or bring the file again")


def place(folder: Path | None, id: str) -> Path:
    """Give the folder of a dataset, whether it is there or not. Raises NotHereError where that is no id."""
    if folder is None or not id or not re.fullmatch(PATTERN, id, re.ASCII):  # it becomes a part of a path
        raise NotHereError(f"there are no data {id[:60]!r}")
    return folder / id


def about(folder: Path | None, id: str) -> dict[str, Any]:
    """Give the description. Raises NotHereError: DamagedDataError where it is there, and cannot be read."""
    where = place(folder, id)
    try:
        text = (where / ABOUT).read_bytes()
    except OSError as error:
        raise NotHereError(f"the data {id} are not on this machine; bring the file again") from error
    try:
        described: dict[str, Any] = json.loads(text)
        for column in described.get("columns", []):
            if "spread" in column:  # as version 0.3.0 wrote it
                column["std"] = column.pop("spread")
        _check(described, id)
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        raise DamagedDataError(id, f"{ABOUT} is not as it was written") from error
    if not zipfile.is_zipfile(where / ARRAYS):
        raise DamagedDataError(id, f"{ARRAYS} is not as it was written")
    return described


def _check(described: Mapping[str, Any], id: str) -> None:
    """Raise an error where a description lacks something, says it in another way, or is another dataset's."""
    kinds: dict[str, type | tuple[type, ...]] = {"name": str, "created": (int, float), "bytes": int}
    if described["kind"] == "images":
        kinds["classes"] = list
        if not all(isinstance(name, str) for name in described["classes"]):
            raise TypeError("classes")
    else:
        kinds["columns"] = list
        for column in described["columns"]:
            tables.check_column(tables.Column(**column))
    for name, kind in kinds.items():
        if not isinstance(described[name], kind):
            raise TypeError(name)
    if described["id"] != id or not math.isfinite(described["created"]):
        raise ValueError(described["id"])


def load(folder: Path | None, id: str) -> dict[str, Array]:
    """Give the arrays. Raises NotHereError: DamagedDataError where they are there, and cannot be read."""
    described = about(folder, id)
    try:
        with np.load(place(folder, id) / ARRAYS, allow_pickle=False) as archive:
            arrays: dict[str, Array] = dict(archive)
        rows = [len(arrays[name]) for name in (("images", "labels") if described["kind"] == "images" else ("cells",))]
        if len(set(rows)) != 1 or rows[0] != described.get("rows", rows[0]):
            raise ValueError("other rows")
        if described["kind"] != "images" and arrays["cells"].shape[1] != len(described["columns"]):
            raise ValueError("other columns")
    except Exception as error:  # what a damaged file makes of a reader has no common name
        raise DamagedDataError(id, f"{ARRAYS} is not as it was written") from error
    return arrays


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
    return tables.suggest([tables.Column(**column) for column in described["columns"]], int(described.get("rows", 0)))
