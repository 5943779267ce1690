"""How a table lies in its file: what parts the cells, which lines stand above it, and whether its first row names columns."""

import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from engine.data.tables import dates
from engine.data.tables.cells import GAPS
from engine.data.tables.column import TableError, plural
from engine.data.tables.numerals import split

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|", "space": " "}
LOOKED_AT, SAMPLED = 100_000, 200
"""Characters and lines at the beginning that are looked at."""
ROWS_OF_A_WORD = 4
"""Rows in which each word of a column stands in the mean, where its words come again and again."""
RAGGED = 0.05
"""The share of rows of another length that a table has at the most whose first lines are titles of several cells."""
MOST_UNITS, LONGEST_UNIT = 3, 12
"""Lines of units below the names, and the characters that a unit has at the most."""
ROLES = {"class", "meta", "ignore", "weight", "i", "c", "m", "w", "string", "s"}
"""What Orange writes in the third line of a table."""
MOST_COLUMNS = 1_000
"""Columns that are read; of more the first ones, and the last."""

Row = tuple[int, list[str]]
"""A row's line in the file, and its cells."""


@dataclass
class Layout:
    """Rows begin after line `skip`; `names` are None where no row names the columns; `width` cells are in a row."""

    skip: int
    header: bool
    names: list[str]
    width: int
    taken: list[int]
    """The columns that are read, by their place in a row."""
    first: list[str] = field(default_factory=list)
    """The cells of the row that names the columns, as they stand there."""
    units: list[int] = field(default_factory=list)
    """Lines below the names that are left out: of units, or names once more."""
    notes: list[str] = field(default_factory=list)


def separator_in(lines: Sequence[str]) -> str:
    """Find the separator with which the cells make sense: rows as long as each other, of numbers, dates and words."""
    best = ("", 0.0)
    for name, character in SEPARATORS.items():
        if (score := score_of(lines, character)) > best[1]:
            best = (name, score)
    if best[0]:
        return best[0]
    if all(is_number(line.strip()) for line in lines[1:]):
        raise TableError("the table has only one column; a network needs one to read and one to learn")
    raise TableError(
        "no separator was found: cells must be parted by a comma, a semicolon, a tab, a bar or a space; the "
        f"first line is {lines[0].strip()[:60]!r}"
    )


def score_of(lines: Sequence[str], character: str) -> float:
    """Say how well a separator fits: the share of rows of the usual length, and how many of their cells are numbers."""
    if not (rows := cut(lines, character)):
        return 0.0
    width, number = Counter(map(len, rows)).most_common(1)[0]
    if width < 2:
        return 0.0
    usual = [row for row in rows if len(row) == width]
    known = [cell.strip() for row in usual[-40:] for cell in row if cell.strip()]
    sound = sum(1.0 if is_number(cell) else -0.5 if cell[0] in ",;|" or "\t" in cell else 0.0 for cell in known)
    sound /= max(1, len(known))
    first = 0.2 if len(rows[0]) == width else 0.0
    return number / len(rows) + first + 0.4 * sound + min(width, 10) / 100 - (0.15 if character == " " else 0.0)


def cut(lines: Sequence[str], character: str) -> list[list[str]]:
    """Cut lines into cells; none where that cannot be."""
    ready = lines
    if character == " ":
        ready = [line.replace("\t", " ").strip() if '"' in line else " ".join(line.split()) for line in lines]
    try:
        return [row for row in csv.reader(ready, delimiter=character, skipinitialspace=True) if row]
    except csv.Error:
        return []


def has_quotes_as_text(lines: Sequence[str], character: str) -> bool:
    """Tell whether quotation marks stand for themselves, as in 12" single: with each line a row, all rows are as long."""
    widths = {line.count(character) for line in lines}
    return len(widths) == 1 and widths != {0} and any(line.count('"') % 2 for line in lines)


def is_number(text: str) -> bool:
    """Tell whether a cell is a number, a gap in numbers, or a date."""
    return split(text) is not None or text.lower() in GAPS or dates.match(text, dates.FORMS) is not None


def find(rows: Sequence[Row], separator: str, header: str, skip: int | None) -> Layout:
    """Find the table in the first rows of a file; `header` is "auto", "yes" or "no", `skip` None where it has to be found."""
    usual = Counter(len(cells) for _, cells in rows[-150:])
    width = max(usual, key=lambda n: (usual[n], n))
    if width < 2:
        raise TableError(f"with the {separator} as separator the table has only one column; choose another separator")
    notes: list[str] = []
    place = 0 if skip is not None else titles(rows, width)
    if skip is None and header == "auto" and len(rows[place][1]) == width - 1 and len(rows) > place + 1:
        below = [cells for _, cells in rows[place + 2 :] if len(cells) == width]
        next_cells = rows[place + 1][1]
        place += len(next_cells) == width and all(next_cells) and is_header(next_cells, below, width)
    if place:
        said = ", ".join(repr(" ".join(filter(None, cells))[:30]) for _, cells in rows[:3][:place])
        notes.append(f"Title: {plural(rows[place][0] - 1, 'line')} above the table left out, as line 1: {said}.")
    above, (line, first) = rows[:place], rows[place]
    named = above and header != "no" and commented(above[-1][1], width, rows[place:])
    below = [cells for _, cells in rows[place + 1 :] if len(cells) == width]
    if named:
        names, has_names, begin = named, True, rows[place - 1][0]
        below, notes = [cells for _, cells in rows[place:] if len(cells) == width], notes[:0]
    else:
        has_names = len(below) > 0 and (header == "yes" or (header == "auto" and is_header(first, below, width)))
        names, begin = first if has_names else [], line if has_names else line - 1
    if skip is not None and not has_names:
        begin = skip
    empty_last = 0
    while (
        width - empty_last > 2
        and not any(cells[width - 1 - empty_last] for cells in below)
        and not (has_names and len(names) >= width - empty_last and names[width - 1 - empty_last])
        and below
    ):
        empty_last += 1
    if empty_last:
        notes.append(f"{plural(empty_last, 'empty column')} at the end left out.")
    if has_names and len(names) == width - 1 and not empty_last:
        names = ["", *names]  # as R writes it: the names of the rows have none
    inner = width - empty_last
    taken = list(range(inner)) if inner <= MOST_COLUMNS else [*range(MOST_COLUMNS - 1), inner - 1]
    if inner > MOST_COLUMNS:
        notes.append(
            f"The table has {inner:,} columns, and at most {MOST_COLUMNS:,} can be read: the first {MOST_COLUMNS - 1} and the "
            "last one were, the others left out."
        )
    called = [names[k] if k < len(names) else "" for k in taken]
    names = called if has_names else [f"column {k + 1}" for k in taken]
    layout = Layout(begin, has_names, unique(names), width, taken, called, notes=notes)
    for k in range(place + 1, min(place + 1 + MOST_UNITS, len(rows) - 4)) if has_names and not named else ():
        unit_line, cells = rows[k]
        below = [c for _, c in rows[k + 1 :] if len(c) == width]
        if len(cells) != width or not (are_units(cells, below, inner) or (layout.units and are_roles(cells))):
            break
        layout.units.append(unit_line)
        if k == place + 1 and (both := named_twice(names, [cells[j] for j in taken])):
            example = next(name for name, one in zip(both, names, strict=True) if name != one)
            layout.names = unique(both)
            layout.notes.append(f"Lines {line} and {unit_line} name the columns together, as “{example[:60]}”.")
            continue
        said = "units" if max(map(len, cells)) <= LONGEST_UNIT else "names once more"
        layout.notes.append(f"Line {unit_line} ({', '.join(filter(None, cells))[:60]}) left out: it holds {said}.")
    return layout


def named_twice(names: Sequence[str], below: Sequence[str]) -> list[str]:
    """Put two lines of names together where the first goes over several columns: what it says once, or again and again, as
    of merged cells. Empty where it does not.
    """
    groups = list(names)
    for k in range(1, len(groups)):
        if not groups[k] and below[k]:
            groups[k] = groups[k - 1]
    wide = [bool(g) and g in (*groups[max(0, k - 1) : k], *groups[k + 1 : k + 2]) for k, g in enumerate(groups)]
    both = [f"{g} {b}" if w and b else n for g, b, n, w in zip(groups, below, names, wide, strict=True)]
    return both if sum(one != name for one, name in zip(both, names, strict=True)) > 1 and len(set(both)) == len(both) else []


def titles(rows: Sequence[Row], width: int) -> int:
    """Count the rows above the table: those with hardly a cell, or of another length, none of them numbers."""
    filled = Counter(sum(map(bool, cells)) for _, cells in rows[-150:])
    usual = max(filled, key=lambda n: (filled[n], n))
    odds = [len(cells) < width - 1 or (len(cells) > width and any(cells[width:])) for _, cells in rows]
    begin = next((k for k, odd in enumerate(odds) if not odd), 0)
    tidy = sum(odds[begin:]) <= RAGGED * len(odds[begin:])
    for k, (_, cells) in enumerate(rows[:40]):
        full, odd = sum(map(bool, cells)), odds[k]
        sparse = full <= max(1, usual // 3) and usual > 1 and not any(split(cell) for cell in cells if cell)
        if not sparse and not odd and not cells[0].startswith(("#", "%", "//")):
            return k
        if odd and k and not sparse and not tidy and not cells[0].startswith(("#", "%", "//")) and len(cells) > 1:
            return 0  # a ragged table, no title
    return 0


def commented(cells: Sequence[str], width: int, rows: Sequence[Row]) -> list[str] | None:
    """Give the names in a line as "# x, y, z", right above rows that have none."""
    if not cells[0].startswith(("#", "%")):
        return None
    names = [cells[0].lstrip("#% "), *cells[1:]]
    names = names if len(names) == width else " ".join(names).split()
    plain = any(split(cell) is not None for cell in rows[0][1])
    return names if len(names) == width and plain and not any(split(name) for name in names) else None


def is_header(first: Sequence[str], below: Sequence[Sequence[str]], width: int) -> bool:
    """Tell whether the first row names the columns: it is unlike the rows below it, or counts, or goes through years."""
    numbers = [split(cell) is not None for cell in first]
    if len(set(first)) < len(first) and sum(map(bool, first)) == len(first) and all(numbers):
        return False
    evidence = 0.0
    counting = counts(first)
    if not any(numbers):
        below = [row for row in below if list(row) != list(first)]  # the names once more, where files were put together
        if below and any(cell and cell == other for cell, other in zip(first, below[0], strict=False)):
            begin = any(is_number(cell) for cell in below[0] if cell)
            below = below if begin else below[1:]  # names go on in it, as in cells that are merged over two lines
    for k, cell in enumerate(first[:width]):
        others = [row[k] for row in below[:200] if row[k]]
        if not others or not cell:
            continue
        numeric = sum(is_number(other) for other in others) > 0.8 * len(others)
        if cell in others and not (numbers[k] and counting):
            evidence -= 1 if not numeric or numbers[k] else 0.5
        elif cell.lower() in GAPS:
            continue
        elif numbers[k]:
            evidence += 0.5 if not numeric or counting else -1
        elif dates.match(cell, dates.FORMS) is not None:
            plain = sum(split(other) is not None for other in others) > 0.8 * len(others)
            evidence += 1 if plain else -1 if numeric else 0  # above plain numbers a date is a name
        else:
            few = len(set(others)) * ROWS_OF_A_WORD <= len(others)  # where words come again and again, a new one is a name
            evidence += 1 if numeric or few else 0.25
    return evidence > 0


def counts(cells: Sequence[str]) -> bool:
    """Tell whether the numbers among cells go up one by one: 0, 1, 2 as pandas writes it, or years."""
    numbers = [int(cell) for cell in cells if re.fullmatch(r"\d{1,4}", cell)]
    whole = [cell for cell in cells if split(cell) is not None]
    if len(numbers) < 2 or len(numbers) != len(whole):
        return False
    steps = {b - a for a, b in pairwise(numbers)}
    begins = numbers[0] in (0, 1) or 1800 <= numbers[0] <= 2100
    return (
        len(steps) == 1
        and abs(next(iter(steps))) in ((1,) if numbers[0] < 1800 else (1, 2, 4, 5, 10))
        and begins
        and (len(numbers) > 2 or len(numbers) < len(cells))
    )


def are_units(cells: Sequence[str], below: Sequence[Sequence[str]], width: int) -> bool:
    """Tell whether a row holds units: a short word over every column of numbers."""
    numeric = [k for k in range(width) if below and are_numbers([row[k] for row in below if row[k]])]
    over = [cells[k] for k in numeric if cells[k]]
    long = any(len(word) > LONGEST_UNIT for word in over)
    return (
        bool(over)
        and (len(over) == len(numeric) > 1 if long else len(over) >= len(numeric) / 2)
        and all(split(word) is None and word.lower() not in GAPS and dates.match(word, dates.FORMS) is None for word in over)
    )


def are_numbers(cells: Sequence[str]) -> bool:
    """Tell whether cells below the names are numbers, but for one or two lines that name them once more."""
    odd = sum(not is_number(cell) for cell in cells)
    return odd == 0 or (odd < MOST_UNITS and len(cells) >= 10 * odd)


def are_roles(cells: Sequence[str]) -> bool:
    """Tell whether a row says of columns what they are for, as Orange writes it: most are empty, one says class."""
    filled = [cell.lower() for cell in cells if cell]
    return "class" in filled and set(filled) <= ROLES and len(filled) < len(cells)


def unique(names: Sequence[str]) -> list[str]:
    """Give every column a name of its own; what is already called "a (2)" keeps it."""
    normal = [" ".join(unicodedata.normalize("NFC", name).split()) or f"column {k + 1}" for k, name in enumerate(names)]
    taken, found = set(normal), []
    seen: set[str] = set()
    for name in normal:
        own, n = name, 2
        while own in seen or (own != name and own in taken):
            own, n = f"{name} ({n})", n + 1
        seen.add(own)
        found.append(own)
    return found
