"""A lesson as one file: Markdown, with front matter for the lesson and for each of its steps.

    +++
    title = "The learning rate"
    summary = "How far one step goes."
    +++
    +++
    title = "Take one step"
    settings = {task = "sine", optimizer = {name = "SGD", learning_rate = 0.01}}
    lock = ["data"]
    question = {ask = "What does the loss do?", choices = ["it falls", "it rises"], answer = 1}
    goal = {metric = "loss", at_most = 0.4, within = 100}
    +++
    What the step says, with **bold** words and with [terms](optimizer.learning_rate) that light up what they name.

Between two lines of three plus signs stands TOML (https://toml.io), after the second the text.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields
from functools import cache, lru_cache
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from engine import Configuration, ConfigurationError, configure
from engine.data.folders import DataFolders
from engine.tasks import TASKS
from engine.training.causes import CAUSES
from engine.training.events import COLUMNS

FENCE = "+++"
MOST_STEPS, LONGEST, LONGEST_TEXT = 20, 60_000, 4_000
"""How many steps a lesson may have, and characters of a whole file and of a step's text."""
BOX = Path(__file__).parent / "box"
"""The lessons that come with the program."""

PARTS: dict[str, tuple[str, ...]] = {
    "tasks": ("task",),
    "presets": (),
    "data": ("data",),
    "own": (),
    "drawing": (),
    "network": ("network",),
    "weights": (),
    "training": (
        "optimizer",
        "schedule",
        "loss",
        "regularizer",
        "batch_size",
        "batches_per_step",
        "clip_norm",
        "seed",
        "averaging",
        "patience",
    ),
    "train": (),
    "speed": (),
    "doctor": (),
    "timeline": (),
    "glass": (),
    "compare": (),
    "runs": (),
}
"""What a lesson may hide or lock, and what of a configuration belongs to it; frontend/state/parts.js says where it is."""
PLACES = {"picture", "curves", "network diagram", "layers", "headline", "readout", "timeline", "toolbar", "lesson"}
"""What else a term may light up: beside a part, a picture's name, and the path of a field as optimizer.learning_rate."""
PATH = re.compile(r"[a-z_]+(\.[a-z_0-9]+)*")
TERM = re.compile(r"\[([^\]\n]+)\]\(([^)\n]*)\)")


class LessonError(ConfigurationError):
    """What is wrong in a lesson's file: in which line, and which field."""

    def __init__(self, line: int, name: str, message: str) -> None:
        super().__init__(name or "lesson", f"Line {line}{f', {name}' if name else ''}: {message}")
        self.line = line


@dataclass(frozen=True)
class Question:
    """What is asked before one trains: a choice (`answer` counts from 1), a number, or a sketch of a column's curve."""

    ask: str
    choices: list[str] = field(default_factory=list)
    answer: float | None = None
    tolerance: float = 0.0
    curve: str | None = None
    because: str = ""

    def check(self) -> tuple[str, str] | None:
        """Say which field is wrong, and why."""
        if self.choices and not 2 <= len(self.choices) <= 8:
            return "choices", f"may be 2 to 8 answers; these are {len(self.choices)}"
        if self.choices and (self.answer is None or self.answer not in range(1, len(self.choices) + 1)):
            return "answer", f"is the number of the right choice, 1 to {len(self.choices)}; this is {self.answer!r}"
        if self.curve is not None and (self.choices or self.answer is not None):
            return "curve", "a question has choices, or a number as answer, or a curve that is sketched: one of them"
        if self.curve is None and not self.choices and self.answer is None:
            return "answer", "is missing: choices with the right one's number, a number, or a curve"
        return unknown_column("curve", self.curve)


@dataclass(frozen=True)
class Goal:
    """What is to be reached: a metric or a value of the configuration so high or so low, or a cause that the doctor finds.

    `above` and `below` compare with the best row of the run of an earlier step. It counts `within` so many steps, `after` so
    many, with at most so many `neurons` in hidden layers, and `where` the configuration has these values.
    """

    metric: str | None = None
    value: str | None = None
    at_least: float | None = None
    at_most: float | None = None
    above: int | None = None
    below: int | None = None
    cause: str | None = None
    within: int | None = None
    after: int | None = None
    neurons: int | None = None
    where: dict[str, Any] = field(default_factory=dict)

    def check(self) -> tuple[str, str] | None:
        """Say which field is wrong, and why."""
        if sum(one is not None for one in (self.metric, self.value, self.cause)) != 1:
            return "metric", "a goal has a metric, or a value, or a cause: one of them"
        bounds = [name for name in ("at_least", "at_most", "above", "below") if getattr(self, name) is not None]
        if self.metric is not None and not bounds:
            return "metric", "needs at_least or at_most a number, or above or below the number of an earlier step"
        if self.value is not None and not {"at_least", "at_most"} & {*bounds}:
            return "value", "needs at_least or at_most"
        if self.cause is not None and self.cause not in CAUSES:
            return "cause", f"is none that the doctor finds: {self.cause!r}; there are {', '.join(CAUSES)}"
        for name, least in (("within", 1), ("after", 1), ("neurons", 0)):
            if (number := getattr(self, name)) is not None and number < least:
                return name, f"is at least {least}; this is {number}"
        return unknown_column("metric", self.metric) or self.unreachable()

    def unreachable(self) -> tuple[str, str] | None:
        """Say what no run can reach: a share beyond 1, or two bounds between which there is nothing."""
        if self.metric is not None and self.metric.endswith("accuracy"):
            for name in ("at_least", "at_most"):
                if (bound := getattr(self, name)) is not None and not 0 <= bound <= 1:
                    return name, f"is a share from 0 to 1, as 0.95 for 95 %; this is {bound:g}"
        for low, high in (("at_least", "at_most"), ("after", "within")):
            least, most = getattr(self, low), getattr(self, high)
            if least is not None and most is not None and least > most:
                return low, f"is more than {high}, and nothing is between them: {least:g} and {most:g}"
        return None


@dataclass(frozen=True)
class Step:
    """A step: its text, what is asked before Train, what the page is set to, what is hidden or locked, and the goal."""

    title: str
    text: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    hide: list[str] = field(default_factory=list)
    lock: list[str] = field(default_factory=list)
    question: Question | None = None
    goal: Goal | None = None

    def check(self) -> tuple[str, str] | None:
        """Say which field is wrong, and why."""
        if not self.title.strip():
            return "title", "is empty: it says what the step is about"
        for name in ("hide", "lock"):
            for part in getattr(self, name):
                if part not in PARTS:
                    return name, f"there is no part {part!r}; there are {', '.join(PARTS)}"
        if self.settings and self.settings.get("task") not in TASKS:
            return "settings", f"have a task: {', '.join(TASKS)}"
        known = [*(one.name for one in fields(Configuration)), "speed"]
        for name in self.settings:
            if name not in known:
                return "settings", f"have no {name!r}; there are {', '.join(known)}"
        speed = self.settings.get("speed", 1)
        if isinstance(speed, bool) or not isinstance(speed, (int, float)) or not 1 <= speed <= 1_000_000:
            return "settings", f"have a speed of 1 to 1,000,000 steps/s; this is {speed!r}"
        return None


@dataclass(frozen=True)
class Lesson:
    """A lesson, as it stands in its file."""

    title: str
    summary: str = ""
    minutes: int = 10
    steps: list[Step] = field(default_factory=list)

    def check(self) -> tuple[str, str] | None:
        """Say which field is wrong, and why."""
        return None if self.title.strip() else ("title", "is empty: a lesson is found by its title")

    def as_dict(self) -> dict[str, Any]:
        """Give the plain values, for JSON."""
        return asdict(self)


def unknown_column(name: str, column: str | None) -> tuple[str, str] | None:
    """Say that a name is none of the metrics' columns, where it is none."""
    names = [found.name for found in COLUMNS]
    return None if column is None or column in names else (name, f"is no column: {column!r}; there are {', '.join(names)}")


@lru_cache(maxsize=64)
def read_lesson(text: str) -> Lesson:
    """Read a lesson's file. Raises LessonError, which names line and field."""
    if len(text) > LONGEST:
        raise LessonError(1, "", f"a lesson may have {LONGEST:,} characters, this one has {len(text):,}")
    lines = text.splitlines()
    fences = [number for number, line in enumerate(lines) if line.strip() == FENCE]
    if len(fences) < 4 or any(line.strip() for line in lines[: fences[0]]):
        raise LessonError(
            1, "", f"a lesson begins with a line {FENCE}, has its title and a line {FENCE}, and then its steps alike"
        )
    if len(fences) % 2:
        raise LessonError(fences[-1] + 1, "", f"this {FENCE} has no second one that ends the step's settings")
    blocks = list(zip(fences[::2], fences[1::2], [*fences[2::2], len(lines)], strict=True))
    begin, end, after = blocks[0]
    if any(line.strip() for line in lines[end + 1 : after]):
        raise LessonError(end + 2, "", f"the text of a step stands after its own two lines {FENCE}")
    head = read_block(lines, begin, end)
    if len(blocks) - 1 > MOST_STEPS:
        raise LessonError(1, "", f"a lesson may have {MOST_STEPS} steps, this one has {len(blocks) - 1}")
    steps = [read_step(lines, number, *block) for number, block in enumerate(blocks[1:], 1)]
    lesson: Lesson = built(Lesson, {**head, "steps": []}, lines, begin, "")
    return Lesson(lesson.title, lesson.summary, lesson.minutes, steps)


def read_step(lines: list[str], number: int, begin: int, end: int, after: int) -> Step:
    """Read a step. Raises LessonError."""
    text = "\n".join(lines[end + 1 : after]).strip()
    prefix = f"step {number}: "
    if len(text) > LONGEST_TEXT:
        raise LessonError(end + 2, f"{prefix}text", f"may have {LONGEST_TEXT:,} characters, this one has {len(text):,}")
    said = read_block(lines, begin, end)
    if "text" in said:
        raise LessonError(line_of(lines, begin, "text"), f"{prefix}text", f"stands after the step's second {FENCE}")
    step: Step = built(Step, {**said, "text": text}, lines, begin, prefix)
    for place in range(end + 1, after):
        for _, name in TERM.findall(lines[place]):
            if not is_term(name):
                raise LessonError(place + 1, f"{prefix}text", f"no such thing to light up: {name!r}; {TERMS_HELP}")
    if step.goal is not None:
        for name in ("above", "below"):
            earlier = getattr(step.goal, name)
            if earlier is not None and not 1 <= earlier < number:
                raise LessonError(
                    line_of(lines, begin, "goal"), f"{prefix}goal.{name}", f"is an earlier step; this is {earlier}"
                )
    if step.settings:
        try:
            configure(step.settings, DataFolders())
        except ConfigurationError as error:
            where = line_of(lines, begin, "settings")
            raise LessonError(where, f"{prefix}settings.{error.field}", str(error)) from error
    return step


TERMS_HELP = f"a part ({', '.join(PARTS)}), a place ({', '.join(sorted(PLACES))}), a picture's name, or a field's path"


def is_term(name: str) -> bool:
    """Tell whether a term names something on the page."""
    pictures = {picture for task in TASKS.values() for picture in task.pictures}
    return name in PARTS or name in PLACES or name in pictures or ("." in name and PATH.fullmatch(name) is not None)


def read_block(lines: list[str], begin: int, end: int) -> dict[str, Any]:
    """Read the TOML between two fences. Raises LessonError."""
    try:
        return tomllib.loads("\n".join(lines[begin + 1 : end]))
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        line = begin + 1 + int(found[1]) if found else end
        said = re.sub(r" \(at .*\)$", "", str(error))
        raise LessonError(line, "", f"this is no TOML: {said}") from None


def line_of(lines: list[str], begin: int, name: str) -> int:
    """Find the line of a block, counted from 1, that says a field; the block's first where none does."""
    said = re.compile(rf"\s*(\[+\s*)?{re.escape(name)}\b")
    return next((n + 1 for n in range(begin + 1, len(lines)) if said.match(lines[n])), begin + 2)


def built(kind: type, said: Mapping[str, Any], lines: list[str], begin: int, prefix: str) -> Any:
    """Make a dataclass from what a block says. Raises LessonError for a field that is unknown, missing, or of another type."""
    hints, known = get_type_hints(kind), {one.name: one for one in fields(kind)}
    values = {}
    for name, value in said.items():
        where = line_of(lines, begin, name)
        if name not in known:
            raise LessonError(where, f"{prefix}{name}", f"is unknown; there are {', '.join(n for n in known if n != 'text')}")
        inner = next((hint for hint in get_args(hints[name]) if hint in (Question, Goal)), None)
        if inner is not None and isinstance(value, dict):
            values[name] = built(inner, value, lines, where - 2, f"{prefix}{name}.")
        elif is_of(value, hints[name]):
            values[name] = value
        else:
            raise LessonError(where, f"{prefix}{name}", f"should be {words_for(hints[name])}; this is {value!r}")
    for name, one in known.items():
        if name not in values and one.default is MISSING and one.default_factory is MISSING:
            raise LessonError(begin + 1 or 1, f"{prefix}{name}", "is missing")
    made = kind(**values)
    wrong = made.check() if hasattr(made, "check") else None
    if wrong is not None:
        raise LessonError(line_of(lines, begin, wrong[0]), prefix + wrong[0], wrong[1])
    return made


def is_of(value: Any, hint: Any) -> bool:
    """Tell whether a value of TOML is of a field's type."""
    if get_origin(hint) is UnionType:
        return any(is_of(value, one) for one in get_args(hint))
    if get_origin(hint) is list:
        (inner,) = get_args(hint)
        return isinstance(value, list) and all(is_of(one, inner) for one in value)
    if get_origin(hint) is dict:
        return isinstance(value, dict)
    if hint is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool) and value == value and abs(value) < float("inf")
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, hint) if isinstance(hint, type) else False


def words_for(hint: Any) -> str:
    """Say a type as a person would."""
    said = {str: "text", int: "a whole number", float: "a number", list: "a list", dict: "a table of fields"}
    kinds = [one for one in (get_args(hint) if get_origin(hint) is UnionType else [hint]) if one is not type(None)]
    return " or ".join(said.get(get_origin(kind) or kind, "a table of fields") for kind in kinds)


@cache
def boxed() -> Mapping[str, str]:
    """Give the files of the lessons in the box by name, in order."""
    return {path.stem.partition("-")[2]: path.read_text(encoding="utf-8") for path in sorted(BOX.glob("*.md"))}
