"""Tables in text that says its own columns: ARFF, and JSON with one object for each row."""

import csv
import datetime
import decimal
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from engine.data.tables.column import TableError, written
from engine.data.tables.layout import Row
from engine.data.tables.source import Source
from engine.data.tables.text import Lines, Text

MOST_ARRAY = 16 << 20
"""Bytes of an array of objects, which has to be read as a whole."""
DEEPEST = 3
"""Objects within objects that are taken apart."""
MOST_KEYS = 1_000
"""Different names that the objects of a file may have."""


def is_arff(text: Text) -> bool:
    """Tell whether a text is a table in Weka's format."""
    said = (line.strip() for line in text.open().read(20_000).splitlines())
    first = next((line for line in said if line and not line.startswith("%")), "")
    return re.match(r"@relation\b", first, re.IGNORECASE) is not None


def arff(text: Text) -> Source:
    """Read the names in an ARFF file's head; its rows are what follows @data."""
    names, begin = [], 0
    for line in Lines(text):
        begin += 1
        if found := re.match(r"\s*@attribute\s+('(?:[^'\\]|\\.)*'|\"[^\"]*\"|\S+)", line, re.IGNORECASE):
            names.append(found[1].strip("'\""))
        elif re.match(r"\s*@data\b", line, re.IGNORECASE):
            break
    if len(names) < 2:
        raise TableError("the ARFF file names fewer than two attributes; save the table as CSV")

    def rows() -> Iterator[Row]:
        source = Lines(text, begin)
        quote = "'" if "'" in text.open().read(20_000) else '"'
        plain = (line for line in source if line.strip() and not line.lstrip().startswith("%"))
        reader = csv.reader(plain, quotechar=quote, escapechar="\\", skipinitialspace=True)
        for k, row in enumerate(reader, begin + 1):
            source.end_row()
            if row and row[0].lstrip().startswith("{"):
                raise TableError("the ARFF file is a sparse one; export it as CSV")
            yield k, row

    return Source(rows, text.lines, "comma", text.encoding, names=names, notes=text.notes, said={"format": "arff"})


def is_json(text: Text) -> bool:
    """Tell whether a text is JSON: objects, one in a line, or an array of them."""
    begin = text.open().read(2_000).lstrip()
    return re.match(r"\{\s*\"|\[\s*\{\s*\"", begin) is not None


def json_lines(text: Text) -> Source:
    """Read objects, one in a line or all in an array; their names are the columns, in the order in which they come."""
    whole = whole_json(text)
    names: dict[str, None] = {}
    for _, found in objects(text, whole):
        names.update(dict.fromkeys(found))
        if len(names) > MOST_KEYS:
            raise TableError(f"the objects have more than {MOST_KEYS:,} different names; save the table as CSV")
    if len(names) < 2:
        raise TableError("the objects have fewer than two names; a network needs one to read and one to learn")

    def rows() -> Iterator[Row]:
        for line, found in objects(text, whole):
            yield line, [cell_of(found.get(name)) for name in names]

    expected = text.lines if whole is None else len(whole)
    return Source(rows, expected, "comma", text.encoding, names=list(names), notes=text.notes, said={"format": "json"})


def whole_json(text: Text) -> list[dict[str, Any]] | None:
    """Read JSON that is one value: an array of objects, or one object that holds a table; None where each line is one."""
    begin = text.open().read(2_000).lstrip()
    if begin[0] == "{":
        with suppress(ValueError, RecursionError):
            first = next(Lines(text))
            if isinstance(json.loads(first), dict) and text.lines > 1:
                return None  # the first line is an object of its own
    if len(text.data) > MOST_ARRAY:
        raise TableError(f"a JSON array may have {MOST_ARRAY >> 20} MB; save it with one object in each line, or as CSV")
    try:
        read = json.load(text.open())
    except (ValueError, RecursionError) as error:
        if begin[0] == "{":
            return None  # whose first line that is none will be named
        raise TableError(f"the JSON cannot be read: {error}; save the table as CSV") from None
    return [one for one in read if isinstance(one, dict)] if isinstance(read, list) else objects_in(read)


def objects_in(read: dict[str, Any]) -> list[dict[str, Any]]:
    """Find the table in one object: lists of objects, or columns as pandas writes them. Raises TableError."""
    if isinstance(columns := read.get("columns"), list) and isinstance(data := read.get("data"), list):
        return [dict(zip(map(str, columns), row, strict=False)) for row in data if isinstance(row, list)]
    lists = [value for value in read.values() if isinstance(value, list) and value and isinstance(value[0], dict)]
    if lists:
        return [one for one in max(lists, key=len) if isinstance(one, dict)]
    columns = {name: value for name, value in read.items() if isinstance(value, (dict, list)) and len(value) > 1}
    if len(columns) > 1 and len({len(value) for value in columns.values()}) == 1:
        cells = [list(value.values()) if isinstance(value, dict) else value for value in columns.values()]
        return [dict(zip(columns, row, strict=True)) for row in zip(*cells, strict=True)]
    inner = [objects_in(value) for value in read.values() if isinstance(value, dict) and value]
    if found := max(inner, key=len, default=[]):
        return found
    raise TableError("the JSON is one object, and no list of rows was found in it; save the table as CSV")


def objects(text: Text, whole: list[dict[str, Any]] | None) -> Iterator[tuple[int, dict[str, Any]]]:
    """Give the objects of a text, each with its line or its number; what lies in an object within has both names."""
    if whole is not None:
        yield from ((k, flat(one)) for k, one in enumerate(whole, 1))
        return
    source = Lines(text)
    for k, line in enumerate(source, 1):
        source.end_row()
        if not line.strip():
            continue
        try:
            one = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise TableError(f"line {k:,} is no JSON object ({error}); there has to be one in each line") from None
        if isinstance(one, dict):
            yield k, flat(one)


def flat(one: dict[str, Any], depth: int = 0) -> dict[str, Any]:
    """Put what lies in objects within beside the rest: {"place": {"x": 1}} is {"place.x": 1}."""
    found: dict[str, Any] = {}
    for name, value in one.items():
        if isinstance(value, dict) and value and depth < DEEPEST:
            found |= {f"{name}.{inner}": cell for inner, cell in flat(value, depth + 1).items()}
        else:
            found[name] = value
    return found


def cell_of(value: Any) -> str:
    """Write a value that knows what it is as a CSV would; a number so that its dot is not taken for one of thousands."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, decimal.Decimal):
        value = float(value)
    if isinstance(value, float):
        text = written(value)
        return f"{text}0" if re.fullmatch(r"-?\d+\.\d{3}", text) else text
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ").removesuffix(" 00:00:00")
    if isinstance(value, datetime.timedelta):
        return written(value.total_seconds() / 3600)
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)
