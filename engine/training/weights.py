"""A network's arrays by name, and the two file formats that others read and write: safetensors and npz."""

import ast
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from math import prod

import numpy as np

from engine.arrays import Array, Shape
from engine.layers import Layer
from engine.network import Network

DTYPES = {"float32": "F32", "float64": "F64", "int64": "I64"}
MOST_HEADER = 10_000_000
"""Bytes that the header of a safetensors file may have."""


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
    header: dict[str, object] = {"__metadata__": dict(metadata)}
    start = 0
    for name, array in arrays.items():
        end = start + array.nbytes
        header[name] = {"dtype": DTYPES[array.dtype.name], "shape": list(array.shape), "data_offsets": [start, end]}
        start = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    numbers = (array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes() for array in arrays.values())
    return b"".join([len(text).to_bytes(8, "little"), text, *numbers])


def from_safetensors(data: bytes) -> tuple[dict[str, Array], dict[str, str]]:
    """Unpack what `to_safetensors` packs: copies of the arrays, and the metadata.

    Raises ValueError where the file is cut off, or its header does not describe what follows it.
    """
    size = int.from_bytes(data[:8], "little")
    if len(data) < 8 or not 2 <= size <= min(MOST_HEADER, len(data) - 8):
        raise ValueError("the file is no safetensors file, or is cut off")
    try:
        header = json.loads(data[8 : 8 + size])
        metadata = header.pop("__metadata__", {})
        numbers = memoryview(data)[8 + size :]
        return {name: _array(name, entry, numbers) for name, entry in header.items()}, metadata
    except (KeyError, TypeError, AttributeError, RecursionError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"the header of the safetensors file is not understood: {error}") from error


def _array(name: str, entry: Mapping[str, object], numbers: memoryview) -> Array:
    """Cut one array out of the raw numbers, where type, shape and place agree."""
    dtypes = {short: np.dtype(long).newbyteorder("<") for long, short in DTYPES.items()}
    dtype = dtypes.get(str(entry["dtype"]))
    if dtype is None:
        raise ValueError(f"{name} is of type {entry['dtype']}; choose {', '.join(dtypes)}")
    shape, place = _sizes(entry["shape"]), _sizes(entry["data_offsets"])
    fits = shape is not None and place is not None and len(place) == 2 and place[1] <= len(numbers)
    if not fits or shape is None or place is None or place[1] - place[0] != prod(shape) * dtype.itemsize:
        raise ValueError(f"{name} does not lie where the header says: {str(dict(entry))[:200]}")
    part: Array = np.frombuffer(numbers[place[0] : place[1]], dtype).reshape(shape)
    return part.astype(dtype.newbyteorder("="))


def _sizes(value: object) -> list[int] | None:
    """Give a list of whole numbers that are not negative; None for anything else."""
    return value if isinstance(value, list) and all(type(n) is int and n >= 0 for n in value) else None


def from_npz(data: bytes, shapes: Mapping[str, Shape]) -> dict[str, Array]:
    """Unpack an npz file that holds arrays of these names and shapes, and nothing else; pickled objects are refused.

    Names, types and shapes are compared before any number is unpacked, so a file that grows on unpacking cannot harm.
    Raises ValueError.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            check_names([name.removesuffix(".npy") for name in packed.namelist()], shapes)
            return {name: _npy(packed, name, shape) for name, shape in shapes.items()}
    except (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError, SyntaxError) as error:
        raise ValueError(f"the file is no npz file that can be read: {error}") from error


def _npy(packed: zipfile.ZipFile, name: str, shape: Shape) -> Array:
    """Read one array out of an npz file, as many bytes as its shape has and no more."""
    with packed.open(f"{name}.npy") as file:
        version = np.lib.format.read_magic(file)
        if version != (1, 0):
            raise ValueError(f"{name} is written in version {version} of NumPy's format; this reads version (1, 0)")
        length = int.from_bytes(file.read(2), "little")
        header = ast.literal_eval(file.read(length).decode("latin-1"))
        dtype = (
            np.dtype(header["descr"]) if isinstance(header, dict) and isinstance(header.get("descr"), str) else np.dtype(object)
        )
        if dtype.kind != "f" or header.get("fortran_order") is not False:
            raise ValueError(f"{name} must hold floating-point numbers, in C order, got {dtype}")
        check_shape(name, tuple(header["shape"]), shape)
        wanted = prod(shape) * dtype.itemsize
        numbers = file.read(wanted)
        if len(numbers) != wanted:
            raise ValueError(f"{name} is cut off")
    return np.frombuffer(numbers, dtype).reshape(shape)


def check_names(given: list[str], shapes: Mapping[str, Shape]) -> None:
    """Raise a ValueError unless exactly these names are given."""
    for words, names in (
        ("they lack", sorted(set(shapes) - set(given))),
        ("this network has no", sorted(set(given) - set(shapes))),
        ("they have twice", sorted(name for name in set(given) if given.count(name) > 1)),
    ):
        if names:
            raise ValueError(f"the weights are of another network: {words} {', '.join(names[:5])[:200]}")


def check_shape(name: str, given: Shape, wanted: Shape) -> None:
    """Raise a ValueError unless the shapes are the same."""
    if tuple(given) != tuple(wanted):
        raise ValueError(f"{name} must have the shape {tuple(wanted)}, got {tuple(given)[:8]}")


def load_arrays(network: Network, arrays: Mapping[str, Array]) -> None:
    """Put arrays by name into a network: all of them, or a ValueError and the network is as it was."""
    own = held_arrays(network)
    check_names(list(arrays), {name: array.shape for name, array in own.items()})
    for name, array in own.items():
        check_shape(name, arrays[name].shape, array.shape)
        if not np.isfinite(arrays[name]).all():
            raise ValueError(f"{name} holds numbers that are not finite")
    for name, array in own.items():
        np.copyto(array, arrays[name], casting="same_kind")
