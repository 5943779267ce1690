"""Train MNIST's presets that promise a share of the test digits, over several seeds; one of them with a page that watches.

    NN_BASICS_DATA=… python -m tests.benchmarks.full_mnist [--seeds 10] [--page] [PART OF A TITLE …]

Prints each seed's share of right answers over all test digits after the last step, the wall seconds of training (rows of
metrics among them), and their medians. --page trains the first seed in the dashboard, before a real page, as well.
"""

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import httpx
from playwright.sync_api import sync_playwright

import engine as nn
from engine.tasks.mnist import MNIST, PROMISED
from tests.browser.browsers import find_browser, launch
from tests.conftest import Server

FIRST_SEED = 1


def train(title: str, seed: int) -> tuple[float, float]:
    """Train in the bare loop: the share of right answers, and the seconds."""
    training = nn.Training(nn.configure({"task": "mnist", **MNIST.presets[title], "seed": seed}))
    start = time.perf_counter()
    *_, last = training.events()
    assert isinstance(last, nn.Metrics) and last.test_accuracy is not None
    return float(last.test_accuracy), time.perf_counter() - start


def before_a_page(title: str) -> tuple[float, float, float]:
    """Train in the dashboard with a page open: the share, the run's own seconds, and those from the click to the end."""
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as home:
        data = {name: value for name, value in os.environ.items() if name == "NN_BASICS_DATA"}
        server, browser = Server(Path(home), **data), launch(playwright, find_browser())
        request = {"task": "mnist", **MNIST.presets[title], "seed": FIRST_SEED, "start": False}
        id = httpx.post(f"{server.url}/api/runs", json=request, timeout=60).raise_for_status().json()["id"]
        page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
        page.goto(f"{server.url}/?{urlencode({'run': id})}")
        page.wait_for_selector("[data-picture] canvas")
        start = time.perf_counter()
        httpx.post(f"{server.url}/api/runs/{id}/resume").raise_for_status()
        while (run := httpx.get(f"{server.url}/api/runs/{id}").json())["status"] in ("queued", "running"):
            time.sleep(0.5)
        seconds = time.perf_counter() - start
        browser.close()
        server.end()
        return run["metrics"]["test_accuracy"], run["seconds"], seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--page", action="store_true")
    options = parser.parse_args()
    for title in PROMISED:
        if options.parts and not any(part in title for part in options.parts):
            continue
        print(title)
        runs = []
        for seed in range(FIRST_SEED, FIRST_SEED + options.seeds):
            runs.append(train(title, seed))
            print(f"  seed {seed:2}   {100 * runs[-1][0]:6.2f} %   {runs[-1][1]:6.1f} s", flush=True)
        accuracy, seconds = (statistics.median(run[i] for run in runs) for i in (0, 1))
        print(f"  median    {100 * accuracy:6.2f} %   {seconds:6.1f} s")
        if options.page:
            accuracy, own, in_all = before_a_page(title)
            print(f"  seed {FIRST_SEED} before a page: {100 * accuracy:.2f} %   {own:.1f} s, from the click on {in_all:.1f} s")


if __name__ == "__main__":
    main()
