"""How the report draws: the page's colours, a figure's title and caption, and sheets of many small images."""

import html
import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from engine.arrays import Array
from engine.notebook import png
from engine.pictures import Picture
from engine.pictures.colours import CLASS_COLOURS, RGB

Scale = list[tuple[float, str]]

BLUE: RGB = (33, 113, 193)
ORANGE: RGB = (235, 124, 20)
PAPER: RGB = (255, 255, 255)
INK: RGB = (23, 32, 43)
ZERO: RGB = (244, 245, 247)
CLEAR = "rgba(255, 255, 255, 0)"
MUTED, LINE, TRAIN, TEST, WRONG = "#566374", "#d9dfe7", "#0b5fa8", "#b45f06", "#a83f00"
SYMBOLS = ("circle", "square", "triangle-up", "diamond", "pentagon", "triangle-down", "hexagon", "diamond-wide")
"""A marker for each class, so that classes differ without colour."""

WIDTH = 920
MONOSPACE = "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace"


def css(colour: RGB, alpha: float = 1.0) -> str:
    """Write a colour as CSS does."""
    return f"rgba({colour[0]}, {colour[1]}, {colour[2]}, {alpha:.3g})"


def mix(a: RGB, b: RGB, t: float) -> RGB:
    """Mix two colours: t = 0 gives a, 1 gives b."""
    r, g, b_ = (round(u + (v - u) * t) for u, v in zip(a, b, strict=True))
    return r, g, b_


def class_colour(k: int) -> RGB:
    """Give the colour of a class."""
    return CLASS_COLOURS[k % len(CLASS_COLOURS)]


SIGNED: Scale = [(0.0, css(ORANGE)), (0.5, css(ZERO)), (1.0, css(BLUE))]
"""Orange below zero, blue above; zero is in the middle."""
GREY: Scale = [(0.0, "rgb(255, 255, 255)"), (1.0, "rgb(0, 0, 0)")]
"""Ink on paper."""


def shades(colour: RGB) -> Scale:
    """Go from nothing to a colour, for probabilities."""
    return [(0.0, css(ZERO)), (1.0, css(colour))]


def said(words: str) -> str:
    """Keep Plotly from reading a person's words as markup."""
    return html.escape(words, quote=False)


def shorter(words: str, characters: int) -> str:
    """Cut words to so many characters."""
    return words if len(words) <= characters else words[: max(1, characters - 1)] + "…"


def name_of(names: Sequence[str], k: int, otherwise: str = "{}", most: int = 30) -> str:
    """Name a class as the page does: by its own name, cut to so many characters, else by its number."""
    return said(shorter(names[k], most)) if k < len(names) else otherwise.format(k)


def short(value: float) -> str:
    """Write a number in three digits."""
    return f"{value:.3g}".replace("-", "−") if np.isfinite(value) else "–"


def size_axis(numbers: Array) -> dict[str, Any]:
    """Describe an axis for sizes: logarithmic where they span more than a factor of ten."""
    positive = numbers[np.isfinite(numbers) & (numbers > 0)]
    if not len(positive) or len(positive) < len(numbers):
        return {"nticks": 4, "tickangle": 0}
    decades = float(np.log10(positive.max() / positive.min()))
    if decades < 1:
        return {"nticks": 4, "tickangle": 0}
    return {"type": "log", "dtick": 1 if decades > 3 else "D2", "exponentformat": "power", "tickangle": 0}


def values(maps: Array, scale: Array) -> Array:
    """Turn bytes around 128 (n, …), each with its own scale (n,), back into the numbers they stand for."""
    unit = (maps.astype(np.float32) - 128) / 127
    return (unit * scale.reshape(-1, *[1] * (maps.ndim - 1))).astype(np.float32)


def headed(figure: go.Figure, picture: Picture, caption: str, height: int, **layout: Any) -> go.Figure:
    """Give a figure the picture's own name as its title, a caption under it, and a plot so many pixels high."""
    return entitled(figure, picture.name.partition("/")[0], caption, height, **layout)


def entitled(figure: go.Figure, title: str, caption: str, height: int, **layout: Any) -> go.Figure:
    """Give a figure a title, a caption under it, and a plot so many pixels high."""
    lines = textwrap.wrap(caption, 130)
    margin = {"l": 60, "r": 20, "t": 52 + 20 * len(lines), "b": 50} | layout.pop("margin", {})
    figure.update_layout(
        template="plotly_white",
        font={"family": "system-ui, sans-serif", "size": 13, "color": css(INK)},
        title={
            "text": said(title[:1].upper() + title[1:]),
            "font": {"size": 18},
            "x": 0,
            "xref": "container",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "pad": {"t": 12, "l": 10},
            "subtitle": {"text": "<br>".join(map(said, lines)), "font": {"size": 13, "color": MUTED}},
        },
        width=WIDTH,
        height=height + margin["t"] + margin["b"],
        margin=margin,
        hoverlabel={"font": {"family": "system-ui, sans-serif"}},
    )
    figure.update_layout(**layout)
    return figure


class Sheet:
    """A figure whose axes are pixels, counted from the top left corner: small images and words, each at its place.

    All images of one call become one heatmap, because Plotly is slow with many subplots.
    """

    def __init__(self, height: float) -> None:
        """Begin an empty sheet."""
        self.figure = go.Figure()
        self.height = height

    def images(
        self,
        images: Array,
        lefts: Sequence[float],
        tops: Sequence[float],
        size: tuple[float, float],
        scale: Scale,
        *,
        own: Array | None = None,
        **trace: Any,
    ) -> None:
        """Lay images (n, rows, columns) of bytes out in a grid, row by row; size: width and height of each.

        own: the numbers that the bytes stand for, shown under the pointer.
        """
        low = 1 if scale is SIGNED else 0  # signed bytes go from 1 to 255, with 128 in the middle
        colours = [((low + (255 - low) * at + 1) / 256, colour) for at, colour in scale]
        blank, first = colours[0][0] / 2, colours[0][1]  # what lies between images is −1, and not drawn
        colours = [(0.0, CLEAR), (blank, CLEAR), (blank, first), *colours]
        _, rows, columns = images.shape
        x = np.concatenate([left + np.linspace(0, size[0], columns + 1) for left in lefts])
        y = np.concatenate([top + np.linspace(0, size[1], rows + 1) for top in tops])
        shape = len(tops), len(lefts)
        if own is not None:
            trace |= {"customdata": mosaic(own, shape, 0), "hovertemplate": "%{customdata:.3g}<extra></extra>"}
        self.figure.add_heatmap(
            x=x,
            y=y,
            z=mosaic(images, shape, -1),
            zmin=-1,
            zmax=255,
            colorscale=colours,
            **{"showscale": False, "hoverinfo": "skip"} | trace,
        )

    def photographs(self, images: Array, lefts: Sequence[float], tops: Sequence[float], size: tuple[float, float]) -> None:
        """Lay images (n, rows, columns, 3) of red, green and blue out in a grid, row by row."""
        for image, (left, top) in zip(images, places(len(images), lefts, tops), strict=True):
            where = {"x": left, "y": top, "sizex": size[0], "sizey": size[1], "xref": "x", "yref": "y"}
            self.figure.add_layout_image(source=png(image), sizing="stretch", layer="below", **where)

    def inputs(self, images: Array, lefts: Sequence[float], tops: Sequence[float], size: tuple[float, float]) -> None:
        """Lay out what a network is shown: bytes of ink (n, rows, columns), or of colours (n, rows, columns, 3)."""
        if images.ndim == 4:
            self.photographs(images, lefts, tops, size)
        else:
            self.images(images, lefts, tops, size, GREY)

    def frames(self, places: Sequence[tuple[float, float]], size: tuple[float, float], colour: str, width: float = 1) -> None:
        """Draw a rectangle at each place (left, top)."""
        if not places:
            return
        corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0), (np.nan, np.nan)]) * size
        x, y = (np.array(places, np.float64)[:, None, :] + corners).reshape(-1, 2).T
        self.lines(x, y, colour, width)

    def lines(self, x: Array, y: Array, colour: str, width: float = 1) -> None:
        """Draw lines; a NaN parts one from the next."""
        line = {"color": colour, "width": width}
        self.figure.add_scatter(
            x=x.astype(np.float32), y=y.astype(np.float32), mode="lines", line=line, hoverinfo="skip", showlegend=False
        )

    def words(
        self,
        x: Sequence[float],
        y: Sequence[float],
        words: Sequence[str],
        *,
        size: float = 12,
        colour: str | Sequence[str] = MUTED,
        align: str = "middle center",
        family: str = "system-ui, sans-serif",
    ) -> None:
        """Write words at places; align says where they stand seen from there."""
        self.figure.add_scatter(
            x=list(x),
            y=list(y),
            text=list(words),
            mode="text",
            textposition=align,
            textfont={"size": size, "color": colour, "family": family},
            hoverinfo="skip",
            showlegend=False,
            cliponaxis=False,
        )

    def done(self, picture: Picture, caption: str) -> go.Figure:
        """Finish the figure: the picture's name, a caption, and no axes."""
        self.figure.update_xaxes(range=[0, WIDTH - 20], visible=False, fixedrange=True)
        self.figure.update_yaxes(range=[self.height, 0], visible=False, fixedrange=True)
        margin = {"l": 10, "r": 10, "b": 12}
        return headed(self.figure, picture, caption, round(self.height), margin=margin, showlegend=False)


def mosaic(images: Array, shape: tuple[int, int], blank: float) -> Array:
    """Put images (n, rows, columns) into one, with one row and one column of blank between them; bytes leave room for −1."""
    (down, across), (rows, columns) = shape, images.shape[1:]
    whole = np.full((down, rows + 1, across, columns + 1), blank, np.int16 if images.dtype == np.uint8 else images.dtype)
    for i, image in enumerate(images[: down * across]):
        whole[i // across, :rows, i % across, :columns] = image
    return whole.reshape(down * (rows + 1), across * (columns + 1))[:-1, :-1]


def grid(
    n: int, across: int, size: float, gap: float, left: float, top: float, under: float = 0
) -> tuple[list[float], list[float]]:
    """Give the lefts of the columns and the tops of the rows of a grid of n squares, with room under each."""
    across = min(n, across)
    return (
        [left + k * (size + gap) for k in range(across)],
        [top + k * (size + gap + under) for k in range(-(-n // across))],
    )


def places(n: int, lefts: Sequence[float], tops: Sequence[float]) -> list[tuple[float, float]]:
    """Give the left and top of each of n squares of a grid, row by row."""
    return [(lefts[i % len(lefts)], tops[i // len(lefts)]) for i in range(n)]
