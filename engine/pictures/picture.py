"""What every picture is: a network at one step as plain arrays, so that any page can draw it.

Bytes (uint8) and numbers (floating point) are all that a picture holds; `view` names how it is drawn.
"""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from engine.arrays import Array
from engine.pictures.html import figure


@dataclass
class Picture:
    """What was seen of a network at one step of a run."""

    view: ClassVar[str]
    name: str = field(kw_only=True, default="")
    step: int = field(kw_only=True, default=0)

    def _repr_html_(self) -> str:
        """Draw it in a notebook."""
        return figure(self)


def signed_bytes(values: Array) -> tuple[Array, Array]:
    """Keep arrays (n, …) as bytes around 128, each on its own scale; return the bytes and the scales (n,).

    A value v in −scale … scale becomes the byte 128 + 127 v / scale. What is not finite does not stretch the scale: ±∞ are
    drawn as the largest values, NaN as zero.
    """
    rows = values.reshape(len(values), -1)
    scale = largest(rows, axis=1)
    unit = unit_values(rows, scale[:, None])
    return (128 + 127 * unit).round().astype(np.uint8).reshape(values.shape), scale.astype(np.float32)


def largest(values: Array, axis: int | None = None) -> Array:
    """Give the largest absolute value of those that are finite, and a little more than zero where all are zero."""
    found: Array = np.where(np.isfinite(values), np.abs(values), 0).max(axis=axis, initial=0) + 1e-12
    return found


def unit_values(values: Array, scale: Array) -> Array:
    """Give v / scale, between −1 and 1; NaN becomes 0."""
    unit: Array = np.nan_to_num(np.clip(values / scale, -1, 1))
    return unit
