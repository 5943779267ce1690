"""What goes over the wire: statuses and rows of metrics as JSON, pictures as bytes, and what a page says to that."""

import dataclasses
import json
import math
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.pictures import Picture
from engine.training import events

MOST_PICTURES, LONGEST_NAME = 16, 80
"""Pictures that may be asked for at once, and characters that a picture's name must be shorter than."""
OPENING = ("LRI", "RLI", "FSI")
TURNING = ("R", "AL", "AN", "LRE", "LRO", "RLE", "RLO", "PDF", *OPENING, "PDI")
"""The classes of letters and marks that can turn the direction of what stands beside them."""
MEASURED = tuple(column.name for column in events.COLUMNS if column.name != "step")
"""What a row of metrics measures, as the engine declares it."""
COLUMNS = ("step", *MEASURED, "time")
Row = tuple[Any, ...]
"""One row of the metrics log, in the order of COLUMNS: a step (an int), and numbers or None."""


def finite(value: Any) -> Any:
    """Turn what JSON cannot say (NaN, ∞) into null, half of a character into what it was written as, however deep."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {k: finite(v) for k, v in value.items()}
    return [finite(v) for v in value] if isinstance(value, (list, tuple)) else value


def isolated(name: str) -> str:
    """Give a name that turns no word beside it: what is written from right to left, or turns the direction, stands in marks.

    Unicode Standard Annex 9 (2023), Unicode bidirectional algorithm: FIRST STRONG ISOLATE … POP DIRECTIONAL ISOLATE.
    """
    if all(unicodedata.bidirectional(letter) not in TURNING for letter in name):
        return name
    open, kept = 0, []
    for letter in name:
        kind = unicodedata.bidirectional(letter)
        open += (kind in OPENING) - (kind == "PDI")
        if open < 0:  # it would end what was opened before the name
            open = 0
            continue
        kept.append(letter)
    begin, end = "\u2068", "\u2069"
    return begin + "".join(kept) + end * (open + 1)


def row(measured: events.Metrics, time: float) -> Row:
    """Make the row of the log from what training yields and the seconds that it took until then."""
    return (measured.step, *(getattr(measured, name) for name in MEASURED), time)


def columns(rows: Sequence[Row]) -> dict[str, list[float | None]]:
    """Turn rows into columns."""
    return {name: [finite(row[i]) for row in rows] for i, name in enumerate(COLUMNS)}


def status(run: Mapping[str, Any]) -> dict[str, Any]:
    """Say how a run is, as it describes itself: everything, or only what has changed."""
    return {"type": "status", **run}


def metrics(since: int, rows: Sequence[Row], end: int) -> dict[str, Any]:
    """Hand over the rows from number `since` on; `end` is the number to go on with."""
    return {"type": "metrics", "since": since, "next": end, "columns": columns(rows)}


def findings(step: int, found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Say what the doctor found after a step, most causal first: all that stands now."""
    return {"type": "findings", "step": step, "findings": found}


def nothing(picture: str, step: int) -> dict[str, Any]:
    """Tell a page that the network has nothing to show in a picture that it watches."""
    return {"type": "nothing", "picture": picture, "step": step}


def error(words: str) -> dict[str, Any]:
    """Tell a page what was wrong with what it said."""
    return {"type": "error", "message": words}


@dataclass(frozen=True)
class Said:
    """What a page says: which picture it has drawn, and which ones are on its screen; None where it does not say."""

    drawn: int | None = None
    watch: frozenset[str] | None = None


def read(text: str) -> Said:
    """Read {"drawn": id} or {"watch": [names]}. Raises ValueError for anything else."""
    said = json.loads(text)
    if not isinstance(said, dict) or not {"drawn", "watch"} & set(said):
        raise ValueError('a page says {"drawn": id} or {"watch": [names]}')
    drawn, watch = said.get("drawn"), None
    if "watch" in said:
        names = said["watch"]
        known = isinstance(names, list) and all(isinstance(name, str) and len(name) < LONGEST_NAME for name in names)
        if not known or len(names) > MOST_PICTURES:
            raise ValueError(f"watch wants a list of at most {MOST_PICTURES} names of pictures")
        watch = frozenset(names)
    return Said(drawn if isinstance(drawn, int) else None, watch)


def text(message: dict[str, Any]) -> str:
    """Write a message as JSON that every browser can read."""
    return json.dumps(finite(message), separators=(",", ":"), allow_nan=False)


def picture_frame(picture: Picture, run: str, id: int) -> bytes:
    """Pack a picture:  4 bytes length of the header, the header in JSON, then the raw arrays, all on 4-byte borders."""
    arrays: list[np.ndarray[Any, Any]] = []
    described: list[dict[str, Any]] = []
    size = 0

    def place(path: str, value: Any) -> Any:
        """Take the arrays out of a picture's fields, and return what is left for the header."""
        nonlocal size
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            names = (f.name for f in dataclasses.fields(value))
            parts = {name: place(f"{path}.{name}", getattr(value, name)) for name in names}
            return {name: part for name, part in parts.items() if part is not None}
        if isinstance(value, list):
            return [place(f"{path}.{i}", part) for i, part in enumerate(value)]
        if not isinstance(value, np.ndarray):
            return value
        small = value.dtype.kind in "ub"
        array = np.ascontiguousarray(value, np.uint8 if small else np.dtype("<f4"))
        kind = "u1" if small else "f4"
        described.append({"name": path.lstrip("."), "dtype": kind, "shape": list(array.shape), "offset": size})
        arrays.append(array)
        size += -(-array.nbytes // 4) * 4
        return None

    header = {"type": "picture", "id": id, "run": run, "view": picture.view, **place("", picture), "arrays": described}
    start = text(header).encode()
    start += b" " * (-len(start) % 4)
    parts = [len(start).to_bytes(4, "little"), start]
    for array in arrays:
        parts += [array.tobytes(), b"\0" * (-array.nbytes % 4)]
    return b"".join(parts)


def read_header(frame: bytes) -> dict[str, Any]:
    """Give the header of a packed picture."""
    header: dict[str, Any] = json.loads(frame[4 : 4 + int.from_bytes(frame[:4], "little")])
    return header


def joined(frames: Iterable[bytes]) -> bytes:
    """Put packed pictures one after the other, each with its length in 4 bytes before it."""
    return b"".join(len(frame).to_bytes(4, "little") + frame for frame in frames)
