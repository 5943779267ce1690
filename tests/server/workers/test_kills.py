"""Workers and servers that are killed: what was acknowledged stays, the rest is done again, and the rows are the same bits."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from server.runs.registry import Registry
from server.runs.run import Run
from server.runs.workers.lanes import Lane, new_process
from tests.conftest import Server
from tests.server.api import rows_of, wait_for
from tests.server.workers.conftest import kept, sweep, trained, wait

SPIRAL = {"task": "spiral", "steps": 1_000_000, "data": {"points": 60}}
KILLS, MORE = 2, 300


def worker_of(registry: Registry) -> int:
    """Give the process that trains now."""
    (lane,) = registry._lanes._lanes
    return next(iter(lane._executor._processes))


def children(pid: int) -> set[int]:
    """Give the processes that a process has started, and theirs."""
    found, new = set(), {pid}
    while new:
        parents = {int(path.name): path for path in Path("/proc").iterdir() if path.name.isdecimal()}
        new = {child for child, path in parents.items() if parent_of(path) in new} - found
        found |= new
    return found


def parent_of(process: Path) -> int:
    try:
        state, parent = (process / "stat").read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return 0
    return 0 if state == "Z" else int(parent)


def end_soon(run: Run) -> int:
    """Let a run end some steps later, and say at which one."""

    def change() -> int:
        run.tune({"steps": run.step + MORE})
        return run.step + MORE

    return run.ask(change).result(30)


def test_a_run_whose_worker_is_killed_has_the_rows_of_one_that_was_left_alone(registry: Registry, tmp_path: Path) -> None:
    (run,) = sweep(registry, SPIRAL)
    said = set()
    for _ in range(KILLS):
        step = run.step
        wait(lambda step=step: run.step > step + 20 and run.where)
        os.kill(worker_of(registry), signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
        wait(lambda: run.error and run.error not in said)
        said.add(run.error)
    assert all("its worker was lost at step" in words for words in said)
    steps = end_soon(run)
    found = kept(run)
    (oracle,) = trained(tmp_path / "alone", 0, {**SPIRAL, "steps": steps})
    assert (found.status, found.step) == ("finished", steps)
    assert found.rows == oracle.rows
    assert found.checkpoints[steps] == oracle.checkpoints[steps]


def test_a_run_that_waits_when_its_worker_was_lost_is_made_up_to_its_step(registry: Registry, tmp_path: Path) -> None:
    (run,) = sweep(registry, SPIRAL)
    wait(lambda: run.step > 20 and run.where)

    def lose_and_pause() -> int:
        registry._lanes._lanes[0].end()  # while it has nothing to do: what it had is gone
        run.pause()
        return run.step

    step = run.ask(lose_and_pause).result(30)
    assert run.step == step == run.ask(lambda: run.trained().step).result(30)
    run.ask(run.resume).result(30)
    steps = end_soon(run)
    (oracle,) = trained(tmp_path / "alone", 0, {**SPIRAL, "steps": steps})
    assert kept(run).rows == oracle.rows


@pytest.mark.skipif(os.name != "posix", reason="it lets a process hang")
def test_a_run_whose_worker_hangs_pauses_all_the_same_says_so_and_goes_on_with_another(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("server.runs.workers.lanes.HANGS", 0.1)
    monkeypatch.setattr("server.runs.workers.lanes.SLOWER", 0.0)
    monkeypatch.setattr("server.runs.workers.lanes.LOOK_EVERY", 0.05)
    (run,) = sweep(registry, SPIRAL)
    for _ in range(3):  # as often as would fail a run whose worker dies of it
        step = run.step
        wait(lambda step=step: run.step > step and run.where and run.status == "running")
        os.kill(hung := worker_of(registry), signal.SIGSTOP)
        at = run.step
        run.ask(run.pause).result(30)
        assert run.status == "paused"
        wait(lambda hung=hung: not alive(hung))
        assert f"its worker was lost at step {run.step:,}, for it did not answer for" in run.error
        assert run.step >= at
        run.ask(run.resume).result(30)
    wait(lambda: run.step > step and run.where)
    steps = end_soon(run)
    (oracle,) = trained(tmp_path / "alone", 0, {**SPIRAL, "steps": steps})
    found = kept(run)
    assert (found.status, found.step) == ("finished", steps)
    assert found.rows == oracle.rows


@pytest.mark.skipif(os.name != "posix", reason="it lets a process hang")
def test_a_worker_that_hangs_with_a_deleted_run_is_ended_and_nobody_waits_for_it(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.runs.workers.lanes.SILENT_SECONDS", 0.3)
    (run,) = sweep(registry, SPIRAL)
    wait(lambda: run.step > 20 and run.where)
    os.kill(hung := worker_of(registry), signal.SIGSTOP)
    wait(lambda: registry._lanes._lanes[0].is_silent)
    registry.tidy()
    assert worker_of(registry) == hung, "nobody has given the run up"
    registry.delete(run)

    def is_free() -> bool:
        registry.tidy()
        return registry.workers()[0]["run"] is None

    wait(is_free)
    registry.restore(run.id).ask(lambda: None).result(30)
    assert (run.status, run.deleted) == ("paused", None)
    assert run.ask(lambda: run.trained().step).result(30) == run.step


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it looks for processes in /proc")
def test_a_server_that_is_killed_leaves_no_worker_and_its_runs_go_on(
    start_server: Callable[..., Server], tmp_path: Path, client: Callable[[str], httpx.Client]
) -> None:
    server = start_server("--workers", "2")
    api = client(server.url)
    reply = api.post("/groups", json={"kind": "sweep", "base": SPIRAL, "axes": [{"path": "seed", "values": [1, 2]}]})
    runs = [run["id"] for run in reply.json()["runs"]]
    for id in runs:
        wait_for(api, id, lambda run: run["step"] > 5 and run["where"] != "here")
        wait(lambda id=id: len(rows_of(api, id)) > 5)
    assert {worker["run"] for worker in api.get("/health").json()["workers"]} == set(runs)
    before, processes = {id: rows_of(api, id) for id in runs}, children(server.process.pid)
    assert len(processes) >= 3
    server.kill()
    wait(lambda: not any(alive(process) for process in processes), 20)

    again = start_server("--workers", "2")
    api = client(again.url)
    assert [api.get(f"/runs/{id}").json()["status"] for id in runs] == ["interrupted", "interrupted"]
    for id in runs:
        steps = max(rows_of(api, id)) + MORE
        assert api.patch(f"/runs/{id}", json={"steps": steps}).is_success
        assert api.post(f"/runs/{id}/resume").is_success
    for id in runs:
        wait_for(api, id, lambda run: run["status"] == "finished")
    wait(lambda: all(len(rows_of(api, id)) == api.get(f"/runs/{id}").json()["rows"] for id in runs))
    after = [rows_of(api, id) for id in runs]
    assert all(before[id].items() <= rows.items() for id, rows in zip(runs, after, strict=True))
    wanted = [{**SPIRAL, "seed": seed, "steps": max(rows)} for seed, rows in zip((1, 2), after, strict=True)]
    oracle = trained(tmp_path / "alone", 0, *wanted)
    assert [[tuple(row) for row in rows.values()] for rows in after] == [one.rows for one in oracle]

    processes = children(again.process.pid)
    table = "\n".join(["height,weight,kind", *(f"{i % 17},{i % 5},{'ab'[i % 2]}" for i in range(80))])
    headers = {"content-type": "application/octet-stream"}
    dataset = api.post("/datasets/table?name=own&target=kind", content=table, headers=headers).json()["id"]
    base = {"task": "table", "steps": 1_000_000, "data": {"dataset": dataset}}  # which workers read from the server's folder
    axes = [{"path": "seed", "values": [3, 4]}]
    reply = api.post("/groups", json={"kind": "sweep", "base": base, "axes": axes})
    for run in reply.json()["runs"]:
        wait_for(api, run["id"], lambda run: run["step"] > 5)
    for process in processes:  # a terminal's Ctrl-C comes to all of them, and to the server
        os.kill(process, signal.SIGINT)
    assert "Traceback" not in again.end(signal.SIGINT)
    wait(lambda: not any(alive(process) for process in processes), 20)


@pytest.mark.skipif(os.name != "posix", reason="elsewhere no signal can be held back")
def test_a_worker_that_starts_hears_nothing_of_ctrl_c() -> None:
    lane = Lane("worker 1", new_process)
    try:
        held_back = lane.call(signal.pthread_sigmask, signal.SIG_BLOCK, ())
    finally:
        lane.end(for_good=True)
    assert signal.SIGINT in held_back
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def alive(process: int) -> bool:
    return parent_of(Path(f"/proc/{process}")) != 0
