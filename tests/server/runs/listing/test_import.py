"""Rows of one's own training come as CSV: read as each logger writes them, kept over a restart, and beside ours everywhere."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from engine import ConfigurationError
from server.messages import COLUMNS
from server.runs.imported.rows import read_rows
from tests.conftest import Server
from tests.server.api import create, wait_for

LOGS: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "by hand": (
        "step,loss,val_loss,val_acc\n0,2.3,2.4,0.1\n100,1.1,1.2,0.6\n",
        [
            {"step": 0, "loss": 2.3, "test_loss": 2.4, "test_accuracy": 0.1, "time": 0.0},
            {"step": 100, "loss": 1.1, "test_loss": 1.2, "test_accuracy": 0.6, "time": 0.0},
        ],
    ),
    "keras": (
        "epoch,accuracy,loss,val_accuracy,val_loss\n0,0.5,1.0,0.4,1.1\n1,0.7,0.6,0.6,0.8\n",
        [
            {"step": 0, "accuracy": 0.5, "loss": 1.0, "test_accuracy": 0.4, "test_loss": 1.1, "time": 0.0},
            {"step": 1, "accuracy": 0.7, "loss": 0.6, "test_accuracy": 0.6, "test_loss": 0.8, "time": 0.0},
        ],
    ),
    "lightning, which has a line for each of train and valid": (
        "epoch,step,train_loss_step,train_loss_epoch,valid_loss\n0,9,0.9,,\n0,19,0.8,,\n0,19,,0.85,\n0,19,,,0.7\n",
        [
            {"step": 9, "loss": 0.9, "time": 0.0},
            {"step": 19, "loss": 0.8, "test_loss": 0.7, "time": 0.0},
        ],
    ),
    "tensorboard": (
        "Wall time,Step,Value\n1700000000.5,5,0.9\n1700000012.5,10,0.7\n",
        [{"step": 5, "loss": 0.9, "time": 0.0}, {"step": 10, "loss": 0.7, "time": 12.0}],
    ),
    "wandb": (
        '"Step","brave-sun-1 - train/loss","brave-sun-1 - train/loss__MIN","brave-sun-1 - train/loss__MAX"\n"1","3","3","3"\n',
        [{"step": 1, "loss": 3.0, "time": 0.0}],
    ),
    "a trainer's table with words and semicolons": (
        "\ufeffStep;Training Loss;Validation Loss;Eval Accuracy;learning rate\n"
        "500;0,5;0,6;81 %;1e-3\n1000;No log;nan;84,5 %;5e-4\n",
        [
            {"step": 500, "loss": 0.5, "test_loss": 0.6, "test_accuracy": 0.81, "learning_rate": 1e-3, "time": 0.0},
            {"step": 1000, "test_accuracy": 0.845, "learning_rate": 5e-4, "time": 0.0},
        ],
    ),
    "steps that are no numbers, and one that counts epochs": (
        "step,epoch,loss\n1k,1,3\n2k,2,2\n",
        [{"step": 1, "loss": 3.0, "time": 0.0}, {"step": 2, "loss": 2.0, "time": 0.0}],
    ),
    "steps that are empty": (
        "step,loss\n,3\n,2\n",
        [{"step": 0, "loss": 3.0, "time": 0.0}, {"step": 1, "loss": 2.0, "time": 0.0}],
    ),
    "tabs, per cent without the sign, no step": (
        "trainLoss\ttestAcc\tseconds\n1.5\t55\t1.5\n1.2\t65.5\t3\n",
        [
            {"step": 0, "loss": 1.5, "test_accuracy": 0.55, "time": 1.5},
            {"step": 1, "loss": 1.2, "test_accuracy": 0.655, "time": 3.0},
        ],
    ),
}


ACCURACIES = {
    "shares": ("acc,val_acc\n0.5,0.25\n1,0.5\n", "", [0.5, 0.25, 1, 0.5], "shares from 0 to 1, for none is over 1"),
    "a share that was rounded": ("acc\n0.5\n1.0000001\n", "", [0.5, 1], "shares from 0 to 1, for none is over 1"),
    "per cent, which begin below 1": ("acc\n0.9\n45\n", "", [0.009, 0.45], "per cent, for 45 is over 1"),
    "one column decides for both": ("acc,val_acc\n1.4,0.9\n", "", [0.014, 0.009], "per cent, for 1.4 is over 1"),
    "a sign decides for all": ("acc,val_acc\n0.5 %,0.9\n0.75,0.8\n", "", [0.005, 0.009, 0.0075, 0.008], "as a % says"),
    "a name decides": ("valAccPct\n0.5\n0.9\n", "", [0.005, 0.009], "per cent, as “valAccPct” says"),
    "a person decides": ("acc\n0.5\n0.9\n", "percent", [0.005, 0.009], "per cent, as you said"),
    "against the name": ("acc (%)\n0.5\n0.9\n", "share", [0.5, 0.9], "shares from 0 to 1, as you said"),
}


@pytest.mark.parametrize("kind", ACCURACIES)
def test_all_accuracies_of_a_file_are_read_in_one_unit_and_it_says_which_and_why(kind: str) -> None:
    text, said, wanted, why = ACCURACIES[kind]
    imported = read_rows(text.encode(), accuracies=said)
    places = [COLUMNS.index(name) for name in ("accuracy", "test_accuracy")]
    found = [row[place] for row in imported.rows for place in places if row[place] is not None]
    assert found == pytest.approx(wanted, abs=1e-12)
    assert max(found) <= 1
    assert why in imported.note


@pytest.mark.parametrize("kind", LOGS)
def test_a_log_is_read_as_its_program_writes_it(kind: str) -> None:
    text, wanted = LOGS[kind]
    rows = read_rows(text.encode(), "loss" if kind == "tensorboard" else "").rows
    found = [{name: value for name, value in zip(COLUMNS, row, strict=True) if value is not None} for row in rows]
    assert found == [{name: pytest.approx(value) for name, value in row.items()} for row in wanted]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "the file is empty"),
        (b"\xef\xbb\xbf", "the file is empty"),
        (b"\xff\xfe", "the file is empty"),
        (b"\xc2\xa0\n", "the file is empty"),
        (b"step,accuracy\n1,-3\n", "taken for an accuracy, and -3 is none"),
        (b"step,loss\n", "one line only"),
        (b"1,2\n3,4\n", "the first line has to name the columns"),
        (b"a,b\n1,2\n", "no column of this file is a loss or an accuracy: its columns are"),
        (b"step,a - loss,b - loss\n1,2,3\n", "holds several runs"),
        (b"step,accuracy\n1,250\n", "taken for an accuracy, and 250 is none"),
        (b"\x89PNG\x00\x01", "no CSV file"),
        (b"step,loss\n" + b"1,2\n" * 200_001, "200,000 rows at the most"),
        (b"Wall time,Step,Value\n1,2,3\n", "say with value="),
    ],
)
def test_what_is_no_log_is_refused_in_words(data: bytes, words: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read_rows(data)
    assert refused.value.field == "file"
    assert words in str(refused.value)


def test_what_cannot_be_a_share_is_not_read_as_one() -> None:
    with pytest.raises(ConfigurationError, match=r"and 45 is none: from 0 to 1$"):
        read_rows(b"step,accuracy\n1,45\n", accuracies="share")


def test_an_imported_run_stands_beside_ours_and_survives_a_restart(start_server: Callable[..., Server]) -> None:
    server = start_server()
    text = "step,loss,val_loss,val_acc,lr,colour\n0,2.3,2.4,0.1,0.01,red\n100,1.1,1.2,0.6,0.01,red\n"
    with httpx.Client(base_url=f"{server.url}/api", timeout=30) as api:
        refused = api.post("/runs/import", content=b"nothing\n1\n")
        assert (refused.status_code, refused.json()["error"]["field"]) == (422, "file")
        brought = api.post("/runs/import", content=text.encode(), params={"name": "my net"})
        assert brought.status_code == 201
        said, id = brought.json(), brought.json()["id"]
        ours = create(api, task="xor", steps=20)["id"]
        wait_for(api, ours, lambda run: run["status"] == "finished")
        api.patch(f"/runs/{id}", json={"tags": ["torch"], "name": "my net 2"})
    server.end()
    server = start_server()
    with httpx.Client(base_url=f"{server.url}/api", timeout=30) as api:
        run = next(run for run in api.get("/runs").json() if run["id"] == id)
        changed = {"tags": ["torch"], "name": "my net 2", "revision": run["revision"]}
        assert run == {**said, **changed} == api.get(f"/runs/{id}").json()
        assert (run["status"], run["step"], run["best_accuracy"], run["imported"]) == ("finished", 100, 0.6, True)
        assert "test accuracy from “val_acc”" in run["note"]
        assert "Left out: “colour”" in run["note"]
        assert api.get(f"/runs/{id}/metrics").json()["columns"]["loss"] == [2.3, 1.1]
        found = api.get("/runs", params={"columns": "name,result,learning_rate,optimizer", "filter": "tag = torch"}).json()
        assert found["columns"] == {
            "id": [id],
            "name": ["my net 2"],
            "result": [0.6],
            "learning_rate": [0.01],
            "optimizer": [None],
        }
        assert api.get(f"/runs/{id}/export/metrics.csv").text.splitlines()[1].startswith("0,2.3,2.4,")
        for method, path, body in (
            ("POST", "resume", None),
            ("POST", "step", None),
            ("POST", "predict", {"inputs": [[0, 0]]}),
            ("POST", "fork", {"start": False}),
            ("PATCH", "", {"steps": 200}),
            ("PATCH", "", {"optimizer": {"learning_rate": 1}}),
            ("PATCH", "", {"speed": 3}),
            ("PATCH", "", {"batch_size": 3}),
            ("GET", "export/script.py", None),
            ("GET", "export/weights.npz", None),
            ("GET", "export/replay.html", None),
            ("GET", "parameters/0", None),
            ("GET", "one_step", None),
            ("GET", "history/100?names=network", None),
            ("GET", "history/examples", None),
        ):
            refused = api.request(method, f"/runs/{id}/{path}".rstrip("/"), json=body)
            assert refused.status_code in (404, 409, 422), (path, refused.text)
            words = refused.json()["error"]["message"]
            assert "imported" in words or "finished" in words or refused.status_code == 404, (path, words)
        assert api.get(f"/runs/{id}").json() == run
        assert api.get(f"/runs/{id}/history").json()["steps"] == []
        api.delete(f"/runs/{id}")
        assert api.post(f"/runs/{id}/restore").json()["step"] == 100
        id = api.post("/runs/import", content=b"loss\n3\n").json()["id"]  # at step 0, but it has trained
        api.delete(f"/runs/{id}")
        assert api.post(f"/runs/{id}/restore").json()["rows"] == 1
    assert "Traceback" not in server.end()
