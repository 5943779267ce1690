"""MNIST: handwritten digits, 28 × 28 grey pixels (LeCun, Cortes & Burges 1998), in the IDX format.

The full MNIST is looked for in the folders that are handed in; 10,000 digits of it come along.
"""

import gzip
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.arrays import Array

FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
"""The four files: images and labels for training, images and labels for testing."""

SOURCES = ("auto", "bundled", "full")
BUNDLED = Path(__file__).with_name("digits.npz")
BUNDLED_TEST = 2_000
NOT_HERE = "the full MNIST is not on this machine: get it first, or choose the bundled digits"


class NotDownloadedError(LookupError):
    """The full MNIST was asked for, and is in none of the folders."""


@dataclass(frozen=True)
class Digits:
    """Images (N, 28, 28) and labels (N,), both uint8, for training and for testing."""

    images: Array
    labels: Array
    test_images: Array
    test_labels: Array
    source: str


def find(folders: Sequence[Path]) -> Path | None:
    """Give the first folder that holds all four files, compressed or not; None where there is none."""
    for folder in folders:
        if all((folder / name).exists() or (folder / f"{name}.gz").exists() for name in FILES):
            return folder
    return None


def load(source: str = "auto", folders: Sequence[Path] = ()) -> Digits:
    """Load the digits: "full" (60,000 + 10,000), "bundled" (8,000 + 2,000), or "auto", the largest there is.

    Raises NotDownloadedError for "full" where it is in none of the folders.
    """
    folder = find(folders) if source != "bundled" else None
    if folder:
        train, labels, test, test_labels = (read_idx(folder, name) for name in FILES)
        return Digits(train, labels, test, test_labels, "full")
    if source == "full":
        raise NotDownloadedError(NOT_HERE)
    with np.load(BUNDLED, allow_pickle=False) as archive:
        images, labels = archive["images"], archive["labels"]
    n = len(images) - BUNDLED_TEST
    return Digits(images[:n], labels[:n], images[n:], labels[n:], "bundled")


def read_idx(folder: Path, name: str) -> Array:
    """Read an IDX file of bytes, compressed or not:  00 00 08 rank, then rank big-endian sizes, then the numbers."""
    path = folder / name
    raw = path.read_bytes() if path.exists() else gzip.decompress((folder / f"{name}.gz").read_bytes())
    zero, kind, rank = struct.unpack_from(">HBB", raw)
    shape = struct.unpack_from(f">{rank}I", raw, 4)
    start = 4 + 4 * rank
    if zero or kind != 8 or len(raw) - start != np.prod(shape):
        raise ValueError(f"{name} in the MNIST folder is damaged: {len(raw)} bytes do not hold {shape} pixels")
    return np.frombuffer(raw, np.uint8, offset=start).reshape(shape)
