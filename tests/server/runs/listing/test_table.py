"""The table of runs: what stands in it is what the runs say, in the wanted order, and it notices every change."""

import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from engine import configure
from engine.tasks import TASKS
from server.runs.listing.columns import column_of, settings_of
from server.runs.listing.table import Table
from tests.conftest import Server
from tests.server.api import create, wait_for

NOTE = "<b>\n" + "long " * 100 + "to its end"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a server with a few finished runs, and a sweep that waits."""
    server = Server(tmp_path_factory.mktemp("listing"))
    with httpx.Client(base_url=f"{server.url}/api", timeout=30) as api:
        for k, task in enumerate(("xor", "sine", "xor", "spiral")):
            rate = {"name": ["Adam", "SGD"][k % 2], "learning_rate": 0.01 * (k + 1)}
            id = create(api, task=task, steps=20 + k, optimizer=rate, name=["b", "", "A", ""][k], note=NOTE)["id"]
            wait_for(api, id, lambda run: run["status"] == "finished")
        axes = [{"path": "network.0.units", "values": [3, 4]}]
        sweep = api.post("/groups", json={"kind": "sweep", "base": {"task": "xor"}, "axes": axes, "start": False}).json()
        for run in sweep["runs"]:  # a sweep that waits is measured a little later
            wait_for(api, run["id"], lambda run: run["metrics"] is not None)
        yield api
    assert "Traceback" not in server.end()


def table(api: httpx.Client, **query: Any) -> dict[str, list[Any]]:
    answer = api.get("/runs", params={"columns": "id", **query})
    assert answer.status_code == 200, answer.text
    return answer.json()["columns"]


def test_the_table_says_what_the_runs_say(kept: httpx.Client) -> None:
    runs = kept.get("/runs").json()
    names = "name,task,status,step,steps,epoch,seconds,created,note,optimizer,learning_rate,loss,test_accuracy,best_accuracy"
    found = table(kept, columns=f"{names},network.0.units,loss.name,finding,sweep")
    assert list(found) == ["id", *f"{names},network.0.units,loss.name,finding,sweep".split(",")]
    assert found["id"] == [run["id"] for run in runs]
    for k, run in enumerate(runs):
        for name in ("name", "task", "status", "step", "created", "seconds", "note", "best_accuracy"):
            assert (found[name][k] or None) == (run[name] or None), name
        assert (found["epoch"][k] or 0) == run["epoch"]
        assert found["optimizer"][k] == run["configuration"]["optimizer"]["name"]
        assert found["learning_rate"][k] == run["configuration"]["optimizer"]["learning_rate"]
        assert found["steps"][k] == run["configuration"]["steps"]
        assert found["loss.name"][k] == run["configuration"]["loss"]["name"]
        assert found["network.0.units"][k] == run["configuration"]["network"][0]["units"]
        assert found["loss"][k] == (run["metrics"] or {}).get("loss")
        assert found["finding"][k] == next((one["cause"] for one in run["findings"]), None)
        assert found["sweep"][k] == (run["group"] or {}).get("id")


@pytest.mark.parametrize(
    ("filter", "is_wanted"),
    [
        ("optimizer = Adam and task = xor", lambda run: run["optimizer"]["name"] == "Adam" and run["task"] == "xor"),
        ("learning_rate > 0.015 and has loss", lambda run: run["optimizer"]["learning_rate"] > 0.015 and run["metrics"]),
        ("has sweep", lambda run: run["group"]),
        ("status = finished and not has name", lambda run: run["status"] == "finished" and not run["name"]),
        ('"layer 1 units" < 5', lambda run: run["configuration"]["network"][0].get("units", 9) < 5),
        ("network ~ relu or steps = 21", lambda run: run["steps"] == 21 or "ReLU" in str(run["configuration"]["network"])),
        ("momentum = 0", lambda run: run["optimizer"].get("momentum") == 0),
        ("dropout.rate = 1 or schedule.every > 3", None),
    ],
)
def test_a_filter_finds_the_runs_that_it_says(kept: httpx.Client, filter: str, is_wanted: Callable[..., Any] | None) -> None:
    if is_wanted is None:
        refused = kept.get("/runs", params={"filter": filter})
        assert refused.status_code == 422
        assert refused.json()["error"]["field"] == "filter"
        return
    wanted = [run for run in kept.get("/runs").json() if is_wanted(run)]
    assert wanted
    assert table(kept, filter=filter)["id"] == [run["id"] for run in wanted]
    whole = kept.get("/runs", params={"filter": filter})
    assert whole.json() == wanted
    assert whole.headers["x-total"] == str(len(wanted))


def test_rows_are_sorted_by_several_columns_and_those_without_a_value_come_last(kept: httpx.Client) -> None:
    assert table(kept, order="name", columns="name")["name"] == ["A", "b", None, None, None, None]
    assert table(kept, order="-name", columns="name")["name"] == ["b", "A", None, None, None, None]
    runs = list(reversed(kept.get("/runs").json()))  # what is alike: the newest first
    by = sorted(runs, key=lambda run: run["step"], reverse=True)
    assert table(kept, order="task,-step")["id"] == [run["id"] for run in sorted(by, key=lambda run: run["task"])]


def test_pages_are_parts_of_the_whole_and_the_total_is_of_all(kept: httpx.Client) -> None:
    whole = table(kept, order="-created")["id"]
    pages = [
        kept.get("/runs", params={"columns": "", "order": "-created", "offset": k, "limit": 2}).json() for k in (0, 2, 4, 6)
    ]
    assert [id for page in pages for id in page["columns"]["id"]] == whole
    assert [page["total"] for page in pages] == [6] * 4
    assert [page["offset"] for page in pages] == [0, 2, 4, 6]
    assert kept.get("/runs", params={"limit": 1, "offset": 1}).json() == kept.get("/runs").json()[1:2]


@pytest.mark.parametrize(
    ("query", "field", "words"),
    [
        ({"columns": "nam"}, "columns", "did you mean name"),
        ({"order": "-steep"}, "order", "did you mean step"),
        ({"filter": "units = 3"}, "filter", "may be network.0.units, network.2.units"),
        ({"limit": 10_001}, "query.limit", "less than or equal to 10000"),
        ({"offset": -1}, "query.offset", "greater than or equal to 0"),
    ],
)
def test_what_is_not_understood_is_refused_with_its_field(
    kept: httpx.Client, query: dict[str, Any], field: str, words: str
) -> None:
    refused = kept.get("/runs", params=query)
    assert refused.status_code == 422
    assert refused.json()["error"]["field"] == field
    assert words in refused.json()["error"]["message"]


def test_the_columns_are_those_that_runs_have(kept: httpx.Client) -> None:
    columns = {column["name"]: column for column in kept.get("/runs/columns").json()}
    assert "network.0.units" in columns
    assert "parent" not in columns, "no run has one"
    assert columns["optimizer.learning_rate"]["differs"]
    assert columns["optimizer.learning_rate"]["kind"] == "number"
    assert not columns["evaluate_every"]["differs"]
    assert columns["task"]["values"][0] == "xor", "the most frequent"
    assert columns["optimizer.name"]["values"] == ["Adam", "SGD"]
    found = table(kept, columns=",".join(columns))
    for name, values in found.items():
        assert any(value is not None for value in values), name


def test_the_revision_grows_with_every_change_and_an_unchanged_table_is_not_sent_again(kept: httpx.Client) -> None:
    id = create(kept, task="xor", start=False)["id"]
    kept.post(f"/runs/{id}/step")

    def revision() -> int:
        return kept.get("/runs", params={"columns": "id"}).json()["revision"]

    was = revision()
    answer = kept.get("/runs", params={"columns": "id", "unless": was})
    assert (answer.status_code, answer.content) == (304, b"")
    for change in (
        lambda: kept.post(f"/runs/{id}/step"),
        lambda: kept.patch(f"/runs/{id}", json={"name": "another"}),
        lambda: kept.patch(f"/runs/{id}", json={"optimizer": {"learning_rate": 0.5}}),
        lambda: kept.delete(f"/runs/{id}"),
        lambda: kept.post(f"/runs/{id}/restore"),
        lambda: kept.delete(f"/runs/{id}"),
    ):
        assert change().is_success
        answer = kept.get("/runs", params={"columns": "id,name", "unless": was})
        assert answer.status_code == 200
        assert answer.json()["revision"] > was
        assert table(kept)["id"] == [run["id"] for run in kept.get("/runs").json()]
        was = revision()


@pytest.mark.parametrize("task", sorted(set(TASKS) - {"table", "numbers", "images"}))  # which ask for data of one's own
def test_every_setting_of_every_task_is_a_column_of_the_catalog(task: str) -> None:
    names = [name for name, _ in settings_of(configure({"task": task}))]
    assert len(names) > 10
    assert {column_of(name).group for name in names} == {"settings"}


def test_what_is_said_of_the_columns_is_after_any_changes_what_a_new_table_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.runs.listing.table.row_of", vars)
    rng, runs = random.Random(19), dict[str, Any]()
    old = Table(lambda ids: {id: runs[id] for id in ids if id in runs})
    for k in range(300):
        id = str(rng.randrange(12))
        old.mark(id)
        if rng.random() < 0.3:
            runs.pop(id, None)
        else:
            said = {"tags": ("a", "b")[: rng.randrange(3)], "seed": rng.randrange(2), "name": rng.choice("xy"), "note": "n"}
            some = {name: value for name, value in said.items() if value != () and rng.random() < 0.6}
            runs[id] = SimpleNamespace(id=id, created=k, status="finished", **some, **({"_blank": True} if k % 5 == 0 else {}))
        new = Table(lambda ids: {id: runs[id] for id in ids})
        for one in runs:
            new.mark(one)
        found, expected = ({one["name"]: one for one in table.describe()} for table in (old, new))
        for one in (*found.values(), *expected.values()):
            one["values"] = sorted(one["values"])  # what occurs equally often stands in any order
        assert found == expected


def test_days_of_a_filter_are_those_of_the_time_zone_that_comes_with_it(kept: httpx.Client) -> None:
    created = kept.get("/runs", params={"order": "created", "limit": 1}).json()[0]["created"]
    east, west = (f"{datetime.fromtimestamp(created, timezone(timedelta(hours=hours))):%Y-%m-%d}" for hours in (14, -12))
    for path, more in (("/runs", {"columns": "id"}), ("/runs/groups", {"by": "task"})):
        found = {
            (day, zone): kept.get(path, params={"filter": f"created <= {day}", "zone": zone, **more}).json()
            for day in (east, west)
            for zone in ("+14:00", "-12:00")
        }
        several = [bool(answer if path == "/runs/groups" else answer["total"]) for answer in found.values()]
        assert several == [True, True, False, True], path
    refused = kept.get("/runs", params={"filter": "created > 2026-07-01", "zone": "Mars"})
    assert (refused.status_code, refused.json()["error"]["field"]) == (422, "zone")
