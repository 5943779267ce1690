"""Read pictures as a page does: the frame that each is packed in."""

import json
import math
import struct
from typing import Any

import numpy as np

Read = tuple[dict[str, Any], dict[str, np.ndarray]]
"""A header, and the arrays by name."""


def read_frame(frame: bytes) -> Read:
    """Give a frame's header and its arrays."""
    (length,) = struct.unpack_from("<I", frame)
    assert length % 4 == 0
    header = json.loads(frame[4 : 4 + length])
    arrays = {}
    for array in header["arrays"]:
        assert array["offset"] % 4 == 0
        dtype = {"u1": np.uint8, "f4": np.dtype("<f4")}[array["dtype"]]
        arrays[array["name"]] = np.frombuffer(frame, dtype, math.prod(array["shape"]), 4 + length + array["offset"]).reshape(
            array["shape"]
        )
    return header, arrays


def frames_of(answer: bytes) -> list[bytes]:
    """Cut an answer of several pictures into its frames."""
    found = []
    while answer:
        (length,) = struct.unpack_from("<I", answer)
        found.append(answer[4 : 4 + length])
        answer = answer[4 + length :]
    return found
