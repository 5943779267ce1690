"""The rows of somebody's own training, read from CSV as loggers write it: of PyTorch, Lightning, Keras, W&B, TensorBoard.

Columns are known by the words in their names: "val_loss", "valid/acc", "Validation Loss" and "run 3 - test_accuracy" all say
what they hold. What is not known is left out, and said.
"""

import csv
import io
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine import ConfigurationError
from server.messages import COLUMNS, Row

MOST_ROWS = 200_000
TESTS = {"val", "valid", "validation", "test", "testing", "eval", "evaluation", "dev", "holdout"}
"""What tells that a column is about examples on which nobody trained."""
STEPS = {"step", "steps", "iteration", "iterations", "iter", "update", "updates"}
PERCENT = {"percent", "percentage", "pct", "perc"}
TIMES = {"time", "seconds", "elapsed", "runtime", "duration"}
LOSSES = {"loss", "nll", "cost", "objective", "criterion", "mse"}
ACCURACIES = {"accuracy", "acc", "top1"}
MEANT = ("step", "epoch", "time", "learning_rate", "gradient_norm", "loss", "test_loss", "accuracy", "test_accuracy")
"""What a column can be taken for; without a step the epoch counts in its place."""
ROUNDED = 1e-3
"""By how much a share may be over 1 where a program summed it up in few digits."""
MARKED = re.compile(r"__(?:min|max)$", re.IGNORECASE)
"""W&B writes the smallest and largest value of several steps beside each column."""


class FileError(ConfigurationError):
    """A file that holds no rows of a training; the message says what to do."""

    def __init__(self, words: str) -> None:
        super().__init__("file", words)


@dataclass(frozen=True)
class Imported:
    """The rows of a file, and how they were read."""

    rows: list[Row]
    note: str


def read_rows(data: bytes, value: str = "", accuracies: str = "") -> Imported:
    """Read the rows of a training.

    `value` says what a column called "Value" holds, `accuracies` whether these are a "share" or in "percent"; else the file
    does. Raises ConfigurationError in words.
    """
    names, lines, separator = cells_of(text_of(data))
    columns = matched(names, lines, value)
    if not set(columns) - {"step", "epoch", "time"}:
        raise FileError(
            f"no column of this file is a loss or an accuracy: its columns are {listed(names)}; "
            'name them loss, val_loss, accuracy, val_accuracy, or say with value= what "Value" is'
        )
    numbers = {meant: [number(line, place, separator) for line in lines] for meant, place in columns.items()}
    for meant in {"step", "epoch"} & set(columns):
        if not is_count(numbers[meant]):  # of what is no whole number nobody knows an order: another column says it, or none
            del numbers[meant], columns[meant]
    said = [f"{meant.replace('_', ' ')} from “{names[place]}”" for meant, place in columns.items()]
    signed = {meant: has_sign(lines, place) for meant, place in columns.items() if meant in ("accuracy", "test_accuracy")}
    if signed:
        said += scaled(numbers, {meant: names[columns[meant]] for meant in signed}, signed, accuracies)
    rows = by_step(steps_of(numbers, len(lines)), numbers)
    left = [name for k, name in enumerate(names) if k not in columns.values() and name]
    note = "Imported: " + "; ".join(said) + (f". Left out: {listed(left)}." if left else ".")
    return Imported(rows, note)


def has_sign(lines: Sequence[Sequence[str]], place: int) -> bool:
    """Tell whether a column says of its numbers that they are per cent."""
    return any(place < len(line) and line[place].strip().endswith("%") for line in lines)


def scaled(
    numbers: dict[str, list[float | None]], names: Mapping[str, str], signed: Mapping[str, bool], accuracies: str
) -> list[str]:
    """Make shares from 0 to 1 of the columns of accuracies, and say of which unit they were.

    One program writes all of them alike, so that one decides for all: what a person says, then a % beside a number or in a
    name, then the largest number of all; over 1 it is in per cent, but for what rounding puts there, as in 1.0000001.
    Raises FileError.
    """
    known = [(meant, one) for meant in names for one in numbers[meant] if one is not None]
    largest = max((one for _, one in known), default=0.0)
    by_name = [name for name in names.values() if "%" in name or words_of(name) & PERCENT]
    is_percent = accuracies == "percent" or (
        not accuracies and (any(signed.values()) or bool(by_name) or largest > 1 + ROUNDED)
    )
    most = 100 if is_percent else 1
    for meant, one in known:
        if not 0 <= one <= most * (1 + ROUNDED):
            allowed = "from 0 to 1, or to 100 %" if not accuracies else "from 0 to 100 %" if is_percent else "from 0 to 1"
            raise FileError(f"“{names[meant]}” is taken for an accuracy, and {one:g} is none: {allowed}")
    for meant in names:
        numbers[meant] = [None if one is None else min(1.0, one / most) for one in numbers[meant]]
    if accuracies:
        why = "as you said"
    elif is_percent:
        why = "as a % says" if any(signed.values()) else f"as “{by_name[0]}” says" if by_name else f"for {largest:g} is over 1"
    else:
        why = f"for none is over {largest:g}"
    return [f"accuracies taken for {'per cent' if is_percent else 'shares from 0 to 1'}, {why}"] if known else []


def text_of(data: bytes) -> str:
    """Read text as people's programs write it: UTF-8, UTF-16 with its mark, or Windows' Western letters."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    if b"\0" in data:
        raise FileError("this is no CSV file: it holds bytes that are no text")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def cells_of(text: str) -> tuple[list[str], list[list[str]], str]:
    """Cut a text into the names of its columns and its lines of cells; give the separator too."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    if not first:
        raise FileError("the file is empty: it wants a line of names and a line for each row, as step,loss,val_loss")
    separator = max(",;\t", key=first.count)
    lines: list[list[str]] = []
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True):
            if any(cell.strip() for cell in cells):
                lines.append(cells)
            if len(lines) > MOST_ROWS + 1:
                raise FileError(f"a run has {MOST_ROWS:,} rows at the most, this file has more; keep every tenth")
    except csv.Error as error:
        raise FileError(f"this is no CSV file: {error}") from None
    names = [name.strip()[:100] for name in lines[0]]
    if len(lines) < 2:
        raise FileError(f"the file has one line only ({listed(names)}): below the names it wants a line for each row")
    if all(as_number(name, separator) is not None for name in names if name):
        raise FileError(f"the first line has to name the columns, as step,loss,val_loss; it holds {listed(names)}")
    return names, lines[1:], separator


def matched(names: Sequence[str], lines: Sequence[Sequence[str]], value: str) -> dict[str, int]:
    """Say of each thing that is known which column holds it. Raises ConfigurationError where two runs are in one file."""
    found: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        meant = value if name.strip().lower() == "value" and value else meaning(name)
        if meant:
            found.setdefault(meant, []).append(place)
    columns: dict[str, int] = {}
    for meant in MEANT:
        places = found.get(meant, [])
        owners = {names[place].rpartition(" - ")[0] for place in places if " - " in names[place]}
        if len(owners) > 1:
            raise FileError(f"this file holds several runs ({listed(sorted(owners))}): bring one at a time")
        if places:  # of several the one that says most, as Lightning's train_loss_step beside train_loss_epoch
            columns[meant] = max(places, key=lambda place: (filled(lines, place), -place))
    return columns


def filled(lines: Sequence[Sequence[str]], place: int) -> int:
    """Count the cells of a column that are not empty."""
    return sum(place < len(line) and bool(line[place].strip()) for line in lines)


def words_of(name: str) -> set[str]:
    """Take a name apart: "valAcc" and "val/acc" both are of "val" and "acc"."""
    return set(re.findall(r"[a-z]+1?", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()))


def meaning(name: str) -> str:
    """Say what a column holds by the words in its name; the empty string where nobody knows."""
    if MARKED.search(name):
        return ""
    words = words_of(name.rpartition(" - ")[2])
    test = "test_" if words & TESTS else ""
    if {"grad", "gradient", "gradients"} & words and "norm" in words:
        return "gradient_norm"
    if "lr" in words or {"learning", "rate"} <= words:
        return "learning_rate"
    if words & LOSSES:
        return f"{test}loss"
    if words & ACCURACIES:
        return f"{test}accuracy"
    if words & {"epoch", "epochs"} and not words & STEPS:
        return "epoch"
    if words & STEPS and not test:
        return "step"
    return "time" if words & TIMES and not test else "value" if words == {"value"} else ""


def number(line: Sequence[str], place: int, separator: str) -> float | None:
    """Give a cell as a number, a percentage as it is written; None where it holds none."""
    return as_number(line[place], separator) if place < len(line) else None


def as_number(cell: str, separator: str) -> float | None:
    """Read a number: 0.5, 1e-3, the 95 of 95 %, also 0,5 where no comma separates; None where it is none or not finite."""
    text = cell.strip().removesuffix("%").strip()
    if separator != "," and text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def is_count(column: Sequence[float | None]) -> bool:
    """Tell whether a column counts something: whole numbers from 0 on, of which some rows may have none."""
    known = [value for value in column if value is not None]
    return bool(known) and all(0 <= value < 2**53 and value == int(value) for value in known)


def steps_of(numbers: Mapping[str, Sequence[float | None]], count: int) -> list[int]:
    """Say of which step each row is: as its column says, else as its epoch says, else they are counted."""
    for meant in ("step", "epoch"):
        if known := numbers.get(meant):
            steps, last = [], 0
            for step in known:
                last = last if step is None else int(step)
                steps.append(last)
            return steps
    return list(range(count))


def by_step(steps: Sequence[int], numbers: Mapping[str, Sequence[float | None]]) -> list[Row]:
    """Put what belongs to the same step into one row, and sort the rows by it; a time begins at 0, as seconds of training."""
    merged: dict[int, dict[str, float]] = {}
    for k, step in enumerate(steps):
        row = merged.setdefault(step, {})
        for meant, column in numbers.items():
            if column[k] is not None:
                row[meant] = column[k]  # type: ignore[assignment]
    times = [row["time"] for row in merged.values() if "time" in row]
    begin = min(times) if times and min(times) > 1e8 else 0.0  # seconds since 1970, as TensorBoard writes its wall time
    last, rows = 0.0, []
    for step in sorted(merged):
        row = merged[step]
        last = max(last, row.get("time", last + begin) - begin)
        rows.append(tuple(step if name == "step" else last if name == "time" else row.get(name) for name in COLUMNS))
    return rows


def listed(names: Iterable[str]) -> str:
    """List some names, cut where they are many."""
    all = [f"“{name[:40]}”" for name in names]
    return ", ".join(all[:8]) + (f" and {len(all) - 8} more" if len(all) > 8 else "")
