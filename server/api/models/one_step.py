"""What the calls about one step answer, and what a nudge asks for."""

from typing import Annotated, Any, Literal

from pydantic import Field

from engine.training.check import MOST_LAYERS
from engine.training.configuration import MOST_STEPS
from server.api.models.fields import Strict
from server.api.models.responses import Answer, Choices

Role = Literal["input", "weight", "output", "gradient", "state"]
Index = Annotated[
    list[int], Field(description="a place in the engine's array; the example's row is the first where it has one")
]


class NudgeRequest(Strict):
    """Which weight to move a little to both sides, in the step after which snapshot."""

    step: Annotated[int | None, Field(ge=0, le=MOST_STEPS, description="the snapshot; null: the newest")] = None
    position: Annotated[int, Field(ge=0, lt=MOST_LAYERS, description="the layer's place in the network")]
    name: Annotated[str, Field(max_length=80, description="the parameter")]
    index: Annotated[list[Annotated[int, Field(ge=0, le=1 << 40)]], Field(max_length=8, description="its cell")]


class Nudged(Answer):
    """A slope that was measured, beside the one that back-propagation computed, both in float64."""

    h: float
    above: float | None
    below: float | None
    measured: float | None
    computed: float | None
    error: Annotated[float | None, Field(description="relative to the larger of the two")]
    verdict: Literal["wrong", "doubtful", "good", "fine"]


class Quantity(Answer):
    """An array that stands at a stop."""

    symbol: str
    letters: Annotated[str, Field(description="the symbol as the docstring writes it: γ, m̂")]
    role: Role
    shape: list[int]
    example_axis: Annotated[bool, Field(description="whether it has a row for each example of the batch")]
    axes: list[str]
    opened: Annotated[bool, Field(description="whether its cells are made from others")]
    from_: Annotated[list[str], Field(alias="from", description="the symbols that they are made from")]


class Stop(Answer):
    """A place of the walk through a step."""

    id: str
    way: Literal["forward", "loss", "backward", "penalty", "clipping", "update"]
    layer: int | None
    path: str
    kind: str
    title: str
    sentence: str
    formula: list[str]
    shapes: str
    main: Annotated[str, Field(description="the symbol that the stop is there for")]
    start: Annotated[Index, Field(description="its cell that is opened first: the one furthest from 0")]
    quantities: list[Quantity]
    settings: Choices
    windows: Annotated[dict[str, dict[str, int]] | None, Field(description="of what slides over an image")] = None
    gates: list[str] | None = None
    inside: Annotated[list[dict[str, Any]] | None, Field(description="the layers that a layer is made of")] = None
    curves: Annotated[list[dict[str, list[float]]] | None, Field(description="of a loss, for the targets 0 and 1")] = None
    curve: Annotated[
        dict[str, list[float | None]] | None, Field(description="x, y and slope of an activation, or of a loss")
    ] = None


class LearnedArray(Answer):
    """Where theta holds a parameter."""

    position: int
    name: str
    start: int
    shape: list[int]


class InputDescription(Answer):
    """What an input of the network is."""

    kind: str
    shape: list[int]
    names: Annotated[list[str], Field(description="of its numbers, as a table's columns are called; none: they have none")]


class Walk(Answer):
    """All stops of a step, and the example that is followed."""

    step: int
    next_step: int
    examples: Annotated[int, Field(description="the rows of the batch")]
    example: int
    example_index: Annotated[int | None, Field(description="its place in the training data")]
    wrong: Annotated[
        list[int] | None, Field(description="rows of which it says another class than was wanted; null: there are no classes")
    ]
    equal: Annotated[bool | None, Field(description="whether it came to the bits that the run kept; null: it kept none")]
    several: Annotated[bool, Field(description="whether the step averages several batches, of which this is the last")]
    input: InputDescription
    classes: Annotated[list[str], Field(description="their names, as a table says them; none: they have none")]
    target: Any
    prediction: Any
    loss: float | None
    parameters: list[LearnedArray]
    stops: list[Stop]


class Numbers(Answer):
    """Numbers in a row; null where one is not finite, and then what it is."""

    values: list[float | None]
    special: dict[str, str]


class Overview(Numbers):
    """A large array made small: of neighbours the one that is furthest from 0."""

    shape: list[int]


class ArrayWindow(Numbers):
    """A part of an array."""

    symbol: str
    shape: list[int]
    window: list[list[int]]
    overview: Overview | None
    low: float | None
    high: float | None


class PlaceOfCell(Answer):
    """Where a cell is."""

    stop: str
    symbol: str
    index: Index


class Leaf(PlaceOfCell):
    """A cell that another one is made from."""

    value: float | None
    shown: str
    role: Role


class LeafOfTerm(Answer):
    """A cell in a term."""

    symbol: str
    index: Index
    value: float | None


class Term(Answer):
    """A term of a sum."""

    value: float | None
    text: str
    mathml: str
    leaves: list[LeafOfTerm]


class MoreLeaves(Answer):
    """How many leaves are not listed, and the sum of the terms that are not shown."""

    count: int
    sum: float | None


class Rest(Answer):
    """The terms that are not shown."""

    count: int
    value: float | None


class ParameterCell(Answer):
    """Which number of theta something is about."""

    position: int
    name: str
    index: Index
    k: int


class Cell(PlaceOfCell):
    """A number, opened into those that it was made from."""

    value: float | None
    exact: str
    shown: str
    opened: bool
    symbols: str
    numbers: str
    mathml_symbols: str
    mathml_numbers: str
    leaves: list[Leaf]
    more: MoreLeaves | None
    terms: list[Term]
    rest: Rest | None
    goes_to: list[PlaceOfCell]
    comes_from: PlaceOfCell | None
    sentence: str
    parameter: ParameterCell | None


class CodePart(Answer):
    """A method or a function of the engine."""

    name: str
    file: str
    first: int
    lines: list[str]
    lit: Annotated[list[int], Field(description="the lines in which the stop's main symbol is made")]
    by_symbol: dict[str, list[int]]


class Code(CodePart):
    """The engine's own lines that ran at a stop."""

    also: Annotated[list[CodePart], Field(description="what the method calls in the same file")]


class PastOfParameter(Answer):
    """A parameter's gradient and move in the steps before."""

    steps: list[int]
    g: list[float | None]
    moved: list[float | None]


class ParameterHistory(ParameterCell):
    """One parameter, from the gradient of the loss to its new value."""

    quantities: list[Cell]
    past: PastOfParameter | None
    why: Annotated[str | None, Field(description="why there is no past")]
