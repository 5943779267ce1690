"""A file of a table as columns of numbers and of words, with what a person has to know about it.

What cannot be read is a TableError whose message says what to do.
"""

import csv
import math
import random
import re
import unicodedata
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2s
from itertools import islice
from typing import Any, Literal

import numpy as np

from engine.arrays import Array
from engine.data.tables import layout as layouts
from engine.data.tables import numerals, turning
from engine.data.tables import text as text_module
from engine.data.tables.cells import Cells
from engine.data.tables.column import Column, TableError, plural
from engine.data.tables.formats import fixed_width, markup, records, sparse
from engine.data.tables.layout import LOOKED_AT, MOST_COLUMNS, SAMPLED, SEPARATORS, Layout, Row
from engine.data.tables.notes import gathered
from engine.data.tables.numerals import Signs
from engine.data.tables.source import Source
from engine.data.tables.text import CHECK_EVERY, Check, Lines, Text, decode

MOST_ROWS, MOST_CELLS = 100_000, 2_000_000
"""Rows and cells that are kept: of more rows some are drawn."""
MOST_READ = 60_000_000
"""Cells that a file may have: beyond that it is refused, wherever reading has come."""
LONGEST, SHOWN = 200, 60
"""Characters of a cell that are kept, and that are shown; of longer ones the beginning, and a mark that tells them apart."""
MOST_SUMS = 5
"""Rows at the end that may sum up the others."""
SUMS = re.compile(
    "(?:(?:grand |sub)?totals?|sum|average|mean|summe|gesamt|insgesamt|mittelwert|durchschnitt|итого|合計|합계):?",
    re.IGNORECASE,
)
SAMPLE = 8
"""Rows that are shown as they are."""


@dataclass(frozen=True)
class Reading:
    """How a file has to be read; "auto" and None are found out.

    `kinds` says of columns, by their place in the file, that they are a "number", a "word" or a "date"; `sheet` names one of a
    spreadsheet's, or one of several tables in a zip; `examples` says whether they are "rows" or "columns".
    """

    separator: str = "auto"
    decimal: str = "auto"
    encoding: str = "auto"
    header: str = "auto"
    skip: int | None = None
    kinds: Mapping[int, str] = field(default_factory=dict)
    sheet: str = ""
    examples: str = "auto"


@dataclass
class Table:
    """Columns, their cells (rows, columns) as numbers, words as their place in `values`; how it was read, and what to know."""

    columns: list[Column]
    cells: Array
    separator: str
    header: bool
    notes: list[str]
    sample: list[list[str]]
    read_as: dict[str, Any] = field(default_factory=dict)


def read(data: bytes, how: Reading | str = "auto", check: Check = lambda: None) -> Table:
    """Read a file of text: cells with separators, ARFF, or JSON lines. Raises TableError, and whatever `check` raises, which
    is asked now and then.

    However long the file, at most MOST_READ cells of it are looked at and at most MOST_CELLS are kept.
    """
    how = Reading(separator=how) if isinstance(how, str) else how
    if data[:4] == b"PK\x03\x04":
        raise TableError("this is a spreadsheet or a zip file, not a CSV: open it in its program and save it as CSV")
    text = decode(data, how.encoding, check)
    return table_of(source_of(text, how), how, check)


def source_of(text: Text, how: Reading) -> Source:
    """Find out what kind of text it is, and how to go through its rows."""
    if records.is_arff(text):
        return records.arff(text)
    if records.is_json(text):
        return records.json_lines(text)
    if markup.is_markup(text):
        return markup.tables_of(text)
    if how.separator == "libsvm" or (how.separator == "auto" and sparse.is_svmlight(text)):
        return sparse.svmlight(text)
    begin = text.open().read(LOOKED_AT)
    lines = begin.splitlines(keepends=True)
    if len(begin) == LOOKED_AT and len(lines) > 2:
        lines.pop()
    skip = how.skip or 0
    separator = how.separator
    if how.skip is None and lines and lines[0].lower().startswith("sep=") and len(lines[0].strip()) in (4, 5):
        skip = 1
        named = {character: name for name, character in SEPARATORS.items()}.get(lines[0].strip("\r\n")[4:5], "")
        separator = named if separator == "auto" and named else separator
    lines = [line for line in lines[skip:] if line.strip()][:SAMPLED]
    if not lines:
        raise TableError("the file is empty, or begins with very many empty lines")
    separator = layouts.separator_in(lines) if separator == "auto" else separator
    if separator == "space" and how.separator == "auto" and fixed_width.is_fixed_width(lines):
        separator = "fixed"
    if separator == "fixed":
        return fixed_width.fixed_width(text, lines, skip)
    is_plain = layouts.has_quotes_as_text(lines, SEPARATORS[separator])
    notes = ["Quotation marks are read as they stand: they go around no cell."] if is_plain else []
    rows = lambda: rows_of(text, separator, skip, is_plain)  # noqa: E731
    offers = []
    if separator == "space" and how.separator == "auto" and fixed_width.is_in_doubt(lines):
        notes.append(
            "Blanks part the cells, and cells of several words may stand at fixed places; look whether columns are right."
        )
        offers.append({"words": "Read cells at fixed places", "choose": {"separator": "fixed"}})
    return Source(rows, text.lines, separator, text.encoding, skip, [*text.notes, *notes], offers=offers, text=text)


def rows_of(text: Text, separator: str, skip: int, is_plain: bool = False) -> Iterator[Row]:
    """Cut text into rows of cells, each with the number of the line where it ends; those without a word are left out.

    is_plain: quotation marks go around no cell.
    """
    source = Lines(text, skip)
    end_row = source.end_row
    lines: Iterable[str] = source
    if separator == "space":
        lines = (line.replace("\t", " ").strip() + "\n" for line in source)
    elif separator == "bar":  # as Markdown draws a table: bars around it, and dashes below the names
        lines = unframed(source)
    quotes: Literal[0, 3] = csv.QUOTE_NONE if is_plain else csv.QUOTE_MINIMAL
    reader = csv.reader(lines, delimiter=SEPARATORS[separator], skipinitialspace=True, quoting=quotes)
    try:
        for row in reader:
            end_row()
            if row:
                yield reader.line_num + skip, row
    except csv.Error as error:
        raise TableError(f"line {reader.line_num + skip:,} cannot be read ({error}); is a quotation mark missing?") from error


DASHES = re.compile(r"[|+](?:\s*:?-+:?\s*[|+])+|-+(?:\+-+)+")


def unframed(lines: Iterable[str]) -> Iterator[str]:
    """Take away the bars around all rows, and the dashes between them, where the first row has bars on both sides."""
    framed: bool | None = None
    for line in lines:
        bare = line.strip()
        if DASHES.fullmatch(bare):
            continue
        if framed is None and bare:
            framed = len(bare) > 2 and bare[0] == bare[-1] == "|"
        yield f"{bare[1:-1]}\n" if framed else line


def table_of(source: Source, how: Reading, check: Check = lambda: None) -> Table:
    """Read the rows of any source: find the layout, draw rows where there are too many, and read every column."""
    source = turning.oriented(source, how.examples)
    head: list[Row] = []
    cells_seen = 0
    for line, row in islice(source.rows(), SAMPLED):
        cells_seen += len(row)
        if any(map(str.strip, row)):
            head.append((line, clean(row)))
        if cells_seen > LOOKED_AT:
            break
    if not head:
        raise TableError("the file has no rows")
    if source.names is None:
        layout = layouts.find(head, source.separator, how.header, how.skip)
    else:
        width = len(source.names)
        taken = list(range(width)) if width <= MOST_COLUMNS else [*range(MOST_COLUMNS - 1), width - 1]
        layout = Layout(0, True, layouts.unique([source.names[k] for k in taken]), width, taken)
    rows, order, notes = drawn(source, layout, check)
    again = [row == layout.first for row in rows]
    if any(again) and not any(map(numerals.split, layout.first)):
        rows, order = [row for row, same in zip(rows, again, strict=True) if not same], order[~np.array(again)]
        notes.append(f"{plural(sum(again), 'row')} left out: the names of the columns once more.")
    if ends := sums_below(rows):
        rows, order = rows[:-ends], order[:-ends]
        notes.append(f"{plural(ends, 'row')} at the end left out: they sum up, as their first word says.")
    notes = source.notes + layout.notes + notes
    if len(rows) < 4:
        raise TableError(f"the file has {plural(len(rows), 'row')} of data; a network needs at least 4 to learn from")
    columns = []
    for k, (name, texts) in enumerate(zip(layout.names, zip(*rows, strict=True), strict=True)):
        check()
        columns.append(Cells(name, k, texts, how.kinds.get(k, "auto")))
    chosen = {"comma": ",", "dot": "."}.get(how.decimal, "")
    signs = Signs.of([one.evidence for one in columns if one.evidence], source.separator, chosen)
    found, cells = [], []
    told: list[tuple[str, str]] = []
    for column in columns:
        check()
        for about, values in column.columns(signs, order):
            found.append(about)
            cells.append(values)
        told += [(column.name, note) for note in column.notes]
    notes += gathered(told)
    doubt = next((column.doubt for column in columns if column.doubt), "")
    read_as = {
        "separator": source.separator,
        "decimal": "comma" if (signs.chosen or signs.table) == "," or doubt == "dot" else "dot",
        "encoding": source.encoding,
        "header": layout.header,
        "skip": max(0, layout.skip - (1 if layout.header and source.names is None else 0)),
        "names": layout.names,
        "doubt": doubt,
        "examples": "rows",
        "offers": source.offers,
        "chosen": {name: value for name, value in vars(how).items() if value != getattr(Reading(), name)},
        **source.said,
    }
    shown = [[cell if len(cell) <= SHOWN else f"{cell[:SHOWN]}…" for cell in row] for row in rows[:SAMPLE]]
    unique = layouts.unique([about.name for about in found])
    for about, own in zip(found, unique, strict=True):
        about.name = own
    return Table(found, np.stack(cells, axis=1), source.separator, layout.header, notes, shown, read_as)


def sums_below(rows: Sequence[Sequence[str]]) -> int:
    """Count the rows at the end that sum up those above, as "Total" does where no other row is called so."""
    ends = 0
    while ends < min(MOST_SUMS, len(rows) - 4):
        cells = rows[-1 - ends]
        place = next(k for k, cell in enumerate(cells) if cell)
        if place > 1 or not SUMS.fullmatch(cells[place]) or any(row[place] == cells[place] for row in rows[: -1 - ends]):
            break
        ends += 1
    return ends


def clean(row: Sequence[str]) -> list[str]:
    """Take blanks away around cells, and shorten the longest ones so that they stay distinct."""
    cells = [cell if len(cell) <= LONGEST else shortened(cell) for cell in map(str.strip, row)]
    return [cell[2:-1] if cell[:2] == '="' and cell[-1] == '"' else cell for cell in cells]  # ="00123", as Excel keeps a text


def shortened(cell: str) -> str:
    """Keep the beginning of a long cell, and a mark of all that it says."""
    mark = blake2s(unicodedata.normalize("NFC", cell).encode("utf-8", "replace"), digest_size=4).hexdigest()
    return f"{cell[: LONGEST - 10]}… {mark}"


def drawn(source: Source, layout: Layout, check: Check) -> tuple[list[list[str]], Array, list[str]]:
    """Go through all rows of the usual length; of too many keep one out of each so many, drawn at random, always the same ones.

    Every k-th row would do for no table whose classes take turns.
    """
    width, taken = layout.width, layout.taken
    total = source.expected - layout.skip
    every = max(1, math.ceil(total / MOST_ROWS))
    if every > 1 and source.text is not None and source.separator != "bar" and b'"' not in source.text.data:
        # then every line is a row
        every = max(every, math.ceil(total * len(taken) / MOST_CELLS))
        rows, total, odd = lines_drawn(source.text, source.separator, layout, every, check)
    else:
        rows, total, every, odd = rows_drawn(source, layout, every, check)
    notes = []
    if len(odd) > len(rows):
        raise TableError(
            f"the rows have different numbers of cells, as in line {odd[0][0]:,} with {odd[0][1]}; is the "
            f"{source.separator} the separator?"
        )
    if odd:
        notes.append(
            f"{plural(len(odd), 'row')} with another number of cells than {width} left out, as line {odd[0][0]:,} "
            f"with {odd[0][1]}."
        )
    if every > 1:
        notes.append(f"The file has {total:,} rows; {len(rows):,} of them were drawn at random, one of each {every}.")
    return [cells for _, cells in rows], np.array([k for k, _ in rows], np.float64), notes


Kept = list[tuple[int, list[str]]]
"""Rows that are kept, each with its number."""
Odd = list[tuple[int, int]]
"""The lines of rows with another number of cells, and how many they have."""


def lines_drawn(text: Text, separator: str, layout: Layout, every: int, check: Check) -> tuple[Kept, int, Odd]:
    """Draw one line of each block of so many, and cut it alone into cells. Gives the rows, how many there are, and odd ones."""
    rng = random.Random(0)
    file = text.open()
    deque(islice(file, layout.skip), 0)
    rows: Kept = []
    odd: Odd = []
    i = 0
    while block := list(islice(file, every)):
        if len(rows) % CHECK_EVERY == 0:
            check()
        pick = rng.randrange(every)
        line = layout.skip + i + pick + 1
        if pick < len(block) and line not in layout.units:
            one = block[pick].replace("\t", " ").strip() if separator == "space" else block[pick]
            if len(one) > text_module.MOST_LINE:
                raise TableError(f"line {line:,} has more than {text_module.MOST_LINE:,} characters; has the file line ends?")
            row = next(csv.reader([one], delimiter=SEPARATORS[separator], skipinitialspace=True), [])
            if cells := fitted(row, layout):
                rows.append((i + pick, cells))
            elif any(map(str.strip, row)):
                odd.append((line, len(row)))
        i += len(block)
    return rows, i, odd


def rows_drawn(source: Source, layout: Layout, every: int, check: Check) -> tuple[Kept, int, int, Odd]:
    """Go through all rows, and draw one of each block of so many. Gives the rows, how many there are, of which blocks they were
    drawn at the end, and the odd ones.
    """
    rng = random.Random(0)
    rows: Kept = []
    odd: Odd = []
    seen = kept = 0
    block, pick = -1, 0
    i = -1
    for line, row in source.rows():
        if line <= layout.skip or line in layout.units:
            continue
        i += 1
        seen += len(row)
        if i % CHECK_EVERY == 0:
            check()
        if seen > MOST_READ:
            raise TableError(f"the table has more than {MOST_READ:,} cells, at line {line:,}; bring fewer rows")
        if every > 1:
            if i // every != block:
                block, pick = i // every, rng.randrange(every)
            if i % every != pick:
                continue
        if (cells := fitted(row, layout)) is None:
            if any(map(str.strip, row)):
                odd.append((line, len(row)))
            else:
                i -= 1
            continue
        if not cells:
            continue
        rows.append((i, cells))
        kept += len(cells)
        if kept > MOST_CELLS:
            every *= 2
            block, pick = i // every, -1
            merged: dict[int, tuple[int, list[str]]] = {}
            for one in rows:
                if one[0] // every not in merged or rng.random() < 0.5:
                    merged[one[0] // every] = one
            rows = list(merged.values())
            kept = sum(len(cells) for _, cells in rows)
    return rows, i + 1, every, odd


def fitted(row: Sequence[str], layout: Layout) -> list[str] | None:
    """Give the cells of a row that are read, none where all are empty; None where it has another number of them than others."""
    width, taken, n = layout.width, layout.taken, len(row)
    short = len(taken) < width
    if n > width and not any(map(str.strip, row[width:])):
        row = row[:width]
    elif n < width and n > taken[-1] and not short:
        row = [*row, *[""] * (width - n)]
    elif n != width:
        return None
    cells = clean([row[k] for k in taken] if short else row)
    return cells if any(cells) else []


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
