"""Measure what a person feels: time to the first paint and picture, pictures per second, and what the server costs.

    python -m tests.benchmarks.dashboard [start] [watching] [runs] [timeline] [doctor] [--rounds 5] [--only spiral]

Prints medians, and beside them the lowest and the highest. Steps per second are compared side by side, ABAB: the bare loop,
the dashboard with somebody who watches, the bare loop, …
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import timeit
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright
from websockets.sync.client import connect

import engine as nn
from server.runs.diagnosis import Diagnosis
from server.runs.registry import Launch, Registry
from server.settings import Settings
from server.storage.home import Home
from tests.browser.browsers import find_browser, launch
from tests.conftest import Server

LIBRARIES = "import numpy, fastapi, uvicorn, pydantic"
BARE = """
import sys, time, server, engine as nn, json
training = nn.Training(nn.configure(json.loads(sys.argv[1])))
events, seconds = training.events(), float(sys.argv[2])
for _ in range(30 if seconds else 0): next(events)
first, wall, cpu = training.step, time.perf_counter(), time.thread_time()
for event in events:
    if seconds and time.perf_counter() - wall > seconds: break
print((training.step - first) / (time.perf_counter() - wall), (training.step - first) / (time.thread_time() - cpu))
"""
"""Prints the steps of the bare loop in a second of wall time and of the thread's CPU time; 0 seconds: the whole run."""
ENDLESS = 10_000_000
RUNS: list[tuple[str, dict[str, Any], float]] = [
    ("spiral", {"task": "spiral", "steps": ENDLESS}, 4),
    ("mnist", {"task": "mnist", "steps": ENDLESS}, 6),
    ("memory", {"task": "memory", "steps": ENDLESS}, 4),
    ("sort", {"task": "sort", "steps": ENDLESS}, 4),
    ("spiral, 10,000 steps", {"task": "spiral", "steps": 10_000}, 0),
    ("spiral, 2,000 steps", {"task": "spiral", "steps": 2_000}, 0),
]
"""What is trained, and for how many seconds; 0: to its end."""
PAGES = ("no page", "client", "page")
"""Who watches: nobody, a client that only acknowledges every picture of the task, or a real page on the same cores."""
SHOWN = "() => document.querySelector('[data-picture]')?.dataset.step !== undefined"
MOVES = """async (moves) => {
  const handle = document.getElementById("snapshot"), took = [];
  const frame = () => new Promise(requestAnimationFrame);
  for (let i = 0; i < moves; i++) {
    delete document.body.dataset.snapshot;
    const start = performance.now();
    handle.value = String(Math.round(((0.9 * ((i * 7) % moves)) / moves + 0.05) * Number(handle.max)));
    handle.dispatchEvent(new Event("input", { bubbles: true }));
    while (document.body.dataset.snapshot === undefined && performance.now() - start < 1000) await frame();
    if (document.body.dataset.snapshot !== undefined) took.push(performance.now() - start); // else it was shown already
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
  return took;
}"""
FIRST_CHANGE = """() => new Promise((resolve) => {
  const card = document.querySelector('[data-picture="decision boundary"]');
  let start = 0;
  const changed = () => { if (Number(card.dataset.step) > 0) resolve(performance.now() - start); };
  new MutationObserver(changed).observe(card, { attributes: true });
  start = performance.now();
  document.getElementById("train").click();
})"""
COUNT = """(seconds) => new Promise((resolve) => {
  let pictures = 0;
  const observer = new MutationObserver((list) => { pictures += list.length; });
  const steps = { attributes: true, attributeFilter: ["data-step"] };
  for (const card of document.querySelectorAll("[data-picture]")) observer.observe(card, steps);
  setTimeout(() => resolve(pictures / seconds), seconds * 1000);
})"""


def opened(browser: Browser, url: str) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.goto(url)
    page.wait_for_function(SHOWN)
    return page


def first_paint(browser: Browser, home: Path) -> tuple[float, float, float]:
    """Measure from the command: until it says its address, until the browser paints anything, until the boundary is there.

    The browser's window is open already, as a person's is.
    """
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.wait_for_timeout(700)
    start, began = time.perf_counter(), time.time()
    server = Server(home)
    listening = time.perf_counter() - start
    page.goto(server.url, wait_until="commit")
    page.wait_for_function(SHOWN)
    pictured = time.perf_counter() - start
    painted = page.evaluate(
        "(performance.timeOrigin + performance.getEntriesByName('first-contentful-paint')[0].startTime) / 1000"
    )
    page.context.close()
    server.end()
    return listening, painted - began, pictured


def train_to_picture(browser: Browser, url: str) -> float:
    page = opened(browser, url)
    page.wait_for_selector("#charts .js-plotly-plot")
    page.wait_for_timeout(500)
    milliseconds = page.evaluate(FIRST_CHANGE)
    page.click("#stop")
    page.context.close()
    return milliseconds


def watching(browser: Browser, url: str) -> tuple[float, float]:
    """Count pictures per second, and the share of a core that the page's main thread takes."""
    page = opened(browser, url)
    page.wait_for_selector("#charts .js-plotly-plot")
    cdp = page.context.new_cdp_session(page)
    cdp.send("Performance.enable")
    page.click("#train")

    def busy() -> float:
        return next(m["value"] for m in cdp.send("Performance.getMetrics")["metrics"] if m["name"] == "TaskDuration")

    page.wait_for_timeout(500)
    before, start = busy(), time.perf_counter()
    pictures = page.evaluate(COUNT, 6)
    share = (busy() - before) / (time.perf_counter() - start)
    page.click("#stop")
    page.context.close()
    return pictures, share


class Client(threading.Thread):
    """Watches a run as a page does, and only acknowledges its pictures."""

    def __init__(self, server: Server, id: str, task: str) -> None:
        super().__init__(daemon=True)
        pictures = next(t for t in httpx.get(f"{server.url}/api/catalog").json()["tasks"] if t["name"] == task)["pictures"]
        self._names, self._url = list(pictures), f"{server.socket}/api/runs/{id}/stream"
        self._ended = False
        self.start()

    def run(self) -> None:
        with connect(self._url, max_size=None) as socket:
            socket.send(json.dumps({"watch": self._names}))
            while not self._ended:
                try:
                    message = socket.recv(1)
                except TimeoutError:
                    continue
                if isinstance(message, bytes):
                    header = json.loads(message[4 : 4 + int.from_bytes(message[:4], "little")])
                    socket.send(json.dumps({"drawn": header["id"]}))

    def end(self) -> None:
        self._ended = True
        self.join(10)


def cpu_seconds(server: Server) -> float:
    """Read what the server has used of the processor, all its threads together; Linux only."""
    said = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, said[11:13])) / os.sysconf("SC_CLK_TCK")


def bare(configuration: dict[str, Any], seconds: float) -> tuple[float, float]:
    """Measure the bare loop: its steps in a second, and in a second of CPU."""
    command = [sys.executable, "-c", BARE, json.dumps(configuration), str(seconds)]
    wall, cpu = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return float(wall), float(cpu)


def finished_at(server: Server, id: str) -> float:
    """Wait for the line of the log that says that a run is at its end, and read its time: to ask would slow the run down."""
    assert server.process.stderr
    line = next(line for line in server.process.stderr if f'id="{id}" status="finished"' in line)
    return datetime.fromisoformat(line.split()[0]).timestamp()


def served(
    browser: Browser, server: Server, configuration: dict[str, Any], seconds: float, watcher: str
) -> tuple[float, float]:
    """Measure the same through the dashboard, with somebody who watches."""
    with httpx.Client(base_url=f"{server.url}/api") as api:  # made before: a new one takes 30 ms
        made = api.post("/runs", json={**configuration, "start": False}).json()
        address, page, client = f"/runs/{made['id']}", None, None
        if watcher == "page":
            page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
            page.goto(f"{server.url}/?run={made['id']}")
            page.wait_for_selector("#charts .js-plotly-plot")
        elif watcher == "client":
            client = Client(server, made["id"], configuration["task"])
        time.sleep(1)
        cpu = cpu_seconds(server)
        start = time.time()
        api.post(f"{address}/resume")
        if seconds:
            time.sleep(1)
            first, cpu, start = api.get(address).json()["step"], cpu_seconds(server), time.time()
            time.sleep(seconds)
            took = time.time() - start
        else:
            first, took = 0, finished_at(server, made["id"]) - start
        cpu = cpu_seconds(server) - cpu
        steps = api.get(address).json()["step"] - first
        if page:
            page.context.close()
        if client:
            client.end()
        api.delete(address)
    return steps / took, steps / max(cpu, 0.01)


def runs(browser: Browser, folder: Path, rounds: int, only: str) -> None:
    """Compare the bare loop with the dashboard, one after the other in each round; the share is the median of the rounds'."""
    print(f"\n{'share of the bare loop (lowest, highest)':42}" + "".join(f"{who:>26}" for who in PAGES))
    # the moment of the first steps is no cost, and would hide those
    server = Server(folder, "--log-level", "info", NN_BASICS_OPENING_SECONDS="0")
    for name, configuration, seconds in RUNS:
        if only not in name:
            continue
        shares: dict[str, list[tuple[float, float]]] = {who: [] for who in PAGES}
        for _ in range(rounds):
            for who in PAGES:
                wall, cpu = bare(configuration, seconds)
                found = served(browser, server, configuration, seconds, who)
                shares[who].append((100 * found[0] / wall, 100 * found[1] / cpu))
        for i, kind in enumerate(("wall", "CPU of the whole server")):
            line = f"{f'{name}, {kind}':42}"
            for who in PAGES:
                part = [share[i] for share in shares[who]]
                line += f"{f'{statistics.median(part):.0f} % ({min(part):.0f}, {max(part):.0f})':>26}"
            print(line, flush=True)
    server.end()


def timeline(browser: Browser, folder: Path, only: str) -> None:
    """Measure from a move of the timeline's handle until all pictures are there, at steps that were not shown before."""
    print("\nmoved handle to all pictures, milliseconds: median, largest of 15")
    server = Server(folder)
    for task in [task["name"] for task in httpx.get(f"{server.url}/api/catalog").json()["tasks"]]:
        if only not in task or httpx.post(f"{server.url}/api/runs", json={"task": task, "start": False}).status_code != 201:
            continue
        page = opened(browser, f"{server.url}/?task={task}&speed=none")
        page.wait_for_selector("#charts .js-plotly-plot")
        page.click("#train")
        page.wait_for_timeout(4000)
        page.click("#train")
        page.wait_for_timeout(1000)
        took = page.evaluate(MOVES, 15)
        if took:
            print(f"{task:20} {statistics.median(took):6.0f} {max(took):6.0f}", flush=True)
        page.context.close()
    server.end()


def doctors_share(registry: Registry, configuration: dict[str, Any]) -> tuple[float, float]:
    """Measure the doctor's share of the CPU time of a run's own thread, and the CPU time of a step in seconds."""
    observe, took = Diagnosis.observe, 0.0
    clock = timeit.timeit(time.thread_time, number=20_000) / 20_000  # asking costs as much as a small part of what is asked

    def timed(*given: Any) -> None:
        nonlocal took
        start = time.thread_time()
        observe(*given)
        took += time.thread_time() - start - clock

    with patch.object(Diagnosis, "observe", timed):
        run = registry.create(nn.configure(configuration), Launch())

        def now() -> np.ndarray:
            return run.ask(lambda: np.array([run.step, time.thread_time(), took])).result(60)

        while (before := now())[0] < 200:
            time.sleep(0.05)
        time.sleep(2)
        steps, seconds, looking = now() - before
        registry.delete(run)
        while run.busy():
            time.sleep(0.01)
    seconds -= 2 * clock * steps
    return looking / seconds, seconds / steps


def doctor(folder: Path, rounds: int, only: str) -> None:
    """Measure what the doctor takes of runs in the dashboard that nobody watches, from step 200 on."""
    print("\nthe doctor's share of a step's CPU time in the dashboard: median (lowest, highest)")
    home = Home(folder)
    registry = Registry(Settings(), home, lambda listener: None)
    for name, configuration, seconds in RUNS:
        if only in name and seconds:
            found = [doctors_share(registry, configuration) for _ in range(rounds)]
            shares, step = [100 * share for share, _ in found], statistics.median(step for _, step in found)
            said = f"{statistics.median(shares):5.2f} % ({min(shares):.2f}, {max(shares):.2f})"
            print(f"{name:20} {said} of {1e6 * step:,.0f} µs", flush=True)
    registry.close(5)
    home.release()


def start(browser: Browser, folder: Path, rounds: int) -> None:
    """Measure the start, beside the time of importing the libraries alone."""
    rows = []
    for _ in range(rounds):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", LIBRARIES], check=True)
        rows.append((time.perf_counter() - began, *first_paint(browser, folder)))
    middle = [statistics.median(column) for column in zip(*rows, strict=True)]
    for i, what in enumerate((LIBRARIES, "command to address", "command to first paint", "command to first picture")):
        part = [row[i] for row in rows]
        ratio = f"{middle[i] / middle[0]:.2f} times" if i else ""
        print(f"{what:42} {middle[i]:.2f} s ({min(part):.2f}, {max(part):.2f})  {ratio}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", help="start, watching, runs, timeline, doctor (default: all)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="part of the name of a run or task")
    options = parser.parse_args()
    wanted = options.what or ["start", "watching", "runs", "timeline", "doctor"]
    if "doctor" in wanted:
        with tempfile.TemporaryDirectory() as folder:
            doctor(Path(folder), options.rounds, options.only)
    if set(wanted) == {"doctor"}:
        return
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = launch(playwright, find_browser())
        if "start" in wanted:
            start(browser, Path(folder), options.rounds)
        if "watching" in wanted:
            server = Server(Path(folder))
            changed = statistics.median(train_to_picture(browser, server.url) for _ in range(7))
            print(f"Train to changed picture:  {changed:.0f} ms")
            seen = [watching(browser, server.url) for _ in range(3)]
            print(f"pictures per second:       {statistics.median(s[0] for s in seen):.1f}")
            print(f"page's main thread:        {100 * statistics.median(s[1] for s in seen):.0f} % of a core")
            server.end()
        if "runs" in wanted:
            runs(browser, Path(folder), options.rounds, options.only)
        if "timeline" in wanted:
            timeline(browser, Path(folder), options.only)
        browser.close()


if __name__ == "__main__":
    main()
