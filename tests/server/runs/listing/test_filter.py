"""The filter's language: what is wanted of a few rows, and how every mistake is named."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import ConfigurationError
from server.runs.listing.filter import DEEPEST, LONGEST, FilterError, Token, parse, read_number, read_time

NOW = time.time()
ROWS: dict[str, tuple[str, list[Any]]] = {
    "name": ("text", ["sine", "My Sine", None, "über"]),
    "optimizer": ("choice", ["Adam", "SGD", "Adam", None]),
    "accuracy": ("number", [0.5, 0.96, 1, None]),
    "nesterov": ("flag", [None, True, None, False]),
    "tags": ("words", [("good", "for class"), ("good",), None, None]),
    "created": ("time", [NOW - 3600, NOW - 3 * 86400, 30.0, NOW]),
}


class Rows:
    """Columns as they stand above."""

    def resolve(self, name: str) -> str:
        if name not in ROWS:
            raise KeyError(f"there is no {name}")
        return name

    def kind(self, column: str) -> str:
        return ROWS[column][0]

    def values(self, column: str) -> Sequence[Any]:
        return ROWS[column][1]


def wanted(text: str) -> list[int]:
    test = parse(text, Rows())
    return [row for row in range(4) if test(row)]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", [0, 1, 2, 3]),
        ("optimizer = adam", [0, 2]),
        ("optimizer != Adam", [1, 3]),
        ("accuracy > 95%", [1, 2]),
        ("(accuracy > 95 %) and optimizer != none", [1, 2]),  # as the page writes it
        ("accuracy>=0.96 and accuracy<1", [1]),
        ("not accuracy > 0.9", [0, 3]),
        ("accuracy = 1 or optimizer=SGD and nesterov = yes", [1, 2]),
        ("(accuracy = 1 or optimizer = SGD) and nesterov = true", [1]),
        ("nesterov = off", [3]),
        ("name ~ SINE", [0, 1]),
        ("name !~ sine", [2, 3]),
        ('name = "my sine"', [1]),
        ("name = 'ÜBER'", [3]),
        ("has name and has accuracy", [0, 1]),
        ("not has tags", [2, 3]),
        ("tags = good", [0, 1]),
        ('tags = "for class"', [0]),
        ("tags != good", [2, 3]),
        ("created > -2d", [0, 3]),
        ("created < -2d and created > 1971-01-01", [1]),
        (f"created = {datetime.fromtimestamp(0):%Y-%m-%d}", [2]),
        (f'created != "{datetime.fromtimestamp(0):%Y-%m-%d %H:%M}"', [0, 1, 3]),
        (f'created = "{datetime.fromtimestamp(60):%Y-%m-%d %H:%M}"', []),
        (f"created <= {datetime.fromtimestamp(0):%Y-%m-%d}", [2]),
        (f"created > {datetime.fromtimestamp(0):%Y-%m-%d}", [0, 1, 3]),
        (f"created >= {datetime.fromtimestamp(0):%Y-%m-%d} and created < -2d", [1, 2]),
        (f"created < {datetime.fromtimestamp(0):%Y-%m-%d}", []),
        ("created < 9999-12-31 and not created = -2d", [0, 1, 2, 3]),
        ("NOT Has name OR accuracy=.5", [0, 2]),
        ("not (not (optimizer == Adam))", [0, 2]),
    ],
)
def test_the_wanted_rows_are_found(text: str, rows: list[int]) -> None:
    assert wanted(text) == rows


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("accuracy", 9, "expected a comparison after accuracy: =, !="),
        ("accuracy >", 11, "expected a value after accuracy >, the filter ends"),
        ("accuracy > much", 12, "accuracy is a number, got 'much'; write 0.95"),
        ("accuracy > nan", 12, "is a number"),
        ("accuracy > nan%", 12, "is a number"),
        ("accuracy > 1e999999%", 12, "is a number"),
        ("colour = red", 1, "there is no colour"),
        ("optimizer < Adam", 11, "optimizer holds words"),
        ("nesterov = perhaps", 12, "true or false, got 'perhaps'"),
        ("created > soon", 11, "created is a time, got 'soon'; write 2026-11-01"),
        ("(accuracy > 1", 14, 'expected ")", the filter ends'),
        ("accuracy > 1)", 13, 'expected "and", "or" or the end, got \')\''),
        ("accuracy > 1 name = x", 14, "got 'name'"),
        ("and", 1, "there is no and"),
        ("has", 4, "expected the name of a column, the filter ends"),
        ('name = "open', 8, "a quote is opened here and never closed"),
        ("name ! x", 6, "'!' is no part of a filter; compare with ="),
        ("not " * (DEEPEST + 2) + "has name", 4 * (DEEPEST + 1) + 1, "deep"),
        ("x" * (LONGEST + 1), LONGEST + 1, "2,000 characters at the most"),
    ],
)
def test_a_mistake_is_named_with_its_place(text: str, place: int, words: str) -> None:
    with pytest.raises(FilterError) as refused:
        wanted(text)
    assert refused.value.field == "filter"
    assert words in str(refused.value)
    assert str(refused.value).startswith(f"filter, character {place}: ")


def test_a_share_in_tenths_of_a_per_cent_is_the_number_that_it_says() -> None:
    values = [read_number("accuracy", Token("word", f"{k / 10}%", 0)) for k in range(1001)]
    assert values == [k / 1000 for k in range(1001)]


@given(
    st.lists(
        st.sampled_from(
            [
                *ROWS,
                "and",
                "or",
                "not",
                "has",
                "(",
                ")",
                "=",
                "<",
                "!~",
                "~",
                "95%",
                "-2d",
                "x",
                '"',
                "'",
                "\\",
                "1e999",
                "9" * 500,
            ]
        ),
        max_size=12,
    ).map(" ".join)
    | st.text(max_size=30)
)
@settings(max_examples=60, deadline=None, derandomize=True, database=None)
def test_any_text_is_a_filter_or_refused_in_words(text: str) -> None:
    try:
        wanted(text)
    except FilterError as error:
        assert len(str(error)) > 20


def moments(text: str, zone: str) -> list[str]:
    """Give the first and the last moment of what a filter calls a time, to the minute, as UTC has it."""
    both = read_time("created", Token("word", text, 0), zone)
    return [f"{datetime.fromtimestamp(moment, UTC):%m-%d %H:%M}" for moment in both]


@pytest.mark.parametrize(
    ("text", "zone", "first", "last"),
    [
        ("2026-07-01", "Europe/Berlin", "06-30 22:00", "07-01 21:59"),
        ("2026-07-01", "America/New_York", "07-01 04:00", "07-02 03:59"),
        ("2026-07-01", "+05:30", "06-30 18:30", "07-01 18:29"),
        ("2026-07-01", "-03:00", "07-01 03:00", "07-02 02:59"),
        ("2026-03-29", "Europe/Berlin", "03-28 23:00", "03-29 21:59"),  # 23 hours
        ("2026-10-25", "Europe/Berlin", "10-24 22:00", "10-25 22:59"),  # 25 hours
        ("2026-10-25 02:30", "Europe/Berlin", "10-25 00:30", "10-25 01:30"),  # comes twice
        ("2026-03-29 02:30", "Europe/Berlin", "03-29 01:30", "03-29 01:30"),  # never comes
        ("2018-11-04", "America/Sao_Paulo", "11-04 03:00", "11-05 01:59"),  # has no midnight
        ("2018-02-17", "America/Sao_Paulo", "02-17 02:00", "02-18 02:59"),  # 23:59 comes twice
        ("2026-07-01T12:00+02:00", "Asia/Tokyo", "07-01 10:00", "07-01 10:00"),  # says it itself
    ],
)
def test_a_day_is_one_of_the_time_zone_of_who_asks(text: str, zone: str, first: str, last: str) -> None:
    assert moments(text, zone) == [first, last]


def test_a_day_ends_where_the_next_one_begins(zone: str = "Europe/Berlin") -> None:
    day = datetime(2026, 1, 1)
    ends = [read_time("created", Token("word", f"{day + timedelta(days=k):%Y-%m-%d}", 0), zone) for k in range(366)]
    assert all(0 < after[0] - before[1] < 1e-5 for before, after in pairwise(ends))


@pytest.mark.parametrize("zone", ["Mars", "Europe", "../etc/passwd", "/etc/localtime", "+24:00", "1:00", "\0"])
def test_a_zone_that_is_not_known_is_refused_where_a_day_is_asked_for(zone: str) -> None:
    with pytest.raises(ConfigurationError, match="is no time zone that is known here; write Europe/Berlin") as refused:
        parse("created > 2026-07-01", Rows(), zone)
    assert refused.value.field == "zone"
    assert parse("optimizer = Adam", Rows(), zone)(0)
