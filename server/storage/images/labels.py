"""Classes that a table beside images says: one of its columns names the files, another says what they show."""

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from itertools import islice
from pathlib import PurePosixPath

from engine.data.tables.column import MOST_CLASSES, TableError
from engine.data.tables.layout import SEPARATORS, separator_in
from engine.data.tables.suggestion import rank
from engine.data.tables.text import Lines, decode
from server.storage.images.classes import SPLITS, split_named
from server.storage.images.decoding import IMAGES

TABLES = ("csv", "tsv", "txt")
"""How the names of files end that may say classes."""
MOST_ROWS, MOST_COLUMNS, MOST_TABLES = 200_000, 200, 20
"""Rows and columns of such a table that are read, and how many tables: where each image has one, they say no classes."""
LONGEST, DEEPEST = 1_000, 12
"""Characters of a cell that may name a file, and how many of its folders are looked at, from the file on."""
LOOKED_AT = 200
"""Lines at its beginning by which it is found what parts the cells, and how many are in a row."""
LEAST_NAMED = 0.1
"""The share of the images that a table names at the least, or of its rows that name one: below both it is of other things."""
TOGETHER = 1.5
"""Images that have the same class in the mean, at the least; else a column says something of each."""
HOT = {**dict.fromkeys(("1", "1.0", "true"), True), **dict.fromkeys(("0", "0.0", "false"), False)}
"""How a column that is a class says of an image whether it is of it."""
TO_HAND_IN = "submission"
"""What tables are called that only show how answers are handed in; the classes in them are made up."""


@dataclass(frozen=True)
class Said:
    """What one column of a table says of images: the class of each that it names.

    file, column: where it stands; hot: in several columns, of which each is a class and has a 1 where an image is of it.
    of: the class of each image. parts: whether it is for training, for validation or for testing, where the table says so.
    by_name: the same where the table's own name says so, as train.csv does. rows, lost: how many rows the table has, and how
    many of them name no image. torn: how many images have rows of different classes, of which the last one counts.
    """

    file: str
    column: str
    of: Mapping[PurePosixPath, str]
    parts: Mapping[PurePosixPath, str] = field(default_factory=dict)
    by_name: Mapping[PurePosixPath, str] = field(default_factory=dict)
    rows: int = 0
    lost: int = 0
    torn: int = 0
    hot: bool = False

    @property
    def classes(self) -> set[str]:
        """Give the different classes."""
        return set(self.of.values())


def said_of(paths: Sequence[PurePosixPath], texts: Mapping[PurePosixPath, bytes]) -> list[Said]:
    """List what tables say of images, the likeliest classes first; columns of one name in several tables are one."""
    found = columns_in(paths, texts)
    able = [one for one in found if 1 < len(one.classes) <= min(MOST_CLASSES, len(one.of) / TOGETHER)]
    return sorted(able, key=lambda one: (-len(one.of), likelihood(one)))


def columns_in(paths: Sequence[PurePosixPath], texts: Mapping[PurePosixPath, bytes]) -> list[Said]:
    """Read all that tables say of images, be it classes or not. A table that says the same of every image, where another one
    does not, shows how answers are handed in.
    """
    able = [path for path in texts if TO_HAND_IN not in path.name.lower()]
    largest = sorted(able, key=lambda path: (path.suffix.lower() == ".txt", -len(texts[path])))[:MOST_TABLES]
    whole = named_by(paths) if able else {}
    found: dict[str, list[Said]] = {}
    for path in sorted(largest, key=able.index):
        for one in columns_of(path, rows_of(texts[path]), paths, whole):
            found.setdefault(one.column, []).append(one)
    chosen = ([one for one in several if len(one.classes) > 1] or several for several in found.values())
    return [reduce(together, several) for several in chosen]


def why_none(paths: Sequence[PurePosixPath], texts: Mapping[PurePosixPath, bytes]) -> str:
    """Say of tables of which no column parts images into classes why not; the empty string where there is no table."""
    found = sorted(columns_in(paths, texts), key=likelihood)
    many = [one for one in found if MOST_CLASSES < len(one.classes) <= len(one.of) / TOGETHER]
    if many:
        one = many[0]
        return f"“{one.file}” says {len(one.classes):,} classes in column “{one.column}”; at most {MOST_CLASSES} can be learned"
    if found:
        one = found[0]
        return f"“{one.file}” names them, but none of its columns says a class that several of them have, and others have not"
    tables = [path.name for path, content in texts.items() if len(rows_of(content)) > 1]
    return f"in “{tables[0]}” no column with their names was found, and one of classes beside it" if tables else ""


def together(one: Said, other: Said) -> Said:
    """Put what two tables say of images into one, as in train.csv and test.csv; the first one counts where both speak."""
    return replace(
        one,
        file=f"{one.file}, {other.file}",
        of={**other.of, **one.of},
        parts={**other.parts, **one.parts},
        by_name={**other.by_name, **one.by_name},
        rows=one.rows + other.rows,
        lost=one.lost + other.lost,
        torn=one.torn + other.torn,
    )


def likelihood(said: Said) -> tuple[float, bool, int]:
    """Order columns as a person would: those called a class, then words, then few values before many; the least is first."""
    values = said.classes
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
    """Find the image that a cell names, by more folders than the archive has too, and by the ending that it once had."""
    if len(cell) > LONGEST:
        return None
    parts = cell.strip().replace("\\", "/").lower().lstrip("./").split("/")[-DEEPEST:]
    for k in range(len(parts)):
        name = "/".join(parts[k:])
        if found := index.get(name) or index.get(number_of(name)):
            return found
    stem, _, end = parts[-1].rpartition(".")
    return image_of("/".join([*parts[:-1], stem]), index) if end in IMAGES else None


def images_of(cells: Sequence[str], index: Mapping[str, PurePosixPath | None]) -> list[PurePosixPath | None]:
    """Find the image that each cell of a column names."""
    known = {cell: image_of(cell, index) for cell in set(cells)}
    return [known[cell] for cell in cells]


def nearest(path: PurePosixPath, paths: Sequence[PurePosixPath]) -> list[PurePosixPath]:
    """List the images that a table is about before all others, where some of those are called the same: those in its folder,
    and of train.csv those in train.
    """
    above = path.parts[:-1]
    near = [one for one in paths if one.parts[: len(above)] == above] or list(paths)
    if (kind := split_named(path.stem)[0]) is None:
        return near
    of_kind = {folder for one in near for folder in one.parts[:-1] if split_named(folder)[0] == kind}
    return [one for one in near if not of_kind.isdisjoint(one.parts[:-1])] or near


def columns_of(
    path: PurePosixPath,
    rows: list[list[str]],
    paths: Sequence[PurePosixPath],
    whole: Mapping[str, PurePosixPath | None],
) -> list[Said]:
    """Read what each column of a table says of the images that another of its columns names; none where it names none.

    whole: all images by what they may be called.
    """
    if len(rows) < 2:
        return []
    width = min(MOST_COLUMNS, Counter(map(len, rows[:LOOKED_AT])).most_common(1)[0][0])
    rows = [row for row in rows if len(row) >= width]
    columns = [[row[k] for row in rows] for k in range(width)]
    found = [images_of(column, whole) for column in columns]
    near = nearest(path, paths) if None in whole.values() else paths
    if len(near) < len(paths):
        index = named_by(near)
        nearer = [images_of(column, index) for column in columns]
        found = max(nearer, found, key=lambda one: max(map(number_named, one)))  # alike: the nearer ones
    counts = list(map(number_named, found))
    weights = [count and count * weight(columns[k], count / len(paths)) for k, count in enumerate(counts)]
    key = max(range(width), key=lambda k: (weights[k], bool(columns[k][0].strip())))
    if not weights[key] or counts[key] < LEAST_NAMED * max(1, min(len(paths), len(rows) - 1)):
        return []
    has_header = found[key][0] is None
    names = [cell.strip() if has_header and cell.strip() else f"column {k + 1}" for k, cell in enumerate(rows[0][:width])]
    names = [name if name not in names[:k] else f"{name} (column {k + 1})" for k, name in enumerate(names)]
    below, of = (rows[1:], found[key][1:]) if has_header else (rows, found[key])
    told = [(image, row) for image, row in zip(of, below, strict=True) if image]
    others = [k for k in range(width) if k != key and counts[k] < counts[key]]
    values = {k: {image: cell for image, row in told if (cell := row[k].strip())} for k in others}
    parts: dict[PurePosixPath, str] = {}
    for k in others:
        words = {cell.lower() for cell in values[k].values()}
        if words and words <= SPLITS.keys():
            parts = {image: SPLITS[cell.lower()] for image, cell in values.pop(k).items()}
    kind = split_named(path.stem)[0]
    by_name = dict.fromkeys((image for image, _ in told), kind) if kind else {}
    table = Said(path.name, "", {}, parts, by_name, len(below), len(below) - len(told))
    if hot := one_hot({names[k]: values[k] for k in values}):
        return [replace(table, column=", ".join(list(hot)[:3]), of=chosen_of(hot), hot=True)]
    torn = {
        k: len({image for image, row in told if (cell := row[k].strip()) and of[image] != cell}) if len(of) < len(told) else 0
        for k, of in values.items()
    }
    return [replace(table, column=names[k], of=values[k], torn=torn[k]) for k in values]


def number_named(column: Sequence[PurePosixPath | None]) -> int:
    """Count the images that a column names."""
    return len({one for one in column if one})


def weight(cells: Sequence[str], share: float) -> int:
    """Say how well a column names a share of the images: words better than numbers, in which a program may count the rows;
    numbers that come again are classes, but where they are those of many images.
    """
    if not all(is_number(cell.strip()) for cell in cells[1:]):
        return 2
    return int(share >= 0.5 or len(set(cells)) * TOGETHER > len(cells))


def one_hot(columns: Mapping[str, Mapping[PurePosixPath, str]]) -> dict[str, set[PurePosixPath]]:
    """Find columns of which each is one class and has a 1 where an image is of it, and every image has one 1."""
    binary = {
        name: {image for image, cell in column.items() if HOT[cell.lower()]}
        for name, column in columns.items()
        if column and all(cell.lower() in HOT for cell in column.values())
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
