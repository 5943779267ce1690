"""A run gives the same rows, findings and snapshots wherever it trains, bit for bit; the oracle is the run in a thread."""

from pathlib import Path

from tests.server.workers.conftest import trained

CNN = [
    {"layer": "Conv2D", "filters": 4, "kernel_size": 3},
    {"layer": "ReLU"},
    {"layer": "MaxPool2D", "pool_size": 4},
    {"layer": "Flatten"},
    {"layer": "Dropout", "rate": 0.2},
    {"layer": "Dense", "units": 10},
]
REQUESTS = {
    "spiral, with patience": {"task": "spiral", "steps": 900, "patience": 400, "averaging": 0.9},
    "diverging": {"task": "sine", "steps": 400, "optimizer": {"name": "SGD", "learning_rate": 100.0, "momentum": 0.99}},
    "images that are moved, with dropout": {
        "task": "mnist",
        "steps": 30,
        "network": CNN,
        "data": {"train_examples": 500, "test_examples": 100, "shift": 2},
        "evaluate_every": 7,
    },
    "sequences": {"task": "memory", "steps": 25, "network": [{"layer": "LSTM", "units": 8}, {"layer": "Dense", "units": 4}]},
    "attention": {"task": "sort", "steps": 12},
    "a schedule that watches": {
        "task": "moons",
        "steps": 600,
        "schedule": {"name": "ReduceOnPlateau"},
        "regularizer": {"name": "L2", "strength": 0.01},
        "batch_size": 7,
        "batches_per_step": 3,
    },
}


def test_rows_findings_and_snapshots_are_the_same_in_a_worker_and_in_a_thread(tmp_path: Path) -> None:
    away = trained(tmp_path / "away", 2, *REQUESTS.values())
    here = trained(tmp_path / "here", 0, *REQUESTS.values())
    for name, one, other in zip(REQUESTS, away, here, strict=True):
        assert one.rows == other.rows, name
        assert one.findings == other.findings, name
        assert (one.status, one.step) == (other.status, other.step), name
        steps = one.checkpoints.keys() & other.checkpoints.keys()  # those that only the clock asked for are others
        every = max(1, REQUESTS[name]["steps"] // 60)
        assert steps >= set(range(0, one.step + 1, every)) | {one.step}, name
        assert all(one.checkpoints[step] == other.checkpoints[step] for step in steps), name
