"""A picture as a notebook shows it: its arrays as images, points and curves, and everything else in words."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from engine.arrays import Array, in_words
from engine.notebook import curves, escaped, image, png
from engine.pictures.colours import CLASS_COLOURS

MOST_TILES, MOST_POINTS, LARGEST, LONGEST = 24, 400, 160, 120
"""Images of one array, points, pixels of an image's longer side, and letters of a list that are shown."""
IN_COLOUR = {"images": 4, "image": 3, "filters": 4}
"""Arrays of bytes that may be in colour, and how many axes they have then."""
ORANGE, ZERO, BLUE = np.array([235, 124, 20]), np.array([244, 245, 247]), np.array([33, 113, 193])


def figure(picture: Any) -> str:
    """Draw a picture, whatever it holds."""
    parts: list[str] = []
    words: list[str] = []
    for owner in owners(picture):
        parts.append(drawn(owner))
        words += said(owner)
    title = f"<b>{escaped(picture.name)}</b>, {type(picture).__name__}, step {picture.step:,}"
    more = f"<br>{' · '.join(words)}" if words else ""
    return f"<figure><figcaption>{title}{more}</figcaption>{''.join(parts)}</figure>"


def owners(value: Any) -> Iterator[Any]:
    """Go through a picture and the parts that it is made of."""
    yield value
    for f in fields(value):
        held = getattr(value, f.name)
        for part in held if isinstance(held, (list, tuple)) else [held]:
            if is_dataclass(part) and not isinstance(part, type):
                yield from owners(part)


def said(owner: Any) -> Iterator[str]:
    """Say what is no array."""
    for f in fields(owner):
        value = getattr(owner, f.name)
        if isinstance(value, np.ndarray) and value.size == 1:
            value = f"{value.item():.4g}"
        if f.name in ("name", "step") or isinstance(value, np.ndarray) or is_dataclass(value) or value in ("", [], ()):
            continue
        if not (isinstance(value, (list, tuple)) and is_dataclass(value[0])):
            words = ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
            yield f"{escaped(f.name)}: {escaped(words if len(words) <= LONGEST else words[:LONGEST] + '…')}"


def drawn(owner: Any) -> str:
    """Draw the arrays of a picture, or of a part of it."""
    arrays = {f.name: value for f in fields(owner) if isinstance(value := getattr(owner, f.name), np.ndarray) and value.size}
    x = arrays.pop("x", None)
    over = {name: values for name, values in arrays.items() if x is not None and values.shape == x.shape}
    parts = [curves(over, " and ".join(over), x)] if over else []
    for name, values in arrays.items():
        about = f"{name} {in_words(values.shape)}"
        if (
            name in over
            or name in ("is_test", "labels", "guesses", "scale")
            or (name, "winner" in arrays) == ("confidence", True)
        ):
            continue  # they are drawn with others
        if values.ndim > 1 and name == "points":
            if getattr(owner, "extent", None) is None:
                parts.append(scattered(values, arrays.get("labels"), about))
        elif values.ndim > 1 and values.size > 1:
            parts.append(images(owner, name, values, about))
        elif values.ndim == 1 and len(values) > 1:
            parts.append(curves({name: values}, about))
    return "".join(parts)


def images(owner: Any, name: str, values: Array, about: str) -> str:
    """Show the last two axes of an array as images, in colour where a third is red, green and blue; those over a plane with
    their points on them.
    """
    extent = getattr(owner, "extent", None)
    in_colour = values.dtype == np.uint8 and values.ndim == IN_COLOUR.get(name)
    shape = values.shape[-3:] if in_colour else values.shape[-2:]
    tiles = values.reshape(-1, *shape)[:, :: -1 if extent else 1]  # the plane's first row lies at the bottom
    if extent and len(tiles) == 1:
        return over_plane(owner, coloured(owner, name, tiles[0]), extent, about)
    side = max(shape[:2])
    scale = max(1, LARGEST // side) if len(tiles) == 1 else max(1, 56 // side)
    pixels = tiles if in_colour else [coloured(owner, name, tile) for tile in tiles[:MOST_TILES]]
    shown = [image(tile, f"{about}, {k + 1}", scale) for k, tile in enumerate(pixels[:MOST_TILES])]
    return f"<div>{''.join(shown)}<br><small>{escaped(about)}</small></div>"


def coloured(owner: Any, name: str, values: Array) -> Array:
    """Turn numbers (height, width) into colours: classes by theirs, bytes as ink, numbers from orange below 0 to blue above."""
    if name == "winner":
        sure = np.asarray(owner.confidence[::-1], np.float64)[..., None] / 255
        classes = np.array(CLASS_COLOURS)[values % len(CLASS_COLOURS)]
        values = ZERO + (classes - ZERO) * sure
        return values.astype(np.uint8)
    if values.dtype == np.uint8 and not hasattr(owner, "scale"):
        return np.repeat(255 - values[..., None], 3, axis=2)
    if values.dtype == np.uint8:
        unit = (values.astype(np.float64) - 128) / 127
    else:
        most = np.where(np.isfinite(values), abs(values), 0).max() or 1
        unit = np.nan_to_num(values / most)
    unit = np.clip(unit, -1, 1)[..., None]
    values = ZERO + np.where(unit < 0, ORANGE - ZERO, BLUE - ZERO) * abs(unit)
    return values.astype(np.uint8)


def dots(across: Array, up: Array, labels: Array | None) -> str:
    """Draw points, each in the colour of its class."""
    classes = np.zeros(len(across), int) if labels is None else labels
    colours = ["#{:02x}{:02x}{:02x}".format(*rgb) for rgb in CLASS_COLOURS]
    return "".join(
        f'<circle cx="{a:.1f}" cy="{b:.1f}" r="2" fill="{colours[k % len(colours)]}" stroke="currentColor" stroke-width="0.4"/>'
        for a, b, k in list(zip(across, up, classes, strict=True))[:MOST_POINTS]
        if np.isfinite(a) and np.isfinite(b)
    )


def plane(inside: str, about: str) -> str:
    """Put what is drawn into a square."""
    side = f'viewBox="0 0 {LARGEST} {LARGEST}" width="{LARGEST}" height="{LARGEST}"'
    words = escaped(about)
    return (
        f'<div><svg role="img" aria-label="{words}" {side}><title>{words}</title>{inside}</svg><br><small>{words}</small></div>'
    )


def over_plane(owner: Any, pixels: Array, extent: tuple[float, float, float, float], about: str) -> str:
    """Show an image of the plane, and on it the points that belong to it."""
    left, right, bottom, top = extent
    inside = f'<image href="{png(pixels)}" width="{LARGEST}" height="{LARGEST}" preserveAspectRatio="none"/>'
    points = getattr(owner, "points", None)
    if points is not None and len(points):
        across, up = (points[:, 0] - left) / (right - left) * LARGEST, (top - points[:, 1]) / (top - bottom) * LARGEST
        inside += dots(across, up, getattr(owner, "labels", None))
    return plane(inside, about)


def scattered(points: Array, labels: Array | None, about: str) -> str:
    """Show points (N, 2), as far as they reach."""
    found = points[np.isfinite(points).all(axis=1)] if len(points) else points
    if not len(found):
        return ""
    low, reach = found.min(axis=0), np.where(np.ptp(found, axis=0) > 0, np.ptp(found, axis=0), 1)
    at = (points.astype(np.float64) - low) / reach * (LARGEST - 6) + 3
    return plane(dots(at[:, 0], LARGEST - at[:, 1], labels), about)
