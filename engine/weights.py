"""A network's arrays by name, and the two file formats that others read: safetensors and npz."""

import io
import json
from collections.abc import Iterator, Mapping

import numpy as np

from engine.arrays import Array
from engine.layers import Layer
from engine.network import Network

DTYPES = {"float32": "F32", "float64": "F64"}


def named_arrays(network: Network) -> dict[str, Array]:
    """Copy all parameters, and what layers keep beside them: "0.W" is W of the first layer, "2.1.b" b of a layer inside."""
    return dict(pair for i, layer in enumerate(network.layers) for pair in _arrays(layer, str(i)))


def _arrays(layer: Layer, path: str) -> Iterator[tuple[str, Array]]:
    if layer.inside:
        for i, inner in enumerate(layer.inside):
            yield from _arrays(inner, f"{path}.{i}")
        return
    for name, array in {**layer.parameters, **layer.state}.items():
        yield f"{path}.{name}", array.copy()


def to_npz(arrays: Mapping[str, Array]) -> bytes:
    """Pack arrays as NumPy's own format; np.load reads them."""
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    return file.getvalue()


def to_safetensors(arrays: Mapping[str, Array], about: Mapping[str, str]) -> bytes:
    """Pack arrays as safetensors: 8 bytes little-endian length of a JSON header, the header, the raw numbers.

    The header gives each array's type, shape and place; `about` are a few words on the whole file. It is filled with spaces
    to a multiple of 8, so that the numbers can be read in place.
    """
    header: dict[str, object] = {"__metadata__": dict(about)}
    start = 0
    for name, array in arrays.items():
        end = start + array.nbytes
        header[name] = {"dtype": DTYPES[array.dtype.name], "shape": list(array.shape), "data_offsets": [start, end]}
        start = end
    said = json.dumps(header, separators=(",", ":")).encode()
    said += b" " * (-len(said) % 8)
    numbers = (array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes() for array in arrays.values())
    return b"".join([len(said).to_bytes(8, "little"), said, *numbers])
