"""What each extra costs: python -m tests.benchmarks.runs.extras

How long its packages take to import, and how much memory, in a process that has the whole server; and how long the server
takes to import where the extra is installed and where it is not: nothing of it is imported before somebody needs it
(tests/server/terminal/test_extras.py), so the two should be alike. Processor time; medians of processes in turn.
"""

import json
import statistics
import subprocess
import sys

EXTRAS = {
    "search": ("optuna", "cmaes"),
    "cluster": ("dask", "distributed"),
    "tables": ("python_calamine", "pyarrow.parquet"),
    "photos": ("pi_heif",),
}
ROUNDS = 5
CODE = """
import importlib, json, resource, sys, time
{hidden}
import numpy
before = time.process_time()
import server.app
for name in server.app.CALLS:
    importlib.import_module(f"server.api.{{name}}")
started, modules, memory = time.process_time(), len(sys.modules), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for name in {names}:
    importlib.import_module(name)
ended, more = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([1000 * (started - before), 1000 * (ended - started), len(sys.modules) - modules, (more - memory) / 1024]))
"""


def measured(names: tuple[str, ...], hidden: tuple[str, ...] = ()) -> list[float]:
    """Give the milliseconds of processor time of the server's import, those of these names', their modules and megabytes."""
    roots = sorted({name.partition(".")[0] for name in hidden})
    code = CODE.format(names=names, hidden=f"sys.modules.update(dict.fromkeys({roots}))" if roots else "")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    found: list[float] = json.loads(done.stdout)
    return found


def main() -> None:
    """Measure, and print."""
    with_all: list[list[float]] = []
    without: dict[str, list[float]] = {extra: [] for extra in EXTRAS}
    used: dict[str, list[list[float]]] = {extra: [] for extra in EXTRAS}
    measured(())
    for _ in range(ROUNDS):
        with_all.append(measured(()))
        for extra, names in EXTRAS.items():
            without[extra].append(measured((), names)[0])
            used[extra].append(measured(names))
    start = statistics.median(one[0] for one in with_all)
    print(f"the server's import, with all extras installed: {start:.0f} ms")
    for extra in EXTRAS:
        _, took, modules, megabytes = (statistics.median(column) for column in zip(*used[extra], strict=True))
        other = statistics.median(without[extra])
        print(
            f"{extra:8} when needed {took:5.0f} ms, {modules:4.0f} modules, {megabytes:4.0f} MB; the server's import "
            f"without it {other:.0f} ms ({start - other:+.0f})"
        )


if __name__ == "__main__":
    main()
