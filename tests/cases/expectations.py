"""What is right for a file as people have it, beside what the server says of it: `expected.json` and how it reads."""

import json
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

CASES = Path(__file__).parent
EXPECTED: dict[str, dict[str, Any]] = json.loads((CASES / "expected.json").read_text(encoding="utf-8"))
"""By "folder/file": the status that the answer has to have (201 unless it is said), and what has to be true of it."""


def differences(expected: dict[str, Any], status: int, answer: dict[str, Any]) -> list[str]:
    """Say what of the answer is not as it has to be."""
    ways = [list(_differences({**expected, **way}, status, answer)) for way in expected.get("either", [{}])]
    if not all(ways):
        return []
    return ways[0] if len(ways) == 1 else [f"neither of {len(ways)}: " + " | ".join("; ".join(way) for way in ways)]


def _differences(expected: dict[str, Any], status: int, answer: dict[str, Any]) -> Iterator[str]:
    wanted = expected.get("status", 201)
    if wanted != status:
        yield f"status {status}, not {wanted}: {answer.get('error', {}).get('message', '')[:200]}"
        return
    if status != 201:
        message = answer["error"]["message"]
        yield from (
            f"the message has none of {group}: {message}" for group in expected.get("message", []) if lacks(message, group)
        )
        return
    said = " ".join(answer["notes"])
    yield from (f"none of {group} is said: {said}" for group in expected.get("say", []) if lacks(said, group))
    yield from (f"{word!r} is said: {said}" for word in expected.get("never", []) if word in said)
    for name in ("rows", "width", "class_count"):
        if name in expected and value_of(answer, name) not in one_or_more(expected[name]):
            yield f"{name}: {value_of(answer, name)}, not {expected[name]}"
    if answer["kind"] == "table":
        yield from of_columns(expected, answer)
    if "classes" in expected and sorted(classes_of(answer)) != sorted(expected["classes"]):
        yield f"classes: {classes_of(answer)}, not {expected['classes']}"


def of_columns(expected: dict[str, Any], answer: dict[str, Any]) -> Iterator[str]:
    columns, suggestion = answer["columns"], answer["suggestion"]
    names = [column["name"] for column in columns]
    read = [names[k] for k in suggestion["features"]]
    for field, part in (("columns", names), ("first_columns", names), ("last_columns", names)):
        if field in expected:
            wanted = expected[field]
            here = {"columns": part, "first_columns": part[: len(wanted)], "last_columns": part[-len(wanted) :]}[field]
            if here != wanted:
                yield f"{field}: {here}, not {wanted}"
    if expected.get("different_names") and len({unicodedata.normalize("NFC", name) for name in names}) < len(names):
        yield f"names that are alike: {names}"
    for field, key in (("kinds", "kind"), ("means", "mean"), ("missing", "missing")):
        for pattern, wanted in expected.get(field, {}).items():
            fitting = [column for column in columns if is_called(column["name"], pattern)]
            if not fitting:
                yield f"no column {pattern}: {names}"
            for column in fitting:
                if not is_value(column[key], wanted):
                    yield f"{field}: {column['name']} has {column[key]}, not {wanted}"
    for pattern in expected.get("read", []):
        if not any(is_called(name, pattern) for name in read):
            yield f"{pattern} is not read, but {read}"
    for name in expected.get("left", []):
        if name in read:
            yield f"{name} is read"
    if name := expected.get("say_or_read"):
        column = columns[names.index(name)]
        if name not in read and not column["no_feature"] and not column.get("left_out"):
            yield f"{name} is left out without a reason"
    if "target" in expected and names[suggestion["target"]] not in one_or_more(expected["target"]):
        yield f"target: {names[suggestion['target']]}, not {expected['target']}"
    wanted_task = expected.get("task") or ("table" if "classes" in expected else None)
    if wanted_task and suggestion["task"] != wanted_task:
        yield f"task: {suggestion['task']}, not {wanted_task}"


def classes_of(answer: dict[str, Any]) -> list[str]:
    return answer["classes"] if answer["kind"] == "images" else answer["columns"][answer["suggestion"]["target"]]["values"]


def value_of(answer: dict[str, Any], name: str) -> int:
    values = {"rows": lambda: answer["rows"], "width": lambda: len(answer["columns"])}
    return values.get(name, lambda: len(classes_of(answer)))()


def one_or_more(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [value]


def is_called(name: str, pattern: str) -> bool:
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern


def is_value(value: Any, wanted: Any) -> bool:
    return value in one_or_more(wanted) or (isinstance(wanted, float) and value is not None and abs(value - wanted) < 1e-4)


def lacks(text: str, group: Sequence[str]) -> bool:
    return not any(word in text for word in group)
