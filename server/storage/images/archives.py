"""Archives that persons bring: the files of a zip or a tar, one after the other; nothing that they claim is believed."""

import gzip
import io
import struct
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import IO, Self, cast

MOST_FILES = 40_000
"""Files that an archive may hold, images or not."""
MOST_BYTES, MOST_ARRAY_BYTES = 8 << 20, 64 << 20
"""How large the file of one image may be, and one that holds many images."""
MOST_UNPACKED = 512 << 20
"""Bytes that a whole archive may unpack to."""
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""How a zip's files may be packed: those of which only as much is unpacked as is asked for."""
PIECE = 1 << 16
"""Bytes that are unpacked at a time, and counted."""
DIRECTORY_ENTRY = b"PK\1\2"
"""What each entry in the directory of a zip file begins with."""
LONG_HEADERS = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)
MOST_HEADER, MOST_REMARKS = 1 << 16, 1_000
"""Bytes of such a header in a tar, and remarks that it may have on all its files."""
GZIP = b"\x1f\x8b"
"""What a packed file begins with."""
IS_UTF8 = 0x800
"""The bit of a zip's entry which says that its name is UTF-8."""
ARRAYS = ("npz", "npy", "gz", "idx", "idx1", "idx3")
"""How the names of files end that hold many images."""
SYSTEMS = ("__MACOSX", "Thumbs.db", "desktop.ini", "Icon\r")
"""What systems put beside the files of a person; so is whatever begins with a dot."""
Check = Callable[[], None]
"""Asked before each file; what it raises ends the reading."""


class UnreadableError(ValueError):
    """One file that is no image that can be read; the others may be."""


Member = tuple[PurePosixPath, bytes | UnreadableError]
"""A file's path, and what it holds or why that is not read."""


def members(data: bytes, check: Check) -> Iterator[Member]:
    """Go through the files of a zip or a tar but what systems hide there, each with its bytes or why it has none.

    Raises ValueError, and whatever `check` raises, which is asked before each file.
    """
    left = MOST_UNPACKED
    try:
        for name, size, file in zip_members(data) if data[:2] == b"PK" else tar_members(data):
            check()
            path, most = path_of(name), most_of(name)
            if size > most:
                yield path, too_large(size, most)
                continue
            content = unpacked(file, min(left, most))
            left -= len(content)
            if left < 0:
                raise ValueError(too_much())
            yield path, content if len(content) <= most else too_large(len(content), most)
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, struct.error, EOFError, RuntimeError, OSError, KeyError) as error:
        raise ValueError(
            f"this is no zip of images that can be read ({str(error)[:200] or type(error).__name__}); zip a folder that has "
            "a folder for each class"
        ) from error
    except UnicodeError as error:
        raise ValueError("this is no zip of images that can be read: a file's name is no text") from error


def zip_members(data: bytes) -> Iterator[tuple[str, int, IO[bytes]]]:
    """Go through the files of a zip: name, size as it claims, and the file, opened and not yet read."""
    if data.count(DIRECTORY_ENTRY) > MOST_FILES:  # before a list of them is made
        raise ValueError(f"the archive has more than {MOST_FILES:,} files; bring fewer")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        read = [info for info in archive.infolist() if info.file_size <= most_of(info.filename)]
        if sum(info.file_size for info in read) > MOST_UNPACKED:
            raise ValueError(too_much())
        for info in archive.infolist():
            name = name_in_zip(info)
            if info.is_dir() or is_hidden(name):
                continue
            if info.compress_type not in METHODS:
                raise ValueError(
                    f"{PurePosixPath(info.filename).name[:60]} is packed in a way that is not read here (method "
                    f"{info.compress_type}); zip the folder as your system does, with deflate, or without compression"
                )
            if not info.file_size:
                yield name, 0, io.BytesIO()
                continue
            with archive.open(info) as file:
                yield name, info.file_size, file


def name_in_zip(info: zipfile.ZipInfo) -> str:
    """Read a file's name: UTF-8 where its bytes are that, whether the zip says so or not."""
    if info.flag_bits & IS_UTF8:
        return info.filename
    try:
        return info.filename.encode("cp437").decode()
    except UnicodeError:
        return info.filename


def tar_members(data: bytes) -> Iterator[tuple[str, int, IO[bytes]]]:
    """Go through the files of a tar: name, size as it claims, and the file, opened and not yet read."""
    for number, (tar, member) in enumerate(tar_headers(data)):
        if number >= MOST_FILES:
            raise ValueError(f"the archive has more than {MOST_FILES:,} files; bring fewer")
        if not member.isfile() or member.issparse() or is_hidden(member.name):
            continue
        file = tar.extractfile(member)
        if file:
            yield member.name, member.size, file


class Header(tarfile.TarInfo):
    """A tar's header; those that hold a long name or remarks on the next file are read as a whole, so they must be short."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """Read one block. Raises tarfile.ReadError where what belongs to it is too long."""
        header = super().frombuf(buf, encoding, errors)
        if header.type in LONG_HEADERS and header.size > MOST_HEADER:
            raise tarfile.ReadError(f"a name or a remark in it has {header.size:,} bytes; at most {MOST_HEADER:,} are read")
        return header


def tar_headers(data: bytes) -> Iterator[tuple[tarfile.TarFile, Header]]:
    """Go through all headers of a tar, and keep none of them. Raises tarfile.TarError."""
    packed = data[:2] == GZIP
    source = gzip.GzipFile(fileobj=io.BytesIO(data)) if packed else io.BytesIO(data)
    try:
        with tarfile.open(fileobj=source, mode="r|" if packed else "r:", tarinfo=Header, encoding="utf-8") as tar:
            while member := tar.next():
                if len(tar.pax_headers) > MOST_REMARKS:
                    raise tarfile.ReadError(f"it has more than {MOST_REMARKS:,} remarks on all its files")
                yield tar, cast(Header, member)
                tar.members = []  # type: ignore[attr-defined]  # each keeps a copy of all remarks
    except (ValueError, OverflowError, TypeError, AttributeError, IndexError) as error:  # of numbers that are none
        raise tarfile.ReadError("a header in it is not understood") from error


def too_much() -> str:
    """Say that an archive is too large when it is unpacked."""
    return f"the archive would unpack to more than {MOST_UNPACKED >> 20} MiB; bring fewer or smaller images"


def unpacked(file: IO[bytes], most: int) -> bytes:
    """Unpack a file piece by piece, to its end or to just beyond so many bytes."""
    content = bytearray()
    while len(content) <= most and (piece := file.read(min(PIECE, most + 1 - len(content)))):
        content += piece
    return bytes(content)


def path_of(name: str) -> PurePosixPath:
    """Turn the name of a file in an archive, whichever system wrote it, into its path; each part in one spelling of Unicode."""
    parts = unicodedata.normalize("NFC", name.replace("\\", "/")).split("/")
    return PurePosixPath(*[part for part in parts if part not in ("", ".", "..") and not part.endswith(":")])


def is_hidden(name: str) -> bool:
    """Tell whether a file is one that systems hide beside those of a person."""
    return any(part.startswith(".") or part in SYSTEMS for part in path_of(name).parts)


def most_of(name: str) -> int:
    """Say how many bytes a file of that name may have."""
    end = name.lower().rpartition(".")[2]
    return MOST_ARRAY_BYTES if end in ARRAYS or end.endswith("ubyte") else MOST_BYTES


def too_large(size: int, most: int) -> UnreadableError:
    """Say that a file is too large."""
    return UnreadableError(f"has {size / (1 << 20):.1f} MB, at most {most >> 20} are read")
