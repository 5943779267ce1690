"""Sixty students report to a class while three runs train: how long a report takes, how late the server is, and its memory.

python -m tests.benchmarks.lessons.classroom [students]
"""

import os
import statistics
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import httpx

from tests.conftest import Server

LESSON = '+++\ntitle = "L"\n+++\n+++\ntitle = "S"\ngoal = {metric = "step", at_least = 1000000}\n+++\nt\n'
SECONDS = 15


def memory(pid: int) -> float:
    """Give a process's resident memory in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def lag(api: httpx.Client, done: threading.Event) -> list[float]:
    """Ask for the health now and then, and note how long it took, in ms."""
    found = []
    while not done.wait(0.1):
        begin = time.perf_counter()
        api.get("/health").raise_for_status()
        found.append(1000 * (time.perf_counter() - begin))
    return found


def main() -> None:
    students = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    with tempfile.TemporaryDirectory() as home:
        server = Server(Path(home))
        try:
            measure(server, students)
        finally:
            server.end()


def measure(server: Server, students: int) -> None:
    api = httpx.Client(base_url=f"{server.url}/api", timeout=60)
    api.put("/class", json={"text": LESSON}).raise_for_status()
    body = {"task": "spiral", "steps": 1_000_000, "speed": 200}
    runs = [api.post("/runs", json=body).json()["id"] for _ in range(3)]
    done, took = threading.Event(), []
    before = memory(server.process.pid)

    def student(k: int) -> None:
        with httpx.Client(base_url=f"{server.url}/api", timeout=60) as own:
            key = own.post("/class/students", json={"name": f"student {k}"}).json()["key"]
            while not done.wait(1):
                begin = time.perf_counter()
                own.post("/class/goals", json={"key": key, "step": 1, "run": runs[k % 3]}).raise_for_status()
                took.append(1000 * (time.perf_counter() - begin))

    with ThreadPoolExecutor(students + 2) as pool:
        late = pool.submit(lag, httpx.Client(base_url=f"{server.url}/api", timeout=60), done)
        working = [pool.submit(student, k) for k in range(students)]
        begin = time.monotonic()
        while time.monotonic() - begin < SECONDS:
            api.get("/class").raise_for_status()
            time.sleep(2)
        done.set()
        for one in working:
            one.result()
    for words, values in (("a report", took), ("health", late.result())):
        p95 = statistics.quantiles(values, n=20)[-1]
        print(f"{words}: median {statistics.median(values):.0f} ms, p95 {p95:.0f} ms, {len(values)} of them")
    print(f"memory: {before:.0f} MB before, {memory(server.process.pid):.0f} MB with {students} students")


if __name__ == "__main__":
    main()
