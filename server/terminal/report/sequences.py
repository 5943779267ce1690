"""Figures of networks that read sequences."""

import textwrap

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from engine.pictures import Attention, GradientNorm, PositionAccuracy, Rows, States, Text
from engine.pictures.colours import CLASS_COLOURS
from server.terminal.report.sheet import (
    BLUE,
    GREY,
    INK,
    LINE,
    MONOSPACE,
    MUTED,
    SIGNED,
    TRAIN,
    WIDTH,
    WRONG,
    Sheet,
    css,
    grid,
    headed,
    places,
    said,
    shades,
    size_axis,
    values,
)

INNER = WIDTH - 20
MOST_TICKS = 64


def states(picture: States) -> go.Figure:
    """Draw a recurrent layer's hidden state, gates and cell while it reads: a row for each unit, time from left to right."""
    n, units, steps = picture.maps.shape
    numbers = values(picture.maps, picture.scale)
    named = bool(picture.inputs) and len(picture.inputs) <= MOST_TICKS
    titles = [f"{said(name)} · ±{scale:.2g}" for name, scale in zip(picture.names, picture.scale, strict=True)]
    figure = make_subplots(n, 1, shared_xaxes=True, vertical_spacing=min(0.08, 0.3 / n), subplot_titles=titles)
    for k in range(n):
        figure.add_heatmap(
            x=np.arange(1, steps + 1),
            y=np.arange(1, units + 1),
            z=numbers[k],
            zmin=-float(picture.scale[k]),
            zmax=float(picture.scale[k]),
            colorscale=SIGNED,
            showscale=False,
            hovertemplate=f"{'reads' if named else 'step'} %{{x}}, unit %{{y}}: %{{z:.3g}}<extra></extra>",
            row=k + 1,
            col=1,
        )
    figure.update_yaxes(title={"text": "unit", "font": {"size": 11}}, autorange="reversed", showgrid=False, nticks=4)
    figure.update_xaxes(showgrid=False)
    figure.update_xaxes(title="step", row=n, col=1)
    if named:
        figure.update_xaxes(
            tickvals=np.arange(1, steps + 1), ticktext=[said(word) for word in picture.inputs], tickfont={"family": MONOSPACE}
        )
        figure.update_xaxes(title="what is read, step by step", row=n, col=1)
    figure.update_annotations(font={"size": 12, "color": MUTED}, x=0, xanchor="left")
    caption = (
        f"{picture.answer} · {picture.title}, a row for each unit, time from left to right · example {picture.example} · "
        "orange − blue +"
    )
    return headed(figure, picture, caption, 145 * n, margin={"t": 96})


def gradient_norm(picture: GradientNorm) -> go.Figure:
    """Draw how large the gradient still is at every step back through time."""
    norm = picture.norm
    figure = go.Figure()
    figure.add_scatter(
        x=np.arange(1, len(norm) + 1),
        y=norm,
        mode="lines+markers",
        line={"color": TRAIN, "width": 2},
        marker={"size": 5},
        hovertemplate="step %{x}: %{y:.3g}<extra></extra>",
    )
    caption = f"{picture.title}, last training batch"
    if len(norm) and norm[0] > 0 and norm[-1] > 0:
        power = f"{np.log10(norm[0] / norm[-1]):.1f}".replace("-", "−")
        caption += f" · the first step gets 10^{power} of the last one's"
    return headed(
        figure,
        picture,
        caption,
        320,
        xaxis={"title": "step", "zeroline": False},
        yaxis={"title": "‖∂L/∂h‖", **size_axis(norm)},
    )


def rows(picture: Rows) -> go.Figure:
    """Draw digits read from top to bottom, and beside every row what the network guesses by then."""
    n, side, wide, gap, top, across = len(picture.images), 168, 110, 24, 22, 3
    pitch = (side + wide + gap, side + top + 26)
    lefts = [k * pitch[0] + 8 for k in range(min(n, across))]
    tops = [k * pitch[1] + top for k in range(-(-n // across))]
    sheet = Sheet(tops[-1] + side + 22)
    at = places(n, lefts, tops)
    beside = [left + side + 4 for left in lefts]
    sheet.images(picture.images, lefts, tops, (side, side), GREY)
    sheet.images(
        picture.probabilities,
        beside,
        tops,
        (wide, side),
        shades(CLASS_COLOURS[0]),
        own=(picture.probabilities / 255).astype(np.float32),
        hovertemplate="%{customdata:.0%}<extra></extra>",
    )
    sheet.frames(at, (side, side), LINE)
    sheet.frames(places(n, beside, tops), (wide, side), LINE)
    guesses = picture.probabilities[:, -1].argmax(axis=1)
    right = guesses == picture.labels
    sheet.words(
        [left for left, _ in at],
        [y - 11 for _, y in at],
        [f"a {t}" if r else f"<b>✗ {g}, is {t}</b>" for g, t, r in zip(guesses, picture.labels, right, strict=True)],
        align="middle right",
        colour=[css(INK) if r else WRONG for r in right],
    )
    classes = picture.probabilities.shape[2]
    sheet.words(
        [left + side + 4 + (k + 0.5) * wide / classes for left, _ in at for k in range(classes)],
        [y + side + 9 for _, y in at for _ in range(classes)],
        [str(k) for _ in at for k in range(classes)],
        size=10,
    )
    return sheet.done(picture, "beside each row: the probability of 0 … 9 after reading it, the bluer, the likelier")


def text(picture: Text) -> go.Figure:
    """Write what a network of characters makes up, and how sure it was of each character of a text that it has not seen."""
    line, per_row, cell = 20, 45, (20.0, 26.0)
    samples = [part for sample in picture.samples for part in [*textwrap.wrap(sample, 105, drop_whitespace=False), ""]]
    n = len(picture.excerpt)
    down = -(-n // per_row)
    first = 34 + line * len(samples)
    second = first + 30 + down * (cell[1] + 4) + 16
    sheet = Sheet(second + 66)
    unseen = "It reads what it has not seen: the bluer, the surer it was of the character"
    headings = ["It goes on", unseen, "After that it expects"]
    sheet.words([2] * 3, [10, first + 6, second + 6], headings, align="middle right", size=13)
    sheet.words(
        [2] * len(samples),
        [36 + k * line for k in range(len(samples))],
        [said(part) for part in samples],
        align="middle right",
        colour=css(INK),
        family=MONOSPACE,
        size=13,
    )
    blue = shades(CLASS_COLOURS[5])
    lefts, tops = [2 + k * cell[0] for k in range(min(per_row, n))], [first + 22 + k * (cell[1] + 4) for k in range(down)]
    sure = [
        f"{p / 2.55:.0f} %" + ("" if wanted == got else f", expected “{said(wanted)}”")
        for p, wanted, got in zip(picture.probability, picture.expected, picture.excerpt, strict=True)
    ]
    characters(sheet, picture.probability, picture.excerpt, sure, (lefts, tops), cell)
    k = len(picture.likely)
    likely = [2 + i * 86.0 for i in range(k)]
    sheet.images(picture.likelihood.reshape(k, 1, 1), likely, [second + 24], (78, 28), blue)
    sheet.words(
        [left + 39 for left in likely],
        [second + 38] * k,
        [
            f"{'␣' if character == ' ' else said(character)}  {p / 2.55:.0f} %"
            for character, p in zip(picture.likely, picture.likelihood, strict=True)
        ],
        colour=css(INK),
        family=MONOSPACE,
        size=13,
    )
    return sheet.done(picture, "drawn by the network's probabilities at this step, from the same random numbers every time")


def characters(
    sheet: Sheet,
    probability: np.ndarray,
    excerpt: str,
    words: list[str],
    at: tuple[list[float], list[float]],
    cell: tuple[float, float],
) -> None:
    """Write a text in cells, each as blue as its character was likely."""
    lefts, tops = at
    middles = [(left + cell[0] / 2, top + cell[1] / 2) for left, top in places(len(excerpt), lefts, tops)]
    sheet.images(probability.reshape(-1, 1, 1), lefts, tops, cell, shades(CLASS_COLOURS[5]))
    x, y = zip(*middles, strict=True)
    sheet.words(x, y, [said(c) for c in excerpt], colour=css(INK), family=MONOSPACE, size=15)
    sheet.figure.add_scatter(  # nothing to see: it answers the pointer
        x=x, y=y, mode="markers", marker={"size": 20, "opacity": 0}, text=words, hovertemplate="%{text}<extra></extra>"
    )


def attention(picture: Attention) -> go.Figure:
    """Draw who looks at whom: a matrix for every head, with the tokens on both sides."""
    heads, steps, _ = picture.heads.shape
    across = min(heads, (2 if steps > 16 else 3) if heads <= 6 else 4)
    size = min(420.0, INNER / across - 30)
    strip = min(size / (steps + 1), 22.0)  # for the tokens
    cell = (size - strip) / steps
    lefts, tops = grid(heads, across, size, 26, (INNER - across * (size + 26)) / 2 + 13, 28, 30)
    inner = size - strip
    sheet = Sheet(tops[-1] + size + 70)
    starts = [left + strip for left in lefts], [top + strip for top in tops]
    sheet.images(
        picture.heads,
        *starts,
        (inner, inner),
        shades(BLUE),
        own=(picture.heads / 255).astype(np.float32),
        hovertemplate="%{customdata:.0%}<extra></extra>",
    )
    sheet.frames(places(heads, *starts), (inner, inner), LINE)
    at = places(heads, lefts, tops)
    sheet.words([left + strip for left, _ in at], [top - 10 for _, top in at], picture.titles, align="middle right")
    tokens = [said(token) for token in picture.tokens]
    ends = [strip + (k + 0.5) * cell for k in range(steps)]
    sheet.words(
        [left + x for left, _ in at for x in [*ends, *[strip / 2] * steps]],
        [top + y for _, top in at for y in [*[strip / 2] * steps, *ends]],
        tokens * 2 * heads,
        colour=css(INK),
        family=MONOSPACE,
        size=max(6.0, min(13.0, 0.8 * cell)),
    )
    pitch = min(18.0, (INNER - 60) / steps)
    wrong = [bool(target) and said_word != target for said_word, target in zip(picture.answer, picture.target, strict=True)]
    bottom = sheet.height - 40
    sheet.words([2, 2], [bottom, bottom + 20], ["reads", "says"], align="middle right")
    sheet.words(
        [50 + (k + 0.5) * pitch for _ in (0, 1) for k in range(steps)],
        [bottom] * steps + [bottom + 20] * steps,
        [*tokens, *(f"<b>{said(word)}</b>" if w else said(word) for word, w in zip(picture.answer, wrong, strict=True))],
        colour=[css(INK)] * steps + [WRONG if w else css(INK) for w in wrong],
        family=MONOSPACE,
        size=min(14.0, pitch),
    )
    return sheet.done(
        picture,
        f"row: who asks · column: who is asked · the darker, the more · example {picture.example} · what is wrong is bold",
    )


def position_accuracy(picture: PositionAccuracy) -> go.Figure:
    """Draw the share of right answers at every place of the sequence."""
    figure = go.Figure()
    figure.add_bar(
        x=np.arange(1, len(picture.accuracy) + 1),
        y=picture.accuracy,
        marker={"color": css(CLASS_COLOURS[0])},
        texttemplate="%{y:.0%}",
        textposition="outside",
        cliponaxis=False,
        hovertemplate="place %{x}: %{y:.1%}<extra></extra>",
    )
    return headed(
        figure,
        picture,
        f"share of right answers at each place, over {picture.examples} test rows",
        320,
        xaxis={"title": "place", "dtick": 1},
        yaxis={"title": "right", "range": [0, 1.08], "tickformat": ".0%", "tickvals": [0, 0.25, 0.5, 0.75, 1]},
    )
