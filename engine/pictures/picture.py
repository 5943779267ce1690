"""What every picture is: a network at one step as plain arrays, so that any page can draw it.

Bytes (uint8) and numbers (floating point) are all that a picture holds; `view` names how it is drawn.
"""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from engine.arrays import Array


@dataclass
class Picture:
    """What was seen of a network at one step of a run."""

    view: ClassVar[str]
    name: str = field(kw_only=True, default="")
    step: int = field(kw_only=True, default=0)


def signed_bytes(values: Array) -> tuple[Array, Array]:
    """Keep arrays (n, …) as bytes around 128, each on its own scale; return the bytes and the scales (n,).

    A value v in −scale … scale becomes the byte 128 + 127 v / scale.
    """
    rows = values.reshape(len(values), -1)
    scale = np.abs(np.nan_to_num(rows)).max(axis=1, initial=0) + 1e-12
    unit = np.clip(np.nan_to_num(rows) / scale[:, None], -1, 1)
    return (128 + 127 * unit).round().astype(np.uint8).reshape(values.shape), scale.astype(np.float32)
