"""Tables that are too much: reading is bounded in rows, cells and the length of a row, and can be ended."""

import tracemalloc

import pytest

from engine.data import tables
from engine.data.tables import column, reading, text
from tests.memory import measure, measured

MiB = 1 << 20
READ = "from engine.data import tables; tables.reading.MOST_READ = 20_000_000"


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_every_line_end_counts(end: str, encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file with \\r line ends knew no limit of rows: 16 MB took 1,010 MB and 300 s."""
    monkeypatch.setattr(reading, "MOST_ROWS", 10_000)
    number = 2 * reading.MOST_ROWS + 1
    table = tables.read(("größe,b" + end + f"1,x{end}2,y{end}" * (number // 2)).encode(encoding))
    assert len(table.cells) == reading.MOST_ROWS
    drawn = f"{len(table.cells):,} of them were drawn at random, one of each 2."
    assert table.notes[-1] == f"The file has {number - 1:,} rows; {drawn}"


def test_a_line_end_between_two_pieces_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    data = "ä,b\r\nc,d\re,f\n\r\n".encode()
    for size in range(1, len(data) + 1):
        monkeypatch.setattr(text, "PIECE", size)
        assert text.count_lines(data, "utf-8-sig", lambda: None) == 4


def test_the_first_byte_that_is_no_utf_8_is_named_wherever_pieces_end(monkeypatch: pytest.MonkeyPatch) -> None:
    data = "a;ä\n".encode() * 5 + b"b;\xe4\xfc\n" + b"1;2\n" * 9
    said = {text.decode(data).notes[0]}
    for size in range(1, len(data) + 1):
        monkeypatch.setattr(text, "PIECE", size)
        said.add(text.decode(data).notes[0])
    assert len(said) == 1
    assert "(byte 27)" in said.pop()


@measured
@pytest.mark.parametrize(
    ("data", "words", "most"),
    [
        (b"," * (30 * MiB), "more than 1,000,000 characters", 20),
        (b'"\n",' * (8 * MiB), "more than 1,000,000 characters", 20),
        ((b"1" + b"," * 900_000 + b"\n") * 30, "more than 20,000,000 cells", 60),
        (b"a,b,c\r" + b"1,2,3\r" * (2 * MiB), "taken", 60),
    ],
    ids=["one line of commas", "one row of quoted line ends", "lines of commas", "\\r"],
)
def test_a_table_takes_little_more_than_its_file(data: bytes, words: str, most: int) -> None:
    said, grown = measure(READ, "tables.read(data)", data)
    assert words in said
    assert grown < most * MiB


def test_of_more_cells_than_are_kept_every_other_row_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = b"a,b\n" + b"".join(b"%d,%s\n" % (k, b"xy"[k % 2 :][:1]) for k in range(1, 60))
    monkeypatch.setattr(reading, "MOST_CELLS", 118)
    assert len(tables.read(rows).cells) == 59
    monkeypatch.setattr(reading, "MOST_CELLS", 117)
    table = tables.read(rows)
    assert ((table.cells[:, 0] - 1) // 2).tolist() == list(range(30)), "one of each two"
    assert set((table.cells[:, 0] % 2).tolist()) == {0, 1}, "drawn, so not always the same one"
    assert table.notes == ["The file has 59 rows; 30 of them were drawn at random, one of each 2."]


def test_the_limits_are_these() -> None:
    assert (tables.MOST_ROWS, tables.MOST_COLUMNS, tables.MOST_CELLS) == (100_000, 1_000, 2_000_000)
    assert (tables.MOST_READ, text.MOST_LINE, reading.LONGEST) == (60_000_000, 1_000_000, 200)
    assert (tables.MOST_CLASSES, tables.MOST_WORDS, column.MOST_LISTED, reading.SAMPLE) == (200, 20, 200, 8)


def test_two_hundred_classes_are_learned_and_one_more_is_refused_with_what_is_allowed() -> None:
    def table(classes: int, name: str = "kind", rows: int = 1200) -> tables.Table:
        lines = [f"{name},a,b", *(f"{name}{k % classes:03},{k % classes}.{k % 7},{k % 5}.5" for k in range(rows))]
        return tables.read("\n".join(lines).encode())

    most = table(200)
    suggested = tables.suggest(most.columns, 1200)
    assert (suggested["task"], suggested["target"], most.columns[0].no_class) == ("table", 0, "")
    assert len(most.columns[0].values) == 200
    one_more = table(201)
    assert one_more.columns[0].no_class == "it has 201 different values, at most 200 can be classes"
    assert tables.suggest(one_more.columns, 1200)["target"] == 2
    # a word in nearly every row is learned where a person asks for it, and not as a matter of course
    few = table(151, rows=300)
    assert few.columns[0].no_class.startswith("it has 151 different values in 300 rows; more than 30 are classes where each")
    few = table(100, rows=300)
    assert few.columns[0].no_class == ""
    assert tables.suggest(few.columns, 300)["target"] == 2


def test_many_whole_numbers_are_a_number_to_learn_whatever_they_are_called() -> None:
    lines = ["x,y", *(f"{k % 11}.5,{k % 60}" for k in range(600))]
    table = tables.read("\n".join(lines).encode())
    assert tables.suggest(table.columns, 600)["task"] == "numbers"
    assert table.columns[1].no_class == "", "and may be classes"


def test_a_row_and_all_cells_have_a_limit_each(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = b"a,b\n" + b'"1\n2",x\n' * 9
    monkeypatch.setattr(text, "MOST_LINE", 8)
    monkeypatch.setattr(reading, "MOST_READ", 18)
    assert len(tables.read(rows).cells) == 9
    monkeypatch.setattr(text, "MOST_LINE", 7)
    with pytest.raises(tables.TableError, match="a row has more than 7 characters"):
        tables.read(rows)
    monkeypatch.setattr(text, "MOST_LINE", 8)
    monkeypatch.setattr(reading, "MOST_READ", 17)
    with pytest.raises(tables.TableError, match="more than 17 cells, at line 19"):
        tables.read(rows)


def test_it_is_asked_at_every_piece_whether_reading_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "PIECE", 100)
    asked: list[int] = []
    text.decode(b"a,b\n" * 250, check=lambda: asked.append(1))
    assert len(asked) == 10


def test_of_a_row_with_too_many_cells_only_the_first_are_kept() -> None:
    data = (b"x," * 4_999 + b"x\n") * 200
    tracemalloc.start()
    try:
        with pytest.raises(tables.TableError, match="no column can be learned"):
            tables.suggest(tables.read(data, "comma").columns)
        assert tracemalloc.get_traced_memory()[1] < 12 * MiB
    finally:
        tracemalloc.stop()


def test_reading_can_be_ended_at_any_question() -> None:
    class GoneError(Exception):
        pass

    data, asked = b"a,b\n" + b"1,x\n2,y\n" * 2000, []
    tables.read(data, check=lambda: asked.append(1))
    assert len(asked) > 6  # pieces, thousands of rows, columns
    for last in range(1, len(asked) + 1):
        left = iter(range(last - 1))

        def check(left=left) -> None:
            if next(left, None) is None:
                raise GoneError

        with pytest.raises(GoneError):
            tables.read(data, check=check)


LONG = {
    "libsvm": b"+1 3:0.5 7:2\n-1 1:0.25\n" * 2000,
    "fixed": b"old man   12     3\nboy              4\n" * 2000,
    "arff": b"@relation r\n" + b"% one\n" * 4000 + b"@attribute a numeric\n@attribute b numeric\n@data\n1,2\n",
    "json": b'{"a": 1, "b": 2}\n' * 4000,
    "page": b"<table>" + b"<tr><td>1<td>2\n" * 20_000,
    "turned": b"a,1,2\nb,3,4\n" * 2000,
}


@pytest.mark.parametrize("kind", LONG)
def test_a_first_pass_over_a_whole_file_can_be_ended(kind: str) -> None:
    asked: list[int] = []
    how = reading.Reading(examples="columns") if kind == "turned" else reading.Reading()
    source = reading.source_of(text.decode(LONG[kind], check=lambda: asked.append(1)), how)
    if kind == "turned":
        reading.turning.oriented(source, "columns")
    else:
        assert kind in (source.separator, source.said.get("format"))
    assert len(asked) >= 1 + 4  # the one piece, and four thousand lines


@pytest.mark.parametrize("data", [b"\xef\xbb\xbf", b"\xff\xfe\n\0", b"\xc2\xa0\n", b"\xc2\x85", b"\n" * 200_000 + b"a,b\n"])
def test_a_file_that_only_looks_as_if_it_held_something_is_called_empty(data: bytes) -> None:
    with pytest.raises(tables.TableError, match="empty"):
        tables.read(data)
