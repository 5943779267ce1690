"""What a request says of a race, a sweep or a search, and what is answered of a search."""

from typing import Annotated, Any, Literal

from pydantic import Field, FiniteFloat, model_validator
from pydantic_core import PydanticCustomError

from server.api.models.fields import Strict
from server.api.models.requests import Speed
from server.api.models.responses import Answer, Group, GroupEntry
from server.search.live import Standing
from server.search.plan import GOALS
from server.search.samplers import WAYS

MOST_AXES, MOST_VALUES = 16, 64
"""Choices of a search at the most, and values of one in a list."""
Path = Annotated[
    str,
    Field(
        min_length=1,
        max_length=80,
        description='"batch_size", "optimizer.learning_rate", "network.0.units"; "activation" for all activations',
    ),
]


class Axis(Strict):
    """A choice that differs between runs: a list of values, or a range from low to high."""

    path: Path
    values: Annotated[list[Any] | None, Field(min_length=1, max_length=MOST_VALUES)] = None
    low: Annotated[FiniteFloat | None, Field(description="where a range begins")] = None
    high: Annotated[FiniteFloat | None, Field(description="where it ends")] = None
    scale: Annotated[
        Literal["linear", "log"] | None, Field(description="how it is divided; null: as the hyperparameter's slider")
    ] = None
    whole: Annotated[bool | None, Field(description="whole numbers only; null: as the hyperparameter is")] = None
    count: Annotated[
        Annotated[int, Field(ge=2, le=MOST_VALUES)] | None, Field(description="how many values a grid has of it; null: 5")
    ] = None

    @model_validator(mode="after")
    def check_one(self) -> "Axis":
        """Let there be a list or a range: one of the two."""
        if (self.values is None) == (self.low is None and self.high is None):
            raise PydanticCustomError("not_allowed", "an axis has values, or low and high: one of the two")
        if self.values is None and (self.low is None or self.high is None):
            raise PydanticCustomError("not_allowed", "a range has both low and high")
        return self


Runs = Annotated[Annotated[int, Field(ge=1, le=100_000)] | None, Field(description="combinations; null: as many as usual")]


class SearchRequest(Strict):
    """How a sweep chooses its runs, where it does not make all of them at once."""

    how: Annotated[Literal[tuple(WAYS)], Field(description="GET /api/searches explains them")]  # type: ignore[valid-type]
    runs: Annotated[
        Annotated[int, Field(ge=2, le=100_000)] | None,
        Field(description="combinations that are tried; null: the whole grid for grid and halving, else 20"),
    ] = None
    repeats: Annotated[int, Field(ge=1, le=20, description="seeds of each combination")] = 1
    goal: Annotated[Literal[GOALS], Field(description="what counts")] = GOALS[0]  # type: ignore[valid-type]
    keep: Annotated[int, Field(ge=2, le=10, description="of halving: each rung is so many times as long as the one before")] = 3
    seed: Annotated[int, Field(ge=0, le=2**31 - 1, description="the same seed gives the same search")] = 0


class GroupRequest(Strict):
    """A race: in the k-th run every axis has its k-th value. A sweep: a run for every combination of the axes' values; with a
    search it makes them by and by.
    """

    kind: Literal["race", "sweep"]
    base: Annotated[dict[str, Any], Field(description="the request of a run", max_length=30)]
    axes: Annotated[list[Axis], Field(min_length=1, max_length=MOST_AXES)]
    search: Annotated[SearchRequest | None, Field(description="of a sweep: how it chooses its runs")] = None
    speed: Speed = None
    start: bool = True

    @model_validator(mode="after")
    def check_axes(self) -> "GroupRequest":
        """Let a sweep without a search have two axes at the most, a race values only, and no path stand twice."""
        paths = [axis.path for axis in self.axes]
        if len(set(paths)) < len(paths):
            raise PydanticCustomError("not_allowed", "every path stands only once")
        if self.kind == "sweep" and self.search is None and len(paths) > 2:
            raise PydanticCustomError("not_allowed", "a sweep has one or two axes; with a search it may have more")
        if self.kind == "race" and (self.search is not None or any(axis.values is None for axis in self.axes)):
            raise PydanticCustomError("not_allowed", "a race has values for each of its runs, no ranges and no search")
        return self


class Widen(Strict):
    """Where a search is to look further."""

    path: Annotated[str | None, Field(max_length=80, description="null: every choice whose best lies at an edge")] = None
    side: Annotated[Literal["low", "high"] | None, Field(description="null: where the best lies")] = None
    runs: Runs = None


class More(Strict):
    """How many more combinations a search is to try, and where."""

    runs: Runs = None
    near: Literal["best", "anywhere"] = "best"


class SearchAxis(Answer):
    """A choice as it is searched now."""

    path: str
    values: list[Any] | None
    low: float | None
    high: float | None
    scale: Literal["linear", "log"] | None
    whole: bool | None
    count: int | None


class Rung(Answer):
    """So many combinations train until they have done so many steps."""

    steps: int
    trials: int


class Trial(Answer):
    """One combination of a search."""

    number: int
    bracket: Annotated[int, Field(description="those of the same one are compared at the same rungs")]
    values: Annotated[list[Any], Field(description="in the order of the group's paths")]
    runs: Annotated[list[str | None], Field(description="one for each repeat; null: not made yet")]
    status: Literal["waiting", "training", "paused", "out", "done", "diverged", "stopped", "failed", "deleted"]
    rung: Annotated[int | None, Field(description="the rung that its score is of; null: none yet")]
    step: int
    scored_at: Annotated[
        int, Field(description="after how many steps its score was taken, the most being the best; 0: none yet")
    ]
    score: Annotated[float | None, Field(description="the mean over repeats; null where there is none, or one diverged")]
    spread: Annotated[float | None, Field(description="the standard deviation over repeats")]
    scores: list[float | None]
    diverged: Annotated[int, Field(description="how many repeats did")]
    error: Annotated[
        str | None, Field(description="why no run can have this combination, which counts as the worst; else null")
    ]


class Importance(Answer):
    """How much of the score's variance a choice explains alone."""

    path: str
    share: float


class PairImportance(Answer):
    """How much two choices explain together, beyond what each does alone."""

    paths: list[str]
    share: float


class Edge(Answer):
    """A choice whose best value lies at the edge of what was tried, and the axis if it went further."""

    path: str
    side: Literal["low", "high"]
    value: float
    sentence: str
    low: float | None
    high: float | None
    values: list[Any] | None


class Search(Answer):
    """How a search stands."""

    how: Literal[tuple(WAYS)]  # type: ignore[valid-type]
    goal: Literal[GOALS]  # type: ignore[valid-type]
    better: Literal["lower", "higher"]
    repeats: int
    keep: int
    seed: int
    status: Standing
    error: Annotated[str | None, Field(description="why it paused of itself, in words")]
    revision: Annotated[int, Field(description="grows with every change of its trials")]
    axes: list[SearchAxis]
    rungs: Annotated[list[Rung], Field(description="of the newest bracket; one without halving")]
    planned: Annotated[int, Field(description="combinations in all")]
    begun: int
    ended: Annotated[int, Field(description="those from which nothing more is to come")]
    steps: Annotated[int, Field(description="that all its runs have done")]
    grid_steps: Annotated[int, Field(description="that training all combinations to their end would take")]
    trials: Annotated[list[Trial], Field(description="all; or those that are others since the revision that was asked for")]
    best: Annotated[int | None, Field(description="the number of the best trial, of those that trained the longest")]
    importance: Annotated[list[Importance], Field(description="the largest first; empty below 8 scores")]
    pairs: list[PairImportance]
    edges: list[Edge]


class SearchEntry(Answer):
    """A search, in short."""

    how: Literal[tuple(WAYS)]  # type: ignore[valid-type]
    status: Standing
    planned: int
    ended: int
    best: Annotated[str | None, Field(description="the best combination and its score, in words")]


class GroupOrSearch(Group):
    """A race or a sweep, with its runs, and how its search stands where it is one."""

    search: Annotated[Search | None, Field(description="null: a race, or a sweep that made all its runs at once")]


class GroupOrSearchEntry(GroupEntry):
    """A race or a sweep, with the ids of its runs, and its search in short."""

    search: SearchEntry | None


class Way(Answer):
    """A way to search."""

    how: Literal[tuple(WAYS)]  # type: ignore[valid-type]
    title: str
    help: str
    available: bool
    install: Annotated[str | None, Field(description="what to do where it is not available")]
