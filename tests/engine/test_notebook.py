"""A network, a run and a picture show themselves in a notebook: as HTML that parses, says the numbers, and changes nothing."""

import base64
import re
import struct
import zlib
from html.parser import HTMLParser
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

import engine as nn
from engine import notebook
from engine.pictures import Confusion, Curve, Field, Picture
from engine.pictures.html import coloured
from engine.tasks import TASKS

SMALL = {"mnist": {"source": "bundled"}, "autoencoder": {"source": "bundled"}, "rows": {"source": "bundled"}}
VOID = {"img", "br", "circle", "polyline", "image"}


class Parsed(HTMLParser):
    """What a page is made of; a tag that is not closed, or never was opened, is an error."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def trained(task: str, steps: int = 2) -> nn.Training:
    training = nn.Training(nn.configure({"task": task, "steps": steps, "data": SMALL.get(task, {})}))
    for _ in training.events():
        continue
    return training


def test_a_network_is_a_table_that_a_screen_reader_reads() -> None:
    odd = type("<script>alert(1)</script>", (nn.Dense,), {})
    network = nn.Network([nn.Dense(3), odd(2)], input_shape=(4,))
    shown = Parsed(network._repr_html_())
    assert not shown.all("script")
    assert "<script>alert(1)</script>" in shown.words
    assert [attributes["scope"] for attributes in shown.all("th")] == ["col"] * 3 + ["row"] * 4
    assert "23 parameters" in shown.words
    for plan in network.plans:
        assert str(plan.parameters) in shown.words


@pytest.mark.parametrize("task", [name for name in TASKS if name not in ("images",)])
def test_every_picture_shows_itself_and_looking_changes_nothing(task: str) -> None:
    try:
        training = trained(task)
    except nn.ConfigurationError:
        pytest.skip("its data are a person's")
    theta, state = training.network.theta.copy(), training.rng.bit_generator.state
    for name in training.task.pictures:
        picture = training.picture(name)
        if picture is None:
            continue
        before = {key: value.copy() for key, value in vars(picture).items() if isinstance(value, np.ndarray)}
        shown = Parsed(picture._repr_html_())
        assert name in shown.words
        assert f"step {picture.step}" in shown.words
        seen = shown.all("img") + shown.all("svg")
        assert seen or not before, name
        assert all(attributes.get("alt") or attributes.get("aria-label") for attributes in seen)
        assert all(np.array_equal(value, getattr(picture, key), equal_nan=True) for key, value in before.items())
    Parsed(training._repr_html_())
    assert np.array_equal(theta, training.network.theta)
    assert training.rng.bit_generator.state == state


def test_what_is_written_over_the_paper_has_the_papers_colour() -> None:
    shown = trained("sine").picture("fitted curve")
    assert isinstance(shown, Curve)
    drawing = Parsed(shown._repr_html_())
    assert drawing.all("polyline")[0]["stroke"] == "currentColor"
    for _, attributes in drawing.tags:
        assert not re.search(r"(?<!-)color:\s*(#000|#fff|black|white)", attributes.get("style") or "")


def test_an_image_holds_the_pictures_own_pixels() -> None:
    field = trained("spiral").picture("decision boundary")
    assert isinstance(field, Field)
    [held] = Parsed(field._repr_html_()).all("image")
    pixels = np.asarray(Image.open(BytesIO(base64.b64decode(str(held["href"]).partition(",")[2]))))
    assert pixels.shape == (*field.winner.shape, 3)
    top = field.winner[-1]  # row 0 of the plane lies at the bottom
    for k in set(top.tolist()):
        for other in set(top.tolist()) - {k}:
            assert abs(pixels[0][top == k].mean(axis=0) - pixels[0][top == other].mean(axis=0)).max() > 5


def test_a_png_is_read_by_others_as_it_was_written() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 9, 3)).astype(np.uint8)
    file = base64.b64decode(notebook.png(pixels).partition(",")[2])
    assert np.array_equal(np.asarray(Image.open(BytesIO(file))), pixels)
    assert struct.unpack(">I", file[29:33])[0] == zlib.crc32(file[12:29])


def test_names_are_words_and_no_markup_and_numbers_that_are_none_are_left_out() -> None:
    counts = np.array([[np.nan, np.inf], [-np.inf, 1]], np.float32)
    confusion = Confusion(counts, 2, ["<img src=x>", '"b"'], name="<b>", step=3)
    shown = Parsed(confusion._repr_html_())
    assert not [one for one in shown.all("img") if one.get("src") == "x"]
    assert "<img src=x>" in shown.words
    assert "<b>" in shown.words
    assert notebook.curves({"nothing": np.full(4, np.nan)}, "nothing") == ""
    assert isinstance(confusion, Picture)


def test_a_run_says_what_it_trains_how_far_it_is_and_what_was_measured() -> None:
    training = nn.Training(nn.configure({"task": "spiral", "steps": 60, "regularizer": {"name": "L2", "strength": 0.01}}))
    assert "at step" not in Parsed(training._repr_html_()).words
    events = training.events()
    for _ in range(35):
        next(events)
    shown = Parsed(training._repr_html_())
    assert training.row is not None
    for words in ("training of spiral", "L2, strength 0.01", "Dense, Tanh", "Adam", f"at step {training.row.step}", "penalty"):
        assert words in shown.words, words
    assert f"{training.row.loss:.4g}" in shown.words
    points = str(shown.all("polyline")[0]["points"]).split()
    assert len(points) == len(training.losses) > 1


def test_numbers_are_orange_below_zero_and_blue_above_as_the_bytes_that_stand_for_them() -> None:
    owner = type("Part", (), {"scale": np.ones(1)})()
    wanted = [[[235, 124, 20], [244, 245, 247], [33, 113, 193]]]
    assert coloured(owner, "weights", np.array([[-0.5, 0, 0.5]], np.float32)).tolist() == wanted
    assert coloured(owner, "maps", np.array([[1, 128, 255]], np.uint8)).tolist() == wanted
    assert coloured(object(), "images", np.array([[0, 255]], np.uint8)).tolist() == [[[255] * 3, [0] * 3]]
