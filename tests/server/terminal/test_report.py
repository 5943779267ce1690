"""The report's figures: one for every kind of picture, and in each of them the picture's own numbers."""

from collections.abc import Iterator
from dataclasses import asdict
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest
from playwright.sync_api import Browser

import engine as nn
from engine import DataFolders, Metrics, Training, configure
from engine.data import tables
from engine.pictures import (
    Agreement,
    Attention,
    Confusion,
    Curve,
    Diagram,
    Digits,
    ExampleHistory,
    Field,
    Filters,
    GradientNorm,
    LayerStatistics,
    Picture,
    PositionAccuracy,
    Rows,
    Standings,
    States,
    Surface,
)
from engine.pictures.colours import CLASS_COLOURS
from engine.tasks import TASKS
from engine.training.events import COLUMNS
from server.__main__ import main
from server.storage.datasets import Datasets
from server.terminal.findings import Episode
from server.terminal.report.document import FIGURES, figures_of, write_report
from server.terminal.report.sheet import SIGNED, css
from server.terminal.train import ExampleFollower

SMALL = {"mnist": {"source": "bundled"}, "autoencoder": {"source": "bundled"}, "rows": {"source": "bundled"}}
CHARTS = {chart: [column.name for column in COLUMNS if column.chart == chart] for chart in (c.chart for c in COLUMNS) if chart}


def trained(task: str, steps: int = 2, **request: object) -> tuple[Training, list[Metrics]]:
    training = Training(configure({"task": task, "steps": steps, "data": SMALL.get(task, {}), **request}))
    return training, [event for event in training.events() if isinstance(event, Metrics)]


def kinds(kind: type[Picture] = Picture) -> Iterator[type[Picture]]:
    """Walk all kinds of picture that the engine has."""
    for one in kind.__subclasses__():
        if one.__module__.startswith("engine."):
            yield one
        yield from kinds(one)


def title(figure: go.Figure) -> str:
    return figure.layout.title.text


def title_of(name: str) -> str:
    return name[0].upper() + name[1:]


def drawn(training: Training, name: str) -> tuple[Picture, go.Figure]:
    picture = training.picture(name)
    return picture, FIGURES[type(picture)](picture)


def test_every_kind_of_picture_has_a_figure() -> None:
    assert set(kinds()) == set(FIGURES)


@pytest.mark.parametrize("task", TASKS)
def test_a_tasks_report_holds_its_metrics_and_all_its_pictures(task: str) -> None:
    training, rows = trained(task)
    seen = [name for name in training.task.pictures if training.picture(name) is not None]
    charts = [title_of(chart) for chart in CHARTS if any(getattr(rows[-1], name) is not None for name in CHARTS[chart])]
    figures = figures_of(training, rows)
    assert charts[0] == "Loss"
    assert [title(figure) for figure in figures] == [*charts, *map(title_of, seen)]
    for figure in figures:
        assert figure.data, f"{title(figure)} is empty"


@pytest.mark.parametrize("regularizer", [None, {"name": "L2", "strength": 0.01}])
def test_the_metrics_are_drawn_as_they_were_measured(regularizer: object) -> None:
    training, rows = trained("spiral", 30, regularizer=regularizer)
    figures = figures_of(training, rows)
    assert (CHARTS["loss"], CHARTS["accuracy"]) == (["loss", "test_loss", "penalty"], ["accuracy", "test_accuracy"])
    for figure, found in zip(figures, CHARTS.values(), strict=False):
        names = [name for name in found if name != "penalty" or regularizer]
        assert [trace.name for trace in figure.data] == ["training", "test", "penalty"][: len(names)]
        for trace, name in zip(figure.data, names, strict=True):
            measured = [row for row in rows if getattr(row, name) is not None]
            assert list(trace.x) == [row.step for row in measured]
            assert list(trace.y) == [getattr(row, name) for row in measured]
        assert (figure.layout.yaxis.tickformat == ".0%") == (names == CHARTS["accuracy"])


def test_a_field_holds_the_winners_their_confidence_and_all_points() -> None:
    picture, figure = drawn(trained("spiral", 5)[0], "decision boundary")
    assert isinstance(picture, Field)
    heat, *points = figure.data
    winner = np.floor(heat.z)
    assert np.array_equal(winner, picture.winner)
    assert np.array_equal(256 * (heat.z - winner), picture.confidence)
    assert np.allclose(heat.x[[0, -1]], np.array(picture.extent[:2]) * (1 - 1 / len(heat.x)))
    places = {(float(x), float(y)) for trace in points for x, y in zip(trace.x, trace.y, strict=True)}
    assert places == {(float(x), float(y)) for x, y in picture.points}
    assert sum(len(trace.x) for trace in points) == len(picture.points)


def test_the_names_of_classes_and_columns_are_shown() -> None:
    training = trained("table")[0]
    field, figure = drawn(training, "decision boundary")
    assert {trace.name for trace in figure.data[1:]} >= set(field.names)
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == tuple(field.axes)
    confusion, figure = drawn(training, "confusion")
    assert list(figure.layout.xaxis.ticktext) == list(figure.layout.yaxis.ticktext) == confusion.names
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == ("guess", "truth")


def test_a_confusion_holds_its_counts() -> None:
    picture, figure = drawn(trained("images")[0], "confusion")
    assert isinstance(picture, Confusion)
    assert np.array_equal(figure.data[0].customdata, picture.counts)
    assert [[int(n or 0) for n in row] for row in figure.data[0].text] == picture.counts.tolist()


def test_a_persons_names_are_words_and_no_markup() -> None:
    names = ["<b>a</b>", "x" * 90, "</script><script>alert(1)</script>"]
    figure = FIGURES[Confusion](Confusion(np.eye(3, dtype=np.float32), 3, names, name="confusion"))
    shown = list(figure.layout.xaxis.ticktext)
    assert shown[0] == "&lt;b&gt;a&lt;/b&gt;"
    assert len(shown[1]) < 30
    assert "<script" not in figure.to_html(full_html=False, include_plotlyjs=False).partition("Plotly.newPlot")[2]


def scripts(content: str) -> list[str]:
    """Give the text of each script of a page."""
    found: list[str] = []

    class Scripts(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            found.extend([""] if tag == "script" else [])

        def handle_data(self, data: str) -> None:
            if self.cdata_elem == "script":
                found[-1] += data

    Scripts().feed(content)
    return found


def test_a_persons_names_end_no_script_of_a_report(tmp_path: Path) -> None:
    """The same table with plain names and with others that would be markup: the same scripts."""
    reports = []
    for evil in ("evil", "</script><script>alert(1)</script>", "<!-- <script>"):
        table = "\n".join([f"{evil},b,kind", *(f"{k % 13},{k % 11},{evil if k % 13 > 6 else 'x'}" for k in range(60))])
        read = tables.read(table.encode())
        about = {"kind": "table", "name": evil, "rows": 60, "columns": [asdict(c) for c in read.columns], "notes": []}
        id = Datasets(tmp_path / "data").save(about, {"cells": read.cells})["id"]
        folders = DataFolders(tmp_path / "data")
        training = Training(configure({"task": "table", "steps": 2, "data": {"dataset": id}}, folders), folders)
        rows = [event for event in training.events() if isinstance(event, Metrics)]
        found = [Episode(0, None, nn.Finding("inputs not scaled", None, 0, evil, {}, (nn.Remedy(evil, {}),)))]
        write_report(tmp_path / "report.html", training, rows, found, None)
        reports.append((tmp_path / "report.html").read_text(encoding="utf-8"))
    plain, *others = (scripts(report) for report in reports)
    assert len(plain) > 3
    for found in others:
        assert len(found) == len(plain)
        assert all("newPlot" in script and "alert" in script for script in found if "alert(1)" in script)
    assert not any("<script>alert(1)" in report or "<!-- <script>" in report for report in reports)
    assert any("alert(1)" in report for report in reports)


def test_curve_and_agreement_are_in_their_own_units() -> None:
    training = trained("numbers")[0]
    picture, figure = drawn(training, "fitted curve")
    assert isinstance(picture, Curve)
    network = next(trace for trace in figure.data if trace.name == "network")
    assert np.array_equal(network.x, picture.x)
    assert np.array_equal(network.y, picture.fit)
    picture, figure = drawn(training, "truth and guess")
    assert isinstance(picture, Agreement)
    for test, trace in enumerate(figure.data[:2]):
        assert np.array_equal(trace.x, picture.truth[picture.is_test == test])
        assert np.array_equal(trace.y, picture.guess[picture.is_test == test])
    assert figure.layout.yaxis.title.text == f"{picture.unit}: guess"


def test_a_surface_holds_every_optimizers_way() -> None:
    picture, figure = drawn(trained("optimizers", 20)[0], "surface")
    assert isinstance(picture, Surface)
    assert np.array_equal(figure.data[0].z, picture.height)
    lines = list(figure.select_traces({"type": "scatter", "mode": "lines"}))
    for path, trace in zip(reversed(picture.paths), lines, strict=True):  # the run itself is the last, and on top
        assert np.array_equal(np.stack([trace.x, trace.y], axis=1), path.points)


def test_standings_have_a_bar_for_every_optimizer_the_lowest_on_top() -> None:
    picture, figure = drawn(trained("optimizers", 20)[0], "optimizers")
    assert isinstance(picture, Standings)
    (bars,) = figure.data
    assert dict(zip(bars.y, bars.x, strict=True)) == dict(zip(picture.names, picture.heights, strict=True))
    assert list(bars.x) == sorted(picture.heights, reverse=True)


def test_small_images_are_one_heatmap_with_their_own_bytes() -> None:
    training = trained("mnist")[0]
    picture, figure = drawn(training, "digits")
    assert isinstance(picture, Digits)
    (mosaic,) = (trace for trace in figure.data if trace.type == "heatmap")
    for i, image in enumerate(picture.images):
        row, column = 29 * (i // 10), 29 * (i % 10)
        assert np.array_equal(mosaic.z[row : row + 28, column : column + 28], image)
    picture, figure = drawn(training, "filters")
    assert isinstance(picture, Filters)
    (mosaic,) = (trace for trace in figure.data if trace.type == "heatmap")
    rows, columns = picture.filters.shape[1:]
    assert np.array_equal(mosaic.z[:rows, :columns], picture.filters[0])
    assert mosaic.z[rows, 0] == -1, "between images is nothing"
    wanted = (picture.filters[0].astype(np.float32) - 128) / 127 * np.float32(picture.scale)
    assert np.array_equal(mosaic.customdata[:rows, :columns], wanted)


def test_a_byte_of_128_is_drawn_as_zero() -> None:
    _, figure = drawn(trained("mnist")[0], "filters")
    (mosaic,) = (trace for trace in figure.data if trace.type == "heatmap")
    zero = (128 - mosaic.zmin) / (mosaic.zmax - mosaic.zmin)
    colours = {round(at, 6): colour for at, colour in mosaic.colorscale}
    assert colours[round(zero, 6)] == SIGNED[1][1]
    assert colours[1.0] == SIGNED[2][1]


def test_a_diagram_draws_every_neuron_and_every_large_weight() -> None:
    picture, figure = drawn(trained("spiral", 5)[0], "network")
    assert isinstance(picture, Diagram)
    maps = [trace for trace in figure.data if trace.type == "heatmap"]
    for column, trace in zip(picture.columns, maps, strict=True):
        assert np.array_equal(trace.z[:32, :32], column.maps[0, ::-1])
    lines = figure.select_traces({"type": "scatter", "mode": "lines"})
    weights = [trace for trace in lines if trace.line.color.startswith("rgba")]  # the frames have the colour of lines
    drawn_lines = sum(len(trace.x) // 15 for trace in weights)
    strong = [np.abs(c.weights) / np.abs(c.weights).max() > 0.03 for c in picture.columns[1:]]
    assert drawn_lines == sum(int(s.sum()) for s in strong)


def test_statistics_hold_the_layers_numbers() -> None:
    picture, figure = drawn(trained("mnist")[0], "layer statistics")
    assert isinstance(picture, LayerStatistics)
    mean, dead, gradient, ratio = (trace for trace in figure.data if trace.type == "scatter")
    assert np.array_equal(mean.x, picture.mean)
    assert np.array_equal(dead.x, picture.dead, equal_nan=True)
    assert np.array_equal(gradient.x, picture.gradient)
    assert np.array_equal(ratio.x, picture.ratio)
    assert list(figure.layout.yaxis.ticktext) == picture.layers


def test_states_are_in_their_own_units() -> None:
    training = trained("memory")[0]
    picture, figure = drawn(training, "hidden state and gates")
    assert isinstance(picture, States)
    for trace, maps, scale in zip(figure.data, picture.maps, picture.scale, strict=True):
        assert np.array_equal(trace.z, (maps.astype(np.float32) - 128) / 127 * scale)
        assert (trace.zmin, trace.zmax) == (-scale, scale)
    picture, figure = drawn(training, "gradient through time")
    assert isinstance(picture, GradientNorm)
    assert np.array_equal(figure.data[0].y, picture.norm)


def test_rows_hold_the_probabilities_after_each() -> None:
    picture, figure = drawn(trained("rows")[0], "guesses row by row")
    assert isinstance(picture, Rows)
    guesses = figure.data[1]
    assert np.array_equal(guesses.z[:28, :10], picture.probabilities[0])
    assert np.array_equal(guesses.customdata[:28, 11:21], (picture.probabilities[1] / 255).astype(np.float32))


def test_sequences_of_tokens_hold_attention_and_accuracy() -> None:
    training = trained("sort")[0]
    picture, figure = drawn(training, "attention")
    assert isinstance(picture, Attention)
    n = len(picture.tokens)
    for k, head in enumerate(picture.heads):
        assert np.array_equal(figure.data[0].z[:, k * (n + 1) : k * (n + 1) + n], head)
    picture, figure = drawn(training, "accuracy at every place")
    assert isinstance(picture, PositionAccuracy)
    assert np.array_equal(figure.data[0].y, picture.accuracy)


def test_text_is_written_with_the_probability_of_each_character() -> None:
    picture, figure = drawn(trained("text")[0], "text")
    heat = next(trace for trace in figure.data if trace.type == "heatmap")
    assert [value for value in heat.z[::2, ::2].ravel().tolist() if value >= 0] == picture.probability.tolist()
    written = "".join(word for trace in figure.select_traces({"type": "scatter", "mode": "text"}) for word in trace.text)
    assert picture.excerpt in written


def test_classes_have_the_pages_colours() -> None:
    picture, figure = drawn(trained("spiral")[0], "decision boundary")
    assert isinstance(picture, Field)
    ends = [colour for at, colour in figure.data[0].colorscale if round(at * picture.classes, 6) % 1 == 0][1::2]
    for k, colour in enumerate(ends):
        mixed = tuple(round(255 + 0.58 * (c - 255)) for c in CLASS_COLOURS[k])
        assert colour == css(mixed)


@pytest.mark.parametrize("task", ["spiral", "numbers"])
def test_the_history_of_examples_is_followed_without_touching_the_training(task: str) -> None:
    alone, followed = (Training(configure({"task": task, "steps": 100})) for _ in (0, 1))
    follower = ExampleFollower(followed)
    for event in followed.events():
        if isinstance(event, Metrics):
            follower.look(event.step)
    for _ in alone.events():
        pass
    assert np.array_equal(alone.network.theta, followed.network.theta)
    picture = follower.history()
    assert isinstance(picture, ExampleHistory)
    assert picture.steps[0] == 0
    assert picture.steps[-1] == 100
    heat = FIGURES[ExampleHistory](picture).data[0]
    order = picture.order.astype(int)
    shown = picture.confidence / np.float32(255) if task == "spiral" else picture.error
    assert np.array_equal(heat.z, shown[:, order].T)
    assert len(set(heat.y)) == len(order), "a row for each example"


def test_a_task_without_tracked_examples_has_no_history() -> None:
    training = Training(configure({"task": "memory", "steps": 1}))
    follower = ExampleFollower(training)
    follower.look(0)
    assert follower.history() is None


def test_a_report_opens_offline_and_asks_nobody(browser: Browser, tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    assert main(["train", "images", "--steps", "10", "--report", str(report)]) == 0
    context = browser.new_context(offline=True)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(report.as_uri())
    titles = page.locator(".gtitle").all_text_contents()
    assert titles == [
        *map(title_of, CHARTS),
        "Images",
        "Filters",
        "Feature maps",
        "Confusion",
        "Layer statistics",
        "Example history",
    ]
    assert page.locator("section > div .main-svg").count() >= len(titles)
    context.close()
    assert not complaints
    assert [url for url in asked if not url.startswith(("data:", "blob:"))] == [report.as_uri()]
