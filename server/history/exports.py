"""What a run can be taken away as: a program, its rows, and its weights in two formats."""

import csv
import io
import json
from collections.abc import Callable
from pprint import pformat

from engine.training.weights import named_arrays, to_npz, to_safetensors
from server.messages import COLUMNS
from server.runs.run import ConflictError, Run

SCRIPT = '''"""Train {task} for {steps} steps with seed {seed}, as Neural Network Basics did:  python script.py

It needs the project's engine (and NumPy); the same version gives the same losses to the last digit.
"""

import engine as nn

configuration = nn.configure(
    {configuration}
)
{changes}
training = nn.Training(configuration)
print(training.network.summary())
for event in training.events():
    if isinstance(event, nn.Metrics):
        print(f"step {{event.step}}  loss {{event.loss!r}}  test loss {{event.test_loss!r}}  "
              f"test accuracy {{event.test_accuracy!r}}")
    if event.step == {step}:
        break{apply}
'''
CHANGES = "# what a person changed while it trained, after these steps\nchanges = {later}\n"
APPLY = """
    for name, value in changes.get(event.step, {}).items():
        setattr(training if name == "learning_rate" else training.optimizer, name, value)"""
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


def script(run: Run) -> bytes:
    """Give a program on the engine that trains the same run, and ends with the same loss."""
    if run.state.weights_loaded:
        raise ConflictError("the run began with weights from a file, so no script alone can train it; save its weights instead")
    if run.state.forked:
        raise ConflictError(
            "the run went on from another one with other choices, so no single configuration trains it; save "
            "its weights instead"
        )
    changes = run.state.changes
    configuration = run.configuration.as_dict()
    if changes:
        configuration["optimizer"] = changes[0].optimizer
    later = {change.step: {k: v for k, v in change.optimizer.items() if k != "name"} for change in changes[1:]}
    return SCRIPT.format(
        task=run.configuration.task,
        step=run.step,
        steps=f"{run.step:,}",
        seed=run.configuration.seed,
        configuration=pformat(configuration, sort_dicts=False, width=110),
        changes=CHANGES.format(later=pformat(later, width=110)) if later else "",
        apply=APPLY if later else "",
    ).encode()


EXPORTS: dict[str, tuple[Export, str]] = {
    "script.py": (script, "text/x-python"),
    "metrics.csv": (metrics_csv, "text/csv"),
    "weights.npz": (weights_npz, "application/octet-stream"),
    "weights.safetensors": (weights_safetensors, "application/octet-stream"),
}
