"""What programs, offices and instruments write around and into tables: each is read as its owner means it, or told."""

import json

import numpy as np
import pytest

from engine.data import tables
from engine.data.tables import Reading, TableError
from engine.data.tables.formats import markup


def of(*lines: str) -> tables.Table:
    return tables.read("\n".join(lines).encode())


def numbers(*cells: str, kind: str = "auto") -> tables.Table:
    """Read a column of these cells, beside one of words."""
    rows = [f"{cell};{'ab'[k % 2]}" for k, cell in enumerate(cells)]
    return tables.read("\n".join(["v;kind", *rows]).encode(), Reading(kinds={0: kind}))


@pytest.mark.parametrize(
    ("cells", "read", "said"),
    [
        (["3½", "2", "½", "-1¼"], [3.5, 2, 0.5, -1.25], ""),
        (["3½ rooms", "2 rooms", "4 rooms", "1 room"], [3.5, 2, 4, 1], "without “room"),
        (["48° 30' N", "7°15'36\"S", "9°0'E", "1°30'W"], [48.5, -7.26, 9, -1.5], "read as degrees"),
        (["$ (1,200.50)", "$ -", "$ 3,400.00", "$ 7"], [-1200.5, 0, 3400, 7], "'$ -' is read as 0"),
        (["<5", "12", "9.5", "> 100"], [5, 12, 9.5, 100], "<5 is read as the number alone"),
        (["12.3*", "9.1", "1,234[5]", "8.5(e)"], [12.3, 9.1, 1234, 8.5], "marks behind numbers are left out, as in 12.3*"),
        (["12.3 p", "9.1", "1.2", "8.5 e"], [12.3, 9.1, 1.2, 8.5], "letters behind numbers are left out, as in 12.3 p"),
        (["8,192E+02", "1,100E+01", "7,250E+00", "1,000E-01"], [819.2, 11, 7.25, 0.1], ""),
        (["21.5", "-999", "19", "20.25", "-999.0"], [21.5, np.nan, 19, 20.25, np.nan], "-999 stands far from all other"),
        (["1", "2", "99", "3", "99"], [1, 2, np.nan, 3, np.nan], "99 stands far from all other"),
    ],
)
def test_what_stands_beside_a_number_is_read_as_it_is_meant_and_said(cells: list[str], read: list[float], said: str) -> None:
    table = numbers(*cells)
    np.testing.assert_allclose(table.cells[:, 0], read)
    assert said in " ".join(table.notes)


@pytest.mark.parametrize(
    "cells",
    [
        ["<=50K", ">50K", "<=50K", ">50K"],  # two classes
        ["<18", "18-65", ">65", "<18"],
        ["5 m", "7 s", "9 kg", "1 m"],
    ],
)
def test_words_with_numbers_in_them_stay_words(cells: list[str]) -> None:
    assert numbers(*cells).columns[0].kind == "word"


def test_nines_are_numbers_where_they_lie_among_others_or_a_person_says_so() -> None:
    assert numbers("98", "99", "97", "95", "60").columns[0].missing == 0
    assert numbers("120", "999", "450", "890", "30").columns[0].missing == 0
    assert numbers("1", "2", "99", "3", "99", kind="number").columns[0].missing == 0


def test_titles_of_several_cells_above_a_table_are_left_out_and_told() -> None:
    head = ['"Account";"DE12"', '"From";"01.01.2026"', "", '"Day";"Text";"Sum (EUR)";"Kind"']
    table = of(*head, *(f'"{k % 28 + 1:02}.03.2026";"x{k % 3}";"-{k},50";"{"ab"[k % 2]}"' for k in range(30)))
    assert [c.name for c in table.columns][-3:] == ["Text", "Sum (EUR)", "Kind"]
    assert len(table.cells) == 30
    assert "Title: 3 lines above the table left out, as line 1: 'Account DE12', 'From 01.01.2026'." in table.notes


def test_further_lines_of_names_are_no_data() -> None:
    rows = [f"2026-01-{k % 28 + 1:02} 10:00,{k % 7},{20 + k % 50},{['Yes', 'No'][k % 2]}" for k in range(40)]
    survey = of("Start,Q1,Q2,Q3", "Start of it,How satisfied are you?,Your age in years,Again?", 'a,"{""I"":1}",b,c', *rows)
    assert len(survey.cells) == 40
    assert survey.columns[-1].values == ["No", "Yes"]
    assert any(note.startswith("Line 2 (Start of it, How satisfied") for note in survey.notes)
    orange = of("size\tcolour\tkind", "c\td\td", "\t\tclass", *(f"{k}.5\t{'rgb'[k % 3]}\t{'xy'[k % 2]}" for k in range(30)))
    assert (len(orange.cells), orange.columns[2].values) == (30, ["x", "y"])


def test_names_that_come_again_within_a_file_are_left_out_and_told() -> None:
    half = ["t,v,state", *(f"{k},{k * 7 % 11}.5,{['on', 'off'][k % 2]}" for k in range(12))]
    table = of(*half, *half)
    assert ([c.name for c in table.columns], len(table.cells)) == (["t", "v", "state"], 24)
    assert table.columns[2].values == ["off", "on"]
    assert "1 row left out: the names of the columns once more." in table.notes


def test_a_name_that_is_one_of_its_columns_words_is_a_name_all_the_same() -> None:
    rows = [f"{'abc'[k % 3]},{['good', 'bad'][k % 2]},{['pass', 'fail'][k // 2 % 2]}" for k in range(24)]
    table = of("group,teacher,pass", *rows)
    assert (table.header, table.columns[2].values) == (True, ["fail", "pass"])


def test_quotation_marks_that_go_around_no_cell_join_no_rows() -> None:
    titles = ['"The Best', '12" single', "Plain"]
    table = of("title\tlength\tgenre", *(f"{titles[k % 3]}\t{100 + k}\t{'xy'[k % 2]}" for k in range(30)))
    assert len(table.cells) == 30
    assert sorted(table.columns[0].values) == ['"The Best', '12" single', "Plain"]
    assert any("Quotation marks are read as they stand" in note for note in table.notes)


def test_dates_of_servers_forms_and_clocks_are_read() -> None:
    cells = {
        "log": [f"[{k + 1:02}/Mar/2026:10:{k:02}:00 +0000]" for k in range(20)],
        "form": [f"2026/03/{k + 1:02} 9:12:08 AM GMT+2" for k in range(20)],
        "created_at": [str(1772323200 + 86400 * k + k % 3) for k in range(20)],
        "ts": [str((1772323200 + 86400 * k + k % 3) * 1000) for k in range(20)],
    }
    rows = [",".join(column[k] for column in cells.values()) + f",{'xy'[k % 2]}" for k in range(20)]
    table = of(",".join([*cells, "kind"]), *rows)
    trends = [k for k, column in enumerate(table.columns) if column.part == "trend"]
    assert [table.columns[k].name for k in trends] == [f"{name} (days since 2026-03-01)" for name in cells]
    assert (np.floor(table.cells[:, trends]) == np.arange(20)[:, np.newaxis]).all()


ROWS = [(k + 0.5, k * k, "ab"[k % 2]) for k in range(12)]
NAMES = ("x", "at.y", "kind")


def page(table: str, row: str, *cells: str) -> str:
    """Write the rows between marks; {} in a cell is its content."""
    lines = ["".join(form.format(cell) for form, cell in zip(cells, one, strict=True)) for one in [NAMES, *ROWS]]
    return table.replace("ROWS", "".join(row.replace("CELLS", line) for line in lines))


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"meta": {"n": 3}, "data": [{"x": x, "at": {"y": y}, "kind": kind} for x, y, kind in ROWS]}),
        json.dumps({"columns": NAMES, "index": list(range(12)), "data": ROWS}),
        json.dumps({name: {str(k): row[i] for k, row in enumerate(ROWS)} for i, name in enumerate(NAMES)}),
        page("<html><table>ROWS</table></html>", "<tr>CELLS</tr>", "<td>{}</td>", "<td> {} </td>", "<td>{}<br>"),
        page(
            '<?xml version="1.0"?><Workbook><Table>ROWS</Table></Workbook>',
            "<Row>CELLS</Row>",
            "<Cell><Data>{}</Data></Cell>",
            '<Cell ss:Index="2"><Data>{}</Data></Cell>',
            "<Cell><Data>{}</Data></Cell>",
        ),
    ],
    ids=["list within", "pandas split", "pandas columns", "web page", "Excel 2003"],
)
def test_tables_in_json_and_in_pages_are_found(text: str) -> None:
    table = tables.read(text.encode())
    assert [c.name for c in table.columns] == ["x", "at.y", "kind"]
    assert table.cells[:, :2].tolist() == [[k + 0.5, k * k] for k in range(12)]
    assert table.columns[2].values == ["a", "b"]


def lakes() -> str:
    """Write a table as an encyclopedia does: cells over several rows and columns, footnotes, and a table of links above."""
    rows = [
        "<table><tr><td>Home<td>Help</table>",
        '<table><tr><th rowspan="2">Name<sup>[1]</sup><th colspan="2">Size<th rowspan=2>Kind',
        "<tr><th>Area (km<sup>2</sup>)<th>Depth",
    ]
    for k in range(12):
        style = "<style>td {color: red}</style>" if k == 2 else ""
        kind = f'<td rowspan="2">{"salt" if k % 4 else "fresh"}' if k % 2 == 0 else ""
        rows.append(f"<tr><td>Lake {k}</td><td>{style}{k * 31}<sup>[{k}]</sup></td><td>{k * k}</td>{kind}</tr>")
    return f"<!DOCTYPE html><html><body>{''.join(rows)}</table></body></html>"


def test_cells_of_a_page_that_go_over_rows_and_columns_stand_in_all_of_them_without_footnotes() -> None:
    table = tables.read(lakes().encode())
    assert [c.name for c in table.columns] == ["Name", "Size Area (km2)", "Size Depth", "Kind"]
    assert table.cells[:, 1].tolist() == [k * 31 for k in range(12)]
    assert table.cells[:, 3].tolist() == [k // 2 % 2 for k in range(12)]
    assert any(note.startswith("Lines 1 and 2 name the columns together") for note in table.notes)


BODY = "".join(f"<tr><td>r{k}<td>{k}<td>{k * 2}<td>{k % 3}" for k in range(12))


@pytest.mark.parametrize(
    "html",
    [
        f'<tr><th rowspan="2" colspan="2">Place<th colspan="2">Size<tr><th>x<th>y{BODY}</table>',
        f"<tr><th>Place<sup>a<th>Size<th>x<th>y{BODY}</table>",
        f"{BODY}<tr><td>r<table><tr><td>1<td>2<td>3</table> more<td>1<td>2<td>3</table>",
    ],
    ids=["a corner over rows and columns", "a raised letter without an end", "a table in a cell, its cells without an end"],
)
def test_cells_of_a_page_stand_where_they_are_shown(html: str) -> None:
    table = tables.read(f"<html><table>{html}</html>".encode())
    assert len(table.columns) == 4
    assert table.cells[:12, 1].tolist() == list(range(12))
    assert table.cells[:12, 3].tolist() == [k % 3 for k in range(12)]


def test_a_page_whose_cells_go_over_very_many_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markup, "MOST_IN_PAGE", 5_000)
    cells = "<td rowspan=1000000000 colspan=1000000000>x" * 9
    with pytest.raises(tables.TableError, match="may have 5,000 cells"):
        tables.read(f"<html><table><tr>{cells}{'<tr>' * 99}</table>".encode())


@pytest.mark.parametrize("first", [",Morning,,Evening,,Kind", ",Morning,Morning,Evening,Evening,Kind"])
def test_two_lines_of_names_are_put_together_where_the_first_goes_over_several_columns(first: str) -> None:
    rows = [f"r{k},{k},{k + 2},{k * 2},{k * 3},{'ab'[k % 2]}" for k in range(20)]
    table = tables.read("\n".join([first, ",mean,max,mean,max,", *rows]).encode())
    assert [c.name for c in table.columns[1:]] == ["Morning mean", "Morning max", "Evening mean", "Evening max", "Kind"]
    units = tables.read("\n".join(["name,a,b,c,d,Kind", ",mm,cm,mm,cm,", *rows]).encode())  # which are no names
    assert [c.name for c in units.columns] == ["name", "a", "b", "c", "d", "Kind"]


@pytest.mark.parametrize("text", ['{"a": {"b": 1}}', "<html><p>words</p></html>"])
def test_json_and_pages_without_a_table_are_refused_with_what_to_do(text: str) -> None:
    with pytest.raises(TableError, match="save the table as CSV"):
        tables.read(text.encode())
