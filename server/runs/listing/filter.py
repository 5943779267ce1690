"""The language in which a person says which runs are wanted:  optimizer = Adam and (test_accuracy > 95% or has note)

    filter     := all ("or" all)*
    all        := one ("and" one)*
    one        := "not" one | "(" filter ")" | "has" name | name comparison value
    comparison := "=" | "!=" | "<" | "<=" | ">" | ">=" | "~" (contains) | "!~"
    value      := a word, a number, a percentage (95% or 95 %), a date (2026-11-01), a time ago (-2d), or anything in quotes

A name is a column's, or its last part where only one column ends so: learning_rate. Words are compared without regard to
case. A date is all of its day, and a minute all of it: = is within it, < before it, > after it, <= up to its end, >= from its
beginning on; in the time zone of who asks, whose days have 23 or 25 hours where the clock is changed. A run that has no such
value fits no comparison but != and !~, which are the opposites of = and ~.
"""

import difflib
import math
import operator
import re
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from engine import ConfigurationError

LONGEST, DEEPEST = 2000, 50
"""Characters of a filter, and how deep brackets and "not" may stand in each other."""
TOKEN = re.compile(
    r"""\s*(?:(?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<open>\()|(?P<close>\))|(?P<compare>!=|<=|>=|==|!~|[=<>~])"""
    r"""|(?P<word>[^\s()=<>~!"']+(?:\s+%(?![^\s()]))?)|(?P<strange>\S))"""
)
ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
ALL_COMPARISONS = "=, !=, <, <=, >, >=, ~ (contains) or !~"
AGO = {"m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 7 * 86_400.0}
TRUE, FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")
Test = Callable[[int], bool]
"""Tells of a row, by its place, whether it is wanted."""


class Source(Protocol):
    """What a filter is about: columns by their names, each with what it holds."""

    def resolve(self, name: str) -> str:
        """Find the column that a person means. Raises KeyError with a sentence on it."""

    def kind(self, column: str) -> str:
        """Say what a column holds: number, time, flag, words, or text."""

    def values(self, column: str) -> Sequence[Any]:
        """Give a column's values, None where a row has none."""


class FilterError(ConfigurationError):
    """A filter that is not understood: the message says the place, what came and what is allowed."""

    def __init__(self, place: int, words: str) -> None:
        super().__init__("filter", f"filter, character {place + 1}: {words}")


@dataclass(frozen=True)
class Token:
    """A word or a sign of a filter, and where it stands."""

    kind: str
    text: str
    place: int

    def is_word(self, word: str) -> bool:
        """Tell whether it is this word of the language."""
        return self.kind == "word" and self.text.lower() == word


def tokens_of(text: str) -> list[Token]:
    """Take a filter apart; the last token is its end. Raises FilterError."""
    if len(text) > LONGEST:
        raise FilterError(LONGEST, f"a filter has {LONGEST:,} characters at the most, this one has {len(text):,}")
    found, at = [], 0
    while match := TOKEN.match(text, at):
        kind = str(match.lastgroup)
        said, place, at = match[kind], match.start(kind), match.end()
        if kind == "strange":
            if said in "\"'":
                raise FilterError(place, f"a quote is opened here and never closed: {text[place : place + 30]}")
            raise FilterError(place, f"{said!r} is no part of a filter; compare with {ALL_COMPARISONS}")
        if kind == "quoted":
            said = re.sub(r"\\(.)", r"\1", said[1:-1], flags=re.DOTALL)
        found.append(Token(kind, said, place))
    return [*found, Token("end", "", len(text))]


def zone_called(name: str) -> tzinfo | None:
    """Find a time zone by its name, as Europe/Berlin, or its distance to UTC, as +01:00; None, this machine's, without a name.

    Raises ConfigurationError.
    """
    if not name:
        return None
    if found := re.fullmatch(r"([+-])(\d\d):([0-5]\d)", name):
        away = timedelta(hours=int(found[2]), minutes=int(found[3]))
        if away < timedelta(days=1):
            return timezone(-away if found[1] == "-" else away)
    else:
        with suppress(ValueError, OSError, KeyError):  # which of them depends on how little the name is one
            return ZoneInfo(name)
    raise ConfigurationError("zone", f"{name[:40]!r} is no time zone that is known here; write Europe/Berlin, or +01:00")


def parse(text: str, source: Source, zone: str = "") -> Test:
    """Make of a filter what tells which rows are wanted; an empty one wants all. Raises FilterError.

    Days are those of a time zone, which has to be known only where a day is said; of this machine's where none is named.
    """
    parser = Parser(tokens_of(text), source, zone)
    if parser.next.kind == "end":
        return lambda row: True
    wanted = parser.any_of(0)
    if parser.next.kind != "end":
        raise parser.expected('"and", "or" or the end')
    return wanted


class Parser:
    """Reads one filter from left to right, a method for each rule of the grammar."""

    def __init__(self, tokens: list[Token], source: Source, zone: str) -> None:
        self._tokens, self._source, self._zone, self._at = tokens, source, zone, 0

    @property
    def next(self) -> Token:
        """Give the token that comes next."""
        return self._tokens[self._at]

    def take(self) -> Token:
        """Go past the token that comes next."""
        self._at += 1
        return self._tokens[self._at - 1]

    def expected(self, what: str) -> FilterError:
        """Say what should stand here, and what does."""
        came = "the filter ends" if self.next.kind == "end" else f"got {self.next.text[:40]!r}"
        return FilterError(self.next.place, f"expected {what}, {came}")

    def any_of(self, depth: int) -> Test:
        """Read parts of which one has to be true."""
        return self._joined("or", self.all_of, any, depth)

    def all_of(self, depth: int) -> Test:
        """Read parts that all have to be true."""
        return self._joined("and", self.one, all, depth)

    def _joined(self, word: str, part: Callable[[int], Test], how: Callable[[Iterable[bool]], bool], depth: int) -> Test:
        parts = [part(depth)]
        while self.next.is_word(word):
            self.take()
            parts.append(part(depth))
        return parts[0] if len(parts) == 1 else lambda row: how(test(row) for test in parts)

    def one(self, depth: int) -> Test:
        """Read one condition, or what stands in brackets."""
        token = self.next
        if depth > DEEPEST:
            raise FilterError(token.place, f"brackets may stand in each other {DEEPEST} deep")
        if token.is_word("not"):
            self.take()
            inner = self.one(depth + 1)
            return lambda row: not inner(row)
        if token.kind == "open":
            self.take()
            inner = self.any_of(depth + 1)
            if self.next.kind != "close":
                raise self.expected('")"')
            self.take()
            return inner
        if token.is_word("has"):
            self.take()
            values = self._source.values(self.column())
            return lambda row: bool(values[row]) or values[row] == 0
        return self.comparison()

    def column(self) -> str:
        """Read the name of a column."""
        if self.next.kind not in ("word", "quoted"):
            raise self.expected("the name of a column")
        token = self.take()
        try:
            return self._source.resolve(token.text)
        except KeyError as error:
            raise FilterError(token.place, str(error.args[0])) from None

    def comparison(self) -> Test:
        """Read a name, how it is compared, and with what."""
        column = self.column()
        if self.next.kind != "compare":
            raise self.expected(f"a comparison after {column}: {ALL_COMPARISONS}")
        sign = self.take()
        if self.next.kind not in ("word", "quoted"):
            raise self.expected(f"a value after {column} {sign.text}")
        return compared(column, sign, self.take(), self._source, self._zone)


def compared(column: str, sign: Token, value: Token, source: Source, zone: str) -> Test:
    """Make the test of one comparison. Raises FilterError where the column does not hold such values."""
    values, kind, how = source.values(column), source.kind(column), sign.text.replace("==", "=")
    if how.startswith("!"):
        same = compared(column, Token("compare", how[1:], sign.place), value, source, zone)
        return lambda row: not same(row)
    if how == "~":
        part = value.text.casefold()
        return lambda row: any(part in one.casefold() for one in texts(values[row]))
    if kind in ("number", "time"):
        first, last = read_time(column, value, zone) if kind == "time" else [read_number(column, value)] * 2
        if how == "=":
            return lambda row: isinstance(values[row], (int, float)) and first <= values[row] <= last
        compare, edge = ORDERS[how], last if how in ("<=", ">") else first
        return lambda row: isinstance(values[row], (int, float)) and compare(values[row], edge)
    if how != "=":
        raise FilterError(
            sign.place, f"{column} holds {'flags' if kind == 'flag' else 'words'}: compare it with =, !=, ~ or !~"
        )
    if kind == "flag":
        wanted = read_flag(column, value)
        return lambda row: values[row] is wanted
    word = value.text.casefold()
    return lambda row: any(word == one.casefold() for one in texts(values[row]))


def texts(cell: Any) -> Iterable[str]:
    """Give the words of a cell."""
    return () if cell is None else cell if isinstance(cell, tuple) else (str(cell),)


def read_number(column: str, value: Token) -> float:
    """Read a number, or a percentage as a part of 1. Raises FilterError."""
    try:
        is_share = value.text.endswith("%")  # in tenths, so that 97.3% is what 0.973 is
        number = float(Decimal(value.text[:-1]).scaleb(-2)) if is_share else float(value.text)
        if not math.isfinite(number):
            raise ValueError(value.text)
        return number
    except (ValueError, ArithmeticError):
        raise FilterError(value.place, f"{column} is a number, got {value.text[:40]!r}; write 0.95, 1e-3 or 95%") from None


def read_time(column: str, value: Token, zone: str) -> tuple[float, float]:
    """Read a date, with a time of day or without, or how long ago: its first and last moment, by the clocks of a zone.

    Where a clock is set back, an hour comes twice, and a minute in it is both; where it is put forward, the hour that is
    passed over is read as if it were not. Raises FilterError.
    """
    if found := re.fullmatch(r"-(\d{1,9}(?:\.\d{1,9})?)([mhdw])", value.text):
        begin = time.time() - float(found[1]) * AGO[found[2]]
        return begin, begin
    try:
        first = datetime.fromisoformat(value.text)
        last = first.replace(second=first.second or 59, microsecond=first.microsecond or 999_999)
        with suppress(ValueError):
            date.fromisoformat(value.text)
            last = last.replace(hour=23, minute=59)
        if first.tzinfo is None:
            first, last = (moment.replace(tzinfo=zone_called(zone)) for moment in (first, last))
        begin, end = first.timestamp(), last.timestamp()
        with suppress(ValueError):  # at the end of time there is no hour after it to look into
            end = max(end, last.replace(fold=1).timestamp())
        return begin, end
    except ConfigurationError:
        raise
    except (ValueError, OverflowError, OSError):
        words = f'{column} is a time, got {value.text[:40]!r}; write 2026-11-01, "2026-11-01 17:30", or -2d (m, h, d, w)'
        raise FilterError(value.place, words) from None


def read_flag(column: str, value: Token) -> bool:
    """Read true or false. Raises FilterError."""
    word = value.text.lower()
    if word not in (*TRUE, *FALSE):
        raise FilterError(value.place, f"{column} is true or false, got {value.text[:40]!r}")
    return word in TRUE


def nearest(name: str, known: Iterable[str]) -> str:
    """Say which names are nearly this one, and where all of them are."""
    found = difflib.get_close_matches(name, list(known), 3, 0.6)
    return (f"did you mean {', '.join(found)}? " if found else "") + "GET /api/runs/columns lists all"
