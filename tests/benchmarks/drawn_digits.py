"""Count how many digits are read that are drawn on the pad: in several hands, sizes, places and pens.

    python -m tests.benchmarks.drawn_digits [--seeds 3] [--steps 600]

Every digit is strokes by formula, rounded to the pixels of a pad on the page as a mouse gives them. The reader is the task's
default network, trained on the bundled digits.
"""

import argparse
import math
from collections.abc import Iterator

import numpy as np

import engine as nn
from engine.arrays import Array
from engine.data.centring import PENS, Strokes, centred, inked

PAD = 220
"""Pixels of the pad on the page."""
SIZES = (1.0, 0.5, 0.25)
"""Of a digit that takes up seven tenths of the pad."""
PLACES = ((0.5, 0.5), (0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0))
"""In the middle and in the corners, from 0 to 1 over what is left of the pad."""
HANDS = ((0.0, 1.0), (0.18, 0.85), (-0.12, 1.1), (0.3, 1.0))
"""How a hand slants, and how wide it writes."""

Stroke = list[tuple[float, float]]


def arc(x: float, y: float, a: float, b: float, start: float, end: float) -> Stroke:
    """Give an arc of an ellipse around (x, y), from one angle to another in degrees, 0 to the right and 90 down."""
    angles = np.radians(np.linspace(start, end, max(4, int(abs(end - start) / 12))))
    return [(x + a * math.cos(t), y + b * math.sin(t)) for t in angles]


DIGITS: dict[int, list[Stroke]] = {
    0: [arc(0.5, 0.5, 0.32, 0.5, -90, 270)],
    1: [[(0.32, 0.2), (0.55, 0.0), (0.55, 1.0)]],
    2: [[*arc(0.48, 0.28, 0.34, 0.28, -170, 25), (0.12, 1.0), (0.88, 1.0)]],
    3: [[*arc(0.42, 0.26, 0.36, 0.26, -150, 90), *arc(0.42, 0.76, 0.4, 0.24, -90, 150)]],
    4: [[(0.3, 0.0), (0.08, 0.55), (0.9, 0.55)], [(0.68, 0.1), (0.62, 1.0)]],
    5: [[(0.85, 0.0), (0.22, 0.0), (0.2, 0.42), *arc(0.45, 0.7, 0.38, 0.3, -120, 150)]],
    6: [[(0.72, 0.02), *arc(0.62, 0.62, 0.48, 0.55, -110, -190), *arc(0.47, 0.72, 0.33, 0.28, -200, 175)]],
    7: [[(0.08, 0.0), (0.88, 0.0), (0.4, 1.0)]],
    8: [[*arc(0.5, 0.24, 0.27, 0.24, 90, -180), *arc(0.5, 0.24, 0.27, 0.24, 180, 90), *arc(0.5, 0.74, 0.33, 0.26, -90, 270)]],
    9: [[*arc(0.45, 0.27, 0.33, 0.27, 0, -360), (0.76, 0.5), (0.66, 1.0)]],
}
"""The strokes of each digit in a box of 1 × 1, x to the right and y down."""


def drawn(digit: int, size: float, place: tuple[float, float], hand: tuple[float, float]) -> list[Array]:
    """Give a digit's strokes (N, 2) over the pad, from 0 to 1, as a hand draws them with a mouse."""
    slant, width = hand
    side = 0.7 * size
    strokes = []
    for stroke in DIGITS[digit]:
        x, y = np.array(stroke).T
        at = np.stack([0.5 + 0.72 * width * (x - 0.5) + slant * (0.5 - y), y], axis=1)
        at = np.array(place) * (1 - side) * 0.92 + 0.04 + side * at
        strokes.append(np.rint(PAD * at) / PAD)
    return strokes


def with_the_pen_of_the_sheet(strokes: list[Array], pixels: int = 112, pen: float = 8.4) -> Array:
    """Draw strokes as the pad did, with a pen that is as wide for a small digit as for a large one: (pixels, pixels)."""
    grid = np.stack(np.meshgrid(*[np.arange(pixels) + 0.5] * 2), axis=-1)
    far = np.full((pixels, pixels), np.inf)
    for stroke in strokes:
        for a, b in zip(pixels * stroke[:-1], pixels * stroke[1:], strict=True):
            t = np.clip((grid - a) @ (b - a) / max(float((b - a) @ (b - a)), 1e-12), 0, 1)
            far = np.minimum(far, np.linalg.norm(grid - a - t[..., None] * (b - a), axis=-1))
    return (255 * np.clip(pen / 2 - far + 0.5, 0, 1)).round()


def reader(seed: int, steps: int) -> nn.Training:
    """Train the task's default network on the bundled digits."""
    training = nn.Training(nn.configure({"task": "mnist", "data": {"source": "bundled"}, "steps": steps, "seed": seed}))
    for _ in training.events():
        pass
    return training


def read(training: nn.Training, images: list[Array]) -> list[int]:
    """Say what a network takes images (28, 28) for."""
    answers = training.answer(training.task.to_input(np.stack(images)))
    return [int(k) for k in answers["classes"]]


def cases(size: float) -> Iterator[tuple[int, list[Array]]]:
    """Give every digit in every hand at every place, and its strokes."""
    for digit in DIGITS:
        for hand in HANDS:
            for place in PLACES:
                yield digit, drawn(digit, size, place, hand)


def main() -> None:
    """Print the shares of digits that are read, by size: as the pad drew them, and as it does, with each pen."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--seeds", type=int, default=3)
    options.add_argument("--steps", type=int, default=600)
    chosen = options.parse_args()
    readers = [reader(seed, chosen.steps) for seed in range(chosen.seeds)]
    print("size   pen of the sheet   " + "   ".join(f"pen {pen:g}" for pen in PENS))
    for size in SIZES:
        wanted, strokes = zip(*cases(size), strict=True)
        ways = [[centred(with_the_pen_of_the_sheet(s)) for s in strokes]]
        ways += [[inked(Strokes(s, pen)) for s in strokes] for pen in PENS]
        hits = [sum(k == d for r in readers for k, d in zip(read(r, w), wanted, strict=True)) for w in ways]
        print(f"{size:4g}   " + "   ".join(f"{n} of {len(wanted) * len(readers)}" for n in hits))


if __name__ == "__main__":
    main()
