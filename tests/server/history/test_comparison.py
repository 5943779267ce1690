"""Several runs side by side: one table of all rows, and one page that needs nothing else and lets no name do harm."""

import csv
import io
import json
import math
import re
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import httpx
import pytest

from server.history.comparison import POINTS, seen
from server.messages import isolated
from tests.server.api import create, wait_for

HARM = '</script><img src=x onerror="alert(1)">'
FORMULA = '=HYPERLINK("http://example.com")'
HEBREW = "\u05e9\u05dc\u05d5\u05dd \u202eabc"


class Tags(HTMLParser):
    """Collects the tags of a page with their attributes, the words of its table, and its scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[list[str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th") and self.rows:
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data


@pytest.fixture
def three(api: httpx.Client) -> list[str]:
    """Two runs of the engine's, and one that was trained elsewhere."""
    rates = [{"name": "Adam", "learning_rate": rate} for rate in (0.01, 0.02)]
    ids = [
        create(api, task="xor", steps=30, name=name, optimizer=rate)["id"]
        for name, rate in zip((HARM, HEBREW), rates, strict=True)
    ]
    for id in ids:
        wait_for(api, id, lambda run: run["status"] == "finished")
    return [*ids, api.post("/runs/import", params={"name": FORMULA}, content=b"step,loss\n0,2\n50,1\n").json()["id"]]


def test_all_rows_are_in_one_table(api: httpx.Client, three: list[str]) -> None:
    answer = api.get("/compare/metrics.csv", params={"runs": ",".join(three)})
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    for id in three:
        columns = api.get(f"/runs/{id}/metrics").json()["columns"]
        own = [row for row in rows if row["run"] == id]
        for name, values in columns.items():
            assert [float(row[name]) if row[name] else None for row in own] == values, name
    assert {row["name"] for row in rows} == {HARM, f"\u2068{HEBREW}\u2069", f"'{FORMULA}"}


def test_the_page_needs_nothing_else_shows_all_and_marks_what_differs(api: httpx.Client, three: list[str]) -> None:
    text = api.get("/compare/comparison.html", params={"runs": ",".join(three)}).text
    page = Tags()
    page.feed(text)
    assert [tag for tag, _ in page.tags].count("script") == 2
    assert not [tag for tag, said in page.tags if tag == "img" or "src" in said or "onerror" in said or tag == "link"]
    rows = {row[0]: row[1:] for row in page.rows[1:]}
    assert page.rows[0][1:3] == [HARM, HEBREW]
    assert rows["≠ learning rate"] == ["0.01", "0.02", "–"]
    assert (rows["batch size"][0], rows["batch size"][2]) == (rows["batch size"][1], "–"), "nobody knows that of the third"
    assert rows["step"] == ["30", "30", "50"]
    alone = Tags()
    alone.feed(api.get("/compare/comparison.html", params={"runs": ",".join(three[:2])}).text)
    marked = {row[0] for row in alone.rows if row[0].startswith("≠")}
    assert marked == {"≠ learning rate"}
    figures = json.loads(re.findall(r"Object\.entries\((\{.*?\})\)\) Plotly", text, re.S)[-1])
    by_title: dict[str, Any] = {figure["layout"]["title"]["text"]: figure for figure in figures.values()}
    loss = by_title["loss"]["data"]
    assert [len(loss), loss[-1]["x"], loss[-1]["y"]] == [5, [0, 50], [2, 1]]
    columns = api.get(f"/runs/{three[0]}/metrics").json()["columns"]
    assert (loss[0]["x"], loss[0]["y"]) == (columns["step"], columns["loss"])
    [menu] = by_title["loss"]["layout"]["updatemenus"]
    places = {button["label"]: button["args"][0]["x"] for button in menu["buttons"]}
    run = api.get(f"/runs/{three[0]}").json()
    assert places["epoch"][0][-1] == run["epoch"]
    assert places["examples"][0][-1] == run["epoch"] * run["examples"][0]
    assert places["seconds"][0] == columns["time"]
    assert places["epoch"][-1] == [], "nobody knows how large its epochs were"


def test_a_curve_of_many_rows_keeps_its_ends_and_every_peak() -> None:
    values = [math.sin(k / 7) for k in range(50_000)]
    values[12_345], values[30_001] = 9.0, -9.0
    found = seen(list(enumerate(values)), POINTS)
    assert len(found) <= POINTS
    assert found == sorted(set(found))
    assert {0, 12_345, 30_001, 49_999} <= set(found)
    assert max(b - a for a, b in pairwise(found)) <= 2 * 50_000 / (POINTS / 2 - 1)
    assert seen([(3, 1.0), (5, 2.0)], 2) == [3, 5]


@pytest.mark.parametrize(
    ("runs", "status", "words"),
    [("", 422, "1 to 8"), ("a,b,c,d,e,f,g,h,i", 422, "got 9"), ("nobody", 404, "no run 'nobody'")],
)
def test_runs_that_cannot_be_compared_are_refused(api: httpx.Client, runs: str, status: int, words: str) -> None:
    refused = api.get("/compare/metrics.csv", params={"runs": runs})
    assert refused.status_code == status
    assert words in refused.json()["error"]["message"]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("plain – näme 3", "plain – näme 3"),
        ("\u05e9\u05dc\u05d5\u05dd", "\u2068\u05e9\u05dc\u05d5\u05dd\u2069"),
        ("a\u202eb", "\u2068a\u202eb\u2069"),
        ("a\u2069b", "\u2068ab\u2069"),
        ("a\u2067b", "\u2068a\u2067b\u2069\u2069"),
    ],
)
def test_a_name_turns_no_word_beside_it(name: str, wanted: str) -> None:
    assert isolated(name) == wanted
