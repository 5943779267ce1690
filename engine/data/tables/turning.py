"""Tables whose examples are columns: each row is a quantity, named by its first cell, as measuring devices write them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from engine.data.tables.column import TableError
from engine.data.tables.layout import MOST_COLUMNS, MOST_UNITS, Row, is_number
from engine.data.tables.source import Source
from engine.data.tables.suggestion import NAMED, rank

MOST_TURNED = 2_000_000
"""Cells that such a table may have, which has to be read as a whole."""
MOST_LOOKED_AT = 100_000
"""Cells of a table that is turned without being asked for."""
FEWEST = 4
"""Examples that a network needs at the least, and that have to be in columns where a table is turned."""
TIMES_AS_WIDE = 10
"""Cells for each row, beyond which a table with too few rows to learn from is turned."""
BEGIN = 50
"""Rows at the beginning among which one is looked for that says the class of each column."""
ALIKE = 0.9
"""The share of a row's cells that are numbers, or are none, for the row to be of one kind."""


def oriented(source: Source, wanted: str) -> Source:
    """Give the source whose rows are examples: itself, or turned where a person says so (`wanted` is "rows" or "columns") or
    where it can be nothing else. Where it may be one or the other it is left, with an offer.
    """
    if wanted == "rows" or source.names is not None:
        return source
    if wanted == "columns":
        return turned(source, table_in(whole(source.rows())), "Each column is an example, each row a quantity.")
    label = label_of(table_in(small(islice(source.rows(), BEGIN))))
    if label and (table := table_in(whole(source.rows()))):
        note = f"Each column is an example, each row a quantity: the row “{label[:60]}” says a class of each column."
        return turned(source, table, note)
    table = table_in(small(source.rows()))
    if why := reason(table):
        return turned(source, table, f"Each column is an example, each row a quantity: {why}.")
    if is_in_doubt(table):
        note = (
            f"The table has {len(table[0]) - 1:,} columns beside the one that names its {len(table):,} rows. It is read with "
            "an example in each row; if each column is one, say so."
        )
        offer = {"words": "Each column is an example", "choose": {"examples": "columns"}}
        return replace(source, notes=[*source.notes, note], offers=[*source.offers, offer])
    return source


def whole(rows: Iterator[Row]) -> Iterator[Row]:
    """Give all rows. Raises TableError where they have more than MOST_TURNED cells."""
    cells = 0
    for line, row in rows:
        cells += len(row)
        if cells > MOST_TURNED:
            raise TableError(
                f"a table whose examples are columns may have {MOST_TURNED:,} cells, and this one has more, from line {line:,} "
                "on; turn it in a spreadsheet program, and save it as CSV"
            )
        yield line, row


def small(rows: Iterator[Row]) -> list[Row]:
    """Give all rows where they are few, else none: then each is an example, unless a person says otherwise."""
    kept: list[Row] = []
    cells = 0
    for line, row in rows:
        cells += len(row)
        if len(kept) >= MOST_COLUMNS or cells > MOST_LOOKED_AT:
            return []
        kept.append((line, row))
    return kept


def table_in(rows: Iterable[Row]) -> list[list[str]]:
    """Give the cells of the rows that have the usual length and hold something; none where rows differ but for titles above."""
    known = [[cell.strip() for cell in row] for _, row in rows if any(map(str.strip, row))]
    widths = [len(row) for row in known]
    if not known:
        return []
    usual = Counter(widths).most_common(1)[0][0]
    begin = widths.index(usual)
    return known[begin:] if set(widths[begin:]) == {usual} else []


def turned(source: Source, table: Sequence[Sequence[str]], note: str) -> Source:
    """Turn rows and columns. Raises TableError where rows have different lengths."""
    if not table:
        raise TableError("the rows have different numbers of cells, so that they cannot be turned; choose another separator")
    rows = list(enumerate(map(list, zip(*table, strict=True)), 1))
    said = {**source.said, "examples": "columns"}
    offer = {"words": "Each row is an example", "choose": {"examples": "rows"}}
    return Source(
        lambda: iter(rows), len(rows), source.separator, source.encoding, 0, [*source.notes, note], said=said, offers=[offer]
    )


def kind_of(row: Sequence[str]) -> str:
    """Tell whether the cells of a row behind the first are numbers or words; "mixed" where they are both."""
    known = [is_number(cell) for cell in row[1:] if cell]
    share = sum(known) / len(known) if known else 0.0
    return "number" if share >= ALIKE else "word" if share <= 1 - ALIKE else "mixed"


def is_named(table: Sequence[Sequence[str]]) -> bool:
    """Tell whether the first cells below the first row are different words, and no cell behind them is missing a column."""
    first = [row[0] for row in table[1:]]
    return len(table) > 1 and all(first) and len(set(first)) == len(first) and not any(map(is_number, first))


def is_in_doubt(table: Sequence[Sequence[str]]) -> bool:
    """Tell whether examples may be columns: more of them than rows, each of which has a name of its own."""
    return len(table) > 1 and len(table[0]) > max(FEWEST, len(table)) and is_named(table)


def reason(table: Sequence[Sequence[str]]) -> str:
    """Say why examples can only be columns; empty where they may be rows."""
    if not is_in_doubt(table):
        return ""
    if len(table) <= FEWEST and len(table[0]) > TIMES_AS_WIDE * len(table):
        return f"the {len(table)} rows are too few to be examples"
    kinds = [kind_of(row) for row in table]
    below_names = kinds[1:] if kinds[0] == "word" or is_counting(table[0]) else kinds
    words = [k for k, kind in enumerate(below_names) if kind == "word"]
    are_no_units = below_names is kinds or max(words, default=0) >= MOST_UNITS
    if words and are_no_units and "mixed" not in kinds and "number" in below_names:
        return "within each row the cells are of one kind, within each column they are not"
    return ""


def label_of(table: Sequence[Sequence[str]]) -> str:
    """Find the one row of words among rows of numbers that is called a class, as "diagnosis", and says one of each column."""
    if len(table) <= MOST_UNITS or len(table[0]) <= FEWEST or not is_named(table):
        return ""
    kinds = [kind_of(row) for row in table]
    words = [row for row, kind in zip(table[1:], kinds[1:], strict=True) if kind != "number"]
    if len(words) != 1 or not all(words[0]) or rank(words[0][0], False, False, True) >= NAMED:
        return ""
    classes = set(words[0][1:])
    return words[0][0] if kind_of(words[0]) == "word" and 1 < len(classes) <= len(words[0]) / 2 else ""


def is_counting(row: Sequence[str]) -> bool:
    """Tell whether the cells behind the first are all different whole numbers, as those that number examples."""
    return len(set(row[1:])) == len(row) - 1 and all(map(str.isdigit, row[1:]))
