"""Tables as people bring them: what is read of them, what is said, and what becomes of them in a training."""

import csv
import io
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import engine as nn
from engine.data import datasets, tables
from engine.data.tables import reading
from server.storage.datasets import Datasets


def written(rows: list[list], separator: str = ",") -> bytes:
    file = io.StringIO()
    csv.writer(file, delimiter=separator).writerows(rows)
    return file.getvalue().encode()


ROWS = [["height", "width, in cm", "kind"]] + [[k * 1.5, (k * 7) % 5 + 0.25, "ab"[k % 2]] for k in range(12)]


@pytest.mark.parametrize(("name", "character"), [(n, c) for n, c in tables.SEPARATORS.items() if n != "space"])
def test_every_separator_is_found_and_cells_are_as_written(name: str, character: str) -> None:
    table = tables.read(written(ROWS, character))
    assert (table.separator, table.header) == (name, True)
    assert [c.name for c in table.columns] == ROWS[0]
    assert [c.kind for c in table.columns] == ["number", "number", "word"]
    np.testing.assert_allclose(table.cells[:, 0], [row[0] for row in ROWS[1:]])
    assert table.columns[2].values == ["a", "b"]
    np.testing.assert_array_equal(table.cells[:, 2], [k % 2 for k in range(12)])


def test_a_mark_of_utf_8_before_another_encoding_belongs_to_no_name() -> None:
    data = b"\xef\xbb\xbf" + "Größe;Straße\n1,5;Müllerweg\n2,5;Müllerweg\n3,0;Äckerle\n4,5;Äckerle\n".encode("cp1252")
    assert [column.name for column in tables.read(data).columns] == ["Größe", "Straße"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_every_encoding_is_read_and_a_guess_is_said(encoding: str) -> None:
    table = tables.read("größe;größer;art\n1,5;1;süß\n2,5;2;herb\n3,5;4;süß\n4;7;herb\n".encode(encoding))
    assert table.columns[0].name == "größe"
    assert table.columns[2].values == ["herb", "süß"]
    assert table.cells[0, 0] == 1.5
    assert ["Windows-1252" in note for note in table.notes] == ([True] if encoding == "cp1252" else [])


def test_a_table_without_a_header_keeps_its_first_row() -> None:
    table = tables.read(written(ROWS[1:]))
    assert (table.header, len(table.cells)) == (False, 12)
    assert table.columns[0].name == "column 1"
    assert tables.read(b"a,x\nb,x\na,y\nc,y\n").header is False  # words below like those above


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"  \n ", "empty"),
        (b"PK\x03\x04\0\0", "save it as CSV"),
        (b"a,b\0\0\0\0\n", "no text file"),
        (b"\x89PNG\r\n\0\0\0\0", "this is an image; copy the table"),
        (b"%PDF-1.7\n1,2\n3,4\n", "this is a PDF; copy the table into a spreadsheet"),
        (b"just\nlines\nof\nwords\nhere", "no separator"),
        (b"1\n2\n3\n4\n5\n", "only one column"),
        (b"a,b\n1,2\n", "1 row of data"),
        (b"a,b\n" + b"".join(b"%d,%s\n" % (k, b"1,2,3"[: 1 + 2 * (k % 3)]) for k in range(30)), "different numbers of cells"),
        (b'a,b\n1,2\n"' + b"x" * 200_000, "cannot be read"),
    ],
)
def test_what_is_no_table_is_refused_in_words_that_help(data: bytes, words: str) -> None:
    with pytest.raises(tables.TableError, match=words):
        tables.read(data)


def test_a_separator_that_does_not_fit_is_refused() -> None:
    with pytest.raises(tables.TableError, match="choose another separator"):
        tables.read(written(ROWS), "tab")


def test_very_many_rows_are_thinned_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_ROWS", 10_000)
    table = tables.read(b"a,b\n" + b"".join(b"%d,%d\n" % (k, k % 7) for k in range(25_000)))
    assert len(table.cells) == pytest.approx(25_000 / 3, abs=1)
    drawn = f"The file has 25,000 rows; {len(table.cells):,} of them were drawn at random, one of each 3."
    assert table.notes[-1] == drawn
    quoted = tables.read(b'"a",b\n' + b"".join(b"%d,%d\n" % (k, k % 7) for k in range(25_000)))
    assert quoted.notes[-1] == drawn, "where a row may have several lines all are cut into cells"
    # K19: every k-th row would have made one class out of three that take turns
    turns = tables.read(b"x,sensor\n" + b"".join(b"%d,%s\n" % (k * k % 11, b"ABC"[k % 3 :][:1]) for k in range(25_000)))
    assert np.bincount(turns.cells[:, 1].astype(int)) == pytest.approx(25_000 / 9, rel=0.05)


def test_odd_rows_and_odd_cells_are_left_out_and_named() -> None:
    rows = [*ROWS, [1.0], *[[k, k + 1, "a"] for k in range(30)], ["x", 3, "b"]]
    table = tables.read(written(rows))
    assert len(table.cells) == 43
    assert any("line 14 with 1" in note for note in table.notes)
    assert any("height: 1 cell no number, as 'x'" in note for note in table.notes)
    assert table.columns[0].missing == 1


def test_columns_say_what_they_cannot_be() -> None:
    rows = [["id", "name", "same", "empty", "hole", "x", "class"]]
    rows += [[k, f"n{k}", 5, "", k * k if k > 30 else "NA", (k * 37) % 11, "one"] for k in range(50)]
    columns = {c.name: c for c in tables.read(written(rows)).columns}
    assert "numbers the rows" in columns["id"].left_out
    assert "50 different words" in columns["name"].no_feature
    assert "same in every row" in columns["same"].no_feature
    assert "missing" in columns["empty"].no_feature
    assert "31 of 50" in columns["hole"].left_out
    assert columns["id"].no_feature == columns["hole"].no_feature == "", "a person may read them all the same"
    assert "one class only, 'one'" in columns["class"].no_class
    assert columns["x"].no_feature == columns["x"].no_class == ""
    assert "words" in columns["name"].no_number
    with pytest.raises(tables.TableError, match="one class only"):
        tables.suggest([columns["same"], columns["class"], columns["x"]])


@pytest.mark.parametrize(
    ("header", "task", "target"),
    [(["x", "y", "species"], "table", 2), (["label", "x", "y"], "table", 0), (["x", "y", "z"], "numbers", 2)],
)
def test_the_suggestion_is_what_a_person_would_choose(header: list[str], task: str, target: int) -> None:
    rng = np.random.default_rng(0)
    cells = [rng.normal(size=3).round(4).tolist() for _ in range(60)]
    for k, row in enumerate(cells):
        if task == "table":
            row[target] = "uvw"[k % 3]
    found = tables.suggest(tables.read(written([header, *cells])).columns)
    assert (found["task"], found["target"]) == (task, target)
    assert found["features"] == [k for k in range(3) if k != target]


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch, tmp_path):
    """Keep tables in a folder of the test's own."""
    monkeypatch.setenv("NN_BASICS_HOME", str(tmp_path))

    def keep(rows: list[list]) -> str:
        table = tables.read(written(rows))
        about = {"kind": "table", "name": "t.csv", "columns": [vars(c) for c in table.columns], "rows": len(table.cells)}
        return Datasets(tmp_path / "data").save(about, {"cells": table.cells})["id"]

    return keep


def test_features_are_standardized_by_the_training_rows_and_words_have_an_input_each(kept) -> None:
    rng = np.random.default_rng(1)
    rows = [["a", "colour", "b", "kind"]]
    rows += [
        [float(rng.normal(50, 9)), ["red", "blue", "green"][k % 3], float(rng.normal(-3, 0.1)), "xy"[k % 2]] for k in range(90)
    ]
    id = kept(rows)
    task = nn.Training(nn.configure({"task": "table", "data": {"dataset": id, "test_share": 0.2}})).task
    assert task.names == ["a", "colour = blue", "colour = green", "colour = red", "b"]
    assert (len(task.x), len(task.x_test)) == (72, 18)
    np.testing.assert_allclose(task.x.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(task.x.std(axis=0), 1, atol=1e-5)
    # every row is there once, with its own class
    back = np.concatenate([task.x, task.x_test]) * task.std + task.mean
    found = {(round(float(x[0]), 3), int(k)) for x, k in zip(back, [*task.target, *task.target_test], strict=True)}
    assert found == {(round(row[0], 3), "xy".index(row[3])) for row in rows[1:]}


def test_rows_with_a_missing_cell_are_left_out_only_where_the_column_is_chosen(kept) -> None:
    rows = [["a", "b", "kind"]] + [[k * 1.1, k % 5 if k % 4 else "", "xy"[k % 2]] for k in range(1, 41)]
    id = kept(rows)
    both = nn.configure({"task": "table", "data": {"dataset": id}})
    assert nn.Training(both).task.examples + nn.Training(both).task.tests == 30
    one = nn.configure({"task": "table", "data": {"dataset": id, "features": "0"}})
    assert nn.Training(one).task.examples + nn.Training(one).task.tests == 40


def test_numbers_can_be_classes_and_keep_their_order(kept) -> None:
    id = kept([["a", "b", "class"]] + [[k, (k * k) % 13, [10, 2, 33][k % 3]] for k in range(1, 60)])
    task = nn.Training(nn.configure({"task": "table", "data": {"dataset": id, "features": "1"}})).task
    assert task.classes == ["2", "10", "33"]
    assert set(task.target) == {0, 1, 2}


@pytest.mark.parametrize(
    ("data", "field", "words"),
    [
        ({"dataset": "0123456789ab"}, "data.dataset", "bring the file again"),
        ({"dataset": "../../etc"}, "data.dataset", "dataset must be"),
        ({"target_column": 9}, "data", "columns 0 to 4"),
        ({"features": "0.4"}, "data", "not the one to learn"),
        ({"features": "0.0"}, "data", "each once"),
        ({"features": "a"}, "data.features", "features must be"),
    ],
)
def test_choices_that_do_not_fit_are_refused(data: dict, field: str, words: str, kept) -> None:
    with pytest.raises(nn.ConfigurationError, match=words) as refused:
        nn.configure({"task": "table", "data": data})
    assert refused.value.field == field


def test_a_number_is_learned_in_its_own_units(kept) -> None:
    rng = np.random.default_rng(2)
    x = rng.uniform(0, 10, 200)
    id = kept([["x", "y"]] + [[float(v), float(1000 + 3 * v)] for v in x])
    training = nn.Training(nn.configure({"task": "numbers", "data": {"dataset": id}, "steps": 600}))
    for _ in training.events():
        pass
    curve, agreement = training.picture("fitted curve"), training.picture("truth and guess")
    np.testing.assert_allclose(curve.fit, 1000 + 3 * curve.x, atol=0.7)
    np.testing.assert_allclose(agreement.truth, agreement.guess, atol=0.7)
    assert curve.axes == ["x", "y"]
    np.testing.assert_allclose(curve.points[:, 1], 1000 + 3 * curve.points[:, 0], rtol=1e-4)


def test_a_plane_of_two_chosen_features_holds_the_others_at_their_mean() -> None:
    training = nn.Training(nn.configure({"task": "table"}))
    task = training.task
    n = len(task.names)
    picture = training.picture(f"decision boundary/{1 + 1 * n + 3}")
    assert picture.axes == [task.names[1], task.names[3]]
    left, right, bottom, top = picture.extent
    # by hand: the cell in row 20, column 70
    place = np.array([left + (right - left) * 70.5 / 100, bottom + (top - bottom) * 20.5 / 100])
    row = task.mean.copy()
    row[[1, 3]] = place
    logits = training.network.predict(((row - task.mean) / task.std)[np.newaxis].astype(np.float32))[0]
    assert picture.winner[20, 70] == logits.argmax()
    values = (task.x * task.std + task.mean)[:500]
    np.testing.assert_allclose(picture.points[: len(values)], values[:, [1, 3]], rtol=1e-4)


def test_the_usual_plane_is_that_of_the_principal_components() -> None:
    training = nn.Training(nn.configure({"task": "table"}))
    x = training.task.x.astype(np.float64)
    _, spread, axes = np.linalg.svd(x, full_matrices=False)
    picture = training.picture("decision boundary")
    projected = x @ axes[:2].T
    np.testing.assert_allclose(abs(picture.points[: len(x)]), abs(projected), atol=1e-4)
    assert f"hold {100 * (spread[:2] ** 2).sum() / (spread**2).sum():.0f} %" in picture.words


CELLS = st.sampled_from(["", "1", "2.5", "-3", "1e9", "NA", "x", "y", "z", "ä", '"', "1,5", "0", "7", "inf", "1_0"])


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.lists(st.lists(CELLS, min_size=1, max_size=5), max_size=14).map(lambda rows: written(rows)),
        st.integers(1, 5)
        .flatmap(lambda n: st.lists(st.lists(CELLS, min_size=n, max_size=n), min_size=4, max_size=14))
        .map(written),
    )
)
def test_anything_at_all_is_a_table_or_is_refused_in_words(data: bytes) -> None:
    try:
        table = tables.read(data)
        found = tables.suggest(table.columns)
    except tables.TableError as error:
        assert len(str(error)) > 15
        return
    assert table.cells.shape == (len(table.cells), len(table.columns))
    target = table.columns[found["target"]]
    assert not (target.no_class if found["task"] == "table" else target.no_number)
    assert not any(table.columns[k].no_feature for k in found["features"])
    assert found["target"] not in found["features"]


def test_a_table_has_the_id_that_version_0_3_0_gave_it_and_what_that_kept_is_read(kept, tmp_path) -> None:
    rows = [
        ["size", "colour", "fruit"],
        [1.5, "red", "apple"],
        [2.5, "green", "pear"],
        [3, "red", "apple"],
        [4, "green", "pear"],
    ]
    id = kept([*rows, [5.25, "red", "plum"]])
    assert id == "f1840014591d"
    place = tmp_path / "data" / id / "about.json"
    now = place.read_text()
    place.write_text(now.replace('"std"', '"spread"'))
    assert datasets.about(tmp_path / "data", id) == json.loads(now)
    assert nn.configure({"task": "table", "data": {"dataset": id}}).data["dataset"] == id


def test_a_run_of_0_3_0_that_named_no_column_learns_the_one_it_learned_then(kept, tmp_path) -> None:
    rows = [["survived", "colour", "x"], *([k % 2, ["red", "blue", "green"][k % 3], k * k + 0.5] for k in range(30))]
    data = {"dataset": kept(rows)}
    assert nn.Training(nn.configure({"task": "table", "data": data})).task.target_place == 1, "as kept by 0.3.0: the word"
    place = tmp_path / "data" / data["dataset"] / "about.json"
    place.write_text(json.dumps({**json.loads(place.read_text()), "read_as": {}}))
    assert nn.Training(nn.configure({"task": "table", "data": data})).task.target_place == 0, "as suggested today"
