"""The report itself: the charts of the metrics, then a figure for each of the task's pictures."""

import html
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go

from engine import Metrics, Training, pictures
from engine.pictures import ExampleHistory, Picture
from engine.training.events import COLUMNS
from server.terminal.findings import Episode
from server.terminal.report import images, layers, plane, sequences
from server.terminal.report.sheet import MUTED, TEST, TRAIN, entitled, size_axis

FIGURES: dict[type[Picture], Callable[[Any], go.Figure]] = {
    pictures.Field: plane.field,
    pictures.Heights: plane.heights,
    pictures.Curve: plane.curve,
    pictures.Agreement: plane.agreement,
    pictures.Surface: plane.surface,
    pictures.Standings: plane.standings,
    pictures.Diagram: layers.diagram,
    pictures.LayerStatistics: layers.statistics,
    pictures.ExampleHistory: layers.example_history,
    pictures.Filters: images.filters,
    pictures.FeatureMaps: images.feature_maps,
    pictures.Digits: images.digits,
    pictures.Confusion: images.confusion,
    pictures.Reconstructions: images.reconstructions,
    pictures.LatentSpace: images.latent_space,
    pictures.States: sequences.states,
    pictures.GradientNorm: sequences.gradient_norm,
    pictures.Rows: sequences.rows,
    pictures.Text: sequences.text,
    pictures.Attention: sequences.attention,
    pictures.PositionAccuracy: sequences.position_accuracy,
}
"""What draws each kind of picture. To add one: its function in the file of its family, and a line here."""

QUIET = {"showSendToCloud": False, "plotlyServerURL": "", "displaylogo": False}
"""Keeps Plotly's charts from offering a cloud."""

POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
"""Keeps the browser from asking anybody for anything."""

STYLE = (
    "body{font-family:system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#17202b;background:#fff}"
    "section{margin:2rem 0;overflow-x:auto}pre{overflow-x:auto}"
    "td,th{text-align:left;vertical-align:top;padding:.3rem 1rem .3rem 0;border-bottom:1px solid #d5dbe3}td:first-child{"
    "white-space:nowrap}"
)


def write_report(
    path: Path,
    training: Training,
    rows: Sequence[Metrics],
    found: Sequence[Episode],
    history: ExampleHistory | None,
    trouble: str = "",
) -> None:
    """Write what the doctor found, loss, accuracy, the task's pictures and what became of its examples into one file that
    needs nothing else.

    Where the run had trouble it says so first.
    """
    figures = figures_of(training, rows)
    if history:
        figures.append(FIGURES[ExampleHistory](history))
    parts, said = [], f"<p role=alert>{html.escape(trouble)}</p>" if trouble else ""
    for index, figure in enumerate(figures):
        drawn = figure.to_html(full_html=False, include_plotlyjs=index == 0, config=QUIET, div_id=f"figure-{index}")
        parts.append(f'<section aria-label="{html.escape(figure.layout.title.text)}">{drawn}</section>')
    title = f"{training.task.title}: {training.step:,} steps"
    path.write_text(
        "<!doctype html><html lang=en><meta charset=utf-8>"
        f'<meta http-equiv=Content-Security-Policy content="{POLICY}">'
        "<meta name=viewport content='width=device-width'>"
        f"<title>{html.escape(title)}</title><style>{STYLE}</style>"
        f"<body><h1>{html.escape(title)}</h1>{said}<pre>{html.escape(training.network.summary())}</pre>{findings_of(found)}{''.join(parts)}",
        encoding="utf-8",
    )


def findings_of(found: Sequence[Episode]) -> str:
    """Write a table of what the doctor found, in the order in which it began."""
    if not found:
        return "<section aria-label=Findings><h2>Findings</h2><p>The doctor found nothing.</section>"
    lines = []
    for episode in found:
        until = "the end" if episode.end is None else f"{episode.end:,}"
        said = f"<b>{html.escape(episode.title)}</b><br>{html.escape(episode.finding.sentence)}"
        tries = "<br>".join(html.escape(title) for title in episode.remedies)
        lines.append(f"<tr><td>{episode.begin:,} to {until}<td>{said}<td>{tries}")
    head = "<tr><th scope=col>steps<th scope=col>what was found<th scope=col>what to try"
    return f"<section aria-label=Findings><h2>Findings</h2><table>{head}{''.join(lines)}</table></section>"


def figures_of(training: Training, rows: Sequence[Metrics]) -> list[go.Figure]:
    """Draw the metrics that there are, and every picture in which this network has something to show."""
    charts = [chart(rows, title) for title in dict.fromkeys(column.chart for column in COLUMNS if column.chart)]
    seen = [training.picture(name) for name in training.task.pictures]
    return [figure for figure in charts if figure] + [FIGURES[type(picture)](picture) for picture in seen if picture]


def chart(rows: Sequence[Metrics], title: str) -> go.Figure | None:
    """Draw the columns of one chart over the steps, for training and test; None where nothing was measured."""
    figure = go.Figure()
    for column in COLUMNS:
        points = [(row.step, getattr(row, column.name)) for row in rows if getattr(row, column.name) is not None]
        if column.chart != title or not points:
            continue
        x, y = zip(*points, strict=True)
        if column.test or column.title == title:
            line = {"color": TEST, "dash": "dot"} if column.test else {"color": TRAIN}
            figure.add_scatter(x=x, y=y, name="test" if column.test else "training", line=line)
        elif any(y):  # a penalty is nothing without a regularizer
            figure.add_scatter(x=x, y=y, name=column.title, line={"color": MUTED, "width": 1})
    if not figure.data:
        return None
    measured = np.array([value for trace in figure.data for value in trace.y])
    is_share = any(column.share for column in COLUMNS if column.chart == title)
    scale = {"tickformat": ".0%"} if is_share else size_axis(measured) | {"type": "log"}
    return entitled(
        figure,
        title,
        "",
        320,
        xaxis={"title": "step", "zeroline": False},
        yaxis={"title": title, **scale},
        showlegend=True,
    )
