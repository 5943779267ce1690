"""One image of any kind brought to a small square, as a person sees it; and why a file is no image that is read."""

import io
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath
from typing import Any

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError, features

from engine.arrays import Array
from server.storage.images.archives import GZIP, UnreadableError

MOST_SIDE, MOST_PIXELS = 10_000, 16_000_000
"""Of one image: how large each of its sides and the picture may be, as it is decoded."""
SHRUNK = 4_096
"""Images with a longer side are made smaller before anything else, so that none is padded to a huge square."""
BAND = 1 << 18
"""Pixels that are turned to grey at a time."""
WIDE = ("I", "F")
"""How modes of pixels begin that have more than 8 bits."""
ORIENTATION = 0x0112
"""The EXIF tag that says how a camera was held."""
PHOTOS = "neural-network-basics[photos]"
"""What brings the photographs of telephones."""
ALL_HAVE = ("txt", "md", "rst", "csv", "tsv", "json", "xml", "yaml", "yml", "db", "ini", "html", "htm", "log", "toml", "cfg")
"""How text ends that lies beside images; it is no image, and nobody takes it for one."""
IMAGES = ("png", "jpg", "jpeg", "jpe", "jfif", "gif", "bmp", "dib", "webp", "ppm", "pgm", "pbm", "jp2", "tif", "tiff", "avif")
"""How files end that are images, so that one which is not read is damaged."""
RAW = ("cr2", "cr3", "nef", "arw", "dng", "raf", "orf", "rw2")
"""How the files of cameras end that are not developed yet."""


class OtherFormatError(UnreadableError):
    """An image of a format that is not read here, which is the message: another program can save it as one that is."""


@dataclass
class Decoded:
    """An image (side, side), or (side, side, 3) in colour: bytes, or floats where its file has more than 8 bits a pixel.

    alpha (side, side): how much of each pixel there is, where not all are whole; then pixels are multiplied by it.
    low, high: the least and the most of its whole file. cost: how many pixels were decoded. is_first: whether the file has more
    pages or frames than this one.
    """

    pixels: Array
    cost: int
    alpha: Array | None = None
    low: float = 0.0
    high: float = 255.0
    is_first: bool = False


@cache
def formats() -> tuple[str, ...]:
    """Name the formats that are read here: Pillow's own, and with the optional part those of telephones."""
    found = ["PNG", "JPEG", "GIF", "BMP", "WEBP", "PPM", "TIFF", "JPEG2000"]
    with suppress(ImportError):
        import pi_heif

        pi_heif.register_heif_opener()
        found.append("HEIF")
    return (*found, "AVIF") if features.check("avif") else tuple(found)


def decode(content: bytes, path: PurePosixPath, side: int, colour: bool) -> Decoded:
    """Bring one image to side × side pixels. Raises UnreadableError, which says why and what to do."""
    kind, remedy = kind_of(content, path)
    try:
        with Image.open(io.BytesIO(content), formats=formats()) as opened:
            whole = opened.width * opened.height
            if (
                opened.format == "JPEG" or opened.format == "MPO"
            ):  # decoded at a half, a quarter or an eighth where that is enough
                opened.draft(opened.mode if colour or opened.mode != "RGB" else "L", (2 * side, 2 * side))
            check_sides(opened)
            decoded = small(opened, side, colour)
            decoded.is_first = opened.format != "MPO" and bool(getattr(opened, "is_animated", False))
            decoded.cost = max(opened.width * opened.height, whole // 8)
            return decoded
    except UnreadableError:
        raise
    except Exception as error:  # what a hostile file makes of a decoder has no common name
        if remedy:
            raise OtherFormatError(remedy) from error
        raise UnreadableError(kind if isinstance(error, UnidentifiedImageError) else f"damaged: {reason(error)}") from error


def reason(error: Exception) -> str:
    """Say what went wrong, without what no person can read."""
    words = str(error)[:60]
    return type(error).__name__ if not words or "object at 0x" in words or "<" in words else words


def kind_of(content: bytes, path: PurePosixPath) -> tuple[str, str]:
    """Say what a file is where it is no image that is read; and the format that another program has to save as another one."""
    if not content:
        return "empty", ""
    begin, end = content[:64], path.suffix.lower().lstrip(".")
    brand = begin[8:12] if begin[4:8] == b"ftyp" else b""
    if brand in (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1") or end in ("heic", "heif"):
        return "damaged", "HEIC"
    if brand in (b"avif", b"avis") or end == "avif":
        return "damaged", "AVIF"
    if brand:
        return "a film", ""
    if begin[:4] in (b"II*\0", b"MM\0*"):
        return "damaged", "RAW" if end in RAW else "TIFF"
    if end in RAW:
        return "damaged", "RAW"
    if end == "svg" or b"<svg" in content[:1_000]:
        return "damaged", "SVG"
    if begin[:4] == b"8BPS":
        return "damaged", "PSD"
    if begin[:2] == b"\xff\x0a" or begin[4:8] == b"JXL ":
        return "damaged", "JPEG XL"
    if begin[:4] == b"%PDF":
        return "a PDF", ""
    if begin[:2] == b"PK" or begin[:2] == GZIP or begin[:6] == b"7z\xbc\xaf\x27\x1c" or begin[:4] == b"Rar!":
        return "an archive: unpack it first", ""
    return ("damaged" if end in IMAGES else "no image"), ""


def check_sides(image: Image.Image) -> None:
    """Raise an UnreadableError where a picture is too large, before any of it is decoded."""
    if max(image.size) > MOST_SIDE or image.width * image.height > MOST_PIXELS:
        raise UnreadableError(f"{image.width} × {image.height} pixels are too many")


def small(opened: Image.Image, side: int, colour: bool = False) -> Decoded:
    """Bring one image to side × side pixels, upright, its shape kept: what is missing at its sides is as its border."""
    wide = opened.mode.startswith(WIDE)
    low, high = 0.0, 255.0
    alpha = None
    if wide:
        image = opened.convert("F")
        low, high = (float(v) for v in image.getextrema())  # type: ignore[arg-type]
    else:
        image, alpha = flattened(opened, "RGB" if colour else "L")
    turned = orientation(opened)
    pixels = upright(squared(image, side), turned)
    if wide and colour:
        pixels = np.repeat(pixels[..., np.newaxis], 3, axis=2)
    return Decoded(pixels, 0, None if alpha is None else upright(squared(alpha, side, 0), turned), low, high)


def squared(image: Image.Image, side: int, ground: int | None = None) -> Array:
    """Shrink or enlarge an image to a square, padded with one grey or colour: that of its border, where none is said."""
    if max(image.size) > SHRUNK:
        image = image.reduce((min(image.width, factor := -(-max(image.size) // SHRUNK)), min(image.height, factor)))
    if image.width != image.height:
        colour: Any = ground
        if colour is None:
            pixels = np.asarray(image)
            border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
            middle = np.median(border, axis=0)
            colour = tuple(int(v) for v in middle) if middle.ndim else float(middle) if image.mode == "F" else int(middle)
        longest = max(image.size)
        image = ImageOps.pad(image, (longest, longest), color=colour)
    if image.width != side:
        image = image.resize((side, side), Image.Resampling.BOX if image.width > 2 * side else Image.Resampling.BICUBIC)
    return np.asarray(image)


def flattened(opened: Image.Image, mode: str) -> tuple[Image.Image, Image.Image | None]:
    """Turn an image to grey or to colours, and what of it is there, None where all is: some rows at a time, so that a large
    one is not held several times. What is clear is black.
    """
    result = Image.new(mode, opened.size)
    clear = opened.has_transparency_data
    alpha = Image.new("L", opened.size) if clear else None
    rows = max(1, BAND // opened.width)
    for top in range(0, opened.height, rows):
        band: Image.Image = opened.crop((0, top, opened.width, min(top + rows, opened.height)))
        if alpha:
            band = band.convert("RGBA")
            alpha.paste(band.getchannel("A"), (0, top))
            band = Image.alpha_composite(Image.new("RGBA", band.size, "black"), band)
        result.paste(band.convert(mode), (0, top))
    return result, alpha if alpha and alpha.getextrema()[0] != 255 else None


def orientation(opened: Image.Image) -> int:
    """Say how a camera was held, from 1 (upright) to 8, as EXIF numbers it."""
    with suppress(Exception):  # what a hostile file makes of a reader has no common name
        return int(opened.getexif().get(ORIENTATION, 1))
    return 1


def upright(pixels: Array, turned: int) -> Array:
    """Turn and mirror a square (side, side, …) as its orientation says."""
    if turned in (5, 6, 7, 8):  # rows and columns change places
        pixels = pixels.swapaxes(0, 1)
    if turned in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if turned in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return pixels
