"""Figures of networks of any kind: their layers, what their numbers say, and what became of single examples."""

import re
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from engine.arrays import Array
from engine.pictures import Column, Diagram, ExampleHistory, LayerStatistics
from engine.pictures.colours import CLASS_COLOURS
from server.terminal.report.sheet import (
    BLUE,
    INK,
    LINE,
    ORANGE,
    SIGNED,
    TRAIN,
    WIDTH,
    ZERO,
    Scale,
    Sheet,
    css,
    headed,
    name_of,
    said,
    short,
    shorter,
    size_axis,
    values,
)

LABEL = 40
STRENGTHS = 4
"""Weights are drawn in so many widths for either sign."""


def diagram(picture: Diagram) -> go.Figure:
    """Draw the network from left to right: a map for every neuron, and the weights between them as lines."""
    of_example = picture.shows == "example"
    counts = [len(column.maps) for column in picture.columns]
    n, room, margin = len(counts), min(620, max(300, 40 * max(counts))), 40
    sheet = Sheet(room + LABEL)
    wide = (WIDTH - 20 - 2 * margin) / n
    lefts, sizes, tops = [], [], []
    for k, count in enumerate(counts):
        most = count if of_example else max(counts)
        size = max(4.0, min(90 if of_example else 56, room / most - min(4, 40 / most), wide * 0.62))
        pitch = min(room / count, size + max(4, size * 0.45))
        first = (room - pitch * count) / 2 + (pitch - size) / 2
        middle = margin + (k + 0.5) * wide
        lefts.append(middle - size / 2)
        sizes.append(size)
        tops.append([first + i * pitch for i in range(count)])
    for k in range(1, n):
        weights(
            sheet,
            picture.columns[k].weights,
            (lefts[k - 1] + sizes[k - 1], [y + sizes[k - 1] / 2 for y in tops[k - 1]]),
            (lefts[k], [y + sizes[k] / 2 for y in tops[k]]),
        )
    for k, column in enumerate(picture.columns):
        neurons(sheet, column, lefts[k], tops[k], sizes[k], upside_down=not of_example)
    longest = max(len(column.title) for column in picture.columns)
    sheet.words(
        [left + size / 2 for left, size in zip(lefts, sizes, strict=True)],
        [room + LABEL / 2] * n,
        [label(column, narrow=7 * longest > wide) for column in picture.columns],
        size=12 if wide > 60 else 10,
    )
    if picture.words:
        words = picture.words
    elif of_example:
        words = "one example on its way, layer by layer · time runs from left to right"
    elif picture.columns[0].maps.shape[1] > 1:
        words = "each square: one neuron's answer over the whole plane, on its own scale"
    else:
        words = "each square: one neuron's answer from x = 0 to 10, on its own scale"
    return sheet.done(picture, f"{words} · orange − blue +")


def label(column: Column, narrow: bool) -> str:
    """Name a layer in two lines, with how many of its neurons are not shown."""
    name, detail = column.title, column.detail
    is_sequence = len(column.maps) == 1 and column.maps.shape[1] > 1
    hidden = 0 if is_sequence else column.units - len(column.maps)
    if narrow:  # "BatchNorm 8" as "BN 8": capitals are enough where columns stand close
        name = re.sub("[a-z]+(?=.* )", "", name)
        detail = f"+{hidden}" if hidden > 0 else ""
    elif hidden > 0:
        detail = f"{detail} +{hidden} more".strip()
    return f"{said(name)}<br>{said(detail)}"


def neurons(sheet: Sheet, column: Column, left: float, tops: Sequence[float], size: float, upside_down: bool) -> None:
    """Draw a column's maps; one that is a single row of numbers is drawn as a curve."""
    maps = column.maps[:, ::-1] if upside_down else column.maps
    _, rows, cells = maps.shape
    if rows == 1 and cells > 1:
        sparks(sheet, maps[:, 0], left, tops, size)
    else:
        sheet.images(maps, [left], tops, (size, size), SIGNED, own=values(maps, column.scale))
    sheet.frames([(left, top) for top in tops], (size, size), LINE)


def sparks(sheet: Sheet, curves: Array, left: float, tops: Sequence[float], size: float) -> None:
    """Draw rows of bytes (n, cells) as curves, each in its square: orange below zero, blue above."""
    x = left + np.linspace(0, size, curves.shape[1])
    y = np.array(tops)[:, None] + 2 + (1 - curves / 255) * (size - 4)
    for colour, chosen in ((ORANGE, curves[:, 1:] < 128), (BLUE, curves[:, 1:] >= 128)):
        i, j = np.nonzero(chosen)
        nothing = np.full(len(i), np.nan)
        sheet.lines(
            np.stack([x[j], x[j + 1], nothing], axis=1).ravel(),
            np.stack([y[i, j], y[i, j + 1], nothing], axis=1).ravel(),
            css(colour),
            1.6,
        )


def weights(sheet: Sheet, W: Array, start: tuple[float, Sequence[float]], end: tuple[float, Sequence[float]]) -> None:
    """Draw the weights W (before, shown) between two columns, each given by its x and its neurons' y: wide where large."""
    (x0, before), (x1, after) = start, end
    if W.shape != (len(before), len(after)):
        return
    W = np.nan_to_num(W)
    strength = np.abs(W) / (np.abs(W).max(initial=0) + 1e-12)
    t = np.linspace(0, 1, 14)
    ease = 3 * t**2 - 2 * t**3  # the page's Bézier curve with level ends: x and y as polynomials of t
    across = x0 + (x1 - x0) * (1.5 * t * (1 - t) ** 2 + 1.5 * t**2 * (1 - t) + t**3)
    for group in range(STRENGTHS):
        for colour, sign in ((ORANGE, W < 0), (BLUE, W >= 0)):
            in_group = (strength > max(0.03, group / STRENGTHS)) & (strength <= (group + 1) / STRENGTHS)
            i, j = np.nonzero(sign & in_group)
            if not len(i):
                continue
            y0, y1 = np.array(before)[i, None], np.array(after)[j, None]
            y = np.concatenate([y0 + (y1 - y0) * ease, np.full((len(i), 1), np.nan)], axis=1)
            x = np.tile(np.append(across, np.nan), len(i))
            middle = (group + 0.5) / STRENGTHS
            sheet.lines(x, y.ravel(), css(colour, 0.15 + 0.65 * middle), 0.4 + 3 * middle)


def statistics(picture: LayerStatistics) -> go.Figure:
    """Draw for every layer a histogram of its weights, its outputs, its dead ReLUs, its gradient and its last step."""
    layers = [said(shorter(name, 30)) for name in picture.layers]
    n, bins = picture.weights.shape
    dead = bool(np.isfinite(picture.dead).any())
    titles = ["weights", "outputs: mean ± std", *(["dead ReLUs"] if dead else []), "gradient ‖∂L/∂θ‖", "last step ‖Δθ‖ / ‖θ‖"]
    figure = make_subplots(1, len(titles), shared_yaxes=True, horizontal_spacing=0.035, subplot_titles=titles)
    rows = np.arange(n)
    edges = np.linspace(picture.low, picture.high, bins + 1, axis=1)
    for k in rows:
        figure.add_bar(
            x=(edges[k, 1:] + edges[k, :-1]) / 2,
            y=-0.8 * picture.weights[k] / 255,
            base=k + 0.4,
            width=edges[k, 1:] - edges[k, :-1],
            marker={"color": TRAIN, "line": {"width": 0}},
            hovertemplate=f"{layers[k]}: from {short(float(picture.low[k]))} to {short(float(picture.high[k]))}<extra></extra>",
            showlegend=False,
            row=1,
            col=1,
        )
    marker = {"color": TRAIN, "size": 9}
    columns = [
        (picture.mean, {"error_x": {"type": "data", "array": picture.std, "color": TRAIN}}, ".3g"),
        *([(picture.dead, {}, ".0%")] if dead else []),
        (picture.gradient, {}, ".3g"),
        (picture.ratio, {}, ".3g"),
    ]
    for column, (numbers, more, form) in enumerate(columns, 2):
        figure.add_scatter(
            x=numbers,
            y=rows,
            mode="markers",
            marker=marker,
            hovertemplate=f"%{{x:{form}}}<extra></extra>",
            showlegend=False,
            row=1,
            col=column,
            **more,
        )
    figure.update_xaxes(nticks=4, zeroline=False, tickangle=0)
    if dead:
        figure.update_xaxes(range=[-0.1, 1.1], tickvals=[0, 0.5, 1], tickformat=".0%", row=1, col=3)
    for column, numbers in ((len(titles) - 1, picture.gradient), (len(titles), picture.ratio)):
        figure.update_xaxes(size_axis(numbers), row=1, col=column)
    figure.update_yaxes(
        range=[n - 0.4, -0.6], tickvals=rows, ticktext=layers, ticklabelstandoff=8, zeroline=False, automargin=True
    )
    figure.update_annotations(font={"size": 12, "color": css(INK)})
    caption = "every layer with parameters and the activation after it · gradient and step: of the last batch"
    return headed(figure, picture, caption, 60 + 56 * n, margin={"t": 100}, barmode="overlay")


def example_history(picture: ExampleHistory) -> go.Figure:
    """Draw what became of each example, the hardest on top: how sure the network was of the right class, or how far off."""
    order = picture.order.astype(np.int64)
    are_classes = len(picture.confidence) > 0
    if are_classes:
        shown = (picture.confidence[:, order].T / 255).astype(np.float32)
        scale: Scale = [(0.0, css(CLASS_COLOURS[4])), (0.5, css(ZERO)), (1.0, css(CLASS_COLOURS[0]))]
        reach, bar, form = (0.0, 1.0), "probability of<br>the right class", "%{z:.0%} sure of it"
    else:
        shown, scale = picture.error[:, order].T, SIGNED
        most = float(np.abs(shown[np.isfinite(shown)]).max(initial=1e-12))
        reach, bar, form = (-most, most), "guess − truth", "off by %{z:.3g}"
    kinds = ["test" if test else "training" for test in picture.is_test[order]]
    labels = picture.labels[order]
    what = [name_of(picture.names, int(k), "class {}") if are_classes else f"truth {short(float(k))}" for k in labels]
    words = [f"{kind} example {i}: {said_of}" for kind, i, said_of in zip(kinds, order, what, strict=True)]
    figure = go.Figure(
        go.Heatmap(
            x=[f"{step:,.0f}" for step in picture.steps],
            y=words,
            z=shown,
            zmin=reach[0],
            zmax=reach[1],
            colorscale=scale,
            colorbar={"title": {"text": bar}, "tickformat": ".0%" if are_classes else ""},
            hovertemplate=f"step %{{x}}<br>%{{y}}<br>{form}<extra></extra>",
        )
    )
    caption = f"{len(order)} examples, a row for each, the hardest on top"
    if are_classes:
        learned, lost = int((picture.learned >= 0).sum()), int((picture.forgotten > 0).sum())
        caption += f" · {learned} right at the end, {lost} forgotten in between"
    return headed(
        figure,
        picture,
        caption,
        460,
        xaxis={"title": "step", "type": "category", "nticks": 12},
        yaxis={"title": "examples", "type": "category", "autorange": "reversed", "showticklabels": False},
    )
