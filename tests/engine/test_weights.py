"""Files with weights that lie: nothing of them is believed, and reading them costs no more than their own length."""

import io
import json
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import engine as nn
from engine.training import weights
from engine.training.weights import (
    PIECE,
    from_npz,
    from_safetensors,
    load_arrays,
    named_arrays,
    safetensors_parts,
    to_npz,
    to_safetensors,
)

SHAPES = {"0.W": (2, 3), "0.b": (3,)}
ARRAYS = {name: np.arange(np.prod(shape), dtype=np.float32).reshape(shape) for name, shape in SHAPES.items()}
W, B = (
    {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
    {"dtype": "F32", "shape": [3], "data_offsets": [24, 36]},
)


def packed(header: Any, numbers: bytes = b"\0" * 36) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + numbers


def peak(call: Callable[[], Any]) -> int:
    """Say how many bytes were held at most beyond those before the call, refused or not."""
    tracemalloc.start()
    try:
        with pytest.raises(ValueError):
            call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ({"0.W": W, "0.b": {**B, "data_offsets": [12, 24]}}, "one before it"),
        ({"0.W": W, "0.b": {**B, "data_offsets": [28, 40]}}, "0.b does not lie"),
        ({"0.W": W}, "more than its header says"),
        ({"0.W": {**W, "data_offsets": [4, 28]}, "0.b": B}, "one before it"),
        ({"0.W": W, "0.b": B, "1.W": {**B, "shape": [0], "data_offsets": [12, 12]}}, "one before it"),
        ({"0.W": W, "0.b": {**B, "shape": [3] + [1] * 8}}, "0.b does not lie"),
        ({"0.W": {**W, "shape": [0, 10**17, 10**17], "data_offsets": [0, 0]}}, "0.W does not lie"),
        ({"0.W": {**W, "shape": [True, 6]}, "0.b": B}, "0.W does not lie"),
        ({"0.W": {**W, "data_offsets": [24]}, "0.b": B}, "0.W does not lie"),
        ({"0.W": {**W, "data_offsets": [0, 24, 24]}, "0.b": B}, "0.W does not lie"),
        ({"0.W": {**W, "shape": [10**18]}, "0.b": B}, "19 digits"),
        ({"0.W": W, "0.b": {**B, "shape": [2], "data_offsets": [28, 36]}}, "0.b does not lie where the one before it ends"),
        ({"0.W": W, "0.b": {**B, "dtype": "BF16"}}, "of type BF16"),
        ({"0.W": W, "0.b": {**B, "dtype": ["F32"] * 1000}}, "of type"),
        ({"0.W": W, "0.b": 7}, "not understood"),
        ({"0.W": W, "0.b\ud800": B}, "name"),
        ({"0.W": W, "b" * 201: B}, "name"),
        ({"0.W": W, "0.b": B, "__metadata__": {"format": 7}}, "metadata"),
        ({"0.W": W, "0.b": B, "__metadata__": []}, "metadata"),
        (b'{"0.b":{"dtype":"F32","shape":[3],"data_offsets":[0,12]},' * 2 + b'"x":1}', "twice|understood"),
        (b'{"a":' + json.dumps(W).encode() + b',"a":' + json.dumps(W).encode() + b"}", "twice"),
        (b"[" * 900_000, "understood"),
        (b"\xff\xfe", "understood"),
        (b'{"0.W": ' + json.dumps(W).encode() + b', "0.b": {"shape": [' + b"9" * 4200 + b"]}}", "digits"),
        (b'{"0.W": ' + json.dumps(W).encode() + b', "0.b": {"shape": [-' + b"9" * 5200 + b"]}}", "digits"),
    ],
)
def test_a_safetensors_header_is_believed_in_nothing(header: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words) as refused:
        from_safetensors(packed(header), SHAPES)
    assert len(str(refused.value)) < 400
    str(refused.value).encode()  # as an answer has to


def test_products_are_never_made_of_what_a_header_claims(monkeypatch: pytest.MonkeyPatch) -> None:
    """400 numbers of 4,200 digits took 132 s."""
    made = []
    monkeypatch.setattr(weights, "prod", lambda sizes: made.append(sizes) or 1)
    shape = [int("9" * 4200)] * 200
    with pytest.raises(ValueError, match="digits"):
        from_safetensors(packed({"0.W": {**W, "shape": shape}}))
    with pytest.raises(ValueError, match="lie"):
        from_safetensors(packed({"0.W": {**W, "shape": [10**17] * 400}}))
    assert made == []


def test_the_limits_are_these() -> None:
    assert (weights.MOST_HEADER, weights.MOST_DIMENSIONS, weights.MOST_NAME) == (1 << 20, 8, 200)


@pytest.mark.parametrize("data", [b"", b"\2", bytes(8), bytes(20), b"\1" + bytes(7) + b"{}", b"\3" + bytes(7) + b"{}"])
def test_what_is_too_short_for_its_header_is_called_cut_off(data: bytes) -> None:
    with pytest.raises(ValueError, match="no safetensors file, or is cut off"):
        from_safetensors(data)
    assert from_safetensors(b"\2" + bytes(7) + b"{}") == ({}, {})


@pytest.mark.parametrize("header", [b'"abc"', b"777", b"null", b"[]", b'["__metadata__"]'])
def test_a_header_that_is_no_object_is_not_understood(header: bytes) -> None:
    with pytest.raises(ValueError, match="not understood"):
        from_safetensors(packed(header))


def test_as_many_sizes_and_characters_as_are_allowed_are_read() -> None:
    name = "b" * 200
    read, _ = from_safetensors(packed({"0.W": W, name: {**B, "shape": [3] + [1] * 7}}))
    assert read[name].shape == (3, 1, 1, 1, 1, 1, 1, 1)


def test_a_shape_that_is_no_list_is_refused() -> None:
    for shape in ({}, "", {"3": 3}):
        with pytest.raises(ValueError, match="does not lie where the header says"):
            from_safetensors(packed({"0.W": {"dtype": "F32", "shape": shape, "data_offsets": [0, 4]}}, bytes(4)))


def test_the_names_are_those_of_the_network() -> None:
    with pytest.raises(ValueError, match="they lack 0.b"):
        from_safetensors(packed({"0.W": W}, bytes(24)), SHAPES)
    with pytest.raises(ValueError, match="this network has no 0.b"):
        from_safetensors(packed({"0.W": W, "0.b": B}), {"0.W": (2, 3)})


@pytest.mark.parametrize("size", [weights.MOST_HEADER + 1, 1 << 40])
def test_a_header_has_a_limit_of_its_own(size: int) -> None:
    header = b"{" + b" " * (min(size, weights.MOST_HEADER + 1) - 2) + b"}"
    with pytest.raises(ValueError, match="header|cut off"):
        from_safetensors(size.to_bytes(8, "little") + header)
    within = b"{" + b" " * (weights.MOST_HEADER - 2) + b"}"
    assert from_safetensors(len(within).to_bytes(8, "little") + within) == ({}, {})


def test_many_names_on_the_same_numbers_copy_nothing() -> None:
    """100 names on the same 20 MB took the server to 2,100 MB."""
    whole = {"dtype": "F32", "shape": [1 << 19], "data_offsets": [0, 1 << 21]}
    data = packed({f"{k}.W": whole for k in range(100)}, bytes(1 << 21))
    assert peak(lambda: from_safetensors(data)) < 1 << 20


def test_weights_of_another_network_are_refused_before_any_number_is_read() -> None:
    data = packed({"0.W": {"dtype": "F32", "shape": [1 << 20], "data_offsets": [0, 1 << 22]}}, bytes(1 << 22))
    assert peak(lambda: from_safetensors(data, {"0.W": (2, 3)})) < 1 << 20
    assert peak(lambda: from_safetensors(data, SHAPES)) < 1 << 20


def test_the_order_of_a_header_and_empty_arrays_are_free() -> None:
    read, said = from_safetensors(packed({"0.b": B, "e": {**B, "shape": [0, 2], "data_offsets": [24, 24]}, "0.W": W}))
    assert ({name: array.shape for name, array in read.items()}, said) == ({"0.b": (3,), "e": (0, 2), "0.W": (2, 3)}, {})


def npz(header: bytes, numbers: bytes = b"\0" * 24, method: int = zipfile.ZIP_STORED, name: str = "0.W.npy") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr(name, b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + numbers)
    return file.getvalue()


GOOD = b"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n"


def damaged(data: bytes, at: int) -> bytes:
    return data[:at] + b"\xff" * 8 + data[at + 8 :]


@pytest.mark.parametrize(
    "data",
    [
        npz(b"{'descr': '<f4', 'fortran_order': False}"),
        npz(GOOD.replace(b"(2, 3)", b"6")),
        npz(GOOD.replace(b"(2, 3)", b"(2, -3)")),
        npz(GOOD.replace(b"(2, 3)", b"(" + b"9" * 5000 + b",)")),
        npz(GOOD.replace(b"(2, 3)", b"(2, (3,))")),
        npz(GOOD.replace(b"<f4", b"<q9")),
        npz(GOOD.replace(b"<f4", b"<f3")),
        npz(GOOD.replace(b"'<f4'", b"[('a', '<f4')]")),
        npz(GOOD.replace(b"'<f4'", b"(('<f4', (2,)),)")),
        npz(GOOD.replace(b"False", b"True")),
        npz(b"[" * 60_000),
        npz(b"-" * 60_000 + b"1"),
        npz(b"(" * 150 + b")" * 150),
        npz(b"\0" * 100),
        npz(b""),
        npz(GOOD, b"\0" * 20),
        npz(GOOD, b"\0" * 28),
        npz(GOOD, method=zipfile.ZIP_LZMA),
        npz(GOOD, method=zipfile.ZIP_BZIP2),
        npz(GOOD, name="0.W"),
        damaged(npz(GOOD, bytes(range(24)), zipfile.ZIP_DEFLATED), 50),
        damaged(npz(GOOD, bytes(range(24)), zipfile.ZIP_LZMA), 50),
        npz(GOOD).replace(b"0.W.npy", b"\xff.W.npy").replace(b"PK\x01\x02\x14\x03\x14\0\0\0", b"PK\1\2\x14\3\x14\0\0\x08"),
        npz(GOOD)[:-30],
        b"PK",
        b"PK\x05\x06" + b"\0" * 18,
    ],
)
def test_an_npz_file_that_is_damaged_or_lies_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(ValueError, match="0.W|npz|another network") as refused:
        from_npz(data, {"0.W": (2, 3)})
    str(refused.value).encode()


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_an_npz_file_that_has_a_name_twice_is_refused() -> None:
    file = io.BytesIO(npz(GOOD))
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("0.W.npy", archive.read("0.W.npy"))
    with pytest.raises(ValueError, match="they have twice 0.W"):
        from_npz(file.getvalue(), {"0.W": (2, 3)})


def test_the_types_that_numpy_writes_are_read() -> None:
    for kind in ("<f2", ">f4", "<f8"):
        read = from_npz(
            to_npz({"0.W": np.arange(6, dtype=kind).reshape(2, 3), "n": np.zeros((), kind)}), {"0.W": (2, 3), "n": ()}
        )
        assert np.array_equal(read["0.W"], ARRAYS["0.W"])
    file = io.BytesIO()
    np.savez_compressed(file, **ARRAYS)
    assert np.array_equal(from_npz(file.getvalue(), SHAPES)["0.b"], ARRAYS["0.b"])


def test_files_that_cannot_be_unpacked_are_refused_with_the_reason() -> None:
    data = npz(GOOD)
    at = data.index(b"PK\1\2")
    encrypted = data[: at + 8] + b"\1" + data[at + 9 :]
    with pytest.raises(ValueError, match="that can be read: .*encrypted"):
        from_npz(encrypted[:6] + b"\1" + encrypted[7:], {"0.W": (2, 3)})
    # the directory says that there are more bytes than the file has left
    longer = data[: at + 20] + struct.pack("<II", 10_000, 10_000) + data[at + 28 :]
    header = GOOD.replace(b"(2, 3)", b"(2000,)")
    ended = npz(header, bytes(24))
    at = ended.index(b"PK\1\2")
    ended = ended[: at + 20] + struct.pack("<II", 10_000, 10_000) + ended[at + 28 :]
    with pytest.raises(ValueError, match="can be read: it is damaged|fewer numbers"):
        from_npz(ended, {"0.W": (2000,)})
    with pytest.raises(ValueError, match="0.W|npz"):
        from_npz(longer, {"0.W": (2, 3)})


@pytest.mark.parametrize(("number", "words"), [(1_004, "this network has no a|twice|lack"), (1_005, "more than its 2 arrays")])
def test_of_a_directory_some_entries_are_named_and_no_more(number: int, words: str) -> None:
    entry = b"PK\x01\x02" + struct.pack("<HHHHHHIIIHHHHHII", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, number, number, number * len(entry), 0, 0)
    with pytest.raises(ValueError, match=words):
        from_npz(entry * number + end, SHAPES)


def test_a_directory_of_a_million_names_is_not_even_listed() -> None:
    entry = b"PK\x01\x02" + struct.pack("<HHHHHHIIIHHHHHII", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    number = 50_000
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, number, number, number * len(entry), 0, 0)
    data = entry * number + end
    assert peak(lambda: from_npz(data, SHAPES)) < 1 << 20


def test_a_file_is_written_in_small_parts_that_leave_other_threads_their_turn() -> None:
    """A checkpoint of 4 million parameters held the interpreter for 0.14 s at a time."""
    large = np.arange(2 * PIECE + 1, dtype=np.float64)
    arrays = {"a": large, "b": large[:-1].reshape(2, -1).T, "c": np.array(1.0)}
    parts = list(safetensors_parts(arrays, {"format": "x"}))
    assert max(map(len, parts)) <= 1 << 20
    assert all(type(part) is bytes for part in parts), "only those are joined while others have their turn"
    assert b"".join(parts) == to_safetensors(arrays, {"format": "x"})
    read, _ = from_safetensors(b"".join(parts))
    assert all((read[name] == array).all() and read[name].shape == array.shape for name, array in arrays.items())


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(st.sampled_from(["npz", "safetensors"]), st.lists(st.tuples(st.integers(0, 10_000), st.binary(max_size=9)), max_size=4))
def test_any_damage_at_all_is_read_or_refused_with_a_value_error(form: str, changes: list[tuple[int, bytes]]) -> None:
    data = to_npz(ARRAYS) if form == "npz" else to_safetensors(ARRAYS, {"format": "x"})
    for at, content in changes:
        at %= len(data)
        data = data[:at] + content + data[at + len(content) :]
    try:
        read = from_npz(data, SHAPES) if form == "npz" else from_safetensors(data, SHAPES)[0]
    except ValueError:
        return
    assert {name: array.shape for name, array in read.items()} == SHAPES


def test_numbers_too_large_for_the_network_leave_it_as_it_was() -> None:
    network = nn.Network([nn.Dense(3), nn.Dense(2)], (2,))
    arrays = {name: array.astype(np.float64) for name, array in named_arrays(network).items()}
    before = network.theta.copy()
    arrays["1.b"][0] = 1e300
    with pytest.raises(ValueError, match="1.b holds numbers that are not finite in float32"):
        load_arrays(network, {**arrays, "0.W": arrays["0.W"] + 1})
    with pytest.raises(ValueError, match="1.W must hold real numbers"):
        load_arrays(network, {**named_arrays(network), "0.W": arrays["0.W"] + 1, "1.W": arrays["1.W"].astype(complex)})
    assert np.array_equal(network.theta, before)
