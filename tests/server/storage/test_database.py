"""Nothing is lost: the store, its schema, the lock, checkpoints, and what happens when a disk says no."""

import json
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from safetensors.numpy import load_file

from server.messages import MEASURED, Row
from server.runs.progress import Progress
from server.storage.checkpoints import BYTES, LATE, SNAPSHOTS, WAITING_BYTES, Checkpoints, room_for, spacing
from server.storage.database import BUCKETS, EXACT, FILE, MIGRATIONS, Database, Record, thin
from server.storage.home import Home, HomeError
from server.storage.metrics_log import MetricsLog
from tests.conftest import Server
from tests.server.api import create, wait_for


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    opened = Database(tmp_path)
    yield opened
    opened.close()


def record(id: str = "a", **changes: Any) -> Record:
    return Record(id, 1.5, {"task": "spiral"}, **changes)


def a_row(step: int, loss: float | None, time: float) -> Row:
    """A row of which only the loss was measured."""
    return (step, *(loss if name == "loss" else None for name in MEASURED), time)


def fill(store: Database, losses: list[float | None], run: str = "a") -> MetricsLog:
    done = threading.Event()
    log = MetricsLog(store, run, lambda: done.set() if log.stored == log.next else None)
    for step, loss in enumerate(losses):
        log.append(a_row(step, loss, step / 10))
    assert done.wait(30)
    return log


def test_who_waits_for_a_change_of_state_finds_the_rows_before_it(store: Database) -> None:
    told: list[int] = []
    store.listen("a", lambda number: time.sleep(0.1) or told.append(number))
    store.add("a", 0, a_row(0, 1.0, 0.0))
    store.save(record(status="finished")).result(30)
    assert told == [1]


def test_what_was_saved_is_there_after_closing(tmp_path: Path) -> None:
    first = Database(tmp_path)
    wanted = record(name="näme", note="<b>", speed=3.5, status="paused", error="x", step=7, facts={"layers": [1, 2]})
    first.save(wanted).result(30)
    fill(first, [3.0, None, 1e300])
    first.close()
    again = Database(tmp_path)
    assert [again.record(head.id) for head in again.heads()] == [wanted]
    assert [row for _, row in again.rows("a", 0, 10)] == [
        a_row(0, 3.0, 0.0),
        a_row(1, None, 0.1),
        a_row(2, 1e300, 0.2),
    ]
    again.forget("a").result(30)
    assert again.heads() == again.rows("a", 0, 10) == []
    again.close()


def test_a_newer_schema_is_refused_with_a_sentence_and_left_as_it_is(tmp_path: Path) -> None:
    Database(tmp_path).close()
    file = sqlite3.connect(tmp_path / FILE)
    file.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    file.close()
    before = (tmp_path / FILE).read_bytes()
    with pytest.raises(HomeError, match="newer version of this program"):
        Database(tmp_path)
    assert (tmp_path / FILE).read_bytes() == before


def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"a shopping list " * 100)
    with pytest.raises(HomeError, match="cannot be used"):
        Database(tmp_path)
    assert (tmp_path / FILE).read_bytes() == b"a shopping list " * 100


def test_rows_are_shown_only_when_they_are_on_the_disk(tmp_path: Path) -> None:
    store = Database(tmp_path)
    blocker = sqlite3.connect(tmp_path / FILE, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    log = MetricsLog(store, "a", lambda: None)
    log.append(a_row(0, 1.0, 0.0))
    assert log.rows(0, 10) == ([], 0)
    blocker.execute("ROLLBACK")
    store.save(record()).result(20)
    assert log.rows(0, 10)[1] == 1
    blocker.close()
    store.close()


class Emptied(deque[Any]):
    """Something that is emptied in another thread right after one has looked how long it is."""

    empty: Callable[[], None]

    def __len__(self) -> int:
        length = super().__len__()
        self.empty()
        return length


def test_who_reads_the_newest_rows_or_the_speed_while_the_run_drops_them_reads_what_was_there(store: Database) -> None:
    log = fill(store, [1.0, 2.0, 3.0])
    log._newest = Emptied(log._newest)
    log._newest.empty = lambda: log.cut_after(0)
    assert log.is_at_hand(0)
    assert (log.next, log.last) == (1, a_row(0, 1.0, 0.0))
    progress = Progress(log, 0, 0.0, None)
    progress._recent = Emptied([(0.0, 0), (2.0, 10)])
    progress._recent.empty = progress.forget_speed
    assert progress.steps_per_second() == 5
    assert progress.steps_per_second() is None


def test_a_long_log_keeps_its_extremes_its_first_and_its_newest_rows(store: Database, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    losses = list(rng.normal(size=23_456))
    losses[7777], losses[12_345], losses[5] = 99.0, -99.0, None
    log = fill(store, losses)
    file = sqlite3.connect(tmp_path / FILE, isolation_level=None)
    for before in range(1000, len(losses) - EXACT, 1000):  # as the writer does, again and again
        thin(file, "a", before)
    file.close()
    kept, since = [], 0
    while since < log.stored:
        rows, since = log.rows(since, 5000)
        kept += rows
    steps = [row[0] for row in kept]
    assert steps == sorted(set(steps))
    assert steps[0] == 0
    assert steps[-EXACT:] == list(range(len(losses) - EXACT, len(losses)))
    assert len(kept) < EXACT + 2 * 2 * BUCKETS + 1000
    assert {99.0, -99.0} <= {row[1] for row in kept}
    old = np.array([loss for loss in losses[:16_384] if loss is not None])
    shown = np.array([row[1] for row in kept if row[0] < 16_384 and row[1] is not None])
    assert (old.min(), old.max()) == (shown.min(), shown.max())
    for start in range(0, 16_384, 1024):  # in every bucket the true extremes are left
        part = [loss for loss in losses[start : start + 1024] if loss is not None]
        left = [row[1] for row in kept if start <= row[0] < start + 1024 and row[1] is not None]
        assert (min(part), max(part)) == (min(left), max(left))


def test_the_extremes_of_every_column_are_left(store: Database, tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    rows = rng.normal(size=(20_000, len(MEASURED)))
    done = threading.Event()
    log = MetricsLog(store, "a", lambda: done.set() if log.stored == log.next else None)
    for step, row in enumerate(rows.tolist()):
        log.append((step, *row, step / 10))
    assert done.wait(20)
    file = sqlite3.connect(tmp_path / FILE, isolation_level=None)
    thin(file, "a", 16_000)
    file.close()
    left = np.array([row[1:-1] for row in log])
    assert len(left) < 0.8 * len(rows), "two of each column in a bucket of 16, and the newest rows"
    assert (left.min(axis=0) == rows.min(axis=0)).all()
    assert (left.max(axis=0) == rows.max(axis=0)).all()


def test_rows_of_later_steps_can_be_cut(store: Database) -> None:
    log = fill(store, [5.0, 4.0, 3.0, 2.0])
    log.cut_after(1)
    assert (log.next, log.stored, log.last[0]) == (2, 2, 1)
    assert [row[0] for row in log.rows(0, 10)[0]] == [0, 1]


def test_a_second_server_is_refused_with_the_address_of_the_first(start_server: Callable[..., Server], tmp_path: Path) -> None:
    first = start_server()
    with pytest.raises(RuntimeError, match=re.escape(f"open {first.url}/")):
        start_server()
    first.kill()
    start_server()


def test_a_folder_that_cannot_be_used_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HomeError, match="choose another folder with NN_BASICS_HOME"):
        Home(tmp_path / "file" / "runs")


def test_a_history_is_thinned_evenly_and_first_newest_and_changes_stay(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    step, snapshots = 0, []
    while step < 20_000:
        checkpoints.write(step, str(step).encode(), durable=step % 1000 == 0, keep={777, 778})
        snapshots.append(step)
        following = step + spacing(step, 10)
        step = next((kept for kept in (777, 778) if step < kept < following), following)
    steps = checkpoints.steps()
    assert (steps[0], steps[-1]) == (0, snapshots[-1])
    assert {777, 778} <= set(steps)
    assert SNAPSHOTS / 2 <= len(steps) <= SNAPSHOTS + 2
    gaps = sorted(b - a for a, b in pairwise(steps))
    assert gaps[-1] <= 4 * 64
    assert checkpoints.read(steps[-1]) == str(steps[-1]).encode()
    assert not (tmp_path / "unfinished").exists()
    checkpoints.flush()
    assert Checkpoints(tmp_path).steps() == steps


def test_a_snapshot_can_be_read_before_it_is_on_the_disk_and_is_there_after_a_flush(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    checkpoints = Checkpoints(folder)
    checkpoints.write(0, b"first", durable=False)
    assert (checkpoints.steps(), checkpoints.read(0), list(folder.glob("*"))) == ([0], b"first", [])
    version = checkpoints.version(0)
    checkpoints.write(5, b"kept", durable=True)
    assert [path.name for path in folder.iterdir()] == [checkpoints.path(5).name]
    checkpoints.flush()
    assert Checkpoints(folder).steps() == [0, 5]
    assert (checkpoints.read(0), checkpoints.version(0)) == (b"first", version)
    checkpoints.write(0, b"anew", durable=False)
    assert (checkpoints.read(0), checkpoints.version(0) != version) == (b"anew", True)
    checkpoints.cut(0)
    checkpoints.write(9, b"dropped", durable=False)
    checkpoints.cut(9)
    checkpoints.flush()
    assert Checkpoints(folder).steps() == [0]


def test_snapshots_that_the_disk_does_not_take_go_on_waiting(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    checkpoints = Checkpoints(folder)
    folder.write_bytes(b"no folder")
    checkpoints.write(3, b"third", durable=False)
    with pytest.raises(OSError, match="File exists"):
        checkpoints.flush()
    assert checkpoints.read(3) == b"third"
    folder.unlink()
    checkpoints.flush()
    assert checkpoints.path(3).read_bytes() == b"third"


def test_snapshots_that_waited_long_go_to_the_disk_a_few_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoints = Checkpoints(tmp_path)
    for step in range(40):
        checkpoints.write(step, str(step).encode(), durable=False)
    assert not list(tmp_path.iterdir())
    monkeypatch.setattr("server.storage.checkpoints.WAITING_SECONDS", -1.0)
    left = [len(list(tmp_path.iterdir()))]
    for step in range(40, 120):
        checkpoints.write(step, str(step).encode(), durable=False)
        left.append(len(list(tmp_path.iterdir())))
    assert {after - before for before, after in pairwise(left)} <= {1, 2, 3, 4, 5, 6}
    assert 120 - LATE <= left[-1] < 120
    assert [checkpoints.read(step) for step in range(120)] == [str(step).encode() for step in range(120)]


def test_snapshots_that_hold_too_much_go_to_the_disk_oldest_first(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    for step in range(10):
        checkpoints.write(step, bytes(WAITING_BYTES // 4), durable=False)
    assert sorted(int(path.stem) for path in tmp_path.iterdir()) == list(range(6))
    checkpoints.cut(8)
    checkpoints.write(8, bytes(WAITING_BYTES // 4), durable=False)
    assert len(list(tmp_path.iterdir())) == 6  # room for what was dropped


def test_large_snapshots_wait_for_nothing(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    checkpoints.write(7, bytes(WAITING_BYTES + 1), durable=False)
    assert checkpoints.path(7).stat().st_size == WAITING_BYTES + 1


def test_a_history_of_a_large_network_has_fewer_snapshots() -> None:
    assert room_for(1) == SNAPSHOTS
    assert room_for(BYTES // 50) == 50
    assert room_for(BYTES) == 10


def restart(server: Server, start: Callable[..., Server], how: Callable[[Server], object]) -> Server:
    how(server)
    return start(port=server.port)


def terminate(server: Server) -> str:
    return server.end(signal.SIGTERM)


@pytest.mark.parametrize("how", [Server.end, terminate, Server.kill])
def test_after_a_restart_everything_is_there_and_training_goes_on(
    how: Callable[[Server], object], start_server: Callable[..., Server], client: Callable[..., httpx.Client]
) -> None:
    server = start_server()
    api = client(server.url)
    done = create(api, steps=60, name="done", note="a note")["id"]
    wait_for(api, done, lambda r: r["status"] == "finished")
    resting = create(api, start=False, steps=500)["id"]
    api.post(f"/runs/{resting}/step")
    training = create(api, steps=10_000_000, evaluate_every=5)["id"]
    wait_for(api, training, lambda r: r["step"] > 200)
    shown = {id: api.get(f"/runs/{id}/metrics").json()["columns"] for id in (done, resting, training)}
    restart(server, start_server, how)
    runs = {run["id"]: run for run in api.get("/runs").json()}
    assert [runs[id]["status"] for id in (done, resting, training)] == ["finished", "paused", "interrupted"]
    assert (runs[done]["name"], runs[done]["note"], runs[done]["step"]) == ("done", "a note", 60)
    for id, columns in shown.items():
        again = api.get(f"/runs/{id}/metrics").json()["columns"]
        assert {name: values[: len(columns["step"])] for name, values in again.items()} == columns
    assert api.post(f"/runs/{training}/resume").json()["status"] == "running"
    wait_for(api, training, lambda r: r["step"] > shown[training]["step"][-1] + 100)
    api.post(f"/runs/{training}/stop")
    rows = api.get(f"/runs/{training}/metrics").json()["columns"]["step"]
    assert rows == sorted(set(rows))


def test_an_interrupted_run_ends_as_if_it_had_not_been(
    start_server: Callable[..., Server], tmp_path: Path, client: Callable[..., httpx.Client]
) -> None:
    server = start_server()
    api = client(server.url)
    wanted = {
        "steps": 900,
        "evaluate_every": 10,
        "network": [
            {"layer": "Dense", "units": 20},
            {"layer": "BatchNorm"},
            {"layer": "ReLU"},
            {"layer": "Dropout"},
            {"layer": "Dense"},
        ],
    }
    whole = create(api, **wanted)["id"]
    wait_for(api, whole, lambda r: r["status"] == "finished")
    broken = create(api, **wanted, speed=300)["id"]  # so slow that it is not at its end when the server is killed
    wait_for(api, broken, lambda r: r["step"] > 200)
    restart(server, start_server, Server.kill)
    assert api.get(f"/runs/{broken}").json()["status"] == "interrupted"
    assert api.patch(f"/runs/{broken}", json={"speed": None}).status_code == 200
    api.post(f"/runs/{broken}/resume")
    wait_for(api, broken, lambda r: r["status"] == "finished")
    rows = [api.get(f"/runs/{id}/metrics").json()["columns"] for id in (whole, broken)]
    assert rows[0]["step"] == rows[1]["step"]
    assert {k: v for k, v in rows[0].items() if k != "time"} == {k: v for k, v in rows[1].items() if k != "time"}
    weights = [api.get(f"/runs/{id}/export/weights.npz").content for id in (whole, broken)]
    assert weights[0] == weights[1]


def test_a_finished_run_is_trained_further_with_more_steps(api: httpx.Client) -> None:
    wanted = {"evaluate_every": 10}
    long, short = create(api, steps=90, **wanted)["id"], create(api, steps=40, **wanted)["id"]
    for id in (long, short):
        wait_for(api, id, lambda r: r["status"] == "finished")
    refused = api.patch(f"/runs/{short}", json={"steps": 30})
    assert (refused.status_code, refused.json()["error"]["field"]) == (422, "steps")
    assert api.patch(f"/runs/{short}", json={"steps": 90}).json()["status"] == "paused"
    api.post(f"/runs/{short}/resume")
    wait_for(api, short, lambda r: r["status"] == "finished")
    assert api.get(f"/runs/{long}/export/weights.npz").content == api.get(f"/runs/{short}/export/weights.npz").content


def test_a_deleted_run_can_be_brought_back_for_a_while(api: httpx.Client, start_server: Callable[..., Server]) -> None:
    id = create(api, steps=10_000_000, name="mine")["id"]
    wait_for(api, id, lambda r: r["step"] > 10)
    assert api.delete(f"/runs/{id}").status_code == 204
    assert api.get(f"/runs/{id}").status_code == 404
    back = api.post(f"/runs/{id}/restore").json()
    assert (back["name"], back["status"]) == ("mine", "paused")
    assert api.post(f"/runs/{id}/resume").json()["status"] == "running"
    assert api.post(f"/runs/{id}/restore").status_code == 404


def test_a_checkpoint_that_the_disk_has_spoiled_costs_only_the_steps_since_the_one_before(
    start_server: Callable[..., Server], tmp_path: Path, client: Callable[..., httpx.Client]
) -> None:
    server = start_server()
    api = client(server.url)
    id = create(api, steps=300)["id"]
    wait_for(api, id, lambda r: r["status"] == "finished")
    folder = tmp_path / "runs" / "checkpoints" / id
    assert set(load_file(folder / "0000000300.safetensors")) >= {"theta", "gradient"}
    server.end()
    (folder / "0000000300.safetensors").write_bytes(b"\0" * 1000)
    start_server(port=server.port)
    answer = api.post(f"/runs/{id}/predict", json={"inputs": [[0, 0]]})
    before = sorted(folder.glob("*.safetensors"))[-2]
    assert (answer.status_code, answer.json()["step"]) == (200, int(before.stem))


FULL = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from server.__main__ import main
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)), resource.RLIM_INFINITY))
sys.exit(main())
"""


def test_on_a_full_disk_a_run_pauses_and_says_so_and_nothing_stored_is_harmed(
    tmp_path: Path, client: Callable[..., httpx.Client]
) -> None:
    """No file may grow beyond 300 kB: that is how a full disk looks to those who write."""
    resource = pytest.importorskip("resource")  # not on Windows
    home = tmp_path / "runs"
    process = subprocess.Popen(
        [sys.executable, "-c", FULL, "300000", "--no-open", "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        env={"NN_BASICS_HOME": str(home), "PATH": "", "PYTHONPATH": str(Path.cwd())},
    )
    try:
        url = re.search(r"http://\S+", process.stdout.readline()).group()
        api = client(url.rstrip("/"))
        id = create(api, steps=10_000_000, evaluate_every=1, network=[{"layer": "Dense", "units": 2}, {"layer": "Dense"}])["id"]
        paused = wait_for(api, id, lambda r: r["status"] == "paused", seconds=60)
        assert "disk" in paused["error"]
        assert "make room and resume" in paused["error"]
        shown = api.get(f"/runs/{id}/metrics").json()["columns"]
        assert api.get("/health").status_code == 200
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        wait_for(
            api, id, lambda r: api.post(f"/runs/{id}/resume").status_code in (200, 409) and r["step"] > paused["step"] + 50
        )
        again = api.get(f"/runs/{id}/metrics").json()["columns"]  # thinned meanwhile, but nothing else changed
        before = set(zip(*shown.values(), strict=True))
        assert before >= {row for row in zip(*again.values(), strict=True) if row[0] <= shown["step"][-1]}
        assert min(shown["loss"]) in again["loss"]
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    file = sqlite3.connect(home / FILE)
    assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert json.loads(file.execute("SELECT configuration FROM runs").fetchone()[0])["task"] == "spiral"


def test_where_a_folder_takes_nothing_any_more_a_run_pauses_and_says_so(
    tmp_path: Path, start_server: Callable[..., Server], client: Callable[..., httpx.Client]
) -> None:
    """The folder of all checkpoints is a file now: that is a folder one cannot write to, for the administrator too."""
    api = client(start_server().url)
    id = create(api, steps=10_000_000)["id"]
    folder = tmp_path / "runs" / "checkpoints"
    wait_for(api, id, lambda r: r["step"] > 100 and (folder / id).exists())
    aside = folder.rename(folder.with_name("aside"))
    folder.write_text("")
    paused = wait_for(api, id, lambda r: r["status"] == "paused", seconds=30)
    assert "the disk does not take the checkpoint" in paused["error"]
    assert api.get("/health").status_code == 200
    assert api.get(f"/runs/{id}/metrics").json()["columns"]["step"]
    folder.unlink()
    aside.rename(folder)
    assert api.post(f"/runs/{id}/resume").status_code == 200
    wait_for(api, id, lambda r: r["step"] > paused["step"] + 100)
