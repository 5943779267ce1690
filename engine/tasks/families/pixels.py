"""Small grey images as examples."""

from typing import ClassVar

import numpy as np

from engine.arrays import Array, Shape
from engine.tasks.task import Task


class Pixels(Task):
    """Images (28, 28) of ink on nothing, kept as bytes."""

    group: ClassVar[str] = "images"

    @property
    def input_shape(self) -> Shape:
        return (28, 28, 1)

    def to_input(self, x: Array) -> Array:
        return (x.astype(np.float32) / 255)[..., np.newaxis]
