"""What the calls about many runs are asked for, and what they answer."""

from typing import Annotated, Any, Literal

from pydantic import Field, RootModel, StringConstraints

from server.api.models.fields import Strict
from server.api.models.requests import MOST_TAGS, Name, Note, Tag
from server.api.models.responses import Answer, RunDescription

MOST_RUNS = 10_000
Ids = Annotated[
    list[Annotated[str, StringConstraints(max_length=40)]],
    Field(min_length=1, max_length=MOST_RUNS, description="ids of runs; what stands twice counts once"),
]


class ManyChanges(Strict):
    """What may change of many runs alike; what is left out stays as it is."""

    add_tags: Annotated[list[Tag], Field(max_length=MOST_TAGS)] = []
    remove_tags: Annotated[list[Tag], Field(max_length=MOST_TAGS)] = []
    name: Name = ""
    note: Note = ""


class ChangeMany(Strict):
    """Which runs are changed, and how."""

    ids: Ids
    changes: ManyChanges


class ManyRuns(Strict):
    """Which runs are meant."""

    ids: Ids


class RunTable(Answer):
    """Some columns of some runs: of the k-th run each column has its k-th value, null where it has none."""

    total: Annotated[int, Field(description="how many runs the filter wants, on all pages")]
    offset: int
    revision: Annotated[int, Field(description="grows with every change of any run, also over restarts of the server")]
    columns: Annotated[dict[str, list[Any]], Field(description="by the names that were asked for; always the ids")]


class Runs(RootModel[list[RunDescription] | RunTable]):
    """Runs as they are, or as a table."""


class NotDone(Answer):
    """A run with which it could not be done, and why."""

    id: str
    message: str


class Changed(Answer):
    """Which of many runs were changed."""

    changed: list[str]
    refused: list[NotDone]


class Deleted(Answer):
    """Which of many runs were deleted, and until when they can be brought back."""

    deleted: list[str]
    refused: list[NotDone]
    undo_until: Annotated[float, Field(description="seconds since 1970")]


class Restored(Answer):
    """Which of many runs were brought back."""

    restored: list[str]
    refused: list[NotDone]


class TableGroup(Answer):
    """The runs that are alike in a column: how many, and their best result."""

    value: Annotated[Any, Field(description="what the column says of them; null: nothing")]
    title: Annotated[str, Field(description="the same as a person reads it")]
    count: int
    best: float | None
    goal: Annotated[Literal["up", "down"] | None, Field(description="whether a better result is a larger or a smaller one")]


class ColumnEntry(Answer):
    """A column of the table of runs."""

    name: str
    title: str
    group: Literal["about", "scores", "findings", "marks", "settings"]
    kind: Annotated[
        Literal["number", "text", "choice", "words", "time", "flag"],
        Field(description="words: a list of them; time: seconds since 1970"),
    ]
    help: Annotated[str, Field(description="one sentence; empty where there is none")]
    values: Annotated[list[Any], Field(description="what occurs, the most frequent first, where it is worth choosing from")]
    differs: Annotated[bool, Field(description="whether the kept runs differ in it")]
