"""Points, curves and digits, and drawings that become digits."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from engine.data import curves, mnist, points
from engine.data.centring import centred
from server.storage.folders import data_folders, default_home
from server.storage.mnist_download import SHA256


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
