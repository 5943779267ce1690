"""Tables in text that writes only what is not zero: LIBSVM's lines, as in +1 3:0.5 7:2."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from engine.data.tables.column import TableError, plural
from engine.data.tables.formats.records import cell_of
from engine.data.tables.layout import LOOKED_AT, MOST_COLUMNS, Row
from engine.data.tables.source import Source
from engine.data.tables.text import Lines, Text

NUMBER = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?"
PAIRS = rf"(?:\s+(?:0|[1-9]\d{{0,17}}):{NUMBER})"
LINE = re.compile(rf"(?P<label>{NUMBER})(?:\s+qid:\d+)?(?P<pairs>{PAIRS}*)")
"""A label, what it is ranked with, and pairs of a place and a number (Chang & Lin 2011, LIBSVM; Joachims 1999, SVMlight)."""
LABELS = re.compile(rf"{NUMBER}(?:,{NUMBER})+{PAIRS}+")
"""The same with several labels."""
TIMES = re.compile(r"(?:1?\d|2[0-3]):[0-5]\d")
"""What could be a time of day instead."""
SAMPLED, ALIKE = 50, 0.9
"""Lines by which the format is recognized, and the share of them that have to be so; a later one that is not is named."""


def is_svmlight(text: Text) -> bool:
    """Tell whether lines are a label and pairs whose places go up, not all of which could be times of day."""
    lines = [line.split("#", 1)[0].strip() for line in text.open().read(LOOKED_AT).splitlines()[:SAMPLED]]
    lines = [line for line in lines if line]
    found = [line for line in lines if LINE.fullmatch(line) or LABELS.fullmatch(line)]
    if found[:1] != lines[:1] or len(found) < ALIKE * len(lines):
        return False
    pairs = [[pair for pair in line.split()[1:] if pair[:4] != "qid:"] for line in found]
    places = [[int(pair.partition(":")[0]) for pair in some] for some in pairs]
    return any(not TIMES.fullmatch(pair) for some in pairs for pair in some) and all(
        some == sorted(set(some)) for some in places
    )


def svmlight(text: Text) -> Source:
    """Read lines of a label and of pairs; a place that a line lacks is a zero, and the label is the last column.

    Of more places than columns are read, those are kept that the most lines have.
    """
    used: Counter[int] = Counter()
    ranked = 0
    for _, line, _, pairs in taken_apart(text):
        used.update(place for place, _ in pairs)
        ranked += " qid:" in line
    if not used:
        raise TableError("no line has a pair of a place and a number, as 3:0.5; there is nothing to read")
    most = MOST_COLUMNS - 1
    kept = sorted(sorted(used, key=lambda place: (-used[place], place))[:most])
    notes = [
        f"Each line is a label and pairs of a place and a number (LIBSVM, SVMlight): {plural(len(used), 'place')} and the "
        "label are the columns, and what a line does not name is 0."
    ]
    if len(used) > most:
        notes.append(f"At most {most} places can be read: those that the most lines name were, the others left out.")
    if ranked:
        notes.append(f"{plural(ranked, 'line')} with a qid, which says what is ranked together; the qids were left out.")
    column = {place: k for k, place in enumerate(kept)}

    def rows() -> Iterator[Row]:
        for k, _, label, pairs in taken_apart(text):
            cells = ["0"] * len(kept)
            for place, value in pairs:
                if place in column:
                    cells[column[place]] = cell_of(float(value))
            yield k, [*cells, cell_of(float(label))]

    names = [*map(str, kept), "label"]
    return Source(rows, text.lines, "libsvm", text.encoding, notes=[*text.notes, *notes], names=names)


def taken_apart(text: Text) -> Iterator[tuple[int, str, str, Sequence[tuple[int, str]]]]:
    """Give each line's number, itself, its label and its pairs. Raises TableError where a line is another one."""
    lines = Lines(text)
    for k, line in enumerate(lines, 1):
        lines.end_row()
        if not (said := line.split("#", 1)[0].strip()):
            continue
        if (found := LINE.fullmatch(said)) is None:
            if LABELS.fullmatch(said):
                raise TableError(f"line {k:,} has several labels ({said.split()[0][:30]}); bring a file with one in each line")
            raise TableError(f"line {k:,} is no label with pairs as 3:0.5 behind it, but {said[:40]!r}")
        pairs = [pair.partition(":") for pair in found["pairs"].split()]
        yield k, line, found["label"], [(int(place), value) for place, _, value in pairs]
