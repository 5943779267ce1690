"""Points, curves and digits, and drawings that become digits."""

import hashlib
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from engine.data import curves, mnist, points
from engine.data.centring import PENS, Strokes, are_lines, centred, inked
from engine.data.shapes import shapes
from server.storage.folders import data_folders, default_home
from server.storage.mnist_download import SHA256
from tests.benchmarks.drawn_digits import DIGITS, HANDS, drawn


def test_the_spiral_is_the_one_of_the_notes() -> None:
    x, classes = points.spiral(300, 3, 0.0, np.random.default_rng(0))
    for arm in range(3):
        r = np.linspace(0, 1, 100)
        angle = np.linspace(arm * 4, (arm + 1) * 4, 100)
        np.testing.assert_allclose(x[classes == arm], np.stack([r * np.sin(angle), r * np.cos(angle)], axis=1), atol=1e-12)


@pytest.mark.parametrize("arms", [2, 3, 4, 5])
def test_arms_are_of_equal_length(arms: int) -> None:
    x, classes = points.spiral(101, arms, 0.1, np.random.default_rng(0))
    assert x.shape == (101, 2)
    assert np.bincount(classes).max() - np.bincount(classes).min() <= 1


def test_points_lie_where_they_should() -> None:
    rng = np.random.default_rng(0)
    x, classes = points.circles(200, 0.0, rng)
    np.testing.assert_allclose(np.linalg.norm(x, axis=1), np.where(classes == 0, 0.4, 0.9))
    x, classes = points.xor(200, 0.0, rng)
    assert ((x[:, 0] * x[:, 1] < 0) == (classes == 1)).all()
    assert len({tuple(signs) for signs in np.sign(x)}) == 4
    x, classes = points.blobs(80, 4, 0.0, rng)
    assert len(np.unique(x.round(6), axis=0)) == 4
    x, classes = points.moons(100, 0.0, rng)
    assert np.bincount(classes).tolist() == [50, 50]


@pytest.mark.parametrize("f", [curves.sine, curves.step, curves.polynomial, curves.sines])
def test_curves_are_sampled_over_the_interval(f) -> None:
    x, y = curves.sample(f, 500, 0.0, np.random.default_rng(0))
    assert x.shape == y.shape == (500, 1)
    assert 0 <= x.min() < 0.2
    assert 9.8 < x.max() <= 10
    np.testing.assert_allclose(y, f(x))
    _, noisy = curves.sample(f, 20_000, 0.3, np.random.default_rng(0))
    clean = f(curves.sample(f, 20_000, 0.3, np.random.default_rng(0))[0])
    assert (noisy - clean).std() == pytest.approx(0.3, rel=0.05)


def test_the_bundled_digits() -> None:
    digits = mnist.load("bundled")
    assert digits.images.shape == (8000, 28, 28)
    assert digits.test_images.shape == (2000, 28, 28)
    assert digits.images.dtype == np.uint8
    assert np.bincount(digits.labels, minlength=10).min() > 600


def test_without_the_full_set_the_bundled_one_is_taken(tmp_path: Path) -> None:
    assert mnist.load(folders=(tmp_path,)).source == "bundled"
    with pytest.raises(mnist.NotDownloadedError, match="get it first"):
        mnist.load("full", (tmp_path,))


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 9, 1, 2]))
    with pytest.raises(ValueError, match="train-labels-idx1-ubyte in the MNIST folder is damaged"):
        mnist.read_idx(tmp_path, "train-labels-idx1-ubyte")


def test_auto_takes_the_full_set_where_it_is_and_it_is_the_real_one() -> None:
    folders = data_folders(default_home()).mnist
    folder, digits = mnist.find(folders), mnist.load(folders=folders)
    assert digits.source == ("full" if folder else "bundled")
    if folder:
        assert (len(digits.images), len(digits.test_images)) == (60_000, 10_000)
        header = bytes([0, 0, 8, 3, 0, 0, 39, 16, 0, 0, 0, 28, 0, 0, 0, 28])
        assert hashlib.sha256(header + digits.test_images.tobytes()).hexdigest() == SHA256["t10k-images-idx3-ubyte"]


def test_a_drawing_is_scaled_and_centred_as_mnist_was() -> None:
    sheet = np.zeros((112, 112), np.uint8)
    sheet[10:50, 60:70] = 255
    digit = centred(sheet)
    rows, columns = np.flatnonzero(digit.any(axis=1)), np.flatnonzero(digit.any(axis=0))
    assert (rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1) == (20, 5)
    assert digit.max() == 255
    assert abs(rows.mean() - 14) <= 0.5
    assert abs(columns.mean() - 14) <= 0.5
    assert not centred(np.zeros((50, 40))).any()
    np.testing.assert_array_equal(centred(sheet), centred(np.roll(sheet, (30, -40), axis=(0, 1))))


def test_mnists_own_digits_are_unchanged_by_it() -> None:
    for digit in mnist.load("bundled").images[:300]:
        assert np.abs(centred(digit).astype(int) - digit).max() <= 1


def test_strokes_are_as_large_and_as_thick_wherever_and_however_small_they_are_drawn() -> None:
    line = np.array([[0.1, 0.1], [0.6, 0.1], [0.2, 0.8]])
    drawn = inked(Strokes([line]))
    assert drawn.max() == 255
    rows, columns = np.flatnonzero(drawn.any(axis=1)), np.flatnonzero(drawn.any(axis=0))
    assert max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1 in (20, 21)
    mass = drawn.sum(axis=0) @ np.arange(28) / drawn.sum(), drawn.sum(axis=1) @ np.arange(28) / drawn.sum()
    np.testing.assert_allclose(mass, 14, atol=0.5)
    for size, place in ((0.25, (0, 0)), (0.25, (0.75, 0.7)), (0.5, (0.5, 0))):
        np.testing.assert_allclose(inked(Strokes([place + size * line])), drawn, atol=1)
    # but for corners, which are cut by a quarter of a pixel
    finely = np.concatenate([np.linspace(a, b, 500) for a, b in pairwise(line)])
    np.testing.assert_allclose(inked(Strokes([finely])).astype(int), drawn, atol=24)
    thin, middle, bold = (inked(Strokes([line], pen)).sum() for pen in PENS)
    assert thin < 0.85 * middle < 0.85 * 0.85 * bold


def test_a_digit_drawn_at_a_quarter_of_the_size_is_the_same_digit() -> None:
    for digit in DIGITS:
        large, small = (inked(Strokes(drawn(digit, size, (1.0, 0.0), HANDS[0]))).astype(int) for size in (1.0, 0.25))
        moved = [np.roll(small, (down, right), (0, 1)) for down in (-1, 0, 1) for right in (-1, 0, 1)]
        assert min(np.abs(large - image).mean() for image in moved) < 5, digit


def test_a_pen_in_the_middle_draws_as_grey_and_as_bright_as_mnist_is() -> None:
    mine = np.stack([inked(Strokes(drawn(digit, 1.0, (0.5, 0.5), hand))) for digit in DIGITS for hand in HANDS])
    theirs = mnist.load("bundled").images[:2000]
    for measure, most in ((lambda x: (x > 0).mean(), 0.03), (lambda x: ((x > 0) & (x < 250)).sum() / (x > 0).sum(), 0.06)):
        assert abs(measure(mine) - measure(theirs)) < most


def test_a_place_alone_is_a_dot_and_no_strokes_are_no_ink() -> None:
    dot = inked(Strokes([np.array([[0.2, 0.9]])]))
    rows = np.flatnonzero(dot.any(axis=1))
    assert 2 <= rows[-1] - rows[0] + 1 <= 6
    assert dot.max() == 255
    np.testing.assert_array_equal(inked(Strokes([np.array([[0.5, 0.5], [0.5, 0.5]])])), dot)
    assert not inked(Strokes([])).any()


def test_digits_and_outlines_are_lines_and_photographs_and_filled_shapes_are_not() -> None:
    rng = np.random.default_rng(0)
    y, x = np.mgrid[0:28, 0:28]
    discs = np.stack([255.0 * (np.hypot(x - 14, y - 14) < radius) for radius in rng.uniform(6, 12, 20)])
    photographs = 128 + 127 * np.sin(x / 4 + rng.uniform(0, 6, (20, 1, 1))) * np.cos(y / 6)
    assert are_lines(mnist.load("bundled").images[:50])
    assert are_lines(shapes(50, rng)[0])
    assert not are_lines(discs)
    assert not are_lines(photographs)
