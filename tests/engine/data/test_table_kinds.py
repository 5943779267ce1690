"""What people write in tables: numbers, dates, gaps, names and separators, each as its owner means it."""

import numpy as np
import pytest

import engine as nn
from engine.data import tables
from engine.data.tables import Reading, numerals
from engine.data.tables.gaps import patterns
from engine.data.tables.text import likeliest
from engine.tasks.table import Table
from server.storage.datasets import Datasets


def column(cells: list[str], separator: str = ";", others: list[str] = (), how: Reading | str = "auto") -> tables.Table:
    """Read a column, beside one of words and perhaps one of numbers."""
    rows = [separator.join([cell, *(others[k : k + 1] if others else []), "ab"[k % 2]]) for k, cell in enumerate(cells)]
    return tables.read("\n".join([separator.join(["v", *(["w"] if others else []), "kind"]), *rows]).encode(), how)


@pytest.mark.parametrize(
    ("cells", "others", "numbers"),
    [
        (["310", "1,261", "944", "12,000"], [], [310, 1261, 944, 12000]),  # whoever writes 1,261 so writes no 1261
        (["310", "1.261", "944", "12.000"], [], [310, 1261, 944, 12000]),
        (["1.261", "2.500", "3.125", "4.750"], ["1,5", "2", "3,25", "4"], [1261, 2500, 3125, 4750]),  # the table decides
        (["1,237", "2,5", "0,75", "3,104"], [], [1.237, 2.5, 0.75, 3.104]),
        (["1.237", "2.5", "0.75", "3.104"], [], [1.237, 2.5, 0.75, 3.104]),
        (["1.000,25", "7", "12.345.678", "0,5"], [], [1000.25, 7, 12345678, 0.5]),
        (["1,000.25", "7", "12,345,678", "0.5"], [], [1000.25, 7, 12345678, 0.5]),
        (["12,34,567", "1,000", "99", "5"], [], [1234567, 1000, 99, 5]),  # India
        (["1'234.50", "12\u2019000", "7", "8"], [], [1234.5, 12000, 7, 8]),
        (["1 234,5", "12\u202f000", "7\u00a0000", "8"], [], [1234.5, 12000, 7000, 8]),
        (["−3", "–0.5", "-7", "+2"], [], [-3, -0.5, -7, 2]),
        (["$ 3.50", "-$1,200.00", "($7)", "8"], [], [3.5, -1200, -7, 8]),
        (["3,50 €", "1.200,00 €", "7 €", "0 €"], [], [3.5, 1200, 7, 0]),
        (["€1.5M", "€300K", "€2M", "€0"], [], [1.5e6, 3e5, 2e6, 0]),
        (["12 %", "7%", "0.5 %", "100%"], [], [12, 7, 0.5, 100]),
        (["12 km/h", "7 km/h", "0.5 km/h", "3km/h"], [], [12, 7, 0.5, 3]),
        (["1e3", "2.5E-2", "3", "4"], [], [1000, 0.025, 3, 4]),
        (["$ (1,200.00)", "$ 3.50", "₦90", "₹1,000"][:2] * 2, [], [-1200, 3.5, -1200, 3.5]),
        (["₦90", "₦1,200", "₦7", "₦10"], [], [90, 1200, 7, 10]),
        (["1.234,50-", "7,00-", "8,00", "0,5"], [], [-1234.5, -7, 8, 0.5]),
        (["1\u2003234,5", "12\u3000000", "7 000", "8"], [], [1234.5, 12000, 7000, 8]),
        (["1 year", "2 years", "10 Years", "3 years"], [], [1, 2, 10, 3]),
        (["1.2K", "3M", "540", "87k"], [], [1200, 3e6, 540, 87000]),
        (["19M", "8.7M", "3M", "4M"], [], [19, 8.7, 3, 4]),  # all of them: a unit
        (["10,000+", "500+", "1,000,000+", "0"], [], [10000, 500, 1e6, 0]),
        (["8.5 l/100km", "7 l/100km", "6 l/100km", "9 l/100km"], [], [8.5, 7, 6, 9]),
    ],
)
def test_numbers_are_read_as_their_column_writes_them(cells: list[str], others: list[str], numbers: list[float]) -> None:
    table = column(cells, others=others)
    assert table.columns[0].kind == "number", table.notes
    np.testing.assert_allclose(table.cells[:, 0], numbers)


@pytest.mark.parametrize(
    "cell", ["1,5,5", "1_0", "0x10", "12 45", "030 123", "1.2.3", "4-5", "--3", "", "x1", "(5", "1,5.5.5", "3-door", "-5-"]
)
def test_what_no_person_would_call_a_number_is_none(cell: str) -> None:
    assert numerals.split(cell) is None


def test_what_a_comma_means_is_said_where_nothing_tells_and_can_be_chosen() -> None:
    cells = ["1,237", "2,104", "3,555", "4,001"]
    guessed = column(cells, "\t")
    assert any("nothing tells" in note for note in guessed.notes)
    np.testing.assert_allclose(guessed.cells[:, 0], [1237, 2104, 3555, 4001])
    chosen = column(cells, "\t", how=Reading(decimal="comma"))
    np.testing.assert_allclose(chosen.cells[:, 0], [1.237, 2.104, 3.555, 4.001])
    assert not chosen.notes


@pytest.mark.parametrize(
    ("separator", "decimal", "numbers"), [("\t", "dot", [1, 1377, 2.5, 3104]), (";", "comma", [1000, 1.377, 2500, 3.104])]
)
def test_a_column_with_both_signs_is_read_by_one_decision_that_is_said(
    separator: str, decimal: str, numbers: list[float]
) -> None:
    cells = ["1.000", "1,377", "2.500", "3,104"]
    other = {"dot": "comma", "comma": "dot"}[decimal]
    table = column(cells, separator)
    np.testing.assert_allclose(table.cells[:, 0], numbers)
    assert (table.read_as["decimal"], table.read_as["doubt"]) == (decimal, other)
    assert any(f"with the {decimal} as decimal sign: nothing tells" in note for note in table.notes)
    chosen = column(cells, separator, how=Reading(decimal=other))
    np.testing.assert_allclose(chosen.cells[:, 0] * 1000, [v if v > 999 else v * 1e6 for v in numbers])
    assert chosen.read_as["doubt"] == ""


def test_columns_that_tell_nothing_are_read_with_one_decimal_sign() -> None:
    rows = ["a;b;kind", *(f"1.{k}00;1,{k}77;{'xy'[k % 2]}" for k in range(8))]
    table = tables.read("\n".join(rows).encode())
    np.testing.assert_allclose(table.cells[2, :2], [1200, 1.277])
    rows = ["a;b;kind", *(f"1.{k}00;1.{k}77.000;{'xy'[k % 2]}" for k in range(8))]  # the second part thousands without a doubt
    table = tables.read("\n".join(rows).encode())
    assert table.cells[2, :2].tolist() == [1200, 1277000]


def test_a_column_that_writes_decimals_in_two_ways_is_told() -> None:
    table = column(["1,5", "2.5", "3,25", "4.75"])
    assert table.cells[:, 0].tolist() == [1.5, 2.5, 3.25, 4.75]
    assert "v: both signs part decimals in it, the comma in 1,5 and the dot in 2.5." in table.notes


def test_units_that_differ_are_not_mixed_and_ordinals_stay_words() -> None:
    assert column(["3 kg", "10 g", "17 kg", "24 g"] * 2).columns[0].kind == "word"
    assert column(["3 mW", "10 MW", "17 mW", "24 MW"] * 2).columns[0].kind == "word"
    assert column(["1st", "2nd", "3rd", "1st"] * 2).columns[0].values == ["1st", "2nd", "3rd"]


def test_codes_and_long_words_stay_distinct() -> None:
    assert column(["12345678901234567", "12345678901234568"] * 3).columns[0].values == [
        "12345678901234567",
        "12345678901234568",
    ]
    assert column(["01234", "00501", "10001"] * 2).columns[0].values == ["00501", "01234", "10001"]
    assert column(["007", "7", "12"] * 2).columns[0].values == ["007", "12", "7"]
    assert column(["08", "12", "23"] * 2).columns[0].kind == "number"
    assert column(["4006381333931", "4006381333948"] * 3).columns[0].values == ["4006381333931", "4006381333948"]
    long = "the same beginning " * 20
    values = column([long + "a", long + "b"] * 3).columns[0].values
    assert len(set(values)) == 2
    assert all(len(value) <= 200 for value in values)


@pytest.mark.parametrize(
    ("cells", "missing", "values"),
    [
        (["None", "A", "B"] * 6, 0, ["A", "B", "None"]),
        (["A", "B"] * 10 + ["None"], 1, ["A", "B"]),
        (["1", "2", "#N/A", "unknown", ".", "-", "4"] * 3, 12, ["1", "2", "4"]),
        (["yes", "Yes", "no", "No"] * 3, 0, ["No", "Yes"]),
        (["caf\u00e9", "cafe\u0301", "x"] * 3, 0, ["caf\u00e9", "x"]),
    ],
)
def test_a_gap_is_told_from_a_word(cells: list[str], missing: int, values: list[str]) -> None:
    about = column(cells).columns[0]
    assert (about.missing, sorted(v.lower() for v in about.values)) == (missing, sorted(v.lower() for v in values))


@pytest.mark.parametrize(
    ("cells", "parts", "late"),
    [
        (["2024-01-01", "2024-01-03", "2024-12-31", "2025-06-01"], ["trend", "time of year", "weekday"], [0, 2, 365, 517]),
        (["01.02.2024", "03.02.2024", "15.02.2024", "01.03.2024"], ["trend", "weekday"], [0, 2, 14, 29]),
        (["1/2/2024", "1/4/2024", "1/16/2024", "2/1/2024"], ["trend", "weekday"], [0, 2, 14, 30]),  # the 16th is no month
        (["Jan 2020", "Feb 2020", "Mar 2021", "Apr 2021"], ["trend", "time of year"], [0, 31, 425, 456]),
        (
            ["2024-05-01T06:00Z", "2024-05-01T18:00Z", "2024-05-20T00:00Z", "2024-05-21T12:00Z"],
            ["trend", "weekday", "hour"],
            None,
        ),
        (["06:30", "18:00", "12:15 PM", "11:00 pm"], ["trend", "hour"], [6.5, 18, 12.25, 23]),
        (["06:30", "25:30:00", "48:00", "1:15"], ["trend"], [6.5, 25.5, 48, 1.25]),  # how long, not when
        (["Mar-21", "Apr-21", "May-21", "Jan-22"], ["trend", "time of year"], [0, 31, 61, 306]),
        (["03/2021", "4/2021", "05/2021", "01/2022"], ["trend", "time of year"], [0, 31, 61, 306]),
        (["2021-W01", "2021-W02", "2021-W04", "2021W05"], ["trend"], [0, 7, 21, 28]),
        (["2021年3月4日", "2021年3月5日", "2021年3月24日", "2021年4月4日"], ["trend", "weekday"], [0, 1, 20, 31]),
        (["4 марта 2021", "5 марта 2021", "24 марта 2021", "4 апреля 2021"], ["trend", "weekday"], [0, 1, 20, 31]),
        (["4 de marzo de 2021", "5 de marzo de 2021", "24 de marzo de 2021", "4 de abril de 2021"], ["trend", "weekday"], None),
        (["Thu May 13 10:22:11 2021", "Fri May 14 10:22:11 2021"] * 2, ["trend"], None),
    ],
)
def test_dates_are_a_trend_and_cycles(cells: list[str], parts: list[str], late: list[float] | None) -> None:
    table = column(cells)
    columns = [c for c in table.columns if c.source == 0]
    assert list(dict.fromkeys(c.part for c in columns)) == parts
    assert all(c.name.startswith("v") for c in columns)
    assert any("read as numbers" in note for note in table.notes)
    if late:
        np.testing.assert_allclose(table.cells[:, 0], late)
    for k in range(1, len(columns), 2):  # sin² + cos² = 1
        np.testing.assert_allclose(table.cells[:, k] ** 2 + table.cells[:, k + 1] ** 2, 1)


def test_words_that_look_like_months_with_a_number_stay_words() -> None:
    assert column(["set-01", "set-02", "out-03", "mag-04"] * 2).columns[0].kind == "word"


def test_what_a_column_is_can_be_chosen() -> None:
    cells = ["20240101", "20240105", "20240301", "20241224"]
    assert column(cells).columns[0].kind == "number"
    assert column(cells, how=Reading(kinds={0: "date"})).columns[0].part == "trend"
    assert column(cells, how=Reading(kinds={0: "word"})).columns[0].values == cells
    forced = column(["a", "2", "3", "4"], how=Reading(kinds={0: "number"}))
    assert (forced.columns[0].kind, forced.columns[0].missing) == ("number", 1)


@pytest.mark.parametrize(
    ("text", "header", "names"),
    [
        ("0,1,2,target\n" + "5,4,2,1\n3,2,0,0\n" * 4, True, ["0", "1", "2", "target"]),
        (
            ",0,1,kind\n" + "".join(f"{k},{k % 3}.5,{k % 4},{'ab'[k % 2]}\n" for k in range(8)),
            True,
            ["column 1", "0", "1", "kind"],
        ),
        ("land;2019;2020;2021\n" + "x;1,5;2;7\ny;3;4,5;8\n" * 4, True, ["land", "2019", "2020", "2021"]),
        ("land,1/22/20,1/23/20,kind\n" + "x,15,2,a\ny,3,45,b\n" * 4, True, ["land", "1/22/20", "1/23/20", "kind"]),
        ("| a | b | kind |\n|---|:-:|---|\n" + "| 1 | 4 | x |\n| 3 | 2 | y |\n" * 4, True, ["a", "b", "kind"]),
        ("|a|b|kind\n" + "|1|4|x\n2||2|y\n" * 4, True, ["column 1", "a", "b", "kind"]),
        (
            "".join(f'{k}.0   8   {307 + k}.5   {k % 3}\t"ford {"ab"[k % 2]}"\n' for k in range(9)),
            False,
            [f"column {k}" for k in range(1, 6)],
        ),
        ("Report\n\na,b,kind\n" + "1,4,x\n3,2,y\n" * 4, True, ["a", "b", "kind"]),
        ("sep=;\nx;kind\n" + "1;a\n2;b\n" * 4, True, ["x", "kind"]),
        ("a,b,kind\n" + "1,4,x,\n3,2,y,\n" * 4, True, ["a", "b", "kind"]),
        ("# a, b, kind\n" + "1,4,x\n3,2,y\n" * 4, True, ["a", "b", "kind"]),
        ('"x","kind"\n' + '"1",4,"a"\n"2",7,"b"\n' * 4, True, ["column 1", "x", "kind"]),  # as R writes it
        ("4,1;2,1;rot\n" + "5,2;3,4;blau\n4,4;3,1;rot\n" * 4, False, ["column 1", "column 2", "column 3"]),
        ("1,5\t2,5\tx\n" + "3,5\t4,5\ty\n1,5\t0,5\tx\n" * 4, False, ["column 1", "column 2", "column 3"]),
        ("5.1,3.5,a\n" + "4.9,3.0,b\n4.7,3.2,a\n" * 4, False, ["column 1", "column 2", "column 3"]),
    ],
)
def test_names_and_separators_are_found(text: str, header: bool, names: list[str]) -> None:
    table = tables.read(text.encode())
    assert (table.header, [c.name for c in table.columns]) == (header, names)
    assert table.columns[-1].kind == "word" or names[-1] == "target" or names[-1] == "2021"


def test_the_first_line_and_what_is_above_can_be_chosen() -> None:
    text = b"Report,,\na,b,kind\n" + b"1,4,x\n3,2,y\n" * 4
    assert len(tables.read(text, Reading(header="no", skip=1)).cells) == 9
    assert [c.name for c in tables.read(text, Reading(header="yes", skip=2)).columns] == ["1", "4", "x"]
    assert tables.read(text).read_as["skip"] == 1


@pytest.mark.parametrize(
    ("names", "target"),
    [
        ("PassengerId,Survived,Age,Fare", "Survived"),
        ("CustomerID,Churn,Age,Fee", "Churn"),
        ("loan_status,age,debt,x2", "loan_status"),
        ("area,SalePrice,rooms,year", "SalePrice"),
        ("age,default,debt,y", "y"),
        ("a,b,c,d", "d"),
        ("class,y_pos,Survived,Fare", "Survived"),
        ("MSSubClass,SaleType,SalePrice,YrSold", "SalePrice"),
        ("year,selling_price,km,seller_type", "selling_price"),
        ("type,area,price,rooms", "price"),
        ("age,Attrition_Flag,Income_Category,x2", "Attrition_Flag"),
    ],
)
def test_what_is_learned_is_what_a_person_would_choose(names: str, target: str) -> None:
    rng = np.random.default_rng(0)
    yes = ("Survived", "Churn", "loan_status", "default", "y", "class", "SaleType", "type", "Attrition_Flag", "Income_Category")
    rows = [
        ",".join(("no", "yes")[k % 3 == 0] if name in yes else f"{rng.normal():.4f}" for name in names.split(","))
        for k in range(40)
    ]
    columns = tables.read("\n".join([names, *rows]).encode()).columns
    assert columns[tables.suggest(columns, 40)["target"]].name == target


def test_rows_that_sum_up_the_others_are_left_out_and_named() -> None:
    rows = "region,units,kind\n" + "North,5,a\nSouth,6,b\nEast,3,a\nWest,7,b\n"
    table = tables.read(f"{rows}Total,21,\nAverage,5.25,\n".encode())
    assert table.columns[0].values == ["East", "North", "South", "West"]
    assert any("2 rows at the end left out" in note for note in table.notes)
    assert len(tables.read(f"{rows}Total,21,a\nEast,3,b\n".encode()).cells) == 6, "not at the end"
    assert len(tables.read(f"{rows}Total,21,a\nTotal,3,b\n".encode()).cells) == 6, "a class that is called so"


def test_what_only_counts_is_left_out_unless_nothing_else_is_there() -> None:
    alone = tables.read(b"x,y\n" + b"".join(b"%d,%.3f\n" % (k, np.sin(k)) for k in range(20)))
    assert tables.suggest(alone.columns, 20)["features"] == [0]
    beside = tables.read(b"year,x,y\n" + b"".join(b"%d,%d,%.3f\n" % (1990 + k, k * k % 7, np.sin(k)) for k in range(20)))
    assert tables.suggest(beside.columns, 20)["features"] == [1]
    assert "numbers the rows" in beside.columns[0].left_out
    assert not beside.columns[0].no_feature


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1251", "длина;вид\n1;кот\n2;Собака"),
        ("koi8-r", "длина;вид\n1;кот\n2;Собака"),
        ("shift_jis", "値段,都市,種類\n1,東京,犬\n2,大阪,猫"),
        ("shift_jis", "長さ,種類\n1,ねこ\n2,いぬ\n3,テスト"),
        ("euc_jp", "長さ,種類\n1,ねこ\n2,いぬ"),
        ("euc_kr", "길이,종류\n1,개\n2,고양이"),
        ("gb18030", "长度,宽度,种类\n1,2,猫"),
        ("big5", "長度,寬度,種類\n1,2,貓"),
        ("cp1253", "μήκος,είδος\n1,γάτα"),
        ("cp1252", "prénom,ville\nRené,Orléans\nÉlodie,Évry"),
        ("cp1250", "długość;gatunek\n1;żółw\n2;ślimak"),
    ],
)
def test_an_encoding_is_recognized_by_its_words(encoding: str, text: str) -> None:
    assert likeliest(text.encode(encoding)) == encoding


def test_gaps_are_filled_from_the_training_rows_or_have_a_word_of_their_own(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("NN_BASICS_HOME", str(tmp_path))
    rng = np.random.default_rng(3)
    lines = ["v,colour,kind"]
    for k in range(60):
        v = f"{rng.normal(5, 2):.4f}" if k % 3 else ""
        lines.append(f"{v},{['red', 'red', 'blue', ''][k % 4]},{'xy'[k % 2] if k % 10 else ''}")
    table = tables.read("\n".join(lines).encode())
    assert tables.suggest(table.columns, 60)["missing_cells"] == "most frequent"
    assert sum(one["rows"] for one in patterns(table.cells)) == int(np.isnan(table.cells).any(axis=1).sum())
    about = {"kind": "table", "name": "t.csv", "columns": [vars(c) for c in table.columns], "rows": 60}
    id = Datasets(tmp_path / "data").save(about, {"cells": table.cells})["id"]

    def task(cells: str):
        data = {"dataset": id, "target_column": 2, "features": "0.1", "missing_cells": cells}
        return nn.Training(nn.configure({"task": "table", "data": data})).task

    whole, filled, own = task("leave out"), task("most frequent"), task("own word")
    assert len(whole.rows) == int(np.isfinite(table.cells).all(axis=1).sum())
    assert len(filled.rows) == len(own.rows) == 54, "only rows without what is learned go"
    assert filled.names == ["v", "colour = blue", "colour = red"]
    assert own.names == [*filled.names, "colour is missing"]
    back = filled.x * filled.std + filled.mean
    known = filled.rows[np.isfinite(filled.rows[:, 0]), 0]
    gaps = abs(back[:, :1] - known).min(axis=1) > 1e-4
    assert 10 < gaps.sum() < 20
    np.testing.assert_allclose(back[gaps, 0], back[~gaps, 0].mean(), rtol=1e-4)  # the mean of the training rows that have it
    np.testing.assert_allclose(back[:, 1:].sum(axis=1), 1, atol=1e-4)  # each has a colour
    np.testing.assert_allclose((own.x * own.std + own.mean)[:, 1:].sum(axis=1), 1, atol=1e-4)


def test_a_class_in_the_test_rows_only_is_said() -> None:
    seen = []
    for seed in range(12):
        task = Table()
        rows = task.rows.copy()
        rows[:, task.target_place] = rows[:, task.target_place] % 2  # apples and lemons
        rows[7, task.target_place] = 2
        task.rows = rows
        task.load(np.random.default_rng(seed))
        seen.append(2 in task.target_test)
        assert task.remark == ("in test rows only, so never learned: 'plum'" if seen[-1] else "")
    assert True in seen
    assert False in seen


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_known_without_its_mark(encoding: str) -> None:
    table = tables.read("größe;art\n1,5;süß\n2,5;herb\n3,5;süß\n4;herb\n".encode(encoding))
    assert (table.columns[0].name, table.columns[0].mean) == ("größe", 2.875)


def test_a_column_that_is_the_class_in_other_words_is_named() -> None:
    rows = [f"{k * 7 % 11},{k % 3 == 0:d},{'yes' if k % 3 == 0 else 'no'}" for k in range(30)]
    table = tables.read("\n".join(["visits,code,churned", *rows]).encode())
    suggested = tables.suggest(table.columns, 30)
    (told,) = tables.told_of_copies(table.columns, table.cells, suggested)
    assert told.startswith("code tells churned in every row")
    table.cells[0, 1] = 0  # in all but one
    assert tables.told_of_copies(table.columns, table.cells, suggested) == []
    few = {**suggested, "features": [1]}  # the only one that is read is what a person means
    assert tables.told_of_copies(table.columns, table.cells, few) == []
