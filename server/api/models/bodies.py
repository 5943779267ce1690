"""How the body of a request is read as JSON, and what is said of one that is none."""

import json
import re
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

MOST_DEPTH = 64
"""How deep lists and objects may stand in each other: a network of layers inside layers needs far less."""
HALF = re.compile(r"\\u[dD][89a-fA-F]")
"""Half of a character that is written as two: where it stands in a body, each half may lack the other."""
NAME = re.compile(r'"((?:[^"\\]|\\.){1,60})"\s*:')


class UnfitError(HTTPException):
    """A body that is no JSON, or holds what cannot be read; the message names the field in a person's words."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(422, message)
        self.field = field


class LongNumber(int):
    """A number of more digits than Python reads: larger than any limit, and shown by how long it is."""

    digits = 0
    __module__ = "builtins"  # a number to pydantic too, which would take it for an object whose attributes are the fields

    def __new__(cls, digits: str) -> "LongNumber":
        """Stand for the number, without the time that reading it would take."""
        number = super().__new__(cls, -(10**400) if digits.startswith("-") else 10**400)
        number.digits = len(digits.lstrip("-"))
        return number

    def __repr__(self) -> str:
        """Say how long it is."""
        return f"a number of {self.digits:,} digits"

    def __format__(self, how: str) -> str:
        """Say the same, whatever form is asked for."""
        return repr(self)


class JSONRequest(Request):
    """A request whose body is read by this program's rules."""

    async def json(self) -> Any:
        """Read the body. Raises UnfitError."""
        return read_json(await self.body())


class JSONRoute(APIRoute):
    """A call whose body is read by this program's rules."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Hand FastAPI a request that reads its body so."""
        handle = super().get_route_handler()

        async def handle_json(request: Request) -> Response:
            return await handle(JSONRequest(request.scope, request.receive))

        return handle_json


def read_json(body: bytes) -> Any:
    """Read JSON in UTF-8, of which every text can be written again and no part is too deep. Raises UnfitError."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = body[: error.start].decode("utf-8-sig")
        raise UnfitError(f"the body is no text in UTF-8, {place(before)}") from None
    try:
        said = parsed(text)
    except json.JSONDecodeError as error:
        words = f"{error.msg[0].lower()}{error.msg[1:]}"
        raise UnfitError(f"the body is no JSON: {words}, {place(text[: error.pos])}") from None
    except RecursionError:
        raise too_deep("") from None
    for field, part in said.items() if isinstance(said, dict) else [("", said)]:
        if depth(part) > MOST_DEPTH:
            raise too_deep(field)
    if HALF.search(text):
        for field, words in texts(said, ""):
            if whole(words) != words:
                raise UnfitError(
                    f'{whole(field) or "the body"}: "{whole(words[:60])}" holds half of a character', whole(field) or None
                )
    return said


def parsed(text: str) -> Any:
    """Read JSON; numbers of thousands of digits, which Python refuses to read, are read as what they are: too large."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        raise
    except ValueError:
        return json.loads(text, parse_int=whole_number)


def place(before: str) -> str:
    """Say where a person finds what comes after this text: the line, the place in it, and the name that stands before."""
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    named = NAME.findall(before[-10_000:])
    return f"at line {line:,}, character {column:,}" + (f', after "{whole(named[-1])}"' if named else "")


def whole_number(digits: str) -> int:
    """Read a whole number; one that Python would not read stands for itself by how long it is."""
    return LongNumber(digits) if len(digits) > 400 else int(digits)


def too_deep(field: str) -> UnfitError:
    """Say that there are too many brackets."""
    return UnfitError(
        f"{whole(field) or 'the body'}: lists and objects may stand in each other {MOST_DEPTH} deep, these go deeper",
        whole(field) or None,
    )


def depth(value: Any) -> int:
    """Count how deep lists and objects stand in each other; it may be very deep."""
    found, level = 0, [value]
    while level := [one for one in level if isinstance(one, (dict, list))]:
        found += 1
        level = [part for one in level for part in (one.values() if isinstance(one, dict) else one)]
    return found


def texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Go through all texts, the names of fields among them, each with its path."""
    if isinstance(value, str):
        yield path, value
    for name, part in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        inner = f"{path}.{name}".lstrip(".")
        if isinstance(name, str):
            yield path, name
        yield from texts(part, inner)


def whole(text: str) -> str:
    """Write half a character as what it was written as, so that the text can be sent."""
    return text.encode("utf-8", "backslashreplace").decode()
