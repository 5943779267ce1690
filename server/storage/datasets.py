"""The data that persons brought: kept, listed, deleted, and brought back for a while."""

import hashlib
import json
import os
import shutil
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from engine.arrays import Array
from engine.data import datasets, tables
from engine.data.datasets import ABOUT, ARRAYS, DamagedDataError, NotHereError
from server.storage.brought import Brought

DELETED = ".deleted"


class Datasets:
    """The datasets of one folder, which is made with the first of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.brought = Brought(folder / ".brought")
        self._turn = threading.Lock()  # what one thread finds of a dataset's folder holds until it has moved it

    def save(self, said: Mapping[str, Any], arrays: Mapping[str, Array]) -> dict[str, Any]:
        """Keep arrays with what is said of them; give that back with their id. The same again is kept once, under its
        newest name. Raises OSError.
        """
        id = identity(said, arrays)
        described = {**said, "id": id, "created": time.time(), "bytes": int(sum(array.nbytes for array in arrays.values()))}
        target, unfinished = self.folder / id, self.folder / f".{id}.{os.getpid()}.{time.monotonic_ns()}"
        unfinished.mkdir(parents=True)
        try:
            np.savez_compressed(unfinished / ARRAYS, **arrays)  # type: ignore[arg-type]
            (unfinished / ABOUT).write_text(json.dumps(described), encoding="utf-8")
            for path in (unfinished / ARRAYS, unfinished / ABOUT, unfinished):
                sync(path)
            with self._turn:
                if target.is_dir():  # the same is here already, perhaps under another name, perhaps damaged
                    (unfinished / ARRAYS).replace(target / ARRAYS)
                    (unfinished / ABOUT).replace(target / ABOUT)
                    sync(target)
                else:
                    unfinished.rename(target)
                sync(self.folder)
                shutil.rmtree(self.folder / DELETED / id, ignore_errors=True)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
        return described

    def about(self, id: str) -> dict[str, Any]:
        """Give the description of a dataset. Raises NotHereError."""
        return datasets.about(self.folder, id)

    def every(self) -> Iterator[dict[str, Any]]:
        """Describe all that is here, oldest first; of what is damaged only its place and, as `error`, what is wrong."""
        found = []
        for path in self.folder.glob("[!.]*"):
            try:
                found.append(self.about(path.name))
            except DamagedDataError as error:
                found.append(damaged(path, str(error)))
            except NotHereError:  # deleted just now, or none of ours
                continue
        yield from sorted(found, key=lambda described: float(described["created"]))

    def delete(self, id: str) -> None:
        """Take data away, damaged or not; until `empty_bin` they can come back. Raises NotHereError."""
        with self._turn:
            with suppress(DamagedDataError):
                self.about(id)
            self.brought.forget(id)
            deleted = self.folder / DELETED / id
            deleted.parent.mkdir(exist_ok=True)
            shutil.rmtree(deleted, ignore_errors=True)
            (self.folder / id).rename(deleted)
            os.utime(deleted)

    def take_back(self, described: Mapping[str, Any]) -> None:
        """Forget what `save` described just now, unless somebody has brought the same since."""
        with self._turn, suppress(NotHereError, DamagedDataError):
            if self.about(described["id"])["created"] == described["created"]:
                self.brought.forget(described["id"])
                shutil.rmtree(self.folder / described["id"], ignore_errors=True)

    def clean(self) -> None:
        """Drop what a server that was killed had not finished."""
        for path in self.folder.glob(".*"):
            if path.name != DELETED and path.is_dir():
                shutil.rmtree(path, ignore_errors=True)

    def restore(self, id: str) -> dict[str, Any]:
        """Bring back what was deleted just now. Raises NotHereError."""
        place = datasets.place(self.folder, id)
        with self._turn:
            if (self.folder / DELETED / id).is_dir() and not place.exists():
                (self.folder / DELETED / id).rename(place)
            return self.about(id)

    def empty_bin(self, seconds: float = 0.0) -> None:
        """Forget for good what was deleted at least so many seconds ago."""
        for path in (self.folder / DELETED).glob("*"):
            with self._turn, suppress(FileNotFoundError):  # somebody restored it meanwhile
                if time.time() - path.stat().st_mtime >= seconds:
                    shutil.rmtree(path, ignore_errors=True)


def damaged(path: Path, words: str) -> dict[str, Any]:
    """Describe a dataset that cannot be read."""
    size, name = sum(file.stat().st_size for file in path.iterdir()), f"damaged: {path.name}"
    entry = {"id": path.name, "kind": "table", "name": name, "created": path.stat().st_mtime, "bytes": size, "rows": 0}
    return {**entry, "error": words}


def sync(path: Path) -> None:
    """Have what was written of a file or a folder outlast a loss of power, where the platform can."""
    if path.is_dir() and os.name != "posix":
        return
    descriptor = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def identity(said: Mapping[str, Any], arrays: Mapping[str, Array]) -> str:
    """Hash what a dataset holds: its columns or classes, and its arrays.

    The same file has the id that version 0.3.0 gave it, which called the standard deviation of a column "spread", did not know
    what is left out only at first, and took fewer classes.
    """
    hashed = said.get("classes")
    if "columns" in said:
        hashed = [
            {("spread" if key == "std" else key): value for key, value in column.items() if key not in tables.LATER}
            | {"no_feature": column["no_feature"] or column.get("left_out", ""), "no_class": no_class_of_0_3_0(column)}
            for column in said["columns"]
        ]
    digest = hashlib.sha256(json.dumps(hashed, sort_keys=True).encode())
    for name in sorted(arrays):
        digest.update(name.encode() + np.ascontiguousarray(arrays[name]).tobytes())
    return digest.hexdigest()[:12]


def no_class_of_0_3_0(column: Mapping[str, Any]) -> str:
    """Say why version 0.3.0 did not take a column as a class."""
    most = tables.MOST_CLASSES_OF_0_3_0
    return tables.too_many_classes(column["distinct"], most) if column["distinct"] > most else str(column["no_class"])
