"""Tables in spreadsheets, Parquet and packed files: read by optional libraries, or refused with what to do."""

import gzip
import io
import sys
import zipfile

import numpy as np
import pytest

from engine.data.tables import Reading, TableError
from server.storage import spreadsheets
from server.storage.spreadsheets import holds_tables, read_table
from tests.cases.expectations import CASES

CSV = b"x,y,kind\n" + b"".join(b"%d,%d.5,%s\n" % (k, k * k % 7, b"ab"[k % 2 :][:1]) for k in range(12))


def test_a_spreadsheet_is_read_with_its_numbers_and_dates_as_they_are() -> None:
    pytest.importorskip("python_calamine")
    table = read_table((CASES / "tables" / "book.xlsx").read_bytes(), Reading())
    assert [c.name for c in table.columns] == ["x", "y", "kind"]
    assert len(table.cells) == 8


def test_a_parquet_file_is_read() -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    values = [1.261 + k for k in range(20)]
    file = io.BytesIO()
    parquet.write_table(pyarrow.table({"v": values, "w": list(range(0, 60, 3)), "kind": ["a", "b"] * 10}), file)
    table = read_table(file.getvalue(), Reading())
    assert [c.name for c in table.columns] == ["v", "w", "kind"]
    np.testing.assert_allclose(table.cells[:, 0], values)  # 1.261 is no thousand here, for the file knows its numbers


@pytest.mark.parametrize("name", ["python_calamine", "pyarrow.parquet"])
def test_where_a_library_is_missing_it_is_said_what_to_do(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    data = (CASES / "tables" / "book.xlsx").read_bytes() if name == "python_calamine" else b"PAR1" + b"\0" * 20
    with pytest.raises(TableError, match=r"save it as CSV, or install what reads it: pip install '.*\[tables\]'"):
        read_table(data, Reading())


def test_a_packed_csv_is_unpacked_and_one_in_a_zip_too() -> None:
    assert len(read_table(gzip.compress(CSV[:60]) + gzip.compress(CSV[60:]), Reading()).cells) == 12
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("readme.md", "x")
        archive.writestr("data/table.csv", CSV)
    assert len(read_table(file.getvalue(), Reading()).cells) == 12
    assert holds_tables(file.getvalue()), "so that one that is dropped is no archive of images"
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("a/1.png", b"x")
    assert not holds_tables(file.getvalue())
    assert not holds_tables(CSV)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (gzip.compress(CSV, mtime=0)[:-20], "ends too early|damaged"),
        (b"\x1f\x8b" + b"x" * 40, "damaged"),
        (b"PK\x03\x04" + b"x" * 40, "damaged"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 40, "CSV"),
        (b"PAR1" + b"x" * 40, "CSV"),
    ],
    ids=["gzip", "gzip of nothing", "zip", "xls", "Parquet"],
)
def test_what_is_damaged_is_refused_in_words(data: bytes, words: str) -> None:
    with pytest.raises(TableError, match=words):
        read_table(data, Reading())


def test_a_packed_file_that_grows_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheets, "MOST_UNPACKED", 3 << 20)
    monkeypatch.setattr(spreadsheets, "PIECE", 1 << 16)
    with pytest.raises(TableError, match="more than 3 MB when it is unpacked"):
        read_table(gzip.compress(b"1,2\n" * (1 << 20)), Reading())
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * (4 << 20))
    with pytest.raises(TableError, match="more than 3 MB when it is unpacked"):
        read_table(file.getvalue(), Reading())
