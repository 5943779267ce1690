"""The report of a run in the terminal: one HTML file of Plotly figures that opens without a server."""

import html
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from engine import Metrics, Training
from engine.pictures import Confusion, Curve, Digits, Field, Filters
from engine.pictures.colours import CLASS_COLOURS, css

PALETTE = [css(colour) for colour in CLASS_COLOURS]

QUIET = {"showSendToCloud": False, "plotlyServerURL": "", "displaylogo": False}
"""Keeps Plotly's charts from offering a cloud."""


def write_report(path: Path, training: Training, rows: list[Metrics]) -> None:
    """Write loss, accuracy and the task's pictures."""
    figures = [chart(rows, "loss", "test_loss", "Loss", "log"), chart(rows, "accuracy", "test_accuracy", "Accuracy", "linear")]
    for name in training.task.pictures:
        picture = training.picture(name)
        if isinstance(picture, Field):
            figures.append(field_figure(picture))
        elif isinstance(picture, Curve):
            figures.append(curve_figure(picture))
        elif isinstance(picture, Digits):
            titles = [f"{g}" + ("" if g == t else f" (is {t})") for g, t in zip(picture.guesses, picture.labels, strict=True)]
            figures.append(images_figure(255 - picture.images, titles, "Guesses for test digits", 10))
        elif isinstance(picture, Filters):
            figures.append(images_figure(picture.filters, [""] * len(picture.filters), "Filters of the first convolution", 8))
        elif isinstance(picture, Confusion):
            figures.append(confusion_figure(picture))
    parts = [
        figure.to_html(full_html=False, include_plotlyjs=index == 0, config=QUIET)
        for index, figure in enumerate(f for f in figures if f is not None)
    ]
    title = f"{training.task.title}: {training.step:,} steps"
    path.write_text(
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{html.escape(title)}</title>"
        f"<body style='font-family:system-ui;max-width:60rem;margin:2rem auto'><h1>{html.escape(title)}</h1>"
        f"<pre>{html.escape(training.network.summary())}</pre>{''.join(parts)}",
        encoding="utf-8",
    )


def chart(rows: list[Metrics], train: str, test: str, title: str, scale: str) -> go.Figure | None:
    """Draw a metric over the steps, for training and test."""
    figure = go.Figure()
    for name, dash in ((train, "solid"), (test, "dot")):
        points = [(row.step, getattr(row, name)) for row in rows if getattr(row, name) is not None]
        if points:
            x, y = zip(*points, strict=True)
            figure.add_scatter(x=x, y=y, name=name.replace("_", " "), line={"dash": dash})
    figure.update_layout(title=title, xaxis_title="step", yaxis={"type": scale, "title": title.lower()})
    return figure if figure.data else None


def field_figure(picture: Field) -> go.Figure:
    """Draw the decision boundary and the points."""
    left, right, bottom, top = picture.extent
    n = picture.winner.shape[0]
    x, y = (low + (np.arange(n) + 0.5) / n * (high - low) for low, high in ((left, right), (bottom, top)))
    classes = picture.classes
    steps = [[k / classes, PALETTE[k % len(PALETTE)]] for k in range(classes) for _ in (0, 1)]
    scale = [[(i + 1) // 2 / classes, colour] for i, (_, colour) in enumerate(steps)]
    figure = go.Figure(
        go.Heatmap(x=x, y=y, z=picture.winner, zmin=-0.5, zmax=classes - 0.5, colorscale=scale, opacity=0.35, showscale=False)
    )
    for k in range(classes):
        chosen = picture.points[picture.labels == k]
        marker = {"color": PALETTE[k % len(PALETTE)], "symbol": k}
        figure.add_scatter(x=chosen[:, 0], y=chosen[:, 1], mode="markers", name=f"class {k}", marker=marker)
    figure.update_layout(title="Decision boundary", height=700, yaxis={"scaleanchor": "x"})
    return figure


def curve_figure(picture: Curve) -> go.Figure:
    """Draw the fitted curve, the truth and the points."""
    figure = go.Figure()
    figure.add_scatter(x=picture.points[:, 0], y=picture.points[:, 1], mode="markers", name="points", marker={"color": "#999"})
    figure.add_scatter(x=picture.x, y=picture.truth, name="truth", line={"dash": "dot", "color": PALETTE[0]})
    figure.add_scatter(x=picture.x, y=picture.fit, name="fit", line={"color": PALETTE[3], "width": 3})
    figure.update_layout(title="Fitted curve")
    return figure


def images_figure(images: np.ndarray, titles: list[str], title: str, columns: int) -> go.Figure:
    """Draw a mosaic of grey images."""
    rows = -(-len(images) // columns)
    figure = make_subplots(rows, columns, subplot_titles=titles, horizontal_spacing=0.01, vertical_spacing=0.04)
    for i, image in enumerate(images):
        figure.add_heatmap(z=image[::-1], colorscale="gray", showscale=False, row=i // columns + 1, col=i % columns + 1)
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    figure.update_layout(title=title, height=120 * rows + 80)
    return figure


def confusion_figure(picture: Confusion) -> go.Figure:
    """Draw how often each class was taken for each."""
    figure = go.Figure(go.Heatmap(z=picture.counts, text=picture.counts, texttemplate="%{text:.0f}", colorscale="Blues"))
    figure.update_layout(
        title=f"Confusion over {picture.examples} test examples",
        xaxis_title="guess",
        yaxis={"title": "truth", "autorange": "reversed"},
        height=600,
    )
    return figure
