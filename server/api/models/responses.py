"""What the calls answer. They prepare their answers as JSON themselves; these models are what the API promises of them."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, create_model

from engine import Configuration
from engine.data import tables
from engine.training.causes import CAUSES
from engine.training.events import Column
from server.messages import COLUMNS
from server.runs.state import Change, RunState
from server.runs.status import Status


class Answer(BaseModel):
    """An answer that says exactly what its fields say."""

    model_config = ConfigDict(extra="forbid", defer_build=True)  # the server starts without what nobody asked for yet


def file(description: str, *kinds: str) -> dict[int | str, dict[str, Any]]:
    """Describe an answer of bytes, for the API's schema."""
    schema = {"type": "string", "format": "binary"}
    return {200: {"description": description, "content": {kind: {"schema": schema} for kind in kinds}}}


PICTURE = file("a packed picture, as on the stream", "application/octet-stream")
PICTURES = file("for each picture its length in 4 bytes, little-endian, and the packed picture", "application/octet-stream")

Choices = dict[str, Any]
"""A choice by name with its hyperparameters, as in {"name": "Adam", "learning_rate": 0.01}."""


def made_of(title: str, help: str, fields: Mapping[str, Any], base: type[Answer] = Answer) -> Any:
    """Build a model whose fields are listed elsewhere, each with its type."""
    described: dict[str, Any] = {name: (kind, ...) for name, kind in fields.items()}
    return create_model(title, __base__=base, __doc__=help, **described)


ROW = {name: int if name == "step" else float | None for name in COLUMNS}
Row = made_of("Row", "One row of the metrics; what is not finite, or was not measured, is null.", ROW)
Columns = made_of("Columns", "Rows of the metrics as columns of the same length.", {n: list[t] for n, t in ROW.items()})  # type: ignore[valid-type]


class Remedy(Answer):
    """Something to try against what was found."""

    title: str
    changes: Annotated[Choices, Field(description="of the configuration: nested values, or paths with dots")]


class Finding(Answer):
    """What the doctor found of a run, well or ill."""

    cause: Literal[tuple(CAUSES)]  # type: ignore[valid-type]
    title: str
    layer: Annotated[int | None, Field(description="the place in the network of the layer that shows it, from 0 on")]
    since: Annotated[int, Field(description="the step in which it began")]
    sentence: str
    evidence: Annotated[dict[str, Any], Field(description="the numbers that the sentence quotes")]
    remedies: list[Remedy]
    kind: Literal["ill", "caution", "good"]
    picture: Annotated[str | None, Field(description="the picture, or the column of the metrics, in which it is seen")]


class Findings(Answer):
    """What stood as found after a step, most causal first."""

    step: int
    findings: list[Finding]


class Mark(Answer):
    """The most causal of what was found of a run, in short."""

    cause: str
    title: str
    kind: Literal["ill", "caution", "good"]


class Description(Answer):
    """A run: how far it is, and what it is made from."""

    id: str
    name: str
    note: str
    task: str
    status: Status
    revision: Annotated[int, Field(description="grows with every change, also over restarts of the server")]
    created: Annotated[float, Field(description="seconds since 1970")]
    step: int
    steps: Annotated[int, Field(description="at this step training is finished")]
    epoch: float
    rows: Annotated[int, Field(description="the number of the row that comes next")]
    metrics: Annotated[Row | None, Field(description="the newest row")]  # type: ignore[valid-type]
    best_accuracy: float | None
    waiting: Annotated[int, Field(description="the place in the line of those that wait for their turn; 0: in none")]
    where: Annotated[str, Field(description="the worker that it trains in; “here” in the server")]
    speed: Annotated[float | None, Field(description="steps per second; null: as fast as possible")]
    seconds: Annotated[float, Field(description="time spent on training")]
    steps_per_second: Annotated[float | None, Field(description="measured over the last rows, while it trains")]
    error: Annotated[str | None, Field(description="what was the trouble, in words")]
    findings: Annotated[list[Finding], Field(description="what the doctor finds now, most causal first")]
    optimizer: Choices
    configuration: Configuration


RunDescription = made_of(
    "RunDescription",
    "A run: how far it is, what it is made from, and what is known of its network.",
    get_type_hints(RunState),
    Description,
)
RunDescription.model_rebuild()  # once, not for each of the calls that answer it


class MetricsRows(Answer):
    """Rows of the metrics log from one number on."""

    since: int
    next: Annotated[int, Field(description="the number to go on with; a long log lacks some of its old rows")]
    columns: Columns  # type: ignore[valid-type]


class Prediction(Answer):
    """What a network says of some inputs."""

    step: int
    outputs: list[Any]
    probabilities: Annotated[list[Any] | None, Field(description="where classes are learned")] = None
    classes: Annotated[list[Any] | None, Field(description="the likeliest of each, where classes are learned")] = None


class ParameterCell(Answer):
    """One number of a parameter: where it is in the table and in the parameter, and its gradient of the last step."""

    row: int
    column: int
    index: list[int]
    value: float | None
    gradient: float | None


class Parameters(Answer):
    """A window of a table of a layer's parameters: a table has rows × columns, this window begins at row and column."""

    step: int
    name: Annotated[str, Field(description="the layer's")]
    parts: Annotated[list[str], Field(description="what is drawn as one thing each: neurons, filters, gates, heads")]
    tables: Annotated[list[str], Field(description="of the part that was asked for")]
    parameter: Annotated[str, Field(description="as an edit of a fork names it")]
    rows: int
    columns: int
    row: int
    column: int
    scale: Annotated[float | None, Field(description="the largest number of the parameter")]
    cells: list[ParameterCell]


class ExperimentStatement(Answer):
    """One thing that an experiment found out."""

    kind: Literal["ill", "caution", "note", "good"]
    sentence: str


class ExperimentLine(Answer):
    """A line of an experiment's chart: where its points lie across, and how high."""

    name: str
    x: list[float]
    y: list[float]


class LayerSpread(Answer):
    """How far apart the answers of a layer are for different examples."""

    layer: Annotated[int, Field(description="the position in the network; -1: the inputs")]
    name: str
    spread: Annotated[float, Field(description="the root of the mean over units of the variance over examples")]


class ExperimentOutcome(Answer):
    """What came out of an experiment."""

    kind: Annotated[Literal["ill", "caution", "note", "good"], Field(description="that of the worst statement")]
    experiment: str
    statements: list[ExperimentStatement]
    steps: Annotated[int, Field(description="how many steps the copy took in all")]
    evidence: Annotated[dict[str, float], Field(description="the numbers that the sentences quote, by name")]
    across: Annotated[Literal["step", "learning rate"], Field(description="what the lines have across")]
    lines: list[ExperimentLine]
    marks: Annotated[dict[str, float], Field(description="places across that have a name, as the steepest")]
    layers: list[LayerSpread]
    suggestion: Annotated[float | None, Field(description="a learning rate that is worth a try")]


class Fit(Answer):
    """How a layer would fit into a network, or why it would not."""

    layer: Annotated[Choices | None, Field(description="the layer as it would stand there")] = None
    reason: str | None = None


class History(Answer):
    """What a run keeps of its past."""

    steps: Annotated[list[int], Field(description="the steps of its snapshots, in order")]
    changes: list[Change]


class GroupEntry(Answer):
    """A race or a sweep, with the ids of its runs."""

    id: str
    kind: Literal["race", "sweep"]
    paths: Annotated[list[str], Field(description="the choices that differ between its runs")]
    task: str
    created: float
    runs: list[str]
    marks: Annotated[list[Mark | None], Field(description="for each of its runs what was found of it; null: nothing")]


class Group(Answer):
    """A race or a sweep, with its runs."""

    id: str
    kind: Literal["race", "sweep"]
    paths: list[str]
    task: str
    created: float
    runs: list[RunDescription]  # type: ignore[valid-type]


FILE = "by what the file that was just sent can be read once more, for a while; null otherwise"


class DatasetEntry(Answer):
    """A table or a set of images, in short."""

    id: str
    kind: Literal["table", "images"]
    name: str
    created: float
    bytes: int
    rows: int
    runs: Annotated[int, Field(description="how many runs are made of it")]
    separator: str | None = None
    header: bool | None = None
    classes: list[str] | None = None
    side: int | None = None
    colour: bool | None = None
    inverted: bool | None = None
    tests: int | None = None
    error: Annotated[str | None, Field(description="why it cannot be read, where it is damaged")] = None


class Table(Answer):
    """A table that a person brought."""

    id: str
    kind: Literal["table"]
    name: str
    created: float
    bytes: int
    rows: int
    columns: list[tables.Column]
    separator: str
    header: bool
    notes: list[str]
    sample: Annotated[list[list[str]], Field(description="the first rows, as they stand in the file")]
    suggestion: Annotated[Choices, Field(description="a task with its data")]
    read_as: Annotated[Choices, Field(description="how the file was read: what was found out, and what a person chose")] = {}
    gaps: Annotated[list[Choices], Field(description="how many rows miss which columns, where any do")] = []
    is_new: Annotated[bool, Field(description="whether it was not kept before")] = False
    file: Annotated[str | None, Field(description=FILE)] = None


class ClassLevel(Answer):
    """Folders that may be the classes of images."""

    level: Annotated[int, Field(description="0: the outermost folders; −1: the names of the files; −2 and less: columns")]
    names: Annotated[list[str], Field(description="the first of them")]
    classes: Annotated[int, Field(description="how many there are")]
    column: Annotated[str, Field(description="what the column is called, where it is one of a table beside images")] = ""


class ImageSample(Answer):
    """One of the images, as it is kept."""

    label: Annotated[int, Field(description="the place of its class")]
    image: Annotated[str, Field(description="an address that holds a PNG")]


class Images(Answer):
    """A set of images that a person brought, a folder for each class."""

    id: str
    kind: Literal["images"]
    name: str
    created: float
    bytes: int
    rows: int
    classes: list[str]
    notes: list[str]
    side: Annotated[int, Field(description="pixels of a side")] = 28
    colour: bool = False
    inverted: Annotated[bool | None, Field(description="whether dark and light changed places; null where it was not kept")] = (
        None
    )
    tests: Annotated[int | None, Field(description="how many are for testing, where their folders say so")] = None
    level: Annotated[int | None, Field(description="which of the levels are the classes")] = None
    levels: Annotated[list[ClassLevel], Field(description="the folders and columns that may be the classes")] = []
    samples: Annotated[list[ImageSample], Field(description="some images of the first classes")] = []
    file: Annotated[str | None, Field(description=FILE)] = None
    suggestion: Choices


Dataset = Annotated[Table | Images, Field(discriminator="kind")]


class DownloadState(Answer):
    """Whether the full MNIST is here, and how far its download is."""

    available: bool
    state: Literal["idle", "downloading", "done", "failed"]
    done: Annotated[int, Field(description="bytes")]
    total: int
    error: str | None


class Watchers(Answer):
    """The key for those who only watch; null where there is none, or who asks is one of them."""

    token: str | None


class Worker(Answer):
    """A process in which runs of sweeps, or of a race, train."""

    name: str
    run: Annotated[str | None, Field(description="the run that it trains; null: none")]
    started: Annotated[bool, Field(description="it starts when the first run needs it")]


class Health(Answer):
    """How the server is."""

    version: str
    uptime: Annotated[float, Field(description="seconds")]
    runs: Annotated[dict[str, int], Field(description="how many by status")]
    clients: Annotated[int, Field(description="pages that watch")]
    workers: Annotated[list[Worker], Field(description="where runs of sweeps and of longer races train; none before one does")]


class FieldEntry(Answer):
    """One hyperparameter: its type, default and limits."""

    name: str
    type: Annotated[str, Field(description='as in "int", "bool", "int | list | null"; "layers" for layers inside')]
    required: bool
    default: Any
    minimum: float | None
    maximum: float | None
    among: list[str]
    scale: Literal["linear", "log"]
    unit: str
    section: Annotated[str, Field(description="under which heading it stands; empty for none")]
    help: str


class Explained(Answer):
    """Something that has an explanation."""

    name: str
    help: Annotated[str, Field(description="one sentence")]
    formula: Annotated[str, Field(description="empty where it has none")]
    advice: Annotated[str, Field(description="what to try, in one sentence")]


class TermEntry(Explained):
    """A word of the page, or a picture."""

    lines: Annotated[bool, Field(description="whether there are lines of the engine that do it")]


class Entry(Explained):
    """Something that can be chosen by its name."""

    fields: list[FieldEntry]


class GoalEntry(Answer):
    """When a run of a task counts as learned, and what is said then."""

    column: Annotated[str, Field(description="of the metrics; without test data that of the training data")]
    reached: Annotated[float, Field(description="a share has to be as large, a loss as small")]
    lost: Annotated[float, Field(description="from here on it does not count as learned any more")]
    learned: Annotated[str, Field(description="the sentence, to be filled with {value}, {unseen} and fields of the data")]


class TaskEntry(Entry):
    """A task, and what it offers."""

    title: str
    group: str
    summary: Annotated[str, Field(description="what to notice while it learns")]
    goal: GoalEntry
    kind: str
    defaults: Choices
    pictures: Annotated[dict[str, str], Field(description="its pictures' names, the main one first, each with its view")]
    takes: Annotated[dict[str, Literal["example", "axes"]], Field(description="the pictures whose name may carry a number")]
    presets: dict[str, Choices]
    watching_speed: float | None
    seeded: Annotated[bool, Field(description="whether a seed decides which examples there are, or which of them test")]
    neuron_maps: Annotated[bool, Field(description="whether one neuron can be asked for alone, finely")]
    fixed_network: bool
    example_history: bool


class LayerEntry(Entry):
    """A layer."""

    activation: bool


class OptimizerEntry(Entry):
    """An optimizer, and the learning rates with which it can begin."""

    first_rate: Annotated[dict[str, float], Field(description="by the kind of task")]


class LossEntry(Entry):
    """A loss, and the kinds of tasks that it is for."""

    kinds: list[str]


class InitializerEntry(Explained):
    """How first weights are drawn."""


class CauseEntry(Answer):
    """A thing that the doctor can find."""

    name: str
    title: str
    help: Annotated[str, Field(description="what it means, and why it does harm")]
    advice: Annotated[str, Field(description="what to try, in one sentence")]
    source: Annotated[str, Field(description="who described it")]
    picture: Annotated[str | None, Field(description="the picture, or the column of the metrics, where it is seen")]
    kind: Literal["ill", "caution", "good"]


class LimitsEntry(Answer):
    """What this server allows, as far as the page has to know."""

    upload: Annotated[int, Field(description="bytes of a file")]
    sweep: Annotated[int, Field(description="runs of a sweep")]
    racers: Annotated[int, Field(description="runs of a race")]
    runs: Annotated[int, Field(description="runs that are kept, and so those of a search")]
    undo_seconds: Annotated[float, Field(description="how long what was deleted can be brought back")]


class Catalog(Answer):
    """Everything that can be chosen."""

    tasks: list[TaskEntry]
    layers: list[LayerEntry]
    optimizers: list[OptimizerEntry]
    schedules: list[Entry]
    losses: list[LossEntry]
    regularizers: list[Entry]
    initializers: list[InitializerEntry]
    terms: Annotated[list[TermEntry], Field(description="the words of the page")]
    pictures: Annotated[list[TermEntry], Field(description="the pictures of all tasks")]
    advice: Annotated[dict[str, str], Field(description="what to try with a field, by the field's name")]
    causes: Annotated[list[CauseEntry], Field(description="what can go wrong while a network learns, most causal first")]
    columns: Annotated[list[Column], Field(description="the columns of the metrics, in their order; `time` comes last")]
    run: Annotated[list[FieldEntry], Field(description="a run's own fields")]
    changeable: Annotated[list[str], Field(description="the choices that may change while a run trains")]
    plotly: Annotated[str, Field(description="the address of plotly.min.js")]
    version: str
    limits: LimitsEntry
    view_only: Annotated[bool, Field(description="whether who asks may watch only")]
