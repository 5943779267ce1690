"""What a run can be taken away as: its rows, and its weights in two formats."""

import csv
import io
import json
from collections.abc import Callable

from engine.weights import named_arrays, to_npz, to_safetensors
from server.messages import COLUMNS
from server.run import Run

ROWS = 10_000
"""Rows that are read at a time."""
Export = Callable[[Run], bytes]


def metrics_csv(run: Run) -> bytes:
    """Give the log's rows as the disk has them (a long log is thinned); what a row does not have is empty."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    since = 0
    while since < run.log.stored:
        rows, since = run.log.rows(since, ROWS)
        writer.writerows(rows)
    return file.getvalue().encode()


def weights_npz(run: Run) -> bytes:
    """Give all parameters and running averages as NumPy reads them."""
    return to_npz(named_arrays(run.trained().network))


def weights_safetensors(run: Run) -> bytes:
    """Give the same as safetensors, with the configuration and the step beside them."""
    about = {"configuration": json.dumps(run.configuration.as_dict()), "step": str(run.step)}
    return to_safetensors(named_arrays(run.trained().network), about)


EXPORTS: dict[str, tuple[Export, str]] = {
    "metrics.csv": (metrics_csv, "text/csv"),
    "weights.npz": (weights_npz, "application/octet-stream"),
    "weights.safetensors": (weights_safetensors, "application/octet-stream"),
}
