"""What can be taken away of a run, as a program, its rows or its weights in two formats, and of a group, as one table."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from pprint import pformat
from typing import Any

from engine.data import datasets, mnist
from engine.data.datasets import NotHereError
from engine.training.weights import named_arrays, to_npz, to_safetensors
from server.messages import COLUMNS
from server.runs.groups import member, memberships
from server.runs.run import NO_NETWORK, ConflictError, Run
from server.runs.state import Change

SCRIPT = '''"""Train {task} for {steps} steps with seed {seed}, as Neural Network Basics did:  python script.py

It needs the project's engine (and NumPy); the same version gives the same losses to the last digit.{needs}
"""

import os{imports}

for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ[name] = "1"  # as the server does, and before NumPy loads: with more threads sums are rounded in another order

import engine as nn

{folders}configuration = nn.configure(
    {configuration}{given}
)
{changes}
training = nn.Training(configuration{also})
print(training.network.summary())
for event in training.events():
    if isinstance(event, nn.Metrics):
        print(f"step {{event.step}}  loss {{event.loss!r}}  test loss {{event.test_loss!r}}  "
              f"test accuracy {{event.test_accuracy!r}}{penalty}")
    if event.step == {step}:
        break{apply}
'''
CHANGES = "# what a person changed while it trained, after these steps\nchanges = {later}\n"
APPLY = """
    for change in changes.get(event.step, []):
        training.change(change)"""
EDITS = "# what a person did to the network by hand, after these steps\nedits = {edits}\n"
EDIT = """
    for edit in edits.get(event.step, []):
        training.edit(edit)"""
Export = Callable[[Run], bytes]


def metrics_csv(run: Run) -> bytes:
    """Give the log's rows as the disk has them (a long log is thinned); what a row does not have is empty."""
    return table(COLUMNS, run.log)


def group_csv(runs: Sequence[Run]) -> bytes:
    """Give the rows of all runs of a group in one table, with what differs between them."""
    found = memberships([member(run) for run in runs])
    every = zip(runs, found, strict=True)
    return table(["run", *found[0].paths, *COLUMNS], ([run.id, *own.at, *row] for run, own in every for row in run.log))


def table(header: Iterable[str], rows: Iterable[Iterable[Any]]) -> bytes:
    """Write rows as CSV."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return file.getvalue().encode()


def weights_npz(run: Run) -> bytes:
    """Give all parameters and running averages as NumPy reads them."""
    with run.trained().shown() as network:
        return to_npz(named_arrays(network))


def weights_safetensors(run: Run) -> bytes:
    """Give the same as safetensors, with the configuration and the step beside them."""
    about = {"configuration": json.dumps(run.configuration.as_dict()), "step": str(run.step)}
    with run.trained().shown() as network:
        return to_safetensors(named_arrays(network), about)


def folders_of(run: Run) -> str:
    """Write down where the run's data lie, so that a script finds them wherever it is started; empty where it makes them."""
    data, folders = run.configuration.data, run.folders
    if data.get("dataset") and folders.datasets:
        return f"nn.DataFolders(datasets=Path({str(folders.datasets.resolve())!r}))"
    if data.get("source", "bundled") != "bundled" and (found := mnist.find(folders.mnist)):
        return f"nn.DataFolders(mnist=(Path({str(found.resolve())!r}),))"
    return ""


def what_is_read(run: Run) -> str:
    """Name the data file that a run was made of, so that it can be brought to another machine."""
    if not (id := run.configuration.data.get("dataset")):
        return "the full MNIST's four files, as the program `nn-basics download` fetches them"
    try:
        name = datasets.about(run.folders.datasets, id)["name"]
    except NotHereError:
        name = "a file that is not here any more"
    return f"what was brought as {json.dumps(str(name))[1:-1]} (dataset {id})"


def why_forked(run: Run) -> str:
    """Say what a script cannot repeat."""
    if run.state.parent is None:
        return "its data were changed (painted) while it trained, or its record was lost"
    return "it went on from another run with other choices, or with data that were changed while that one trained"


def later_changes(changes: Sequence[Change]) -> dict[int, list[dict[str, Any]]]:
    """Say after which steps a person changed what, one change after the other: only what became another."""
    later: dict[int, list[dict[str, Any]]] = {}
    for before, after in pairwise(known_changes(changes)):
        change = {name: value for name, value in after.items() if value != before.get(name)}
        if "optimizer" in change:
            change["optimizer"] = {name: value for name, value in change["optimizer"].items() if name != "name"}
        step = change.pop("step", before["step"])
        if change:
            later.setdefault(step, []).append(change)
    return later


def known_changes(changes: Sequence[Change]) -> Iterator[dict[str, Any]]:
    """Give step, optimizer, steps and all other choices from each change on; what one does not say is as before it."""
    known: dict[str, Any] = {}
    for change in changes:
        said = {"step": change.step, "optimizer": change.optimizer, "steps": change.steps, **(change.choices or {})}
        known = known | {name: value for name, value in said.items() if name != "steps" or value is not None}
        yield known


def script(run: Run) -> bytes:
    """Give a program on the engine that trains the same run, and ends with the same loss."""
    if run.state.imported:
        raise ConflictError(NO_NETWORK)
    if run.state.weights_loaded:
        raise ConflictError("the run began with weights from a file, so no script alone can train it; save its weights instead")
    if run.state.forked:
        raise ConflictError(f"no single configuration is known to train this run: {why_forked(run)}; save its weights instead")
    changes = run.state.changes
    configuration = run.configuration.as_dict()
    if changes:
        configuration |= {name: value for name, value in next(known_changes(changes)).items() if name != "step"}
        configuration["network"] = changes[0].network or configuration["network"]
    later = later_changes(changes)
    edits: dict[int, list[dict[str, Any]]] = {}
    for change in changes:
        if change.edits:
            edits.setdefault(change.step, []).extend(change.edits)
    folders = folders_of(run)
    return SCRIPT.format(
        imports="\nfrom pathlib import Path" if folders else "",
        needs=f"\nIt reads its data from {what_is_read(run)}." if folders else "",
        folders=f"folders = {folders}\n" if folders else "",
        given=",\n    folders," if folders else "",
        also=", folders" if folders else "",
        task=run.configuration.task,
        step=run.step,
        steps=f"{run.step:,}",
        seed=run.configuration.seed,
        configuration=pformat(configuration, sort_dicts=False, width=110),
        penalty="  penalty {event.penalty!r}" if configuration["regularizer"] else "",
        changes=(CHANGES.format(later=pformat(later, width=110)) if later else "")
        + (EDITS.format(edits=pformat(edits, width=110, sort_dicts=False)) if edits else ""),
        apply=(APPLY if later else "") + (EDIT if edits else ""),
    ).encode()


EXPORTS: dict[str, tuple[Export, str]] = {
    "script.py": (script, "text/x-python"),
    "metrics.csv": (metrics_csv, "text/csv"),
    "weights.npz": (weights_npz, "application/octet-stream"),
    "weights.safetensors": (weights_safetensors, "application/octet-stream"),
}
