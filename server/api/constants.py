"""What the page must know of the server and the engine, as a JavaScript module:  python -m server.api.constants  writes it.

What depends on a server's settings is not here but in the catalog.
"""

import json
from pathlib import Path
from textwrap import wrap
from typing import Any

from engine.data import drawings
from engine.data.centring import PENS
from engine.data.tables import ENCODINGS
from engine.pictures.colours import CLASS_COLOURS
from engine.pictures.layers import MOST_UNITS
from server.api.models.requests import MOST_PLACES
from server.api.pages import DELETED, FLOODED
from server.history.exports import EXPORTS
from server.lessons.lesson_file import PARTS, PLACES
from server.runs.status import ACTIVE, ENDED, REOPENABLE, WAITING, Status

FILE = Path(__file__).parents[2] / "frontend" / "state" / "constants.js"
HEAD = """\
/** What the page has in common with the server and the engine; `python -m server.api.constants` writes this file. */
"""
UNIONS: dict[str, tuple[str, list[str]]] = {
    "RunStatus": ("", list(Status)),
    "LessonPart": ("what a lesson may hide or lock", list(PARTS)),
    "LessonPlace": ("what else a lesson's terms may light up", sorted(PLACES)),
}
CONSTANTS: dict[str, tuple[str, Any]] = {
    "ACTIVE": ("Statuses of runs that train, or will as soon as it is their turn.", ACTIVE),
    "WAITING": ("Statuses of runs that train on when somebody resumes them.", WAITING),
    "ENDED": ("Statuses of runs that train no more.", ENDED),
    "REOPENABLE": ("Of these, the ones that more steps reopen.", REOPENABLE),
    "DELETED": ("The close code of a run's stream that says: the run was deleted.", DELETED),
    "FLOODED": ("The close code of a run's stream that says: the page said more than it may.", FLOODED),
    "ENCODINGS": ("What a table as text may be written in, by its name. @type {Record<string, string>}", ENCODINGS),
    "EXPORTS": ("Files that a run can be saved as, beside its replay.", list(EXPORTS)),
    "CLASS_COLOURS": ("Red, green and blue of each class. @type {[number, number, number][]}", CLASS_COLOURS),
    "DRAWING_DIGITS": ("The digits in which a drawing is written, to the base of their number.", drawings.DIGITS),
    "DRAWING_FINEST": ("The largest number of two such digits: the far side of the sheet.", drawings.FINEST),
    "DRAWING_MOST": ("Points of a drawing at the most.", drawings.MOST),
    "DRAWN_MOST": ("Places of the strokes that the network reads, at the most.", MOST_PLACES),
    "MOST_UNITS": ("Neuron u of layer l is asked for as l · MOST_UNITS + u.", MOST_UNITS),
    "PENS": ("How wide the pens are that one draws with for the network, in pixels of its image.", list(PENS)),
}


def value(thing: Any) -> str:
    """Write a value in JavaScript, laid out as Biome lays it out."""
    if isinstance(thing, tuple) and isinstance(thing[0], tuple):
        return "[\n" + "".join(f"  {value(part)},\n" for part in thing) + "]"
    if isinstance(thing, dict):
        return "{\n" + "".join(f"  {key_of(key)}: {value(part)},\n" for key, part in thing.items()) + "}"
    return json.dumps(thing)


def key_of(name: str) -> str:
    """Write an object's key, in quotes where it needs them."""
    return name if name.isidentifier() else json.dumps(name)


def module() -> str:
    """Write the JavaScript module."""
    parts = [f"/** {help} */\nexport const {name} = {value(thing)};\n" for name, (help, thing) in CONSTANTS.items()]
    return "\n".join([HEAD, *(union(name, *said) for name, said in UNIONS.items()), *parts])


def union(name: str, words: str, names: list[str]) -> str:
    """Write a type that is one of some names, in lines that are not too long."""
    lines = wrap(" | ".join(json.dumps(one) for one in names), 108)
    return "\n".join(
        ["/**", f" * @typedef {{{chr(10).join(lines)}}} {name} {words}".rstrip().replace("\n", "\n *   "), " */", ""]
    )


if __name__ == "__main__":
    FILE.write_text(module(), encoding="utf-8")
