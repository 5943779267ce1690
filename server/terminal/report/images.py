"""Figures of networks that read images."""

import numpy as np
import plotly.graph_objects as go

from engine.pictures import Confusion, Digits, FeatureMaps, Filters, LatentSpace, Reconstructions
from engine.pictures.colours import CLASS_COLOURS
from server.terminal.report.sheet import (
    GREY,
    INK,
    LINE,
    MUTED,
    PAPER,
    SIGNED,
    SYMBOLS,
    WIDTH,
    WRONG,
    Sheet,
    class_colour,
    css,
    grid,
    headed,
    mix,
    name_of,
    places,
    shorter,
    values,
)

INNER = WIDTH - 20


def filters(picture: Filters) -> go.Figure:
    """Draw what the first convolution looks for."""
    n, rows, columns, *channels = picture.filters.shape
    size, gap = 78, 10
    lefts, tops = grid(n, 10, size, gap, 4, 4)
    sheet = Sheet(tops[-1] + size + 6)
    if channels:
        sheet.photographs(picture.filters.repeat(10, axis=1).repeat(10, axis=2), lefts, tops, (size, size))
    else:
        scale = np.full(n, picture.scale, np.float32)
        sheet.images(picture.filters, lefts, tops, (size, size), SIGNED, own=values(picture.filters, scale))
    sheet.frames(places(n, lefts, tops), (size, size), LINE)
    shape, zero = (f"{rows} × {columns} × 3", "0 is grey") if channels else (f"{rows} × {columns}", "orange − blue +")
    return sheet.done(picture, f"{picture.units} filters of {shape}, all on one scale: ±{picture.scale:.2g} · {zero}")


def feature_maps(picture: FeatureMaps) -> go.Figure:
    """Draw one image on its way: the image, what the network says of it, and the maps that each layer makes of it."""
    side, left, title, gap = 190, 224, 20, 4
    layouts, top = [], 0.0
    for column in picture.columns:
        n, rows, cells = column.maps.shape
        size = 38.0 if rows * cells > 1 else 18.0
        across = int((INNER - left) // (size + gap))
        layouts.append((top, size, grid(n, across, size, gap, left, top + title)))
        top += title + -(-n // across) * (size + gap) + 12
    probabilities = picture.probabilities
    pitch = 22.0
    sheet = Sheet(max(top, side + 24 + pitch * len(probabilities)))
    sheet.inputs(picture.image[None], [0], [4], (side, side))
    sheet.frames([(0, 4)], (side, side), LINE)
    verdict(sheet, picture, side, pitch)
    for column, (start, size, (lefts, tops)) in zip(picture.columns, layouts, strict=True):
        n = len(column.maps)
        hidden = column.units - n
        more = f" · the first {n} shown" if hidden > 0 else ""
        sheet.words([left], [start + title / 2], [column.title + more], align="middle right")
        sheet.images(column.maps, lefts, tops, (size, size), SIGNED, own=values(column.maps, column.scale))
        sheet.frames(places(n, lefts, tops), (size, size), LINE)
    image = f"test image {picture.example}, {shorter(picture.names[picture.label], 40) if picture.names else picture.label}"
    if picture.label < 0:
        image = "an image that was drawn"
    words = "each map on its own scale · orange − blue +" if picture.columns else "no layer between image and answer"
    return sheet.done(picture, f"{image} · {words}")


def verdict(sheet: Sheet, picture: FeatureMaps, side: float, pitch: float) -> None:
    """Draw the probability of each class as a bar under the image."""
    p, top = picture.probabilities, side + 24
    names = [name_of(picture.names, k, most=11) for k in range(len(p))]
    indent = min(90.0, 12 + 7.5 * max(map(len, names)))
    y = [top + (k + 0.5) * pitch for k in range(len(p))]
    sheet.words([indent - 6] * len(p), y, names, align="middle left", colour=css(INK))
    sheet.figure.add_bar(
        x=(side - indent) * np.nan_to_num(p),
        y=y,
        base=indent,
        orientation="h",
        width=pitch * 0.66,
        marker={"color": [css(CLASS_COLOURS[0] if k == picture.label else CLASS_COLOURS[5]) for k in range(len(p))]},
        customdata=p,
        text=names,
        textposition="none",
        hovertemplate="%{text}: %{customdata:.1%}<extra></extra>",
        showlegend=False,
    )
    best = int(np.nan_to_num(p).argmax())
    end = indent + (side - indent) * float(np.nan_to_num(p[best]))
    sheet.words([end + 2], [y[best]], [f"{100 * p[best]:.0f} %"], align="middle right")


def digits(picture: Digits) -> go.Figure:
    """Draw test images, each with the network's guess under it; wrong ones are framed, crossed and named."""
    n = len(picture.images)
    size, gap, under = 78, 11, 20
    lefts, tops = grid(n, 10, size, gap, 4, 4, under)
    sheet = Sheet(tops[-1] + size + under + 4)
    at = places(n, lefts, tops)
    wrong = [bool(guess != label) for guess, label in zip(picture.guesses, picture.labels, strict=True)]
    sheet.inputs(picture.images, lefts, tops, (size, size))
    sheet.frames([place for place, w in zip(at, wrong, strict=True) if not w], (size, size), LINE)
    sheet.frames([place for place, w in zip(at, wrong, strict=True) if w], (size, size), css(CLASS_COLOURS[4]), 2.5)
    guesses, labels = ([name_of(picture.names, int(k)) for k in of] for of in (picture.guesses, picture.labels))
    sheet.words(
        [left + size / 2 for left, _ in at],
        [top + size + 11 for _, top in at],
        [
            f"<b>✗ {name_of(picture.names, int(k), most=9)}</b>" if w else name_of(picture.names, int(k), most=11)
            for k, w in zip(picture.guesses, wrong, strict=True)
        ],
        colour=[WRONG if w else css(INK) for w in wrong],
        size=12,
    )
    sheet.figure.add_scatter(  # nothing to see: it answers the pointer
        x=[left + size / 2 for left, _ in at],
        y=[top + size / 2 for _, top in at],
        mode="markers",
        marker={"size": size, "symbol": "square", "opacity": 0},
        customdata=(picture.confidence / 255).astype(np.float32),
        text=[f"{g}{f', is {t}' if w else ''}" for g, t, w in zip(guesses, labels, wrong, strict=True)],
        hovertemplate="%{text}: %{customdata:.0%} sure<extra></extra>",
        showlegend=False,
    )
    return sheet.done(picture, f"{n - sum(wrong)} of {n} right · under each the network's guess · ✗ marks a wrong one")


def confusion(picture: Confusion) -> go.Figure:
    """Draw how often each class was taken for each.

    Colours are of the share of a row: blue on the diagonal, orange and as a root beside it, so that few mistakes are seen too.
    """
    counts, k = picture.counts, len(picture.counts)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    signed = np.where(np.eye(k, dtype=bool), share, -np.sqrt(share)).astype(np.float32)
    names = [name_of(picture.names, i, most=24) for i in range(k)]
    figure = go.Figure(
        go.Heatmap(
            z=signed,
            zmin=-1,
            zmax=1,
            colorscale=[(0.0, css(CLASS_COLOURS[4])), (0.5, css(PAPER)), (1.0, css(mix(PAPER, CLASS_COLOURS[0], 0.75)))],
            showscale=False,
            xgap=1,
            ygap=1,
            customdata=counts,
            text=[[f"{n:.0f}" if n else "" for n in row] for row in counts],
            texttemplate="%{text}",
            textfont={"size": max(7, min(14, 260 // k))},
            hovertemplate="truth %{y}, guess %{x}: %{customdata:.0f}<extra></extra>",
        )
    )
    side = min(600, max(240, 56 * k))
    axis = {"tickvals": np.arange(k), "ticktext": names, "showgrid": False, "zeroline": False}
    axis |= {"constrain": "domain", "automargin": True}
    return headed(
        figure,
        picture,
        f"over {picture.examples} test examples · rows: truth, columns: guess",
        side,
        xaxis={**axis, "title": "guess", "range": [-0.5, k - 0.5]},
        yaxis={**axis, "title": "truth", "range": [k - 0.5, -0.5], "scaleanchor": "x"},
    )


def reconstructions(picture: Reconstructions) -> go.Figure:
    """Draw test images, what the network was given of them, and what it made of that, one above the other."""
    noisy = not np.array_equal(picture.given, picture.images)
    stack = [("digit", picture.images), ("given", picture.given), ("made", picture.output)]
    if not noisy:
        stack = [("given", picture.images), ("made", picture.output)]
    n, size, gap, left = len(picture.images), 132, 8, 54
    across = 6
    block = len(stack) * (size + 2) + 14
    sheet = Sheet(-(-n // across) * block)
    for k, (name, images) in enumerate(stack):
        lefts, tops = grid(n, across, size, gap, left, k * (size + 2) + 2, block - size - gap)
        sheet.images(images, lefts, tops, (size, size), GREY)
        sheet.frames(places(n, lefts, tops), (size, size), LINE)
        sheet.words([left - 6] * len(tops), [top + size / 2 for top in tops], [name] * len(tops), align="middle left")
    return sheet.done(picture, "test digits before and after the narrow place")


def latent_space(picture: LatentSpace) -> go.Figure:
    """Draw where test examples lie in the narrowest layer, each as its own digit."""
    exact = picture.numbers == 2
    figure = go.Figure()
    for k in range(picture.classes):
        chosen = picture.labels == k
        if not chosen.any():
            continue
        figure.add_scatter(
            x=picture.points[chosen, 0],
            y=picture.points[chosen, 1],
            mode="markers+text",
            name=f"digit {k}",
            text=[str(k)] * int(chosen.sum()),
            textfont={"color": css(class_colour(k)), "size": 13, "weight": "bold"},
            marker={"opacity": 0, "size": 9, "color": css(class_colour(k)), "symbol": SYMBOLS[k % len(SYMBOLS)]},
            hovertemplate="%{x:.3g}, %{y:.3g}<extra>%{fullData.name}</extra>",
            showlegend=False,
        )
    axes = ("code₁", "code₂") if exact else ("component 1", "component 2")
    caption = (
        f"the two numbers of layer {picture.layer} · nobody told the network which digit is which"
        if exact
        else f"layer {picture.layer}: {picture.numbers} numbers, seen along the two directions that hold "
        f"{100 * picture.share:.0f} % of their variance"
    )
    axis = {"zeroline": False, "gridcolor": LINE, "tickfont": {"color": MUTED}}
    return headed(figure, picture, caption, 560, xaxis={**axis, "title": axes[0]}, yaxis={**axis, "title": axes[1]})
