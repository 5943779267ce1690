"""Many images in one file: MNIST's IDX format, NumPy's archives, and tables with a column for each pixel."""

import gzip
import io
import math
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
from PIL import Image

from engine.arrays import Array
from server.storage.images.archives import GZIP, Check, UnreadableError, unpacked
from server.storage.images.classes import split_named

MOST_OF_ARRAYS = 256 << 20
"""Bytes that the arrays of one file may unpack to."""
NUMPY = b"\x93NUMPY"
IDX = re.compile(rb"\0\0\x08[\1-\4]")
"""How a file of MNIST's format begins: bytes, of so many axes."""
LEAST_SIDE = 10
"""Pixels of a side from which on a table is one of images: fewer are columns of their own."""
LABELS = ("label", "labels", "class", "target", "y", "digit", "category", "letter")
"""What the column with the class is called among pixels."""
LINES = 1_000
"""Lines of a table that are read at a time."""


@dataclass
class Part:
    """Images (N, height, width) or (N, height, width, 3) of any numbers, their labels, and which part of a split they are."""

    images: Array
    labels: list[str]
    kind: str | None = None


def arrays_of(content: bytes, path: PurePosixPath) -> dict[str, Array]:
    """Read the arrays of a file, by their names; none where it has none. Raises UnreadableError."""
    if content[:2] == GZIP:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            try:
                begin = file.read(4)
                if not IDX.match(begin):
                    return {}
                content = begin + unpacked(file, MOST_OF_ARRAYS)  # type: ignore[arg-type]
            except (OSError, EOFError) as error:
                raise UnreadableError("damaged") from error
    if IDX.match(content[:4]):
        return {path.name: idx(content)}
    if content[:6] == NUMPY:
        return {path.name: npy(io.BytesIO(content))}
    if content[:2] == b"PK" and is_npz(content):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            found = {}
            for name in archive.namelist():
                with archive.open(name) as file:
                    found[name.removesuffix(".npy")] = npy(file)  # type: ignore[arg-type]
                if sum(array.nbytes for array in found.values()) > MOST_OF_ARRAYS:
                    raise UnreadableError(f"its arrays have more than {MOST_OF_ARRAYS >> 20} MiB")
            return found
    return {}


def is_npz(data: bytes) -> bool:
    """Tell whether a zip is one of NumPy's: it holds arrays, and nothing else."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile:
        return False
    return 0 < len(names) < 100 and all(name.endswith(".npy") for name in names)


def idx(content: bytes) -> Array:
    """Read MNIST's format: what it holds, its axes, how long each is, and the bytes. Raises UnreadableError.

    LeCun, Cortes & Burges (1998), The MNIST database of handwritten digits.
    """
    axes = content[3]
    begin = 4 + 4 * axes
    shape = [int.from_bytes(content[4 + 4 * k : 8 + 4 * k], "big") for k in range(axes)]
    if len(content) - begin != math.prod(shape):
        raise UnreadableError("damaged: it has other numbers than it says")
    return np.frombuffer(content, np.uint8, offset=begin).reshape(shape)


def npy(file: io.BufferedIOBase) -> Array:
    """Read one array as NumPy writes it, no more of it than is allowed, and none that holds objects. Raises UnreadableError."""
    try:
        version = np.lib.format.read_magic(file)
        header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran, dtype = header(file)
        size = math.prod(shape) * dtype.itemsize
        if dtype.hasobject or size > MOST_OF_ARRAYS:
            raise UnreadableError("its arrays hold objects" if dtype.hasobject else f"has {size >> 20} MiB unpacked")
        values = np.frombuffer(unpacked(file, size), dtype, math.prod(shape))  # type: ignore[arg-type]
    except (ValueError, TypeError, OSError, EOFError, zipfile.BadZipFile) as error:
        if isinstance(error, UnreadableError):
            raise
        raise UnreadableError("damaged") from error
    return values.reshape(shape, order="F" if fortran else "C")


def parts_of(named: Mapping[str, Array]) -> list[Part]:
    """Find which arrays are images and which are their labels: those that are as many, of the same part of a split.

    Raises ValueError where images have no labels.
    """
    pictures = {name: found for name, array in named.items() if (found := as_images(array)) is not None}
    labels = {name: said for name, array in named.items() if name not in pictures and (said := as_labels(array))}
    parts = []
    for name, images in pictures.items():
        kind = split_named(name)[0]
        fitting = [said for other, said in labels.items() if len(said) == len(images) and split_named(other)[0] == kind]
        if not fitting:
            raise ValueError(
                f"{name} holds {len(images):,} images, and no labels for them are here; bring both in one folder, zip or .npz"
            )
        parts.append(Part(images, fitting[0], kind))
    if not parts:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in list(named.items())[:6])
        raise ValueError(f"no images are among the arrays ({shapes}); they are (number, height, width), in colour with 3 more")
    return parts


def as_images(array: Array) -> Array | None:
    """Give an array as images (N, height, width) or (N, height, width, 3); None where it holds none."""
    if array.dtype.kind not in "uifb" or not array.size:
        return None
    if array.ndim == 4 and array.shape[1] in (1, 3) and array.shape[3] not in (1, 3):
        array = array.transpose(0, 2, 3, 1)  # channels first, as in PyTorch
    if array.ndim == 4 and array.shape[3] == 1:
        array = array[..., 0]
    if array.ndim == 2 and array.shape[1] >= LEAST_SIDE**2 and (shape := shape_of(array.shape[1])):
        array = array.reshape(-1, *shape)
    right = array.ndim == 3 or (array.ndim == 4 and array.shape[3] == 3)
    return array if right and min(array.shape[1:3]) >= 4 and max(array.shape[1:3]) <= 1024 else None


def as_labels(array: Array) -> list[str]:
    """Give an array as names of classes: numbers, words, or one of several marked with 1; none where it is none of these."""
    if array.ndim == 2 and array.shape[1] > 1 and (array.sum(axis=1) == 1).all():
        array = array.argmax(axis=1)
    flat = array.reshape(-1) if array.ndim == 1 or (array.ndim == 2 and array.shape[1] == 1) else array[:0].reshape(-1)
    if flat.dtype.kind in "uibf":
        return [f"{value:g}" for value in flat.tolist()]
    return [str(value) for value in flat.tolist()] if flat.dtype.kind == "U" else []


def shape_of(columns: int) -> tuple[int, ...] | None:
    """Say which square image has so many numbers, grey or in colour; None where none has."""
    side, of_colours = math.isqrt(columns), math.isqrt(columns // 3)
    if side * side == columns:
        return side, side
    return (of_colours, of_colours, 3) if 3 * of_colours**2 == columns else None


def resized(images: Array, side: int, colour: bool) -> Array:
    """Bring bytes (N, height, width) or (N, height, width, 3) to side × side pixels, grey or in colour."""
    mode = "RGB" if colour else "L"
    made = np.empty((len(images), side, side, 3) if colour else (len(images), side, side), np.uint8)
    if images.shape[1:] == made.shape[1:]:
        return images
    for k, pixels in enumerate(images):
        image = Image.fromarray(pixels).convert(mode)
        resample = Image.Resampling.BOX if image.width > 2 * side else Image.Resampling.BICUBIC
        made[k] = np.asarray(image if image.size == (side, side) else image.resize((side, side), resample))
    return made


def pixel_table(data: bytes, most: int, check: Check) -> tuple[Part, int] | None:
    """Read a table of MNIST's kind, a column for each pixel and one for the class; of more rows than `most` some at random.

    Give the part with the number of all rows; None where it is another table. Raises ValueError.
    """
    first = data[: data.find(b"\n") if b"\n" in data else len(data)].decode("latin-1").lstrip("ï»¿").strip()
    separator = max(",;\t", key=first.count)
    cells = [cell.strip().strip('"').lower() for cell in first.split(separator)]
    shape = shape_of(len(cells) - 1)
    if len(cells) <= LEAST_SIDE**2 or shape is None:
        return None
    header = sum(is_number(cell) for cell in cells) < len(cells) / 2
    lines = [line for line in data.decode("latin-1").splitlines()[header:] if line.strip()]
    some = [line.split(separator) for line in lines[:200]]
    if any(len(row) != len(cells) for row in some) or len(some) < 4:
        return None
    named = next((k for k in (0, len(cells) - 1) if header and cells[k] in LABELS), None)
    last = (
        named == len(cells) - 1 if named is not None else len({row[0] for row in some}) == 1 and len({r[-1] for r in some}) > 1
    )
    if not all(is_number(cell) for row in some[:20] for cell in (row[:-1] if last else row[1:])):
        return None
    chosen = np.arange(len(lines))
    if len(lines) > most:
        chosen = np.sort(np.random.default_rng(0).choice(len(lines), most, replace=False))
    pixels = np.empty((len(chosen), len(cells) - 1), np.float32 if any("." in cell for cell in some[0]) else np.uint8)
    labels = []
    for start in range(0, len(chosen), LINES):
        check()
        block = [lines[k] for k in chosen[start : start + LINES]]
        pieces = [line.rpartition(separator) if last else line.partition(separator) for line in block]
        labels += [piece[2 if last else 0].strip().strip('"') for piece in pieces]
        try:
            read = np.loadtxt([p[0 if last else 2].replace('"', "") for p in pieces], np.float32, delimiter=separator, ndmin=2)
            pixels[start : start + len(block)] = read if pixels.dtype == np.float32 else np.clip(read, 0, 255)
        except ValueError as error:
            raise ValueError(f"a row of this table of images cannot be read: {error}") from error
    return Part(pixels.reshape(-1, *shape), labels), len(lines)


def is_number(cell: str) -> bool:
    """Tell whether a cell is a number."""
    try:
        float(cell.strip().strip('"'))
    except ValueError:
        return False
    return True
