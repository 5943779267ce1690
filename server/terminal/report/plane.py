"""Figures of what a network says of points and curves, and of the ways over a surface."""

from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from engine.arrays import Array
from engine.pictures import Agreement, Curve, Field, Heights, Standings, Surface
from engine.pictures.colours import CLASS_COLOURS
from server.terminal.report.sheet import (
    BLUE,
    INK,
    LINE,
    MUTED,
    ORANGE,
    PAPER,
    SYMBOLS,
    Scale,
    class_colour,
    css,
    headed,
    mix,
    name_of,
    said,
    short,
)

BANDS = 18
PATH_COLOURS = (4, 0, 1, 2, 3, 5, 6)
SKETCH = 1.5
"""How far up and down a curve reaches whose truth nobody knows."""


def middles(low: float, high: float, n: int) -> Array:
    """Give the middles of n cells between low and high."""
    return low + (np.arange(n) + 0.5) / n * (high - low)


def dots(test: bool, colour: str, size: float = 7, symbol: str = "circle") -> dict[str, Any]:
    """Describe the marker of a point: filled for training, hollow for test."""
    if test:
        return {"color": css(PAPER), "size": size - 1, "symbol": symbol, "line": {"color": colour, "width": 1.4}}
    return {"color": colour, "size": size, "symbol": symbol, "line": {"color": css(PAPER), "width": 0.8}}


def field(picture: Field) -> go.Figure:
    """Draw the likeliest class at every place, as strong as the network is sure, and the points.

    A cell is winner + confidence / 256, so that one heatmap with a part of its colours for each class holds both.
    """
    left, right, bottom, top = picture.extent
    rows, columns = picture.winner.shape
    least = 1 / picture.classes  # nobody is less sure of a likeliest class
    scale: Scale = []
    for k in range(picture.classes):
        pale, full = (css(mix(PAPER, class_colour(k), strength)) for strength in (0.08, 0.58))
        scale += [((k + part) / picture.classes, colour) for part, colour in ((0, pale), (least, pale), (1, full))]
    names = [name_of(picture.names, k, "class {}") for k in range(picture.classes)]
    across, up = (said(axis) for axis in picture.axes)
    figure = go.Figure()
    figure.add_heatmap(
        x=middles(left, right, columns),
        y=middles(bottom, top, rows),
        z=(picture.winner + picture.confidence / 256).astype(np.float32),
        zmin=0,
        zmax=picture.classes,
        colorscale=scale,
        showscale=False,
        text=[
            [f"{names[k]}, {sure / 2.55:.0f} %" for k, sure in zip(*row, strict=True)]
            for row in zip(picture.winner.tolist(), picture.confidence.tolist(), strict=True)
        ],
        hovertemplate=f"{across} %{{x:.2f}}" + (f", {up} %{{y:.2f}}" if up else "") + "<br>%{text}<extra></extra>",
    )
    for test in (True, False):
        for k in range(picture.classes):
            chosen = (picture.labels == k) & (picture.is_test == test)
            if not chosen.any():
                continue
            figure.add_scatter(
                x=picture.points[chosen, 0],
                y=picture.points[chosen, 1],
                mode="markers",
                name=names[k] + (", test" if test else ""),
                legendrank=k + 1000 * test,
                marker=dots(test, css(mix(class_colour(k), INK, 0.25)), 8, SYMBOLS[k % len(SYMBOLS)]),
                hovertemplate="%{fullData.name}<extra></extra>",
            )
    axis = {"zeroline": False, "showgrid": False, "constrain": "domain"}
    caption = "the stronger the colour, the surer the network · ● training ○ test"
    return headed(
        figure,
        picture,
        f"{picture.words} · {caption}" if picture.words else caption,
        620,
        xaxis={**axis, "title": across, "range": [left, right]},
        yaxis={
            **axis,
            "title": up,
            "range": [bottom, top],
            "showticklabels": bool(up),
            "scaleanchor": "x",
            "scaleratio": (right - left) / (top - bottom),
        },
    )


HEIGHTS: Scale = [(0.0, css(ORANGE)), (0.5, css(PAPER)), (1.0, css(BLUE))]
"""Colours of heights: orange below 0, blue above."""


def heights(picture: Heights) -> go.Figure:
    """Draw the number that is predicted at every place, and the points in the colour of what is right."""
    left, right, bottom, top = picture.extent
    rows, columns = picture.heights.shape
    limits = {"zmin": -picture.limit, "zmax": picture.limit, "colorscale": HEIGHTS}
    figure = go.Figure()
    figure.add_heatmap(
        x=middles(left, right, columns),
        y=middles(bottom, top, rows),
        z=picture.heights,
        colorbar={"title": "height"},
        hovertemplate="x₁ %{x:.2f}, x₂ %{y:.2f}<br>predicted %{z:.3f}<extra></extra>",
        **limits,
    )
    for test in (True, False):
        chosen = picture.is_test == test
        if not chosen.any():
            continue
        marker = {"color": picture.target[chosen], "cmin": -picture.limit, "cmax": picture.limit, "colorscale": HEIGHTS}
        line = {"color": css(INK), "width": 1.6 if test else 0.8}
        figure.add_scatter(
            x=picture.points[chosen, 0],
            y=picture.points[chosen, 1],
            mode="markers",
            name="test" if test else "training",
            marker={**marker, "line": line, "size": 8, "symbol": "square" if test else "circle"},
            customdata=np.stack([picture.target[chosen], picture.guess[chosen]], axis=1),
            hovertemplate="truth %{customdata[0]:.3f}, predicted %{customdata[1]:.3f}<extra></extra>",
        )
    axis = {"zeroline": False, "showgrid": False, "constrain": "domain"}
    return headed(
        figure,
        picture,
        "points in the colour of what is right · ● training ■ test",
        620,
        xaxis={**axis, "title": "x₁", "range": [left, right]},
        yaxis={**axis, "title": "x₂", "range": [bottom, top], "scaleanchor": "x"},
    )


def curve(picture: Curve) -> go.Figure:
    """Draw the fitted curve against the truth and the points, and under it the residuals."""
    across, up = (said(axis) for axis in picture.axes)
    is_table, known = bool(picture.choices), bool(np.isfinite(picture.truth).any())
    figure = make_subplots(2, 1, shared_xaxes=True, row_heights=[0.68, 0.32], vertical_spacing=0.05)
    for test in (False, True):
        chosen = picture.is_test == test
        if not chosen.any():
            continue
        kept: dict[str, Any] = {"mode": "markers", "name": "test" if test else "training", "legendgroup": str(test)}
        kept["marker"] = dots(test, css(CLASS_COLOURS[1 if test else 5]), 6)
        points = picture.points[chosen]
        figure.add_scatter(x=points[:, 0], y=points[:, 1], row=1, col=1, **kept)
        figure.add_scatter(x=points[:, 0], y=picture.residual[chosen], row=2, col=1, showlegend=False, **kept)
    if known:
        figure.add_scatter(x=picture.x, y=picture.truth, mode="lines", name="truth", line={"dash": "dash", "color": MUTED})
    figure.add_scatter(
        x=picture.x, y=picture.fit, mode="lines", name="network", line={"color": css(CLASS_COLOURS[4]), "width": 3}
    )
    if is_table:
        low, high = float(picture.points[:, 1].min()), float(picture.points[:, 1].max())
        room = 0.08 * (high - low) or 1.0
        figure.update_yaxes(range=[low - room, high + room], row=1, col=1)
    else:
        reach = 1.45 * float(np.abs(picture.truth).max()) if known else SKETCH
        figure.update_yaxes(range=[-reach, reach], row=1, col=1)
    low, high = float(picture.x[0]), float(picture.x[-1])
    room = 0.01 * (high - low)
    figure.update_xaxes(range=[low - room, high + room], zeroline=False)
    figure.update_xaxes(title=across, row=2, col=1)
    figure.update_yaxes(title=up, row=1, col=1)
    figure.update_yaxes(title="truth − guess" if is_table else "y − fit", row=2, col=1)
    caption = "below: what the network leaves over · ● training ○ test"
    return headed(figure, picture, f"{picture.words} · {caption}" if picture.words else caption, 520)


def agreement(picture: Agreement) -> go.Figure:
    """Draw what the network says against what is true: right on the line."""
    figure = go.Figure()
    low, high = float(picture.truth.min()), float(picture.truth.max())
    room = 0.08 * (high - low) or 1.0
    reach = [low - room, high + room]
    for test in (False, True):
        chosen = picture.is_test == test
        if chosen.any():
            figure.add_scatter(
                x=picture.truth[chosen],
                y=picture.guess[chosen],
                mode="markers",
                name="test" if test else "training",
                marker=dots(test, css(CLASS_COLOURS[1 if test else 5]), 6),
                hovertemplate="truth %{x:.4g}<br>guess %{y:.4g}<extra>%{fullData.name}</extra>",
            )
    figure.add_scatter(
        x=reach, y=reach, mode="lines", name="guess = truth", line={"dash": "dash", "color": MUTED}, hoverinfo="skip"
    )
    axis = {"range": reach, "zeroline": False, "constrain": "domain"}
    unit = said(picture.unit)
    return headed(
        figure,
        picture,
        f"{picture.unit}: the network is right on the line · ● training ○ test",
        600,
        xaxis={**axis, "title": f"{unit}: truth"},
        yaxis={**axis, "title": f"{unit}: guess", "scaleanchor": "x"},
    )


def standings(picture: Standings) -> go.Figure:
    """Draw how high each optimizer stands as a bar, the lowest on top."""
    order = sorted(range(len(picture.names)), key=lambda k: -picture.heights[k])
    figure = go.Figure()
    figure.add_bar(
        x=picture.heights[order],
        y=[said(picture.names[k]) for k in order],
        orientation="h",
        marker={"color": [css(CLASS_COLOURS[PATH_COLOURS[k % len(PATH_COLOURS)]]) for k in order]},
        hovertemplate="%{y}: %{x:.4g}<extra></extra>",
    )
    words = f"height of the surface where each optimizer is; all began at {short(picture.start)}"
    return headed(figure, picture, words, 400, xaxis={"title": "height", "type": "log"})


def surface(picture: Surface) -> go.Figure:
    """Draw the optimizers' ways over the surface's contours."""
    left, right, bottom, top = picture.extent
    rows, columns = picture.height.shape
    low = mix(PAPER, (86, 99, 116), 0.75)
    figure = go.Figure()
    figure.add_contour(
        x=middles(left, right, columns),
        y=middles(bottom, top, rows),
        z=picture.height,
        colorscale=[(0.0, css(low)), (1.0, css(PAPER))],
        contours={"start": 0, "end": 255, "size": 255 / BANDS},
        line={"width": 0.5, "color": LINE},
        showscale=False,
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=picture.minima[:, 0],
        y=picture.minima[:, 1],
        mode="markers",
        name="minimum",
        marker={"symbol": "star-open", "size": 15, "color": css(INK), "line": {"width": 1.6}},
    )
    for k in reversed(range(len(picture.names))):  # this run is the first, and on top
        points = picture.paths[k].points
        colour, name = css(CLASS_COLOURS[PATH_COLOURS[k % len(PATH_COLOURS)]]), said(picture.names[k])
        figure.add_scatter(
            x=points[:, 0],
            y=points[:, 1],
            mode="lines",
            name=f"{f'<b>{name}</b>' if k == 0 else name}: {short(float(picture.values[k]))}",
            legendgroup=str(k),
            legendrank=k,
            line={"color": colour, "width": 2 if k else 4},
            hovertemplate="%{x:.3f}, %{y:.3f}<extra>%{fullData.name}</extra>",
        )
        figure.add_scatter(
            x=points[-1:, 0],
            y=points[-1:, 1],
            mode="markers",
            legendgroup=str(k),
            showlegend=False,
            marker={"size": 8 if k else 12, "color": colour, "line": {"color": css(PAPER), "width": 1.2}},
            hoverinfo="skip",
        )
    axis = {"zeroline": False, "showgrid": False, "constrain": "domain"}
    return headed(
        figure,
        picture,
        "the greyer, the lower, in equal steps of the height's logarithm · beside each name: the height where it is now",
        600,
        xaxis={**axis, "title": "x", "range": [left, right]},
        yaxis={**axis, "title": "y", "range": [bottom, top], "scaleanchor": "x", "scaleratio": (right - left) / (top - bottom)},
    )
