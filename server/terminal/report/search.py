"""The report of a search: scores over each choice, the two that matter, all at once, importance, learning curves, the table."""

import html
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.colors import sample_colorscale

from engine.search.importance import bounded
from engine.search.search import Trial
from engine.search.space import Axis, Listed, Range
from engine.tasks import TASKS
from server.search.telling import matter, of_edge, scored, value_in_words, worth_widening
from server.terminal.report.document import POLICY, QUIET, STYLE
from server.terminal.report.sheet import LINE, MUTED, TRAIN, WRONG, entitled, said, short
from server.terminal.searching import Searching

VIRIDIS = "Viridis"
MOST_LINES = 200
"""Combinations that are drawn as lines through all choices: the best."""
MOST_CURVES = 60
"""Learning curves that are drawn: those of the best, for more would hide one another."""


def write_search(path: Path, searching: Searching, ended_early: bool) -> None:
    """Write what came out of a search into one file that needs nothing else."""
    task = TASKS[searching.plan.base["task"]].title
    title = f"Sweep of {task}: {len(searching.told):,} combinations"
    parts = []
    for index, figure in enumerate(figures_of(searching)):
        drawn = figure.to_html(full_html=False, include_plotlyjs=index == 0, config=QUIET, div_id=f"figure-{index}")
        parts.append(f'<section aria-label="{html.escape(figure.layout.title.text)}">{drawn}</section>')
    early = (
        f"<p role=alert>It was ended after {len(searching.told)} of {searching.search.planned:,} combinations."
        if ended_early
        else ""
    )
    path.write_text(
        "<!doctype html><html lang=en><meta charset=utf-8>"
        f'<meta http-equiv=Content-Security-Policy content="{POLICY}">'
        "<meta name=viewport content='width=device-width'>"
        f"<title>{html.escape(title)}</title><style>{STYLE}</style>"
        f"<body><h1>{html.escape(title)}</h1>{early}{summary(searching)}{''.join(parts)}{table(searching)}",
        encoding="utf-8",
    )


def named(path: str) -> str:
    """Name a choice as a person reads it."""
    return path.rpartition(".")[2].replace("_", " ")


def goal(searching: Searching) -> str:
    """Name what counts."""
    return searching.plan.goal.replace("_", " ")


def summary(searching: Searching) -> str:
    """Say how it was searched, what was best, what it cost, and where to look further."""
    plan, search = searching.plan, searching.search
    whole = search.planned * plan.repeats * plan.steps
    lines = [
        f"{plan.how} over {', '.join(map(named, plan.paths))}; {plan.repeats} seed{'s' * (plan.repeats > 1)} of each, "
        f"{searching.steps:,} steps, {100 * searching.steps / max(1, whole):.0f} % of those of the whole grid"
    ]
    if best := search.best:
        values = ", ".join(f"{named(p)} {value_in_words(v)}" for p, v in zip(plan.paths, best.values, strict=True))
        lines.append(f"best: {values}, with {goal(searching)} {score_in_words(searching, best)}")
        shares, _ = matter(plan, scored(plan, search))
        tried = [trial.values for trial in searching.told]
        lines += [of_edge(plan, edge)["sentence"] for edge in worth_widening(plan, tried, best.values, shares)]
    else:
        lines.append("every run diverged: try smaller learning rates")
    return "".join(f"<p>{html.escape(line)}" for line in lines)


def score_in_words(searching: Searching, trial: Trial) -> str:
    """Write a trial's score, with its spread over repeats."""
    value = searching.plan.said(trial.score)
    if value is None:
        return "diverged"
    return f"{value:.4g}" + (f" ± {trial.spread:.2g}" if trial.spread is not None else "")


def figures_of(searching: Searching) -> list[go.Figure]:
    """Draw everything that there is enough of."""
    plan, search = searching.plan, searching.search
    shares, pairs = matter(plan, scored(plan, search))
    axes = {axis.name: axis for axis in plan.axes}
    order = [one["path"] for one in shares] or plan.paths
    figures = [over_choice(searching, axes[path]) for path in order]
    if len(order) > 1:
        figures.append(over_two(searching, axes[order[0]], axes[order[1]]))
        figures.append(all_at_once(searching, [axes[path] for path in order]))
    if shares:
        figures.append(importances(shares, pairs))
    return [*figures, curves(searching)]


def position(axis: Axis, value: Any) -> Any:
    """Give where a value lies on a chart: a number of a range itself, one of a list by its words."""
    return value if isinstance(axis, Range) else value_in_words(value)


def layout_of(axis: Axis) -> dict[str, Any]:
    """Describe a chart's axis for a choice."""
    if isinstance(axis, Range):
        return {"title": named(axis.name), "type": "log" if axis.scale == "log" else "linear", "zeroline": False}
    words = [value_in_words(value) for value in axis.values]
    return {"title": named(axis.name), "type": "category", "categoryorder": "array", "categoryarray": words}


def worst(searching: Searching) -> float:
    """Give the worst score that is a number, where what diverged is drawn."""
    finite = [searching.plan.said(t.score) for t in searching.told if math.isfinite(t.score)]
    known = [value for value in finite if value is not None]
    return (max(known) if searching.plan.better == "lower" else min(known)) if known else 0.0


def score_axis(searching: Searching) -> dict[str, Any]:
    """Describe a chart's axis for the score: logarithmic for a loss where all are above 0."""
    values = [searching.plan.said(t.score) for t in searching.told if math.isfinite(t.score)]
    is_log = searching.plan.better == "lower" and all(value is not None and value > 0 for value in values)
    return {"title": goal(searching), "type": "log" if is_log and values else "linear", "zeroline": False}


def hover(searching: Searching, trial: Trial) -> str:
    """Say under the pointer what a trial is."""
    both = zip(searching.plan.paths, trial.values, strict=True)
    values = "<br>".join(f"{said(named(path))} {said(value_in_words(value))}" for path, value in both)
    return f"{values}<br>{goal(searching)} {score_in_words(searching, trial)}<br>{searching.step(trial):,} steps"


def over_choice(searching: Searching, axis: Axis) -> go.Figure:
    """Draw the score of every combination over one choice: darker the longer it trained, a cross where it diverged."""
    figure, place = go.Figure(), searching.plan.paths.index(axis.name)
    able = [trial for trial in searching.told if math.isfinite(trial.score)]
    figure.add_scatter(
        x=[position(axis, trial.values[place]) for trial in able],
        y=[searching.plan.said(trial.score) for trial in able],
        error_y={"array": [trial.spread or 0 for trial in able], "visible": searching.plan.repeats > 1, "color": MUTED},
        mode="markers",
        marker={
            "size": 9,
            "color": [searching.step(trial) for trial in able],
            "colorscale": [(0.0, LINE), (1.0, TRAIN)],
            "line": {"width": 1, "color": MUTED},
        },
        text=[hover(searching, trial) for trial in able],
        hoverinfo="text",
        showlegend=False,
    )
    add_diverged(figure, searching, [(position(axis, t.values[place]), worst(searching), t) for t in diverged(searching)])
    caption = "Each point is a combination, darker the longer it trained" + crosses(searching)
    return entitled(
        figure, f"{goal(searching)} over {named(axis.name)}", caption, 300, xaxis=layout_of(axis), yaxis=score_axis(searching)
    )


def diverged(searching: Searching) -> list[Trial]:
    """Give the trials that have no number for a score."""
    return [trial for trial in searching.told if not math.isfinite(trial.score)]


def crosses(searching: Searching) -> str:
    """Say what a cross is, where there is one."""
    return "; a cross at the worst score is one that diverged." if diverged(searching) else "."


def add_diverged(figure: go.Figure, searching: Searching, places: Sequence[tuple[Any, Any, Trial]]) -> None:
    """Draw a cross for each trial that diverged."""
    if places:
        figure.add_scatter(
            x=[x for x, _, _ in places],
            y=[y for _, y, _ in places],
            mode="markers",
            marker={"symbol": "x", "size": 11, "color": WRONG},
            text=[hover(searching, trial) for _, _, trial in places],
            hoverinfo="text",
            name="diverged",
            showlegend=False,
        )


def over_two(searching: Searching, across: Axis, up: Axis) -> go.Figure:
    """Draw the score over the two choices that matter most: a heatmap of lists and grids, else points in colour."""
    plan, figure = searching.plan, go.Figure()
    i, j = plan.paths.index(across.name), plan.paths.index(up.name)
    able = [trial for trial in searching.told if math.isfinite(trial.score)]
    scale = {"colorscale": VIRIDIS, "reversescale": plan.better == "lower"}
    ends = colour_ends(searching)
    bar = {"title": {"text": goal(searching), "side": "right"}}
    is_grid = all(
        isinstance(axis, Listed) or len({t.values[k] for t in searching.told}) <= axis.count
        for axis, k in ((across, i), (up, j))
    )
    columns, rows = ([value_in_words(v) for v in distinct(axis, k, searching)] for axis, k in ((across, i), (up, j)))
    if is_grid:
        best: dict[tuple[str, str], float] = {}
        for trial in able:
            cell = value_in_words(trial.values[i]), value_in_words(trial.values[j])
            best[cell] = min(trial.score, best.get(cell, math.inf))
        z = [[plan.said(best.get((column, row))) for column in columns] for row in rows]
        words = [["" if value is None else short(value) for value in line] for line in z]
        figure.add_heatmap(
            x=columns,
            y=rows,
            z=z,
            text=words,
            texttemplate="%{text}",
            hoverongaps=False,
            colorbar=bar,
            zmin=ends[0],
            zmax=ends[1],
            **scale,
        )
        layout = ({"title": named(across.name), "type": "category"}, {"title": named(up.name), "type": "category"})
        places = [(value_in_words(t.values[i]), value_in_words(t.values[j]), t) for t in diverged(searching)]
    else:
        figure.add_scatter(
            x=[position(across, trial.values[i]) for trial in able],
            y=[position(up, trial.values[j]) for trial in able],
            mode="markers",
            marker={
                "size": 13,
                "color": [plan.said(t.score) for t in able],
                "showscale": True,
                "cmin": ends[0],
                "cmax": ends[1],
                "colorbar": bar,
                **scale,
            },
            text=[hover(searching, trial) for trial in able],
            hoverinfo="text",
            showlegend=False,
        )
        layout = layout_of(across), layout_of(up)
        places = [(position(across, t.values[i]), position(up, t.values[j]), t) for t in diverged(searching)]
    add_diverged(figure, searching, places)
    caption = "Lighter is better; of the combinations in one place the best counts" + (
        "; a cross is one that diverged." if places else "."
    )
    title = f"{named(across.name)} and {named(up.name)}"
    return entitled(figure, title, caption, 360, xaxis=layout[0], yaxis=layout[1])


def colour_ends(searching: Searching) -> tuple[float, float]:
    """Give the scores that have the first and the last colour: one that is far worse than the others does not count."""
    plan = searching.plan
    near = bounded([trial.score for trial in searching.told]).tolist()
    values = [value for value in map(plan.said, near) if value is not None] or [0.0]
    return min(values), max(values)


def distinct(axis: Axis, place: int, searching: Searching) -> list[Any]:
    """Give the values that were tried of a choice, in their order."""
    if isinstance(axis, Listed):
        return list(axis.values)
    return sorted({trial.values[place] for trial in searching.told})


def all_at_once(searching: Searching, axes: Sequence[Axis]) -> go.Figure:
    """Draw each combination as a line through all its values to its score (parallel coordinates), the better the lighter.

    In SVG: Plotly's own parallel coordinates want WebGL, and code made while they run, which the report's policy forbids.
    """
    plan, figure = searching.plan, go.Figure()
    trials = list(reversed(searching.in_order()[:MOST_LINES]))  # the best lie on top
    is_log = score_axis(searching)["type"] == "log"
    told = [worst(searching) if score is None else score for score in (plan.said(trial.score) for trial in trials)]
    heights = np.log10(told) if is_log else np.array(told)
    lowest, length = float(heights.min()), float(np.ptp(heights)) or 1.0
    columns = [(axis, plan.paths.index(axis.name)) for axis in axes]
    colours = sample_colorscale(VIRIDIS, [k / max(1, len(trials) - 1) for k in range(len(trials))])
    for trial, height, colour in zip(trials, heights, colours, strict=True):
        figure.add_scatter(
            x=list(range(len(axes) + 1)),
            y=[*(axis.place(trial.values[place]) for axis, place in columns), (float(height) - lowest) / length],
            mode="lines",
            line={"color": colour, "width": 2},
            text=hover(searching, trial),
            hoverinfo="text",
            showlegend=False,
        )
    marks = [
        (k, axis.place(value), value_in_words(value))
        for k, (axis, place) in enumerate(columns)
        for value in few(axis, place, searching)
    ]
    for share in (0, 0.25, 0.5, 0.75, 1):
        value = lowest + share * length
        marks.append((len(axes), share, short(10**value if is_log else value)))
    for x, y, words in marks:
        figure.add_annotation(
            x=x, y=y, text=said(words), showarrow=False, xanchor="left", xshift=6, bgcolor="rgba(255, 255, 255, 0.75)"
        )
    for k in range(len(axes) + 1):
        figure.add_vline(x=k, line={"color": MUTED, "width": 1})
    names = [*(named(axis.name) for axis in axes), goal(searching)]
    across = {"tickvals": list(range(len(names))), "ticktext": names, "range": [-0.1, len(names) - 0.6], "showgrid": False}
    caption = "Each line is a combination, the better the lighter; point at one to read it" + (
        "; what diverged ends at the worst score." if diverged(searching) else "."
    )
    return entitled(figure, "all choices at once", caption, 360, xaxis=across, yaxis={"visible": False}, hovermode="closest")


def few(axis: Axis, place: int, searching: Searching) -> list[Any]:
    """Give some values to write beside an axis: those that were tried where these are few."""
    values = distinct(axis, place, searching)
    return values if len(values) <= 8 else [axis.at(k / 4) for k in range(5)]


def importances(shares: Sequence[dict[str, Any]], pairs: Sequence[dict[str, Any]]) -> go.Figure:
    """Draw how much of the score's variance each choice explains, and each two beyond that."""
    two = [(" and ".join(map(named, pair["paths"])), pair["share"]) for pair in pairs[:5] if pair["share"] >= 0.01]
    both = [*((named(one["path"]), one["share"]) for one in shares), *two]
    figure = go.Figure()
    figure.add_bar(
        x=[share for _, share in both],
        y=[name for name, _ in both],
        orientation="h",
        marker={"color": [TRAIN] * len(shares) + [MUTED] * len(two)},
        text=[f"{share:.0%}" for _, share in both],
    )
    caption = (
        "The share of the score's variance that a choice explains by itself (blue), and two together beyond that (grey), "
        "by a forest grown on what was tried (Hutter, Hoos & Leyton-Brown 2014)."
    )
    return entitled(
        figure,
        "importance",
        caption,
        60 + 32 * len(both),
        xaxis={"tickformat": ".0%", "range": [0, 1.05]},
        yaxis={"autorange": "reversed"},
        margin={"l": 230},
    )


def curves(searching: Searching) -> go.Figure:
    """Draw what counts over the steps, of the best combinations, the very best in colour."""
    plan, figure, best = searching.plan, go.Figure(), searching.search.best
    for trial in reversed(searching.in_order()[:MOST_CURVES]):
        rows = searching.rows[trial.number][0]
        points = [(row.step, plan.said(plan.score(vars(row)))) for row in rows]
        is_best = best is not None and trial.number == best.number
        figure.add_scatter(
            x=[step for step, _ in points],
            y=[value for _, value in points],
            mode="lines",
            line={"color": TRAIN if is_best else "rgba(86, 99, 116, 0.35)", "width": 3 if is_best else 1},
            text=hover(searching, trial),
            hoverinfo="text+x+y",
            showlegend=False,
        )
    caption = f"{goal(searching)} over the steps, one line for each combination (its first seed), the best one thick."
    y = score_axis(searching)
    return entitled(figure, "learning curves", caption, 320, xaxis={"title": "step", "zeroline": False}, yaxis=y)


def table(searching: Searching) -> str:
    """Write all combinations, the best first."""
    head = "".join(f"<th scope=col>{html.escape(named(path))}" for path in searching.plan.paths)
    lines = []
    for trial in searching.in_order():
        cells = "".join(f"<td>{html.escape(value_in_words(value))}" for value in trial.values)
        trouble = html.escape(searching.troubles.get(trial.number, ""))
        score = html.escape(score_in_words(searching, trial))
        lines.append(f"<tr>{cells}<td>{score}<td>{searching.step(trial):,}<td>{trouble}")
    return (
        f"<section aria-label=Combinations><h2>Combinations</h2><table><tr>{head}<th scope=col>{html.escape(goal(searching))}"
        f"<th scope=col>steps<th scope=col>trouble{''.join(lines)}</table></section>"
    )
