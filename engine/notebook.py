"""HTML for a notebook, made of strings: tables, images and curves that can be read on light and on dark paper."""

import base64
import html
import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from engine.arrays import Array

WIDTH, HEIGHT = 240, 80
"""Of a curve, in pixels."""
COLOURS = ("currentColor", "#e67c14", "#2171c1", "#009e73")
"""Of the curves in one drawing: the first is as the text, the others can be told apart on any paper."""


def escaped(words: object) -> str:
    """Write anything as text that HTML shows as it is."""
    return html.escape(str(words))


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Make a table that a screen reader can read too: a caption, a head, and for each row its name."""
    heads = "".join(f'<th scope="col">{escaped(words)}</th>' for words in head)
    body = "".join(
        f'<tr><th scope="row">{escaped(first)}</th>{"".join(f"<td>{escaped(cell)}</td>" for cell in cells)}</tr>'
        for first, *cells in rows
    )
    return f"<table><caption>{escaped(caption)}</caption><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"


def png(pixels: Array) -> str:
    """Write pixels (height, width, 3), bytes of red, green and blue, as an address that holds the whole image.

    A PNG is a signature and three chunks, each with its length, its name and a checksum: its form, the rows, the end.
    """
    height, width, _ = pixels.shape
    rows = b"".join(b"\0" + row.tobytes() for row in np.ascontiguousarray(pixels, np.uint8))  # 0: as they are
    chunks = (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")
    file = b"\x89PNG\r\n\x1a\n"
    for name, data in chunks:
        file += struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    return "data:image/png;base64," + base64.b64encode(file).decode()


def image(pixels: Array, words: str, scale: int) -> str:
    """Show pixels (height, width, 3), each as a square of so many."""
    height, width, _ = pixels.shape
    return (
        f'<img src="{png(pixels)}" alt="{escaped(words)}" title="{escaped(words)}" width="{width * scale}" '
        f'height="{height * scale}" style="image-rendering:pixelated;margin:2px;background:#fff">'
    )


def curves(named: Mapping[str, Array], words: str, x: Array | None = None) -> str:
    """Draw numbers as lines over x, or over their place, without what is not finite; empty where nothing is left."""
    finite = [values[np.isfinite(values)] for values in named.values()]
    every = np.concatenate([np.empty(0), *finite]).astype(np.float64)
    if not every.size:
        return ""
    low, high = float(every.min()), float(every.max())
    lines, legend = [], []
    for k, (name, values) in enumerate(named.items()):
        colour, at = COLOURS[k % len(COLOURS)], np.arange(len(values)) if x is None else x
        across = (at - at.min()) / (np.ptp(at) or 1) * WIDTH
        up = HEIGHT - (values.astype(np.float64) - low) / ((high - low) or 1) * HEIGHT
        points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(across, up, strict=True) if np.isfinite(a) and np.isfinite(b))
        lines.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        legend.append(f'<span style="color:{colour}">— {escaped(name)}</span>')
    said = f"{words}, from {low:.4g} to {high:.4g}"
    return (
        f'<svg role="img" aria-label="{escaped(said)}" viewBox="-2 -2 {WIDTH + 4} {HEIGHT + 4}" width="{WIDTH}" '
        f'height="{HEIGHT}"><title>{escaped(said)}</title>{"".join(lines)}</svg><small> {" ".join(legend)}, '
        f"{low:.4g} to {high:.4g}</small>"
    )
