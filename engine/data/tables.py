"""Tables: a CSV file as columns of numbers and of words, with what a person has to know about it.

What cannot be read is a TableError whose message says what to do.
"""

import codecs
import csv
import io
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import NoneType
from typing import Any

import numpy as np

from engine.arrays import Array

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|", "space": " "}
MISSING = {"", "na", "n/a", "nan", "null", "none", "?", "-", "inf", "-inf", "infinity", "-infinity"}
MOST_ROWS, MOST_COLUMNS, MOST_CELLS = 100_000, 100, 2_000_000
"""Rows, columns and cells that are kept: of more rows every k-th, of more columns none."""
MOST_READ, MOST_LINE = 20_000_000, 1_000_000
"""Cells that a file may have, and characters of one row: beyond that it is refused, wherever reading has come."""
PIECE = 1 << 20
"""Bytes that are decoded at a time."""
CHECK_EVERY = 1_000
"""Rows from one question whether reading should go on to the next."""
MOST_CLASSES, MOST_WORDS = 30, 12
"""Different values that a class to learn may have, and a column of words that is read."""
LARGEST = 1e30
"""Larger numbers count as missing: their squares are none any more."""
LONGEST = 60
"""Characters of a cell or a name that are kept."""
SAMPLE = 8
"""Rows that are shown as they are."""
MOST_LISTED = 200
"""Different words of a column that are kept; a column with more of them can be neither."""
NUMERIC = 0.9
"""The share of a column's cells that have to be numbers, for the others to count as missing."""
MOSTLY_MISSING = 0.5


Check = Callable[[], None]
"""Asked now and then while a table is read; what it raises ends the reading."""


class TableError(ValueError):
    """A file that is no table; the message says what to do."""


@dataclass
class Column:
    """One column: a "number" for each row, or a "word" out of `values`; cells that are missing are NaN.

    `no_feature`, `no_class`, `no_number` say why it cannot be read, be the class, or the number to learn; empty where it can.
    """

    name: str
    kind: str
    missing: int
    distinct: int
    values: list[str]
    mean: float | None
    std: float | None
    no_feature: str = ""
    no_class: str = ""
    no_number: str = ""


def check_column(column: Column) -> None:
    """Raise a TypeError where a column that was read back is not as it was written."""
    number = (float, int, NoneType)
    kinds: dict[str, Any] = {"missing": int, "distinct": int, "values": list, "mean": number, "std": number}
    for name, value in vars(column).items():
        if not isinstance(value, kinds.get(name, str)):
            raise TypeError(name)
    if column.kind not in ("number", "word") or not all(isinstance(value, str) for value in column.values):
        raise TypeError(column.name)


@dataclass
class Table:
    """Columns, their cells (rows, columns) as numbers, words as their place in `values`; and what there is to know."""

    columns: list[Column]
    cells: Array
    separator: str
    header: bool
    notes: list[str]
    sample: list[list[str]]


@dataclass
class Text:
    """A file's bytes with what they have to be read as; they are decoded a piece at a time, never as a whole."""

    data: bytes
    encoding: str
    lines: int
    notes: list[str]

    def open(self) -> io.TextIOWrapper:
        """Read from the beginning, line ends as they are written."""
        return io.TextIOWrapper(io.BytesIO(self.data), self.encoding, "replace", newline="")


def read(data: bytes, separator: str = "auto", check: Check = lambda: None) -> Table:
    """Read a CSV file. Raises TableError, and whatever `check` raises, which is asked now and then.

    However long the file, at most MOST_READ cells of it are looked at and at most MOST_CELLS are kept.
    """
    text = decode(data, check)
    separator = sniff(text) if separator == "auto" else separator
    rows, notes = rows_of(text, separator, check)
    notes = text.notes + notes
    header = has_header(rows)
    names = unique(rows[0] if header else [f"column {k + 1}" for k in range(len(rows[0]))])
    body = rows[header:]
    if len(body) < 4:
        raise TableError(f"the file has {plural(len(body), 'row')} of data; a network needs at least 4 to learn from")
    columns, cells = [], []
    for name, texts in zip(names, zip(*body, strict=True), strict=True):
        check()
        column, values, note = column_of(name, texts, decimal_comma=separator != "comma")
        columns.append(column)
        cells.append(values)
        notes += note
    return Table(columns, np.stack(cells, axis=1), separator, header, notes, body[:SAMPLE])


def decode(data: bytes, check: Check = lambda: None) -> Text:
    """Find out what bytes have to be read as, and how many lines they are; say where that took a guess."""
    if not data.strip():
        raise TableError("the file is empty")
    if data[:4] == b"PK\x03\x04":
        raise TableError("this is a spreadsheet or a zip file, not a CSV: open it in its program and save it as CSV")
    notes = []
    try:
        encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
        lines = count_lines(data, encoding, check)
    except UnicodeDecodeError as error:
        if encoding == "utf-16":
            raise TableError("the file begins as UTF-16 text and goes on as none; save it as CSV in UTF-8") from None
        encoding, lines = "cp1252", count_lines(data, "latin-1", check)
        notes = [
            f"The file is not UTF-8 (byte {error.start:,}), so it was read as Windows-1252. Look whether letters with "
            "accents are right; if not, save it as UTF-8."
        ]
    text = Text(data, encoding, lines, notes)
    if "\0" in text.open().read(100_000):
        raise TableError("this is no text file; save the table as CSV")
    return text


def count_lines(data: bytes, encoding: str, check: Check) -> int:
    """Count line ends, be they \\n, \\r or both.

    Raises UnicodeDecodeError, with the place in the whole file, where it is another encoding.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    ends = io.IncrementalNewlineDecoder(None, translate=True)
    lines = 0
    for start in range(0, len(data), PIECE):
        check()
        waiting = len(decoder.getstate()[0])
        last = start + PIECE >= len(data)
        try:
            piece = decoder.decode(data[start : start + PIECE], last)
        except UnicodeDecodeError as error:
            place = start - waiting + error.start
            raise UnicodeDecodeError(encoding, data[place : place + 1], place, place + 1, error.reason) from None
        lines += ends.decode(piece, last).count("\n")
    return lines


def sniff(text: Text) -> str:
    """Find the separator: the one with which most lines have as many cells as each other, and more than one."""
    lines = [line for line in text.open().read(100_000).splitlines() if line.strip()][:40]
    if not lines:
        raise TableError("the file is empty, or begins with very many empty lines")
    best = ("", 0.0)
    for name, character in SEPARATORS.items():
        try:
            counts = Counter(len(row) for row in csv.reader(lines, delimiter=character, skipinitialspace=True))
        except csv.Error:
            continue
        cells, number = counts.most_common(1)[0]
        score = number / len(lines) + min(cells, 10) / 100
        if cells > 1 and score > best[1]:
            best = (name, score)
    if best[0]:
        return best[0]
    if numbers(lines[1:]) is not None:
        raise TableError("the table has only one column; a network needs one to read and one to learn")
    raise TableError(
        "no separator was found: cells must be parted by a comma, a semicolon, a tab, a bar or a space; the "
        f"first line is {lines[0][:60]!r}"
    )


class Lines(Iterator[str]):
    """A text's lines, as long as none of them, and no row that goes over several, is longer than MOST_LINE."""

    def __init__(self, text: Text) -> None:
        self._file, self._left = text.open(), MOST_LINE

    def __next__(self) -> str:
        """Give the next line, or refuse it."""
        line = self._file.readline(self._left + 1)
        self._left -= len(line)
        if self._left < 0:
            raise TableError(
                f"a row has more than {MOST_LINE:,} characters; has the file line ends, and is no quotation mark missing?"
            )
        if not line:
            raise StopIteration
        return line

    def end_row(self) -> None:
        """Let the next row be as long again."""
        self._left = MOST_LINE


def rows_of(text: Text, separator: str, check: Check = lambda: None) -> tuple[list[list[str]], list[str]]:
    """Cut text into rows of equally many cells: the usual number, others are left out and told; of very many every k-th."""
    notes, every = [], max(1, math.ceil(text.lines / MOST_ROWS))
    source = Lines(text)
    reader = csv.reader(source, delimiter=SEPARATORS[separator], skipinitialspace=True)
    rows: list[tuple[int, int, int, list[str]]] = []  # which row, in which line, how many cells, and the first of them
    seen = kept = 0
    try:
        for i, row in enumerate(filter(None, reader)):
            source.end_row()
            seen += len(row)
            if i % CHECK_EVERY == 0:
                check()
            if seen > MOST_READ:
                raise TableError(f"the table has more than {MOST_READ:,} cells, at line {reader.line_num:,}; bring fewer rows")
            if i % every == 0 and any(map(str.strip, row)):
                rows.append((i, reader.line_num, len(row), [cell.strip()[:LONGEST] for cell in row[: MOST_COLUMNS + 1]]))
                kept += len(rows[-1][3])
            while kept > MOST_CELLS:
                every *= 2
                rows = [one for one in rows if one[0] % every == 0]
                kept = sum(len(cells) for _, _, _, cells in rows)
    except csv.Error as error:
        raise TableError(f"line {reader.line_num:,} cannot be read ({error}); is a quotation mark missing?") from error
    if not rows:
        raise TableError("the file has no rows")
    width = Counter(number for _, _, number, _ in rows[:1000]).most_common(1)[0][0]
    if width < 2:
        raise TableError(f"with the {separator} as separator the table has only one column; choose another separator")
    if width > MOST_COLUMNS:
        raise TableError(f"the table has {width:,} columns; at most {MOST_COLUMNS} can be read, so save it with fewer")
    odd = [(line, number) for _, line, number, _ in rows if number != width]
    if len(odd) > len(rows) / 2:
        raise TableError(
            f"the rows have different numbers of cells, as in line {odd[0][0]:,} with {odd[0][1]}; is the "
            f"{separator} the separator?"
        )
    if odd:
        notes.append(
            f"{plural(len(odd), 'row')} with another number of cells than {width} left out, as line {odd[0][0]:,} "
            f"with {odd[0][1]}."
        )
    if every > 1:
        notes.append(f"The file has about {text.lines:,} rows; one in {every} was taken, {len(rows):,} in all.")
    return [cells for _, _, number, cells in rows if number == width], notes


def plural(n: int, word: str) -> str:
    """Count things in words."""
    return f"{n:,} {word}{'' if n == 1 else 's'}"


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether the first row names the columns: it has no number, and is not like the rows below it."""
    first, below = rows[0], rows[1:200]
    if any(number(cell) is not None for cell in first):
        return False
    for k, cell in enumerate(first):
        others = [row[k] for row in below]
        if any(number(other) is not None for other in others):
            return True
        if cell in others:
            return False
    return True


def unique(names: Sequence[str]) -> list[str]:
    """Give every column a name of its own."""
    seen: Counter[str] = Counter()
    found = []
    for k, name in enumerate(names):
        short = name or f"column {k + 1}"
        seen[short] += 1
        found.append(short if seen[short] == 1 else f"{short} ({seen[short]})")
    return found


def number(cell: str, decimal_comma: bool = True) -> float | None:
    """Read a cell as a finite number; None where it is none."""
    try:
        value = float(cell)
    except ValueError:
        if not decimal_comma or cell.count(",") != 1:
            return None
        return number(cell.replace(",", "."), decimal_comma=False)
    return value if abs(value) < LARGEST and "_" not in cell else None


def numbers(cells: Iterable[str]) -> list[float] | None:
    """Read all cells as numbers; None where one is none."""
    found = [number(cell.strip()) for cell in cells]
    return None if not found or None in found else [v for v in found if v is not None]


def column_of(name: str, texts: Sequence[str], decimal_comma: bool) -> tuple[Column, Array, list[str]]:
    """Read one column: numbers where nearly all cells are, else words."""
    notes = []
    here = [text.lower() not in MISSING for text in texts]
    read = [number(text, decimal_comma) if there else None for text, there in zip(texts, here, strict=True)]
    known, numeric = sum(here), sum(v is not None for v in read)
    if numeric and numeric >= NUMERIC * known:
        if numeric < known:
            odd = next(text for text, there, v in zip(texts, here, read, strict=True) if there and v is None)
            notes.append(f"{name}: {plural(known - numeric, 'cell')} no number, as {odd[:30]!r}; counted as missing.")
        values = np.array([math.nan if v is None else v for v in read])
        found = Counter(v for v in read if v is not None)
        listed = [f"{v:.12g}" for v in sorted(found)] if len(found) <= MOST_LISTED else []
        known_values = values[np.isfinite(values)]
        column = Column(
            name, "number", len(texts) - numeric, len(found), listed, float(known_values.mean()), float(known_values.std())
        )
    else:
        words = sorted({text for text, there in zip(texts, here, strict=True) if there})
        place = {word: k for k, word in enumerate(words)}
        values = np.array([place[text] if there else math.nan for text, there in zip(texts, here, strict=True)])
        column = Column(name, "word", len(texts) - known, len(words), words if len(words) <= MOST_LISTED else [], None, None)
    judge(column, values)
    return column, values, notes


def judge(column: Column, values: Array) -> None:
    """Say what a column cannot be, and what to do about it."""
    if column.distinct == 0:
        column.no_feature = column.no_class = column.no_number = "all its cells are missing"
        return
    if column.distinct == 1:
        column.no_feature = column.no_number = "it is the same in every row"
        column.no_class = f"it has one class only, {''.join(column.values)!r}; a network needs two to tell apart"
        return
    if column.missing > MOSTLY_MISSING * len(values):
        column.no_feature = f"{column.missing:,} of {len(values):,} cells are missing"
    if column.kind == "word":
        column.no_number = "its cells are words"
        if column.distinct > MOST_WORDS:
            column.no_feature = f"it has {column.distinct:,} different words, at most {MOST_WORDS} can be read"
    if column.distinct > MOST_CLASSES:
        column.no_class = f"it has {column.distinct:,} different values, at most {MOST_CLASSES} can be classes"
    if column.kind == "number" and not column.no_feature and np.array_equal(np.diff(values), np.ones(len(values) - 1)):
        column.no_feature = "it only numbers the rows"


NAMES_OF_TARGETS = ("class", "label", "target", "species", "category", "outcome")


def suggest(columns: Sequence[Column]) -> dict[str, Any]:
    """Propose what to learn and from what: a class where a column looks like one, else the last number."""
    whole = [k for k, c in enumerate(columns) if not c.no_class and (c.kind == "word" or c.distinct <= 10)]
    named = [k for k, c in enumerate(columns) if not (c.no_class and c.no_number) and c.name.lower() in NAMES_OF_TARGETS]
    numeric = [k for k, c in enumerate(columns) if not c.no_number]
    last = len(columns) - 1
    target = next(
        iter(
            [
                *named,
                *(k for k in whole if k == last),
                *reversed([k for k in whole if columns[k].kind == "word"]),
                *(k for k in numeric if k == last),
                *whole,
                *reversed(numeric),
            ]
        ),
        None,
    )
    if target is None:
        raise TableError(
            "no column can be learned: a class needs 2 to "
            f"{MOST_CLASSES} different values, a number more than one; "
            + "; ".join(f"{c.name}: {c.no_class or c.no_number}" for c in columns[:6])
        )
    task = "table" if target in whole or (target in named and not columns[target].no_class) else "numbers"
    features = [k for k, c in enumerate(columns) if k != target and not c.no_feature]
    if not features:
        raise TableError(
            "no column is left to read: "
            + "; ".join(
                f"{c.name}: {c.no_class if c.distinct == 1 else c.no_feature}" for k, c in enumerate(columns[:6]) if k != target
            )
        )
    return {"task": task, "target": target, "features": features}


def example() -> Table:
    """Make up a table of fruit, for whoever has none at hand."""
    rng = np.random.default_rng(0)
    kinds = {"apple": (170, 7.3, 13.0), "lemon": (110, 7.9, 2.5), "plum": (55, 4.6, 11.0)}
    lines = ["weight,length,sweetness,price,fruit"]
    for i in range(240):
        name = list(kinds)[i % 3]
        weight, length, sweetness = np.array(kinds[name]) * (1 + 0.22 * rng.normal(size=3))
        price = 12 + 0.16 * weight + 0.14 * sweetness**2 + 2 * rng.normal()
        lines.append(f"{weight:.0f},{length:.1f},{sweetness:.1f},{price:.0f},{name}")
    return read("\n".join(lines).encode(), "comma")
