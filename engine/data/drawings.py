"""Points that somebody drew by hand, as a short text: it fits into an address, a configuration and a program.

Five characters are a point: its class (A, B, …), then x and y, each in two digits to the base 64, 0 … 4095 over the sheet.
"""

import re

import numpy as np

from engine.arrays import Array
from engine.data.points import spread_evenly

DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
FINEST = 64**2 - 1
MOST = 2000
PATTERN = rf"(?:[A-F][\w-]{{4}}){{0,{MOST}}}"


def read(drawing: str) -> tuple[Array, Array]:
    """Give the places (N, 2), from 0 to 1 over the sheet, and the classes (N,). Raises ValueError where it is no drawing."""
    if not re.fullmatch(PATTERN, drawing, re.ASCII):
        raise ValueError(
            f"a drawing is up to {MOST:,} times five characters, a class from A to F and a place, got {drawing[:40]!r}"
        )
    values = np.array([DIGITS.index(c) for c in drawing], np.int64).reshape(-1, 5)
    places = (64 * values[:, 1::2] + values[:, 2::2]) / FINEST
    return places, values[:, 0]


def write(places: Array, classes: Array) -> str:
    """Write places (N, 2), from 0 to 1, and classes (N,) as a drawing; the inverse of `read`, to 1/4095 of the sheet."""
    fine = np.clip(np.rint(np.asarray(places) * FINEST), 0, FINEST).astype(int)
    return "".join(
        DIGITS[k] + "".join(DIGITS[v // 64] + DIGITS[v % 64] for v in place) for k, place in zip(classes, fine, strict=True)
    )


def held_out(n: int, share: float) -> Array:
    """Choose which of n points are for testing, so that points that are added change nothing for those before them."""
    chosen: Array = spread_evenly(n) < share
    return chosen
