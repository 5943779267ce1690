"""Does halving find the grid's best, and for how many of its steps?  python -m tests.benchmarks.runs.searches [--workers 2]

Every grid of 5 × 5 is trained to its end once, in processes; halving is played on the curves of these very runs, which are what
it would train: a run that pauses goes on bit for bit (tests/server/search/test_rungs.py).
"""

import argparse
import json
import math
import time
from typing import Any

from engine import configure
from engine.data.folders import DataFolders
from engine.search.search import Search
from server.search.plan import Plan, new_plan, row_of_rung
from server.terminal.searching import Searching

RATES = {"path": "optimizer.learning_rate", "low": 1e-4, "high": 1e-1, "scale": "log"}
GRIDS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "spiral, batch size": ({"task": "spiral", "steps": 1800}, {"path": "batch_size", "values": [8, 16, 32, 64, 128]}),
    "spiral, units": ({"task": "spiral", "steps": 1800}, {"path": "network.0.units", "values": [2, 4, 8, 16, 32]}),
    "mnist, batch size": (
        {"task": "mnist", "steps": 180, "data": {"source": "bundled"}},
        {"path": "batch_size", "values": [8, 16, 32, 64, 128]},
    ),
}


def trained(plan: Plan, workers: int) -> Searching:
    """Train every combination to its end."""
    found = Searching(plan, DataFolders.from_environment(), workers)
    try:
        for _ in found.ended():
            pass
    finally:
        found.close()
    return found


def played(plan: Plan, grid: Searching) -> tuple[Search, int]:
    """Play a search on the curves of a grid; give it, and the steps that it takes."""
    search, steps = plan.search(), {}
    while trial := search.ask():
        rows = grid.rows[grid.plan.space.grid().index(trial.values)][0]
        rungs = search.brackets[0].rungs
        until = plan.steps if trial.rung == len(rungs) - 1 else row_of_rung(configure(plan.base), rungs[trial.rung].steps)
        score = plan.score(vars([row for row in rows if row.step <= until][-1]))
        steps[trial.number] = until
        search.tell(trial, [score], over=math.isinf(score))
    return search, sum(steps.values())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", default="")
    parser.add_argument("--curves", action="store_true", help="print the scores at each rung, for the tests")
    options = parser.parse_args()
    for name, (base, axis) in GRIDS.items():
        if options.only not in name:
            continue
        start, configuration = time.perf_counter(), configure(base)
        grid = trained(new_plan(configuration, [RATES, axis], {"how": "grid"}, 1), options.workers)
        seconds, best = time.perf_counter() - start, grid.search.best
        assert best is not None
        places = {trial.values: k for k, trial in enumerate(sorted(grid.search.trials, key=lambda t: t.score), start=1)}
        print(f"{name}: {grid.steps:,} steps in {seconds:.0f} s; best {best.values}, test loss {best.score:.4f}")
        for keep in (2, 3, 4):
            search, steps = played(new_plan(configuration, [RATES, axis], {"how": "halving", "keep": keep}, 1), grid)
            found = search.best
            assert found is not None
            print(
                f"  halving, rungs {keep} times as long: {100 * steps / grid.steps:.1f} % of the steps; best {found.values} "
                f"is number {places[found.values]} of the grid, test loss {found.score:.4f}"
            )
        if options.curves:
            plan = new_plan(configuration, [RATES, axis], {"how": "halving"}, 1)
            for rung in plan.rungs(25):
                until = row_of_rung(configuration, rung.steps)
                rows = [[row for row in runs[0] if row.step <= until][-1] for runs in grid.rows.values()]
                print(rung.steps, json.dumps([round(plan.score(vars(row)), 4) for row in rows]))


if __name__ == "__main__":
    main()
