"""Your own table: what stands in one column is learned from what stands in others."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from engine.arrays import Array, Shape
from engine.data import datasets, tables
from engine.data.tables import Column
from engine.hyperparameter import choice
from engine.network import Network
from engine.pictures import (
    Agreement,
    Confusion,
    Curve,
    Cut,
    Diagram,
    Field,
    TrackedExamples,
    feature_cut,
    observe_confusion,
    observe_field_over_cut,
    observe_neuron_over_cut,
    observe_neurons_over_cut,
    usual_cut,
)
from engine.tasks.families.goal import Goal, answers_right
from engine.tasks.families.labelled import Labelled
from engine.tasks.families.networks import dense_network
from engine.tasks.families.plane import Plane
from engine.tasks.task_picture import picture

SHOWN = 500
"""Rows that a picture shows at the most, of those for training and of those for testing."""
DATASET = "which of your tables, by its id; the page chooses it (empty: made-up fruit)"
TARGET = "the column to learn, counted from 0 (empty: as suggested)"
FEATURES = 'the columns that are read, as in "0.2.5-90" (empty: as suggested)'
PLACES = r"(?:\d{1,3}(?:-\d{1,3})?(?:\.\d{1,3}(?:-\d{1,3})?){0,999})?"
"""How columns are written, each by its place or many by the first and the last of a range."""
SHARE = "rows that are kept for testing, as a share of all"
GAPS = (
    "what becomes of missing cells: their rows are left out, or they are filled (mean; most frequent word, or one of its own)"
)
FILLINGS = ("leave out", "most frequent", "own word")
"""What becomes of a missing cell: its row is left out; or a number is filled with the mean of the training rows, and a word
with their most frequent one, or with one of its own."""


@dataclass(eq=False)
class TableTask(Labelled):
    """Rows of a table: features are read, standardized; the target is learned."""

    group: ClassVar[str] = "tables"
    watching_speed: ClassVar[int | None] = 200

    dataset: str = choice(DATASET, default="", pattern=datasets.PATTERN)
    target_column: int | None = choice(TARGET, default=None, minimum=0, maximum=tables.MOST_COLUMNS - 1)
    features: str = choice(FEATURES, default="", pattern=PLACES)
    test_share: float = choice(SHARE, default=0.3, minimum=0.0, maximum=0.9)
    missing_cells: str = choice(GAPS, default="leave out", among=FILLINGS)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.columns: list[Column] = []
        if self.missing():
            return
        described = datasets.about(self.folders.datasets, self.dataset) if self.dataset else vars(self._example)
        if described.get("kind", "table") != "table":
            raise ValueError(f"dataset {self.dataset} holds images, not a table")
        self.columns = [column if isinstance(column, Column) else Column(**column) for column in described["columns"]]
        self.target_place = self.target_column if self.target_column is not None else self._suggested(described)
        others = [k for k, c in enumerate(self.columns) if k != self.target_place and not c.no_feature]
        usual = [k for k in others if not self.columns[k].left_out]
        self.places = tables.places_in(self.features) or usual or others
        self.filling: dict[int, float] = {}
        self.remark = ""
        self._check()

    @cached_property
    def _example(self) -> tables.Table:
        return tables.example()

    def missing(self) -> tuple[str, str] | None:
        return datasets.missing(self.folders.datasets, self.dataset)

    def _suggested(self, described: Mapping[str, Any]) -> int:
        """Give the column to learn where none was chosen: what is suggested of these data, else what suits the task."""
        if self.dataset and "read_as" not in described:  # kept by version 0.3.0, whose runs have to find the same column again
            task, target = tables.suggest_as_0_3_0(self.columns)
        else:
            suggested = tables.suggest(self.columns, int(described.get("rows", 0)))
            task, target = suggested["task"], int(suggested["target"])
        if task == self.name:
            return target
        able = [k for k, column in enumerate(self.columns) if not self.refused(column)]
        fitting = [k for k in able if not self.columns[k].left_out and not self.columns[k].part] or able
        if not fitting:
            raise ValueError(
                "target_column: no column of this table fits; "
                + "; ".join(f"{c.name}: {self.refused(c)}" for c in self.columns[:4])
            )
        return fitting[-1]

    def refused(self, column: Column) -> str:
        """Say why a column cannot be learned; the empty string where it can."""
        raise NotImplementedError

    def _check(self) -> None:
        if not self.target_place < len(self.columns) or not all(k < len(self.columns) for k in self.places):
            raise ValueError(
                f"the table has the columns 0 to {len(self.columns) - 1}; target_column is {self.target_place}, "
                f"features are {self.features or self.places}"
            )
        target = self.columns[self.target_place]
        if refused := self.refused(target):
            raise ValueError(f"target_column: {target.name} cannot be learned here, because {refused}")
        if self.target_place in self.places or len(set(self.places)) < len(self.places) or not self.places:
            raise ValueError("features must be at least one column, each once, and not the one to learn")
        for k in self.places:
            if self.columns[k].no_feature:
                raise ValueError(
                    f"features: {self.columns[k].name} cannot be read, because {self.columns[k].no_feature}; leave it out"
                )
        if len(self.rows) < 4:
            lost = max((self.columns[k] for k in [*self.places, self.target_place]), key=lambda c: c.missing)
            raise ValueError(
                f"only {len(self.rows)} rows have a value in every chosen column; fill the missing cells, or leave out "
                f"{lost.name}, where {lost.missing:,} are missing"
            )

    @cached_property
    def rows(self) -> Array:
        """Give the rows in which no chosen column is missing, or those whose gaps can be filled: (rows, columns)."""
        cells = datasets.load(self.folders.datasets, self.dataset)["cells"] if self.dataset else self._example.cells
        needed = [*(self.places if self.missing_cells == "leave out" else []), self.target_place]
        chosen = cells[np.isfinite(cells[:, needed]).all(axis=1)]
        return np.asarray(chosen, np.float64)

    @property
    def names(self) -> list[str]:
        """Name the network's inputs: a column of numbers is one, a column of words has one for each word."""
        found: list[str] = []
        for column in (self.columns[k] for k in self.places):
            found += [f"{column.name} = {word}" for word in column.values] if column.kind == "word" else [column.name]
            found += [f"{column.name} is missing"] if self._has_own_word(column) else []
        return found

    @property
    def input_names(self) -> list[str]:
        return self.names

    def _has_own_word(self, column: Column) -> bool:
        return column.kind == "word" and column.missing > 0 and self.missing_cells == "own word"

    @property
    def input_shape(self) -> Shape:
        return (len(self.names),)

    @property
    def examples(self) -> int:
        return len(self.rows) - self.tests

    @property
    def tests(self) -> int:
        """Count the rows that are kept for testing."""
        return round(self.test_share * len(self.rows))

    def features_of(self, rows: Array) -> Array:
        """Give what the network reads of these rows, gaps filled, not yet standardized: (N, inputs)."""
        parts = []
        for k in self.places:
            column, cells = self.columns[k], rows[:, k : k + 1]
            if self._has_own_word(column):
                parts += [cells == np.arange(len(column.values)), np.isnan(cells)]
                continue
            if k in self.filling:
                cells = np.where(np.isnan(cells), self.filling[k], cells)
            parts.append((cells == np.arange(len(column.values))) if column.kind == "word" else cells)
        return np.concatenate(parts, axis=1).astype(np.float64)

    def _fill(self, rows: Array) -> dict[int, float]:
        """Give what fills the gaps of a column: the mean of the training rows' numbers, or their most frequent word."""
        found = {}
        for k in self.places:
            known = rows[np.isfinite(rows[:, k]), k]
            if self.missing_cells == "leave out" or not self.columns[k].missing:
                continue
            if self.columns[k].kind == "word":
                found[k] = float(np.bincount(known.astype(np.int64)).argmax()) if len(known) else 0.0
            else:
                found[k] = float(known.mean()) if len(known) else float(self.columns[k].mean or 0.0)
        return found

    def load(self, rng: np.random.Generator) -> None:
        order = rng.permutation(len(self.rows))
        parts = self.rows[order[self.tests :]], self.rows[order[: self.tests]]
        self.filling = self._fill(parts[0])
        features = [self.features_of(rows) for rows in parts]
        # standardized by what the training rows are like: mean 0, standard deviation 1
        self.mean, self.std = features[0].mean(axis=0), features[0].std(axis=0)
        self.std[self.std == 0] = 1
        self.x, self.x_test = (((f - self.mean) / self.std).astype(np.float32) for f in features)
        self.target, self.target_test = (rows[:, self.target_place] for rows in parts)

    def tracked_examples(self) -> TrackedExamples:
        return TrackedExamples.of((self.x, self.target), (self.x_test, self.target_test), SHOWN)

    @cached_property
    def usual_cut(self) -> Cut:
        """Give the plane that is shown unless another one is chosen; the data are the same for all pictures."""
        return usual_cut(self.x, self.names, self.mean, self.std)

    def cut(self, axes: int) -> Cut:
        """Choose the plane that a picture shows: for 1 + i · inputs + j that of features i and j, else the usual one."""
        i, j = divmod(axes - 1, len(self.names))
        if axes < 1 or i == j or i >= len(self.names):
            return self.usual_cut
        return feature_cut(i, j, self.names, self.mean, self.std)

    @picture("network")
    def neurons(self, network: Network) -> Diagram:
        """Draw every neuron by its answers over the usual plane."""
        return observe_neurons_over_cut(network, self.usual_cut)

    @picture("neuron", by_hand=True)
    def neuron_map(self, network: Network, neuron: int) -> Diagram | None:
        """Draw one neuron by its answers over the usual plane, finely."""
        return observe_neuron_over_cut(network, self.usual_cut, neuron)


@dataclass(eq=False)
class Table(TableTask):
    """A class in one column, told from the others; until there is a table, made-up fruit.

    The defaults reach 95 % of 72 test rows after about 40 steps, 0.1 s on one core.
    """

    name: ClassVar[str] = "table"
    title: ClassVar[str] = "Table"
    summary: ClassVar[str] = "Your own CSV: one column is the class, the others are read and brought to one scale."
    goal: ClassVar[Goal] = answers_right("{value} of the rows {unseen} are put into their right class.", 0.95)
    defaults: ClassVar[Mapping[str, Any]] = {**Plane.defaults, "batch_size": 64}

    def refused(self, column: Column) -> str:
        return column.no_class

    @property
    def classes(self) -> list[str]:
        """Name the classes."""
        return self.columns[self.target_place].values

    @property
    def class_names(self) -> list[str]:
        return self.classes

    @property
    def outputs(self) -> int:
        return len(self.classes)

    def load(self, rng: np.random.Generator) -> None:
        super().load(rng)
        words = self.columns[self.target_place].kind == "word"
        values = np.arange(self.outputs) if words else np.array([float(name) for name in self.classes])
        self.target, self.target_test = (
            np.abs(cells[:, np.newaxis] - values).argmin(axis=1) for cells in (self.target, self.target_test)
        )
        if unseen := [self.classes[k] for k in sorted({*self.target_test.tolist()} - {*self.target.tolist()})]:
            said = ", ".join(repr(name[:30]) for name in unseen[:3]) + (" …" if len(unseen) > 3 else "")
            self.remark = f"in test rows only, so never learned: {said}"

    def tracked_examples(self) -> TrackedExamples:
        return replace(super().tracked_examples(), names=self.classes)

    @picture("decision boundary")
    def boundary(self, network: Network, axes: int) -> Field:
        """Ask for the class at every place of a plane through the inputs."""
        shown = self.tracked_examples()
        return observe_field_over_cut(network, self.cut(axes), shown.x, shown.target, shown.is_test, self.names, self.classes)

    neurons, neuron_map = TableTask.neurons, TableTask.neuron_map  # their place is behind the main picture

    @picture("confusion")
    def confusion(self, network: Network) -> Confusion:
        """Count which class is taken for which."""
        x, wanted = (self.x_test, self.target_test) if len(self.x_test) else (self.x, self.target)
        return replace(observe_confusion(network, x[:SHOWN], wanted[:SHOWN], self.outputs, self.classes), words=self.remark)


@dataclass(eq=False)
class Numbers(TableTask):
    """A number in one column, predicted from the others; until there is a table, the price of made-up fruit.

    The defaults reach a test MSE of 0.03 (97 % of the price explained) after about 80 steps, 0.1 s on one core.
    """

    name: ClassVar[str] = "numbers"
    title: ClassVar[str] = "Numbers"
    summary: ClassVar[str] = "Your own CSV: one column is a number to predict; a loss of 1 is no better than the mean."
    goal: ClassVar[Goal] = Goal(
        "test_loss", 0.03, "Its squared error on rows {unseen} is {value}; saying the mean would have 1."
    )
    kind: ClassVar[str] = "numbers"
    defaults: ClassVar[Mapping[str, Any]] = {
        "network": dense_network(16, 16),
        "optimizer": {"name": "Adam", "learning_rate": 0.005},
        "loss": {"name": "MSE"},
        "batch_size": 64,
        "steps": 10_000,
        "evaluate_every": 20,
    }

    def refused(self, column: Column) -> str:
        return column.no_number

    @property
    def outputs(self) -> int:
        return 1

    def load(self, rng: np.random.Generator) -> None:
        super().load(rng)
        self.middle, self.scale = float(self.target.mean()), float(self.target.std()) or 1.0
        self.target, self.target_test = (
            ((cells - self.middle) / self.scale).astype(np.float32).reshape(-1, 1) for cells in (self.target, self.target_test)
        )

    def tracked_examples(self) -> TrackedExamples:
        return replace(super().tracked_examples(), middle=self.middle, scale=self.scale)

    def said(self, network: Network, x: Array) -> Array:
        """Give what the network says, in the units of the column."""
        return self.middle + self.scale * network.predict(x.astype(np.float32))[:, 0].astype(np.float64)

    @picture("fitted curve")
    def fit(self, network: Network, axes: int) -> Curve:
        """Ask for the number along one feature, with all others at their mean."""
        shown = self.tracked_examples()
        truth = shown.truth.astype(np.float64)
        k = max(0, axes - 1) % len(self.names)
        x = np.linspace(shown.x[:, k].min(), shown.x[:, k].max(), 200)
        line = np.zeros((len(x), len(self.names)), np.float32)
        line[:, k] = x
        points = np.stack([self.mean[k] + self.std[k] * shown.x[:, k], truth], axis=1)
        return Curve(
            self.mean[k] + self.std[k] * x,
            self.said(network, line),
            np.full(len(x), np.nan),
            points.astype(np.float32),
            truth - self.said(network, shown.x),
            shown.is_test.astype(np.uint8),
            axes=[self.names[k], self.columns[self.target_place].name],
            choices=self.names,
            words="" if len(self.names) == 1 else "the line: all other columns at their mean",
        )

    neurons, neuron_map = TableTask.neurons, TableTask.neuron_map  # their place is behind the main picture

    @picture("truth and guess")
    def agreement(self, network: Network) -> Agreement:
        """Compare the network's guesses with what is true."""
        shown = self.tracked_examples()
        guess = self.said(network, shown.x).astype(np.float32)
        unit = self.columns[self.target_place].name
        return Agreement(shown.truth.astype(np.float32), guess, shown.is_test.astype(np.uint8), unit)
