"""Moved images against a slow transcription, pixel by pixel."""

import math
from collections.abc import Iterator
from itertools import islice

import numpy as np
import pytest

import engine as nn
from engine.data.augmentation import moved
from engine.data.centring import centred


def slowly(image: np.ndarray, down: int, right: int, degrees: float) -> np.ndarray:
    """Turn and shift one grey image, as the docstring says it."""
    height, width = image.shape
    y, angle, m_i, m_j = np.zeros_like(image), math.radians(degrees), (height - 1) / 2, (width - 1) / 2

    def pixel(p: int, q: int) -> float:
        return image[p, q] if 0 <= p < height and 0 <= q < width else 0.0

    for i in range(height):
        for j in range(width):
            u = math.cos(angle) * (i - m_i) - math.sin(angle) * (j - m_j) + m_i - down
            v = math.sin(angle) * (i - m_i) + math.cos(angle) * (j - m_j) + m_j - right
            p, q = math.floor(u), math.floor(v)
            for a, b in ((0, 0), (0, 1), (1, 0), (1, 1)):
                share = (1 - abs(u - p - a)) * (1 - abs(v - q - b))
                y[i, j] += share * pixel(p + a, q + b)
    return y


@pytest.mark.parametrize(("shift", "rotation"), [(0, 30.0), (3, 0.0), (5, 45.0)])
@pytest.mark.parametrize("shape", [(6, 7), (5, 4)])
def test_images_are_turned_and_shifted_as_the_slow_transcription_does_it(
    shift: int, rotation: float, shape: tuple[int, int]
) -> None:
    images = np.random.default_rng(1).random((9, *shape, 1))
    y = moved(images, shift, rotation, np.random.default_rng(2))
    again = np.random.default_rng(2)  # the same draws
    degrees, (down, right) = again.uniform(-rotation, rotation, 9), again.integers(-shift, shift, (2, 9), endpoint=True)
    for n in range(9):
        assert y[n, ..., 0] == pytest.approx(slowly(images[n, ..., 0], down[n], right[n], degrees[n]), abs=1e-12)


def test_shifts_reach_as_far_as_asked_for_and_no_farther() -> None:
    images = np.zeros((500, 9, 9, 1), np.float32)
    images[:, 4, 4] = 1
    _, rows, columns, _ = np.nonzero(moved(images, 2, 0, np.random.default_rng(0)))
    assert len(rows) == 500
    assert (set(rows), set(columns)) == ({2, 3, 4, 5, 6}, {2, 3, 4, 5, 6})


def test_training_sees_moved_images_and_tests_do_not() -> None:
    def first(training: nn.Training) -> Iterator[np.ndarray]:
        return (x for x, _ in islice(training.task.batches(100, np.random.default_rng(5)), 3))

    plain = nn.Training(nn.configure({"task": "mnist", "data": {"source": "bundled"}}))
    turned = nn.Training(nn.configure({"task": "mnist", "data": {"source": "bundled", "shift": 2, "rotation": 10}}))
    assert not np.allclose(next(first(plain)), next(first(turned)))
    assert (plain.task.x_test == turned.task.x_test).all()
    assert all((a == b).all() for a, b in zip(first(turned), first(turned), strict=True))  # the same seed, the same moves


def test_line_drawings_are_brought_into_the_form_that_a_drawing_on_the_pad_has() -> None:
    plain, brought = (nn.Training(nn.configure({"task": "images", "data": {"as_digits": on}})).task for on in (False, True))
    assert np.array_equal(brought.target, plain.target)
    for before, after in [*zip(plain.x[:20], brought.x[:20], strict=True), (plain.x_test[0], brought.x_test[0])]:
        np.testing.assert_array_equal(after, centred(before))
        rows, columns = np.flatnonzero(after.any(axis=1)), np.flatnonzero(after.any(axis=0))
        assert max(np.ptp(rows), np.ptp(columns)) + 1 == 20
