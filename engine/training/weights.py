"""A network's arrays by name, and the two file formats that others read and write: safetensors and npz."""

import io
import json
import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from engine.arrays import Array, Shape
from engine.layers import Layer
from engine.network import Network

DTYPES = {"float32": "F32", "float64": "F64", "int64": "I64"}
MOST_HEADER, MOST_DIMENSIONS, MOST_NAME = 1 << 20, 8, 200
"""Bytes that the header of a safetensors file may have, sizes that a shape may have, characters of an array's name."""
PIECE = 1 << 17
"""How many numbers become bytes at a time: meanwhile no other thread of Python can do anything."""
DIRECTORY_ENTRY = b"PK\1\2"
"""What each entry in the directory of a zip file begins with."""
NPY_HEADER = re.compile(
    r"\s*\{\s*'descr':\s*'(?P<descr>[<>=]f[248])',\s*'fortran_order':\s*False,"
    r"\s*'shape':\s*\((?P<shape>(?:\d{1,18}(?:,\s?\d{1,18}){0,7})?,?)\),?\s*\}\s*",
    re.ASCII,
)
"""The header of an array of real numbers in an npz file, as NumPy writes it. What reads any Python value reads too much."""


def named_arrays(network: Network) -> dict[str, Array]:
    """Copy all parameters, and what layers keep beside them: "0.W" is W of the first layer, "2.1.b" b of a layer inside."""
    return {name: array.copy() for name, array in held_arrays(network).items()}


def held_arrays(network: Network) -> dict[str, Array]:
    """Give the same arrays, not copied: writing into them changes the network."""
    return dict(pair for i, layer in enumerate(network.layers) for pair in _held(layer, str(i)))


def _held(layer: Layer, path: str) -> Iterator[tuple[str, Array]]:
    if layer.inside:
        for i, inner in enumerate(layer.inside):
            yield from _held(inner, f"{path}.{i}")
        return
    for name, array in {**layer.parameters, **layer.state}.items():
        yield f"{path}.{name}", array


def to_npz(arrays: Mapping[str, Array]) -> bytes:
    """Pack arrays as NumPy's own format; np.load reads them."""
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    return file.getvalue()


def to_safetensors(arrays: Mapping[str, Array], metadata: Mapping[str, str]) -> bytes:
    """Pack arrays as safetensors: 8 bytes little-endian length of a JSON header, the header, the raw numbers.

    The header gives each array's type, shape and place; `metadata` are a few words on the whole file. It is filled with
    spaces to a multiple of 8, so that the numbers can be read in place.
    """
    return b"".join(safetensors_parts(arrays, metadata))


def safetensors_parts(arrays: Mapping[str, Array], metadata: Mapping[str, str]) -> Iterator[bytes]:
    """Give the same in parts: what comes before the numbers, then the numbers, no more of them at a time than a PIECE.

    Other threads get their turn between two parts, and, since all are bytes, while they are joined.
    """
    header: dict[str, object] = {"__metadata__": dict(metadata)}
    start = 0
    for name, array in arrays.items():
        end = start + array.nbytes
        header[name] = {"dtype": DTYPES[array.dtype.type.__name__], "shape": list(array.shape), "data_offsets": [start, end]}
        start = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    yield len(text).to_bytes(8, "little") + text
    for array in arrays.values():
        numbers = array.reshape(-1).astype(array.dtype.newbyteorder("<"), copy=False)
        for first in range(0, numbers.size, PIECE):
            yield numbers[first : first + PIECE].tobytes()


@dataclass(frozen=True)
class _Place:
    """Where an array lies among a file's raw numbers, and how it is read; nothing of it is read yet."""

    dtype: np.dtype[Any]
    shape: Shape
    start: int
    end: int


def from_safetensors(data: bytes, shapes: Mapping[str, Shape] | None = None) -> tuple[dict[str, Array], dict[str, str]]:
    """Unpack what `to_safetensors` packs: copies of the arrays, and the metadata.

    The header is believed in nothing: names, types, shapes and places are compared with each other, with the file's length and,
    where they are given, with the `shapes` of a network before any number is read. The arrays follow each other without gap
    or overlap, as the format demands, so that what is copied is never more than the file.
    Raises ValueError.
    """
    size = int.from_bytes(data[:8], "little")
    if len(data) < 8 or not 2 <= size <= len(data) - 8:
        raise ValueError("the file is no safetensors file, or is cut off")
    if size > MOST_HEADER:
        raise ValueError(f"the header of the safetensors file has {size:,} bytes; at most {MOST_HEADER:,} are read")
    numbers = memoryview(data)[8 + size :]
    try:
        header = json.loads(data[8 : 8 + size].decode("utf-8"), parse_int=_short_int, object_pairs_hook=_once)
        metadata = header.pop("__metadata__", {})
        places = {_readable(name): _place(name, entry, len(numbers)) for name, entry in header.items()}
    except (KeyError, TypeError, AttributeError, RecursionError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError("the header of the safetensors file is not understood") from error
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise ValueError("the header of the safetensors file is not understood: its __metadata__ must hold texts")
    _check_places(places, len(numbers))
    if shapes is not None:
        check_names(list(places), shapes)
        for name, place in places.items():
            check_shape(name, place.shape, shapes[name])
    return {name: _read(place, numbers) for name, place in places.items()}, metadata


def _short_int(digits: str) -> int:
    """Read a whole number that a file of this world may hold; longer ones take time that grows with their square."""
    if len(digits) > 18:
        raise ValueError(f"the header of the safetensors file holds a number of {len(digits):,} digits, which no file needs")
    return int(digits)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make a dict of what a JSON object says, where it says nothing twice."""
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("the header of the safetensors file names something twice")
    return made


def _readable(name: str) -> str:
    """Let a name pass that can be shown to a person."""
    if len(name) > MOST_NAME or not name.isprintable():
        raise ValueError("the header of the safetensors file has a name that is too long, or no text")
    return name


def _place(name: str, entry: Mapping[str, object], length: int) -> _Place:
    """Read where an array lies, as far as that may be true of so many bytes of numbers."""
    dtypes = {short: np.dtype(long).newbyteorder("<") for long, short in DTYPES.items()}
    dtype = dtypes.get(str(entry["dtype"])[:20])
    if dtype is None:
        raise ValueError(f"{name} is of type {str(entry['dtype'])[:20]}; choose {', '.join(dtypes)}")
    shape, span = _sizes(entry["shape"], length), _sizes(entry["data_offsets"], length)
    if shape is None or span is None or len(span) != 2 or span[1] - span[0] != prod(shape) * dtype.itemsize:
        raise ValueError(f"{name} does not lie where the header says: {str(dict(entry))[:200]}")
    return _Place(dtype, shape, *span)


def _sizes(value: object, most: int) -> Shape | None:
    """Give a few whole numbers from 0 to `most`; None for anything else."""
    if not isinstance(value, list) or len(value) > MOST_DIMENSIONS:
        return None
    return tuple(value) if all(type(n) is int and 0 <= n <= most for n in value) else None


def _check_places(places: Mapping[str, _Place], length: int) -> None:
    """Raise a ValueError unless the arrays fill the file, one after the other."""
    end = 0
    for name, place in sorted(places.items(), key=lambda pair: (pair[1].start, pair[1].end)):
        if place.start != end:
            raise ValueError(f"{name} does not lie where the one before it ends, at byte {end:,}, but at {place.start:,}")
        end = place.end
    if end != length:
        raise ValueError(f"the safetensors file is cut off, or has more than its header says: {length:,} bytes, not {end:,}")


def _read(place: _Place, numbers: memoryview) -> Array:
    """Copy one array out of the raw numbers."""
    part: Array = np.frombuffer(numbers[place.start : place.end], place.dtype).reshape(place.shape)
    return part.astype(place.dtype.newbyteorder("="))


def from_npz(data: bytes, shapes: Mapping[str, Shape]) -> dict[str, Array]:
    """Unpack an npz file that holds arrays of these names and shapes, and nothing else; pickled objects are refused.

    Names, types and shapes are compared before any number is unpacked, so a file that grows on unpacking cannot harm.
    Raises ValueError.
    """
    if data.count(DIRECTORY_ENTRY) > 2 * len(shapes) + 1000:  # numbers may look like some entries, and a few are named below
        raise ValueError(f"the weights are of another network: the npz file holds more than its {len(shapes):,} arrays")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            check_names([name.removesuffix(".npy") for name in packed.namelist()], shapes)
            return {name: _npy(packed, name, shape) for name, shape in shapes.items()}
    except (
        zipfile.BadZipFile,
        zlib.error,
        struct.error,
        NotImplementedError,
        OSError,
        EOFError,
        RuntimeError,
        KeyError,
    ) as error:
        raise ValueError(f"the file is no npz file that can be read: {str(error)[:200] or 'it is damaged'}") from error
    except UnicodeDecodeError as error:
        raise ValueError("the file is no npz file that can be read: it names an array in no text") from error


def _npy(packed: zipfile.ZipFile, name: str, shape: Shape) -> Array:
    """Read one array out of an npz file, as many bytes as its shape has and no more."""
    if packed.getinfo(f"{name}.npy").compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(f"{name} is compressed in a way that NumPy does not use; save it with np.savez")
    with packed.open(f"{name}.npy") as file:
        version = np.lib.format.read_magic(file)
        if version != (1, 0):
            raise ValueError(f"{name} is written in version {version} of NumPy's format; this reads version (1, 0)")
        length = int.from_bytes(file.read(2), "little")
        header = NPY_HEADER.fullmatch(file.read(length).decode("latin-1"))
        if header is None:
            raise ValueError(
                f"{name} must hold floating-point numbers, in C order and with a plain shape, as np.savez writes them"
            )
        dtype = np.dtype(header["descr"])
        check_shape(name, tuple(int(size) for size in header["shape"].split(",") if size.strip()), shape)
        wanted = prod(shape) * dtype.itemsize
        numbers = file.read(wanted + 1)
        if len(numbers) != wanted:
            raise ValueError(f"{name} has {'fewer' if len(numbers) < wanted else 'more'} numbers than its shape says")
    return np.frombuffer(numbers, dtype).reshape(shape)


def check_names(given: list[str], shapes: Mapping[str, Shape]) -> None:
    """Raise a ValueError unless exactly these names are given."""
    for words, names in (
        ("they lack", sorted(set(shapes) - set(given))),
        ("this network has no", sorted(set(given) - set(shapes))),
        ("they have twice", sorted(name for name, number in Counter(given).items() if number > 1)),
    ):
        if names:
            raise ValueError(f"the weights are of another network: {words} {', '.join(names[:5])[:200]}")


def check_shape(name: str, given: Shape, wanted: Shape) -> None:
    """Raise a ValueError unless the shapes are the same."""
    if tuple(given) != tuple(wanted):
        raise ValueError(f"{name} must have the shape {tuple(wanted)}, got {tuple(given)[:8]}")


def load_arrays(network: Network, arrays: Mapping[str, Array]) -> None:
    """Put arrays by name into a network: all of them, or a ValueError and the network is as it was."""
    own, taken = held_arrays(network), fitting_arrays(network, arrays)
    for name, array in own.items():
        np.copyto(array, taken[name])


def fitting_arrays(network: Network, arrays: Mapping[str, Array]) -> dict[str, Array]:
    """Give arrays by name as a network would take them, which is left as it is. Raises ValueError where they do not fit."""
    own = held_arrays(network)
    check_names(list(arrays), {name: array.shape for name, array in own.items()})
    taken = {}
    for name, array in own.items():
        check_shape(name, arrays[name].shape, array.shape)
        if arrays[name].dtype.kind not in "fiu":
            raise ValueError(f"{name} must hold real numbers, got {arrays[name].dtype}")
        with np.errstate(over="ignore"):  # what is too large becomes infinite, which is refused
            taken[name] = arrays[name].astype(array.dtype)
        if not np.isfinite(taken[name]).all():
            raise ValueError(f"{name} holds numbers that are not finite in {array.dtype}")
    return taken
