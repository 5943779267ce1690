"""MNIST: handwritten digits, 28 × 28 grey pixels (LeCun, Cortes & Burges 1998), in the IDX format.

Looked for in the folder `mnist` of NN_BASICS_DATA, then in the user's cache, then in the 10,000 digits that come along.
"""

import gzip
import hashlib
import os
import struct
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import numpy as np

from engine.arrays import Array

FILES = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
"""The four files, with the SHA-256 of their decompressed bytes."""

MIRRORS = ("https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/")
DOWNLOAD_BYTES = 11_594_722
LARGEST_FILE = 47_040_016
SOURCES = ("auto", "bundled", "full")
BUNDLED = Path(__file__).with_name("digits.npz")
BUNDLED_TEST = 2_000


class NotDownloadedError(LookupError):
    """The full MNIST was asked for, and is neither in NN_BASICS_DATA nor in the cache."""


class DownloadError(OSError):
    """The full MNIST could not be fetched; the message says why, and what to do."""


@dataclass(frozen=True)
class Digits:
    """Images (N, 28, 28) and labels (N,), both uint8, for training and for testing."""

    images: Array
    labels: Array
    test_images: Array
    test_labels: Array
    source: str


def cache_folder() -> Path:
    """Give the folder where a downloaded MNIST is kept: the platform's place for caches."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData/Local"))
    elif sys.platform == "darwin":
        base = Path.home() / "Library/Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "neural-network-basics" / "mnist"


def find() -> Path | None:
    """Give the folder that holds all four files, compressed or not; None where there is none."""
    named = os.environ.get("NN_BASICS_DATA")
    folders = [Path(named) / "mnist"] if named else []
    for folder in [*folders, cache_folder()]:
        if all((folder / name).exists() or (folder / f"{name}.gz").exists() for name in FILES):
            return folder
    return None


def load(source: str = "auto") -> Digits:
    """Load the digits: "full" (60,000 + 10,000), "bundled" (8,000 + 2,000), or "auto", the largest there is.

    Raises NotDownloadedError for "full" where it is not on this machine.
    """
    folder = find() if source != "bundled" else None
    if folder:
        train, labels, test, test_labels = (read_idx(folder, name) for name in FILES)
        return Digits(train, labels, test, test_labels, "full")
    if source == "full":
        raise NotDownloadedError("the full MNIST is not on this machine: get it first, or choose the bundled digits")
    with np.load(BUNDLED, allow_pickle=False) as archive:
        images, labels = archive["images"], archive["labels"]
    n = len(images) - BUNDLED_TEST
    return Digits(images[:n], labels[:n], images[n:], labels[n:], "bundled")


def normalized(image: Array) -> Array:
    """Bring a drawing (H, W) of any size into the form of MNIST's digits: bytes (28, 28), ink 255 on 0.

    As their makers did: the ink is scaled to fit into 20 × 20, its shape kept, each new pixel the mean of what it covers,
    and its centre of mass is put onto pixel (14, 14). MNIST's own digits come out unchanged. An empty sheet stays empty.
    LeCun, Bottou, Bengio & Haffner (1998), Gradient-based learning applied to document recognition.
    """
    ink = np.asarray(image, np.float64)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    sheet = np.zeros((28, 28), np.uint8)
    if not len(rows):
        return sheet
    cut = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = 20 / max(cut.shape)
    height, width = (max(1, round(n * scale)) for n in cut.shape)
    small = _coverage(height, cut.shape[0]) @ cut @ _coverage(width, cut.shape[1]).T
    small *= 255 / small.max()
    top = round(14 - float(small.sum(axis=1) @ np.arange(height)) / float(small.sum()))
    left = round(14 - float(small.sum(axis=0) @ np.arange(width)) / float(small.sum()))
    top, left = min(max(top, 0), 28 - height), min(max(left, 0), 28 - width)
    sheet[top : top + height, left : left + width] = small.round()
    return sheet


def _coverage(n: int, m: int) -> Array:
    """Say what share of each of n equal parts each of m equal parts of the same length covers: (n, m), rows sum to 1."""
    ends = np.arange(1, m + 1) * n / m
    low = np.arange(n)[:, np.newaxis]
    shares: Array = np.clip(ends, low, low + 1) - np.clip(ends - n / m, low, low + 1)
    return shares


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


def download(
    folder: Path | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
    mirrors: tuple[str, ...] = MIRRORS,
) -> Path:
    """Fetch the four files from the first mirror that gives them whole, and keep them in the cache.

    `progress(bytes done, bytes in all)` is called as they arrive. Each file is written beside its place, checked
    against its SHA-256, and only then moved there, so that a broken download leaves nothing half done, and the next
    try fetches only what is missing.  Raises DownloadError, saying what to do.
    """
    folder = folder or cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    done = 0
    for name, sha256 in FILES.items():
        target = folder / f"{name}.gz"
        if not target.exists():
            _fetch(name, sha256, target, mirrors, partial(_report, progress, done))
        done += target.stat().st_size
        progress(min(done, DOWNLOAD_BYTES), DOWNLOAD_BYTES)
    return folder


def _report(progress: Callable[[int, int], None], before: int, arrived: int) -> None:
    progress(min(before + arrived, DOWNLOAD_BYTES), DOWNLOAD_BYTES)


def _fetch(name: str, sha256: str, target: Path, mirrors: tuple[str, ...], progress: Callable[[int], None]) -> None:
    reasons = []
    part = target.with_suffix(f".{os.getpid()}.part")
    for mirror in mirrors:
        try:
            with urlopen(f"{mirror}{name}.gz", timeout=20) as reply, part.open("wb") as file:
                while block := reply.read(1 << 16):
                    file.write(block)
                    progress(file.tell())
                    if file.tell() > LARGEST_FILE:
                        raise DownloadError("the file is far too long")
            if _sha256(part) != sha256:
                raise DownloadError("what came is not the file that was asked for")
            part.replace(target)
            return
        except (OSError, EOFError, zlib.error, HTTPException) as error:
            reasons.append(f"{mirror.split('/')[2]}: {_reason(error)}")
        finally:
            part.unlink(missing_ok=True)
    raise DownloadError(
        f"could not get {name} ({'; '.join(reasons)}). Is this machine connected to the internet? "
        "What had already arrived is kept; try again, or go on with the bundled digits."
    )


def _sha256(path: Path) -> str:
    """Hash the decompressed bytes, a block at a time, and no more of them than the largest file has."""
    digest, size = hashlib.sha256(), 0
    with gzip.open(path) as file:
        while (block := file.read(1 << 20)) and size <= LARGEST_FILE:
            digest.update(block)
            size += len(block)
    return digest.hexdigest()


def _reason(error: Exception) -> str:
    if isinstance(error, HTTPError):
        return f"answered {error.code}"
    if isinstance(error, URLError):
        return f"no connection ({error.reason})"
    return str(error) or type(error).__name__
