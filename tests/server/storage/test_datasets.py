"""Data that a person brings over HTTP: tables and images, listed, trained on, deleted and brought back."""

import io
import re
import threading
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import httpx
import numpy as np
import pytest
import segno
from PIL import Image

from engine.data import mnist
from engine.data.datasets import NotHereError
from server.storage.datasets import Datasets
from tests.conftest import Server
from tests.samples import TABLE, tarred
from tests.server.api import create, wait_for
from tests.server.conftest import forget_all


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def keeper(folder: Path) -> Iterator[Server]:
    """A server whose folder the tests know; what is deleted there is gone."""
    server = Server(folder, NN_BASICS_UNDO_SECONDS="0")
    yield server
    assert "Traceback" not in server.end()


@pytest.fixture
def api(keeper: Server) -> Iterator[httpx.Client]:
    """A client that finds neither runs nor data."""
    with httpx.Client(base_url=f"{keeper.url}/api", timeout=30) as client:
        forget_all(client)
        for one in client.get("/datasets").json():
            assert client.delete(f"/datasets/{one['id']}").status_code == 204
        yield client


def bring(api: httpx.Client, kind: str, data: bytes, **query) -> httpx.Response:
    return api.post(f"/datasets/{kind}", params=query, content=data, headers={"content-type": "application/octet-stream"})


def png(pixels: np.ndarray, mode: str = "L", form: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(file, form)
    return file.getvalue()


def zipped(files: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def digits() -> dict[str, bytes]:
    found = mnist.load("bundled")
    return {f"digits/{found.labels[k]}/{k}.png": png(found.images[k]) for k in range(200) if found.labels[k] in (1, 7)}


def test_another_reading_takes_the_place_of_the_first_unless_a_run_is_made_of_it(api: httpx.Client) -> None:
    data = b"a;b;kind\n" + b"".join(b"%d,%d;%d;%s\n" % (k, k % 7, k % 5, b"xy"[k % 2 :][:1]) for k in range(20))
    first = bring(api, "table", data, name="t.csv").json()
    assert (first["is_new"], first["columns"][0]["kind"], first["read_as"]["decimal"]) == (True, "number", "comma")
    again = bring(api, "table", data, name="t.csv", kinds="0:word", instead_of=first["id"]).json()
    assert (again["columns"][0]["kind"], again["is_new"]) == ("word", True)
    assert [one["id"] for one in api.get("/datasets").json()] == [again["id"]], "trying fills no list"
    run = create(api, task="table", data={"dataset": again["id"], "features": "1"})
    third = bring(api, "table", data, name="t.csv", header="no", instead_of=again["id"]).json()
    assert {one["id"] for one in api.get("/datasets").json()} == {again["id"], third["id"]}
    api.delete(f"/runs/{run['id']}")
    for wrong in ({"kinds": "0:colour"}, {"kinds": "x"}, {"encoding": "klingon"}, {"skip": "-1"}, {"decimal": "star"}):
        reply = bring(api, "table", data, name="t.csv", **wrong)
        assert reply.status_code == 422, wrong


def test_how_many_rows_a_choice_leaves_is_told(api: httpx.Client) -> None:
    data = b"a,b,kind\n" + b"".join(
        b"%s,%s,%s\n" % (b"%d" % (k * k) if k % 2 else b"", b"%d.5" % k if k % 3 else b"", b"xy"[k // 2 % 2 :][:1])
        for k in range(12)
    )
    told = bring(api, "table", data, name="t.csv").json()
    assert sorted((one["rows"], one["columns"]) for one in told["gaps"]) == [(2, [0, 1]), (2, [1]), (4, [0])]
    assert api.get(f"/datasets/{told['id']}").json()["gaps"] == told["gaps"]


def test_hundreds_of_columns_are_examples_where_a_person_says_so_and_a_range_of_columns_is_read(api: httpx.Client) -> None:
    lines = [",".join([f"size {k}", *(f"{(i * (k + 3)) % 17}.5" for i in range(150))]) for k in range(8)]
    told = bring(api, "table", "\n".join(lines).encode(), name="wide.csv").json()
    [offer] = told["read_as"]["offers"]
    again = bring(api, "table", "\n".join(lines).encode(), name="wide.csv", **offer["choose"]).json()
    assert (again["rows"], [column["name"] for column in again["columns"]][:2]) == (150, ["size 0", "size 1"])
    run = create(api, task="numbers", data={"dataset": again["id"], "target_column": 7, "features": "0-6"}, steps=5)
    assert run["input_shape"] == [7]


def test_a_table_is_brought_trained_on_listed_and_named_the_same_again(api: httpx.Client) -> None:
    answer = bring(api, "table", TABLE.encode(), name="kinds.csv")
    assert answer.status_code == 201
    told = answer.json()
    assert told["suggestion"] == {"task": "table", "target": 2, "features": [0, 1], "missing_cells": "leave out"}
    assert (told["name"], told["rows"], told["sample"][0]) == ("kinds.csv", 60, ["0", "0.5", "a"])
    assert bring(api, "table", TABLE.encode(), name="again.csv").json()["id"] == told["id"]
    [listed] = api.get("/datasets").json()
    assert listed["name"] == "again.csv"
    run = create(api, task="table", data={"dataset": told["id"]}, steps=400)
    done = wait_for(api, run["id"], lambda r: r["status"] == "finished")
    assert done["best_accuracy"] > 0.9
    assert done["input_shape"] == [2]
    [listed] = api.get("/datasets").json()
    assert (listed["id"], listed["runs"], listed["bytes"]) == (told["id"], 1, 60 * 3 * 8)
    assert "columns" not in listed
    said = api.post(f"/runs/{run['id']}/predict", json={"inputs": [[0, 0]]}).json()
    assert len(said["probabilities"][0]) == 2
    url = f"/runs/{run['id']}/one_step"
    walk = api.get(url, params={"example": 3}).json()
    assert (walk["input"]["names"], walk["classes"]) == (["width", "height"], ["a", "b"])
    x, target = (
        np.array(api.get(f"{url}/array", params={"stop": stop, "symbol": symbol, "example": "all"}).json()["values"])
        for stop, symbol in (("0.forward", "x"), ("loss", "target"))
    )
    wide = x.reshape(-1, 2)[:, 0]
    assert wide[target == 1].min() > wide[target == 0].max(), "b is what is wider than 6"
    sentence = next(stop["sentence"] for stop in walk["stops"] if stop["id"] == "loss")
    assert sentence.startswith(f"The right class is {walk['target']}, {'ab'[walk['target']]}, to which")


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"a,b\n1,2\n", b"\xff" * 99, b"\0" * 99, TABLE.encode() + b'"'])
def test_no_table_gives_words_and_keeps_nothing(api: httpx.Client, data: bytes) -> None:
    answer = bring(api, "table", data)
    if answer.status_code == 201:
        return
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == "file"
    assert api.get("/datasets").json() == []


def test_deleted_data_come_back_and_a_run_on_them_waits_for_that(start_server) -> None:
    with httpx.Client(base_url=f"{start_server().url}/api", timeout=30) as api:
        id = bring(api, "table", TABLE.encode()).json()["id"]
        run = create(api, task="table", data={"dataset": id}, steps=40)
        wait_for(api, run["id"], lambda r: r["status"] == "finished")
        assert api.delete(f"/datasets/{id}").status_code == 204
        assert api.get("/datasets").json() == []
        assert api.get(f"/datasets/{id}").status_code == 404
        refused = api.post("/runs", json={"task": "table", "data": {"dataset": id}})
        assert (refused.status_code, refused.json()["error"]["field"]) == (422, "data.dataset")
        assert "bring the file again" in refused.json()["error"]["message"]
        assert api.post(f"/datasets/{id}/restore").json()["id"] == id
        assert api.post("/datasets/0123456789ab/restore").status_code == 404
        assert api.get("/datasets/..%2f..").status_code == 404
        create(api, task="table", data={"dataset": id}, steps=40)


def test_a_run_whose_data_are_gone_says_so_and_goes_on_when_they_are_back(start_server) -> None:
    first = start_server()
    with httpx.Client(base_url=f"{first.url}/api", timeout=30) as api:
        id = bring(api, "table", TABLE.encode()).json()["id"]
        run = create(api, task="table", data={"dataset": id}, start=False)["id"]
        api.post(f"/runs/{run}/step")
        api.delete(f"/datasets/{id}")
    first.end()
    with httpx.Client(base_url=f"{start_server().url}/api", timeout=30) as api:
        refused = api.post(f"/runs/{run}/step")
        assert refused.status_code == 409
        assert "bring the file again" in refused.json()["error"]["message"]
        for path, status in (
            ("history/1?names=network", 409),
            ("history/examples", 409),
            ("export/replay.html", 409),
            ("fits?before=1", 422),
            ("export/weights.npz", 409),
            ("export/metrics.csv", 200),
            ("history", 200),
            ("", 200),
        ):
            told = api.get(f"/runs/{run}/{path}".rstrip("/"))
            assert told.status_code == status, path
            assert status == 200 or "bring the file again" in told.json()["error"]["message"]
        fork = api.post(f"/runs/{run}/fork", json={"step": 1})
        assert (fork.status_code, fork.json()["error"]["field"]) == (422, "data.dataset")
        api.post(f"/runs/{run}/resume")
        paused = wait_for(api, run, lambda r: r["status"] == "paused" and r["error"])
        assert "bring the file again" in paused["error"]
        bring(api, "table", TABLE.encode())
        assert api.post(f"/runs/{run}/step").json()["step"] == 2


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_mnists_own_digits_come_through_an_archive_unchanged(api: httpx.Client, pack, folder: Path) -> None:
    answer = bring(api, "images", pack({**digits(), "digits/1/notes.txt": b"x", "__MACOSX/digits/1/._3.png": b"y"}))
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert told["classes"] == ["1", "7"]
    assert told["notes"] == []
    with np.load(next(folder.rglob(f"{told['id']}/arrays.npz"))) as held:
        found = mnist.load("bundled")
        wanted = {found.images[k].tobytes() for k in range(200) if found.labels[k] in (1, 7)}
        assert {image.tobytes() for image in held["images"]} == wanted
    run = create(api, task="images", data={"dataset": told["id"]}, steps=60)
    assert wait_for(api, run["id"], lambda r: r["status"] == "finished")["best_accuracy"] > 0.8


def test_photographs_of_any_form_become_light_on_dark_squares(api: httpx.Client, folder: Path) -> None:
    paper = np.full((60, 120, 3), 250, np.uint8)
    paper[20:40, 50:70] = 10
    clear = np.zeros((90, 90, 4), np.uint8)
    clear[30:60, 30:60] = (0, 0, 0, 255)
    files = {f"a/{form}.{form}": png(paper, "RGB", form) for form in ("PNG", "JPEG", "BMP", "WEBP", "GIF")}
    files |= {f"b/{k}.png": png(clear, "RGBA") for k in range(3)} | {"b/broken.png": b"\x89PNG nothing"}
    told = bring(api, "images", zipped(files)).json()
    assert "broken.png" in told["notes"][0]
    assert "inverted" in told["notes"][1]
    with np.load(next(folder.rglob(f"{told['id']}/arrays.npz"))) as held:
        assert held["images"].shape == (8, 28, 28)
        assert (held["images"][:, 0].max() < 20) and (held["images"][:, 13, 14].min() > 200)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "no image was found"),
        ({"a/x.txt": b"words"}, "no image was found"),
        ({"a/x.png": b"words"}, "could not be read"),
        ({"x.png": png(np.zeros((5, 5), np.uint8))}, "lie in no folder"),
        ({f"cats/{k}.png": png(np.zeros((5, 5), np.uint8)) for k in range(9)}, "of one class, 'cats'"),
        ({f"{k}/x.png": png(np.zeros((5, 5), np.uint8)) for k in range(201)}, "at most 200 classes"),
        ({f"{k}/x.png": png(np.zeros((5, 5), np.uint8)) for k in range(2)}, "too few"),
    ],
)
def test_archives_that_teach_nothing_are_refused_in_words_that_help(api: httpx.Client, files: dict, words: str) -> None:
    answer = bring(api, "images", zipped(files))
    assert answer.status_code == 422
    assert words in answer.json()["error"]["message"]


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04" + b"x" * 99, b"GIF89a", b"\0" * 10240, b"x" * 600])
def test_what_is_no_archive_is_refused(api: httpx.Client, data: bytes) -> None:
    assert bring(api, "images", data).status_code == 422


def test_an_archive_that_would_burst_is_refused_unread(api: httpx.Client) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for k in range(74):
            archive.writestr(f"a/{k}.png", b"\0" * (7 << 20))
    answer = bring(api, "images", file.getvalue())
    assert answer.status_code == 422
    assert "unpack" in answer.json()["error"]["message"]


def test_as_many_as_are_allowed_are_kept(start_server) -> None:
    with httpx.Client(base_url=f"{start_server(NN_BASICS_MAX_DATASETS='2').url}/api", timeout=30) as api:
        for k in range(2):
            assert bring(api, "table", f"a,b\n{TABLE.replace('width', f'w{k}')}".encode()).status_code == 201
        answer = bring(api, "table", TABLE.encode())
        assert answer.status_code == 429
        assert "2 tables" in answer.json()["error"]["message"]


def test_a_disk_that_takes_nothing_is_said_and_the_server_goes_on(start_server, tmp_path) -> None:
    with httpx.Client(base_url=f"{start_server().url}/api", timeout=30) as api:
        (tmp_path / "runs" / "data").write_text("in the way")
        answer = bring(api, "table", TABLE.encode())
        assert answer.status_code == 507
        assert "make room" in answer.json()["error"]["message"]
        assert api.get("/datasets").json() == []
        (tmp_path / "runs" / "data").unlink()
        assert bring(api, "table", TABLE.encode()).status_code == 201


def test_the_same_file_from_many_at_once_is_kept_once(api: httpx.Client) -> None:
    with ThreadPoolExecutor(8) as many:
        answers = list(many.map(lambda _: bring(api, "table", TABLE.encode()).json()["id"], range(16)))
    assert len(set(answers)) == 1
    assert len(api.get("/datasets").json()) == 1


def test_the_same_data_are_saved_deleted_and_restored_by_many_threads(tmp_path: Path) -> None:
    datasets = Datasets(tmp_path)
    together = threading.Barrier(4)

    def save(k: int) -> str:
        together.wait()
        id = str(datasets.save({"k": k}, {"x": np.full(3, k)})["id"])
        with suppress(NotHereError):
            datasets.delete(id)
        with suppress(NotHereError):
            datasets.restore(id)
        return id

    with ThreadPoolExecutor(4) as many:
        for k in range(40):
            assert len(set(many.map(save, [k] * 4))) == 1
    datasets.empty_bin()
    assert len(list(datasets.folder.glob("[!.]*"))) == 40


def test_cells_as_large_as_a_book_and_numbers_beyond_all_bounds_do_no_harm(api: httpx.Client) -> None:
    rows = "".join(f"{k * 1.5},{'1e308' if k % 13 == 0 else k % 4},{'ab'[k % 2]}{'x' * 9000}\n" for k in range(40))
    told = bring(api, "table", f"{'n' * 9000},b,kind\n{rows}".encode()).json()
    assert max(len(c["name"]) for c in told["columns"]) <= 200
    assert told["columns"][1]["missing"] == 4
    assert len(told["columns"][2]["values"][0]) <= 200


@pytest.mark.parametrize(
    ("text", "status"), [("https://example.org/?a=1", 200), ("x" * 2300, 200), ("x" * 2900, 422), ("", 422)]
)
def test_a_code_says_what_it_is_told_unless_that_is_too_long(api: httpx.Client, text: str, status: int) -> None:
    answer = api.get("/qr", params={"text": text})
    assert answer.status_code == status
    if status == 200:
        code = segno.make(text, micro=False, error="m")
        size = code.symbol_size(border=4)[0]
        assert f'width="{size}"' in answer.text or f'viewBox="0 0 {size} {size}"' in answer.text


def test_too_long_a_file_is_refused_before_it_is_read(start_server) -> None:
    with httpx.Client(base_url=f"{start_server(NN_BASICS_MAX_UPLOAD='1000').url}/api", timeout=30) as api:
        assert bring(api, "table", b"x" * 1001).status_code == 413


def test_visitors_see_data_and_change_nothing(start_server) -> None:
    server: Server = start_server("--token", "t" * 20, "--view-only", "v" * 20)
    with httpx.Client(base_url=server.url.partition("?")[0].rstrip("/"), timeout=30) as client:
        client.cookies.set(f"nn-basics-token-{server.port}", "v" * 20)
        assert client.get("/api/datasets").status_code == 200
        assert bring(client, "table", TABLE.encode()).status_code in (403, 404)
        assert client.post("/api/datasets/table", content=TABLE.encode()).status_code == 403


DAMAGES = {
    "nothing said": ("about.json", lambda data: b"{}"),
    "no JSON": ("about.json", lambda data: data[:40]),
    "a list": ("about.json", lambda data: b"[1]"),
    "other columns": ("about.json", lambda data: data.replace(b'"kind": "word"', b'"sort": "word"')),
    "no id": ("about.json", lambda data: data.replace(b'"id":', b'"ie":')),
    "an id that is none": ("about.json", lambda data: re.sub(rb'"id": "\w+"', b'"id": [1]', data)),
    "another's id": ("about.json", lambda data: re.sub(rb'"id": "\w+"', b'"id": "0123456789ab"', data)),
    "no name": ("about.json", lambda data: data.replace(b'"name": "bad.csv"', b'"name": null')),
    "a column without a name": ("about.json", lambda data: data.replace(b'"name": "width"', b'"name": null')),
    "a count that is none": ("about.json", lambda data: re.sub(rb'"distinct": \d+', b'"distinct": []', data)),
    "no time": ("about.json", lambda data: re.sub(rb'"created": [\d.]+', b'"created": NaN', data)),
    "truncated": ("arrays.npz", lambda data: data[:-50]),
    "empty": ("arrays.npz", lambda data: b""),
    "other bytes": ("arrays.npz", lambda data: data[:60] + bytes(30) + data[90:]),
}


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_damaged_dataset_is_shown_as_bad_and_everything_else_works(api: httpx.Client, folder: Path, kind: str) -> None:
    name, damage = DAMAGES[kind]
    bad = bring(api, "table", TABLE.encode(), name="bad.csv").json()
    run = create(api, task="table", data={"dataset": bad["id"]}, start=False)["id"]
    path = folder / "runs" / "data" / bad["id"] / name
    path.write_bytes(damage(path.read_bytes()))
    good = bring(api, "table", b"a,b\n" + b"1,2\n3,4\n5,6\n7,9\n" * 3, name="good.csv")
    assert good.status_code == 201, good.text
    listed = {one["id"]: one for one in api.get("/datasets").json()}
    assert set(listed) == {bad["id"], good.json()["id"]}
    refused = api.post("/runs", json={"task": "table", "data": {"dataset": bad["id"]}})
    assert (refused.status_code, refused.json()["error"]["field"]) == (422, "data.dataset")
    assert "damaged" in refused.json()["error"]["message"]
    if kind != "other bytes":  # only who reads all of it sees that
        assert "damaged" in listed[bad["id"]]["error"]
        asked = api.get(f"/datasets/{bad['id']}")
        assert (asked.status_code, "damaged" in asked.text) == (404, True)
    assert api.get(f"/runs/{run}").json()["status"] == "paused"
    again = bring(api, "table", TABLE.encode(), name="again.csv")
    assert again.json()["id"] == bad["id"]
    assert not [one for one in api.get("/datasets").json() if one.get("error")]
    made = create(api, task="table", data={"dataset": bad["id"]}, steps=3)
    wait_for(api, made["id"], lambda r: r["status"] == "finished")
    path.write_bytes(b"{}")
    assert api.delete(f"/datasets/{bad['id']}").status_code == 204
    assert [one["id"] for one in api.get("/datasets").json()] == [good.json()["id"]]


def test_what_was_not_finished_is_dropped_at_the_start(start_server, tmp_path) -> None:
    half = tmp_path / "runs" / "data" / ".0123456789ab.77.5"
    half.mkdir(parents=True)
    (half / "arrays.npz").write_bytes(b"half")
    httpx.get(f"{start_server().url}/api/datasets").raise_for_status()  # the page is there before the data are looked through
    assert not half.exists()
