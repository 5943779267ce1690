"""Images in an archive, a folder for each class: brought to the form of MNIST's digits. What cannot be read is said."""

import io
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

import numpy as np
from PIL import Image, ImageOps

SIDE = 28
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "PPM")
MOST_IMAGES, MOST_CLASSES, LEAST = 20_000, 30, 4
MOST_BYTES, MOST_PIXELS = 8 << 20, 16_000_000
"""Of one image: how large its file and how large the picture may be."""
MOST_UNPACKED = 512 << 20
"""Bytes that an archive may unpack to."""
Member = tuple[PurePosixPath, bytes]


def read_images(data: bytes) -> tuple[dict[str, np.ndarray[Any, Any]], list[str], list[str]]:
    """Read a zip or tar; return {"images" (N, 28, 28), "labels" (N,)}, the classes, and notes. Raises ValueError."""
    images: dict[str, list[np.ndarray[Any, Any]]] = {}
    unread: list[str] = []
    for path, content in members(data):
        try:
            images.setdefault(path.parent.name, []).append(small(content))
        except Exception as error:  # what a hostile file makes of a decoder has no common name
            unread.append(f"{path.name} ({str(error)[:60] or type(error).__name__})")
        if sum(map(len, images.values())) > MOST_IMAGES:
            raise ValueError(f"the archive has more than {MOST_IMAGES:,} images; bring fewer")
    check(images, unread)
    classes = sorted(images)
    pixels = np.concatenate([np.stack(images[name]) for name in classes])
    notes = [f"{len(unread):,} of the files could not be read, as {unread[0]}."] if unread else []
    border = np.concatenate([pixels[:, 0].ravel(), pixels[:, -1].ravel(), pixels[:, :, 0].ravel(), pixels[:, :, -1].ravel()])
    if border.mean() > 127:
        pixels = 255 - pixels
        notes.append("The images are dark on light; they were inverted, as MNIST's digits are light on dark.")
    labels = np.repeat(np.arange(len(classes)), [len(images[name]) for name in classes])
    return {"images": pixels, "labels": labels.astype(np.uint8)}, classes, notes


def check(images: dict[str, list[np.ndarray[Any, Any]]], unread: list[str]) -> None:
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


def members(data: bytes) -> Iterator[Member]:
    """Go through the files of a zip or a tar that may be images. Raises ValueError."""
    try:
        if data[:2] == b"PK":
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                if sum(info.file_size for info in archive.infolist()) > MOST_UNPACKED:
                    raise ValueError(f"the archive would unpack to more than {MOST_UNPACKED >> 20} MiB")
                for info in archive.infolist():
                    if is_wanted(info.filename, info.file_size, info.is_dir()):
                        yield PurePosixPath(info.filename), archive.read(info)
            return
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as tar:
            for member in tar:
                file = tar.extractfile(member) if is_wanted(member.name, member.size, not member.isfile()) else None
                if file:
                    yield PurePosixPath(member.name), file.read()
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, RuntimeError, NotImplementedError, OSError, KeyError) as error:
        raise ValueError(
            f"this is no zip of images that can be read ({error or type(error).__name__}); zip a folder that has "
            "a folder for each class"
        ) from error


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


def small(content: bytes) -> np.ndarray[Any, Any]:
    """Bring one image to 28 × 28 grey bytes, its shape kept: what is missing at the sides is as its border."""
    with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise ValueError(f"{opened.width} × {opened.height} pixels are too many")
        image: Image.Image = opened
        if image.has_transparency_data:
            image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA"))
        image = image.convert("L")
    if image.width != image.height:
        pixels = np.asarray(image)
        ground = int(np.median(np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])))
        side = max(image.size)
        image = ImageOps.pad(image, (side, side), color=ground)
    if image.width != SIDE:
        image = image.resize((SIDE, SIDE), Image.Resampling.BOX if image.width > 2 * SIDE else Image.Resampling.BICUBIC)
    return np.asarray(image)
