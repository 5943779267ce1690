"""Tables in files that are no text: spreadsheets and Parquet, read by optional libraries; and what is packed.

A spreadsheet takes python-calamine, Parquet takes pyarrow: pip install 'neural-network-basics[tables]' brings both.
"""

import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict
from importlib import import_module
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any

from engine.data import tables
from engine.data.tables import Reading, Source, Table, TableError
from engine.data.tables.layout import Row
from engine.data.tables.records import cell_of
from engine.data.tables.text import Check
from server.storage.images.archives import ARRAYS
from server.storage.images.decoding import IMAGES

MOST_UNPACKED = 256 << 20
"""Bytes that a packed file may have when it is unpacked."""
MOST_IN_SHEET = 5_000_000
"""Cells that a sheet may have."""
PIECE = 1 << 20
OLD_EXCEL, GZIP, ZIP, PARQUET = b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"PK\x03\x04", b"PAR1"
TEXTS = (".csv", ".tsv", ".tab", ".txt", ".data", ".dat", ".arff", ".json", ".jsonl", ".ndjson")
NOTES = (".txt", ".json")
"""Of these, how the names of files end that are no tables as often."""
PICTURES = (*IMAGES, *ARRAYS, "heic", "heif", "svg")
BRING = "or install what reads it: pip install 'neural-network-basics[tables]'"


def read_table(data: bytes, how: Reading, check: Check = lambda: None) -> Table:
    """Read a table of any format that is known by its first bytes. Raises TableError, and whatever `check` raises."""
    if data[:2] == GZIP:
        data = unpacked(data, check)
    if data[:4] == ZIP:
        kind, inner = kind_of_zip(data)
        if kind == "text":
            return read_table(inner, how, check)
        return tables.table_of(sheet(data, check), how, check)
    if data[:4] == OLD_EXCEL:
        return tables.table_of(sheet(data, check), how, check)
    if data[:4] == PARQUET:
        return tables.table_of(parquet(data), how, check)
    return tables.read(data, how, check)


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


def kind_of_zip(data: bytes) -> tuple[str, bytes]:
    """Tell a spreadsheet from a zip that holds one table as text, and give that. Raises TableError where it is neither."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir() and "__MACOSX" not in info.filename]
            if sum(info.file_size for info in infos) > MOST_UNPACKED:
                raise TableError(
                    f"the file has more than {MOST_UNPACKED >> 20} MB when it is unpacked; save it as CSV with fewer rows"
                )
            names = {info.filename for info in infos}
            if names & {"xl/workbook.xml", "xl/workbook.bin", "content.xml"}:
                return "sheet", b""
            texts = [info for info in infos if info.filename.lower().endswith(TEXTS)]
            rows = [info for info in texts if not info.filename.lower().endswith(NOTES)]
            texts = rows if len(rows) == 1 else texts  # beside a readme
            if len(texts) == 1:
                return "text", archive.read(texts[0])
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, OSError) as error:
        raise TableError(
            f"this spreadsheet or zip file is damaged ({error}); open it in its program and save it as CSV"
        ) from None
    raise TableError(f"this zip file holds {len(texts)} tables as text; unpack it and bring one CSV file")


def holds_tables(data: bytes) -> bool:
    """Tell whether a zip holds tables as text, and no images."""
    if data[:4] != ZIP:
        return False
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = [PurePosixPath(name.lower()) for name in archive.namelist() if "__MACOSX" not in name]
    except (zipfile.BadZipFile, OSError, UnicodeError):
        return False
    return any(name.suffix in TEXTS and name.suffix not in NOTES for name in names) and not any(
        name.suffix.lstrip(".") in PICTURES for name in names
    )


def library(name: str, what: str) -> Any:
    """Give a library that may be there; a TableError says what to do where it is not."""
    try:
        return import_module(name)
    except ImportError:
        raise TableError(f"this is {what}: open it in its program and save it as CSV, {BRING}") from None


def sheet(data: bytes, check: Check) -> Source:
    """Read the first sheet of a spreadsheet that holds more than one column."""
    calamine = library("python_calamine", "a spreadsheet")
    try:
        book = calamine.CalamineWorkbook.from_filelike(BytesIO(data))
        names, chosen = list(book.sheet_names), None
        for name in names:
            check()
            one = book.get_sheet_by_name(name)
            if one.width > 1 and one.height > 1:
                chosen = one
                break
    except Exception as error:  # what a damaged file makes of a reader has no common name
        raise TableError(f"this spreadsheet cannot be read ({error}); open it in its program and save it as CSV") from None
    if chosen is None:
        raise TableError("no sheet of this spreadsheet has two columns and two rows; save the table as CSV")
    if chosen.width * chosen.height > MOST_IN_SHEET:
        raise TableError(
            f"the sheet has {chosen.width * chosen.height:,} cells, at most {MOST_IN_SHEET:,} are read; save it as CSV"
        )
    others = [name for name in names if name != chosen.name]
    notes = [f"The sheet “{chosen.name}” was read, the others left out: {', '.join(others)[:200]}."] if others else []
    top = chosen.start[0] if chosen.start else 0

    def rows() -> Iterator[Row]:
        for k, row in enumerate(chosen.to_python(skip_empty_area=True), top + 1):
            yield k, [cell_of(value) for value in row]

    return Source(once(rows), chosen.height, "comma", notes=notes, said={"format": "spreadsheet"})


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
