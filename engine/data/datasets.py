"""Data that a person brought: folders on this machine, each under the hash of what it holds.

The same file has the same id everywhere, so an address that names it works wherever that file was brought too.
"""

import hashlib
import json
import os
import re
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from engine.arrays import Array

PATTERN = "(?:[0-9a-f]{12})?"
"""How an id looks; none means the made-up example that comes along."""
ABOUT, ARRAYS = "about.json", "arrays.npz"
DELETED = ".deleted"


class NotHereError(LookupError):
    """The data are not on this machine, or not any more."""


def default_home(environment: Mapping[str, str] = os.environ) -> Path:
    """Find the folder for runs and data: NN_BASICS_HOME, or one for this program where the platform keeps a user's data."""
    if "NN_BASICS_HOME" in environment:
        return Path(environment["NN_BASICS_HOME"]).expanduser()
    if sys.platform == "win32":
        base = Path(environment.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(environment.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "nn-basics"


def folder() -> Path:
    """Say where the data lie."""
    return default_home() / "data"


def save(said: Mapping[str, Any], arrays: Mapping[str, Array]) -> dict[str, Any]:
    """Keep arrays with what is said of them; give that back with their id. The same again is kept once, under its
    newest name. Raises OSError.
    """
    digest = hashlib.sha256(json.dumps(_as_hashed(said), sort_keys=True).encode())
    for name in sorted(arrays):
        digest.update(name.encode() + np.ascontiguousarray(arrays[name]).tobytes())
    id = digest.hexdigest()[:12]
    described = {**said, "id": id, "created": time.time(), "bytes": int(sum(array.nbytes for array in arrays.values()))}
    target, unfinished = folder() / id, folder() / f".{id}.{os.getpid()}.{time.monotonic_ns()}"
    unfinished.mkdir(parents=True)
    try:
        np.savez_compressed(unfinished / ARRAYS, **arrays)  # type: ignore[arg-type]
        (unfinished / ABOUT).write_text(json.dumps(described), encoding="utf-8")
        try:
            unfinished.rename(target)
        except OSError:
            (unfinished / ABOUT).replace(target / ABOUT)  # the same is here already, perhaps under another name
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    shutil.rmtree(folder() / DELETED / id, ignore_errors=True)
    return described


def _as_hashed(said: Mapping[str, Any]) -> Any:
    """Give what the id is made from beside the arrays; the same file has the id that version 0.3.0 gave it, which called the
    standard deviation of a column "spread".
    """
    if "columns" not in said:
        return said.get("classes")
    return [{("spread" if key == "std" else key): value for key, value in column.items()} for column in said["columns"]]


def about(id: str) -> dict[str, Any]:
    """Give the description. Raises NotHereError."""
    try:
        described: dict[str, Any] = json.loads((_place(id) / ABOUT).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise NotHereError(f"the data {id} are not on this machine; bring the file again") from error
    for column in described.get("columns", []):
        if "spread" in column:  # as version 0.3.0 wrote it
            column["std"] = column.pop("spread")
    return described


def _place(id: str) -> Path:
    if not re.fullmatch(PATTERN, id, re.ASCII) or not id:  # it becomes a part of a path
        raise NotHereError(f"there are no data {id[:60]!r}")
    return folder() / id


def missing(id: str) -> tuple[str, str] | None:
    """Say that a task's field `dataset` asks for data that are not here, and what to do; None where all is well."""
    try:
        if id:
            about(id)
    except NotHereError as error:
        return "dataset", str(error)
    return None


def load(id: str) -> dict[str, Array]:
    """Give the arrays. Raises NotHereError."""
    try:
        with np.load(_place(id) / ARRAYS, allow_pickle=False) as archive:
            return dict(archive)
    except (OSError, ValueError) as error:
        raise NotHereError(f"the data {id} are not on this machine; bring the file again") from error


def every() -> Iterator[dict[str, Any]]:
    """Describe all that is here, oldest first."""
    found = []
    for path in folder().glob(f"[!.]*/{ABOUT}"):
        try:
            found.append(about(path.parent.name))
        except NotHereError:  # deleted just now
            continue
    yield from sorted(found, key=lambda described: float(described["created"]))


def delete(id: str) -> None:
    """Take data away; until `empty_bin` they can come back. Raises NotHereError."""
    about(id)
    bin = folder() / DELETED
    bin.mkdir(exist_ok=True)
    shutil.rmtree(bin / id, ignore_errors=True)
    (folder() / id).rename(bin / id)
    os.utime(bin / id)


def restore(id: str) -> dict[str, Any]:
    """Bring back what was deleted just now. Raises NotHereError."""
    if (folder() / DELETED / _place(id).name).is_dir() and not _place(id).exists():
        (folder() / DELETED / id).rename(_place(id))
    return about(id)


def empty_bin(seconds: float = 0.0) -> None:
    """Forget for good what was deleted at least so many seconds ago."""
    for path in (folder() / DELETED).glob("*"):
        if time.time() - path.stat().st_mtime >= seconds:
            shutil.rmtree(path, ignore_errors=True)
