"""Files of one's own in the terminal: nn-basics train table --file wine.csv --target quality."""

import argparse
from pathlib import Path
from typing import Any

from engine import ConfigurationError
from engine.data import tables
from engine.data.folders import DataFolders
from engine.data.tables import Reading, Table, TableError
from server.storage.datasets import Datasets
from server.storage.spreadsheets import about_table, read_table

TABLES = ("table", "numbers")
"""Tasks that learn from a table."""


def add_files(command: argparse.ArgumentParser) -> None:
    """Describe how a file is brought."""
    command.add_argument("--file", type=Path, help="a table to learn from, as wine.csv; it is kept, as the page keeps it")
    command.add_argument("--sheet", default="", help="which sheet of a spreadsheet, or table of a zip (default: a likely one)")
    command.add_argument("--target", metavar="COLUMN", help="the column of the file that is learned (default: a likely one)")


def data_of_files(options: argparse.Namespace, folders: DataFolders) -> dict[str, Any]:
    """Read and keep the file that the options name, say what there is to know, and give the data of a run on it.

    Raises ConfigurationError, which names the option.
    """
    if options.file is None:
        if options.sheet:
            raise ConfigurationError("sheet", f"--sheet {options.sheet} needs a --file that has this sheet")
        if options.target is not None:
            raise ConfigurationError("target", f"--target {options.target} needs a --file that has this column")
        return {}
    if options.task not in TABLES:
        raise ConfigurationError(
            "file", f"--file is a table, which {options.task} does not learn from; use {' or '.join(TABLES)}"
        )
    try:
        table = read_table(options.file.read_bytes(), Reading(sheet=options.sheet))
        suggested = tables.suggest(table.columns, len(table.cells))
    except OSError as error:
        raise ConfigurationError("file", f"--file: {options.file} cannot be read ({error.strerror})") from error
    except TableError as error:
        raise ConfigurationError("file", f"--file: {options.file}: {error}") from error
    target = suggested["target"] if options.target is None else place_of(options.target, table)
    column = table.columns[target]
    if refused := column.no_class if options.task == "table" else column.no_number:
        other = TABLES[options.task == "table"]
        able = column.no_number if options.task == "table" else column.no_class
        more = "" if able else f"; nn-basics train {other} --file {options.file} --target {column.name!r} learns it"
        raise ConfigurationError("target", f"--target: {column.name} cannot be learned here, because {refused}{more}")
    if folders.datasets is None:
        raise ConfigurationError("file", "--file: there is no folder to keep it in; set NN_BASICS_HOME")
    kept = Datasets(folders.datasets).save(about_table(options.file.name, table), {"cells": table.cells})
    features = [k for k, c in enumerate(table.columns) if k != target and c.usual and (not c.part or c.source != column.source)]
    features = features or [k for k, c in enumerate(table.columns) if k != target and not c.no_feature]
    of = f"{len(features)} of {len(table.columns) - 1} columns"
    print(f"{options.file.name}: {len(table.cells):,} rows; {column.name} is learned from {of}")
    for note in [*table.notes, *(f"{c.name}: {why}; left out." for c in table.columns if (why := c.no_feature or c.left_out))]:
        print(f"  {note}")
    if suggested["missing_cells"] != "leave out":
        print("  Missing cells are filled: numbers with their mean, words with the most frequent one.")
    print()
    chosen = {"target_column": target, "features": tables.written_places(features), "missing_cells": suggested["missing_cells"]}
    return {"dataset": kept["id"], **chosen}


def place_of(name: str, table: Table) -> int:
    """Give a column by its name, whatever its capitals. Raises ConfigurationError."""
    names = [column.name for column in table.columns]
    low = [one.lower() for one in names]
    if name in names:
        return names.index(name)
    if low.count(name.lower()) == 1:
        return low.index(name.lower())
    raise ConfigurationError("target", f"--target: there is no column {name!r}; the file has: {', '.join(names)[:300]}")
