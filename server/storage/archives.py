"""Images in an archive, a folder for each class: brought to the form of MNIST's digits. What cannot be read is said."""

import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import IO, Any, Self, cast

import numpy as np
from PIL import Image, ImageOps

SIDE = 28
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "PPM")
MOST_IMAGES, MOST_CLASSES, LEAST = 20_000, 30, 4
MOST_FILES = 40_000
"""Files that an archive may hold, images or not."""
MOST_BYTES, MOST_SIDE, MOST_PIXELS = 8 << 20, 10_000, 16_000_000
"""Of one image: how large its file, each of its sides and the picture may be."""
SHRUNK = 4_096
"""Images with a longer side are made smaller before anything else, so that none is padded to a huge square."""
BAND = 1 << 18
"""Pixels that are turned to grey at a time."""
MOST_UNPACKED, MOST_PIXELS_TOGETHER = 512 << 20, 500_000_000
"""Of a whole archive: bytes that it may unpack to, pixels that all its images may have."""
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
Check = Callable[[], None]
"""Asked before each file; what it raises ends the reading."""


class UnreadableError(ValueError):
    """One file that is no image that can be read; the others may be."""


def read_images(data: bytes, check: Check = lambda: None) -> tuple[dict[str, np.ndarray[Any, Any]], list[str], list[str]]:
    """Read a zip or tar; return {"images" (N, 28, 28), "labels" (N,)}, the classes, and notes.

    What the archive says of its sizes is not believed: bytes are counted as they are unpacked, pixels before they are decoded.
    Raises ValueError, and whatever `check` raises, which is asked before each file.
    """
    images: dict[str, list[np.ndarray[Any, Any]]] = {}
    unread: list[str] = []
    left = MOST_PIXELS_TOGETHER
    for path, content in members(data, check):
        try:
            if isinstance(content, UnreadableError):
                raise content
            with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
                check_sides(opened)
                left -= opened.width * opened.height
                if left >= 0:
                    images.setdefault(path.parent.name, []).append(small(opened))
        except Exception as error:  # what a hostile file makes of a decoder has no common name
            unread.append(f"{path.name[:60]} ({str(error)[:60] or type(error).__name__})")
        if left < 0:
            raise ValueError(
                f"the images have more than {MOST_PIXELS_TOGETHER:,} pixels together; bring fewer, or make them smaller first"
            )
        if sum(map(len, images.values())) > MOST_IMAGES:
            raise ValueError(f"the archive has more than {MOST_IMAGES:,} images; bring fewer")
    check_images(images, unread)
    classes = sorted(images)
    pixels = np.concatenate([np.stack(images[name]) for name in classes])
    notes = [f"{len(unread):,} of the files could not be read, as {unread[0]}."] if unread else []
    border = np.concatenate([pixels[:, 0].ravel(), pixels[:, -1].ravel(), pixels[:, :, 0].ravel(), pixels[:, :, -1].ravel()])
    if border.mean() > 127:
        pixels = 255 - pixels
        notes.append("The images are dark on light; they were inverted, as MNIST's digits are light on dark.")
    labels = np.repeat(np.arange(len(classes)), [len(images[name]) for name in classes])
    return {"images": pixels, "labels": labels.astype(np.uint8)}, classes, notes


def check_images(images: dict[str, list[np.ndarray[Any, Any]]], unread: list[str]) -> None:
    """Raise a ValueError that says what to do where no network could learn from these."""
    number = sum(map(len, images.values()))
    if not number:
        failed = f", and {len(unread)} files could not be read, as {unread[0]}" if unread else ""
        raise ValueError(f"no image was found{failed}; bring a folder for each class, with PNG, JPEG, GIF, BMP or WebP files")
    if "" in images:
        raise ValueError(f"{len(images['']):,} images lie in no folder; put those of each class into a folder with its name")
    if len(images) < 2:
        raise ValueError(
            f"all {number:,} images are of one class, {next(iter(images))!r}; a network needs two to tell apart, "
            "each in a folder of its own"
        )
    if len(images) > MOST_CLASSES:
        raise ValueError(f"there are {len(images):,} folders with images; at most {MOST_CLASSES} classes can be learned")
    if number < LEAST:
        raise ValueError(f"{number} images are too few to learn from")


def members(data: bytes, check: Check) -> Iterator[tuple[PurePosixPath, bytes | UnreadableError]]:
    """Go through the files of a zip or a tar that may be images, each with its bytes or why it has none. Raises ValueError."""
    left = MOST_UNPACKED
    try:
        for name, file in zip_members(data) if data[:2] == b"PK" else tar_members(data):
            check()
            content = unpacked(file, min(left, MOST_BYTES))
            left -= len(content)
            if left < 0:
                raise ValueError(too_much())
            yield (
                PurePosixPath(name),
                content if len(content) <= MOST_BYTES else UnreadableError(f"has more than {MOST_BYTES >> 20} MiB"),
            )
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, struct.error, EOFError, RuntimeError, OSError, KeyError) as error:
        raise ValueError(
            f"this is no zip of images that can be read ({str(error)[:200] or type(error).__name__}); zip a folder that has "
            "a folder for each class"
        ) from error
    except UnicodeError as error:
        raise ValueError("this is no zip of images that can be read: a file's name is no text") from error


def zip_members(data: bytes) -> Iterator[tuple[str, IO[bytes]]]:
    """Go through the files of a zip that may be images, each opened and not yet read."""
    if data.count(DIRECTORY_ENTRY) > MOST_FILES:  # before a list of them is made
        raise ValueError(f"the archive has more than {MOST_FILES:,} files; bring fewer")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(info.file_size for info in archive.infolist()) > MOST_UNPACKED:
            raise ValueError(too_much())
        for info in archive.infolist():
            if not is_wanted(info.filename, info.file_size, info.is_dir()):
                continue
            if info.compress_type not in METHODS:
                raise ValueError(
                    f"{PurePosixPath(info.filename).name[:60]} is packed in a way that is not read here (method "
                    f"{info.compress_type}); zip the folder as your system does, with deflate, or without compression"
                )
            with archive.open(info) as file:
                yield info.filename, file


def tar_members(data: bytes) -> Iterator[tuple[str, IO[bytes]]]:
    """Go through the files of a tar that may be images, each opened and not yet read."""
    for number, (tar, member) in enumerate(tar_headers(data)):
        if number >= MOST_FILES:
            raise ValueError(f"the archive has more than {MOST_FILES:,} files; bring fewer")
        wanted = is_wanted(member.name, member.size, not member.isfile() or member.issparse())
        file = tar.extractfile(member) if wanted else None
        if file:
            yield member.name, file


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
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:", tarinfo=Header) as tar:
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


def is_wanted(name: str, size: int, is_folder: bool) -> bool:
    """Tell whether a file may be an image: not what systems hide beside them, and not too large."""
    parts = PurePosixPath(name).parts
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in parts)
    return (
        not is_folder
        and not hidden
        and 0 < size <= MOST_BYTES
        and name.lower().rpartition(".")[2] not in ("txt", "md", "csv", "json", "xml", "db", "ini", "html")
    )


def check_sides(image: Image.Image) -> None:
    """Raise an UnreadableError where a picture is too large, before any of it is decoded."""
    if max(image.size) > MOST_SIDE or image.width * image.height > MOST_PIXELS:
        raise UnreadableError(f"{image.width} × {image.height} pixels are too many")


def small(opened: Image.Image) -> np.ndarray[Any, Any]:
    """Bring one image to 28 × 28 grey bytes, its shape kept: what is missing at the sides is as its border."""
    image = grey(opened)
    if max(image.size) > SHRUNK:
        image = image.reduce((min(image.width, factor := -(-max(image.size) // SHRUNK)), min(image.height, factor)))
    if image.width != image.height:
        pixels = np.asarray(image)
        ground = int(np.median(np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])))
        side = max(image.size)
        image = ImageOps.pad(image, (side, side), color=ground)
    if image.width != SIDE:
        image = image.resize((SIDE, SIDE), Image.Resampling.BOX if image.width > 2 * SIDE else Image.Resampling.BICUBIC)
    return np.asarray(image)


def grey(opened: Image.Image) -> Image.Image:
    """Turn an image to grey, what is clear to white: some rows at a time, so that a large one is not held several times."""
    result = Image.new("L", opened.size)
    rows = max(1, BAND // opened.width)
    for top in range(0, opened.height, rows):
        band: Image.Image = opened.crop((0, top, opened.width, min(top + rows, opened.height)))
        if opened.has_transparency_data:
            band = Image.alpha_composite(Image.new("RGBA", band.size, "white"), band.convert("RGBA"))
        result.paste(band.convert("L"), (0, top))
    return result
