"""Classes that a table beside images says: one of its columns names the files, another says what they show."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import PurePosixPath

from engine.data.tables.column import MOST_CLASSES, TableError
from engine.data.tables.layout import SEPARATORS, separator_in
from engine.data.tables.suggestion import rank
from engine.data.tables.text import Lines, decode
from server.storage.images.classes import SPLITS

TABLES = ("csv", "tsv", "txt")
"""How the names of files end that may say classes."""
MOST_ROWS, MOST_COLUMNS = 200_000, 200
"""Rows and columns of such a table that are read."""
LOOKED_AT = 200
"""Lines at its beginning by which it is found what parts the cells."""
LEAST_NAMED = 0.1
"""The share of the images that a table names at the least, or of its rows that name one: below both it is of other things."""
TOGETHER = 1.5
"""Images that have the same class in the mean, at the least; else a column says something of each."""


@dataclass(frozen=True)
class Said:
    """What one column of a table says of images: the class of each that it names.

    file, column: where it stands; hot: in several columns, of which each is a class and has a 1 where an image is of it.
    of: the class of each image. parts: whether it is for training, for validation or for testing, where the table says so.
    rows, lost: how many rows the table has, and how many of them name no image.
    """

    file: str
    column: str
    of: Mapping[PurePosixPath, str]
    parts: Mapping[PurePosixPath, str] = field(default_factory=dict)
    rows: int = 0
    lost: int = 0
    hot: bool = False


def said_of(paths: Sequence[PurePosixPath], texts: Mapping[PurePosixPath, bytes]) -> list[Said]:
    """List what tables say of images, the likeliest classes first; columns of one name in several tables are one."""
    index = named_by(paths)
    found: dict[str, Said] = {}
    for path, content in texts.items():
        for one in columns_of(path, content, index):
            before = found.get(one.column)
            found[one.column] = one if before is None else together(before, one)
    able = [one for one in found.values() if 1 < len(set(one.of.values())) <= min(MOST_CLASSES, len(one.of) / TOGETHER)]
    return sorted(able, key=lambda one: (-len(one.of), likelihood(one)))


def together(one: Said, other: Said) -> Said:
    """Put what two tables say of images into one, as in train.csv and test.csv; the first one counts where both speak."""
    return replace(
        one,
        file=f"{one.file}, {other.file}",
        of={**other.of, **one.of},
        parts={**other.parts, **one.parts},
        rows=one.rows + other.rows,
        lost=one.lost + other.lost,
    )


def likelihood(said: Said) -> tuple[float, bool, int]:
    """Order columns as a person would: those called a class, then words, then few values before many; the least is first."""
    values = set(said.of.values())
    return rank(said.column, False, False, True), all(is_number(value) for value in values), len(values)


def named_by(paths: Sequence[PurePosixPath]) -> dict[str, PurePosixPath | None]:
    """Index images by all that a table may call them: the name, with its folders or without, with its ending or without, and
    a number without the zeros before it. None stands where several are called so.
    """
    index: dict[str, PurePosixPath | None] = {}
    for path in paths:
        parts = [part.lower() for part in path.parts]
        whole = {"/".join(parts[k:]) for k in range(len(parts))}
        names = whole | {name.rpartition(".")[0] or name for name in whole}
        names |= {number_of(name) for name in names}
        for name in names:
            index[name] = path if index.setdefault(name, path) == path else None
    return index


def number_of(name: str) -> str:
    """Write a number without the zeros before it, as a spreadsheet does: 0012 is 12."""
    return str(int(name)) if name.isdecimal() and len(name) < 20 else name


def image_of(cell: str, index: Mapping[str, PurePosixPath | None]) -> PurePosixPath | None:
    """Find the image that a cell names, by more folders than the archive has too."""
    parts = cell.strip().replace("\\", "/").lower().lstrip("./").split("/")
    for k in range(len(parts)):
        name = "/".join(parts[k:])
        if found := index.get(name) or index.get(number_of(name)):
            return found
    return None


def columns_of(path: PurePosixPath, content: bytes, index: Mapping[str, PurePosixPath | None]) -> list[Said]:
    """Read what each column of a table says of the images that another of its columns names; none where it names none."""
    rows = rows_of(content)
    if len(rows) < 2:
        return []
    width = min(MOST_COLUMNS, len(rows[0]))
    rows = [row for row in rows if len(row) >= width]
    images = len({one for one in index.values() if one})
    found = [[image_of(row[k], index) for row in rows] for k in range(width)]
    counts = [len({one for one in column if one}) for column in found]
    key = max(range(width), key=lambda k: counts[k])
    if not counts[key] or counts[key] < LEAST_NAMED * max(1, min(images, len(rows) - 1)):
        return []
    has_header = found[key][0] is None
    names = [cell.strip() or f"column {k + 1}" for k, cell in enumerate(rows[0][:width])]
    names = names if has_header else [f"column {k + 1}" for k in range(width)]
    below, of = (rows[1:], found[key][1:]) if has_header else (rows, found[key])
    told = [(image, row) for image, row in zip(of, below, strict=True) if image]
    others = [k for k in range(width) if k != key and counts[k] < counts[key]]
    values = {k: {image: cell for image, row in told if (cell := row[k].strip())} for k in others}
    parts: dict[PurePosixPath, str] = {}
    for k in others:
        words = {cell.lower() for cell in values[k].values()}
        if words and words <= SPLITS.keys():
            parts = {image: SPLITS[cell.lower()] for image, cell in values.pop(k).items()}
    about = {"file": path.name, "parts": parts, "rows": len(below), "lost": len(below) - len(told)}
    if hot := one_hot({names[k]: values[k] for k in values}):
        return [Said(column=", ".join(list(hot)[:3]), of=chosen_of(hot), hot=True, **about)]  # type: ignore[arg-type]
    return [Said(column=names[k], of=values[k], **about) for k in values]  # type: ignore[arg-type]


def one_hot(columns: Mapping[str, Mapping[PurePosixPath, str]]) -> dict[str, set[PurePosixPath]]:
    """Find columns of which each is one class and has a 1 where an image is of it, and every image has one 1."""
    binary = {
        name: {image for image, cell in column.items() if float(cell) == 1}
        for name, column in columns.items()
        if column and all(cell in ("0", "1", "0.0", "1.0") for cell in column.values())
    }
    ones = sum(len(images) for images in binary.values())
    every = set().union(*binary.values()) if binary else set()
    whole = {image for name in binary for image in columns[name]}
    return binary if len(binary) > 2 and ones == len(every) == len(whole) else {}


def chosen_of(hot: Mapping[str, set[PurePosixPath]]) -> dict[PurePosixPath, str]:
    """Give the class of each image by the column that has its 1."""
    return {image: name for name, images in hot.items() for image in images}


def rows_of(content: bytes) -> list[list[str]]:
    """Read a table's cells as words, so that 0012 stays as it stands; none where it is no table."""
    try:
        text = decode(content)
        character = SEPARATORS[separator_in(list(islice(Lines(text), LOOKED_AT)))]
        lines = Lines(text)
        rows = []
        for row in csv.reader(lines, delimiter=character, skipinitialspace=True):
            lines.end_row()
            if row:
                rows.append(row)
            if len(rows) > MOST_ROWS:
                break
    except (TableError, csv.Error, UnicodeError):  # then it is a note, or something else that lies beside images
        return []
    return rows


def is_number(word: str) -> bool:
    """Tell whether a word is a whole number."""
    return word.removeprefix("-").isdecimal()
