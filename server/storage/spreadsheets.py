"""Tables in files that are no text: spreadsheets and Parquet, read by optional libraries; and what is packed.

A spreadsheet takes python-calamine, Parquet takes pyarrow: pip install 'neural-network-basics[tables]' brings both.
"""

import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from importlib import import_module
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any

from engine.data import tables
from engine.data.tables import Reading, Source, Table, TableError
from engine.data.tables.formats.records import cell_of
from engine.data.tables.layout import Row
from engine.data.tables.text import Check
from server.storage.images.archives import ARRAYS, is_hidden
from server.storage.images.decoding import IMAGES

MOST_UNPACKED = 256 << 20
"""Bytes that a packed file may have when it is unpacked."""
MOST_IN_SHEET = 5_000_000
"""Cells that a sheet may have."""
MOST_SHEETS = 100
"""Sheets that are looked at, and listed."""
SMALL_BESIDE = 4
"""How many times as many cells another sheet has than one that is small beside it: a cover, or notes."""
PIECE = 1 << 20
OLD_EXCEL, GZIP, ZIP, PARQUET = b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"PK\x03\x04", b"PAR1"
TEXTS = (".csv.gz", ".tsv.gz", ".csv", ".tsv", ".tab", ".txt", ".data", ".dat", ".arff", ".json", ".jsonl", ".ndjson")
BOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".parquet")
NOTES = (".txt", ".json")
"""Of these, how the names of files end that are no tables as often."""
PICTURES = (*IMAGES, *ARRAYS, "heic", "heif", "svg")
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, OSError)
"""What a damaged zip raises."""
BRING = "or install what reads it: pip install 'neural-network-basics[tables]'"


def read_table(data: bytes, how: Reading, check: Check = lambda: None, depth: int = 0) -> Table:
    """Read a table of any format that is known by its first bytes. Raises TableError, and whatever `check` raises."""
    if data[:2] == GZIP:
        data = unpacked(data, check)
    if data[:4] == ZIP and not is_spreadsheet(data):
        if depth:
            raise TableError("this zip file holds another zip file; unpack it and bring what is in it")
        return from_zip(data, how, check)
    if data[:4] in (ZIP, OLD_EXCEL):
        return tables.table_of(sheet(data, check, how.sheet), how, check)
    if how.sheet:
        raise TableError(f"sheet {how.sheet[:60]!r}: this file is no spreadsheet, so it has no sheets")
    if data[:4] == PARQUET:
        return tables.table_of(parquet(data), how, check)
    return tables.read(data, how, check)


def from_zip(data: bytes, how: Reading, check: Check) -> Table:
    """Read one of a zip's tables: that which `how` names as its sheet, else the one to train on, or the largest."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            infos = {info.filename: info for info in archive.infolist() if is_shown(info)}
            found = {name: info.file_size for name, info in infos.items() if name.lower().endswith((*TEXTS, *BOOKS))}
            rows = {name: size for name, size in found.items() if not name.lower().endswith(NOTES)}
            found = rows or found  # beside a readme
            if not found:
                some = ", ".join(PurePosixPath(name).name for name in list(infos)[:3]) or "nothing"
                raise TableError(f"this zip file holds no table, but {some[:200]}; bring a CSV file or a spreadsheet")
            is_inside = bool(how.sheet) and how.sheet not in found  # a sheet of the zip's only file
            if is_inside and len(found) > 1:
                raise TableError(no_sheet(how.sheet, found))
            name = how.sheet if how.sheet in found else likeliest(found)
            if found[name] > MOST_UNPACKED:
                raise TableError(f"{name[:60]} has more than {MOST_UNPACKED >> 20} MB when it is unpacked; bring fewer rows")
            check()
            content = archive.read(name)
    except DAMAGED as error:
        raise TableError(f"this zip file is damaged ({error}); unpack it and bring what is in it") from None
    table = read_table(content, how if is_inside else replace(how, sheet=""), check, depth=1)
    if len(found) > 1:
        others = ", ".join(PurePosixPath(one).name for one in found if one != name)
        table.notes.insert(0, f"Of the zip “{PurePosixPath(name).name}” was read, the others left out: {others[:200]}.")
        table.read_as |= {"sheet": name, "sheets": list(found)[:MOST_SHEETS]}
    return table


def likeliest(found: Mapping[str, int]) -> str:
    """Choose one of several tables by their names and sizes: that to train on, else the largest."""
    train = {name: size for name, size in found.items() if "train" in PurePosixPath(name).stem.lower()}
    return max(train or found, key=lambda name: found[name])


def no_sheet(name: str, there: Iterable[str]) -> str:
    """Say that there is no such sheet, and which there are."""
    return f"there is no sheet {name[:60]!r}; the file has: {', '.join(map(repr, there))[:300]}"


def about_table(name: str, table: Table) -> dict[str, Any]:
    """Say what is kept of a table beside its cells."""
    return {
        "kind": "table",
        "name": name,
        "rows": len(table.cells),
        "columns": [asdict(c) for c in table.columns],
        "separator": table.separator,
        "header": table.header,
        "notes": table.notes,
        "sample": table.sample,
        "read_as": table.read_as,
    }


def unpacked(data: bytes, check: Check) -> bytes:
    """Unpack a gzip, of one part or of several. Raises TableError where it is damaged, or more than fits."""
    parts, size = [], 0
    while data:
        decoder = zlib.decompressobj(wbits=31)
        while data and not decoder.eof:
            check()
            try:
                piece = decoder.decompress(data, PIECE)
            except zlib.error as error:
                raise TableError(f"the packed file is damaged ({error}); unpack it and bring what is in it") from None
            parts.append(piece)
            size += len(piece)
            if size > MOST_UNPACKED:
                raise TableError(
                    f"the file has more than {MOST_UNPACKED >> 20} MB when it is unpacked; unpack it and bring fewer rows"
                )
            data = decoder.unconsumed_tail
            if not data and not decoder.eof:
                raise TableError("the packed file ends too early; unpack it and bring what is in it")
        data = decoder.unused_data if decoder.unused_data[:2] == GZIP else b""
    return b"".join(parts)


def is_shown(info: zipfile.ZipInfo) -> bool:
    """Tell whether an entry of a zip is a file that a person put there."""
    return not info.is_dir() and not is_hidden(info.filename)


def is_spreadsheet(data: bytes) -> bool:
    """Tell a spreadsheet from another zip. Raises TableError where it is damaged, or unpacks to more than fits."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            infos = archive.infolist()
    except DAMAGED as error:
        raise TableError(
            f"this spreadsheet or zip file is damaged ({error}); open it in its program and save it as CSV"
        ) from None
    names = {info.filename for info in infos}
    if "word/document.xml" in names:
        raise TableError("this is a text document; copy its table into a spreadsheet program, and save it as CSV")
    if not names & {"xl/workbook.xml", "xl/workbook.bin", "content.xml"}:
        return False
    if sum(info.file_size for info in infos) > MOST_UNPACKED:
        raise TableError(f"the file has more than {MOST_UNPACKED >> 20} MB when it is unpacked; save it as CSV with fewer rows")
    return True


def holds_tables(data: bytes) -> bool:
    """Tell whether a zip holds tables as text, and no images."""
    if data[:4] != ZIP:
        return False
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = [info.filename.lower() for info in archive.infolist() if is_shown(info)]
    except (zipfile.BadZipFile, OSError, UnicodeError):
        return False
    tables = [name for name in names if name.endswith((*TEXTS, *BOOKS))]
    others = [name for name in names if name not in tables]
    return any(not name.endswith(NOTES) for name in tables) and not any(
        PurePosixPath(name).suffix.lstrip(".") in PICTURES for name in others
    )


def library(name: str, what: str) -> Any:
    """Give a library that may be there; a TableError says what to do where it is not."""
    try:
        return import_module(name)
    except ImportError:
        raise TableError(f"this is {what}: open it in its program and save it as CSV, {BRING}") from None


def sheet(data: bytes, check: Check, wanted: str) -> Source:
    """Read a sheet of a spreadsheet: the wanted one, else the first that holds a table, and is not small beside another."""
    calamine = library("python_calamine", "a spreadsheet")
    try:
        book = calamine.CalamineWorkbook.from_filelike(BytesIO(data))
        names = list(book.sheet_names)
        if wanted and wanted not in names:
            raise TableError(no_sheet(wanted, names))
        sheets = {}
        for name in [wanted] if wanted else names[:MOST_SHEETS]:
            check()
            sheets[name] = book.get_sheet_by_name(name)
    except TableError:
        raise
    except Exception as error:  # what a damaged file makes of a reader has no common name
        raise TableError(f"this spreadsheet cannot be read ({error}); open it in its program and save it as CSV") from None
    cells = {name: one.width * one.height for name, one in sheets.items() if one.width > 1 and one.height > 1}
    least = max(cells.values(), default=0) / SMALL_BESIDE
    chosen = next((sheets[name] for name, number in cells.items() if number >= least), None)
    if chosen is None:
        which = f"the sheet {wanted!r} has not" if wanted else "no sheet of this spreadsheet has"
        raise TableError(f"{which} two columns and two rows; save the table as CSV")
    if chosen.width * chosen.height > MOST_IN_SHEET:
        raise TableError(
            f"the sheet has {chosen.width * chosen.height:,} cells, at most {MOST_IN_SHEET:,} are read; save it as CSV"
        )
    others = [name for name in names if name != chosen.name]
    notes = [f"The sheet “{chosen.name}” was read, the others left out: {', '.join(others)[:200]}."] if others else []
    said = {"format": "spreadsheet", "sheet": chosen.name, "sheets": names[:MOST_SHEETS]}
    top = chosen.start[0] if chosen.start else 0

    def rows() -> Iterator[Row]:
        for k, row in enumerate(unmerged(chosen, check), top + 1):
            yield k, [cell_of(value) for value in row]

    return Source(once(rows), chosen.height, "comma", notes=notes, said=said)


def unmerged(chosen: Any, check: Check) -> list[list[Any]]:
    """Give the rows of a sheet; what cells that were merged over several rows say stands in each of them.

    Raises TableError where they lie over one another so often that they go over more cells than a sheet may have.
    """
    rows: list[list[Any]] = chosen.to_python(skip_empty_area=True)
    top, left = chosen.start or (0, 0)
    room = MOST_IN_SHEET
    for (first, column), (last, _) in getattr(chosen, "merged_cell_ranges", None) or ():  # older readers do not tell
        check()
        k, place = first - top, column - left
        if 0 <= k < len(rows) and 0 <= place < len(rows[k]):
            room -= max(0, last - first)
            if room < 0:
                raise TableError("merged cells of this sheet lie over one another; save it as CSV")
            for row in rows[k + 1 : last - top + 1]:
                row[place] = rows[k][place]
    return rows


def once(rows: Callable[[], Iterator[Row]]) -> Callable[[], Iterator[Row]]:
    """Remember rows that were made once."""
    kept: list[Row] = []

    def again() -> Iterator[Row]:
        if not kept:
            kept.extend(rows())
        return iter(kept)

    return again


def parquet(data: bytes) -> Source:
    """Read a Parquet file, some thousand rows at a time."""
    module = library("pyarrow.parquet", "a Parquet file")
    try:
        file = module.ParquetFile(BytesIO(data))
        names = [str(name) for name in file.schema_arrow.names]
    except Exception as error:  # what a damaged file makes of a reader has no common name
        raise TableError(f"this Parquet file cannot be read ({error}); save the table as CSV") from None
    if len(names) < 2:
        raise TableError("the table has only one column; a network needs one to read and one to learn")

    def rows() -> Iterator[Row]:
        k = 0
        for batch in file.iter_batches(batch_size=16_384):
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                k += 1
                yield k, [cell_of(value) for value in row]

    return Source(rows, file.metadata.num_rows, "comma", names=names, said={"format": "parquet"})
