"""What there is to know of many columns, said once."""

import re
from collections.abc import Sequence

FEW, NAMED = 3, 3
"""Columns of which the same is said one by one, and others that are named where it is said once."""
OWN = re.compile(r"“[^”]*”|'[^']*'|[-+−]?\d[\d.,]*")
"""What of a note is a column's own."""


def gathered(notes: Sequence[tuple[str, str]]) -> list[str]:
    """Say what holds for many columns once, with the first of them; `notes` are names of columns and what is said of each."""
    kinds = [OWN.sub("#", note.removeprefix(name)) for name, note in notes]
    columns: dict[str, list[str]] = {}
    for (name, _), kind in zip(notes, kinds, strict=True):
        columns.setdefault(kind, []).append(name)
    found = []
    for (name, note), kind in zip(notes, kinds, strict=True):
        first, *others = columns[kind]
        if len(others) < FEW:
            found.append(note)
        elif name == first:
            more = " …" if len(others) > NAMED else "."
            found.append(f"{note} So are {len(others):,} other columns: {', '.join(others[:NAMED])}{more}")
    return found
