"""Tables in text whose columns stand at fixed places of a line, as printers and old programs write them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, pairwise

from engine.data.tables.column import TableError
from engine.data.tables.layout import Row, cut, is_number
from engine.data.tables.source import Source
from engine.data.tables.text import Lines, Text

Spans = list[tuple[int, int]]
"""Where each column begins and ends in a line, so that its cells have no blank at any place where all have one."""
FEWEST_LINES = 5
"""Lines that it takes to tell places where all are blank from words that happen to end there."""
MOST_TITLES = 5
"""Lines above the table that may go over its columns."""
ALIGNED = 0.95
"""The share of lines whose words are as many as in most: below it blanks alone do not part the cells."""
RULE = re.compile(r"[-=_+| ]*")
"""A line that is drawn below the names."""
RULER = re.compile(r" *(?:-{2,}|={2,})(?: +(?:-+|=+))+")
"""One that is drawn below each of them."""


def spans_of(lines: Iterable[str]) -> Spans:
    """Find the columns: they are parted by places that are blank in every line."""
    filled: list[bool] = []
    for line in lines:
        filled += [False] * (len(line) - len(filled))
        for word in re.finditer(r"\S+", line):
            filled[word.start() : word.end()] = [True] * (word.end() - word.start())
    edges = [k for k, (one, other) in enumerate(pairwise([False, *filled, False])) if one != other]
    return list(zip(edges[::2], edges[1::2], strict=True))


def columns_in(lines: Sequence[str]) -> tuple[Spans, int]:
    """Find the columns, and how many titles stand above; no columns where there are no two of them."""
    return ruled(lines) or unruled(lines)


def unruled(lines: Sequence[str]) -> tuple[Spans, int]:
    """Find the columns by where their words stand."""
    plain = [line for line in map(ready, lines) if not RULE.fullmatch(line)]
    begin = min(MOST_TITLES + 1, len(plain) - FEWEST_LINES)
    if begin < 1:
        return [], 0
    body = spans_of(plain[begin:])
    least = max((k for k in range(begin) if is_title(plain[k], body)), default=-1) + 1
    for titles in range(least, begin + 1):
        found = named(plain[titles], plain[titles + 1 :])
        if len(found) > 1:
            return found, titles
    return [], 0


def ruled(lines: Sequence[str]) -> tuple[Spans, int] | None:
    """Find the columns below which a line is drawn, each with its own part of it, where the lines below keep to that."""
    shown = [ready(line) for line in lines]
    place = next((k for k, line in enumerate(shown[: MOST_TITLES + 2]) if RULER.fullmatch(line)), 0)
    above = [line for line in shown[:place] if not RULE.fullmatch(line)]
    below = [line for line in shown[place + 1 :] if not RULE.fullmatch(line)]
    spans = spans_of(shown[place : place + 1])
    if not above or len(below) < FEWEST_LINES - 1 or sum(not between(line, spans) for line in below) < ALIGNED * len(below):
        return None
    return spans, len(above) - 1


def named(names: str, below: Sequence[str]) -> Spans:
    """Find the columns of lines below one that may name them. What only that one fills belongs to the column before, as in
    First Name; and so do words without a name right behind others, as b in "big b".
    """
    found: Spans = []
    for start, end in spans_of([names, *below]):
        cells = [cell for line in below if (cell := line[start:end].strip())]
        is_bare = not names[start:end].strip() and found and start - found[-1][1] == 1
        if not cells or (is_bare and not any(map(is_number, cells))):
            found[-1:] = [(found[-1][0] if found else start, end)]
        else:
            found.append((start, end))
    return found


def is_title(line: str, spans: Spans) -> bool:
    """Tell whether a line is none of a table's: it has hardly a word, or fills what is blank between two columns, where that is
    no single blank; those may stand between words of a cell.
    """
    gaps = [(end, start) for (_, end), (start, _) in pairwise(spans) if start < len(line)]
    wide = any(" " not in line[end:start] for end, start in gaps if start - end > 1)
    over = sum(" " not in line[end - 1 : start + 1] for end, start in gaps)
    return wide or over > 1 or 2 * len(line.split()) < len(spans)


def is_fixed_width(lines: Sequence[str]) -> bool:
    """Tell whether cells stand at fixed places, where blanks alone do not part them: some are empty, or hold several words."""
    if ruled(lines):
        return True
    spans, titles = unruled(lines)
    if not spans:
        return False
    words = [len(row) for row in cut(lines[titles:], " ")]
    if not words:
        return False
    usual = max(words, key=words.count)
    cells = [one for line in lines[titles + 1 :] for one in cells_of(ready(line), spans) if one]
    if not any(map(is_number, cells)) and min(start - end for (_, end), (start, _) in pairwise(spans)) < 2:
        return False
    ragged = words.count(usual) < ALIGNED * len(words)
    return ragged or (words[0] == len(spans) != usual)


def is_in_doubt(lines: Sequence[str]) -> bool:
    """Tell whether cells may stand at fixed places, wide apart, while blanks part each line into as many, other ones."""
    spans, _ = columns_in(lines)
    wide = all(start - end > 1 for (_, end), (start, _) in pairwise(spans))
    return bool(spans) and wide and len(spans) != max(map(len, cut(lines, " ")))


def ready(line: str) -> str:
    """Give a line as it is seen."""
    return line.expandtabs().rstrip()


def cells_of(line: str, spans: Spans) -> list[str]:
    """Cut a line where its columns begin."""
    starts = [0, *(start for start, _ in spans[1:]), len(line)]
    return [line[start:end].strip() for start, end in pairwise(starts)]


def fixed_width(text: Text, lines: Sequence[str], skip: int) -> Source:
    """Read lines cut at the places where columns begin; `lines` are those at the beginning. A line with something between
    two columns is one cell.
    """
    spans, titles = columns_in(lines)
    if not spans:
        raise TableError("no two columns stand apart at the same place of every line; choose another separator")
    below = islice(seen(text, skip), titles, None)
    whole = spans_of(line for _, line in below if between(line, spans) < 2 and not is_title(line, spans))
    spans = widened(spans, whole)  # wider numbers may come later
    places = ", ".join(str(start + 1) for start, _ in spans[1:])[:200]
    note = f"Cells stand at fixed places of each line (fixed width): {len(spans)} columns, cut before the characters {places}."

    def rows() -> Iterator[Row]:
        for k, line in seen(text, skip):
            yield k, [line.strip()] if between(line, spans) else cells_of(line, spans)

    return Source(rows, text.lines, "fixed", text.encoding, skip, [*text.notes, note])


def widened(spans: Spans, whole: Spans) -> Spans:
    """Widen columns to what all lines fill of them, unless that would join two."""
    found = [[part for part in whole if part[0] < end and start < part[1]] for start, end in spans]
    wide = [
        (min(start, parts[0][0]), max(end, parts[-1][1])) for (start, end), parts in zip(spans, found, strict=True) if parts
    ]
    are_apart = len(wide) == len(spans) and all(end < start for (_, end), (start, _) in pairwise(wide))
    return wide if are_apart else spans


def between(line: str, spans: Spans) -> int:
    """Count the gaps between two columns in which something stands, as of titles."""
    return sum(bool(line[end:start].strip()) for (_, end), (start, _) in pairwise(spans))


def seen(text: Text, skip: int) -> Iterator[tuple[int, str]]:
    """Give the lines that hold something, each with its number."""
    lines = Lines(text, skip)
    for k, line in enumerate(lines, skip + 1):
        lines.end_row()
        if not RULE.fullmatch(said := ready(line)):
            yield k, said
