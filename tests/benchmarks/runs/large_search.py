"""A search with thousands of tiny runs:  python -m tests.benchmarks.runs.large_search [10000] [2]

Each run does two steps of XOR, in so many worker processes, while a page asks every 0.7 s what is new. Printed by tenths: how
long a run takes, what the whole answer and its news take and weigh, and the memory; then what the next server takes to say the
same. What it measured on two cores that others used too, before and after what broke first was mended:

    before    every answer 2 to 3.5 s; 404 MB of memory at 9,000 runs, for no ended run left it
    after     at 8,175 runs: news up to 22 kB, the slowest of a tenth 0.6 to 2.9 s; all of it 1 to 116 ms, 1.9 MB; 143 MB
"""

import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import engine as nn
from server.messages import finite
from server.runs.registry import Registry
from server.search.searches import Searches
from server.settings import Settings
from server.storage.home import Home
from tests.benchmarks.runs.many_runs import timed

POLL = 0.7
NETWORK = [{"layer": "Dense", "units": 3}, {"layer": "Tanh"}, {"layer": "Dense", "units": 2}]
AXES = (
    {"path": "optimizer.learning_rate", "low": 1e-4, "high": 0.1, "scale": "log"},
    {"path": "batch_size", "low": 4, "high": 128},
    {"path": "network.0.units", "low": 2, "high": 16},
)


def memory() -> float:
    """Give the megabytes that this process has in memory."""
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) / 1024


def size(said: Any) -> float:
    """Give the kilobytes of an answer."""
    from server.api.listing.table import as_json

    return len(as_json(finite(said))) / 1000


def tidied(registry: Registry, is_over: threading.Event) -> None:
    """Do the server's housekeeping."""
    while not is_over.wait(5):
        registry.tidy()


def main(number: int, workers: int) -> None:
    """Search, and measure."""
    with tempfile.TemporaryDirectory() as folder:
        home, settings, is_over = Home(Path(folder)), Settings(workers=workers), threading.Event()
        registry = Registry(settings, home, lambda listener: None)
        searches = Searches(registry, registry.store, settings)
        threading.Thread(target=tidied, args=(registry, is_over), daemon=True).start()
        began, spent = time.perf_counter(), time.process_time()
        base = nn.configure({"task": "xor", "steps": 2, "network": NETWORK})
        search = searches.create(base, AXES, {"how": "random", "runs": number}, start=True, speed=None)
        since, news, tenth, at = 0, [], number // 10, began
        while True:
            took, said = timed(lambda since=since: search.tell(since))
            news.append((took, size(said)))
            since = said["revision"] if said else since
            ended = sum(trial.reached is not None for trial in list(search.search.trials))
            if ended >= tenth or search.status != "running":
                now = time.perf_counter()
                each = 1000 * (now - at) / max(1, ended - tenth + number // 10)
                took, said = timed(search.tell)
                worst, largest = (max(column) for column in zip(*news, strict=True))
                print(
                    f"{ended:6,} ended: {each:5.1f} ms each, {memory():4.0f} MB; news {worst:4.0f} ms and {largest:4.0f} kB at "
                    f"the most of {len(news)}, the whole {took:4.0f} ms and {size(said):5.0f} kB",
                    flush=True,
                )
                news, tenth, at = [], ended + number // 10, now
            if search.status != "running":
                break
            time.sleep(POLL)
        print(f"{search.status}: {time.perf_counter() - began:.0f} s, ", end="")
        print(f"{1000 * (time.process_time() - spent) / number:.1f} ms of processor time each in the server")
        is_over.set()
        registry.close(5)
        took, registry = timed(lambda: Registry(settings, home, lambda listener: None))
        print(f"the next server: runs found in {took:.0f} ms", end="")
        took, searches = timed(lambda: Searches(registry, registry.store, settings))
        found = searches.get(search.id)
        assert found is not None
        print(f", the search in {took:.0f} ms, told in {timed(found.tell)[0]:.0f} ms")
        registry.close(5)
        home.release()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000, int(sys.argv[2]) if len(sys.argv) > 2 else 2)
