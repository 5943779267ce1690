"""What a person draws: points in colours, or a curve. Training goes on while they draw."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from engine.arrays import Array
from engine.data import drawings, points
from engine.data.curves import INTERVAL
from engine.hyperparameter import choice
from engine.pictures import Extent
from engine.tasks.families.curves import Curves
from engine.tasks.families.goal import Goal, curve_met, points_right
from engine.tasks.families.labelled import Emptied
from engine.tasks.families.plane import Plane

HEIGHT = 1.5
"""How far up and down the sheet for curves reaches."""
DRAWING, SHARE = "what was drawn; the page writes it", "points that are kept for testing, as a share of all"


@dataclass(eq=False)
class Painted(Emptied, Plane):
    """Points that you paint, in up to six classes; before the first stroke there are some to begin with."""

    name: ClassVar[str] = "painted"
    seeded: ClassVar[bool] = False
    title: ClassVar[str] = "Paint"
    summary: ClassVar[str] = "Your own points: paint on the picture while it trains, and the boundary follows you."
    goal: ClassVar[Goal] = points_right("The boundary follows what you painted", 0.95)

    drawing: str = choice(DRAWING, default="", pattern=drawings.PATTERN)
    classes: int = choice("how many classes you can paint", default=3, minimum=2, maximum=6)
    test_share: float = choice(SHARE, default=0.2, minimum=0.0, maximum=0.5)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.places, self.labels = drawings.read(self.drawing)
        if not len(self.places):
            x, self.labels = points.blobs(12 * self.classes, self.classes, 0.12, np.random.default_rng(0))
            self.places = (x + 1) / 2
        if self.labels.max() >= self.classes:
            raise ValueError(f"drawing has points of class {self.labels.max() + 1}, and there are {self.classes} classes")
        self.is_test = drawings.held_out(len(self.places), self.test_share)

    @property
    def outputs(self) -> int:
        return self.classes

    @property
    def examples(self) -> int:
        return int((~self.is_test).sum())

    def load(self, rng: np.random.Generator) -> None:
        x = (2 * self.places - 1).astype(np.float32)
        self.x, self.target = x[~self.is_test], self.labels[~self.is_test]
        self.x_test, self.target_test = x[self.is_test], self.labels[self.is_test]

    @property
    def extent(self) -> Extent:
        return (-1.0, 1.0, -1.0, 1.0)


@dataclass(eq=False)
class Sketched(Curves):
    """A curve that you sketch; before the first stroke there is one to begin with."""

    name: ClassVar[str] = "sketched"
    seeded: ClassVar[bool] = False
    title: ClassVar[str] = "Sketch"
    summary: ClassVar[str] = "Your own curve: draw it on the picture while it trains, and the network bends onto it."
    goal: ClassVar[Goal] = curve_met("The line follows your curve", 0.01)

    drawing: str = choice(DRAWING, default="", pattern=drawings.PATTERN)
    test_share: float = choice(SHARE, default=0.2, minimum=0.0, maximum=0.5)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.places, _ = drawings.read(self.drawing)
        if not len(self.places):
            x = np.linspace(0, 1, 60)
            self.places = np.stack([x, 0.5 + 0.3 * np.sin(9 * x) * x], axis=1)
        self.is_test = drawings.held_out(len(self.places), self.test_share)

    @property
    def examples(self) -> int:
        return int((~self.is_test).sum())

    def load(self, rng: np.random.Generator) -> None:
        low, high = INTERVAL
        x = (low + (high - low) * self.places[:, :1]).astype(np.float32)
        y = (HEIGHT * (2 * self.places[:, 1:] - 1)).astype(np.float32)
        self.x, self.target = x[~self.is_test], y[~self.is_test]
        self.x_test, self.target_test = x[self.is_test], y[self.is_test]

    def truth(self, x: Array) -> Array:
        return np.full(len(x), np.nan)
