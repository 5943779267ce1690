"""Small images as examples."""

from typing import ClassVar

import numpy as np

from engine.arrays import Array, Shape
from engine.tasks.task import Task


class Pixels(Task):
    """Images (28, 28) of ink on nothing, kept as bytes; a task may have larger ones, and in colour (side, side, 3)."""

    group: ClassVar[str] = "images"

    @property
    def input_shape(self) -> Shape:
        return (28, 28, 1)

    def to_input(self, x: Array) -> Array:
        told = x.astype(np.float32) / 255
        return told if told.ndim == 4 else told[..., np.newaxis]
