"""What the calls about many runs are asked for, and what they answer."""

from typing import Annotated, Any, Literal

from pydantic import Field, RootModel

from server.api.models.responses import Answer, RunDescription


class RunTable(Answer):
    """Some columns of some runs: of the k-th run each column has its k-th value, null where it has none."""

    total: Annotated[int, Field(description="how many runs the filter wants, on all pages")]
    offset: int
    revision: Annotated[int, Field(description="grows with every change of any run, also over restarts of the server")]
    columns: Annotated[dict[str, list[Any]], Field(description="by the names that were asked for; always the ids")]


class Runs(RootModel[list[RunDescription] | RunTable]):
    """Runs as they are, or as a table."""


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
