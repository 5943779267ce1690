"""Tables: what a person brings as columns of numbers and of words, with what there is to know about it."""

from engine.data.tables.column import (
    LATER,
    MOST_CLASSES,
    MOST_CLASSES_OF_0_3_0,
    MOST_WORDS,
    Column,
    TableError,
    check_column,
    too_many_classes,
)
from engine.data.tables.layout import MOST_COLUMNS, SEPARATORS
from engine.data.tables.reading import MOST_CELLS, MOST_READ, MOST_ROWS, Reading, Table, example, read, table_of
from engine.data.tables.source import Source
from engine.data.tables.suggestion import places_in, suggest, suggest_as_0_3_0, told_of_copies, written_places
from engine.data.tables.text import ENCODINGS

__all__ = [
    "ENCODINGS",
    "LATER",
    "MOST_CELLS",
    "MOST_CLASSES",
    "MOST_CLASSES_OF_0_3_0",
    "MOST_COLUMNS",
    "MOST_READ",
    "MOST_ROWS",
    "MOST_WORDS",
    "SEPARATORS",
    "Column",
    "Reading",
    "Source",
    "Table",
    "TableError",
    "check_column",
    "example",
    "places_in",
    "read",
    "suggest",
    "suggest_as_0_3_0",
    "table_of",
    "told_of_copies",
    "too_many_classes",
    "written_places",
]
