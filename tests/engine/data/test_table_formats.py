"""Tables that are no cells with a separator between them: LIBSVM's lines, columns at fixed places, examples in columns."""

import time
from collections.abc import Sequence

import numpy as np
import pytest

from engine.data import tables
from engine.data.tables import Reading, Table, TableError
from engine.data.tables import layout as layouts
from engine.data.tables.turning import table_in

KINDS = ("setosa", "versicolor", "virginica")


def read(lines: Sequence[str], **how: str) -> Table:
    return tables.read("\n".join(lines).encode(), Reading(**how))


def names(table: Table) -> list[str]:
    return [column.name for column in table.columns]


SPARSE = [
    f"{'+1' if k % 2 else '-1'} 1:{k / 8} 3:{1000 + k / 8:.3f}{' 12:2e-3' if k % 4 == 0 else ''} # no {k}" for k in range(20)
]


def test_a_libsvm_line_is_a_label_and_what_is_not_zero() -> None:
    table = read(["# made up", "", *SPARSE])
    assert (names(table), table.separator) == (["1", "3", "12", "label"], "libsvm")
    k = np.arange(20)
    dense = np.stack([k / 8, 1000 + k / 8, np.where(k % 4 == 0, 2e-3, 0), np.where(k % 2, 1, -1)], axis=1)
    np.testing.assert_allclose(table.cells, dense, rtol=1e-12)
    assert "what a line does not name is 0" in table.notes[0]
    suggested = tables.suggest(table.columns, 20)
    assert (suggested["task"], suggested["target"]) == ("table", 3)


def test_of_more_places_than_columns_those_are_read_that_the_most_lines_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.data.tables.formats.sparse.MOST_COLUMNS", 3)
    table = read(SPARSE[:8] + [f"1 5:{k}.5 9:1" for k in range(9)])
    assert names(table) == ["5", "9", "label"]
    assert any("At most 2 places can be read" in note for note in table.notes)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("1,3 1:0.5", "line 21 has several labels (1,3)"),
        ("1 a:0.5", "line 21 is no label with pairs as 3:0.5 behind it, but '1 a:0.5'"),
        ("1 1:x", "line 21 is no label"),
    ],
)
def test_a_line_of_another_kind_among_libsvm_s_is_named(line: str, words: str) -> None:
    with pytest.raises(TableError) as refused:
        read([*SPARSE, line])
    assert words in str(refused.value)


def test_what_a_ranking_says_beside_is_left_out_and_told() -> None:
    table = read([line.split("#")[0].replace(" 1:", " qid:7 1:") for line in SPARSE])
    assert names(table) == ["1", "3", "12", "label"]
    assert "20 lines with a qid" in table.notes[-1]


def test_times_of_day_are_no_pairs_of_libsvm_unless_a_person_says_so() -> None:
    lines = [f"{k} 8:{k:02} {9 + k % 3}:{10 + k}" for k in range(20)]
    assert read(lines).separator == "space"
    assert names(read(lines, separator="libsvm")) == ["8", "9", "10", "11", "label"]
    assert read(SPARSE, separator="space", header="no").separator == "space", "and the other way round"


PLACES = ("New York", "Rome", "Los Angeles")
CITIES = [
    "City          Pop   Area  Kind",
    *(
        f"{('New York', 'Rome', 'Los Angeles')[k % 3]:<12}{k * 37:>5}  {k * 1.5:>5.1f}  {('a', 'big b')[k % 2]}"
        for k in range(30)
    ),
]


@pytest.mark.parametrize(
    "above", [[], ["Cities of the whole wide world, of 1999", ""], ["Cities"]], ids=["", "a title", "a short one"]
)
@pytest.mark.parametrize("rule", [[], ["----------- ----- -----  -----"]], ids=["", "a rule"])
def test_cells_of_several_words_stand_at_fixed_places(above: list[str], rule: list[str]) -> None:
    table = read([*above, CITIES[0], *rule, *CITIES[1:]])
    assert (table.separator, names(table), len(table.cells)) == ("fixed", ["City", "Pop", "Area", "Kind"], 30)
    assert table.columns[0].values == ["Los Angeles", "New York", "Rome"]
    assert table.columns[3].values == ["a", "big b"]
    np.testing.assert_allclose(table.cells[:, 1], np.arange(30) * 37)
    assert "fixed width): 4 columns, cut before the characters" in table.notes[0]


def test_empty_cells_at_fixed_places_are_missing() -> None:
    lines = [line if k % 7 else f"{line[:12]}     {line[17:]}" for k, line in enumerate(CITIES)]
    table = read([CITIES[0], *lines[1:]])
    assert (table.separator, table.columns[1].missing) == ("fixed", 4)


def test_wider_numbers_far_down_are_read_whole_and_what_goes_over_a_gap_is_left_out_and_told() -> None:
    small = [f"{('north side', 'south')[k % 2]:<12}{k % 90:>9}  {k % 7}" for k in range(300)]
    large = [f"{'south':<12}{k * 1_000_000:>9}  {k % 7}" for k in range(1, 9)]
    table = read(["place             size  kind", *small, "a remark that stands across everything", *large])
    assert table.separator == "fixed"
    assert table.cells[-8:, 1].tolist() == [k * 1_000_000 for k in range(1, 9)]
    assert any("left out, as line 302 with 1." in note for note in table.notes)


def test_aligned_cells_of_one_word_are_parted_by_blanks_as_ever() -> None:
    table = read(["  x    y  kind", *(f"{k:>3}  {k * k:>4}  {'ab'[k % 2]}" for k in range(20))])
    assert (table.separator, table.read_as["offers"]) == ("space", [])


def test_where_blanks_part_as_well_fixed_places_are_offered_and_not_guessed() -> None:
    lines = ["City Name    Pop   Kind", *(f"{'New York':<12}{k * 37:>5}  {'ab'[k % 2]}" for k in range(30))]
    table = read(lines)
    assert table.separator == "space"
    (offer,) = table.read_as["offers"]
    assert offer["choose"] == {"separator": "fixed"}
    assert names(read(lines, **offer["choose"])) == ["City Name", "Pop", "Kind"]


def test_without_places_that_are_blank_in_every_line_fixed_width_is_refused() -> None:
    with pytest.raises(TableError, match="no two columns stand apart"):
        read(["a,b", *(f"{k},x" for k in range(9))], separator="fixed")


def turned(numbers: int, examples: int, *, ids: bool, kinds: int | None) -> list[str]:
    rows = [",".join([f"size {k}", *(f"{(i * (k + 3)) % 17}.5" for i in range(examples))]) for k in range(numbers)]
    if kinds is not None:
        rows.insert(kinds, ",".join(["species", *(KINDS[i % 3] for i in range(examples))]))
    return [",".join(["sample", *(f"s{i}" for i in range(examples))]), *rows] if ids else rows


@pytest.mark.parametrize(("ids", "kinds"), [(True, 5), (True, 4), (False, 5), (False, 3)])
def test_where_rows_are_of_one_kind_and_columns_are_not_each_column_is_an_example(ids: bool, kinds: int) -> None:
    table = read(turned(5, 150, ids=ids, kinds=kinds))
    assert (len(table.cells), table.read_as["examples"]) == (150, "columns")
    target = names(table).index("species")
    assert table.columns[target].values == list(KINDS)
    assert [names(table)[k] for k in tables.suggest(table.columns, 150)["features"]] == [f"size {k}" for k in range(5)]
    assert table.cells[:, names(table).index("size 1")].tolist() == [(i * 4) % 17 + 0.5 for i in range(150)]
    assert any(note.startswith("Each column is an example, each row a quantity") for note in table.notes)
    (offer,) = table.read_as["offers"]
    assert read(turned(5, 150, ids=ids, kinds=kinds), header="no", **offer["choose"]).read_as["examples"] == "rows"


def test_too_few_rows_of_very_many_cells_can_only_be_turned() -> None:
    table = read(turned(2, 200, ids=False, kinds=None))
    assert (names(table), len(table.cells)) == (["size 0", "size 1"], 200)


@pytest.mark.parametrize("kinds", [None, 0, 2], ids=["numbers alone", "what may be names", "what may be units"])
def test_where_rows_may_be_examples_that_is_read_and_columns_are_offered(kinds: int | None) -> None:
    lines = [line.replace("species", "unit") for line in turned(8, 60, ids=kinds != 0, kinds=kinds)]
    table = read(lines)
    assert table.read_as["examples"] == "rows"
    (offer,) = table.read_as["offers"]
    assert offer == {"words": "Each column is an example", "choose": {"examples": "columns"}}
    assert any("60 columns beside the one that names its" in note for note in table.notes)
    again = names(read(lines, **offer["choose"]))
    assert [name for name in again if name.startswith("size")] == [f"size {k}" for k in range(8)]


@pytest.mark.parametrize("place", [0, 1, 120])
def test_a_row_that_is_called_a_class_tells_that_each_column_is_an_example_however_many_rows_there_are(place: int) -> None:
    lines = turned(120, 30, ids=True, kinds=place + 1)
    table = read(lines)
    is_turned = place < 50  # further down nobody looks for it
    assert table.read_as["examples"] == ("columns" if is_turned else "rows")
    if is_turned:
        assert "the row “species” says a class of each column" in table.notes[0]
        assert names(table)[tables.suggest(table.columns, 30)["target"]] == "species"
    units = read([lines[0], ",".join(["class", *["cm"] * 30]), *lines[3:]])  # the same word everywhere is no class
    assert units.read_as["examples"] == "rows"
    assert len(read([*lines, "Source: the laboratory"]).cells) > 100  # read by rows, as it cannot be turned


def test_what_is_said_of_many_columns_is_said_once() -> None:
    rows = [",".join(["name", *(f"x{k}" for k in range(40))])]
    rows += [",".join([f"r{i}", *(f"{1 + (i * k) % 9}.{100 + (i * (k + 7)) % 899}" for k in range(40))]) for i in range(60)]
    told = [note for note in read(rows).notes if "nothing tells" in note]
    assert len(told) == 1
    assert told[0].startswith("x0: 1.100 was read as 1.1, with the dot as decimal sign")
    assert told[0].endswith("So are 39 other columns: x1, x2, x3 …")


RULED = ["Name         Size Kind     ", "------------ ---- ---------"]


def test_a_line_drawn_below_each_name_says_where_columns_are() -> None:
    lines = [
        f"{['New York', 'Bonn', 'Rio de Janei'][k % 3]:<12} {('' if k == 3 else k * 31):>4} {KINDS[k % 3]}" for k in range(30)
    ]
    table = read(["Cities of 2023", "", *RULED, *lines])
    assert (table.separator, names(table), len(table.cells)) == ("fixed", ["Name", "Size", "Kind"], 30)
    assert table.columns[1].missing == 1
    assert read([*RULED, *(f"{k} {k % 5} {KINDS[k % 3]}" for k in range(30))]).separator == "space"  # which they do not keep to


def test_units_below_the_names_of_a_wide_table_turn_nothing() -> None:
    head = [",".join(f"x{k}" for k in range(30)), ",".join(["m", "kg"] * 15)]
    table = read([*head, *(",".join(f"{i * k % 7}.5" for k in range(30)) for i in range(9))])
    assert (table.read_as["examples"], len(table.cells)) == ("rows", 9)


def test_a_table_that_is_too_large_to_be_turned_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.data.tables.turning.MOST_TURNED", 300)
    with pytest.raises(TableError, match="may have 300 cells, and this one has more, from line 5 on; turn it in a spread"):
        read(turned(8, 60, ids=True, kinds=None), examples="columns")


def test_a_long_table_is_turned_and_a_long_number_looked_at_within_a_second() -> None:
    began = time.process_time()
    assert len(table_in((k, ["a", "1"]) for k in range(40_000))) == 40_000  # 4 s where each width was counted anew
    with pytest.raises(TableError, match="has only one column"):
        read(["01" * 5_000 + "x"] * 8)  # minutes where digits could be shared out between both sides of a dot that is not there
    assert time.process_time() - began < 3


def test_a_place_with_more_digits_than_any_is_no_place() -> None:
    assert read([f"{k} {'1' * 5_000}:1" for k in range(9)]).separator == "space"


def test_a_thousand_columns_are_read_and_of_more_that_is_said() -> None:
    def one_hot(width: int) -> list[str]:
        return [
            ",".join([*(f"is_{k}" for k in range(width)), "kind"]),
            *(",".join([*("01"[k % 7 == i % 7] for k in range(width)), "ab"[i % 2]]) for i in range(12)),
        ]

    table = read(one_hot(layouts.MOST_COLUMNS - 1))
    assert (len(table.columns), table.notes) == (1000, [])
    table = read(one_hot(layouts.MOST_COLUMNS))
    assert names(table)[-2:] == ["is_998", "kind"]
    assert "has 1,001 columns, and at most 1,000 can be read" in table.notes[0]


@pytest.mark.parametrize("places", [[], [0], [0, 2], [0, 1, 2, 3], list(range(5)), [0, *range(3, 40), 50, 998, 999]])
def test_which_columns_are_read_is_written_in_short_and_read_back(places: list[int]) -> None:
    assert tables.places_in(tables.written_places(places)) == places
    assert len(tables.written_places(list(range(1000)))) < 8


def test_a_range_of_columns_may_be_written_backwards() -> None:
    assert tables.places_in("7-3.1") == [3, 4, 5, 6, 7, 1]
