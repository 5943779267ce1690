"""Several runs side by side as files to keep: all rows in one CSV, and curves and settings on a page that needs no server."""

import json
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from engine.pictures.colours import CLASS_COLOURS
from engine.training.events import COLUMNS as MEASURED
from server.history.exports import table
from server.messages import COLUMNS, Row, finite, isolated
from server.page.choices import plotly_path
from server.runs.listing.columns import FIRST, readable, row_of
from server.runs.run import Run

FEWEST, MOST = 1, 8
ABOUT = (
    "title",
    "tags",
    "note",
    "status",
    "step",
    "seconds",
    "result",
    "test_accuracy",
    "test_loss",
    "loss",
    "finding",
    "network",
)
"""What is said of each run before its settings."""
POINTS = 2_000
"""Of a curve at the most: more than a page is wide, and rows that were imported may be 200,000."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a formula begins with."""
QUIET = {"showSendToCloud": False, "plotlyServerURL": "", "displaylogo": False, "responsive": True}
POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
STYLE = (
    "body{font-family:system-ui,sans-serif;max-width:76rem;margin:2rem auto;padding:0 1rem;color:#17202b;background:#fff}"
    "section{margin:2rem 0;overflow-x:auto}table{border-collapse:collapse}td,th{text-align:start;vertical-align:top;"
    "padding:.3rem 1rem .3rem 0;border-bottom:1px solid #d5dbe3}.other td,.other th{font-weight:650;background:#fdf3e3}"
    ".key{display:inline-block;width:.8em;height:.8em;margin-inline-end:.4em;border-radius:50%}"
)
PAGE = """<!doctype html><html lang=en><meta charset=utf-8><meta http-equiv=Content-Security-Policy content="{policy}">
<meta name=viewport content='width=device-width'><title>{title}</title><style>{style}</style>
<body><h1>{title}</h1>{figures}{settings}
<script>{plotly}</script>
<script>for (const [id, figure] of Object.entries({data})) Plotly.newPlot(id, figure.data, figure.layout, {quiet});</script>
"""


def comparison_csv(runs: Sequence[Run]) -> bytes:
    """Give the rows of all runs in one table, each with its run's id and name."""
    named = ((run.id, marked(isolated(run.name)), run) for run in runs)
    return table(["run", "name", *COLUMNS], ([id, name, *row] for id, name, run in named for row in run.log))


def marked(text: str) -> str:
    """Mark a text that a spreadsheet would take for a formula: names come from others, too."""
    return f"'{text}" if text.startswith(FORMULA) else text


def comparison_html(runs: Sequence[Run]) -> bytes:
    """Give one page: the curves of all runs over one another, by step, epoch, seconds or examples, and their settings."""
    names = [isolated(called(run)) for run in runs]
    figures = {f"figure-{k}": found for k, found in enumerate(figures_of(runs, names))}
    sections = [
        f'<section aria-label="{escape(figure["layout"]["title"]["text"])}"><div id="{id}"></div></section>'
        for id, figure in figures.items()
    ]
    title = f"{len(runs)} runs side by side" if len(runs) > 1 else f"The run {names[0]}"
    page = PAGE.format(
        policy=POLICY,
        title=escape(title),
        style=STYLE,
        figures="".join(sections),
        settings=settings_table(runs),
        plotly=plotly_path().read_text(encoding="utf-8"),
        data=scripted(figures),
        quiet=scripted(QUIET),
    )
    return page.encode()


def scripted(value: Any) -> str:
    """Write a value for a script, whatever it holds."""
    said = json.dumps(finite(value), allow_nan=False, separators=(",", ":"))
    return said.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def called(run: Run) -> str:
    """Name a run: as somebody called it, else by its task and what differs."""
    row = row_of(run)
    return run.name or ", ".join(filter(None, (row["title"], row.get("words", ""), f"{run.id[:4]}")))


def figures_of(runs: Sequence[Run], names: Sequence[str]) -> list[dict[str, Any]]:
    """Draw each chart of the metrics that any of the runs has: training as a line, the test dotted."""
    kept = [list(run.log) for run in runs]
    across = [across_of(run, rows) for run, rows in zip(runs, kept, strict=True)]
    found = []
    for chart in dict.fromkeys(column.chart for column in MEASURED if column.chart):
        traces, places = [], []
        columns = [column for column in MEASURED if column.chart == chart and column.name != "penalty"]
        for k, rows in enumerate(kept):
            for column in columns:
                at = COLUMNS.index(column.name)
                have = seen([(i, row[at]) for i, row in enumerate(rows) if row[at] is not None], POINTS)
                if not have:
                    continue
                name = escape(names[k], quote=False) + (" · test" if column.test else "")
                line = {"color": colour(k), "width": 2, "dash": "dot" if column.test else "solid"}
                traces.append(
                    {"type": "scatter", "mode": "lines", "name": name, "line": line, "y": [rows[i][at] for i in have]}
                )
                places.append({by: [values[i] for i in have] if values else [] for by, values in across[k].items()})
        if traces:
            found.append(figure(chart, any(column.share for column in columns), traces, places))
    return found


def seen(points: Sequence[tuple[int, float]], most: int) -> list[int]:
    """Give the places of so many points at the most that show a curve as all would: the ends, and of each part its extremes."""
    if len(points) <= most:
        return [place for place, _ in points]
    parts = most // 2 - 1
    edges = [k * len(points) // parts for k in range(parts + 1)]
    kept = {points[0][0], points[-1][0]}
    for k in range(parts):
        part = points[edges[k] : edges[k + 1]]
        kept |= {pick(part, key=lambda point: point[1])[0] for pick in (min, max)}
    return sorted(kept)


def across_of(run: Run, rows: Sequence[Row]) -> Mapping[str, list[float]]:
    """Say where a run's rows lie across: by step, epoch, seconds, and examples that were seen, where that is known.

    Of a run that was trained elsewhere nobody knows how large its epochs were.
    """
    epochs = [run.state.epoch(row[0]) for row in rows] if run.state.steps_per_epoch else []
    return {
        "step": [row[0] for row in rows],
        "epoch": epochs,
        "seconds": [row[-1] for row in rows],
        "examples": [epoch * run.state.examples[0] for epoch in epochs] if run.state.examples else [],
    }


def figure(
    title: str, is_share: bool, traces: Sequence[dict[str, Any]], places: Sequence[Mapping[str, Sequence[float]]]
) -> dict[str, Any]:
    """Put the traces of one chart together, with a button for each way across."""
    buttons = [
        {"label": by, "method": "update", "args": [{"x": [place[by] for place in places]}, {"xaxis.title.text": by}]}
        for by in places[0]
    ]
    is_positive = all(value > 0 for trace in traces for value in trace["y"])
    scale = {"tickformat": ".0%"} if is_share else {"type": "log"} if is_positive else {}
    return {
        "data": [{**trace, "x": place["step"]} for trace, place in zip(traces, places, strict=True)],
        "layout": {
            "title": {"text": title},
            "height": 380 + 12 * len(traces),
            "margin": {"l": 56, "r": 16, "t": 96, "b": 56},
            "legend": {"orientation": "h", "x": 0, "y": -0.2, "yanchor": "top"},
            "xaxis": {"title": {"text": "step"}, "zeroline": False},
            "yaxis": {"title": {"text": title}, **scale},
            "showlegend": True,
            "updatemenus": [
                {
                    "type": "buttons",
                    "direction": "right",
                    "x": 0,
                    "xanchor": "left",
                    "y": 1.02,
                    "yanchor": "bottom",
                    "buttons": buttons,
                }
            ],
        },
    }


def colour(k: int) -> str:
    """Give the colour of the k-th run."""
    red, green, blue = CLASS_COLOURS[k % len(CLASS_COLOURS)]
    return f"rgb({red},{green},{blue})"


def settings_table(runs: Sequence[Run]) -> str:
    """Write what is known of the runs and all that was chosen side by side: first what differs, which is marked.

    Of a run that was trained elsewhere nobody knows what was chosen: that is no difference.
    """
    rows = [row_of(run) for run in runs]
    known = [row for row, run in zip(rows, runs, strict=True) if not run.state.imported]
    titles = {column.name: column.title for column in FIRST}
    settings = dict.fromkeys(name for row in rows for name in row if name not in titles and not name.startswith("_"))
    about = [name for name in ABOUT if any(name in row for row in rows)]
    ordered = sorted(settings, key=lambda name: not differs(known, name))
    heads = "".join(
        f'<th scope=col><span class=key style="background:{colour(k)}"></span><bdi>{escape(called(run))}</bdi>'
        for k, run in enumerate(runs)
    )
    lines = [line(titles.get(name, readable(name)), rows, name, False) for name in about]
    lines += [line(readable(name), rows, name, differs(known, name)) for name in ordered]
    return f"<section><h2>Settings</h2><p>≠ marks what differs.<table><tr><td>{heads}{''.join(lines)}</table></section>"


def differs(rows: Iterable[Mapping[str, Any]], name: str) -> bool:
    """Tell whether runs differ in a setting."""
    return len({row.get(name) for row in rows}) > 1


def line(title: str, rows: Iterable[Mapping[str, Any]], name: str, is_other: bool) -> str:
    """Write one line of the table."""
    cells = "".join(f"<td><bdi>{escape(said(row.get(name)))}</bdi>" for row in rows)
    return f"<tr{' class=other' if is_other else ''}><th scope=row>{'≠ ' if is_other else ''}{escape(title)}{cells}"


def said(value: Any) -> str:
    """Write a value as a person reads it."""
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "–" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)
