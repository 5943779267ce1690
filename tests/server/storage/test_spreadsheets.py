"""Tables in spreadsheets, Parquet and packed files: read by optional libraries, or refused with what to do."""

import gzip
import io
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from engine.data.tables import Reading, TableError
from server.storage import spreadsheets
from server.storage.spreadsheets import holds_tables, read_table, unmerged
from tests.cases.expectations import CASES

CSV = b"x,y,kind\n" + b"".join(b"%d,%d.5,%s\n" % (k, k * k % 7, b"ab"[k % 2 :][:1]) for k in range(12))


def test_a_spreadsheet_is_read_with_its_numbers_and_dates_as_they_are() -> None:
    table = read_table((CASES / "tables" / "book.xlsx").read_bytes(), Reading())
    assert [c.name for c in table.columns] == ["x", "y", "kind"]
    assert len(table.cells) == 8


def merged() -> bytes:
    """Write a spreadsheet in which cells are merged: the title, names, and a region over ten rows each."""
    rows: list[list[object]] = [["Report", "", "", ""], ["Region", "Height", "", "Kind"], ["", "mean", "max", ""]]
    rows += [[f"R{k // 10}" if k % 10 == 0 else "", k % 7, k % 7 + 1, "ab"[k % 2]] for k in range(40)]
    cells = [
        f'<row r="{y}">'
        + "".join(f'<c r="{"ABCD"[x]}{y}" t="inlineStr"><is><t>{cell}</t></is></c>' for x, cell in enumerate(row) if cell != "")
        + "</row>"
        for y, row in enumerate(rows, 1)
    ]
    ranges = ["A1:D1", "A2:A3", "B2:C2", "D2:D3", *(f"A{k}:A{k + 9}" for k in range(4, 44, 10))]
    joined = "".join(f'<mergeCell ref="{one}"/>' for one in ranges)
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{''.join(cells)}</sheetData>"
        f"<mergeCells>{joined}</mergeCells></worksheet>"
    )
    file = io.BytesIO()
    with zipfile.ZipFile(CASES / "tables" / "book.xlsx") as book, zipfile.ZipFile(file, "w") as archive:
        for name in book.namelist():
            archive.writestr(name, sheet if name.endswith("sheet1.xml") else book.read(name))
    return file.getvalue()


def test_merged_cells_stand_in_every_row_they_go_over_and_names_of_two_lines_are_put_together() -> None:
    table = read_table(merged(), Reading())
    assert [c.name for c in table.columns] == ["Region", "Height mean", "Height max", "Kind"]
    assert table.cells[:, 0].tolist() == [k // 10 for k in range(40)]
    assert table.columns[0].missing == 0


def test_cells_that_are_merged_over_one_another_again_and_again_are_refused() -> None:
    ranges = [((0, 0), (1_000_000, 0))] * 9
    rows = [[1, 2], [3, 4]]
    sheet = SimpleNamespace(start=(0, 0), merged_cell_ranges=ranges, to_python=lambda skip_empty_area: rows)
    with pytest.raises(TableError, match="merged cells of this sheet lie over one another"):
        unmerged(sheet, lambda: None)


def test_a_document_of_text_is_called_so() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", "<w:document/>")
    with pytest.raises(TableError, match="this is a text document; copy its table into a spreadsheet program"):
        read_table(file.getvalue(), Reading())


FIXTURES = Path(__file__).parents[2] / "fixtures"


def ods(sheets: dict[str, list[list[object]]]) -> bytes:
    """Write a spreadsheet as OpenDocument has it: a zip with one file of XML."""
    parts = []
    for name, rows in sheets.items():
        parts.append(f'<table:table table:name="{name}">')
        for row in rows:
            parts.append("<table:table-row>")
            for cell in row:
                kind, value = ("float", f'office:value="{cell}"') if isinstance(cell, float) else ("string", "")
                parts.append(f'<table:table-cell office:value-type="{kind}" {value}><text:p>{cell}</text:p></table:table-cell>')
            parts.append("</table:table-row>")
        parts.append("</table:table>")
    names = "".join(f' xmlns:{one}="urn:oasis:names:tc:opendocument:xmlns:{one}:1.0"' for one in ("office", "table", "text"))
    body = f"<office:body><office:spreadsheet>{''.join(parts)}</office:spreadsheet></office:body>"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest:manifest/>")
        archive.writestr("content.xml", f"<office:document-content{names}>{body}</office:document-content>")
    return file.getvalue()


ROWS: list[list[object]] = [["length", "kind"], *([1.261 + k, "ab"[k % 2]] for k in range(30))]
BOOK = {"About": [["made by", "hand"], ["in", "2026"]], "Data": ROWS, "More": [["size", "kind"], *ROWS[1:20]]}


def test_a_sheet_of_an_ods_is_read_the_likely_one_or_the_one_that_was_chosen() -> None:
    table = read_table(ods(BOOK), Reading())
    assert [c.name for c in table.columns] == ["length", "kind"]
    np.testing.assert_allclose(table.cells[:3, 0], [1.261, 2.261, 3.261])
    assert (table.read_as["sheet"], table.read_as["sheets"]) == ("Data", ["About", "Data", "More"])
    assert "The sheet “Data” was read, the others left out: About, More." in table.notes
    other = read_table(ods(BOOK), Reading(sheet="More"))
    assert ([c.name for c in other.columns], len(other.cells)) == (["size", "kind"], 19)
    with pytest.raises(TableError, match=r"no sheet 'Mehr'; the file has: 'About', 'Data', 'More'"):
        read_table(ods(BOOK), Reading(sheet="Mehr"))
    with pytest.raises(TableError, match="no spreadsheet, so it has no sheets"):
        read_table(CSV, Reading(sheet="Data"))


def test_an_old_excel_file_is_read_with_its_dates_and_yes_and_no() -> None:
    table = read_table((FIXTURES / "harvest.xls").read_bytes(), Reading())
    names = [c.name for c in table.columns]
    assert names == ["weight", "picked (days since 2026-03-01)", "ripe", "kind"]
    np.testing.assert_allclose(table.cells[:, 0], [1.261 + k for k in range(8)])
    assert table.cells[:, 1].tolist() == list(range(8))
    assert (table.columns[2].values, table.columns[3].values) == (["false", "true"], ["plum", "äpple"])


def test_one_of_several_tables_in_a_zip_is_read_and_another_can_be_chosen() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("set/train.csv", CSV)
        archive.writestr("set/test.csv", CSV.replace(b"kind", b"sort") + b"9,9,a\n" * 30)
        archive.writestr("__MACOSX/set/._train.csv", b"x")
        archive.writestr("set/readme.txt", b"x")
    table = read_table(file.getvalue(), Reading())
    assert (len(table.cells), table.columns[2].name) == (12, "kind")
    assert table.notes[0] == "Of the zip “train.csv” was read, the others left out: test.csv."
    assert table.read_as["sheets"] == ["set/train.csv", "set/test.csv"]
    other = read_table(file.getvalue(), Reading(sheet="set/test.csv"))
    assert (len(other.cells), other.columns[2].name, other.read_as["sheet"]) == (42, "sort", "set/test.csv")
    inside = io.BytesIO()
    with zipfile.ZipFile(inside, "w") as archive:
        archive.writestr("book.ods", ods(BOOK))
    assert read_table(inside.getvalue(), Reading(sheet="More")).columns[0].name == "size"
    with zipfile.ZipFile(inside, "w") as archive:
        archive.writestr("inner.zip", file.getvalue())
    with pytest.raises(TableError, match=r"holds no table, but inner.zip"):
        read_table(inside.getvalue(), Reading())


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
