"""What thousands of kept runs cost:  python -m tests.benchmarks.runs.many_runs [10000]

A server trains a few runs of several tasks; their records, rows, findings and some of their checkpoints are then copied in the
home until there are so many, with other ids, times and learning rates, a quarter of them in sweeps. Printed: how long the next
server takes to start and to end, its memory, what each call of the list takes, and how long others wait meanwhile.
"""

import itertools
import json
import os
import random
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from server.storage.database import FILE
from tests.conftest import Server
from tests.server.api import create, wait_for

TASKS = ("spiral", "xor", "sine", "circles", "blobs", "moons")
SNAPSHOTS = 12
"""Checkpoints of each copy, evenly of those that the run had."""
COLUMNS = "name,title,words,status,step,seconds,created,result,goal,finding,finding_kind,tags,optimizer,learning_rate"
CALLS = {
    "first 200 rows, 14 columns": {"columns": COLUMNS, "limit": 200, "order": "-created"},
    "filtered": {"columns": COLUMNS, "limit": 200, "filter": "optimizer = Adam and test_accuracy > 0.95 and not has tags"},
    "sorted by result": {"columns": COLUMNS, "limit": 200, "order": "-result,learning_rate"},
    "a page in the middle": {"columns": COLUMNS, "limit": 200, "offset": 5_000},
    "all rows, 3 columns": {"columns": "name,result,step", "limit": 10_000},
    "unless nothing is new": {"columns": "id", "limit": 0},
}


def fill(home: Path, number: int) -> None:
    """Make a home with so many runs."""
    server = Server(home)
    with httpx.Client(base_url=f"{server.url}/api", timeout=60) as api:
        for task, (k, optimizer) in itertools.product(TASKS, enumerate(("Adam", "SGD"))):
            id = create(api, task=task, steps=200 + 100 * k, optimizer={"name": optimizer, "learning_rate": 0.01})["id"]
            wait_for(api, id, lambda run: run["status"] == "finished")
    server.end()
    rng, file = random.Random(7), sqlite3.connect(home / "runs" / FILE)
    known = [name for _, name, *_ in file.execute("PRAGMA table_info(runs)")]
    records = [dict(zip(known, values, strict=True)) for values in file.execute("SELECT * FROM runs")]
    names = {t: [n for _, n, *_ in file.execute(f"PRAGMA table_info({t})") if n != "run"] for t in ("rows", "findings")}
    group = ""
    for k in range(number - len(records)):
        model = records[k % len(records)]
        id = f"{rng.getrandbits(48):012x}"
        configuration, facts = json.loads(model["configuration"]), json.loads(model["facts"])
        configuration["optimizer"]["learning_rate"] = rate = round(10 ** rng.uniform(-4, 0), 6)
        configuration["seed"] = rng.randrange(1000)
        if k % 100 < 25:
            group = group if k % 100 else f"{rng.getrandbits(48):012x}"
            facts["group"] = {
                "id": group,
                "kind": "sweep",
                "paths": ["optimizer.learning_rate"],
                "place": k % 100,
                "at": [rate],
            }
        copy = {**model, "id": id, "created": model["created"] - 60.0 * (number - k), "name": f"run {k}" if k % 3 else ""}
        copy |= {"configuration": json.dumps(configuration), "facts": json.dumps(facts)}
        file.execute(f"INSERT INTO runs ({', '.join(copy)}) VALUES ({', '.join('?' * len(copy))})", list(copy.values()))
        for table, columns in names.items():
            said = ", ".join(f'"{name}"' for name in columns)
            file.execute(f"INSERT INTO {table} (run, {said}) SELECT ?, {said} FROM {table} WHERE run = ?", (id, model["id"]))
        folder = home / "runs" / "checkpoints" / id
        folder.mkdir()
        there = sorted((home / "runs" / "checkpoints" / model["id"]).iterdir())
        for path in {there[round(i * (len(there) - 1) / (SNAPSHOTS - 1))] for i in range(SNAPSHOTS)}:
            os.link(path, folder / path.name)
    file.commit()
    file.close()


def memory(process: int) -> float:
    """Give the megabytes that a process has in memory."""
    [line] = [line for line in Path(f"/proc/{process}/status").read_text().splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) / 1024


def timed(call: Callable[[], Any]) -> tuple[float, Any]:
    """Do something, and say how many milliseconds it took."""
    before = time.perf_counter()
    found = call()
    return 1000 * (time.perf_counter() - before), found


def waits(server: Server, call: Callable[[], Any]) -> tuple[float, Any, float]:
    """Do something, and say too how long somebody who asks for something small had to wait at the most meanwhile."""
    longest, done = [0.0], threading.Event()

    def ask() -> None:
        with httpx.Client(base_url=f"{server.url}/api") as other:
            while not done.is_set():
                longest.append(timed(lambda: other.get("/catalog/source", params={"kind": "layers", "name": "ReLU"}))[0])

    asking = threading.Thread(target=ask)
    asking.start()
    time.sleep(0.2)
    longest.clear()
    took, found = timed(call)
    time.sleep(0.05)
    done.set()
    asking.join()
    return took, found, max(longest)


def main(number: int) -> None:
    """Measure, and print."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        print(f"{number:,} runs, made in {timed(lambda: fill(home, number))[0] / 1000:.0f} s")
        empty = Path(folder) / "empty"
        empty.mkdir()
        for where in (empty, home):
            before = time.perf_counter()
            server = Server(where, NN_BASICS_MAX_RUNS="100000")
            address = time.perf_counter() - before
            with httpx.Client(base_url=f"{server.url}/api", timeout=120) as api:
                health = api.get("/health").json()
                answers = time.perf_counter() - before
                kept = sum(health["runs"].values())
                print(f"start with {kept:,} runs: address {address:.2f} s, first answer {answers:.2f} s, ", end="")
                print(f"{memory(server.process.pid):.0f} MB; ", end="")
                if where is home:
                    measure(server, api)
            took, _ = timed(server.end)
            print(f"end {took / 1000:.2f} s")


def measure(server: Server, api: httpx.Client) -> None:
    """Measure the calls of one server."""
    first, _ = timed(lambda: api.get("/runs", params=CALLS["first 200 rows, 14 columns"]).raise_for_status())
    print(f"first list {first:.0f} ms, {memory(server.process.pid):.0f} MB after it")
    for name, query in CALLS.items():
        if name.startswith("unless"):
            query = {**query, "unless": api.get("/runs", params={"columns": "", "limit": 0}).json()["revision"]}
        found = [waits(server, lambda query=query: api.get("/runs", params=query)) for _ in range(5)]
        took, size = statistics.median(one[0] for one in found), len(found[0][1].content) / 1000
        alone = statistics.median(timed(lambda query=query: api.get("/runs", params=query))[0] for _ in range(5))
        others = statistics.median(one[2] for one in found)
        print(f"  {name:28} {alone:7.1f} ms alone, {took:7.1f} ms with another, who waits {others:5.1f} ms; {size:8.1f} kB")
    for path in ("/runs/columns", "/runs/groups?by=sweep", "/groups", "/health", "/datasets", "/runs"):
        took, answer, others = waits(server, lambda path=path: api.get(path))
        again = timed(lambda path=path: api.get(path))[0]
        print(
            f"  {path:28} {took:7.1f} ms, again {again:7.1f}, others wait {others:6.1f} ms; {len(answer.content) / 1000:.0f} kB"
        )
    id = api.get("/runs", params={"columns": "", "limit": 1, "offset": 1_000}).json()["columns"]["id"][0]
    print(
        f"  one run {timed(lambda: api.get(f'/runs/{id}'))[0]:.1f} ms, again {timed(lambda: api.get(f'/runs/{id}'))[0]:.1f} ms"
    )
    ids = api.get("/runs", params={"columns": "", "limit": 1000}).json()["columns"]["id"]
    for method, path, more in (
        ("PATCH", "/runs", {"changes": {"add_tags": ["a"]}}),
        ("POST", "/runs/delete", {}),
        ("POST", "/runs/restore", {}),
    ):
        took, answer, others = waits(server, lambda m=method, p=path, b=more: api.request(m, p, json={"ids": ids, **b}))
        print(f"  {method} {path} of 1,000  {took:7.1f} ms, others wait {others:6.1f} ms ({answer.status_code})")
    time.sleep(6)  # a round of housekeeping
    print(f"  after all: {memory(server.process.pid):.0f} MB; ", end="")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
